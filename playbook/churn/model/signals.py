"""Signals: the two or three things that go with a customer's risk, each true of that customer, named by keys.

What goes with a risk is not its cause. Features that say the same thing make one signal, whose strength is the sum of
their contributions to the log odds of leaving, against customers who stayed.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.model.estimators import contributions

MOST = 3
#: Log odds below which a signal is not worth a word: a tenth more odds of leaving.
LEAST_STRENGTH = 0.1
#: A fall worth a word, on the scale of the trends, which are logarithms: a quarter.
FELL = -0.3


class Group(NamedTuple):
    """Features that say the same thing, by the beginning of their names, and the signals they may be named by: of
    those that are true of a customer the first one. `met` is something the customer met with, and no mere fading."""

    features: tuple[str, ...]
    signals: tuple[str, ...]
    met: bool = False


GROUPS = (
    Group(("recency_days", "silence_ratio", "p_alive"), ("silent",)),
    Group(
        ("orders", "value", "gap_mean", "gap_longest", "expected_orders"),
        ("buys_less_often", "spends_less", "bought_once", "buys_seldom", "spends_little"),
    ),
    Group(("event",), ("left_app",)),
    Group(("tenure",), ("new",)),
    Group(("gap_variation",), ("irregular",)),
    Group(("categories", "channels"), ("few_categories",)),
    Group(("return",), ("returns_goods",), met=True),
    Group(("discount_share",), ("on_discount",), met=True),
    Group(("service_contacts",), ("service_contacts",), met=True),
    Group(("feedback",), ("low_feedback",), met=True),
    Group(("contract_days_left",), ("contract_ends_soon",), met=True),
    Group(("contract_days", "contract_tenure", "contract_periods"), ("contract_new",)),
    Group(("contract_amount", "contract_units", "contracts_"), ("contract_small",)),
)
KEYS = tuple(key for group in GROUPS for key in group.signals)
MET = tuple(group.met for group in GROUPS for _ in group.signals)
#: The features that signals are told by; of several windows, the first.
EVIDENCE = (
    "recency_days", "silence_ratio", "orders_ever", "orders_3", "value_ever", "event_days", "event_trend",
    "tenure_days", "gap_variation", "categories", "return_share", "discount_share", "service_contacts", "feedback_last",
    "feedback_mean", "contract_days_left", "contract_tenure_days", "contract_amount",
)  # fmt: skip


class Typical(NamedTuple):
    """What is usual among customers who stayed: their mean contributions, and a row per quartile of their features."""

    contributions: pd.Series
    quartiles: pd.DataFrame


def typical(model, stayed: pd.DataFrame) -> Typical:
    """What is usual, from the features of customers who stayed; `model` is a fitted `logistic()`."""
    quartiles = stayed.quantile([0.25, 0.5, 0.75, 1.0])
    return Typical(contributions(model, stayed).mean(), quartiles)


def signals(features: pd.DataFrame, model, usual: Typical, *, most: int = MOST) -> pd.Series:
    """For each customer the keys of at most `most` signals, the strongest first; equal ones in the order of `KEYS`.

    The last place is kept for what a customer met with, where something of that was: who leaves also buys less, is
    silent and stays out of the app, and these would leave no room for it.
    """
    table = strengths(features, model, usual).reindex(columns=list(KEYS))
    values = np.round(table.fillna(-np.inf).to_numpy(), 9)
    return pd.Series([_strongest(row, most) for row in values], index=features.index, name="signals", dtype=object)


def flags(features: pd.DataFrame, usual: Typical) -> pd.DataFrame:
    """One row per customer, a column per signal: 1 where it is true, 0 where not, NaN where nothing is known of it."""
    true, members = evidence(features, usual), _members(features)
    present = {key: features[members[group]].notna().any(axis=1) for group in GROUPS for key in group.signals}
    return true.astype(float).where(pd.DataFrame(present, index=features.index))


def strengths(features: pd.DataFrame, model, usual: Typical) -> pd.DataFrame:
    """One row per customer (the index of `features`), a column per signal: the log odds it adds, NaN where not true."""
    excess = contributions(model, features) - usual.contributions
    true, columns = evidence(features, usual), {}
    for group, names in _members(excess).items():
        if names:
            total, free = excess[names].sum(axis=1), pd.Series(True, index=features.index)
            for key in group.signals:
                columns[key] = total.where(true[key] & free)
                free = free & ~true[key]
    return pd.DataFrame(columns, index=features.index)


def evidence(features: pd.DataFrame, usual: Typical) -> pd.DataFrame:
    """One row per customer, a column per signal: whether it is true, beside the quartiles of those who stayed."""
    rows, quartiles = _by_beginning(features), _by_beginning(usual.quartiles)
    low, median, high, most = (quartiles.iloc[n] for n in range(4))
    faded = (rows.event_days > high.event_days) | (rows.event_trend < 2 * FELL)
    trends = [name for name in features if name.startswith("orders_trend")]
    true = {
        "silent": (rows.silence_ratio > 1) | (rows.silence_ratio.isna() & (rows.recency_days > median.recency_days)),
        # the shortest window falls for nearly everybody at some time
        "buys_less_often": (features[trends[1:]] < FELL).any(axis=1),
        "spends_less": _spends_less(features),
        "bought_once": rows.orders_ever == 1,
        "buys_seldom": (rows.orders_ever < median.orders_ever) | (rows.orders_3 < median.orders_3),
        "spends_little": rows.value_ever < median.value_ever,
        # seen in the app or on the site within the window, but not lately, or much less than before
        "left_app": faded & (rows.event_days < most.event_days),
        "new": rows.tenure_days < low.tenure_days,
        "irregular": rows.gap_variation > high.gap_variation,
        "few_categories": rows.categories < median.categories,
        "returns_goods": rows.return_share > high.return_share,
        "on_discount": rows.discount_share > high.discount_share,
        "service_contacts": rows.service_contacts > high.service_contacts,
        "low_feedback": (rows.feedback_last < low.feedback_last) | (rows.feedback_mean < low.feedback_mean),
        "contract_ends_soon": rows.contract_days_left < median.contract_days_left,
        "contract_new": rows.contract_tenure_days < median.contract_tenure_days,
        "contract_small": rows.contract_amount < median.contract_amount,
    }
    return pd.DataFrame(true, index=features.index)


def _spends_less(features: pd.DataFrame) -> pd.Series:
    """The value fell further than the number of purchases did, in a time with purchases."""
    fell = pd.Series(False, index=features.index)
    for name in (name for name in features if name.startswith("value_trend")):
        value, orders = features.get(name.replace("_trend", "")), features.get(name.replace("value", "orders"))
        if value is not None and orders is not None:
            fell |= (features[name] < FELL) & (features[name] < orders + FELL) & (value > 0)
    return fell


def _by_beginning(frame: pd.DataFrame) -> pd.DataFrame:
    """The first column for each of `EVIDENCE`, by the beginning of its name; unknown where there is none."""
    first = {start: next((name for name in frame if name.startswith(start)), None) for start in EVIDENCE}
    columns = {start: frame[name] if name else np.nan for start, name in first.items()}
    return pd.DataFrame(columns, index=frame.index)


def _members(features: pd.DataFrame) -> dict[Group, list[str]]:
    """The features of each group: a feature belongs to the group with the longest beginning that fits."""
    members = {group: [] for group in GROUPS}
    for name in features:
        fitting = [(len(start), group) for group in GROUPS for start in group.features if name.startswith(start)]
        if fitting:
            members[max(fitting, key=lambda pair: pair[0])[1]].append(name)
    return members


def _strongest(row: np.ndarray, most: int) -> list[str]:
    order = [k for k in np.argsort(-row, kind="stable") if row[k] >= LEAST_STRENGTH]
    kept, met = order[:most], [k for k in order if MET[k]]
    if met and len(order) > most and not any(MET[k] for k in kept):
        kept = [*kept[:-1], met[0]]
    return [KEYS[k] for k in kept]
