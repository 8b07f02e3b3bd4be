"""Signals: the two or three things that go with a customer's risk, each true of that customer, named by keys.

What goes with a risk is not its cause. Features that say the same thing make one signal, whose strength is the sum of
their contributions to the log odds of leaving, against customers who stayed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

MOST = 3
#: Log odds below which a signal is not worth a word: a tenth more odds of leaving.
LEAST_STRENGTH = 0.1
#: A fall worth a word, on the scale of the trends, which are logarithms: a quarter.
FELL = -0.3


class Ordinary(NamedTuple):
    """What is usual among customers who stayed: their mean contributions, quartiles and maxima of their features."""

    contributions: pd.Series
    low: pd.Series
    middle: pd.Series
    high: pd.Series
    most: pd.Series


#: Whether a signal is true of customers, from their features and what is usual.
Evident = Callable[[pd.DataFrame, Ordinary], pd.Series]


class Group(NamedTuple):
    """Features that say the same thing, by the beginning of their names, and the signals they may be named by: of
    those that are true of a customer the first one. `met` is something the customer met with, and no mere fading."""

    features: tuple[str, ...]
    signals: dict[str, Evident]
    met: bool = False


def above(start: str) -> Evident:
    """Above three quarters of ordinary customers; of windows, the first."""
    return lambda rows, usual: _first(rows, start) > _first(usual.high, start)


def below(start: str) -> Evident:
    """Below three quarters of ordinary customers."""
    return lambda rows, usual: _first(rows, start) < _first(usual.low, start)


def under_median(start: str) -> Evident:
    """Below half of ordinary customers."""
    return lambda rows, usual: _first(rows, start) < _first(usual.middle, start)


def any_of(*tests: Evident) -> Evident:
    """One of several is true."""
    return lambda rows, usual: pd.concat([test(rows, usual) for test in tests], axis=1).any(axis=1)


def _past_own_rhythm(rows, usual):
    ratio, days = _first(rows, "silence_ratio"), _first(rows, "recency_days")
    return (ratio > 1) | (ratio.isna() & (days > _first(usual.middle, "recency_days")))


def _fewer_than_before(rows, usual):
    """In any window but the shortest, which falls for nearly everybody at some time."""
    return (_all(rows, "orders_trend").iloc[:, 1:] < FELL).any(axis=1)


def _less_each_time(rows, usual):
    """The value fell further than the number of purchases did, in a time with purchases."""
    trends = _all(rows, "value_trend")
    fell = [
        (rows[name] < FELL) & (rows[name] < _first(rows, _orders(name)) + FELL) & _some(rows, name) for name in trends
    ]
    return pd.concat(fell, axis=1).any(axis=1) if fell else pd.Series(False, index=rows.index)


def _orders(name):
    return name.replace("value", "orders")


def _some(rows, name):
    return _first(rows, name.replace("_trend", "")) > 0


def _bought_once(rows, usual):
    return _first(rows, "orders_ever") == 1


def _left_app(rows, usual):
    """Seen in the app or on the site within the window, but not lately, or much less than before."""
    faded = above("event_days")(rows, usual) | (_first(rows, "event_trend") < 2 * FELL)
    return faded & (_first(rows, "event_days") < _first(usual.most, "event_days"))


def _first(found, start: str):
    """The first feature whose name begins so; unknown where there is none."""
    names = [name for name in (found if isinstance(found, pd.DataFrame) else found.index) if name.startswith(start)]
    if isinstance(found, pd.DataFrame):
        return found[names[0]] if names else pd.Series(np.nan, index=found.index)
    return found[names[0]] if names else np.nan


def _all(rows, start):
    return rows[[name for name in rows if name.startswith(start)]]


GROUPS = (
    Group(("recency_days", "silence_ratio", "p_alive"), {"silent": _past_own_rhythm}),
    Group(
        ("orders", "value", "gap_mean", "gap_longest", "expected_orders"),
        {
            "buys_less_often": _fewer_than_before,
            "spends_less": _less_each_time,
            "bought_once": _bought_once,
            "buys_seldom": any_of(under_median("orders_ever"), under_median("orders_3")),
            "spends_little": under_median("value_ever"),
        },
    ),
    Group(("event",), {"left_app": _left_app}),
    Group(("tenure",), {"new": below("tenure_days")}),
    Group(("gap_variation",), {"irregular": above("gap_variation")}),
    Group(("categories", "channels"), {"few_categories": under_median("categories")}),
    Group(("return",), {"returns_goods": above("return_share")}, met=True),
    Group(("discount_share",), {"on_discount": above("discount_share")}, met=True),
    Group(("service_contacts",), {"service_contacts": above("service_contacts")}, met=True),
    Group(("feedback",), {"low_feedback": any_of(below("feedback_last"), below("feedback_mean"))}, met=True),
    Group(("contract_days_left",), {"contract_ends_soon": under_median("contract_days_left")}, met=True),
    Group(
        ("contract_days", "contract_tenure", "contract_periods"), {"contract_new": under_median("contract_tenure_days")}
    ),
    Group(("contract_amount", "contract_units", "contracts_"), {"contract_small": under_median("contract_amount")}),
)
KEYS = tuple(key for group in GROUPS for key in group.signals)
MET = tuple(group.met for group in GROUPS for _ in group.signals)


def ordinary(model, stayed: pd.DataFrame) -> Ordinary:
    """What is usual, from the features of customers who stayed; `model` has `contributions(features)`."""
    quarters = stayed.quantile([0.25, 0.5, 0.75, 1.0])
    return Ordinary(model.contributions(stayed).mean(), *(quarters.iloc[n] for n in range(4)))


def flags(features: pd.DataFrame, usual: Ordinary) -> pd.DataFrame:
    """One row per customer, a column per signal: 1 where it is true, 0 where not, NaN where nothing is known of it."""
    known = {
        group.features: features[[n for n in features if _group_of(n) is group]].notna().any(axis=1) for group in GROUPS
    }
    columns = {
        key: evident(features, usual).astype(float).where(known[group.features])
        for group in GROUPS
        for key, evident in group.signals.items()
    }
    return pd.DataFrame(columns, index=features.index)


def strengths(features: pd.DataFrame, model, usual: Ordinary) -> pd.DataFrame:
    """One row per customer (the index of `features`), a column per signal: the log odds it adds, NaN where not true."""
    excess = model.contributions(features) - usual.contributions
    columns = {}
    for group in GROUPS:
        members = [name for name in excess if _group_of(name) is group]
        if not members:
            continue
        total, free = excess[members].sum(axis=1), pd.Series(True, index=features.index)
        for key, evident in group.signals.items():
            true = evident(features, usual) & free
            columns[key], free = total.where(true), free & ~true
    return pd.DataFrame(columns, index=features.index)


def _group_of(name: str) -> Group | None:
    """The group with the longest beginning that fits."""
    fitting = [(len(start), group) for group in GROUPS for start in group.features if name.startswith(start)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def signals(features: pd.DataFrame, model, usual: Ordinary, *, most: int = MOST) -> pd.Series:
    """For each customer the keys of at most `most` signals, the strongest first; equal ones in the order of `KEYS`.

    The last place is kept for what a customer met with, where something of that was: who leaves also buys less, is
    silent and stays out of the app, and these would leave no room for it.
    """
    found = strengths(features, model, usual).reindex(columns=list(KEYS))
    values = np.round(found.fillna(-np.inf).to_numpy(), 9)
    named = [_named(row, most) for row in values]
    return pd.Series(named, index=features.index, name="signals", dtype=object)


def _named(row: np.ndarray, most: int) -> list[str]:
    order = [k for k in np.argsort(-row, kind="stable") if row[k] >= LEAST_STRENGTH]
    kept, met = order[:most], [k for k in order if MET[k]]
    if met and len(order) > most and not any(MET[k] for k in kept):
        kept = [*kept[:-1], met[0]]
    return [KEYS[k] for k in kept]
