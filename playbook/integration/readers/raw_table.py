"""What a reader hands on: the rows of one file as text, with their row numbers, and the rows it could not read."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from duckdb import DuckDBPyConnection

from playbook.tables.engine import Engine, Table, quoted

_numbers = itertools.count(1)


class Reject(NamedTuple):
    """A row that has no place among the columns: its number in the file, what was found, and the reason's code."""

    row: int
    value: str
    reason: str


class Raw(NamedTuple):
    """One file in the database. Column `c3` holds the fourth column's texts, `same` a hash of the whole row.

    `row` is the SQL of a row's number in the file (the header being row 1), `rows` how many rows there are, rejected
    ones included, `total` how many records the source says it holds, `notes` what to know about the file: the last part
    of a text key, and its values.
    """

    table: str
    header: tuple[str, ...]
    row: str
    rows: int
    rejects: tuple[Reject, ...] = ()
    repairs: tuple[str, ...] = ()
    encoding: str | None = None
    sha256: str | None = None
    serials_from: str = "1899-12-30"
    total: int | None = None
    notes: tuple[tuple[str, dict], ...] = ()


class Opened(NamedTuple):
    """A file whose header is known; `load` stores the rows, of the columns whose numbers are given.

    `widen` gives the same file with other columns, where a field that a record lacks is empty: JSON and logs have it,
    tables with a header row do not.
    """

    header: tuple[str, ...]
    load: Callable[[set[int]], Raw]
    first_rows: list[list[str]]
    widen: "Callable[[tuple[str, ...]], Opened] | None" = None


def plain_text(value: Any) -> str:
    """A value as its plainest text: whole numbers without a decimal point, nothing for null.

    >>> plain_text(12.0), plain_text(1.5), plain_text(None)
    ('12', '1.5', '')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def new_name() -> str:
    """A name for a table of raw rows that no other one has."""
    return f"raw_{next(_numbers):05d}"


def cell(number: int) -> str:
    """The name of a column in the database."""
    return f"c{number}"


def keep(
    con: DuckDBPyConnection, name: str, cells: dict[int, str], source: str, *, every: Iterable[str], extra: str = ""
) -> int:
    """Store the cells asked for (number -> SQL) of a source of rows, with a hash of `every` cell; returns the rows."""
    wanted = "".join(f"{sql} as {cell(number)}, " for number, sql in sorted(cells.items()))
    select = f"select {wanted}{extra}hash({', '.join(every)}) as same from {source}"
    return con.execute(f"create temp table {name} as {select}").fetchall()[0][0]


def stored(engine: Engine, sql: str, params: dict[str, Any] | None = None) -> Table:
    """The rows of a query in a table of their own, planned once."""
    name = new_name()
    engine.con.execute(f"create temp table {name} as {sql}", params)
    return engine.sql(f"select * from {name}")


def csv_source(
    path: str, width: int, *, delimiter: str, skip: int, rejects: str | None = None, ends: str | None = None
) -> str:
    """The SQL that reads a UTF-8 file of delimited text, all as text, its columns pinned.

    `ends`: what ends a line, where it is known; it is guessed from the first end found, even of a line inside a cell.
    """
    columns = ", ".join(f"{quoted(cell(number))}: 'varchar'" for number in range(width))
    kept = f", store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan'" if rejects else ""
    kept += f", new_line = {quoted(ends)}" if ends else ""
    return (
        f"read_csv({quoted(path)}, columns = {{{columns}}}, auto_detect = false, header = false, skip = {skip},"
        f" delim = {quoted(delimiter)}, quote = '\"', escape = '\"', strict_mode = true, null_padding = false{kept})"
    )
