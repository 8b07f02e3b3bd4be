"""The day a run is as of: the last one that every active source of orders reaches, mistyped days apart."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

from playbook.integration.ingest.reading import Reading
from playbook.integration.sources.locate import SourcesError
from playbook.report import text as texts
from playbook.tables.engine import Engine, Table

HERE = Path(__file__).parent

#: A source whose last day lies this much before the newest one's has fallen silent, and holds nothing back.
SILENT_DAYS = 62
#: A last day with less than this share of a usual day's orders looks cut off.
COMPLETE_SHARE = 0.4


class SourceDays(NamedTuple):
    """A source of orders: its first and last plausible day, and whether it is active."""

    source: str
    first_day: date
    last_day: date
    is_active: bool
    looks_complete: bool


class AsOf(NamedTuple):
    """The day, how it came about (`asked`, `pinned`, `found`), and the sources it rests on."""

    day: date
    origin: str
    sources: tuple[SourceDays, ...]


def settle(engine: Engine, reading: Reading, files: Table, *, asked: date | None, pinned: date | None) -> AsOf:
    """The as-of day: what was asked for, else what sources.yml pins, else what the active sources of orders reach."""
    days = _source_days(engine, reading.staged, files)
    if not days:
        words = texts.words("en")
        causes = Counter(
            f"'{column}': {words(f'reason.{reason}')}" for *_, column, _, reason in reading.problems.rows()
        )
        causes.update(words(f"reason.{reject.reason}") for file in reading.files for reject in file.raw.rejects)
        listed = "; ".join(f"{cause} ({words.count(rows, 'row')})" for cause, rows in causes.most_common(3))
        why = f"Most often: {listed}." if listed else "Every row was excluded by a rule of sources.yml."
        raise SourcesError(f"no order could be read: every row of the files of orders was left out. {why}")
    first_day = min(source.first_day for source in days)
    day = asked or pinned
    if day and day < first_day:
        where = "--as-of" if asked else "as_of in sources.yml"
        raise SourcesError(f"the orders begin on {first_day}; {where} says {day}: choose a later day, or leave it out.")
    origin = "asked" if asked else "pinned" if pinned else "found"
    return AsOf(day or min(source.last_day for source in days if source.is_active), origin, days)


def _source_days(engine: Engine, staged: dict[str, Table], files: Table) -> tuple[SourceDays, ...]:
    orders, lines = (staged.get(name) or engine.sql(_NO_ORDERS) for name in ("orders", "order_lines"))
    dated = engine.run(HERE / "days_of_orders.sql", files=files, orders=orders, lines=lines).materialise()
    rows = engine.run(HERE / "last_days.sql", dated=dated).rows()
    newest = max((row[2] for row in rows), default=None)
    return tuple(
        SourceDays(source, first, last, (newest - last).days <= SILENT_DAYS, orders >= COMPLETE_SHARE * usual)
        for source, first, last, orders, usual, _ in sorted(rows)
    )


_NO_ORDERS = """
select 0 as file_no, date '2000-01-01' as day, cast(null as varchar) as excluded, true as is_fatal, '' as order_id
where false
"""
