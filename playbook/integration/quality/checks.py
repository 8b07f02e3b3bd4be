"""What can be checked of each source, how much of it failed, and the money behind it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.integration.ingest.as_of import AsOf, SourceDays
from playbook.integration.ingest.reading import Reading
from playbook.integration.ingest.row_status import Accepted
from playbook.integration.quality.flags import TOLERATED_DIFFERENCE
from playbook.integration.report.summary import RARELY_FILLED
from playbook.integration.sources.fields import IDENTIFIERS
from playbook.tables.engine import Engine, Table

HERE = Path(__file__).parent

#: A source this many days behind the newest one is not timely at all.
LATE_DAYS = 30

#: Columns that only customers with that trait fill: who bought is asked of the orders under integrity, not here.
_WHO = ("customer_key", *IDENTIFIERS)
_CONTRADICTIONS = ("two_contents", "two_customers")


#: What is checked, by part; coverage is no part of the score.
CHECKS = {
    "completeness": ("gaps",),
    "validity": ("values", "rows"),
    "uniqueness": ("repeated", "identical", "identifiers"),
    "consistency": ("contradictions", "headers", "books", "returns"),
    "timeliness": ("behind",),
    "integrity": ("unknown_customers", "orphan_lines", "orphan_returns"),
    "coverage": ("anonymous", "unlinked"),
}


class Check(NamedTuple):
    """One thing checked of one source: so many of `checked` failed, with the money behind them (null: none is)."""

    source: str
    part: str
    check: str
    checked: int
    failed: int
    money: float | None = None


class Found(NamedTuple):
    """What the room knows of the sources once all rows are accounted for."""

    engine: Engine
    reading: Reading
    accepted: Accepted
    files: Table
    tables: dict[str, Table]
    day: AsOf
    columns: pd.DataFrame
    identical: pd.DataFrame
    reconciliation: pd.DataFrame


def checks(found: Found) -> pd.DataFrame:
    """One row per source, part and check: checked, failed, money. A check that nothing could be put to is left out."""
    left_out, counts, returned = _left_out(found), _counted(found), _returns(found)
    made = (
        *_completeness(found),
        *_validity(found, left_out),
        *_uniqueness(found, left_out, counts),
        *_consistency(found, left_out, counts),
        *_returned(returned),
        *_timeliness(found),
        *_integrity(found),
        *_coverage(found),
    )
    frame = pd.DataFrame([check for check in made if check.checked], columns=Check._fields)
    return frame.astype({"checked": "int64", "failed": "int64", "money": "float64"})


def _completeness(found: Found) -> Iterator[Check]:
    columns = found.columns
    masters = columns["table"].isin(["customers"])
    expected = columns[~columns["column"].isin(RARELY_FILLED) & (masters | ~columns["column"].isin(_WHO))]
    for source, mine in expected.groupby("source"):
        yield Check(source, "completeness", "gaps", mine.rows.sum(), (mine.rows - mine.filled).sum())


def _validity(found: Found, left_out: pd.DataFrame) -> Iterator[Check]:
    rejected = found.files.df().groupby("source")[["rows", "rejected"]].sum()
    unread = left_out[(left_out.fate == "quarantined") & ~left_out.reason.isin((*_CONTRADICTIONS, "order_quarantined"))]
    for source, mine in found.columns.groupby("source"):
        invalid = int(mine.invalid.sum())
        yield Check(source, "validity", "values", mine.filled.sum() + invalid, invalid, _money(unread, source))
        yield Check(source, "validity", "rows", *rejected.loc[source])


def _uniqueness(found: Found, left_out: pd.DataFrame, counts: pd.DataFrame) -> Iterator[Check]:
    again = left_out[left_out.reason == "same_record"]
    for source, mine in counts.groupby("source"):
        held = mine[mine.fate.isin(["accepted", "repeated"])].rows.sum()
        repeated = mine[mine.reason == "same_record"].rows.sum()
        yield Check(source, "uniqueness", "repeated", held, repeated, _money(again, source))
    accepted = counts[counts.fate == "accepted"].groupby("source")["rows"].sum()
    for source, mine in found.identical.groupby("source"):
        yield Check(source, "uniqueness", "identical", accepted[source], mine.rows.sum(), mine.money.sum(min_count=1))
    for source, mine in found.columns.dropna(subset=["uniqueness"]).groupby("source"):
        shared = (mine.filled - mine.filled * mine.uniqueness).round().sum()
        yield Check(source, "uniqueness", "identifiers", mine.filled.sum(), shared)


def _consistency(found: Found, left_out: pd.DataFrame, counts: pd.DataFrame) -> Iterator[Check]:
    apart = found.engine.sql(_APART, files=found.files)
    against = left_out[left_out.reason.isin(_CONTRADICTIONS)]
    for source, mine in counts.groupby("source"):
        torn = mine[mine.reason.isin(_CONTRADICTIONS)].rows.sum()
        yield Check(source, "consistency", "contradictions", mine.rows.sum(), torn, _money(against, source))
    given = {"orders": found.tables["orders"], "lines": found.tables["order_lines"], "apart": apart}
    yield from _of_query(found, "quality_headers.sql", "consistency", "headers", **given)
    yield from _books(found.reconciliation)


def _returned(returned: list) -> Iterator[Check]:
    for row in returned:
        yield Check(row.source, "consistency", "returns", row.compared, row.larger, row.larger_money)
        yield Check(row.source, "integrity", "orphan_returns", row.checked, row.orphans, row.orphan_money)


def _books(reconciliation: pd.DataFrame) -> Iterator[Check]:
    booked = reconciliation.dropna(subset=["control_net"])
    for source, mine in booked.groupby("source"):
        difference = mine.difference.abs().astype(float)
        off = difference > TOLERATED_DIFFERENCE * mine.control_net.abs().astype(float)
        yield Check(source, "consistency", "books", len(mine), off.sum(), float(difference[off].sum()))


def _timeliness(found: Found) -> Iterator[Check]:
    """How far behind the newest source each is; beyond a day that somebody asked for nothing is missed."""
    wanted = found.day.day if found.day.origin != "found" else date.max
    reached = {source: min(source.last_day, wanted) for source in found.day.sources}
    newest = max(reached.values())
    daily = found.reconciliation.dropna(subset=["month"]).groupby("source")["net"].sum()
    for source, last_day in reached.items():
        behind = (newest - last_day).days
        money = behind * float(daily.get(source.source, 0)) / _days(source)
        yield Check(source.source, "timeliness", "behind", LATE_DAYS, min(behind, LATE_DAYS), money)


def _integrity(found: Found) -> Iterator[Check]:
    rows = found.accepted.rows
    if "customers" in rows:
        given = {
            "orders": _ordered(found, "orders"),
            "lines": _ordered(found, "order_lines"),
            "customers": rows["customers"],
        }
        yield from _of_query(found, "quality_unknown_keys.sql", "integrity", "unknown_customers", **given)
    if "order_lines" in rows:
        given = {"lines": found.reading.staged["order_lines"], "fates": found.accepted.fates["order_lines"]}
        yield from _of_query(found, "quality_orphan_lines.sql", "integrity", "orphan_lines", files=found.files, **given)


def _coverage(found: Found) -> Iterator[Check]:
    """What is no fault of a source, but holds money that the tiers cannot speak of."""
    identities = found.tables["identities"]
    several = found.engine.sql("select count(distinct source) from i", i=identities).scalar() > 1
    given = {"orders": found.tables["orders"], "identities": identities}
    for row in found.engine.run(HERE / "quality_coverage.sql", **given).df().itertuples():
        yield Check(row.source, "coverage", "anonymous", row.orders, row.anonymous, row.anonymous_money)
        if several:
            yield Check(row.source, "coverage", "unlinked", row.customers, row.alone, row.alone_money)


def _of_query(found: Found, name: str, part: str, check: str, **tables: Table) -> Iterator[Check]:
    for row in found.engine.run(HERE / name, **tables).df().itertuples():
        yield Check(row.source, part, check, row.checked, row.failed, row.money)


def _returns(found: Found) -> list:
    frame = found.engine.run(HERE / "quality_returns.sql", orders=found.tables["orders"]).df()
    return list(frame.itertuples())


def _left_out(found: Found) -> pd.DataFrame:
    staged, fates = found.reading.staged, found.accepted.fates
    held = {name: staged.get(table) or found.engine.sql(_NO_ROWS) for name, table in _MONEY.items()}
    decided = " union all ".join(
        f"select file_no, row_no, fate, reason from {fates[t].name}" for t in _MONEY.values() if t in fates
    )
    given = held | {"fates": found.engine.sql(decided), "files": found.files}
    return found.engine.run(HERE / "quality_left_out.sql", **given).df()


def _ordered(found: Found, table: str) -> Table:
    return found.accepted.rows.get(table) or found.engine.sql(_NO_ORDERS)


def _counted(found: Found) -> pd.DataFrame:
    return found.accepted.counts.merge(found.files.df()[["file_no", "source"]], on="file_no")


def _money(rows: pd.DataFrame, source: str) -> float | None:
    mine = rows[rows.source == source]
    return float(mine.money.astype(float).sum()) if len(mine) else None


def _days(source: SourceDays) -> int:
    return max(1, (source.last_day - source.first_day).days + 1)


_MONEY = {"orders": "orders", "lines": "order_lines"}
_APART = """select distinct source from files where "table" = 'order_lines' and not carries_orders"""
_NO_ROWS = """
select cast(null as integer) as file_no, cast(null as bigint) as row_no, cast(null as varchar) as kind,
  cast(null as decimal(18, 2)) as amount
where false
"""
_NO_ORDERS = """
select cast(null as varchar) as source, cast(null as varchar) as key_source, cast(null as varchar) as holder,
  cast(null as varchar) as customer_key, cast(null as varchar) as kind, cast(null as decimal(18, 2)) as amount,
  false as carries_orders
where false
"""
