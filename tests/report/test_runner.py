"""A notebook runs in a kernel of its own, and what goes wrong is said with its name."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bare import write_notebook

from playbook.report import NotebookFailed, UnknownParameter, execute

IDENTITY = "import ipykernel, json, os; said = json.loads(ipykernel.get_connection_info())"


def printed(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")


def test_parameters_and_environment_reach_a_kernel_that_no_network_reaches(tmp_path):
    show = f"{IDENTITY}\nprint(as_of, os.environ['BUILD'], said['transport'])"
    notebook = write_notebook(tmp_path / "{braces}" / "01_x.ipynb", ["as_of = None", show])
    seen, out = [], tmp_path / "{braces}" / "out" / "01_x.ipynb"
    execute(notebook, out, {"as_of": 'it\'s "now"'}, env={"BUILD": "b1"}, on_cell=lambda *step: seen.append(step))
    assert printed(out) == 'it\'s "now" b1 ipc\n'
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_executing_twice_gives_equal_bytes(tmp_path):
    notebook = write_notebook(tmp_path / "01_x.ipynb", ["n = 1", "print(n)"])
    made = [tmp_path / "a.ipynb", tmp_path / "b.ipynb"]
    for out in made:
        execute(notebook, out, {"n": 2})
    assert made[0].read_bytes() == made[1].read_bytes()
    assert str(tmp_path).encode() not in made[0].read_bytes()


def test_a_failing_cell_names_notebook_cell_and_error_and_leaves_what_was_done(tmp_path):
    notebook = write_notebook(tmp_path / "02_bad.ipynb", ["n = 1", "print('so far')", "{}['amount']", "print('never')"])
    with pytest.raises(NotebookFailed, match=r"02_bad.ipynb, cell 3 failed with KeyError: 'amount'") as failed:
        execute(notebook, tmp_path / "out.ipynb", {})
    assert "{}['amount']" in failed.value.traceback and "\x1b" not in failed.value.traceback
    assert printed(tmp_path / "out.ipynb") == "so far\n"


SAID = {
    "SourcesError": "01_x.ipynb, cell 3: shop.csv has no column 'paid'",
    "OutOfMemoryException": "01_x.ipynb, cell 3: the tables need more memory than --memory",
    "TypeError": "01_x.ipynb, cell 3 failed with TypeError: shop.csv has no column 'paid'\nline 1",
}


@pytest.mark.parametrize("error", SAID)
def test_what_the_user_can_repair_is_said_without_a_traceback(error):
    failed = NotebookFailed("01_x.ipynb", 3, error, "shop.csv has no column 'paid'", "line 1")
    assert str(failed).startswith(SAID[error])
    assert ("line 1" in str(failed)) == (error == "TypeError")


def test_a_kernel_that_is_killed_fails_the_notebook_in_words(tmp_path):
    notebook = write_notebook(tmp_path / "02_dead.ipynb", ["n = 1", "import os; os._exit(9)"])
    with pytest.raises(NotebookFailed, match=r"02_dead.ipynb failed with KernelDied: .*memory"):
        execute(notebook, tmp_path / "out.ipynb", {})


def test_a_parameter_the_notebook_does_not_have_is_refused_before_anything_runs(tmp_path):
    notebook = write_notebook(tmp_path / "01_x.ipynb", ["as_of = None", "print(1)"])
    with pytest.raises(UnknownParameter, match=r"01_x.ipynb has no parameter 'as_off'; did you mean 'as_of'"):
        execute(notebook, tmp_path / "out.ipynb", {"as_off": "2026-06-30"})
    assert not (tmp_path / "out.ipynb").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_kernel_outlives_its_runner(tmp_path, how):
    pid = tmp_path / "pid"
    wait = f"import os, time, pathlib\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    notebook = write_notebook(tmp_path / "01_slow.ipynb", ["n = 1", wait])
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # jobs in the background do not
    run = f"from playbook.report import execute; execute({str(notebook)!r}, {str(tmp_path / 'out.ipynb')!r}, {{}})"
    runner = subprocess.Popen([sys.executable, "-c", f"{heed}; {run}"], stderr=subprocess.DEVNULL)
    kernel = int(until(lambda: pid.is_file() and pid.read_text()))
    runner.send_signal(how)
    runner.wait(timeout=20)
    until(lambda: not alive(kernel))


def until(happens, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if seen := happens():
            return seen
        time.sleep(0.05)
    raise AssertionError(f"it did not happen within {seconds} seconds")


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.is_file() and status.read_text().split()[2] == "Z")
