"""How each column of a file writes its days: the order of day and month, and the time zone, proved by its values."""

from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.readers.raw_table import Raw
from playbook.integration.sources.mapping import Mapped
from playbook.integration.sources.models import Sources
from playbook.integration.types import dates as days
from playbook.integration.types.dates import DayFormat
from playbook.tables.engine import quoted

_EVIDENCE = """
  select
    count(*) filter (first_part <> ''),
    count(*) filter (try_cast(first_part as integer) > 12),
    count(*) filter (try_cast(second_part as integer) > 12),
    count(*) filter (regexp_matches(trim(text), {zoned})),
    count(*) filter (contains(text, ':')),
    min(text) filter (first_part <> ''),
    min(row_no) filter (first_part <> ''),
    min(row_no) filter (regexp_matches(trim(text), {zoned})),
    min(row_no) filter (contains(text, ':') and not regexp_matches(trim(text), {zoned}))
  from (
    select
      text, row_no,
      regexp_extract(text, {ambiguous}, 1) as first_part,
      regexp_extract(text, {ambiguous}, 2) as second_part
    from ({texts}) as texts
  ) as parts
"""


class Undecided(ValueError):
    """Days that have two readings, or zones that only some rows name; the message asks for the declaration."""


def day_format(
    con: DuckDBPyConnection, files: list[tuple[Raw, Mapped]], sources: Sources, declared: str | None
) -> DayFormat:
    """How one column of one declaration writes its days, over all of its files."""
    texts = " union all ".join(
        f"select cast({column.expression.sql} as varchar) as text, {raw.row} as row_no from {raw.table}"
        for raw, column in files
    )
    query = _EVIDENCE.format(zoned=quoted(days.ZONED), ambiguous=quoted(days.AMBIGUOUS), texts=texts)
    twofold, day_first, month_first, zoned, clocks, example, *rows = con.execute(query).fetchall()[0]
    order = declared or sources.date_order
    is_open = twofold and order not in ("dmy", "mdy")
    label = _Label(files[0][1].expression.label, rows if len(files) == 1 else [None] * 3)
    if is_open:
        order = _proved(label, day_first, month_first, example)
    zone = _zone(label, sources, zoned, clocks) if zoned else None
    return DayFormat(
        order or "dmy", zone, files[0][0].serials_from, is_mixed=bool(is_open and day_first and month_first)
    )


def epoch_format(label: str, sources: Sources, unit: str) -> DayFormat:
    """How a column writes days that counts the time since 1970 in a declared unit."""
    if not sources.time_zone:
        raise Undecided(
            f"column '{label}' counts {unit} since 1970, in UTC; declare the zone of the business in sources.yml, such"
            " as time_zone: Asia/Shanghai."
        )
    return DayFormat(zone=sources.time_zone, epoch=unit)


class _Label(NamedTuple):
    """A column's name, and the first rows that have two readings, a zone, a time without one (null: unknown)."""

    name: str
    rows: list

    def __str__(self) -> str:
        return f"column '{self.name}'"

    @property
    def twofold(self) -> str:
        """Where a text with two readings stands."""
        return f" (row {self.rows[0]:,})" if self.rows[0] else ""

    @property
    def both(self) -> str:
        """Where a zone stands, and where none does."""
        return f" (row {self.rows[1]:,} does, row {self.rows[2]:,} does not)" if self.rows[1] and self.rows[2] else ""


def _proved(label: _Label, day_first: int, month_first: int, example: str) -> str:
    if day_first == month_first:
        why = "and its other values prove both orders" if day_first else "and no other value decides"
        raise Undecided(
            f"{label} holds days like '{example}'{label.twofold}, which may begin with the day or the month, {why};"
            " declare date_order: dmy or date_order: mdy for the file."
        )
    return "dmy" if day_first > month_first else "mdy"


def _zone(label: _Label, sources: Sources, zoned: int, clocks: int) -> str:
    plain = clocks - zoned
    if plain:
        raise Undecided(
            f"{label} names a time zone in {zoned:,} of its rows and none in {plain:,}{label.both};"
            " export it in one way."
        )
    if not sources.time_zone:
        raise Undecided(
            f"{label} names its time zone; declare the zone of the business in sources.yml, such as"
            " time_zone: Asia/Shanghai."
        )
    return sources.time_zone
