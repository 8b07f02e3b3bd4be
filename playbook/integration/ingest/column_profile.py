"""What the values of a column look like, without the values: enough to know it again under another name."""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from duckdb import DuckDBPyConnection

from playbook.integration.readers.raw_table import Raw, cell

#: So many rows, spread evenly over a file, are looked at.
SAMPLED_ROWS = 500
#: A column is of a kind where this share of its values is.
MOSTLY = 0.9

_SHAPES, _VALUES = 12, 50
_MASKS = ((re.compile(r"[0-9]+"), "9"), (re.compile(r"[a-zA-Z]+"), "a"), (re.compile(r"[^\x00-\x7f]+"), "某"))
_KINDS = (
    ("whole", re.compile(r"[+-]?[0-9]{1,18}")),
    ("decimal", re.compile(r"[^0-9]{0,3}[+-]?[0-9][0-9,]*(\.[0-9]+)?[^0-9]?")),
    (
        "day",
        re.compile(r"([0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})(\D.*)?", re.S),
    ),
)
_NUMBER = re.compile(r"[^0-9.+-]")

Sketch = dict[str, Any]


def sketches(
    con: DuckDBPyConnection, raw: Raw, numbers: Iterable[int], personal: set[int]
) -> Iterator[tuple[str, Sketch]]:
    """The columns of a file by name, and what each looks like; of personal ones nothing but the shape is kept."""
    numbers = sorted(numbers)
    step = max(1, raw.rows // SAMPLED_ROWS)
    cells = ", ".join(map(cell, numbers))
    sampled = f"select {cells} from {raw.table} where rowid % {step} = 0 limit {SAMPLED_ROWS}"
    rows = con.execute(sampled).fetchall() if numbers else []
    for number, texts in zip(numbers, zip(*rows, strict=True) if rows else ((),) * len(numbers), strict=True):
        yield raw.header[number], sketch([text or "" for text in texts], is_personal=number in personal)


def sketch(texts: list[str], *, is_personal: bool = False) -> Sketch:
    """What values look like: kind, share filled, shapes with their shares, length, and what numbers are usual."""
    held = [text.strip() for text in texts if text.strip()]
    counts = Counter(held)
    kind = _kind(held)
    few = not is_personal and kind == "text" and len(counts) <= _VALUES and len(held) >= 5 * len(counts)
    shapes = Counter(map(_shape, held)).most_common()
    return {
        "kind": kind,
        "filled": round(len(held) / len(texts), 4) if texts else 0.0,
        "shapes": {
            shape: round(n / len(held), 4) for shape, n in sorted(shapes, key=lambda s: (-s[1], s[0]))[:_SHAPES]
        },
        "length": round(sum(map(len, held)) / len(held), 2) if held else 0.0,
        "usual": _usual(held) if kind in ("whole", "decimal") else None,
        "distinct": round(len(counts) / len(held), 4) if held else 0.0,
        "values": sorted(_hashed(value) for value in counts) if few and counts else None,
    }


def likeness(one: Sketch, other: Sketch) -> float:
    """From 0 to 1: how much two columns look alike."""
    if one["kind"] != other["kind"] or not one["shapes"] or not other["shapes"]:
        return 0.0
    parts = [
        sum(min(share, other["shapes"].get(shape, 0.0)) for shape, share in one["shapes"].items()),
        _ratio(one["length"], other["length"]),
        1 - abs(one["filled"] - other["filled"]),
        1 - abs(one["distinct"] - other["distinct"]),
    ]
    if one["usual"] and other["usual"]:
        parts += [_ratio(one["usual"], other["usual"])] * 2
    if one["values"] and other["values"]:
        both = len({*one["values"]} & {*other["values"]})
        parts += [both / len({*one["values"], *other["values"]})] * 4
    return sum(parts) / len(parts)


def _kind(held: list[str]) -> str:
    for name, pattern in _KINDS:
        if held and sum(1 for text in held if pattern.fullmatch(text)) >= MOSTLY * len(held):
            return name
    return "text" if held else "empty"


def _shape(text: str) -> str:
    text = text[:60]
    for pattern, mark in _MASKS:
        text = pattern.sub(mark, text)
    return text


def _usual(held: list[str]) -> float | None:
    """The median size of numbers."""
    numbers = sorted(abs(number) for text in held if (number := _number(text)) is not None)
    return numbers[len(numbers) // 2] if numbers else None


def _number(text: str) -> float | None:
    try:
        return float(_NUMBER.sub("", text))
    except ValueError:
        return None


def _ratio(one: float, other: float) -> float:
    if not one or not other:
        return float(one == other)
    return math.exp(-abs(math.log(one / other)))


def _hashed(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:8]
