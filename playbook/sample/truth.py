"""The truth beside the exports: people, identities, clean orders and the true effect of each campaign."""

from pathlib import Path

import numpy as np
import pandas as pd

from playbook.sample.exports import Retailer
from playbook.sample.purchases import mean_spend
from playbook.sample.seasons import stamps


def write_truth(folder: Path, r: Retailer, effects: pd.DataFrame, lift: float, lost: list[str]) -> None:
    """Write `customers`, `identities`, `orders` and `campaign_effects` as Parquet into the folder."""
    tables = {
        "customers": _customers(r, lift),
        "identities": _identities(r),
        "orders": _orders(r, lost),
        "campaign_effects": effects.assign(person=_names(effects.person)),
    }
    for name, table in tables.items():
        _save(folder / f"{name}.parquet", table)


def _customers(r, lift):
    """One row per person; `dropped_out_on` is null for who still bought at the end, and for who never bought."""
    people = r.people
    left = people.dropped_out.where(people.dropped_out < r.horizon.all_days)
    return pd.DataFrame(
        {
            "person": _names(people.index),
            "segment": people.segment,
            "is_internal": people.is_internal,
            "is_core": people.is_core,
            "joined_on": _days(r, people.joined),
            "orders_per_year": people.orders_per_year.round(6),
            "dropped_out_on": _days(r, left),
            "mean_spend": mean_spend(people.log_spend, people.is_core, lift).round(2),
        }
    )


def _identities(r):
    """One row per record of a source that carries a key of its own."""
    records = r.records.sort_values(["source", "source_key"])
    return records[["source", "source_key"]].assign(person=_names(records.holder), linkable=records.linkable)


def _orders(r, lost):
    """One row per clean order; `readable` is false where the dirt leaves its row of no use."""
    orders = r.orders
    return pd.DataFrame(
        {
            "order_id": orders.order_id,
            "related_order_id": orders.related_order_id.replace("", None),
            "person": _names(orders.person),
            "ordered_at": orders["at"],
            "kind": orders.kind,
            "amount": orders.cents / 100,
            "channel": orders.channel,
            "source": orders.source,
            "readable": ~orders.order_id.isin(lost),
        }
    )


def _names(persons):
    return np.array([f"T{person:06d}" if person >= 0 else None for person in persons.tolist()], dtype=object)


def _days(r, moments):
    known = moments.notna().to_numpy()
    days = stamps(r.horizon, np.floor(moments.fillna(0)) * 86_400).astype("datetime64[D]")
    return pd.Series(np.where(known, days, np.datetime64("NaT")).astype("datetime64[s]"), index=moments.index)


def _save(path, table):
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    types = [f'"{name}"::{_TYPES[name]} AS "{name}"' if name in _TYPES else f'"{name}"' for name in table]
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("table_", table)
        con.sql(f"SELECT {', '.join(types)} FROM table_").write_parquet(str(path))


_TYPES = {
    "joined_on": "DATE",
    "dropped_out_on": "DATE",
    "ordered_at": "TIMESTAMP",
    "amount": "DECIMAL(18, 2)",
    "mean_spend": "DECIMAL(18, 2)",
}
