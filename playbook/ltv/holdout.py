"""The holdout in time: fit on the past, forecast, and compare with what happened, always beside naive forecasts."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import xlogy
from scipy.stats import rankdata

from playbook.ltv import baselines
from playbook.ltv.forecasts import MODELS, Discounting, fit_purchases, fit_spending, forecast
from playbook.ltv.histories import Histories, customer_histories, outcomes, weekly_repeats
from playbook.ltv.models.estimation import FitError
from playbook.tables.engine import Table
from playbook.tables.purchases import purchases

#: A holdout shorter than so many days tells nothing.
LEAST_DAYS = 28
#: The part of the customers ranked highest whose sales are looked at.
TOP = 0.1


@dataclass(frozen=True)
class Backtest:
    """Customers as they stood at the cut-off, what they then did, and what each method had forecast.

    `actual` and each of `forecasts` have a row per customer: `purchases` and `value` (sales) over `days`. `problems`:
    for models that cannot be fitted the code of the reason.
    """

    history: Histories
    actual: pd.DataFrame
    days: int
    models: dict[str, Any]
    forecasts: dict[str, pd.DataFrame]
    problems: dict[str, str]

    @property
    def cutoff(self) -> date:
        """The last day the methods saw."""
        return self.history.as_of

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per method, the index: bias of purchases and sales in total, rank correlation, capture of the top
        decile, error.

        `error` is the mean Poisson deviance of each customer's purchases: 0 where every forecast came true.
        """
        real, sales = self.actual.purchases.to_numpy(), self.actual.value.to_numpy()
        rows = {
            method: {
                "bias_orders": _bias(table.purchases.sum(), real.sum()),
                "bias_value": _bias(table.value.sum(), sales.sum()),
                "rank": rank_correlation(table.value.to_numpy(), sales),
                "top_decile": capture(table.value.to_numpy(), sales),
                "error": float(np.mean(_deviances(table.purchases.to_numpy(), real))),
            }
            for method, table in self.forecasts.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def backtest(history: Histories, orders: Table, customers: Table, *, ltv: Any) -> Backtest | None:
    """Fit all models on the history up to a cut-off; None for contracts, and where it is too short to spare a holdout.

    The holdout is as long as the horizon of the profile's part `ltv`, but at most a third of the history.
    """
    days = min(ltv.horizon_days, (history.as_of - history.first_day).days // 3)
    if history.contractual or days < LEAST_DAYS:
        return None
    cutoff = history.as_of - timedelta(days=days)
    past = purchases(orders, customers, as_of=cutoff).materialise()
    before = customer_histories(past, as_of=cutoff, unit=ltv.unit)
    models, problems = {}, {}
    for key in MODELS:
        try:
            models[key] = fit_purchases(key, before)
        except FitError as error:
            problems[key] = error.code
    forecasts = {key: _forecast(model, before, days) for key, model in models.items()}
    forecasts["last_period"] = outcomes(past, before.customer_id, since=cutoff - timedelta(days=days), until=cutoff)
    forecasts["average_rate"] = baselines.average_rate(before, days)
    forecasts |= baselines.boosting(before, past, orders, customers, days)
    until_today = purchases(orders, customers, as_of=history.as_of)
    actual = outcomes(until_today, before.customer_id, since=cutoff, until=history.as_of)
    return Backtest(before, actual, days, models, forecasts, problems)


def one_standard_error(backtest: Backtest) -> list[str]:
    """The models by the one-standard-error rule: that which erred least, and those that erred so little more that
    chance would explain it."""
    real = backtest.actual.purchases.to_numpy()
    errors = {key: _deviances(backtest.forecasts[key].purchases.to_numpy(), real) for key in backtest.models}
    least = min(errors.values(), key=np.mean)
    return [key for key, own in errors.items() if np.mean(own - least) <= np.std(own - least) / np.sqrt(len(real))]


def by_purchases(backtest: Backtest, key: str, most: int = 7) -> pd.DataFrame:
    """One row per number of repeat purchases before: customers, mean purchases after, and those forecast."""
    frame = pd.DataFrame({"repeats": np.minimum(backtest.history.frequency, most).astype(int)})
    frame["actual"] = backtest.actual.purchases.to_numpy()
    frame["forecast"] = backtest.forecasts[key].purchases.to_numpy()
    groups = frame.groupby("repeats")
    return groups.mean().assign(customers=groups.size()).reset_index()


def by_decile(backtest: Backtest, key: str) -> pd.DataFrame:
    """One row per tenth of the customers, the highest forecast first: mean sales forecast and actual, share of all."""
    values = backtest.forecasts[key].value.to_numpy()
    frame = pd.DataFrame({"forecast": values, "actual": backtest.actual.value.to_numpy()})
    frame = frame.iloc[np.argsort(-values, kind="stable")]
    deciles = frame.groupby(pd.Index(10 * np.arange(len(frame)) // max(len(frame), 1) + 1, name="decile"))
    share = deciles.actual.sum() / (frame.actual.sum() or np.nan)
    return deciles.mean().assign(share=share).reset_index()


def tracking(backtest: Backtest, key: str, orders: Table, customers: Table, *, as_of: date) -> pd.DataFrame:
    """One row per week since the first purchase of all: repeat purchases of these customers, and those expected.

    Expected from the model alone, for the customers won before the cut-off: `in_holdout` says which weeks it never saw.
    """
    history, model = backtest.history, backtest.models[key]
    first = history.first_day
    bought = purchases(orders, customers, as_of=as_of)
    actual = weekly_repeats(bought, history, since=first - timedelta(days=1), until=as_of)
    weeks = np.arange(1, len(actual) + 1)
    starts, counts = np.unique(history.first_on, return_counts=True)
    ages = 7 * weeks[:, None] - (starts - np.datetime64(first)).astype(int)[None, :] - 1
    ahead = model.expected_purchases_new_customer(history.units(np.arange(ages.max() + 1)))
    total = np.where(ages > 0, ahead[np.maximum(ages, 0)], 0.0) @ counts
    in_holdout = 7 * weeks > (backtest.cutoff - first).days + 1
    expected = np.diff(total, prepend=0.0)
    return pd.DataFrame({"week": weeks, "actual": actual, "forecast": expected, "in_holdout": in_holdout})


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation; NaN where one of the two is the same for all."""
    a, b = rankdata(np.round(a, 6)), rankdata(np.round(b, 6))
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) > 0 and np.ptp(b) > 0 else np.nan


def capture(forecast: np.ndarray, actual: np.ndarray, top: float = TOP) -> float:
    """The share of what came that the customers ranked highest by the forecast brought."""
    best = np.argsort(-forecast, kind="stable")[: max(1, round(top * len(forecast)))]
    return float(actual[best].sum() / actual.sum()) if actual.sum() > 0 else np.nan


def _forecast(model, history, days):
    table = forecast(model, fit_spending(history)[0], history, Discounting(days, margin=1.0))
    return pd.DataFrame({"purchases": table.orders, "value": table.future}, index=history.customer_id)


def _bias(forecast, actual):
    return float(forecast / actual - 1) if actual > 0 else np.nan


def _deviances(forecast, actual):
    """The Poisson deviance of each customer's purchases."""
    forecast = np.maximum(forecast, 1e-3)
    return 2 * (xlogy(actual, actual / forecast) - (actual - forecast))
