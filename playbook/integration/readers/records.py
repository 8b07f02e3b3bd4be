"""Rows that Python takes apart (JSON, logs, a database's) as a table of texts, each one accounted for."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from duckdb import DuckDBPyConnection

from playbook.integration.readers import delimited
from playbook.integration.readers.encoding import opened
from playbook.integration.readers.raw_table import Opened, Raw, Reject, new_name

#: A row longer than this, in characters, is no row of a table.
LONGEST_ROW = 1_000_000

_SURROGATES = re.compile("[\ud800-\udfff]")

#: A row's number and its texts by column, or why it has none.
Record = tuple[int, dict[str, str]] | Reject


def open_records(
    con: DuckDBPyConnection, header: Iterable[str], records: Callable[[], Iterator[Record]], spill: Path, **facts
) -> Opened:
    """Open what `records` gives; a column that a record lacks is empty, and any other name may be asked for."""
    names = tuple(header)

    def load(wanted: set[int]) -> Raw:
        rejects: list[Reject] = []
        rows = ((number, [texts.get(name, "") for name in names]) for number, texts in _kept(records(), rejects))
        return store(con, names, rows, rejects, wanted, spill, **facts)

    return Opened(names, load, [], lambda more: open_records(con, more, records, spill, **facts))


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file that are not blank, with their numbers."""
    with io.TextIOWrapper(opened(path), encoding="utf-8-sig", newline="\n") as lines:
        yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def store(con, header: tuple[str, ...], rows, rejects: list[Reject], wanted: set[int], spill: Path, **facts) -> Raw:
    """Numbered rows of texts in a table; `rejects` grows while they are read."""
    name = new_name()
    target = spill / f"{name}.csv"
    delimited.write_rows(target, fitting(rows, rejects))
    count = delimited.load_rows(con, name, target, len(header), wanted)
    return Raw(name, header, "row_no", count + len(rejects), tuple(rejects), **facts)


def fitting(rows: Iterable[tuple[int, list[str]]], rejects: list[Reject]) -> Iterator[tuple[int, list[str]]]:
    """The rows that can be stored: not longer than a row may be, without NUL; halves of characters are marked."""
    for number, texts in rows:
        whole = "".join(texts)
        if len(whole) > LONGEST_ROW:
            rejects.append(Reject(number, "", "cell_too_long"))
        elif reason := delimited.odd(texts):
            rejects.append(Reject(number, *reason))
        else:
            yield number, [_SURROGATES.sub("\ufffd", text) for text in texts] if _has_halves(whole) else texts


def _kept(records: Iterator[Record], rejects: list[Reject]) -> Iterator[tuple[int, dict[str, str]]]:
    for record in records:
        if isinstance(record, Reject):
            rejects.append(record)
        else:
            yield record


def _has_halves(text: str) -> bool:
    return not text.isascii() and bool(_SURROGATES.search(text))
