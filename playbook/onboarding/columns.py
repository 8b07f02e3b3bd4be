"""What a column's values look like: how many, how varied, and which kinds of value they could be."""

from collections.abc import Iterable
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.types import values
from playbook.integration.types.dates import DayFormat
from playbook.integration.types.field_type import At
from playbook.tables.engine import identifier, quoted

_SAMPLED = 4000  # values of a column whose form is looked at
_COMMON = 60  # values that are listed
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?"

#: The form of a value: a regular expression for all of it.
_FORMS = {
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
#: The kinds that are tried, and the order of day and month for those of days.
_KINDS = {"money": None, "time": "dmy", "time_mdy": "mdy", "phone": None, "email": None, "flag": None}
_OF_ALL = {
    "filled": "count({c})",
    "distinct": "count(distinct {c})",
    "minus": "count(*) filter (starts_with({c}, '-') or starts_with({c}, '('))",
}


class ColumnLook(NamedTuple):
    """One column: counts over all rows, and the share of its values (0 to 1) that have each form or kind."""

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
        """The share of the common values' rows whose value is one of some words."""
        known, total = set(listed), sum(count for _, count in self.common)
        return sum(count for value, count in self.common if value.casefold() in known) / total if total else 0.0


def looked_at(con: DuckDBPyConnection, table: str, names: tuple[str, ...]) -> list[ColumnLook]:
    """What the columns c0, c1, ... of a table of texts look like."""
    rows = con.execute(f"select count(*) from {table}").fetchone()[0]
    whole = _of_all(con, table, len(names))
    return [_column(con, table, number, name, rows, whole[number]) for number, name in enumerate(names)]


def _of_all(con: DuckDBPyConnection, table: str, width: int) -> list[dict[str, int]]:
    parts = [sql.format(c=f"c{number}") for number in range(width) for sql in _OF_ALL.values()]
    found = iter(con.execute(f"select {', '.join(parts)} from {table}").fetchone())
    return [{name: next(found) for name in _OF_ALL} for _ in range(width)]


def _column(con, table: str, number: int, name: str, rows: int, whole: dict[str, int]) -> ColumnLook:
    sample = _sample(table, f"c{number}", whole["filled"])
    *shares, low, high = con.execute(f"select {_share_list()}, min(number), max(number) from ({sample})").fetchone()
    rounded = {form: round(share or 0.0, 4) for form, share in zip((*_FORMS, *_KINDS, "rate"), shares, strict=True)}
    rounded["time"] = max(rounded["time"], rounded.pop("time_mdy"))
    common = _common(con, table, number)
    return ColumnLook(number, name, rows, **whole, shares=rounded, low=low, high=high, common=common)


def _sample(table: str, c: str, filled: int) -> str:
    """The SQL of values spread over the file: as they are (c), and read as each kind."""
    every = max(1, filled // _SAMPLED)
    spread = f"select {c} as c from {table} where {c} is not null and hash(rowid) % {every} = 0"
    for name, order in _KINDS.items():
        kind = values.kind(name.removesuffix("_mdy"), day=DayFormat(order or "dmy"))
        at = At("c", "c", f"h_{name}", f"r_{name}")
        spread = f"select *, {kind.prepare(at)} as {at.h} from ({spread})"
        spread = f"select *, {kind.read(at)} as {at.r} from ({spread})"
        spread = f"select *, {kind.value(at)} as is_{name} from ({spread})"
    number = f"case when regexp_full_match(lower(c), {quoted(_NUMBER)}) then try_cast(c as double) end"
    return f"select *, {number} as number from ({spread})"


def _share_list() -> str:
    forms = [f"regexp_full_match(lower(c), {quoted(pattern)}, 's')" for pattern in _FORMS.values()]
    tests = [*forms, *(f"is_{name} is not null" for name in _KINDS), "coalesce(number between 0 and 1, false)"]
    return ", ".join(f"avg(case when {test} then 1 else 0 end)" for test in tests)


def _common(con: DuckDBPyConnection, table: str, number: int) -> list[tuple[str, int]]:
    c = identifier(f"c{number}")
    counted = f"select {c}, count(*) as n from {table} where {c} is not null group by 1"
    return con.execute(f"{counted} order by n desc, 1 limit {_COMMON}").fetchall()
