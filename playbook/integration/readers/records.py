"""Rows that Python takes apart (JSON, logs, a database's) as a table of texts, each one accounted for."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from duckdb import DuckDBPyConnection

from playbook.integration.readers import delimited
from playbook.integration.readers.raw_table import Opened, Raw, Reject

#: A row longer than this, in characters, is no row of a table.
LONGEST_ROW = 1_000_000

_SURROGATES = re.compile("[\ud800-\udfff]")

#: A row's number and its texts by column, or why it has none.
Record = tuple[int, dict[str, str]] | Reject
#: The same with the texts of all columns in order.
Row = tuple[int, list[str]] | Reject


def open_records(
    con: DuckDBPyConnection, header: Iterable[str], records: Callable[[], Iterator[Record]], spill: Path, **facts
) -> Opened:
    """Open what `records` gives; a column that a record lacks is empty, and any other name may be asked for."""
    names = tuple(header)

    def load(wanted: set[int]) -> Raw:
        rows = (r if isinstance(r, Reject) else (r[0], [r[1].get(name, "") for name in names]) for r in records())
        return store(con, names, rows, wanted, spill, **facts)

    return Opened(names, load, [], lambda more: open_records(con, more, records, spill, **facts))


def store(con, header: tuple[str, ...], rows: Iterable[Row], wanted: set[int], spill: Path, **facts) -> Raw:
    """Numbered rows of texts in a table, and the rejects among them."""
    rejects: list[Reject] = []
    name, count = delimited.store_rows(con, _fitting(rows, rejects), len(header), wanted, spill)
    return Raw(name, header, "row_no", count + len(rejects), tuple(rejects), **facts)


def _fitting(rows: Iterable[Row], rejects: list[Reject]) -> Iterator[tuple[int, list[str]]]:
    """The rows that can be stored: not longer than a row may be, without NUL; halves of characters are marked. The
    others are added to `rejects`."""
    for row in rows:
        if isinstance(row, Reject):
            rejects.append(row)
            continue
        number, texts = row
        whole = "".join(texts)
        if len(whole) > LONGEST_ROW:
            rejects.append(Reject(number, "", "cell_too_long"))
        elif reason := delimited.odd(texts):
            rejects.append(Reject(number, *reason))
        elif not whole.isascii() and _SURROGATES.search(whole):
            yield number, [_SURROGATES.sub("\ufffd", text) for text in texts]
        else:
            yield number, texts
