"""What this room says and warns of: each a key of `text/`, its values and the number of customers behind it."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.ltv.build import LtvResult
from playbook.ltv.choice import Choice, independence
from playbook.ltv.forecasts import MODELS
from playbook.ltv.histories import Histories
from playbook.ltv.history import REASONS, movement
from playbook.ltv.holdout import Backtest, by_decile
from playbook.ltv.value import RANKED, CustomerValue
from playbook.report.message import Message

#: The part of the customers that concentration is said of.
TOP = 0.08
#: From this share of one-time buyers on, it is said that the average speaks for them.
MANY_ONCE = 0.5


class Example(NamedTuple):
    """One of the run's own customers: its place in the histories, purchases, days of silence, P(alive)."""

    place: int
    orders: int
    silent_days: int
    p_alive: float


def naive(backtest: Backtest | None) -> Message:
    """What became of those who had spent most in the period before the cut-off."""
    top = by_decile(backtest, "last_period").iloc[0] if backtest else None
    if top is None or top.forecast <= 0 or top.actual < 0:
        return Message("ltv.naive.none", n=0)
    before, after = float(top.forecast), float(top.actual)
    quiet = backtest.forecasts["last_period"].value.to_numpy() <= 0
    rest = float(backtest.actual.value.to_numpy()[quiet].sum())
    values = {"before": before, "after": after, "change": abs(after / before - 1), "days": backtest.days}
    key = "ltv.naive.fell" if after < before else "ltv.naive.grew"
    return Message(key, values | {"rest": rest, "quiet": int(quiet.sum())}, len(quiet))


def examples(history: Histories, p_alive: np.ndarray | None) -> tuple[Example, Example] | None:
    """One who bought often and fell silent, and one who bought twice, silent about as long and yet likelier to
    return; None where there is no such pair."""
    if p_alive is None:
        return None
    x, silence = history.frequency, (history.T - history.recency) * history.unit_days
    often = np.flatnonzero((x >= 3) & (p_alive > 0.02) & (p_alive < 0.4))
    if not len(often):
        return None
    frequent = often[np.argmax(x[often])]
    rarely = np.flatnonzero((x == 1) & (p_alive > p_alive[frequent]))
    if not len(rarely):
        return None
    rare = rarely[np.argmin(np.abs(silence[rarely] - silence[frequent]))]
    return tuple(Example(int(i), int(x[i]) + 1, round(silence[i]), float(p_alive[i])) for i in (frequent, rare))


def two_customers(pair: tuple[Example, Example] | None) -> Message:
    """The two examples side by side."""
    if pair is None:
        return Message("ltv.examples.none", n=0)
    a, b = pair
    values = {"a_orders": a.orders, "a_silent_days": a.silent_days, "a_p_alive": a.p_alive}
    values |= {"b_orders": b.orders, "b_silent_days": b.silent_days, "b_p_alive": b.p_alive}
    return Message("ltv.examples", values, 2)


def model(choice: Choice, backtest: Backtest | None, history: Histories) -> Message:
    """Which model is used, and why."""
    tried, days = (len(backtest.models), backtest.days) if backtest else (0, 0)
    reason = "only" if choice.reason == "holdout" and tried == 1 else choice.reason
    return Message(f"ltv.model.{reason}", {"model": choice.key, "tried": tried, "days": days}, len(history.frequency))


def bias(choice: Choice, backtest: Backtest | None) -> Message | None:
    """How far the total on the holdout was off."""
    if backtest is None or choice.key not in backtest.forecasts:
        return None
    row = backtest.scores.loc[choice.key]
    values = {"bias": abs(row.bias_orders), "value": abs(row.bias_value), "days": backtest.days}
    values["side"] = "above" if row.bias_value >= 0 else "below"
    key = "ltv.bias.above" if row.bias_orders >= 0 else "ltv.bias.below"
    return Message(key, values, len(backtest.actual))


def ranking(choice: Choice, backtest: Backtest) -> Message:
    """How well the forecast ranked customers on the holdout, beside last period's spend."""
    row, last = backtest.scores.loc[choice.key], backtest.scores.loc["last_period"]
    values = {"rank": row["rank"], "last": last["rank"], "top": row.top_decile, "days": backtest.days}
    return Message("ltv.rank", values, len(backtest.actual))


def total(value: CustomerValue, days: int) -> Message:
    """The future value of all known customers, with its interval."""
    if value.intervals is None:
        return Message("ltv.total.none", n=0)
    low, high = value.intervals.total()
    values = {"total": float(value.table.future_value.sum()), "low": low, "high": high, "days": days}
    return Message("ltv.total", values, len(value.intervals.low))


def holders(table: pd.DataFrame) -> Message:
    """What the most valuable customers hold of the future, and what they brought in the past. `table` is `ltv`."""
    ranked = table[table.value_tier.isin(RANKED)].sort_values(["future_value", "customer_id"], ascending=[False, True])
    if ranked.empty or ranked.future_value.sum() <= 0:
        return Message("ltv.holders.none", n=0)
    best = ranked.head(max(1, round(TOP * len(ranked))))
    share = best[["future_value", "past_value"]].sum() / ranked[["future_value", "past_value"]].sum()
    values = {"top": TOP, "future": float(share.future_value), "past": float(share.past_value), "count": len(best)}
    return Message("ltv.holders", values, len(ranked))


def potential(chosen: pd.DataFrame) -> Message:
    """Customers with little past and much expected. `chosen` is `ltv.high_potential(...)`."""
    if chosen.empty:
        return Message("ltv.potential.none", n=0)
    values = {"count": len(chosen), "future": float(chosen.future_value.sum())}
    return Message("ltv.potential", values, len(chosen))


def referred(table: pd.DataFrame) -> Message | None:
    """What referrals credit, and to how many. `table` is `ltv`."""
    credited = table.referral_value[table.referral_value > 0]
    if credited.empty:
        return None
    return Message("ltv.referral", {"moved": float(credited.sum()), "count": len(credited)}, len(credited))


def acquired(channels: pd.DataFrame) -> Message | None:
    """The channel that pays back most, and the one that pays back least. `channels` is `ltv.channels(...)`."""
    if channels.empty:
        return None
    best, worst = channels.iloc[0], channels.iloc[-1]
    values = {"channel": best.channel, "ratio": best.ltv_to_cac, "ltv": best.ltv, "cac": best.cac}
    values |= {"worst": worst.channel, "worst_ratio": worst.ltv_to_cac}
    return Message("ltv.cac", values, int(channels.customers.sum()))


def moved(history: pd.DataFrame) -> Message:
    """How the value of the customers known at the start moved, and the main reason. `history`: `ltv.value_history`."""
    ends = sorted(history.as_of.unique())
    if len(ends) < 2:
        return Message("ltv.moved.none", n=0)
    table = movement(history, ends[0], ends[-1])
    sums = {name: float(table[name].sum()) for name in REASONS}
    change = sum(sums.values())
    reason = max(REASONS, key=lambda name: sums[name] * np.sign(change))
    values = {"since": ends[0], "until": ends[-1], "change": abs(change), "before": float(table.before.sum())}
    values |= {"reason": reason, "part": abs(sums[reason]), "rest": abs(change - sums[reason])}
    against = ".against" if abs(sums[reason]) > abs(change) else ""
    return Message(f"ltv.moved.{'fell' if change < 0 else 'rose'}{against}", values, len(table))


def sensitive(table: pd.DataFrame) -> Message:
    """What one per cent more of each term does. `table` is `ltv.sensitivity(...)`."""
    change = table.set_index("term").change
    return Message("ltv.sensitivity", {name: float(change[name]) for name in ("margin", "horizon", "discount")}, 0)


def cautions(run, result: LtvResult) -> list[Message]:
    """What a reader should know before trusting this run's values: the warnings that apply."""
    return [
        *_of_models(run, result),
        *_of_interval(result),
        *_of_observed_time(run, result),
        *_of_customers(result),
        *_of_money(run, result),
    ]


def _of_models(run, result):
    choice = result.choice
    for key, code in sorted(choice.problems.items()):
        if choice.purchases is None or key not in MODELS:
            yield Message("ltv.flag.no_fit", {"model": key, "problem": code})
    if choice.purchases is None:
        yield Message("ltv.flag.no_model")
    for method in choice.beaten_by:
        ranks = result.backtest.scores["rank"]
        yield Message("ltv.flag.beaten", {"method": method, "theirs": ranks[method], "ours": ranks[choice.key]})
    before = ((run.state("ltv_model") or {}).get("purchases") or {}).get("model")
    if before and choice.purchases and before != choice.key:
        yield Message("ltv.flag.model_changed", {"model": choice.key, "before": before})


def _of_interval(result):
    """Whether the total was further off on the holdout than its interval is wide: then the model itself is in doubt."""
    value, tested, key = result.value, result.backtest, result.choice.key
    if value.intervals is None or tested is None or key not in tested.forecasts:
        return
    bias = tested.scores.bias_value[key]
    low, high = value.intervals.total()
    half = (high - low) / 2 / max(abs(value.table.future_value.sum()), 1e-9)
    if abs(bias) > half:
        side = "above" if bias >= 0 else "below"
        yield Message("ltv.flag.interval", {"bias": abs(bias), "half": half, "side": side})


def _of_observed_time(run, result):
    history, tested, horizon = result.history, result.backtest, run.profile.ltv.horizon_days
    if result.choice.key == "sbg":
        yield Message("ltv.flag.contracts", {"periods": int(history.T.max())})
        return
    days = (run.as_of - history.first_day).days + 1 if len(history.frequency) else 0
    if tested is None:
        yield Message("ltv.flag.no_holdout", {"days": days})
    if days < horizon:
        yield Message("ltv.flag.short_history", {"days": days, "horizon": horizon})
    elif result.choice.purchases and tested and tested.days < horizon:
        yield Message("ltv.flag.short_holdout", {"days": tested.days, "horizon": horizon})


def _of_customers(result):
    x = result.history.frequency
    once = float((x == 0).mean()) if len(x) and result.choice.key != "sbg" else 0.0
    if once >= MANY_ONCE:
        yield Message("ltv.flag.one_time", {"share": once})
    related = independence(result.history)
    if related.doubtful:
        values = {"correlation": related.correlation, "without": related.without_largest}
        yield Message("ltv.flag.dependent", values)
    if below := int((result.value.table.past_value < 0).sum()):
        yield Message("ltv.flag.negative", {"count": below})


def _of_money(run, result):
    economics = result.economics
    if not result.value.table.past_value.any():
        yield Message("ltv.flag.no_money")
    if economics.margin_from == "profile":
        yield Message("ltv.flag.margin", {"margin": economics.margin})
    if economics.cost_from == "profile":
        yield Message("ltv.flag.cost", {"cost": economics.cost})
    if run.currency != run.profile.currency:
        costs, served = run.profile.churn.costs, economics.cost if economics.cost_from == "profile" else 0
        if costs.incentive + costs.contact + served > 0:
            yield Message("ltv.flag.currency", {"data": run.currency, "profile": run.profile.currency})
    if not run.has("referrals"):
        yield Message("ltv.flag.no_referrals")
    if not run.has("costs"):
        yield Message("ltv.flag.no_costs")
