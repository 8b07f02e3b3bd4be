"""Forecasts without a model of customers: same as last year, average rate, and gradient boosting in two parts."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from playbook import rfm
from playbook.ltv.inputs import HERE, Inputs, inputs
from playbook.tables.engine import Table

#: A rate is not read off less than so many days.
LEAST_DAYS = 30
#: Customers and buyers without which nothing can be learnt.
LEAST_CUSTOMERS, LEAST_BUYERS = 200, 50
RECENT = (30, 90, 180)


class Seen(NamedTuple):
    """What a forecast may see: all tables up to `found.until`; and how many days ahead it is to look."""

    orders: Table
    customers: Table
    found: Inputs
    days: int
    first: date


def naive(seen: Seen) -> dict[str, pd.DataFrame]:
    """`last_period`: as in the same number of days before; `average_rate`: purchases per day so far at mean value."""
    return {"last_period": window(seen, seen.found, days=seen.days), "average_rate": _average_rate(seen)}


def boosted(seen: Seen) -> dict[str, pd.DataFrame]:
    """`boosting`: will they buy, and how much if so, learnt one period earlier. Empty if the history is too short."""
    earlier = seen.found.until - timedelta(days=seen.days)
    if (earlier - seen.first).days < LEAST_DAYS:
        return {}
    before = inputs(seen.orders, seen.customers, until=earlier, unit="days")
    label = window(seen, before, since=earlier, until=seen.found.until)
    if len(label) < LEAST_CUSTOMERS or (label.purchases > 0).sum() < LEAST_BUYERS:
        return {}
    now = seen.found
    return {"boosting": _learnt(_features(seen, before), label, _features(seen, now), now.customer_id)}


def window(seen: Seen, found: Inputs, *, days: int | None = None, since=None, until=None) -> pd.DataFrame:
    """Purchases and sales of these customers in a window: the last `days`, or after `since` up to `until`."""
    until = until or found.until
    params = {"since": since or until - timedelta(days=days), "until": until}
    counted = rfm.counted(seen.orders, as_of=until)
    frame = seen.orders.engine.run(HERE / "actual.sql", params=params, counted=counted).df()
    return frame.set_index("customer_id").reindex(found.customer_id, fill_value=0).astype(float)


def _average_rate(seen):
    found = seen.found
    bought = found.x + 1
    rate = bought / np.maximum(found.T * found.unit_days, LEAST_DAYS)
    mean = (found.first_value + found.x * found.mean_value) / bought
    purchases = rate * seen.days
    return pd.DataFrame({"purchases": purchases, "value": purchases * mean}, index=found.customer_id)


def _features(seen, found):
    """Columns known on the day of `found.until`; days throughout."""
    unit = found.unit_days
    own = np.column_stack([found.x, found.t_x * unit, found.T * unit, (found.T - found.t_x) * unit])
    money = np.column_stack([found.mean_value, found.first_value])
    recent = [window(seen, found, days=days).to_numpy() for days in RECENT]
    return np.column_stack([own, money, *recent])


def _learnt(before, label, now, ids):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    settings = {"max_iter": 120, "learning_rate": 0.06, "max_leaf_nodes": 15, "min_samples_leaf": 30, "random_state": 0}
    buys = label.purchases.to_numpy() > 0
    with threadpool_limits(1):
        will = HistGradientBoostingClassifier(**settings).fit(before, buys)
        chance = will.predict_proba(now)[:, 1] if len(will.classes_) > 1 else np.full(len(now), float(buys[0]))
        much = {
            name: HistGradientBoostingRegressor(**settings).fit(before[buys], label[name].to_numpy()[buys]).predict(now)
            for name in label
        }
    return pd.DataFrame({name: chance * np.maximum(values, 0) for name, values in much.items()}, index=ids)
