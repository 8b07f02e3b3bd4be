"""A second file beside the first: its columns join the rows that name its key, such as a product's category."""

from pathlib import Path

from duckdb import DuckDBPyConnection

from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.raw_table import Opened, Raw, cell, new_name
from playbook.integration.readers.reader import Dialect, open_file
from playbook.integration.sources.models import FileSpec, Lookup, Sources
from playbook.integration.types.expressions import ExpressionError, Header

_ROW = "joined_row_no"


def joined(con: DuckDBPyConnection, sources: Sources, spec: FileSpec, opened: Opened, spill: Path) -> Opened:
    """A file with the columns of its lookups behind its own; every row stays exactly once."""
    for lookup in spec.lookup:
        path = sources.located_lookup(spec, lookup).path
        dialect = Dialect(encoding=lookup.encoding, delimiter=lookup.delimiter)
        opened = _with(con, opened, open_file(con, path, dialect, spill), lookup)
    return opened


def _with(con: DuckDBPyConnection, rows: Opened, other: Opened, lookup: Lookup) -> Opened:
    try:
        here, there = (Header(opened.header).number(lookup.key) for opened in (rows, other))
    except ExpressionError as error:
        raise LayoutError(f"the lookup {lookup.path}: {error}") from None
    width = len(rows.header)

    def load(wanted: set[int]) -> Raw:
        raw = rows.load({number for number in wanted if number < width} | {here})
        more = {number - width for number in wanted if number >= width}
        return _join(con, raw, other.load(more | {there}), here, there, more, lookup)

    added = tuple("" if name in rows.header else name for name in other.header)
    widen = rows.widen and (lambda names: _with(con, rows.widen(names[: len(names) - len(added)]), other, lookup))
    return Opened(rows.header + added, load, rows.first_rows, widen)


def _join(con, raw: Raw, other: Raw, here: int, there: int, more: set[int], lookup: Lookup) -> Raw:
    places = f"min({other.row}), max({other.row})"
    groups = f"select {cell(there)}, {places} from {other.table} where {cell(there)} <> '' group by 1"
    if twice := con.execute(f"{groups} having count(*) > 1 order by 2 limit 1").fetchall():
        key, first, last = twice[0]
        raise LayoutError(
            f"the lookup {lookup.path} holds '{key}' more than once in '{lookup.key}' (rows {first:,} and {last:,}): it"
            " would multiply rows; keep one of them"
        )
    name, width = new_name(), len(raw.header)
    numbered = raw.table if raw.row == _ROW else f"(select *, {raw.row} as {_ROW} from {raw.table})"
    added = "".join(f", o.{cell(number)} as {cell(number + width)}" for number in sorted(more))
    con.execute(
        f"create temp table {name} as select r.*{added} from {numbered} as r"
        f" left join {other.table} as o on o.{cell(there)} = r.{cell(here)}"
    )
    con.execute(f"drop table {raw.table}")
    con.execute(f"drop table {other.table}")
    return raw._replace(table=name, row=_ROW, header=raw.header + other.header)
