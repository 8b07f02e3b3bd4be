"""What the reader must know before trusting a number: each warning is a key of `text/`, with its values."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.ingest.as_of import AsOf
from playbook.tables.engine import Engine, Table

#: Above this share of a source's net, a difference to finance's books is said aloud.
TOLERATED_DIFFERENCE = 0.005


class Flag(NamedTuple):
    """A warning: its text key and its values."""

    key: str
    values: dict[str, Any]


def source_flags(as_of: AsOf) -> Iterator[Flag]:
    """Sources that fell silent, a last day that looks cut off, and a day that no source reaches."""
    newest = max(source.last_day for source in as_of.sources)
    if as_of.day > newest:
        said = {"as_of": as_of.day, "last_day": newest, "days": (as_of.day - newest).days}
        yield Flag("integration.flag.beyond", said)
    for source in as_of.sources:
        if not source.is_active:
            yield Flag("integration.flag.silent", {"source": source.source, "last_day": source.last_day})
        elif source.last_day == as_of.day and not source.looks_complete:
            yield Flag("integration.flag.incomplete_day", {"source": source.source, "last_day": source.last_day})
        elif source.last_day < min(as_of.day, newest):
            yield Flag("integration.flag.behind", {"source": source.source, "last_day": source.last_day})


def trusted_flags(trusted: tuple[str, ...], known: list[str]) -> Iterator[Flag]:
    """Sources whose values are to survive, and which are none."""
    for source in trusted:
        if source not in known:
            yield Flag("integration.flag.unknown_trusted", {"source": source, "known": ", ".join(known)})


def identical_flags(identical: pd.DataFrame) -> Iterator[Flag]:
    """Identical rows that were kept, with the money they carry."""
    for row in identical.itertuples():
        values = {"file": row.file, "rows": int(row.rows)}
        has_money = not pd.isna(row.money)
        money = {"money": row.money} if has_money else {}
        yield Flag(f"integration.flag.identical{'_money' if has_money else ''}", values | money)


def revenue_flags(reconciliation: pd.DataFrame) -> Iterator[Flag]:
    """Differences to what finance booked, by source."""
    booked = reconciliation.dropna(subset=["control_net"])
    for source, rows in booked.groupby("source"):
        difference, control = float(rows.difference.abs().sum()), float(rows.control_net.abs().sum())
        if difference > TOLERATED_DIFFERENCE * control:
            values = {"source": source, "difference": difference, "share": difference / control if control else 1.0}
            yield Flag("integration.flag.difference", values)


def change_flags(changes: pd.DataFrame, *, most: int = 5) -> Iterator[Flag]:
    """What is different from the last run: each kind of change in each declaration, with what it befell."""
    for (source, table, file, change), mine in changes.groupby(["source", "table", "file", "change"], sort=False):
        names = ", ".join(mine["name"].head(most)) + (f", … ({len(mine)})" if len(mine) > most else "")
        said = {"source": source, "table": table, "file": file, "names": names, "count": len(mine)}
        sides = {side: _told(mine[side], change) for side in ("before", "now")}
        yield Flag(f"integration.change.{change}", said | sides)


def _told(values: pd.Series, change: str) -> str | float | None:
    """How it was, or is: the sum over all months, the words for the first column."""
    return float(values.astype(float).sum()) if change.endswith(("rows", "money")) else values.iloc[0]


def order_flags(engine: Engine, orders: Table, lines: Table) -> Iterator[Flag]:
    """Orders whose lines sum to something else, and purchases of nothing."""
    differing, difference = engine.sql(_HEADERS, orders=orders, lines=lines).rows()[0]
    if differing:
        yield Flag("integration.flag.header_differs", {"orders": differing, "difference": float(difference)})
    free_lines = engine.sql("select count(*) from l where price = 0", l=lines).scalar()
    if free_lines:
        yield Flag("integration.flag.free_lines", {"lines": free_lines})
    free = engine.sql("select count(*) from o where kind = 'purchase' and amount = 0", o=orders).scalar()
    if free:
        yield Flag("integration.flag.free", {"orders": free})


def row_flags(files: pd.DataFrame, *, most: float = 0.02) -> Iterator[Flag]:
    """Files of which more than a small share went to the quarantine."""
    for file in files.itertuples():
        share = file.quarantined / file.rows if file.rows else 0.0
        if share > most:
            yield Flag(
                "integration.flag.quarantine", {"file": file.file, "rows": int(file.quarantined), "share": share}
            )


def internal_flag(proposed: Table) -> Iterator[Flag]:
    """Customers who buy like nobody buys for themselves, and the money they carry."""
    customers, orders, amount = proposed.engine.sql(_PROPOSED, proposed=proposed).rows()[0]
    if customers:
        values = {"customers": customers, "orders": orders, "money": float(amount)}
        yield Flag("integration.flag.proposed_internal", values)


def later_flag(counts: pd.DataFrame, as_of: date) -> Iterator[Flag]:
    """Rows after the as-of date, kept for later."""
    later = int(counts.loc[counts.fate == "later", "rows"].sum())
    if later:
        yield Flag("integration.flag.later", {"rows": later, "as_of": as_of})


_PROPOSED = """
with each_once as (select customer_id, max(orders) as orders, max(amount) as amount from proposed group by customer_id)
select count(*), coalesce(sum(orders), 0), coalesce(sum(amount), 0) from each_once
"""
_HEADERS = """
with summed as (select order_id, sum(amount) as amount from lines group by order_id having count(amount) = count(*))
select count(*), sum(abs(o.amount - s.amount))
from orders as o
join summed as s on s.order_id = o.order_id
where abs(o.amount - s.amount) >= 0.01
"""
