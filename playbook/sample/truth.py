"""The truth beside the exports: people, identities, clean orders and the true effect of each campaign."""

from pathlib import Path

import numpy as np
import pandas as pd

from playbook.sample.exports import Retailer
from playbook.sample.purchases import mean_spend
from playbook.sample.seasons import midnights

TYPES = {
    "joined_on": "DATE",
    "dropped_out_on": "DATE",
    "ordered_at": "TIMESTAMP",
    "amount": "DECIMAL(18, 2)",
    "mean_spend": "DECIMAL(18, 2)",
}


def write_truth(folder: Path, r: Retailer, effects: pd.DataFrame, lift: float, lost: list[str]) -> None:
    """Write `customers`, `identities`, `orders` and `campaign_effects` as Parquet into the folder."""
    import duckdb

    records = r.records.sort_values(["source", "source_key"]).assign(person=lambda rows: _names(rows.holder))
    tables = {
        "customers": _customers(r, lift),
        "identities": records[["source", "source_key", "person", "linkable"]],
        "orders": _orders(r, lost),
        "campaign_effects": effects.assign(person=_names(effects.person)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"threads": 1}) as con:
        for name, table in tables.items():
            types = [f'"{column}"::{TYPES[column]} AS "{column}"' for column in table if column in TYPES]
            con.register("table_", table)
            con.sql(f"SELECT * REPLACE ({', '.join(types)}) FROM table_" if types else "FROM table_").write_parquet(
                str(folder / f"{name}.parquet")
            )


def _customers(r, lift):
    """One row per person; `dropped_out_on` is null for who still bought at the end, and for who never bought."""
    people = r.people
    left = people.dropped_out < r.horizon.all_days
    dropped_out = pd.Series(midnights(r.horizon, people.dropped_out.where(left, 0)), index=people.index)
    return pd.DataFrame(
        {
            "person": _names(people.index),
            "segment": people.segment,
            "is_internal": people.is_internal,
            "is_core": people.is_core,
            "joined_on": midnights(r.horizon, people.joined),
            "orders_per_year": people.orders_per_year.round(6),
            "dropped_out_on": dropped_out.where(left),
            "mean_spend": mean_spend(people.log_spend, people.is_core, lift).round(2),
        }
    )


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
