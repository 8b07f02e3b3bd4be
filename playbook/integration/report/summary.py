"""The summary of the room: what the notebook and the report show of what came in."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.integration.ingest.row_status import STATUSES
from playbook.integration.quality.completeness import RARELY_FILLED
from playbook.tables.engine import Table

HERE = Path(__file__).parent
_FULL = 0.9995  # what a reader sees as 100.0 %


class Linkage(NamedTuple):
    """Records and what became of them: customers, and those known to more than one system or under several numbers."""

    records: int
    customers: int
    sources: int
    in_several_sources: int
    largest: int


class Books(NamedTuple):
    """Net revenue where finance gave totals: ours, theirs, the months compared, ours less theirs, and the share by
    which they differ, without its sign."""

    net: float
    booked: float
    months: int
    difference: float
    share: float


def rows_by_status(files: pd.DataFrame) -> dict[str, int]:
    """How many rows came in, and what became of them."""
    return {name: int(files[name].sum()) for name in ("rows", *STATUSES)}


def reasons(quarantine: pd.DataFrame) -> pd.DataFrame:
    """One row per reason: values rejected, rows_lost (the whole row went), files it occurred in."""
    counts = {"values": ("row", "size"), "rows_kept": ("kept", "sum"), "files": ("file", "nunique")}
    grouped = quarantine.groupby("reason").agg(**counts).reset_index()
    grouped["rows_lost"] = grouped["values"] - grouped["rows_kept"].astype(int)
    ordered = grouped.sort_values(["values", "reason"], ascending=[False, True])
    return ordered[["reason", "values", "rows_lost", "files"]]


def repairs(repaired: pd.DataFrame) -> pd.DataFrame:
    """One row per kind of repair: values repaired, columns and files it occurred in."""
    counts = {"values": ("values", "sum"), "columns": ("column", "nunique"), "files": ("file", "nunique")}
    grouped = repaired.groupby("repair").agg(**counts).reset_index()
    return grouped.sort_values(["values", "repair"], ascending=[False, True])


def linkage(identities: pd.DataFrame) -> Linkage:
    """How many records became how many customers."""
    by_customer = identities.groupby("customer_id")
    several = int((by_customer["source"].nunique() > 1).sum())
    sizes = by_customer.size()
    return Linkage(len(identities), len(sizes), identities["source"].nunique(), several, int(sizes.max() or 0))


def views(record_orders: Table, customers: Table) -> pd.DataFrame:
    """One row per system whose numbers orders came under, its numbers counted, and one (source null) for all, linked:
    customers, orders, revenue, and both per customer."""
    tables = {"record_orders": record_orders, "customers": customers}
    return record_orders.engine.run(HERE / "views.sql", **tables).df()


def anonymous(orders: Table) -> pd.DataFrame:
    """One row per source: orders and revenue, and the part without a known customer."""
    return orders.engine.run(HERE / "anonymous.sql", orders=orders).df()


def first_seen(orders: Table, customers: Table) -> pd.DataFrame:
    """One row per month: customers who placed their first order in it, internal ones left out."""
    return orders.engine.run(HERE / "first_seen.sql", orders=orders, customers=customers).df()


def books(reconciliation: pd.DataFrame) -> Books | None:
    """Our net revenue beside finance's, where they gave any; else None."""
    compared = reconciliation.dropna(subset=["control_net"])
    if compared.empty:
        return None
    net, booked = float(compared["net"].sum()), float(compared["control_net"].sum())
    share = abs(net - booked) / abs(booked) if booked else 0.0
    return Books(net, booked, compared["month"].nunique(), net - booked, share)


def least_filled(quality: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The columns with most gaps or invalid values, worst first."""
    expected = quality[~quality["column"].isin(RARELY_FILLED)]
    lacking = expected[(expected["completeness"] < _FULL) | (expected["validity"] < _FULL)]
    worst = lacking.sort_values(["completeness", "validity", "source", "table", "column"]).head(most)
    return worst[["source", "table", "column", "completeness", "validity"]]
