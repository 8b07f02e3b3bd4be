"""From finished notebooks to the published run: reports, manifest, symlink."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

from playbook.profile.models import LANGUAGES
from playbook.run import steps
from playbook.run.steps import Execute, Plan
from playbook.run.versions import fingerprint, libraries
from playbook.run.workspace import write_atomically


class Published(NamedTuple):
    """Where the result lies, which notebooks were executed for it, and whether anything changed."""

    folder: Path
    executed: list[str]
    changed: bool


def run(plan: Plan, execute: Execute) -> Published:
    """Carry out a plan and publish its result.

    Raises `TargetBusy` while another run holds the target, and whatever a notebook fails with; the published result is
    then what it was before.
    """
    with plan.workspace.lock():
        build = plan.workspace.new_build()
        executed = steps.carry_out(plan, build, execute)
        as_of = date.fromisoformat(json.loads((build / "context.json").read_text())["as_of"])
        _inherit(plan.workspace.predecessor(as_of), build)
        _write_reports(plan, build)
        _write_manifest(plan, build, as_of)
        return _publish(plan, build, as_of, executed)


def _publish(plan: Plan, build: Path, as_of: date, executed: list[str]) -> Published:
    link = plan.workspace.root / as_of.isoformat()
    if plan.workspace.published().get(as_of) and _identical(link, build):
        shutil.rmtree(build)
        return Published(link, executed, changed=False)
    _tidy(build)
    return Published(plan.workspace.publish(build, as_of), executed, changed=True)


def _inherit(predecessor: Path | None, build: Path) -> None:
    """State that no step of this run has renewed stays as it was."""
    for path in sorted((predecessor / "state").glob("*")) if predecessor else []:
        target = build / "state" / path.name
        target.parent.mkdir(exist_ok=True)
        if not target.exists():
            shutil.copyfile(path, target)


def _write_reports(plan: Plan, build: Path) -> None:
    from playbook.report import render

    executed = [build / "notebooks" / notebook.name for notebook in plan.notebooks]
    context = json.loads((build / "context.json").read_text())
    facts = {
        "name": plan.workspace.name,
        "run_id": _run_id(build),
        "files": steps.read_record(build, "files"),
    } | context
    for language in LANGUAGES:
        page = render(executed, language=language, profile=plan.profile, meta=facts)
        write_atomically(build / f"report.{language}.html", page)
    steps._link(build / f"report.{plan.language}.html", build / "report.html")


def _run_id(build: Path) -> str:
    return fingerprint({name: step["key"] for name, step in steps.read_records(build, "steps").items()})[:12]


def _write_manifest(plan: Plan, build: Path, as_of: date) -> None:
    predecessor = plan.workspace.predecessor(as_of)
    manifest = {
        "run_id": _run_id(build),
        "name": plan.workspace.name,
        "as_of": as_of.isoformat(),
        "parameters": {"industry": plan.profile.key, "as_of": str(plan.as_of), "language": plan.language},
        "profile_sha256": plan.profile.digest,
        "predecessor": predecessor and {
            "as_of": json.loads((predecessor / "context.json").read_text())["as_of"],
            "manifest_sha256": steps.manifest_digest(predecessor),
        },
        "inputs": [*steps.inputs(plan), *steps.read_records(build, "databases").values()],
        "files": steps.read_record(build, "files"),
        "tables": steps.read_records(build, "tables"),
        "checks": steps.read_records(build, "checks"),
        "libraries": libraries(),
    }  # fmt: skip
    write_atomically(build / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1, default=str) + "\n")


def _identical(published: Path, build: Path) -> bool:
    names = ["manifest.json", "report.html", *(f"report.{language}.html" for language in LANGUAGES)]
    return all((published / name).read_bytes() == (build / name).read_bytes() for name in names)


def _tidy(build: Path) -> None:
    shutil.rmtree(build / ".spill", ignore_errors=True)
    for lock in build.glob(".*.lock"):
        lock.unlink()
