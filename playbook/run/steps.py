"""The steps of a run: a notebook is executed, or its result is taken over where nothing it depends on has changed."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

from playbook.profile.models import Profile
from playbook.profile.uses import FILE as USES
from playbook.profile.uses import noted
from playbook.report import text
from playbook.run.data import Data, decision_files, digest
from playbook.run.run import BUILD, LANGUAGE
from playbook.run.versions import PACKAGE, digest_of, fingerprint, reached
from playbook.run.workspace import Workspace, write_atomically
from playbook.tables.limits import MEMORY

NOT_RESULTS = (".spill", ".lock", ".record/steps", ".record/uses")
#: The files that say which customer each record is, and which ids became which.
IDS = ("state/registry.parquet", "state/identity_log.parquet")


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
    """One step that is done: its key, what it was computed from, the files it made, what it used of profile and texts
    (pairs of kind and name) and a hash of how that was."""

    key: str
    as_of: str
    predecessor: str | None
    files: list[str]
    shown: str | None = None
    used: Sequence[Sequence[str]] = ()
    used_digest: str = ""


Execute = Callable[[Path, Path, dict, dict], None]


def notebooks(only: str | None = None) -> list[Path]:
    """The numbered notebooks, in order; with `only`, the one whose number or name begins so."""
    folder = PACKAGE / "notebooks" if (PACKAGE / "notebooks").is_dir() else PACKAGE.parent / "notebooks"
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    return [path for path in paths if path.stem.startswith(only)] if only else paths


def carry_out(plan: Plan, build: Path, execute: Execute) -> list[str]:
    """Bring every notebook's result into the build; return the names of those that had to be executed.

    Notebooks that do not need each other are executed side by side, each in a folder of its own. Where a database
    server is read, the first of all is executed in any case: whether its rows are the same, only reading says.
    """
    executed = []
    for first, *others in _together(plan.notebooks):
        sides = [(notebook, _side(plan, build, notebook)) for notebook in others]
        tasks = [partial(_carry_out, plan, *where, execute) for where in ((first, build), *sides)]
        done = _at_once(tasks) if _has_room() else [task() for task in tasks]
        executed += [notebook.stem for notebook, is_new in zip((first, *others), done, strict=True) if is_new]
        for notebook, side in sides:
            _take_over(side, build, notebook.stem)
            shutil.rmtree(side)
    return executed


def sources_of(notebook: Path) -> list[Path]:
    """The package's files that a notebook reaches by its imports: a change of one makes the step anew."""
    return _reached(notebook)[0]


def read_record(build: Path, name: str):
    """A fact that a step noted, or None."""
    path = build / ".record" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def read_records(build: Path, folder: str) -> dict:
    """All facts noted under a folder, by name."""
    paths = sorted((build / ".record" / folder).glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def manifest_digest(published: Path | None) -> str | None:
    """The identity of a published run."""
    return digest(published / "manifest.json") if published else None


def inputs(plan: Plan) -> list[dict]:
    """The files a run reads: name, size and hash."""
    from playbook.integration.sources.models import read_sources

    paths = [*read_sources(plan.data.folder).inputs(), *decision_files(plan.data.folder)]
    return [{"path": path.name, "bytes": path.stat().st_size, "sha256": digest(path)} for path in paths]


def _together(notebooks: list[Path]) -> list[list[Path]]:
    """The notebooks in order, those in one group that can be executed at once: none needs another of its group."""
    groups: list[list[Path]] = []
    for notebook in notebooks:
        needed = _needed(notebook)
        is_free = groups and needed is not None and not {path.stem for path in groups[-1]} & set(needed)
        groups[-1].append(notebook) if is_free else groups.append([notebook])
    return groups


def _needed(notebook: Path) -> list[str] | None:
    """The notebooks whose results this one says it needs, in its metadata; None, where it does not: all before it."""
    return json.loads(notebook.read_text(encoding="utf-8"))["metadata"].get("playbook", {}).get("needs")


def _side(plan: Plan, build: Path, notebook: Path) -> Path:
    """A folder beside the build with the results that a notebook needs."""
    place = plan.workspace.new_build()
    for name in _needed(notebook) or ():
        _take_over(build, place, name)
    return place


def _has_room() -> bool:
    """Whether two notebooks may run at once: on two processors, and with memory that nobody has limited."""
    return (os.cpu_count() or 1) > 1 and MEMORY not in os.environ


def _at_once(tasks: list[Callable[[], bool]]) -> list[bool]:
    """What the tasks return, when all are done; an interruption waits for none of them."""
    if len(tasks) == 1:
        return [tasks[0]()]
    futures = [_in_thread(task) for task in tasks]
    wait(futures)
    return [future.result() for future in futures]


def _in_thread(task: Callable[[], bool]) -> Future:
    future: Future = Future()

    def work() -> None:
        try:
            future.set_result(task())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return future


def _carry_out(plan: Plan, notebook: Path, build: Path, execute: Execute) -> bool:
    from playbook.integration.sources.models import read_sources

    key = _key(plan, notebook, build)
    is_live = not read_records(build, "tables") and read_sources(plan.data.folder).is_live
    donor = None if is_live else _donor(plan, notebook.stem, key)
    if not donor:
        _execute(plan, notebook, build, key, execute)
    elif donor != build:
        _take_over(donor, build, notebook.stem)
    return not donor


def _execute(plan: Plan, notebook: Path, build: Path, key: str, execute: Execute) -> None:
    before, uses = set(_files(build)), build / ".record" / "uses" / notebook.stem
    uses.parent.mkdir(parents=True, exist_ok=True)
    environment = {BUILD: str(build), LANGUAGE: plan.language, USES: str(uses)}
    execute(notebook, build / "notebooks" / notebook.name, plan.parameters, environment)
    as_of = date.fromisoformat(json.loads((build / "context.json").read_text())["as_of"])
    files = [name for name in _files(build) if name not in before]
    shown, used = _ids(plan.workspace.published().get(as_of)), noted(uses)
    predecessor = manifest_digest(plan.workspace.predecessor(as_of))
    step = Step(key, as_of.isoformat(), predecessor, files, shown, used, _used_digest(plan.profile, used))
    write_atomically(_step_path(build, notebook.stem), json.dumps(step._asdict(), indent=1, sort_keys=True))


def _key(plan: Plan, notebook: Path, build: Path) -> str:
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in _cells(notebook)]
    files, versions = _reached(notebook)
    upstream = read_records(build, "tables")
    read = inputs(plan) if not upstream else [upstream, (build / "context.json").read_text()]
    asked = [str(plan.as_of), plan.language]
    return fingerprint(notebook.stem, cells, asked, read, digest_of(files), versions)


def _reached(notebook: Path) -> tuple[list[Path], dict[str, str]]:
    code = "\n".join("".join(cell["source"]) for cell in _cells(notebook) if cell["cell_type"] == "code")
    return reached(f"{code}\nimport playbook.run.run")


def _cells(notebook: Path) -> list[dict]:
    return json.loads(notebook.read_text(encoding="utf-8"))["cells"]


def _used_digest(profile: Profile, used: Sequence[Sequence[str]]) -> str:
    """A hash of what a step used, as it is now: parts of the profile, texts of a language."""
    whole = profile.model_dump()
    now = [whole.get(name) if kind == "profile" else text.load(kind, text.FOLDER).get(name) for kind, name in used]
    return fingerprint(now)


def _donor(plan: Plan, name: str, key: str) -> Path | None:
    builds = sorted(plan.workspace.builds.iterdir(), key=lambda path: path.name)
    return next((build for build in builds if _fits(plan, build, name, key)), None)


def _fits(plan: Plan, build: Path, name: str, key: str) -> bool:
    path = _step_path(build, name)
    if not path.is_file():
        return False
    step = Step(**json.loads(path.read_text(encoding="utf-8")))
    predecessor = manifest_digest(plan.workspace.predecessor(date.fromisoformat(step.as_of)))
    if (step.key, step.predecessor) != (key, predecessor) or not all((build / name).is_file() for name in step.files):
        return False
    return _used_digest(plan.profile, step.used) == step.used_digest and _goes_on(plan.workspace, build, step)


def _goes_on(workspace: Workspace, build: Path, step: Step) -> bool:
    """Whether the ids of a result, where it has any, are those published for its day, or were logged against them."""
    shown = _ids(workspace.published().get(date.fromisoformat(step.as_of)))
    return not set(IDS) & set(step.files) or shown in (step.shown, _ids(build))


def _ids(build: Path | None) -> str | None:
    digests = [digest(build / name) for name in IDS if (build / name).is_file()] if build else []
    return fingerprint(*digests) if digests else None


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
    return [name for name in names if not any(part in name for part in NOT_RESULTS)]


def _step_path(build: Path, name: str) -> Path:
    return build / ".record" / "steps" / f"{name}.json"
