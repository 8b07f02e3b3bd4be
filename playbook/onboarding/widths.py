"""Columns that stand one below the other: where each begins and ends, told from the blanks that all lines share."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

_FEW = 20  # lines that prove no widths
_WIDEST = 2000  # characters of a line
_AT_ONCE = 20_000  # lines
_NUMBER = re.compile(r"[-+]?[\d.,:/-]+")


class Widths(NamedTuple):
    """Columns of fixed width: names, first and last character of each (from 1), lines above the first row, doubts."""

    names: list[str]
    fields: list[tuple[int, int]]
    above: int
    doubts: dict[str, str]


def told(head: list[str], every: Callable[[], Iterable[str]]) -> Widths | None:
    """The widths of a file, given its first lines and, where those look so, all of them; None for other text."""
    head = [line for line in head if line.strip()]
    above = int(_is_header(head))
    if len(head) - above < 2 or len(_fields(iter(head[above:]))) < 2:
        return None
    fields = _fields(itertools.islice((line for line in every() if line.strip()), above, None))
    if len(fields) < 2:
        return None
    names = head[0].split() if above else []
    named = len(names) == len(fields) == len(set(names))
    return Widths(names if named else _numbered(len(fields)), fields, above, _doubts(named, len(head)))


def _is_header(lines: list[str]) -> bool:
    return len(lines) > 1 and not any(map(_NUMBER.fullmatch, lines[0].split()))


def _numbered(count: int) -> list[str]:
    return [f"column_{number}" for number in range(1, count + 1)]


def _doubts(named: bool, lines: int) -> dict[str, str]:
    reasons = [] if named else ["no line holds a name for each column; name them"]
    reasons += [f"read off {lines} lines only"] if lines < _FEW else []
    return {"fixed_width": "; ".join(reasons)} if reasons else {}


def _fields(lines: Iterator[str]) -> list[tuple[int, int]]:
    """First and last character of each column; the blanks before it are its own, as numbers stand to the right."""
    filled = np.zeros(_WIDEST + 2, dtype=bool)
    while part := list(itertools.islice(lines, _AT_ONCE)):
        width = min(max(map(len, part)), _WIDEST)
        cells = np.array([line[:width].ljust(width) for line in part], dtype=f"U{width}").view("U1")
        filled[1 : width + 1] |= (cells.reshape(len(part), width) != " ").any(axis=0)
    ends = [int(end) for end in np.flatnonzero(filled[:-1] & ~filled[1:])]
    return list(zip([1, *(end + 1 for end in ends[:-1])], ends, strict=True)) if ends else []
