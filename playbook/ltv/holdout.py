"""The holdout in time: fit on the past, forecast, and compare with what happened, always beside naive forecasts."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from playbook.ltv import baselines
from playbook.ltv.forecast import MODELS, Terms, fit_purchases, fit_spending, forecast
from playbook.ltv.inputs import Inputs, actual, inputs, weekly
from playbook.ltv.likelihood import FitError
from playbook.tables.engine import Table

LEAST_DAYS = 28
TOP = 0.1


class Holdout(NamedTuple):
    """Customers as they stood at the cut-off, what they then did, and what each method had said.

    `actual` and each of `forecasts` have a row per customer: `purchases` and `value` (sales) over `days`.
    """

    found: Inputs
    actual: pd.DataFrame
    days: int
    models: dict
    forecasts: dict[str, pd.DataFrame]
    problems: dict[str, str]

    @property
    def cutoff(self) -> date:
        """The last day the methods saw."""
        return self.found.until


def holdout(orders: Table, customers: Table, *, as_of: date, ltv) -> Holdout | None:
    """Fit all models on the history up to a cut-off; None where the history is too short to spare a holdout.

    The holdout is as long as the horizon, but at most a third of the history.
    """
    first = _first_day(orders, as_of)
    days = min(ltv.horizon_days, (as_of - first).days // 3)
    if days < LEAST_DAYS:
        return None
    found = inputs(orders, customers, until=as_of - timedelta(days=days), unit=ltv.unit)
    models, problems = _fitted(found)
    seen = baselines.Seen(orders, customers, found, days, first)
    forecasts = {key: _of_model(model, found, days) for key, model in models.items()}
    forecasts |= baselines.naive(seen) | baselines.boosted(seen)
    return Holdout(found, actual(orders, found, until=as_of), days, models, forecasts, problems)


def scores(h: Holdout) -> pd.DataFrame:
    """One row per method: bias of purchases and sales in total, rank correlation, capture of the top decile, error.

    `error` is the mean Poisson deviance of each customer's purchases: 0 where every forecast came true.
    """
    rows = [{"method": key, **_score(made, h.actual)} for key, made in h.forecasts.items()]
    return pd.DataFrame(rows, columns=["method", "bias_orders", "bias_value", "rank", "top_decile", "error"])


def as_good(h: Holdout) -> list[str]:
    """The models that erred least, or so little more that chance would explain it: by less than a standard error."""
    real = h.actual.purchases.to_numpy()
    errors = {key: _deviances(h.forecasts[key].purchases.to_numpy(), real) for key in h.models}
    least = min(errors.values(), key=np.mean)
    return [key for key, own in errors.items() if np.mean(own - least) <= np.std(own - least) / np.sqrt(len(real))]


def by_purchases(h: Holdout, key: str, most: int = 7) -> pd.DataFrame:
    """One row per number of repeat purchases before: customers, mean purchases after, and those forecast."""
    group = np.minimum(h.found.x, most).astype(int)
    frame = pd.DataFrame({"repeats": group, "actual": h.actual.purchases.to_numpy()})
    frame["forecast"] = h.forecasts[key].purchases.to_numpy()
    means = frame.groupby("repeats").mean()
    return means.assign(customers=frame.groupby("repeats").size()).reset_index()


def by_decile(h: Holdout, key: str) -> pd.DataFrame:
    """One row per tenth of the customers, the highest forecast first: mean sales forecast and actual, share of all."""
    made, real = h.forecasts[key].value.to_numpy(), h.actual.value.to_numpy()
    order = np.lexsort((np.arange(len(made)), -made))
    tenth = np.empty(len(made), int)
    tenth[order] = 10 * np.arange(len(made)) // max(len(made), 1) + 1
    frame = pd.DataFrame({"decile": tenth, "forecast": made, "actual": real})
    means = frame.groupby("decile").mean()
    total = real.sum()
    return means.assign(share=frame.groupby("decile").actual.sum() / (total or np.nan)).reset_index()


def tracking(orders: Table, customers: Table, h: Holdout, key: str, *, as_of: date) -> pd.DataFrame:
    """One row per week since the first purchase of all: repeat purchases of these customers, and those expected.

    Expected from the model alone, for the customers won before the cut-off: `in_holdout` says which weeks it never saw.
    """
    first = h.found.first_on.min().astype(object)
    seen = weekly(orders, h.found, since=first - timedelta(days=1), until=as_of)
    weeks = np.arange(1, len(seen) + 1)
    expected = np.diff(_expected(h, key, first, weeks), prepend=0.0)
    edge = (h.cutoff - first).days + 1
    return pd.DataFrame({"week": weeks, "actual": seen, "forecast": expected, "in_holdout": 7 * weeks > edge})


def _fitted(found):
    models, problems = {}, {}
    for key in MODELS:
        try:
            models[key] = fit_purchases(key, found)
        except FitError as error:
            problems[key] = error.code
    return models, problems


def _of_model(model, found, days):
    spending, _ = fit_spending(found)
    made = forecast(model, spending, found, Terms(days, 1.0))
    return pd.DataFrame({"purchases": made.orders, "value": made.future}, index=found.customer_id)


def _first_day(orders, as_of):
    text = """select min(cast(ordered_at as date)) as day from orders
        where customer_id is not null and kind in ('purchase', 'redemption')"""
    return orders.engine.sql(text, orders=orders).scalar() or as_of


def _score(made, real):
    value, came = made.value.to_numpy(), real.value.to_numpy()
    return {
        "bias_orders": _bias(made.purchases.sum(), real.purchases.sum()),
        "bias_value": _bias(value.sum(), came.sum()),
        "rank": rank_correlation(value, came),
        "top_decile": capture(value, came),
        "error": float(np.mean(_deviances(made.purchases.to_numpy(), real.purchases.to_numpy()))),
    }


def _bias(made, came):
    return float(made / came - 1) if came > 0 else np.nan


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation; NaN where one of the two is the same for all."""
    a, b = rankdata(np.round(a, 6)), rankdata(np.round(b, 6))
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) > 0 and np.ptp(b) > 0 else np.nan


def capture(made: np.ndarray, came: np.ndarray, top: float = TOP) -> float:
    """The share of what came that the customers ranked highest by the forecast brought."""
    count = max(1, round(top * len(made)))
    best = np.lexsort((np.arange(len(made)), -made))[:count]
    return float(came[best].sum() / came.sum()) if came.sum() > 0 else np.nan


def _deviances(made, came):
    made = np.maximum(made, 1e-3)
    logs = np.where(came > 0, came * np.log(np.where(came > 0, came, 1) / made), 0.0)
    return 2 * (logs - (came - made))


def _expected(h, key, first, weeks):
    """Cumulative repeat purchases expected since everybody's first purchase, at the end of each week."""
    model, (starts, counts) = h.models[key], np.unique(h.found.first_on, return_counts=True)
    ages = 7 * weeks[:, None] - (starts - np.datetime64(first)).astype(int)[None, :] - 1
    ahead = model.expected_of_new(np.arange(ages.max() + 1) / h.found.unit_days)
    return np.where(ages > 0, ahead[np.maximum(ages, 0)], 0.0) @ counts
