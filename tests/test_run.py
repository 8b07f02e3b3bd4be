"""A run as its user sees it: one command, one result, nothing half done, nothing done twice."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from importlib import metadata
from pathlib import Path

import nbformat
import pytest

from playbook.profile import models as profile
from playbook.report import NotebookFailed, execute, text
from playbook.run import data, publish, steps, versions
from playbook.run.workspace import TargetBusy, Workspace

SAMPLE = "sample:300:1"


def plan(out, **changes):
    found = data.find(SAMPLE, out)
    usual = steps.Plan("retail", profile.load("retail"), found, None, Workspace(out, "shop"), "en", steps.notebooks())
    return usual._replace(**changes)


def quietly(notebook, out, parameters, environment):
    execute(notebook, out, parameters, env=environment)


def command(out, *options):
    arguments = [sys.executable, "-c", "from playbook.cli import main; main()", "run", "retail", "--customers", "300"]
    return [*arguments, "--seed", "1", "--name", "shop", "--out", str(out), *options]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def first(out):
    return publish.run(plan(out), quietly)


def test_one_run_leaves_everything_a_manager_and_an_analyst_need(first):
    found = {path.relative_to(first.folder).parts[0] for path in first.folder.rglob("*")}
    assert {"report.html", "report.en.html", "report.zh.html", "tables", "lists", "notebooks", "state"} <= found
    manifest = json.loads((first.folder / "manifest.json").read_text())
    assert all(check["ok"] for check in manifest["checks"].values())
    assert {"orders", "customers", "rfm", "rfm_history", "quarantine"} <= manifest["tables"].keys()


def test_a_second_run_does_no_work(first, out):
    again = publish.run(plan(out), quietly)
    assert (again.executed, again.changed) == ([], False)


def a_sentence_of_chapter_2(monkeypatch, tmp_path):
    texts = shutil.copytree(text.FOLDER, tmp_path / "text")
    path = texts / "zh" / "rfm.yml"
    path.write_text(path.read_text().replace('table.rfm_tiers: "', 'table.rfm_tiers: "新', 1))
    monkeypatch.setattr(text, "FOLDER", texts)
    return {}


def the_costs_of_churn(monkeypatch, tmp_path):
    retail = profile.load("retail")
    return {"profile": retail.model_copy(update={"churn": retail.churn.model_copy(update={"horizon_days": 77})})}


def another_splink(monkeypatch, tmp_path):
    monkeypatch.setattr(versions, "version", lambda name: "99" if name == "splink" else metadata.version(name))
    return {}


@pytest.mark.parametrize(
    ("change", "made_anew"),
    [
        (a_sentence_of_chapter_2, ["02_rfm"]),
        (the_costs_of_churn, ["04_churn"]),
        (another_splink, ["01_integration"]),
    ],
)
def test_a_change_makes_exactly_the_steps_anew_that_use_it(first, out, monkeypatch, tmp_path, change, made_anew):
    usual = plan(out)
    assert steps.carry_out(usual, usual.workspace.new_build(), quietly) == []
    changed = plan(out, **change(monkeypatch, tmp_path))
    assert steps.carry_out(changed, changed.workspace.new_build(), quietly) == made_anew


def test_a_step_reaches_what_its_notebook_imports_whatever_room_that_is_in():
    reached = {path.stem: {str(file.relative_to(versions.PACKAGE)) for file in steps.sources_of(path)}
               for path in steps.notebooks()}  # fmt: skip
    assert [name for name, files in reached.items() if "rfm/summary.py" in files] == ["02_rfm", "03_ltv", "04_churn"]
    assert [name for name, files in reached.items() if "rfm/summary.sql" in files] == ["02_rfm", "03_ltv", "04_churn"]
    assert [name for name, files in reached.items() if "integration/linkage/link.py" in files] == ["01_integration"]


def test_a_failing_cell_fails_the_run_and_leaves_the_previous_result(first, out, tmp_path):
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [parameters_cell(), nbformat.v4.new_code_cell("1 / 0")]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    bad = tmp_path / "09_broken.ipynb"
    nbformat.write(notebook, bad)
    before = (first.folder / "manifest.json").read_bytes()
    with pytest.raises(NotebookFailed, match=r"09_broken\.ipynb.*ZeroDivisionError"):
        publish.run(plan(out, notebooks=[*steps.notebooks(), bad]), quietly)
    assert (first.folder / "manifest.json").read_bytes() == before


def parameters_cell():
    lines = "\n".join(f"{name} = None" for name in ("industry", "data", "as_of", "out", "engine"))
    return nbformat.v4.new_code_cell(lines, metadata={"tags": ["parameters"]})


def test_notebooks_that_do_not_need_each_other_run_side_by_side(first, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.delenv("PLAYBOOK_MEMORY", raising=False)
    needs = {"01_a": None, "02_b": None, "03_c": ["01_a"], "04_d": None}
    both, seen = threading.Barrier(2, timeout=20), {}

    def pretend(notebook, out, parameters, environment):
        build = Path(environment["PLAYBOOK_BUILD"])
        seen[notebook.stem] = sorted(path.name for path in (build / "lists").glob("*"))
        (build / "lists").mkdir(exist_ok=True)
        (build / "lists" / notebook.stem).write_text("")
        (build / "context.json").write_text('{"as_of": "2026-06-30"}')
        if notebook.stem in ("02_b", "03_c"):
            both.wait()

    asked = plan(tmp_path, notebooks=[needing(tmp_path / f"{name}.ipynb", found) for name, found in needs.items()])
    assert steps.carry_out(asked, asked.workspace.new_build(), pretend) == list(needs)
    assert seen == {"01_a": [], "02_b": ["01_a"], "03_c": ["01_a"], "04_d": ["01_a", "02_b", "03_c"]}


def needing(path, needs):
    nbformat.write(nbformat.v4.new_notebook(metadata={"playbook": {"needs": needs}} if needs else {}), path)
    return path


def test_a_result_is_lent_only_where_its_ids_go_on_from_those_published_for_its_day(tmp_path):
    columns = "{order_id: nr, customer_key: member, ordered_at: at, amount: paid}"
    mapping = f"name: shop\nfiles:\n- {{path: o.csv, table: orders, source: shop, columns: {columns}}}\n"
    (tmp_path / "sources.yml").write_text(mapping)
    (tmp_path / "o.csv").write_text("nr,member,at,paid\n1,a,2025-01-04,10\n")
    decision = tmp_path / "decisions" / "2025-01-01-links.yml"
    decision.parent.mkdir()
    found, workspace, written = data.find(str(tmp_path), tmp_path), Workspace(tmp_path, "shop"), []

    def executed(notebook, target, parameters, environment):
        build = Path(environment["PLAYBOOK_BUILD"])
        (build / "context.json").write_text('{"as_of": "2025-01-31"}')
        (build / "state").mkdir()
        (build / "state" / "identity_log.parquet").write_text(f"{written}")

    def executes():
        build = workspace.new_build()
        done = steps.carry_out(
            plan(tmp_path, data=found, workspace=workspace, notebooks=steps.notebooks()[:1]), build, executed
        )
        if done:
            (build / "manifest.json").write_text("{}")
            workspace.publish(build, date(2025, 1, 31))
        return bool(done)

    assert [executes(), executes()] == [True, False]
    decision.write_text("decides: links")
    written.append("merge")
    assert [executes(), executes()] == [True, False]
    decision.unlink()
    written.append("split")
    assert [executes(), executes()] == [True, False]


def test_two_runs_at_once_the_second_refuses(first, out):
    with plan(out).workspace.lock(), pytest.raises(TargetBusy, match=f"process {os.getpid()}"):
        publish.run(plan(out), quietly)


def test_a_killed_run_leaves_the_previous_result_and_the_next_one_recovers(first, out):
    before = (first.folder / "manifest.json").read_bytes()
    moments = random.Random(7)
    for _ in range(int(os.environ.get("PLAYBOOK_KILLS", "2"))):
        kill_after(moments.uniform(0.5, 12), command(out, "--language", "zh"))
        assert (first.folder / "manifest.json").read_bytes() == before or finished_in_chinese(first.folder)
    done = subprocess.run(command(out, "--language", "zh"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert finished_in_chinese(first.folder)


def kill_after(seconds, arguments):
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    child.wait()


def finished_in_chinese(folder: Path):
    return json.loads((folder / "manifest.json").read_text())["parameters"]["language"] == "zh"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--data", "nowhere"], 2, "no sources.yml"),
        (["--as-of", "30.6.2026"], 2, "write it as 2026-06-30"),
        (["--only", "99"], 2, "no notebook begins with '99'"),
        (["--language", "fr"], 2, "en, zh"),
    ],
)
def test_wrong_usage_is_answered_in_words_with_exit_code_two(options, code, said, tmp_path):
    arguments = [sys.executable, "-c", "from playbook.cli import main; main()", "run", "retail", *options]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
