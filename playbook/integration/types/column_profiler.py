"""What the values of a column look like: how many, how varied, which forms and types of value they could be.

`profile_columns` looks at a column for whoever drafts a mapping; `fingerprints` keeps so much of a column that a later
run knows it again under another name, and no value that is personal.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.types.field_types import DayFormat, field_type
from playbook.tables.engine import identifier, quoted

#: The form of a value in lower case: a regular expression for all of it.
FORMS = {
    "whole": r"[-+]?[0-9]+(?:\.0+)?",
    "fraction": r"[-+(]?[¥$€£]? ?[0-9,]*\.[0-9]+\)?",
    "separated": r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月].*",
    "year_first": r"(?:19|20)[0-9]{2}[-/.年].*",
    "year_last": r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:19|20)[0-9]{2}",
    "compact": r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?:[0-9]{4}|[0-9]{6})?",
    "clock": r".*[0-9]:[0-9]{2}.*",
    "clock_only": r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[ap]m)?",
    "slashed": r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}.*",
    "zoned": r".*[0-9]:[0-9]{2}(?:\.[0-9]+)? ?(?:z|[+-][0-9]{2}(?::?[0-9]{2})?)",
    "worded_zone": r".*[0-9]:[0-9]{2} (?:utc|gmt)",
    "epoch": r"1[0-9]{9}(?:[0-9]{3})?",
    "serial": r"[34][0-9]{4}(?:\.[0-9]+)?",
    "mobile": r"(?:\+?86)?[- ]?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}",
    "dialled": r"\+[0-9][-0-9 ()]{7,18}|\(?0?[0-9]{2,4}\)?[- ][0-9]{3,4}[- ]?[0-9]{4}",
    "lettered": r".*[a-z\x{3400}-\x{9fff}\x{00c0}-\x{024f}].*",
    "chinese": r".*[\x{3400}-\x{9fff}].*",
    "digits": r".*[0-9].*",
    "padded": r"0[0-9]+",
    "month": r"(?:19|20)[0-9]{2}[-/年.]?(?:0?[1-9]|1[0-2])月?",
    "percent": r"[0-9.]+ ?%",
    "spaced": r".+ .+ .+",
}
#: The types that are tried, and the order of day and month for those of days.
_TYPES = {"money": None, "time": "dmy", "time_mdy": "mdy", "phone": None, "email": None, "flag": None}
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?"
_SAMPLED = 4000  # values of a column whose form is looked at
_COMMON = 60  # values that are listed

#: A fingerprint rests on so many rows, spread evenly over a file; a column is of a kind where this share of them is.
FINGERPRINT_ROWS, MOSTLY = 500, 0.9
_KINDS = {
    "whole": re.compile(r"[+-]?[0-9]{1,18}"),
    "decimal": re.compile(r"[^0-9]{0,3}[+-]?[0-9][0-9,]*(\.[0-9]+)?[^0-9]?"),
    "day": re.compile(
        r"([0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})(\D.*)?", re.S
    ),
}
_MASKS = {re.compile(r"[0-9]+"): "9", re.compile(r"[a-zA-Z]+"): "a", re.compile(r"[^\x00-\x7f]+"): "某"}
_SHAPES, _VALUES = 12, 50

Fingerprint = dict[str, Any]


class ColumnProfile(NamedTuple):
    """One column: counts over all rows, and the share of its values (0 to 1) that have each form or type."""

    number: int
    name: str
    rows: int
    filled: int
    distinct: int
    minus: int
    shares: dict[str, float]
    low: float | None
    high: float | None
    common: list[tuple[str, int]]

    @property
    def is_empty(self) -> bool:
        """Whether no row has a value."""
        return self.filled == 0

    @property
    def is_unique(self) -> bool:
        """Whether hardly any value stands twice (2 in 100, for records that were exported again)."""
        return self.distinct >= 0.98 * self.filled > 0

    @property
    def is_dense(self) -> bool:
        """Whether the values are whole numbers counted up without many gaps: such a number says nothing by itself."""
        if self.shares["whole"] < 1 or self.high is None or self.shares["padded"]:
            return False
        return self.high - self.low < 4 * max(self.distinct, 25)

    @property
    def values(self) -> list[str]:
        """The most common values, most common first."""
        return [value for value, _ in self.common]

    def share_of(self, listed: Iterable[str]) -> float:
        """The share of the common values' rows whose value is one of some words in lower case."""
        words, total = set(listed), sum(count for _, count in self.common)
        return sum(count for value, count in self.common if value.casefold() in words) / total if total else 0.0


def profile_columns(con: DuckDBPyConnection, table: str, names: tuple[str, ...]) -> list[ColumnProfile]:
    """The columns c0, c1, ... of a table of texts (null where empty); the connection has the macros of `texts`."""
    counts = ", ".join(
        f"count(c{n}), count(distinct c{n}), count(*) filter (starts_with(c{n}, '-') or starts_with(c{n}, '('))"
        for n in range(len(names))
    )
    rows, *counted = con.execute(f"select count(*), {counts} from {table}").fetchone()
    profiles = []
    for number, name in enumerate(names):
        filled, distinct, minus = counted[3 * number : 3 * number + 3]
        shares, low, high = _shares(con, table, f"c{number}", filled)
        common = con.execute(
            f"select c{number}, count(*) as n from {table} where c{number} is not null group by 1"
            f" order by n desc, 1 limit {_COMMON}"
        ).fetchall()
        profiles.append(ColumnProfile(number, name, rows, filled, distinct, minus, shares, low, high, common))
    return profiles


def _shares(con: DuckDBPyConnection, table: str, c: str, filled: int) -> tuple[dict, float | None, float | None]:
    """The share of a sample, spread over the table, that has each form or type; the smallest and largest number."""
    sample = f"select {c} as c from {table} where {c} is not null and hash(rowid) % {max(1, filled // _SAMPLED)} = 0"
    for name, order in _TYPES.items():
        type_ = field_type(name.removesuffix("_mdy"), day=DayFormat(order or "dmy"))
        columns = {"raw": "c", "stripped": "c", "prepared": f"prepared_{name}", "parsed": f"parsed_{name}"}
        for step in ("prepared", "parsed"):
            sample = f"select *, {getattr(type_, step).format(**columns)} as {columns[step]} from ({sample})"
        sample = f"select *, {type_.typed.format(**columns)} is not null as is_{name} from ({sample})"
    number = f"case when regexp_full_match(lower(c), {quoted(_NUMBER)}) then try_cast(c as double) end"
    tests = {form: f"regexp_full_match(lower(c), {quoted(pattern)}, 's')" for form, pattern in FORMS.items()}
    tests |= {name: f"is_{name}" for name in _TYPES} | {"rate": "coalesce(number between 0 and 1, false)"}
    averages = ", ".join(f"avg(case when {test} then 1 else 0 end)" for test in tests.values())
    query = f"select {averages}, min(number), max(number) from (select *, {number} as number from ({sample}))"
    *averages, low, high = con.execute(query).fetchone()
    shares = {name: round(share or 0.0, 4) for name, share in zip(tests, averages, strict=True)}
    shares["time"] = max(shares["time"], shares.pop("time_mdy"))
    return shares, low, high


def fingerprints(
    con: DuckDBPyConnection, table: str, header: tuple[str, ...], numbers: Iterable[int], personal: set[int]
) -> dict[str, Fingerprint]:
    """The fingerprint of each of some columns by name; of personal ones nothing but the shape is kept."""
    numbers = sorted(numbers)
    if not numbers:
        return {}
    rows = con.execute(f"select count(*) from {table}").fetchone()[0]
    cells = ", ".join(identifier(f"c{number}") for number in numbers)
    step = max(1, rows // FINGERPRINT_ROWS)
    sample = con.execute(f"select {cells} from {table} where rowid % {step} = 0 limit {FINGERPRINT_ROWS}").fetchall()
    columns = zip(*sample, strict=True) if sample else ((),) * len(numbers)
    return {
        header[number]: fingerprint([text or "" for text in texts], is_personal=number in personal)
        for number, texts in zip(numbers, columns, strict=True)
    }


def fingerprint(texts: list[str], *, is_personal: bool = False) -> Fingerprint:
    """What values look like: kind, share filled, shapes with their shares, length, and what numbers are usual."""
    filled = [text.strip() for text in texts if text.strip()]
    counts, n = Counter(filled), max(1, len(filled))
    kind = next((k for k, form in _KINDS.items() if sum(map(bool, map(form.fullmatch, filled))) >= MOSTLY * n), "text")
    kind = kind if filled else "empty"
    is_listed = not is_personal and kind == "text" and len(counts) <= _VALUES and len(filled) >= 5 * len(counts)
    shapes = sorted(Counter(map(_shape, filled)).items(), key=lambda shape: (-shape[1], shape[0]))
    return {
        "kind": kind,
        "filled": round(len(filled) / len(texts), 4) if texts else 0.0,
        "shapes": {shape: round(count / n, 4) for shape, count in shapes[:_SHAPES]},
        "length": round(sum(map(len, filled)) / n, 2),
        "usual": _usual_size(filled) if kind in ("whole", "decimal") else None,
        "distinct": round(len(counts) / n, 4),
        "values": sorted(hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:8] for value in counts)
        if is_listed
        else None,
    }


def similarity(one: Fingerprint, other: Fingerprint) -> float:
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
        both = {*one["values"]} & {*other["values"]}
        parts += [len(both) / len({*one["values"], *other["values"]})] * 4
    return sum(parts) / len(parts)


def _shape(text: str) -> str:
    """A value with 9 for its digits, a for its letters and 某 for what is beyond ASCII."""
    text = text[:60]
    for pattern, mark in _MASKS.items():
        text = pattern.sub(mark, text)
    return text


def _usual_size(filled: list[str]) -> float | None:
    """The median size of numbers."""
    sizes = []
    for text in filled:
        try:
            sizes.append(abs(float(re.sub(r"[^0-9.+-]", "", text))))
        except ValueError:
            continue
    return sorted(sizes)[len(sizes) // 2] if sizes else None


def _ratio(one: float, other: float) -> float:
    return math.exp(-abs(math.log(one / other))) if one and other else float(one == other)
