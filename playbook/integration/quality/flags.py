"""What the reader must know before trusting a number: each warning is a `Message`."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date

import pandas as pd

from playbook.integration.ingest.as_of import AsOf
from playbook.report.message import Message
from playbook.tables.engine import Table

#: Above this share of a source's net, a difference to finance's books is a warning.
TOLERATED_DIFFERENCE = 0.005
#: Files of which more than this share went to the quarantine are named.
TOLERATED_QUARANTINE = 0.02
#: Names that a change lists.
_NAMES = 5


def source_flags(as_of: AsOf) -> Iterator[Message]:
    """Sources that fell silent, a last day that looks cut off, and a day that no source reaches."""
    newest = max(source.last_day for source in as_of.sources)
    if as_of.day > newest:
        values = {"as_of": as_of.day, "last_day": newest, "days": (as_of.day - newest).days}
        yield Message("integration.flag.beyond", values)
    for source in as_of.sources:
        values = {"source": source.source, "last_day": source.last_day}
        if not source.is_active:
            yield Message("integration.flag.silent", values)
        elif source.last_day == as_of.day and not source.looks_complete:
            yield Message("integration.flag.incomplete_day", values)
        elif source.last_day < min(as_of.day, newest):
            yield Message("integration.flag.behind", values)


def change_flags(changes: pd.DataFrame) -> Iterator[Message]:
    """What is different from the last run: each kind of change in each declaration, with what it befell; how it was,
    and is: the sum over all months of rows and money, the words for the first column of others."""
    for (source, table, file, change), mine in changes.groupby(["source", "table", "file", "change"], sort=False):
        names = ", ".join(mine["name"].head(_NAMES)) + (f", … ({len(mine)})" if len(mine) > _NAMES else "")
        values = {"source": source, "table": table, "file": file, "names": names, "count": len(mine)}
        for side in ("before", "now"):
            is_sum = change.endswith(("rows", "money"))
            values[side] = float(mine[side].astype(float).sum()) if is_sum else mine[side].iloc[0]
        yield Message(f"integration.change.{change}", values)


def row_flags(files: pd.DataFrame, identical: pd.DataFrame, as_of: date) -> Iterator[Message]:
    """Rows after the as-of date, files of which more than a small share went to the quarantine, and identical rows
    that were kept, with the money they carry."""
    if later := int(files["future_dated"].sum()):
        yield Message("integration.flag.later", {"rows": later, "as_of": as_of})
    for file in files.itertuples():
        share = file.quarantined / file.rows if file.rows else 0.0
        if share > TOLERATED_QUARANTINE:
            values = {"file": file.file, "rows": int(file.quarantined), "share": share}
            yield Message("integration.flag.quarantine", values)
    for row in identical.itertuples():
        values = {"file": row.file, "rows": int(row.rows)}
        if pd.isna(row.money):
            yield Message("integration.flag.identical", values)
        else:
            yield Message("integration.flag.identical_money", values | {"money": row.money})


def order_flags(orders: Table, lines: Table) -> Iterator[Message]:
    """Orders whose lines sum to something else, and purchases of nothing."""
    differing, difference = orders.engine.sql(_HEADERS, orders=orders, lines=lines).rows()[0]
    if differing:
        yield Message("integration.flag.header_differs", {"orders": differing, "difference": float(difference)})
    if free_lines := lines.engine.sql("select count(*) from l where price = 0", l=lines).scalar():
        yield Message("integration.flag.free_lines", {"lines": free_lines})
    free = orders.engine.sql("select count(*) from o where kind = 'purchase' and amount = 0", o=orders).scalar()
    if free:
        yield Message("integration.flag.free", {"orders": free})


def revenue_flags(reconciliation: pd.DataFrame) -> Iterator[Message]:
    """Differences to what finance booked, by source."""
    for source, rows in reconciliation.dropna(subset=["control_net"]).groupby("source"):
        difference, control = float(rows.difference.abs().sum()), float(rows.control_net.abs().sum())
        if difference > TOLERATED_DIFFERENCE * control:
            values = {"source": source, "difference": difference, "share": difference / control if control else 1.0}
            yield Message("integration.flag.difference", values)


def customer_flags(proposed: Table, trusted: Iterable[str], sources: Collection[str]) -> Iterator[Message]:
    """Customers who buy like nobody buys for themselves, with the money they carry; and sources whose values are to
    survive (`trusted`), and which are none."""
    customers, orders, amount = proposed.engine.sql(_PROPOSED, proposed=proposed).rows()[0]
    if customers:
        values = {"customers": customers, "orders": orders, "money": float(amount)}
        yield Message("integration.flag.proposed_internal", values)
    for source in trusted:
        if source not in sources:
            values = {"source": source, "known": ", ".join(sorted(sources))}
            yield Message("integration.flag.unknown_trusted", values)


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
