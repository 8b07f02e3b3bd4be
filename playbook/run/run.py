"""One run: its folder, tables and state, and what its notebooks say."""

import importlib
import json
import os
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from playbook.profile import models as profile_module
from playbook.profile.seasons import Calendar
from playbook.report.message import Message
from playbook.report.outputs import Outputs
from playbook.run import data as data_module
from playbook.run.data import digest
from playbook.run.versions import fingerprint
from playbook.run.workspace import Workspace, write_atomically
from playbook.tables.engine import Engine, Table
from playbook.tables.schema import STATE_TABLES, TableSchema, schema_of

#: The rooms that make tables, in the order of the notebooks; the first makes all that no other one owns.
ROOMS = {
    "playbook.integration": (),
    "playbook.rfm": ("rfm", "rfm_history"),
    "playbook.ltv": ("ltv", "ltv_history"),
    "playbook.churn": ("churn",),
}

#: Set by the runner for the kernels it starts: the build they work in, and the language asked for.
BUILD, LANGUAGE = "PLAYBOOK_BUILD", "PLAYBOOK_LANGUAGE"


class CheckFailed(AssertionError):
    """An invariant of the business does not hold; the run fails."""


class Run:
    """The tables, state and words of one run. Make one with `open_run`."""

    def __init__(self, profile, data: data_module.Data, workspace: Workspace, folder: Path, as_of: date | None):
        self.profile, self.data, self.workspace = profile, data.folder, workspace
        self.folder = folder.resolve()
        self.asked_as_of = as_of
        self.language = os.environ.get(LANGUAGE, "en")
        self.outputs = Outputs(profile, currency=lambda: self.currency)
        self._tables: dict[str, Table] = {}

    @cached_property
    def engine(self) -> Engine:
        """The engine, locked to the folders of this run and its data."""
        spill = self.folder / ".spill"
        spill.mkdir(parents=True, exist_ok=True)
        engine = Engine(spill=spill)
        roots = [Path(root) for root in os.environ.get("PLAYBOOK_DATA", "").split(os.pathsep) if root]
        engine.lock_down([self.data, self.workspace.root, *roots])
        return engine

    @property
    def as_of(self) -> date:
        """The last day the run knows of, inclusive."""
        if "as_of" not in self.context:
            self._build("playbook.integration")
        return date.fromisoformat(self.context["as_of"])

    @property
    def currency(self) -> str:
        """The currency of every amount."""
        return self.context.get("currency", self.profile.currency)

    @property
    def context(self) -> dict:
        """What the first step settled for all: the as-of date, the currency."""
        path = self.folder / "context.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def settle(self, **facts: Any) -> None:
        """Fix a fact for the whole run: `as_of`, `currency`."""
        facts = {key: value.isoformat() if isinstance(value, date) else value for key, value in facts.items()}
        write_atomically(self.folder / "context.json", _json(self.context | facts))

    def table(self, name: str) -> Table:
        """A table of this run; the room that owns it is built first where it has not been."""
        schema_of(name)
        if name not in self._tables and not self._path(name).is_file():
            self._build(next((room for room, tables in ROOMS.items() if name in tables), "playbook.integration"))
        if name not in self._tables:
            self._tables[name] = self.engine.read(self._path(name))
        return self._tables[name]

    def has(self, name: str) -> bool:
        """Whether the sources gave any row of this table."""
        return self.table(name).count() > 0

    def save(
        self, name: str, rows: Table | pd.DataFrame, schema: TableSchema | None = None, *, is_ordered: bool = False
    ) -> Table:
        """Hand a table on: typed, ordered by its key (`is_ordered`: it comes so), in `tables/`."""
        table = self.engine.frame(rows) if isinstance(rows, pd.DataFrame) else rows
        self._tables[name] = table.save(self._path(name), schema or schema_of(name), is_ordered=is_ordered)
        self.record(f"tables/{name}", {"rows": self._tables[name].count(), "sha256": digest(self._path(name))})
        return self._tables[name]

    def state(self, name: str) -> Any | None:
        """What the run before kept under this name, or None."""
        return self.before(self.as_of, name)

    def before(self, day: date, name: str) -> Any | None:
        """What the last run before a day kept under this name, or None; a table is a handle on its file."""
        return self._kept(self.workspace.predecessor(day), name)

    def shown(self, day: date, name: str) -> Any | None:
        """What is published for that very day under this name, or None: it may be logged, never computed with."""
        return self._kept(self.workspace.published().get(day), name)

    def _kept(self, published: Path | None, name: str) -> Any | None:
        kinds = ("parquet", "json")
        rows, value = (published / "state" / f"{name}.{kind}" for kind in kinds) if published else (None, None)
        if rows and rows.is_file():
            return self.engine.read(rows)
        return json.loads(value.read_text(encoding="utf-8")) if value and value.is_file() else None

    def keep(self, name: str, value: Any) -> None:
        """Keep a value, or a table, for the runs to come."""
        if isinstance(value, Table):
            value.save(self.folder / "state" / f"{name}.parquet", STATE_TABLES[name])
        else:
            write_atomically(self.folder / "state" / f"{name}.json", _json(value))

    def record(self, name: str, value: Any) -> None:
        """Note a fact for the manifest."""
        write_atomically(self.folder / ".record" / f"{name}.json", _json(value))

    def say(self, *messages: Message | None, **evidence: Any) -> None:
        """Say findings, each a sentence of `text/`; None is passed over. `evidence` as for `takeaway`."""
        for message in filter(None, messages):
            self.takeaway(message.key, n=message.n, of=message.of, **message.values, **evidence)

    def warn(self, *messages: Message | None) -> None:
        """Warn in words; None is passed over."""
        for message in filter(None, messages):
            self.flag(message.key, **message.values)

    def takeaway(self, key: str, n: int | None = None, quality: float | None = None, **values: Any) -> None:
        """Say a finding: a sentence of `text/`, with its values."""
        self.outputs.takeaway(key, n=n, quality=quality, **values)

    def flag(self, key: str, **values: Any) -> None:
        """Warn in words."""
        self.outputs.flag(key, **values)

    def show(self, key: str, frame: pd.DataFrame, formats: dict[str, str] | None = None) -> None:
        """Show a table, here and in the report."""
        self.outputs.table(key, frame, formats or {})

    def figure(self, key: str, draw, *data: Any, **options: Any) -> None:
        """Show a figure, here and, in both languages, in the report."""
        self.outputs.figure(key, draw, *data, **options)

    def check(self, name: str, ok: bool, detail: str = "") -> None:
        """Hold an invariant: recorded in the manifest, and the run fails where it does not hold."""
        self.record(f"checks/{name}", {"ok": bool(ok), "detail": detail})
        self.outputs.check(name, bool(ok), detail)
        if not ok:
            raise CheckFailed(f"the check '{name}' failed{': ' + detail if detail else ''}")

    def _path(self, name: str) -> Path:
        return self.folder / "tables" / f"{name}.parquet"

    def _build(self, room: str) -> None:
        with FileLock(self.folder / f".{room}.lock"):  # two notebooks may build the same tables
            importlib.import_module(f"{room}.build").build(self)


def open_run(
    industry: str = "retail",
    data: str = "sample",
    as_of: str | date | None = None,
    out: str = "runs",
    engine: str = "duckdb",
    name: str | None = None,
) -> Run:
    """Open a run on some data for an industry.

    Started by `playbook run`, it is that run. Otherwise it works in `out/<name>/.scratch` and publishes nothing:
    tables of earlier notebooks that are not there yet are made on the way.
    """
    if engine != "duckdb":
        raise ValueError(f"the engine '{engine}' is not known; there is: duckdb.")
    folder_data = data_module.find(data, out)
    profile = _at_home(profile_module.load(industry), folder_data)
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    if build := os.environ.get(BUILD):  # out/<name>/.builds/<id>: the name is the run's, whatever the data is called
        root = Path(build).resolve().parents[1]
        return Run(profile, folder_data, Workspace(root.parent, root.name), Path(build), day)
    workspace = Workspace(out, name or folder_data.name)
    return Run(profile, folder_data, workspace, _scratch(workspace, profile, folder_data, day), day)


def _at_home(profile, data: data_module.Data):
    """The profile without its country's seasons where the data are in another currency, so from another country."""
    from playbook.integration.sources.models import read_sources

    currency = read_sources(data.folder).currency or profile.currency
    return profile if currency == profile.currency else profile.model_copy(update={"calendar": Calendar()})


def _scratch(workspace: Workspace, profile, data: data_module.Data, as_of: date | None) -> Path:
    from playbook.integration.sources.models import read_sources

    paths = [*read_sources(data.folder).inputs(), *data_module.decision_files(data.folder)]
    inputs = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    folder = workspace.root / ".scratch" / fingerprint(profile.digest, inputs, str(as_of), package=True)[:12]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
