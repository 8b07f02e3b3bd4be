"""P(alive) and expected purchases, from a model fitted anew at each origin to what was known by then."""

from datetime import date

import numpy as np
import pandas as pd

from playbook import ltv
from playbook.churn.sight import Sight
from playbook.ltv.histories import UNIT_DAYS, Histories

#: Models by which somebody who bought once can be gone; to BG/NBD every one-time buyer is alive for ever.
KEYS = ("pareto_nbd", "mbg_cnbd_k")
#: Customers that a model is fitted to; four parameters need no more.
MOST_FITTED = 6_000
#: Customers judged at a time.
CHUNK = 100_000


def with_alive(frame: pd.DataFrame, sight: Sight) -> pd.DataFrame:
    """The rows of `behaviour` with p_alive and expected_orders within the horizon; NaN where no model can be fitted."""
    key, parts = sight.model, []
    for origin, rows in frame.groupby("origin", sort=True):
        found = _histories(rows, origin.date(), sight.unit)
        key, model = _fitted(found, key)
        parts.append(_seen_by(model, found, sight, rows.index))
    alive = pd.concat(parts) if parts else pd.DataFrame(columns=["p_alive", "expected_orders"], dtype=float)
    return frame.join(alive)


def likeliest(frame: pd.DataFrame, sight: Sight) -> str | None:
    """The model of purchases that explains best what was known at the first origin; None where none can be fitted."""
    if frame.empty:
        return None
    first = frame[frame.origin == frame.origin.min()]
    return _fitted(_histories(first, first.origin.iloc[0].date(), sight.unit), sight.model)[0]


def _fitted(found: Histories, key: str | None):
    """The model asked for; the likeliest of all where none is asked for or that one cannot be fitted."""
    if key and (model := _try(key, found)):
        return key, model
    fitted = {name: model for name in KEYS if (model := _try(name, found))}
    best = max(fitted, key=lambda name: fitted[name].log_likelihood_, default=None)
    return key or best, fitted.get(best)


def _try(key, found):
    try:
        return ltv.fit_purchases(key, _some(found))
    except ltv.FitError:
        return None


def _some(found: Histories) -> Histories:
    """Every so many-th customer, in the order of their ids."""
    every = -(-len(found.frequency) // MOST_FITTED)
    parts = {name: column[::every] for name, column in found._asdict().items() if isinstance(column, np.ndarray)}
    return found._replace(**parts) if every > 1 else found


def _histories(rows: pd.DataFrame, until: date, unit: str) -> Histories:
    days, none = UNIT_DAYS[unit], np.zeros(len(rows))
    first, last = (rows[name].to_numpy("datetime64[D]") for name in ("first_on", "last_on"))
    span = (last - first).astype(int) / days
    observed = rows.tenure_days.to_numpy(float) / days
    repeats = rows.orders_ever.to_numpy(float) - 1
    logs = rows.log_gaps.to_numpy(float) - repeats * np.log(days)
    return Histories(
        rows.customer_id.to_numpy(object), first, last, repeats, span, observed, none, none, logs, until, days
    )


def _seen_by(model, found: Histories, sight: Sight, index) -> pd.DataFrame:
    if model is None:
        return pd.DataFrame({"p_alive": np.nan, "expected_orders": np.nan}, index=index)
    ahead, parts = found.units(sight.horizon_days), range(0, len(found.frequency), CHUNK)
    said = [_said(model, ahead, [column[start : start + CHUNK] for column in found.history]) for start in parts]
    return pd.DataFrame(np.concatenate(said), columns=["p_alive", "expected_orders"], index=index)


def _said(model, ahead: float, history) -> np.ndarray:
    alive = model.p_alive(*history)
    return np.column_stack([alive, alive * model.expected_if_alive(ahead, *history)])
