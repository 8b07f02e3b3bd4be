"""A first look at every file of a folder: what it is, and what each of its columns looks like."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.readers import delimited
from playbook.integration.readers import reader as readers
from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.encoding import EncodingError
from playbook.integration.readers.headers import rows_above
from playbook.integration.readers.raw_table import cell, new_name
from playbook.integration.readers.workbook import Workbook
from playbook.integration.sources.models import FILE
from playbook.integration.types import texts
from playbook.onboarding import excerpt, layout, records
from playbook.onboarding.columns import ColumnLook, looked_at
from playbook.onboarding.layout import Laid
from playbook.tables.engine import Engine

TEXTS = {".csv", ".txt", ".tsv", ".tab", ".dat", ".psv", ".prn", ".asc", ".gz", ".zip"}
BOOKS = {".xlsx", ".xlsm"}
RECORDS = {".json", ".jsonl", ".ndjson", ".log", *records.DATABASES}
_OTHER_DATA = {".xls", ".xml", ".html", ".mdb", ".feather", ".orc", ".avro",
               ".sav", ".dbf", ".ods", ".7z", ".rar", ".tar", ".bz2", ".xz"}  # fmt: skip
#: What is said of files that are no data as far as anybody can tell.
NO_DATA = "no kind of file that is read as data"
_SHEET_ROWS = 50_000
_NOT_EXPORTS = {"runs", "decisions", "__MACOSX"}


class Look(NamedTuple):
    """One file, or several of one make: its path or glob, its layout, its rows in the database, its columns."""

    path: str
    files: tuple[str, ...]
    laid: Laid
    table: str
    rows: int
    whole: bool
    columns: list[ColumnLook]

    @property
    def label(self) -> str:
        """What to call it: the path, and the sheet or the table of a database where there is one."""
        part = self.laid.sheet or self.laid.db_table
        return f"{self.path} [{part}]" if part else self.path

    def column(self, name: str) -> ColumnLook:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


class Unread(NamedTuple):
    """A file that cannot be looked at, and why."""

    path: str
    why: str


class _Part(NamedTuple):
    file: str
    laid: Laid
    table: str
    names: tuple[str, ...]
    whole: bool


def looked_over(engine: Engine, folder: Path, spill: Path) -> tuple[list[Look], list[Unread]]:
    """All files below a folder, in the order of their names: those looked at, and those that cannot be."""
    parts, unread = [], []
    texts.define(engine.con)
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            parts += _parts(engine.con, path, name, spill)
        except (LayoutError, EncodingError) as error:
            unread.append(Unread(name, str(error)))
    return [_look(engine.con, folder, family) for family in _families(parts)], unread


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "~$")) or part in _NOT_EXPORTS for part in parts)
        if path.is_file() and not hidden and path.name != FILE:
            yield path


def _parts(con: DuckDBPyConnection, path: Path, name: str, spill: Path) -> list[_Part]:
    kind = path.suffix.lower()
    if kind in _OTHER_DATA:
        raise LayoutError(f"{path.suffix} files are not read; export it as CSV, XLSX or Parquet")
    if kind not in TEXTS | BOOKS | RECORDS | {".parquet"}:
        raise LayoutError(NO_DATA)
    if path.stat().st_size == 0:
        raise LayoutError("it is empty (0 bytes); export it again")
    if kind in BOOKS:
        return [_sheet(con, path, name, sheet, spill) for sheet in layout.sheets(path)]
    if found := records.layouts(path) if kind in RECORDS | {".gz"} else []:
        return [_of_records(con, path, name, laid, spill) for laid in found]
    if kind == ".log":
        raise LayoutError("it is no web server's log in the common or combined format; export it as CSV")
    return [_file(con, path, name, spill)]


def _of_records(con: DuckDBPyConnection, path: Path, name: str, laid: Laid, spill: Path) -> _Part:
    format = laid.format or readers.text_format(path)
    read, whole = excerpt.of(con, path, spill) if format in ("jsonl", "weblog") else (path, True)
    opened = readers.open_file(con, read, laid._replace(format=format), spill)
    raw = opened.load(set(range(len(opened.header))))
    return _Part(name, laid, raw.table, opened.header, whole)


def _file(con: DuckDBPyConnection, path: Path, name: str, spill: Path) -> _Part:
    read, whole = excerpt.of(con, path, spill)
    laid = Laid() if read.suffix.lower() == ".parquet" else layout.of_text(read)
    opened = readers.open_file(con, read, laid, spill)
    raw = opened.load(set(range(len(opened.header))))
    return _Part(name, laid, raw.table, opened.header, whole)


def _sheet(con: DuckDBPyConnection, path: Path, name: str, sheet: str, spill: Path) -> _Part:
    laid = layout.of_sheet(path, sheet)
    book = Workbook(path, sheet)
    names = book.header(laid.header) if laid.header else tuple(laid.names)
    rows = list(islice(book.rows(len(names), rows_above(laid.header), []), _SHEET_ROWS + 1))
    table, _ = delimited.store_rows(con, rows[:_SHEET_ROWS], len(names), set(range(len(names))), spill)
    alone = len(book.book.sheetnames) == 1
    return _Part(name, laid._replace(sheet=None) if alone else laid, table, names, len(rows) <= _SHEET_ROWS)


def _families(parts: list[_Part]) -> list[list[_Part]]:
    """Files that differ by the digits in their name only (receipts_2024.csv, receipts_2025.csv) are of one make."""
    families = defaultdict(list)
    for part in parts:
        families[re.sub(r"\d+", "*", part.file), part.names, part.laid._replace(doubts={}).__repr__()].append(part)
    return [part for family in families.values() for part in ([family] if family[0].names else [])]


def _look(con: DuckDBPyConnection, folder: Path, family: list[_Part]) -> Look:
    first, files = family[0], tuple(part.file for part in family)
    table = _cleaned(con, family)
    columns = looked_at(con, table, first.names)
    rows = con.execute(f"select count(*) from {table}").fetchone()[0]
    whole = all(part.whole for part in family)
    return Look(_glob(folder, files), files, first.laid, table, rows, whole, [c for c in columns if c.name])


def _cleaned(con: DuckDBPyConnection, family: list[_Part]) -> str:
    """One table of all rows: half-width texts without spaces around them, null where they say that there is nothing."""
    table = new_name()
    cells = [cell(number) for number in range(len(family[0].names))]
    cleaned = ", ".join(f"case when not says_nothing(half_width({c})) then half_width({c}) end as {c}" for c in cells)
    rows = " union all ".join(f"select {', '.join(cells)} from {part.table}" for part in family)
    con.execute(f"create temp table {table} as select {cleaned} from ({rows})")
    for part in family:
        con.execute(f"drop table {part.table}")
    return table


def _glob(folder: Path, files: tuple[str, ...]) -> str:
    """The shortest pattern of these files that no other file fits."""
    if len(files) == 1:
        return files[0]
    pattern = re.sub(r"\d+", "*", files[0])
    found = sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern) if path.is_file())
    return pattern if found == sorted(files) else files[0]
