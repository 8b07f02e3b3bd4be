"""The value of every customer in its parts: past, future, referrals; to the cent, with an interval and a value tier."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.ltv.economics import Economics, cents, past_cents, referral_cents, spending, terms
from playbook.ltv.forecast import Forecast, Range, draw_ranges, forecast
from playbook.ltv.inputs import Inputs

#: From the most to the least valuable; then those outside the ranking.
RANKED = ("top", "high", "middle", "low")
APART = ("unknown", "never_bought", "internal")
VALUE_TIERS = RANKED + APART


class Valued(NamedTuple):
    """The table `ltv` as a frame, and what it was made of."""

    table: pd.DataFrame
    forecast: Forecast | None
    ranges: Range | None
    cuts: dict[str, float]


def value(run, found: Inputs, choice, economics: Economics) -> Valued:
    """One row per customer, those who never bought and internal ones included: the columns of the table `ltv`."""
    spent = spending(run)
    made, ranges = _foreseen(run, found, choice, economics)
    frame = _own(spent, found, made, ranges, economics)
    frame = _with_referrals(run, frame)
    cuts = _cuts(run, frame)
    return Valued(_finished(frame, cuts), made, ranges, cuts)


def value_tiers(frame: pd.DataFrame, cuts: dict[str, float]) -> np.ndarray:
    """The value tier of each row with `future` (NaN: none), `is_internal`, `orders_ever`: equal value, equal tier."""
    future = frame.future.to_numpy(float)
    ranked = np.select([future >= cuts[name] for name in RANKED[:-1]], RANKED[:-1], RANKED[-1])
    known = np.where(np.isnan(future), "unknown", ranked)
    bought = np.where(frame.orders_ever.fillna(0) > 0, known, "never_bought")
    return np.where(frame.is_internal, "internal", bought)


def fresh_cuts(future: np.ndarray, shares) -> dict[str, float]:
    """The least future value of each value tier, from the shares that the profile gives."""
    reach = {"top": shares.top, "high": shares.high, "middle": shares.middle}
    values = np.sort(np.asarray(future, float))[::-1]
    last = {name: max(int(np.ceil(share * len(values))) - 1, 0) for name, share in reach.items()}
    return {name: float(values[place]) if len(values) else 0.0 for name, place in last.items()}


def high_potential(table: pd.DataFrame, *, share: float = 0.2) -> pd.DataFrame:
    """Customers with a past value below the median of all with a forecast, and a future value in the top `share`."""
    known = table[table.future_value.notna() & (table.value_tier != "internal")]
    if known.empty:
        return known
    low, high = known.past_value.median(), known.future_value.quantile(1 - share)
    chosen = known[(known.past_value < low) & (known.future_value >= high)]
    return chosen.sort_values(["future_value", "customer_id"], ascending=[False, True], ignore_index=True)


def concentration(table: pd.DataFrame) -> pd.DataFrame:
    """One row per value tier, outside ones apart: customers, their past and future value, and their shares."""
    known = table[table.value_tier.isin(RANKED)]
    sums = known.groupby("value_tier").agg(
        customers=("customer_id", "size"), past_value=("past_value", "sum"), future_value=("future_value", "sum")
    )
    sums = sums.reindex([name for name in RANKED if name in sums.index])
    shares = {"customers_share": "customers", "future_share": "future_value"}
    totals = {name: sums[column] / (sums[column].sum() or np.nan) for name, column in shares.items()}
    return sums.assign(**totals).reset_index()


def sensitivity(found: Inputs, choice, economics: Economics, ltv) -> pd.DataFrame:
    """One row per term: the future value of all as it is, and with the term changed by one per cent of itself."""
    base = terms(economics, ltv)
    turned = {"margin": "margin", "horizon": "horizon_days", "discount": "discount_rate", "cost": "cost"}
    now = forecast(choice.purchases, choice.spending, found, base).future.sum()
    rows = [
        {"term": name, "setting": getattr(base, field), "change": _changed(found, choice, base, field) - now}
        for name, field in turned.items()
    ]
    return pd.DataFrame(rows).assign(total=now)


def _changed(found, choice, base, field):
    changed = base._replace(**{field: 1.01 * getattr(base, field)})
    return forecast(choice.purchases, choice.spending, found, changed).future.sum()


def _foreseen(run, found, choice, economics):
    if choice.purchases is None or not len(found.x):
        return None, None
    asked = terms(economics, run.profile.ltv)
    made = forecast(choice.purchases, choice.spending, found, asked)
    return made, draw_ranges(choice.purchases, choice.spending, found, asked)


def _own(spent, found, made, ranges, economics):
    """Past value for all, the forecast for those who have one."""
    frame = spent.assign(past=past_cents(spent, economics))
    if made is None:
        return frame.assign(**dict.fromkeys(("p_alive", "orders", "value", "future", "low", "high"), np.nan))
    columns = {"p_alive": made.p_alive, "orders": made.orders, "value": made.value, "future": made.future}
    columns |= {"low": ranges.low, "high": ranges.high}
    return frame.merge(pd.DataFrame({"customer_id": found.customer_id} | columns), on="customer_id", how="left")


def _with_referrals(run, frame):
    own = frame.past + cents(frame.future.fillna(0))
    moved = referral_cents(run, frame.customer_id.to_numpy(object), own.to_numpy())
    return frame.assign(referral=moved)


def _cuts(run, frame):
    """The cuts of the run before, unchanged; fresh ones at first. Kept either way."""
    shares = run.profile.ltv.value_tiers
    before = run.state("ltv_cuts")
    fits = before and before["shares"] == shares.model_dump()
    cuts = before["cuts"] if fits else fresh_cuts(frame.future[frame.future.notna()].to_numpy(), shares)
    run.keep("ltv_cuts", {"cuts": cuts, "shares": shares.model_dump()})
    return cuts


def _finished(frame, cuts):
    """The columns of the table; each part is rounded to cents, then added."""
    future, fixed = _cents_or_none(frame.future), frame.past + frame.referral
    return pd.DataFrame(
        {
            "customer_id": frame.customer_id,
            "p_alive": frame.p_alive,
            "expected_orders": frame.orders,
            "expected_value": _cents_or_none(frame.value) / 100,
            "past_value": frame.past / 100,
            "future_value": future / 100,
            "referral_value": frame.referral / 100,
            "ltv": (fixed + future) / 100,
            "ltv_low": (fixed + _cents_or_none(frame.low)) / 100,
            "ltv_high": (fixed + _cents_or_none(frame.high)) / 100,
            "value_tier": value_tiers(frame, cuts),
        }
    )


def _cents_or_none(amounts):
    known = amounts.notna()
    return pd.Series(np.where(known, cents(amounts.fillna(0)), np.nan), index=amounts.index)
