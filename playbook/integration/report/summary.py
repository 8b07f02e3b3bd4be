"""The account of the room: what the notebook and the report show of what came in."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.tables.engine import Table

HERE = Path(__file__).parent
#: Columns that only few rows can fill: a gap in them is none.
RARELY_FILLED = ("related_order_id", "discount", "cost")
_FULL = 0.9995  # what a reader sees as 100.0 %
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


def views(record_orders: Table, customers: Table) -> pd.DataFrame:
    """One row per system whose numbers orders came under, its numbers counted, and one (source null) for all, linked:
    customers, orders, revenue, and both per customer."""
    given = {"record_orders": record_orders, "customers": customers}
    return record_orders.engine.run(HERE / "views.sql", **given).df()


def anonymous(orders: Table) -> pd.DataFrame:
    """One row per source: orders and revenue, and the part without a known customer."""
    return orders.engine.run(HERE / "anonymous.sql", orders=orders).df()


def first_seen(orders: Table, customers: Table) -> pd.DataFrame:
    """One row per month: customers who placed their first order in it, internal ones left out."""
    return orders.engine.run(HERE / "first_seen.sql", orders=orders, customers=customers).df()


def books(reconciliation: pd.DataFrame) -> Books | None:
    """Our net revenue beside finance's, where they gave any; else None."""
    given = reconciliation.dropna(subset=["control_net"])
    if given.empty:
        return None
    return Books(float(given["net"].sum()), float(given["control_net"].sum()), given["month"].nunique())


def least_filled(quality: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The columns with most gaps or invalid values, worst first."""
    expected = quality[~quality["column"].isin(RARELY_FILLED)]
    lacking = expected[(expected["completeness"] < _FULL) | (expected["validity"] < _FULL)]
    worst = lacking.sort_values(["completeness", "validity", "source", "table", "column"]).head(most)
    return worst[["source", "table", "column", "completeness", "validity"]]
