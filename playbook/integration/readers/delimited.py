"""Delimited text: DuckDB reads what is in order; Python's csv module finds the exact rows of what is not."""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
from duckdb import DuckDBPyConnection

from playbook.integration.readers.encoding import MARK, MARK_SIGN, opened
from playbook.integration.readers.headers import Header, header_rows, joined, rows_above
from playbook.integration.readers.raw_table import Reject, cell, csv_source, keep, new_name

DELIMITERS = (",", "\t", ";", "|")
LONGEST_CELL = 1_000_000  # characters
LONGEST_LINE = 16 << 20  # bytes
SEARCHED_ROWS = 30  # among which the header is looked for


class LayoutError(ValueError):
    """A file of text that is not laid out as a table; the message says where and what would do."""


class Layout(NamedTuple):
    """How a file of text is laid out: its columns, its delimiter, and how many lines stand above the first row."""

    header: tuple[str, ...]
    delimiter: str
    above: int


def layout(path: Path, *, delimiter: str | None, header: Header, names: list[str] | None) -> Layout:
    """The layout of a UTF-8 file; `header` is the row (or rows) of the column names, 0 where `names` gives them."""
    above = rows_above(header)
    if not delimiter:
        with _text(path) as lines:
            first = next((line for n, line in enumerate(lines, 1) if n == max(above, 1)), "")
        delimiter = max(DELIMITERS, key=first.count)
        if delimiter not in first and first.count("，") > 1:
            raise LayoutError("its columns are separated by the full-width comma ，; export it with the plain comma")
    if not above:
        return Layout(tuple(names or ()), delimiter, 0)
    rows = first_rows(path, delimiter)
    if len(rows) < above:
        raise LayoutError(f"its header is declared in row {above}, but it has {len(rows)} row(s)")
    columns = tuple(name.strip() for name in joined([rows[row - 1] for row in header_rows(header)]))
    if wrong := odd(list(columns)):
        raise LayoutError(f"its header does not read: {wrong[1]} {wrong[0]}; export it in one encoding")
    refuse_twins(columns)
    return Layout(columns, delimiter, above)


def refuse_twins(names: tuple[str, ...]) -> None:
    """Raise `LayoutError` where two columns of a header have one name."""
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise LayoutError(f"its header has the column(s) {', '.join(twice)} more than once; rename one of each")


def first_rows(path: Path, delimiter: str) -> list[list[str]]:
    """The first rows of a file, as lists of cells; one whose quotes are broken is empty."""
    rows = []
    with _text(path) as lines:
        reader = csv.reader(lines, delimiter=delimiter)
        while len(rows) < SEARCHED_ROWS:
            try:
                rows.append(next(reader))
            except StopIteration:
                break
            except csv.Error:
                rows.append([])
    return rows


def read_fast(con: DuckDBPyConnection, path: Path, layout: Layout, wanted: set[int], lines: int) -> str | None:
    """The rows as a table, one for each of the lines below the header; None where any row has another width, a quote is
    broken or a row is not one line."""
    name, width = new_name(), len(layout.header)
    try:
        source = csv_source(str(path), width, delimiter=layout.delimiter, skip=layout.above, rejects=f"{name}_bad")
        rows = keep(con, name, {number: cell(number) for number in wanted}, source, every=map(cell, range(width)))
        rejected = con.execute(f"select count(*) from {name}_bad").fetchall()[0][0]
    except duckdb.Error:
        con.execute(f"drop table if exists {name}")
        return None
    if not rejected and rows + layout.above == lines:
        return name
    con.execute(f"drop table {name}")
    return None


def read_exact(
    con: DuckDBPyConnection, path: Path, layout: Layout, wanted: set[int], spill: Path, *, is_odd: bool = True
) -> tuple[str, int, tuple[Reject, ...]]:
    """The rows as a table with their numbers, and the rejects: (name, rows accepted, rejects)."""
    rejects: list[Reject] = []
    rows = rows_of(path, layout, rejects, is_odd=is_odd)
    return *store_rows(con, rows, len(layout.header), wanted, spill), tuple(rejects)


def rows_of(
    path: Path, layout: Layout, rejects: list[Reject], *, is_odd: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """The rows that fit the columns, with their numbers; the others are added to `rejects`. Blank lines are no rows."""
    csv.field_size_limit(LONGEST_CELL)
    width, number, line = len(layout.header), 0, 0
    with _text(path) as lines:
        reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
        while True:
            try:
                for row in reader:
                    number, line = number + 1, reader.line_num
                    if number <= layout.above or not row:
                        continue
                    if reason := is_odd and odd(row):
                        rejects.append(Reject(number, *reason))
                    elif len(row) != width:
                        rejects.append(Reject(number, f"{len(row)} / {width}", "wrong_width"))
                    else:
                        yield number, row
                return
            except csv.Error as error:
                number += 1
                rejects.append(_broken(number, error, line + 1))


def lines_of(path: Path, skip: int = 0, *, newline: str | None = None) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file below the first ones that are not blank, with their numbers; `newline` as in `open`."""
    with io.TextIOWrapper(opened(path), encoding="utf-8-sig", newline=newline) as lines:
        for number, line in enumerate(lines, 1):
            if number > skip and line.strip():
                yield number, line.rstrip("\n")


def odd(row: list[str]) -> tuple[str, str] | None:
    """What no text holds, and the reason's code: bytes of another encoding, a character cut off, a NUL byte."""
    text = "".join(row)
    if MARK_SIGN in text and (mark := MARK.search(text)):
        return f"byte {int(mark[2]):,}", "cut_character" if mark[1] else "other_encoding"
    return ("", "nul_byte") if "\0" in text else None


def store_rows(
    con: DuckDBPyConnection, rows: Iterable[tuple[int, list[str]]], width: int, wanted: set[int], spill: Path
) -> tuple[str, int]:
    """Store numbered rows of texts, the row number in column `row_no`: the table's name and how many rows there are."""
    name = new_name()
    path = spill / f"{name}.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([number, *row] for number, row in rows)
    source = csv_source(str(path), width + 1, delimiter=",", skip=0, ends="\\n")
    shifted = "".join(f", {cell(number + 1)} as {cell(number)}" for number in range(width))
    numbered = f"(select cast(c0 as bigint) as row_no{shifted} from {source})"
    cells = {number: cell(number) for number in wanted}
    count = keep(con, name, cells, numbered, every=map(cell, range(width)), extra="row_no, ")
    path.unlink()
    return name, count


def _broken(number: int, error: csv.Error, line: int) -> Reject:
    if "unexpected end" in str(error):
        raise LayoutError(f"the quote that opens in row {number} (line {line}) is never closed; close or remove it")
    if "field larger" in str(error):
        raise LayoutError(
            f"row {number} (line {line}) holds a cell of more than {LONGEST_CELL:,} characters; is a quote there never"
            " closed? Close it, or take the cell out"
        )
    return Reject(number, "", "broken_quotes")


def _text(path: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(opened(path), encoding="utf-8-sig", newline="")
