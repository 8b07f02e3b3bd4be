"""Every file of a folder read into the database as text, and what it looks like column by column."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.readers import reader as readers
from playbook.integration.readers.delimited import LayoutError, store_rows
from playbook.integration.readers.encoding import EncodingError
from playbook.integration.readers.headers import rows_above
from playbook.integration.readers.raw_table import cell, new_name
from playbook.integration.readers.workbook import Workbook
from playbook.integration.sources.models import FILE
from playbook.integration.types import texts
from playbook.integration.types.column_profiler import profile_columns
from playbook.onboarding import excerpt, layout
from playbook.onboarding.file_profile import ColumnRef, FileProfile
from playbook.onboarding.layout import Dialect
from playbook.onboarding.meanings import match_table, semantic_types
from playbook.tables.engine import Engine

_TEXTS = {".csv", ".txt", ".tsv", ".tab", ".dat", ".psv", ".prn", ".asc", ".gz", ".zip"}
_BOOKS = {".xlsx", ".xlsm"}
_RECORDS = {".json", ".jsonl", ".ndjson", ".log", *layout.DATABASES}
_OTHER_DATA = {".xls", ".xml", ".html", ".mdb", ".feather", ".orc", ".avro",
               ".sav", ".dbf", ".ods", ".7z", ".rar", ".tar", ".bz2", ".xz"}  # fmt: skip
#: What is said of files that are no data as far as anybody can tell.
NO_DATA = "no kind of file that is read as data"
_SHEET_ROWS = 50_000
_NOT_EXPORTS = {"runs", "decisions", "__MACOSX"}


class Unread(NamedTuple):
    """A file that cannot be looked at, and why."""

    path: str
    why: str


class _Part(NamedTuple):
    """One table of one file, loaded."""

    file: str
    dialect: Dialect
    relation: str
    names: tuple[str, ...]
    whole: bool


def profile_files(engine: Engine, folder: Path, spill: Path) -> tuple[list[FileProfile], list[Unread]]:
    """All files below a folder, in the order of their names: those looked at, and those that cannot be."""
    parts, unread = [], []
    texts.define(engine.con)
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            parts += _parts(engine.con, path, name, spill)
        except (LayoutError, EncodingError) as error:
            unread.append(Unread(name, str(error)))
    families = defaultdict(list)  # names that differ by digits only: receipts_2024.csv, receipts_2025.csv
    for part in parts:
        alike = str(part.dialect._replace(doubts={}))
        families[re.sub(r"\d+", "*", part.file), part.names, alike].append(part)
    return [_profile(engine.con, folder, family) for family in families.values() if family[0].names], unread


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        is_hidden = any(part.startswith((".", "~$")) or part in _NOT_EXPORTS for part in parts)
        if path.is_file() and not is_hidden and path.name != FILE:
            yield path


def _parts(con: DuckDBPyConnection, path: Path, name: str, spill: Path) -> list[_Part]:
    suffix = path.suffix.lower()
    if suffix in _OTHER_DATA:
        raise LayoutError(f"{path.suffix} files are not read; export it as CSV, XLSX or Parquet")
    if suffix not in _TEXTS | _BOOKS | _RECORDS | {".parquet"}:
        raise LayoutError(NO_DATA)
    if path.stat().st_size == 0:
        raise LayoutError("it is empty (0 bytes); export it again")
    if suffix in _BOOKS:
        return [_sheet(con, path, name, sheet, spill) for sheet in layout.sheets(path)]
    dialects = layout.of_records(path) if suffix in _RECORDS | {".gz"} else []
    if not dialects and suffix == ".log":
        raise LayoutError("it is no web server's log in the common or combined format; export it as CSV")
    return [_part(con, path, name, dialect, spill) for dialect in dialects or [None]]


def _part(con: DuckDBPyConnection, path: Path, name: str, dialect: Dialect | None, spill: Path) -> _Part:
    """A file that is no workbook; without a dialect, it is Parquet or its layout is still to be found out."""
    format = dialect and (dialect.format or readers.text_format(path))
    may_be_long = not dialect or format in ("jsonl", "weblog")
    read, whole = excerpt.of(con, path, spill) if may_be_long else (path, True)
    if not dialect:
        dialect = Dialect() if read.suffix.lower() == ".parquet" else layout.of_text(read)
    opened = readers.open_file(con, read, dialect._replace(format=format), spill)
    raw = opened.load(set(range(len(opened.header))))
    return _Part(name, dialect, raw.table, opened.header, whole)


def _sheet(con: DuckDBPyConnection, path: Path, name: str, sheet: str, spill: Path) -> _Part:
    dialect, book = layout.of_sheet(path, sheet), Workbook(path, sheet)
    names = book.header(dialect.header) if dialect.header else tuple(dialect.names)
    rows = list(islice(book.rows(len(names), rows_above(dialect.header), []), _SHEET_ROWS + 1))
    relation, _ = store_rows(con, rows[:_SHEET_ROWS], len(names), set(range(len(names))), spill)
    is_alone = len(book.book.sheetnames) == 1
    return _Part(name, dialect._replace(sheet=None) if is_alone else dialect, relation, names, len(rows) <= _SHEET_ROWS)


def _profile(con: DuckDBPyConnection, folder: Path, family: list[_Part]) -> FileProfile:
    first, files = family[0], tuple(part.file for part in family)
    relation = _cleaned(con, family)
    profiles = profile_columns(con, relation, first.names)
    columns = [ColumnRef.of(profile, con, relation) for profile in profiles if profile.name]
    whole, types = all(part.whole for part in family), semantic_types(columns)
    file = FileProfile(_glob(folder, files), files, first.dialect, profiles[0].rows, whole, columns, types)
    return file._replace(match=match_table(file))


def _cleaned(con: DuckDBPyConnection, family: list[_Part]) -> str:
    """One table of all rows: half-width texts without spaces around them, null where they say that there is nothing."""
    relation = new_name()
    cells = [cell(number) for number in range(len(family[0].names))]
    cleaned = ", ".join(f"case when not says_nothing(half_width({c})) then half_width({c}) end as {c}" for c in cells)
    rows = " union all ".join(f"select {', '.join(cells)} from {part.relation}" for part in family)
    con.execute(f"create temp table {relation} as select {cleaned} from ({rows})")
    for part in family:
        con.execute(f"drop table {part.relation}")
    return relation


def _glob(folder: Path, files: tuple[str, ...]) -> str:
    """The shortest pattern of these files that no other file fits."""
    if len(files) == 1:
        return files[0]
    pattern = re.sub(r"\d+", "*", files[0])
    matches = sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern) if path.is_file())
    return pattern if matches == sorted(files) else files[0]
