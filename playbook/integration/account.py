"""The account of the room: what the notebook and the report show of what came in."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.engine import Table

HERE = Path(__file__).parent
#: Columns that only few rows can fill: a gap in them is none.
RARELY_FILLED = ("related_order_id", "discount", "cost")
FATES = ("accepted", "quarantined", "repeated", "later", "excluded")


class Linkage(NamedTuple):
    """Records and what became of them: customers, and those known to more than one system or under several numbers."""

    records: int
    customers: int
    sources: int
    in_several_sources: int
    largest: int


class Books(NamedTuple):
    """Net revenue where finance gave totals: ours, theirs, the months compared, and the share by which they differ."""

    net: float
    booked: float
    months: int

    @property
    def difference(self) -> float:
        """Ours less theirs."""
        return self.net - self.booked

    @property
    def share(self) -> float:
        """The difference as a share of what finance booked, without its sign."""
        return abs(self.difference) / abs(self.booked) if self.booked else 0.0


def rows_by_fate(files: pd.DataFrame) -> dict[str, int]:
    """How many rows came in, and what became of them."""
    return {name: int(files[name].sum()) for name in ("rows", *FATES)}


def reasons(quarantine: pd.DataFrame) -> pd.DataFrame:
    """One row per reason: values rejected, rows_lost (the whole row went), files it occurred in."""
    grouped = quarantine.groupby("reason")
    found = grouped.agg(values=("row", "size"), rows_kept=("kept", "sum"), files=("file", "nunique")).reset_index()
    found["rows_lost"] = found["values"] - found["rows_kept"].astype(int)
    return found.sort_values(["values", "reason"], ascending=[False, True])[["reason", "values", "rows_lost", "files"]]


def repairs(found: pd.DataFrame) -> pd.DataFrame:
    """One row per kind of repair: values repaired, columns and files it occurred in."""
    grouped = found.groupby("repair")
    summed = grouped.agg(values=("values", "sum"), columns=("column", "nunique"), files=("file", "nunique"))
    return summed.reset_index().sort_values(["values", "repair"], ascending=[False, True])


def linkage(identities: pd.DataFrame) -> Linkage:
    """How many records became how many customers."""
    by_customer = identities.groupby("customer_id")
    several = int((by_customer["source"].nunique() > 1).sum())
    sizes = by_customer.size()
    return Linkage(len(identities), len(sizes), identities["source"].nunique(), several, int(sizes.max() or 0))


def rules(identities: pd.DataFrame) -> pd.DataFrame:
    """One row per rule that tied a record to its customer: records, customers."""
    grouped = identities.groupby("rule").agg(records=("source_key", "size"), customers=("customer_id", "nunique"))
    return grouped.reset_index().sort_values(["records", "rule"], ascending=[False, True])


def most_seen(identities: pd.DataFrame, orders: Table) -> pd.DataFrame:
    """The records of the customer whom most systems know, and of those, who ordered most.

    Columns: source, source_key, rule, orders (in that source).
    """
    counts = orders.engine.sql(_COUNTS, orders=orders).df()
    known = identities.groupby("customer_id").agg(sources=("source", "nunique"), records=("source_key", "size"))
    known = known.join(counts.groupby("customer_id")["orders"].sum()).reset_index()
    keys = ["sources", "records", "orders", "customer_id"]
    chosen = known.sort_values(keys, ascending=[False, False, False, True])["customer_id"].head(1)
    return identities[identities["customer_id"].isin(chosen)].merge(counts, how="left", on=["customer_id", "source"])


def views(orders: Table) -> pd.DataFrame:
    """One row per source, and one (source null) for all together: customers, orders, revenue, and both per customer."""
    return orders.engine.run(HERE / "views.sql", orders=orders).df()


def anonymous(orders: Table) -> pd.DataFrame:
    """One row per source: orders and revenue, and the part without a known customer."""
    return orders.engine.run(HERE / "anonymous.sql", orders=orders).df()


def first_seen(orders: Table) -> pd.DataFrame:
    """One row per month: customers who placed their first order in it."""
    return orders.engine.run(HERE / "first_seen.sql", orders=orders).df()


def books(reconciliation: pd.DataFrame) -> Books | None:
    """Our net revenue beside finance's, where they gave any; else None."""
    given = reconciliation.dropna(subset=["control_net"])
    return Books(float(given["net"].sum()), float(given["control_net"].sum()), len(given)) if len(given) else None


def least_filled(quality: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The columns with most gaps or invalid values, worst first."""
    expected = quality[~quality["column"].isin(RARELY_FILLED)]
    lacking = expected[(expected["completeness"] < 1) | (expected["validity"] < 1)]
    worst = lacking.sort_values(["completeness", "validity", "source", "table", "column"]).head(most)
    return worst[["source", "table", "column", "completeness", "validity"]]


_COUNTS = """
select customer_id, source, count(*) as orders
from orders
where customer_id is not null and kind in ('purchase', 'redemption')
group by customer_id, source
"""
