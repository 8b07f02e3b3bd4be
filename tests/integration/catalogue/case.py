"""What one case of the catalogue says: the files, how they are declared, and what becomes of them."""

import gzip
import io
import zipfile
from types import MappingProxyType
from typing import Any, NamedTuple

from exports import HEAD, ORDERS, declare, orders

COUNTS = ("accepted", "quarantined", "duplicate", "future_dated", "excluded")
PLAIN = orders("1,a,2025-03-04,10", "2,b,2025-03-05,20")


class Case(NamedTuple):
    """One input. `becomes` is its disposition: E an error, Q quarantine, R repaired, F flagged, K kept as it is, or
    `future_dated`, `duplicate`.

    `says` are words of the error, or the codes of the reason, repair or flag; `rows` what is accepted, in the order of
    the columns `shown`; `value` what the quarantine shows; `counts` the rows by status where `rows` does not tell.
    """

    group: str
    name: str
    files: dict[str, str | bytes]
    becomes: str
    says: tuple[str, ...] = ()
    rows: tuple[tuple, ...] | None = None
    at: tuple[int, ...] = ()
    declared: list[dict] | None = None
    top: dict[str, Any] = MappingProxyType({})
    shown: str = "order_id"
    table: str = "orders"
    counts: dict[str, int] | None = None
    whole: bool = False


def file(name: str, content: str | bytes, **declared) -> dict:
    """The files and the declaration of a case with one file of orders."""
    return {"files": {name: content}} | ({"declared": [declare(name, **declared)]} if declared else {})


def with_column(column: str, field: str, *rows: str, head: str = HEAD) -> dict:
    """A case with one more column of orders."""
    text = orders(*rows, head=head.replace("\n", f",{column}\n"))
    return {"files": {"o.csv": text}, "declared": [declare("o.csv", columns=ORDERS | {field: column})]}


def zipped(content: str | bytes, name: str = "inside.csv") -> bytes:
    """A .zip that holds one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def gzipped(content: str) -> bytes:
    """A .gz."""
    return gzip.compress(content.encode(), mtime=0)
