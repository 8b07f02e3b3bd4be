"""How each column of a file writes its days: the order of day and month, and the time zone, proved by its values."""

from duckdb import DuckDBPyConnection

from playbook.engine import quoted
from playbook.integration import days
from playbook.integration.days import DayFormat
from playbook.integration.mapping import Mapped
from playbook.integration.raw import Raw
from playbook.integration.sources import Sources

_EVIDENCE = """
  select
    count(*) filter (first_part <> ''),
    count(*) filter (try_cast(first_part as integer) > 12),
    count(*) filter (try_cast(second_part as integer) > 12),
    count(*) filter (regexp_matches(trim(text), {zoned})),
    count(*) filter (contains(text, ':')),
    min(text) filter (first_part <> '')
  from (
    select
      text,
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
        f"select cast({column.expression.sql} as varchar) as text from {raw.table}" for raw, column in files
    )
    query = _EVIDENCE.format(zoned=quoted(days.ZONED), ambiguous=quoted(days.AMBIGUOUS), texts=texts)
    twofold, day_first, month_first, zoned, clocks, example = con.execute(query).fetchall()[0]
    order = declared or sources.date_order
    if twofold and order not in ("dmy", "mdy"):
        order = _proved(files[0][1].expression.label, day_first, month_first, example)
    zone = _zone(files, sources, zoned, clocks) if zoned else None
    return DayFormat(order or "dmy", zone, files[0][0].serials_from)


def _proved(label: str, day_first: int, month_first: int, example: str) -> str:
    if bool(day_first) == bool(month_first):
        why = "and its other values prove both orders" if day_first else "and no other value decides"
        raise Undecided(
            f"column '{label}' holds days like '{example}', which may begin with the day or with the month, {why};"
            " declare date_order: dmy or date_order: mdy for the file."
        )
    return "dmy" if day_first else "mdy"


def _zone(files: list[tuple[Raw, Mapped]], sources: Sources, zoned: int, clocks: int) -> str:
    label = files[0][1].expression.label
    plain = clocks - zoned
    if plain:
        raise Undecided(
            f"column '{label}' names a time zone in {zoned:,} row(s) and none in {plain:,}; export it in one way."
        )
    if not sources.time_zone:
        raise Undecided(
            f"column '{label}' names its time zone; declare the zone of the business in sources.yml, such as"
            " time_zone: Asia/Shanghai."
        )
    return sources.time_zone
