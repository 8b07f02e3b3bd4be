"""Reads small exports up to what became of every row: without customers, so in a fraction of the time."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
from exports import folder

from playbook.integration import read_sources
from playbook.integration.ingest.as_of import settle
from playbook.integration.ingest.reading import Reading, read
from playbook.integration.ingest.row_status import STATUSES, Accepted, accept, file_table, quarantined
from playbook.integration.sources.folders import total_messages
from playbook.report.message import Message
from playbook.tables.engine import Engine, Table


class Taken(NamedTuple):
    """The accepted rows by table, beside `files`, `row_status` and `quarantine`; and the messages."""

    engine: Engine
    tables: dict[str, Table | pd.DataFrame]
    notes: list[Message]
    reading: Reading

    def rows(self, table: str, columns: str, order: str = "1") -> list[tuple]:
        """Rows of a table as tuples."""
        made = self.tables[table]
        made = self.engine.frame(made) if isinstance(made, pd.DataFrame) else made
        return self.engine.sql(f"select {columns} from made order by {order}", made=made).rows()

    def noted(self, key: str) -> list[dict]:
        """The values of the notes of one kind."""
        return [note.values for note in self.notes if note.key == f"integration.flag.{key}"]


def take(at: Path) -> Taken:
    """Read the folder of a mapping."""
    engine, sources = Engine(threads=2), read_sources(at)
    reading = read(engine, sources, at)
    files = file_table(engine, reading.files)
    as_of = settle(engine, reading, files, asked=None, pinned=sources.as_of).day
    accepted = accept(engine, reading, files, as_of=as_of)
    tables = {"files": _counted(files.df(), accepted), "row_status": accepted.counts}
    tables |= {"quarantine": quarantined(engine, reading, accepted, files)}
    duplicates = accepted.counts[accepted.counts.status == "duplicate"].groupby("file_no")["rows"].sum().to_dict()
    return Taken(
        engine, accepted.rows | tables, [*reading.messages, *total_messages(reading.files, duplicates)], reading
    )


def taken(at: Path, files: dict[str, str | bytes], declared: list[dict] | None = None, **top) -> Taken:
    """Write files with their mapping, and read them."""
    return take(folder(at, files, declared, **top))


def _counted(files: pd.DataFrame, accepted: Accepted) -> pd.DataFrame:
    counts = accepted.counts.pivot_table(index="file_no", columns="status", values="rows", aggfunc="sum", fill_value=0)
    return files.merge(counts.reindex(columns=STATUSES, fill_value=0), how="left", on="file_no").fillna(
        dict.fromkeys(STATUSES, 0)
    )
