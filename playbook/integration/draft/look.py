"""A first look at every file of a folder: what it is, and what each of its columns looks like."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.engine import Engine
from playbook.integration import delimited, readers, texts
from playbook.integration.delimited import LayoutError
from playbook.integration.draft import excerpt, layout
from playbook.integration.draft.columns import ColumnLook, looked_at
from playbook.integration.draft.layout import Laid
from playbook.integration.encoding import EncodingError
from playbook.integration.raw import cell, new_name
from playbook.integration.sources import FILE
from playbook.integration.texts import half, is_nothing
from playbook.integration.workbook import Workbook

TEXTS = {".csv", ".txt", ".tsv", ".tab", ".dat", ".psv", ".prn", ".asc", ".gz", ".zip"}
BOOKS = {".xlsx", ".xlsm"}
_OTHER_DATA = {".json", ".jsonl", ".xls", ".xml", ".html", ".db", ".sqlite", ".mdb", ".feather", ".orc", ".avro",
               ".sav", ".dbf", ".ods", ".7z", ".rar", ".tar", ".bz2", ".xz"}  # fmt: skip
_DECLARED = {".json", ".jsonl", ".db", ".sqlite"}
_BY_HAND = "it is read where it is declared by hand: see format, items and db_table in docs/sources.md"
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
        """What to call it: the path, and the sheet where there is one."""
        return f"{self.path} [{self.laid.sheet}]" if self.laid.sheet else self.path

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
    known = TEXTS | BOOKS | _OTHER_DATA | {".parquet"}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "~$")) or part in _NOT_EXPORTS for part in parts)
        if path.is_file() and not hidden and path.name != FILE and path.suffix.lower() in known:
            yield path


def _parts(con: DuckDBPyConnection, path: Path, name: str, spill: Path) -> list[_Part]:
    if path.suffix.lower() in _OTHER_DATA:
        known = path.suffix.lower() in _DECLARED
        raise LayoutError(_BY_HAND if known else f"{path.suffix} files are not read; export it as CSV, XLSX or Parquet")
    if path.stat().st_size == 0:
        raise LayoutError("it is empty (0 bytes); export it again")
    if path.suffix.lower() in BOOKS:
        return [_sheet(con, path, name, sheet, spill) for sheet in layout.sheets(path)]
    return [_file(con, path, name, spill)]


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
    rows = list(islice(book.rows(len(names), laid.header, []), _SHEET_ROWS + 1))
    table, target = new_name(), spill / "sheet.csv"
    delimited.write_rows(target, iter(rows[:_SHEET_ROWS]))
    delimited.load_rows(con, table, target, len(names), set(range(len(names))))
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
    cleaned = ", ".join(f"case when not {is_nothing(half(c))} then {half(c)} end as {c}" for c in cells)
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
