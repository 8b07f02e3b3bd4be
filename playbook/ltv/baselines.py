"""Forecasts without a model of customers, beside the same as last period: average rate, and boosting in two parts."""

from datetime import timedelta

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from playbook.ltv.histories import Histories, customer_histories, outcomes
from playbook.tables.engine import Table
from playbook.tables.purchases import purchases

#: A rate is not read off less than so many days.
LEAST_DAYS = 30
#: Customers and buyers without which nothing can be learnt.
LEAST_CUSTOMERS, LEAST_BUYERS = 200, 50
RECENT = (30, 90, 180)
BOOSTING = {"max_iter": 120, "learning_rate": 0.06, "max_leaf_nodes": 15, "min_samples_leaf": 30, "random_state": 0}


def average_rate(history: Histories, days: int) -> pd.DataFrame:
    """Purchases per day so far, at their mean value: `purchases` and `value` over `days`, a row per customer."""
    count = history.frequency + 1
    rate = count / np.maximum(history.T * history.unit_days, LEAST_DAYS)
    mean = (history.first_value + history.frequency * history.monetary) / count
    return pd.DataFrame({"purchases": rate * days, "value": rate * days * mean}, index=history.customer_id)


def boosting(history: Histories, past: Table, orders: Table, customers: Table, days: int) -> dict[str, pd.DataFrame]:
    """`boosting`: will they buy, and how much if so, learnt one period earlier. Empty if the history is too short.

    `past` are the purchases up to the day of `history`.
    """
    earlier = history.as_of - timedelta(days=days)
    if (earlier - history.first_day).days < LEAST_DAYS:
        return {}
    past_then = purchases(orders, customers, as_of=earlier).materialise()
    then = customer_histories(past_then, as_of=earlier, unit="days")
    label = outcomes(past, then.customer_id, since=earlier, until=history.as_of)
    if len(label) < LEAST_CUSTOMERS or (label.purchases > 0).sum() < LEAST_BUYERS:
        return {}
    forecast = _boosted(_features(then, past_then), label, _features(history, past))
    return {"boosting": pd.DataFrame(forecast, index=history.customer_id)}


def _features(history, past):
    """Columns known on the day of the history; days throughout."""
    frequency, recency, T = history.history
    times = [time * history.unit_days for time in (recency, T, T - recency)]
    recent = [
        outcomes(past, history.customer_id, since=history.as_of - timedelta(days=days), until=history.as_of)
        for days in RECENT
    ]
    return np.column_stack([frequency, *times, history.monetary, history.first_value, *recent])


def _boosted(before, label, now):
    """The probability of buying at all times what buyers buy, by column of the label."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    buys = label.purchases.to_numpy() > 0
    with threadpool_limits(1):
        classifier = HistGradientBoostingClassifier(**BOOSTING).fit(before, buys)
        chance = (
            classifier.predict_proba(now)[:, -1] if len(classifier.classes_) > 1 else np.full(len(now), float(buys[0]))
        )
        amounts = {
            name: HistGradientBoostingRegressor(**BOOSTING).fit(before[buys], label[name].to_numpy()[buys]).predict(now)
            for name in label
        }
    return {name: chance * np.maximum(amount, 0) for name, amount in amounts.items()}
