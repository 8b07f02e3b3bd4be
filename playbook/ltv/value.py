"""The value of every customer in its parts: past, future, referrals; to the cent, with an interval and a value tier."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.ltv.choice import Choice
from playbook.ltv.economics import UnitEconomics, half_up, referral_cents
from playbook.ltv.forecasts import Forecast, Intervals, forecast, prediction_intervals
from playbook.ltv.histories import Histories

#: From the most to the least valuable; then those outside the ranking.
RANKED = ("top", "high", "middle", "low")
APART = ("unknown", "never_bought", "internal")
VALUE_TIERS = RANKED + APART


class CustomerValue(NamedTuple):
    """The table `ltv` as a frame, and the forecast it was made of; None without a model."""

    table: pd.DataFrame
    forecast: Forecast | None
    intervals: Intervals | None


def customer_value(run, history: Histories, choice: Choice, economics: UnitEconomics) -> CustomerValue:
    """One row per customer, those who never bought and internal ones included: the columns of the table `ltv`."""
    spending = rfm.spending(rfm.all_purchases(run), run.table("customers"), as_of=run.as_of).df()
    used = ["customer_id", "monetary", "orders_ever", "is_internal"]
    frame = spending[used].sort_values("customer_id", ignore_index=True)
    expected, intervals = None, None
    columns = dict.fromkeys(("p_alive", "orders", "value", "future", "low", "high"), np.nan)
    if choice.purchases is not None and len(history.customer_id):
        arguments = choice.purchases, choice.spending, history, economics.discounting(run.profile.ltv)
        expected, intervals = forecast(*arguments), prediction_intervals(*arguments)
        columns |= {name: getattr(expected, name) for name in ("p_alive", "orders", "value", "future")}
        columns |= {"low": intervals.low, "high": intervals.high}
    frame = frame.merge(pd.DataFrame({"customer_id": history.customer_id} | columns), on="customer_id", how="left")
    net, orders = frame.monetary.fillna(0).astype(float), frame.orders_ever.fillna(0).astype(float)
    frame["past"] = half_up(100 * (net * economics.margin - orders * economics.cost))
    own = frame.past + half_up(100 * frame.future.fillna(0))
    frame["referral"] = referral_cents(run, frame.customer_id.to_numpy(object), own.to_numpy())
    return CustomerValue(_table(frame, _cuts(run, frame.future.dropna())), expected, intervals)


def value_tiers(frame: pd.DataFrame, cuts: dict[str, float]) -> np.ndarray:
    """The value tier of each row with `future` (NaN: none), `is_internal`, `orders_ever`: equal value, equal tier."""
    future = frame.future.to_numpy(float)
    ranked = np.select([future >= cuts[name] for name in RANKED[:-1]], RANKED[:-1], RANKED[-1])
    forecast = np.where(np.isnan(future), "unknown", ranked)
    bought = np.where(frame.orders_ever.fillna(0) > 0, forecast, "never_bought")
    return np.where(frame.is_internal, "internal", bought)


def fresh_cuts(future: np.ndarray, shares: Any) -> dict[str, float]:
    """The least future value of each value tier, from the shares that the profile gives."""
    values = np.sort(np.asarray(future, float))[::-1]
    places = {name: max(int(np.ceil(getattr(shares, name) * len(values))) - 1, 0) for name in RANKED[:-1]}
    return {name: float(values[place]) if len(values) else 0.0 for name, place in places.items()}


def high_potential(table: pd.DataFrame, *, share: float = 0.2) -> pd.DataFrame:
    """Customers with a past value below the median of all with a forecast, and a future value in the top `share`."""
    table = table[table.future_value.notna() & (table.value_tier != "internal")]
    low, high = table.past_value.median(), table.future_value.quantile(1 - share)
    chosen = table[(table.past_value < low) & (table.future_value >= high)]
    return chosen.sort_values(["future_value", "customer_id"], ascending=[False, True], ignore_index=True)


def concentration(table: pd.DataFrame) -> pd.DataFrame:
    """One row per value tier, outside ones apart: customers, their past and future value, and their shares."""
    sums = table.groupby("value_tier").agg(
        customers=("customer_id", "size"), past_value=("past_value", "sum"), future_value=("future_value", "sum")
    )
    sums = sums.loc[[name for name in RANKED if name in sums.index]]
    totals = sums.sum().replace(0, np.nan)
    shares = {
        "customers_share": sums.customers / totals.customers,
        "future_share": sums.future_value / totals.future_value,
    }
    return sums.assign(**shares).reset_index()


def sensitivity(history: Histories, choice: Choice, economics: UnitEconomics, ltv: Any) -> pd.DataFrame:
    """One row per term: the future value of all as it is, and with the term changed by one per cent of itself."""
    base = economics.discounting(ltv)
    terms = {"margin": "margin", "horizon": "horizon_days", "discount": "discount_rate", "cost": "cost"}

    def total(discounting):
        return forecast(choice.purchases, choice.spending, history, discounting).future.sum()

    now = total(base)
    changed = {name: base._replace(**{field: 1.01 * getattr(base, field)}) for name, field in terms.items()}
    rows = [
        {"term": name, "setting": getattr(base, terms[name]), "change": total(discounting) - now, "total": now}
        for name, discounting in changed.items()
    ]
    return pd.DataFrame(rows)


def _cuts(run, future):
    """The cuts of the run before, unchanged; fresh ones at first. Kept either way."""
    shares, before = run.profile.ltv.value_tiers, run.state("ltv_cuts")
    frozen = before and before["shares"] == shares.model_dump()
    cuts = before["cuts"] if frozen else fresh_cuts(future.to_numpy(), shares)
    run.keep("ltv_cuts", {"cuts": cuts, "shares": shares.model_dump()})
    return cuts


def _table(frame, cuts):
    """The columns of the table; each part is rounded to cents, then added."""
    future, low, high = (half_up(100 * frame[name]) for name in ("future", "low", "high"))
    fixed = frame.past + frame.referral
    return pd.DataFrame(
        {
            "customer_id": frame.customer_id,
            "p_alive": frame.p_alive,
            "expected_orders": frame.orders,
            "expected_value": half_up(100 * frame.value) / 100,
            "past_value": frame.past / 100,
            "future_value": future / 100,
            "referral_value": frame.referral / 100,
            "ltv": (fixed + future) / 100,
            "ltv_low": (fixed + low) / 100,
            "ltv_high": (fixed + high) / 100,
            "value_tier": value_tiers(frame, cuts),
        }
    )
