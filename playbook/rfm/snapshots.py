"""Snapshots: how often, how much and how lately each customer had bought by each of many days, as running sums."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from playbook.tables.engine import Table

HERE = Path(__file__).parent

#: Rows that are handed to the engine at once: what bounds the memory beside it.
ROWS = 12_000_000
EPOCH = date(1970, 1, 1).toordinal()
#: A day after every other: when an order has not come yet.
_NEVER = np.int32(np.iinfo(np.int32).max)


def snapshots(purchases: Table, customers: Table, *, ends: list[date], window_days: int) -> Table:
    """One row per customer and day of `ends`, in the order of day and customer_id.

    Columns: day (since 1970), customer_id, is_internal, frequency, cents (both in the window), orders_ever, first_day
    and last_day (of purchases; without meaning where orders_ever is 0). A customer is there from the day they
    registered or first ordered. In numpy, because a window function over these rows takes several times as long
    (docs/decisions/0005).
    """
    engine = purchases.engine
    text = "select customer_id, day, kind, amount from purchases where day <= $end"
    bought = engine.sql(text, params={"end": ends[-1]}, purchases=purchases).materialise()
    numbered = engine.run(HERE / "numbered_customers.sql", purchases=bought, customers=customers).materialise()
    rows = engine.run(HERE / "numbered_purchases.sql", purchases=bought, numbered=numbered).df()
    everyone = numbered.df().sort_values("no", ignore_index=True)
    names = pd.CategoricalDtype(everyone["customer_id"], ordered=True)  # as a category each name is stored once
    frames = _running_sums(rows, everyone, np.array([end.toordinal() - EPOCH for end in ends]), window_days)
    parts = []
    while batch := list(islice(frames, max(1, ROWS // max(len(everyone), 1)))):
        frame = pd.concat(batch, ignore_index=True)
        frame["customer_id"] = pd.Categorical.from_codes(frame.pop("no"), dtype=names, validate=False)
        parts.append(engine.frame(frame).name)
    select = "select * replace (cast(customer_id as varchar) as customer_id) from"
    return engine.sql("\nunion all\n".join(f"{select} {part}" for part in parts))


def _running_sums(rows: pd.DataFrame, everyone: pd.DataFrame, days: np.ndarray, window: int) -> Iterator[pd.DataFrame]:
    """For each day, one row per customer who is there by then, by number. An order enters the window on one of the days
    and leaves it on a later one, so nothing is added up twice; the sums are whole numbers, exact in any order."""
    no, day, purchases, cents = (rows[name].to_numpy() for name in ("no", "day", "purchases", "cents"))
    frequency, ever = (np.zeros(len(everyone), np.int32) for _ in range(2))
    money = np.zeros(len(everyone), np.int64)
    first, last = np.full(len(everyone), _NEVER), np.full(len(everyone), -_NEVER)
    since, internal = _since(rows, everyone, days), everyone["is_internal"].to_numpy()
    entries, exits = ([0, *np.searchsorted(day, limits, side="right")] for limits in (days, days - window))
    for step, today in enumerate(days):
        come, gone = (slice(places[step], places[step + 1]) for places in (entries, exits))
        for total, change in ((frequency, purchases), (money, cents)):
            np.add.at(total, no[come], change[come])
            np.subtract.at(total, no[gone], change[gone])
        np.add.at(ever, no[come], purchases[come])
        bought = purchases[come] == 1
        np.minimum.at(first, no[come][bought], day[come][bought])
        np.maximum.at(last, no[come][bought], day[come][bought])
        there = np.flatnonzero(since <= step).astype(np.int32)
        columns = {"is_internal": internal, "frequency": frequency, "cents": money, "orders_ever": ever}
        columns |= {"first_day": first, "last_day": last}
        yield pd.DataFrame(
            {"day": np.full(len(there), today, np.int32), "no": there}
            | {name: values[there] for name, values in columns.items()},
            copy=False,
        )


def _since(rows: pd.DataFrame, everyone: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """The place of the first day on which each customer is there; without any date it is the last."""
    ordered = np.full(len(everyone), _NEVER)
    np.minimum.at(ordered, rows["no"].to_numpy(), rows["day"].to_numpy())
    registered = everyone["registered_day"].fillna(_NEVER).to_numpy(np.int64)
    return np.minimum(np.searchsorted(days, np.minimum(ordered, registered)), len(days) - 1)
