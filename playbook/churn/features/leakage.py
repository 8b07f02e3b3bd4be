"""The guard against leakage: a feature that knows more than its day could know is refused, by name."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from playbook.churn.features.customer_features import KEYS
from playbook.churn.features.point_in_time import Tables, snapshot, with_defaults

#: Makes features from tables: `make(tables, origins=[...])` -> a frame with origin, customer_id and one column each.
Make = Callable[..., pd.DataFrame]


class LeakError(ValueError):
    """A feature looks past its origin; `feature` and `origin` name it."""

    def __init__(self, feature: str, origin: date, customers: int):
        super().__init__(
            f"the feature '{feature}' looks past {origin}: for {customers:,} customer(s) it changes when everything"
            f" after that day is taken away. Compute it from rows up to the origin only, or leave it out."
        )
        self.feature, self.origin = feature, origin


def guard(make: Make, tables: Tables, *, origins: Sequence[date]) -> pd.DataFrame:
    """The features that `make` gives, after each origin has been made again from tables that end on that day.

    Raises `LeakError` for the first feature with another value then. What a table says of a customer without a date
    (points, level) is not known on a past day: it is empty in the snapshot of the tables, and so found out.
    """
    full, days = with_defaults(tables), sorted(origins)
    rows = _checked(make(full, origins=days))
    for place, origin in enumerate(days):
        then = _checked(make(snapshot(full, as_of=origin), origins=days[: place + 1]))
        _compare(_at(rows, origin), _at(then, origin), origin)
    return rows


def joined(frame: pd.DataFrame, make: Make, tables: Tables) -> pd.DataFrame:
    """`frame` (origin, customer_id, features) with the features of `make`, once the guard has let them pass."""
    extra = guard(make, tables, origins=[day.date() for day in sorted(frame.origin.unique())])
    if taken := sorted(set(extra) & set(frame) - set(KEYS)):
        raise ValueError(f"there already is a feature '{taken[0]}'; give the new one another name.")
    return frame.merge(extra.astype({"origin": frame.origin.dtype}), on=list(KEYS), how="left")


def all_time_orders(tables: Tables, *, origins: Sequence[date]) -> pd.DataFrame:
    """The mistake everybody makes once: 'orders of this customer', joined from the customer file as it is today."""
    text = """select customer_id, cast(count(*) as double) as all_time_orders from orders
        where kind = 'purchase' and customer_id is not null group by customer_id"""
    today = tables["orders"].engine.sql(text, orders=tables["orders"]).df()
    parts = [today.assign(origin=pd.Timestamp(origin)) for origin in origins]
    return pd.concat(parts, ignore_index=True)[[*KEYS, "all_time_orders"]]


def same_values(a: pd.Series, b: pd.Series) -> pd.Series:
    """Where two columns of one index hold the same values; numbers within rounding, unknown equals unknown."""
    if a.dtype.kind in "fiub" and b.dtype.kind in "fiub":
        near = np.isclose(a.astype(float), b.astype(float), rtol=1e-9, atol=1e-12, equal_nan=True)
        return pd.Series(near, a.index)
    return (a == b) | (a.isna() & b.isna())


def _compare(now: pd.DataFrame, then: pd.DataFrame, origin: date) -> None:
    for name in now.columns:
        earlier = then[name] if name in then else pd.Series(np.nan, then.index)
        if changed := int((~same_values(*now[name].align(earlier, join="outer"))).sum()):
            raise LeakError(name, origin, changed)


def _checked(frame: pd.DataFrame) -> pd.DataFrame:
    if missing := [name for name in KEYS if name not in frame]:
        raise ValueError(
            f"features need the column(s) {missing}: one row per origin and customer; found {list(frame)}."
        )
    if frame.duplicated(list(KEYS)).any():
        raise ValueError("features have more than one row for an origin and customer; a join would add customers.")
    return frame.assign(origin=pd.to_datetime(frame.origin)).sort_values(list(KEYS), ignore_index=True)


def _at(frame: pd.DataFrame, origin: date) -> pd.DataFrame:
    return frame[frame.origin == pd.Timestamp(origin)].set_index("customer_id").drop(columns="origin")
