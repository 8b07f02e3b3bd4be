"""The steps of a run: a notebook is executed, or its result is taken over where nothing it depends on has changed."""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from playbook.data import Data, decision_files, digest
from playbook.profile import Profile
from playbook.run import BUILD, LANGUAGE
from playbook.versions import PACKAGE, fingerprint, sources_digest
from playbook.workspace import Workspace, write_atomically

NOT_RESULTS = (".spill", ".lock")


class Plan(NamedTuple):
    """What is to be run: the parameters of the notebooks, and where the result goes."""

    industry: str
    profile: Profile
    data: Data
    as_of: date | None
    workspace: Workspace
    language: str
    notebooks: list[Path]

    @property
    def parameters(self) -> dict[str, str | None]:
        """The values for the notebooks' parameters cells."""
        return {
            "industry": self.industry,
            "data": str(self.data.folder),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "out": str(self.workspace.root.parent),
            "engine": "duckdb",
        }


class Step(NamedTuple):
    """One step that is done: its key, what it was computed from, the files it made."""

    key: str
    as_of: str
    predecessor: str | None
    files: list[str]


Execute = Callable[[Path, Path, dict, dict], None]


def notebooks(only: str | None = None) -> list[Path]:
    """The numbered notebooks, in order; with `only`, the one whose number or name begins so."""
    folder = PACKAGE / "notebooks" if (PACKAGE / "notebooks").is_dir() else PACKAGE.parent / "notebooks"
    found = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    return [path for path in found if path.stem.startswith(only)] if only else found


def carry_out(plan: Plan, build: Path, execute: Execute) -> list[str]:
    """Bring every notebook's result into the build; return the names of those that had to be executed.

    Where a database server is read, the first of them always is: whether its rows are the same, only reading says.
    """
    from playbook.integration import read_sources

    executed = []
    for notebook in plan.notebooks:
        key = _key(plan, notebook, build)
        is_live = not read_records(build, "tables") and read_sources(plan.data.folder).is_live
        donor = None if is_live else _donor(plan.workspace, notebook.stem, key)
        if not donor:
            _execute(plan, notebook, build, key, execute)
            executed.append(notebook.stem)
        elif donor != build:
            _take_over(donor, build, notebook.stem)
    return executed


def read_record(build: Path, name: str):
    """A fact that a step noted, or None."""
    path = build / ".record" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def read_records(build: Path, folder: str) -> dict:
    """All facts noted under a folder, by name."""
    found = sorted((build / ".record" / folder).glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def manifest_digest(published: Path | None) -> str | None:
    """The identity of a published run."""
    return digest(published / "manifest.json") if published else None


def inputs(plan: Plan) -> list[dict]:
    """The files a run reads: name, size and hash."""
    from playbook.integration import read_sources

    paths = [*read_sources(plan.data.folder).inputs(), *decision_files(plan.data.folder)]
    return [{"path": path.name, "bytes": path.stat().st_size, "sha256": digest(path)} for path in paths]


def _execute(plan: Plan, notebook: Path, build: Path, key: str, execute: Execute) -> None:
    before = set(_files(build))
    environment = {BUILD: str(build), LANGUAGE: plan.language}
    execute(notebook, build / "notebooks" / notebook.name, plan.parameters, environment)
    as_of = date.fromisoformat(json.loads((build / "context.json").read_text())["as_of"])
    made = [name for name in _files(build) if name not in before]
    step = Step(key, as_of.isoformat(), manifest_digest(plan.workspace.predecessor(as_of)), made)
    write_atomically(_step_path(build, notebook.stem), json.dumps(step._asdict(), indent=1, sort_keys=True))


def _key(plan: Plan, notebook: Path, build: Path) -> str:
    room = notebook.stem.split("_", 1)[1]
    upstream = read_records(build, "tables")
    read = inputs(plan) if not upstream else [upstream, (build / "context.json").read_text()]
    said = [notebook.stem, _code(notebook), plan.profile.digest, str(plan.as_of), plan.language, read]
    return fingerprint(*said, sources_digest(room, "text", "industries", "report"))


def _code(notebook: Path) -> list:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [[cell["cell_type"], "".join(cell["source"])] for cell in cells]


def _donor(workspace: Workspace, name: str, key: str) -> Path | None:
    builds = sorted(workspace.builds.iterdir(), key=lambda path: path.name)
    return next((build for build in builds if _fits(workspace, build, name, key)), None)


def _fits(workspace: Workspace, build: Path, name: str, key: str) -> bool:
    path = _step_path(build, name)
    if not path.is_file():
        return False
    step = Step(**json.loads(path.read_text(encoding="utf-8")))
    predecessor = manifest_digest(workspace.predecessor(date.fromisoformat(step.as_of)))
    return (step.key, step.predecessor) == (key, predecessor) and all((build / name).is_file() for name in step.files)


def _take_over(donor: Path, build: Path, name: str) -> None:
    step = Step(**json.loads(_step_path(donor, name).read_text(encoding="utf-8")))
    for file in [*step.files, str(_step_path(donor, name).relative_to(donor))]:
        (build / file).parent.mkdir(parents=True, exist_ok=True)
        _link(donor / file, build / file)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)


def _files(build: Path) -> Iterable[str]:
    names = sorted(str(path.relative_to(build)) for path in build.rglob("*") if path.is_file())
    return [name for name in names if not any(part in name for part in NOT_RESULTS) and ".record/steps" not in name]


def _step_path(build: Path, name: str) -> Path:
    return build / ".record" / "steps" / f"{name}.json"
