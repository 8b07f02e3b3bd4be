"""Text whose columns stand at fixed places of each line."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from playbook.integration.readers import delimited
from playbook.integration.readers.encoding import Scan
from playbook.integration.readers.raw_table import Opened, Raw, Reject, csv_source, keep, new_name


def open_fixed_width(
    con: DuckDBPyConnection,
    path: Path,
    columns: dict[str, tuple[int, int]],
    skip_rows: int,
    scan: Scan,
    spill: Path,
    **facts,
) -> Opened:
    """Open a UTF-8 file: `columns` gives the first and last character of each column, counted from 1."""
    cuts = [f"nullif(trim(substr(line, {first}, {last - first + 1})), '')" for first, last in columns.values()]
    shortest = max(first for first, _ in columns.values())

    def load(wanted: set[int]) -> Raw:
        rejects: list[Reject] = []
        lines, name = _numbered_lines(con, path, skip_rows, scan, spill, rejects), new_name()
        short = con.execute(f"select row_no, length(line) from {lines} where length(line) < {shortest} order by 1")
        rejects += [Reject(row, f"{length} / {shortest}", "wrong_width") for row, length in short.fetchall()]
        whole = f"(select * from {lines} where length(line) >= {shortest})"
        rows = keep(con, name, dict(enumerate(cuts)), whole, every=cuts, extra="row_no, ")
        con.execute(f"drop table {lines}")
        return Raw(name, tuple(columns), "row_no", rows + len(rejects), tuple(rejects), **facts)

    return Opened(tuple(columns), load, [])


def _numbered_lines(con, path: Path, skip: int, scan: Scan, spill: Path, rejects: list[Reject]) -> str:
    """A table of the lines that are not blank, with their numbers; Python reads where DuckDB sees other lines."""
    is_odd = scan.has_nul or scan.only_cr or scan.marks > 0
    if not is_odd and (name := _lines_fast(con, path, skip, scan.lines)):
        return name
    name, _ = delimited.store_rows(con, _fitting(delimited.lines_of(path, skip), rejects), 1, {0}, spill)
    con.execute(f"alter table {name} rename c0 to line")
    return name


def _lines_fast(con: DuckDBPyConnection, path: Path, skip: int, lines: int) -> str | None:
    """The lines as DuckDB reads them; None where it sees another number of them."""
    read, name = new_name(), new_name()
    source = csv_source(str(path), 1, delimiter="\x01", skip=skip).replace("quote = '\"', escape = '\"'", "quote = ''")
    try:
        con.execute(f"create temp table {read} as select c0 as line from {source}")
    except duckdb.Error:
        con.execute(f"drop table if exists {read}")
        return None
    is_whole = con.execute(f"select count(*) from {read}").fetchall()[0][0] == lines - skip
    if is_whole:
        numbered = f"select line, rowid + {skip + 1} as row_no from {read} where trim(line) <> ''"
        con.execute(f"create temp table {name} as {numbered}")
    con.execute(f"drop table {read}")
    return name if is_whole else None


def _fitting(lines: Iterator[tuple[int, str]], rejects: list[Reject]) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold text of one encoding; the others are added to `rejects`."""
    for number, line in lines:
        if reason := delimited.odd([line]):
            rejects.append(Reject(number, *reason))
        else:
            yield number, [line]
