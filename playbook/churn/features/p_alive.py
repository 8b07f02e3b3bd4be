"""P(alive) and expected purchases, from a model fitted anew at each origin to what was known by then."""

from datetime import date

import numpy as np
import pandas as pd

from playbook import ltv
from playbook.churn.features.point_in_time import FeatureSpec
from playbook.ltv.histories import UNIT_DAYS, Histories

#: Models by which somebody who bought once can be gone; to BG/NBD every one-time buyer is alive for ever.
MODELS = ("pareto_nbd", "mbg_cnbd_k")
#: Customers that a model is fitted to; four parameters need no more.
MOST_FITTED = 6_000
#: Customers judged at a time.
CHUNK = 100_000


def with_p_alive(rows: pd.DataFrame, spec: FeatureSpec) -> pd.DataFrame:
    """The rows of `behaviour.sql`, one or more, with p_alive and expected_orders within the horizon; NaN: no model."""
    key, parts = spec.model, []
    for origin, part in rows.groupby("origin", sort=True):
        histories = _histories(part, origin.date(), spec.unit)
        key, model = _fitted(histories, key)
        parts.append(_predicted(model, histories, spec).set_axis(part.index))
    return rows.join(pd.concat(parts))


def likeliest(rows: pd.DataFrame, spec: FeatureSpec) -> str | None:
    """The model of purchases that explains best what was known at the first origin; None where none can be fitted."""
    if rows.empty:
        return None
    first = rows[rows.origin == rows.origin.min()]
    return _fitted(_histories(first, first.origin.iloc[0].date(), spec.unit), spec.model)[0]


def _fitted(histories: Histories, key: str | None):
    """The key and model asked for; the likeliest of all where none is asked for or that one cannot be fitted."""
    every = -(-len(histories.frequency) // MOST_FITTED)  # every so many-th customer, in the order of their ids
    columns = {name: column for name, column in histories._asdict().items() if isinstance(column, np.ndarray)}
    some = histories._replace(**{name: column[::every] for name, column in columns.items()})
    fitted = {}
    for name in (key, *MODELS) if key else MODELS:
        try:
            fitted[name] = ltv.fit_purchases(name, some)
        except ltv.FitError:
            continue
        if name == key:
            return key, fitted[name]
    best = max(fitted, key=lambda name: fitted[name].log_likelihood_, default=None)
    return key or best, fitted.get(best)


def _histories(rows: pd.DataFrame, until: date, unit: str) -> Histories:
    days, none = UNIT_DAYS[unit], np.zeros(len(rows))
    first, last = (rows[name].to_numpy("datetime64[D]") for name in ("first_on", "last_on"))
    span = (last - first).astype(int) / days
    observed = rows.tenure_days.to_numpy(float) / days
    repeats = rows.orders_ever.to_numpy(float) - 1
    logs = rows.log_gaps.to_numpy(float) - repeats * np.log(days)
    ids = rows.customer_id.to_numpy(object)
    return Histories(ids, first, last, repeats, span, observed, none, none, logs, until, days)


def _predicted(model, histories: Histories, spec: FeatureSpec) -> pd.DataFrame:
    p_alive, expected = np.full((2, len(histories.frequency)), np.nan)
    for start in range(0, len(p_alive) if model else 0, CHUNK):
        rows = slice(start, start + CHUNK)
        history = [column[rows] for column in histories.history]
        p_alive[rows] = model.p_alive(*history)
        ahead = model.expected_if_alive(histories.units(spec.horizon_days), *history)
        expected[rows] = p_alive[rows] * ahead
    return pd.DataFrame({"p_alive": p_alive, "expected_orders": expected})
