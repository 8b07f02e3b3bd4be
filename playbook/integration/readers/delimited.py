"""Delimited text: DuckDB reads what is in order; Python's csv module finds the exact rows of what is not."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
from duckdb import DuckDBPyConnection

from playbook.integration.readers.encoding import MARK, MARK_SIGN, opened
from playbook.integration.readers.headers import Header, header_rows, joined, rows_above
from playbook.integration.readers.raw_table import Reject, cell, csv_source, every_cell, keep, new_name

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
    delimiter = delimiter or _delimiter(_line(path, max(above, 1)))
    if not above:
        return Layout(tuple(names or ()), delimiter, 0)
    rows = first_rows(path, delimiter)
    if len(rows) < above:
        raise LayoutError(f"its header is declared in row {above}, but it has {len(rows)} row(s)")
    return Layout(_header(joined([rows[row - 1] for row in header_rows(header)])), delimiter, above)


def first_rows(path: Path, delimiter: str) -> list[list[str]]:
    """The first rows of a file, as lists of cells."""
    with _text(path) as lines:
        return [row for row, _ in zip(_lenient(lines, delimiter), range(SEARCHED_ROWS), strict=False)]


def read_fast(
    con: DuckDBPyConnection, path: Path, laid: Layout, wanted: set[int], lines: int
) -> tuple[str, int] | None:
    """The rows as a table, or None where any row has another width, a quote is broken or a row is not one line."""
    name = new_name()
    try:
        source = csv_source(
            str(path), len(laid.header), delimiter=laid.delimiter, skip=laid.above, rejects=f"{name}_bad"
        )
        rows = keep(con, name, {number: cell(number) for number in wanted}, source, every=every_cell(len(laid.header)))
        rejected = con.execute(f"select count(*) from {name}_bad").fetchall()[0][0]
    except duckdb.Error:
        con.execute(f"drop table if exists {name}")
        return None
    if not rejected and rows + laid.above == lines:
        return name, rows
    con.execute(f"drop table {name}")
    return None


def read_exact(
    con: DuckDBPyConnection, path: Path, laid: Layout, wanted: set[int], spill: Path, *, is_odd: bool = True
):
    """The rows as a table with their numbers, and the rejects: (name, rows accepted, rejects)."""
    name, rejects = new_name(), []
    target = spill / f"{name}.csv"
    write_rows(target, rows_of(path, laid, rejects, is_odd=is_odd))
    return name, load_rows(con, name, target, len(laid.header), wanted), tuple(rejects)


def rows_of(path: Path, laid: Layout, rejects: list[Reject], *, is_odd: bool = True) -> Iterator[tuple[int, list[str]]]:
    """The rows that fit the columns, with their numbers; the others are added to `rejects`. Blank lines are no rows."""
    csv.field_size_limit(LONGEST_CELL)
    width, number, line = len(laid.header), 0, 0
    with _text(path) as lines:
        reader = csv.reader(lines, delimiter=laid.delimiter, strict=True)
        while True:
            try:
                for row in reader:
                    number, line = number + 1, reader.line_num
                    if number <= laid.above or not row:
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


def lines_of(path: Path, skip: int) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file below the first ones that are not blank, with their numbers."""
    with io.TextIOWrapper(opened(path), encoding="utf-8-sig", newline=None) as lines:
        for number, line in enumerate(lines, 1):
            if number > skip and line.strip():
                yield number, line.rstrip("\n")


def odd(row: list[str]) -> tuple[str, str] | None:
    """What no text holds, and the reason's code: bytes of another encoding, a character cut off, a NUL byte."""
    text = "".join(row)
    if MARK_SIGN in text and (found := MARK.search(text)):
        return f"byte {int(found[2]):,}", "cut_character" if found[1] else "other_encoding"
    return ("", "nul_byte") if "\0" in text else None


def write_rows(target: Path, rows: Iterator[tuple[int, list[str]]]) -> None:
    """Write numbered rows as the plainest CSV there is."""
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([number, *row] for number, row in rows)


def load_rows(con: DuckDBPyConnection, name: str, target: Path, width: int, wanted: set[int]) -> int:
    """Store what `write_rows` wrote, the row number in column `row_no`; returns how many rows there are."""
    source = csv_source(str(target), width + 1, delimiter=",", skip=0, ends="\\n")
    shifted = ", ".join(f"{cell(number + 1)} as {cell(number)}" for number in range(width))
    numbered = f"(select cast(c0 as bigint) as row_no, {shifted} from {source})"
    rows = keep(con, name, {n: cell(n) for n in wanted}, numbered, every=every_cell(width), extra="row_no, ")
    target.unlink()
    return rows


def _broken(number: int, error: csv.Error, line: int) -> Reject:
    if "unexpected end" in str(error):
        raise LayoutError(f"the quote that opens in row {number} (line {line}) is never closed; close or remove it")
    if "field larger" in str(error):
        raise LayoutError(
            f"row {number} (line {line}) holds a cell of more than {LONGEST_CELL:,} characters; is a quote there never"
            " closed? Close it, or take the cell out"
        )
    return Reject(number, "", "broken_quotes")


def _lenient(lines, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield []


def _text(path: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(opened(path), encoding="utf-8-sig", newline="")


def _line(path: Path, number: int) -> str:
    with _text(path) as lines:
        return next((line for count, line in enumerate(lines, 1) if count == number), "")


def _delimiter(line: str) -> str:
    found = {mark: line.count(mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=found.get)
    if not found[best] and line.count("，") > 1:
        raise LayoutError("its columns are separated by the full-width comma ，; export it with the plain comma")
    return best


def _header(row: list[str]) -> tuple[str, ...]:
    names = [name.strip() for name in row]
    if found := odd(names):
        raise LayoutError(f"its header does not read: {found[1]} {found[0]}; export it in one encoding")
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise LayoutError(f"its header has the column(s) {', '.join(twice)} more than once; rename one of each")
    return tuple(names)
