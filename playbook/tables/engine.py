"""The engine: SQL in, an immutable table handle out, on DuckDB."""

import itertools
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from playbook.tables.limits import MEMORY, share_of_tables
from playbook.tables.schema import TableSchema

Params = dict[str, Any]

#: Rows that a handle shows in a notebook.
SHOWN_ROWS = 10


class EngineError(RuntimeError):
    """A table, a column or a query is not what it should be; the message says what would do."""


class Table:
    """A handle on one result. Its name is unique and never reused, so what it reads cannot be swapped beneath it."""

    def __init__(self, engine: "Engine", name: str, sql: str):
        self.engine, self.name, self.sql = engine, name, sql

    def __repr__(self) -> str:
        return f"Table({self.name}: {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the first rows, and how many there are."""
        rows = self.count()
        shown = f"the first {SHOWN_ROWS} of {rows:,} rows" if rows > SHOWN_ROWS else f"rows: {rows}"
        return f"{self.head(SHOWN_ROWS).to_html(index=False, border=0)}<p>{shown}</p>"

    @property
    def relation(self) -> duckdb.DuckDBPyRelation:
        """The DuckDB relation behind the handle."""
        return self.engine.con.table(self.name)

    @property
    def columns(self) -> list[str]:
        """The column names, in order."""
        return self.relation.columns

    def df(self) -> pd.DataFrame:
        """The rows as a pandas frame: for small results, charts and model fits."""
        return self.relation.df()

    def head(self, n: int = 5) -> pd.DataFrame:
        """The first `n` rows as a pandas frame.

        >>> Engine().sql("select * from range(9)").head(2)["range"].to_list()
        [0, 1]
        """
        return self.relation.limit(n).df()

    def rows(self) -> list[tuple]:
        """The rows as tuples."""
        return self.relation.fetchall()

    def count(self) -> int:
        """The number of rows."""
        return self.engine.con.execute(f"select count(*) from {self.name}").fetchall()[0][0]

    def scalar(self) -> Any:
        """The single value of a table of one row and one column."""
        return self.rows()[0][0]

    def materialise(self) -> "Table":
        """The same rows computed once and kept: call it when a handle is used a second time."""
        return self.engine.keep(self)

    def save(self, path: Path, schema: TableSchema, *, is_ordered: bool = False) -> "Table":
        """Write the rows as Parquet with the schema's types, ordered by its key; return a handle on the file.

        `is_ordered`: the rows come in the order of the key already, and are written as they come.
        """
        order = "" if is_ordered else f" order by {', '.join(map(identifier, schema.key))}"
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        self.engine.con.execute(
            f"copy (select {typed(self, schema)} from {self.name}{order}) to {quoted(str(part.resolve()))}"
            " (format parquet, compression zstd, row_group_size 122880)"
        )
        part.replace(path)
        return self.engine.read(path)


class Engine:
    """One DuckDB connection and the tables made on it."""

    def __init__(self, *, threads: int | None = None, memory: str | None = None, spill: Path | None = None):
        self.con = duckdb.connect(config=_settings(threads, memory, spill))
        self.con.execute("set TimeZone = 'UTC'")
        with suppress(duckdb.InvalidInputException):  # a kernel without ipywidgets has no bar, and refuses the setting
            self.con.execute("set enable_progress_bar = false")
        self._numbers = itertools.count(1)

    def sql(self, text: str, *, params: Params | None = None, **tables: Table) -> Table:
        """The result of a query over named tables; `$name` in the text takes its value from `params`."""
        name = self._name()
        try:
            bindings = ", ".join(f"{identifier(bound)} as (from {table.name})" for bound, table in tables.items())
            bound_text = f"with {bindings} select * from (\n{text}\n)" if tables else text
            self.con.sql(bound_text, params=params or None).create_view(name)
        except duckdb.Error as error:
            raise EngineError(f"this query failed: {error}\n{text}") from error
        return Table(self, name, text)

    def run(self, path: Path, *, params: Params | None = None, **tables: Table) -> Table:
        """The result of a `.sql` file over named tables."""
        return self.sql(Path(path).read_text(encoding="utf-8"), params=params, **tables)

    def read(self, path: Path) -> Table:
        """A handle on a Parquet file."""
        return self.sql(f"select * from read_parquet({quoted(str(path))})")

    def frame(self, frame: pd.DataFrame) -> Table:
        """A handle on a copy of a pandas frame."""
        name = self._name()
        self.con.from_df(frame).create(name)
        return Table(self, name, f"-- a frame of {len(frame):,} rows")

    def empty(self, schema: TableSchema) -> Table:
        """A table of that schema without rows."""
        columns = ", ".join(f'cast(null as {c.type}) as "{c.name}"' for c in schema.columns)
        return self.sql(f"select {columns} where false")

    def keep(self, table: Table) -> Table:
        """The rows of a handle in a table of their own."""
        name = self._name()
        self.con.execute(f"create temp table {name} as from {table.name}")
        return Table(self, name, table.sql)

    def lock_down(self, folders: Iterable[Path]) -> None:
        """From here on DuckDB reads and writes inside these folders only, and nothing can change that."""
        allowed = ", ".join(quoted(str(Path(folder).resolve()) + os.sep) for folder in folders)
        self.con.execute(f"set allowed_directories = [{allowed}]")
        self.con.execute("set enable_external_access = false")
        self.con.execute("set lock_configuration = true")

    def close(self) -> None:
        """Give the memory back."""
        self.con.close()

    def _name(self) -> str:
        return f"t{next(self._numbers):05d}"


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _settings(threads: int | None, memory: str | None, spill: Path | None) -> dict[str, Any]:
    limit = memory or os.environ.get(MEMORY)
    asked = {
        "threads": threads or os.environ.get("PLAYBOOK_THREADS"),
        "memory_limit": limit and share_of_tables(limit),
        "temp_directory": spill and str(spill),
    }
    fixed = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    return fixed | {key: value for key, value in asked.items() if value}


def typed(table: Table, schema: TableSchema) -> str:
    """The select list that gives a table its schema's columns, order and types.

    A required column that is missing raises `EngineError`; an optional one becomes null. Reals are rounded to nine
    decimals, because their sums depend on the order of summation.
    """
    present = dict(zip(table.columns, map(str, table.relation.types), strict=True))
    if missing := [name for name in schema.required if name not in present]:
        raise EngineError(f"{schema.name} lacks column(s) {missing}; it has {list(present)}.")
    types = {column.name: column.type for column in schema.columns}
    if schema.open:
        types |= {name: kind for name, kind in present.items() if name not in types}
    columns = []
    for name, kind in types.items():
        value = identifier(name) if name in present else "null"
        value = f"round({value}, 9)" if kind == "DOUBLE" and name in present else value
        columns.append(f"cast({value} as {kind}) as {identifier(name)}")
    return ", ".join(columns)
