"""How each column of a file writes its days: the order of day and month, and the time zone, proved by its values."""

from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.readers.raw_table import Raw
from playbook.integration.sources.mapping import Mapped
from playbook.integration.sources.models import Sources
from playbook.integration.types.field_types import DayFormat

_EVIDENCE = """
  select
    count(*) filter (first_part <> ''),
    count(*) filter (try_cast(first_part as integer) > 12),
    count(*) filter (try_cast(second_part as integer) > 12),
    count(*) filter (has_zone),
    count(*) filter (contains(text, ':')) - count(*) filter (has_zone),
    min(text) filter (first_part <> ''),
    min(row_no) filter (first_part <> ''),
    min(row_no) filter (has_zone),
    min(row_no) filter (contains(text, ':') and not has_zone)
  from (
    select
      text, row_no, is_zoned(trim(text)) as has_zone,
      regexp_extract(text, ambiguous_day(), 1) as first_part,
      regexp_extract(text, ambiguous_day(), 2) as second_part
    from ({texts}) as texts
  ) as parts
"""


class Undecided(ValueError):
    """Days that have two readings, or zones that only some rows name; the message asks for the declaration."""


class _Evidence(NamedTuple):
    """How many values have two readings, begin with the day, with the month, name a zone, name none; the smallest value
    with two readings, and the first rows with two readings, with a zone, with a time without one."""

    twofold: int
    day_first: int
    month_first: int
    zoned: int
    unzoned: int
    example: str | None
    twofold_row: int | None
    zoned_row: int | None
    unzoned_row: int | None


def day_format(
    con: DuckDBPyConnection, files: list[tuple[Raw, Mapped]], sources: Sources, declared: str | None
) -> DayFormat:
    """How one column of one declaration writes its days, over all of its files."""
    texts = " union all ".join(
        f"select cast({column.expression.sql} as varchar) as text, {raw.row} as row_no from {raw.table}"
        for raw, column in files
    )
    evidence = _Evidence(*con.execute(_EVIDENCE.format(texts=texts)).fetchone())
    if len(files) > 1:  # row numbers of several files say nothing
        evidence = evidence._replace(twofold_row=None, zoned_row=None, unzoned_row=None)
    label, order = f"column '{files[0][1].expression.label}'", declared or sources.date_order
    is_open = evidence.twofold and order not in ("dmy", "mdy")
    if is_open:
        order = _proved_order(label, evidence)
    if evidence.zoned:
        _refuse_zones(label, sources, evidence)
    is_mixed = bool(is_open and evidence.day_first and evidence.month_first)
    return DayFormat(order or "dmy", sources.time_zone if evidence.zoned else None, files[0][0].serials_from, is_mixed)


def epoch_format(label: str, sources: Sources, unit: str) -> DayFormat:
    """How a column writes days that counts the time since 1970 in a declared unit."""
    if not sources.time_zone:
        raise Undecided(
            f"column '{label}' counts {unit} since 1970, in UTC; declare the zone of the business in sources.yml, such"
            " as time_zone: Asia/Shanghai."
        )
    return DayFormat(zone=sources.time_zone, epoch=unit)


def _proved_order(label: str, evidence: _Evidence) -> str:
    if evidence.day_first == evidence.month_first:
        why = "and its other values prove both orders" if evidence.day_first else "and no other value decides"
        row = f" (row {evidence.twofold_row:,})" if evidence.twofold_row else ""
        raise Undecided(
            f"{label} holds days like '{evidence.example}'{row}, which may begin with the day or the month, {why};"
            " declare date_order: dmy or date_order: mdy for the file."
        )
    return "dmy" if evidence.day_first > evidence.month_first else "mdy"


def _refuse_zones(label: str, sources: Sources, evidence: _Evidence) -> None:
    if evidence.unzoned:
        rows = f" (row {evidence.zoned_row or 0:,} does, row {evidence.unzoned_row or 0:,} does not)"
        raise Undecided(
            f"{label} names a time zone in {evidence.zoned:,} of its rows and none in {evidence.unzoned:,}"
            f"{rows if evidence.zoned_row and evidence.unzoned_row else ''}; export it in one way."
        )
    if not sources.time_zone:
        raise Undecided(
            f"{label} names its time zone; declare the zone of the business in sources.yml, such as"
            " time_zone: Asia/Shanghai."
        )
