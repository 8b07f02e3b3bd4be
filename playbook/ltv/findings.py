"""Findings: the sentences this room says, each a key of `text/`, its values and the number of customers behind it."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.ltv.build import Room
from playbook.ltv.history import REASONS, movement
from playbook.ltv.holdout import Holdout, by_decile, scores
from playbook.ltv.value import RANKED
from playbook.rfm.findings import Finding, say

__all__ = ["Example", "Finding", "examples", "say"]

#: The part of the customers that concentration is said of.
TOP = 0.08


class Example(NamedTuple):
    """One of the run's own customers: its place in the inputs, purchases, days of silence, P(alive)."""

    place: int
    orders: int
    silent_days: int
    p_alive: float


def naive(checked: Holdout | None) -> Finding:
    """What became of those who had spent most in the period before the cut-off."""
    if checked is None:
        return Finding("ltv.naive.none", 0, {})
    top = by_decile(checked, "last_period").iloc[0]
    before, after = float(top.forecast), float(top.actual)
    if before <= 0 or after < 0:
        return Finding("ltv.naive.none", 0, {})
    quiet = checked.forecasts["last_period"].value.to_numpy() <= 0
    values = {"before": before, "after": after, "change": abs(after / before - 1)}
    values |= {
        "days": checked.days,
        "rest": float(checked.actual.value.to_numpy()[quiet].sum()),
        "quiet": int(quiet.sum()),
    }
    return Finding("ltv.naive.fell" if after < before else "ltv.naive.grew", len(quiet), values)


def examples(room: Room) -> tuple[Example, Example] | None:
    """One who bought often and fell silent, and one who bought twice, silent about as long and yet likelier to
    return; None where there is no such pair."""
    made, found = room.valued.forecast, room.found
    if made is None:
        return None
    silence = (found.T - found.t_x) * found.unit_days
    often = np.flatnonzero((found.x >= 3) & (made.p_alive > 0.02) & (made.p_alive < 0.4))
    if not len(often):
        return None
    a = often[np.lexsort((often, -found.x[often]))[0]]
    rarely = np.flatnonzero((found.x == 1) & (made.p_alive > made.p_alive[a]))
    if not len(rarely):
        return None
    b = rarely[np.lexsort((rarely, np.abs(silence[rarely] - silence[a])))[0]]
    return tuple(Example(int(i), int(found.x[i]) + 1, round(silence[i]), float(made.p_alive[i])) for i in (a, b))


def two_customers(pair: tuple[Example, Example] | None) -> Finding:
    """The two examples side by side."""
    if pair is None:
        return Finding("ltv.examples.none", 0, {})
    named = [(f"{name}_{field}", getattr(one, field)) for name, one in zip("ab", pair, strict=True) for field in _SAID]
    return Finding("ltv.examples", 2, dict(named))


def model(room: Room) -> Finding:
    """Which model is used, and why."""
    tried = len(room.checked.models) if room.checked else 0
    days = room.checked.days if room.checked else 0
    values = {"model": room.choice.key, "tried": tried, "days": days}
    reason = "only" if room.choice.reason == "holdout" and tried == 1 else room.choice.reason
    return Finding(f"ltv.model.{reason}", len(room.found.x), values)


def bias(room: Room) -> Finding | None:
    """How far the total on the holdout was off."""
    row = _score(room)
    if row is None:
        return None
    key = "ltv.bias.above" if row.bias_orders >= 0 else "ltv.bias.below"
    values = {"bias": abs(row.bias_orders), "value": abs(row.bias_value), "days": room.checked.days}
    values["side"] = "above" if row.bias_value >= 0 else "below"
    return Finding(key, len(room.checked.found.x), values)


def ranking(room: Room) -> Finding | None:
    """How well the forecast ranked customers on the holdout, beside last period's spend."""
    row = _score(room)
    if row is None:
        return None
    last = scores(room.checked).set_index("method").loc["last_period"]
    values = {"rank": row["rank"], "last": last["rank"], "top": row.top_decile, "days": room.checked.days}
    return Finding("ltv.rank", len(room.checked.found.x), values)


def total(room: Room, days: int) -> Finding:
    """The future value of all known customers, with its interval."""
    if room.valued.ranges is None:
        return Finding("ltv.total.none", 0, {})
    low, high = room.valued.ranges.total()
    values = {"total": float(room.valued.table.future_value.sum()), "low": low, "high": high, "days": days}
    return Finding("ltv.total", len(room.found.x), values)


def holders(table: pd.DataFrame) -> Finding:
    """What the most valuable customers hold of the future, and what they brought in the past."""
    known = table[table.value_tier.isin(RANKED)].sort_values(["future_value", "customer_id"], ascending=[False, True])
    if known.empty or known.future_value.sum() <= 0:
        return Finding("ltv.holders.none", 0, {})
    best = known.head(max(1, round(TOP * len(known))))
    share = {name: float(best[name].sum() / known[name].sum()) for name in ("future_value", "past_value")}
    values = {"top": TOP, "future": share["future_value"], "past": share["past_value"], "count": len(best)}
    return Finding("ltv.holders", len(known), values)


def potential(chosen: pd.DataFrame) -> Finding:
    """Customers with little past and much expected. `chosen` is `ltv.high_potential(...)`."""
    if chosen.empty:
        return Finding("ltv.potential.none", 0, {})
    return Finding("ltv.potential", len(chosen), {"count": len(chosen), "future": float(chosen.future_value.sum())})


def referred(table: pd.DataFrame) -> Finding | None:
    """What referrals credit, and to how many."""
    credited = table[table.referral_value > 0]
    if credited.empty:
        return None
    return Finding(
        "ltv.referral", len(credited), {"moved": float(credited.referral_value.sum()), "count": len(credited)}
    )


def channels(table: pd.DataFrame) -> pd.DataFrame:
    """One row per channel with a cost: customers, value and cost of each, value over cost. From `ltv.acquisition`."""
    known = table[table.cost.notna()].groupby("channel", as_index=False)[
        ["customers", "past_value", "future_value", "cost"]
    ]
    sums = known.sum().query("customers > 0 and cost > 0")
    each = (sums.past_value + sums.future_value) / sums.customers
    frame = sums.assign(ltv=each, cac=sums.cost / sums.customers)
    frame = frame.assign(ltv_to_cac=frame.ltv / frame.cac)[["channel", "customers", "ltv", "cac", "ltv_to_cac"]]
    return frame.sort_values(["ltv_to_cac", "channel"], ascending=[False, True], ignore_index=True)


def acquired(by_channel: pd.DataFrame) -> Finding | None:
    """The channel that pays back most, and the one that pays back least."""
    if by_channel.empty:
        return None
    best, worst = by_channel.iloc[0], by_channel.iloc[-1]
    values = {"channel": best.channel, "ratio": best.ltv_to_cac, "ltv": best.ltv, "cac": best.cac}
    values |= {"worst": worst.channel, "worst_ratio": worst.ltv_to_cac}
    return Finding("ltv.cac", int(by_channel.customers.sum()), values)


def moved(history: pd.DataFrame, ends: list[date]) -> Finding:
    """How the value of the customers known at the start moved, and the main reason."""
    if history.empty or len(ends) < 2:
        return Finding("ltv.moved.none", 0, {})
    found = movement(history, ends[0], ends[-1])
    sums = {name: float(found[name].sum()) for name in REASONS}
    change = sum(sums.values())
    reason = max(REASONS, key=lambda name: sums[name] * np.sign(change))
    values = {"since": ends[0], "until": ends[-1], "change": abs(change), "before": float(found.before.sum())}
    values |= {"reason": reason, "part": abs(sums[reason]), "rest": abs(change - sums[reason])}
    against = ".against" if abs(sums[reason]) > abs(change) else ""
    return Finding(f"ltv.moved.{'fell' if change < 0 else 'rose'}{against}", len(found), values)


def sensitive(table: pd.DataFrame) -> Finding:
    """What one per cent more of each term does. `table` is `ltv.sensitivity(...)`."""
    change = table.set_index("term").change.to_dict()
    return Finding("ltv.sensitivity", 0, {name: float(change[name]) for name in ("margin", "horizon", "discount")})


_SAID = ("orders", "silent_days", "p_alive")


def _score(room):
    if room.checked is None or room.choice.key not in room.checked.forecasts:
        return None
    return scores(room.checked).set_index("method").loc[room.choice.key]
