"""What this room says and warns of: each a key of `text/` with its values and the number of customers behind it."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd

from playbook.churn.definition import Definition, History
from playbook.churn.horizon import Horizon
from playbook.churn.leakage_demo import LeakageDemo
from playbook.churn.model.comparison import Comparison
from playbook.churn.model.drift import Drift
from playbook.churn.model.estimators import PLAIN
from playbook.churn.model.leading_indicators import group_differences
from playbook.churn.model.metrics import calibration_curve
from playbook.churn.model.profit import profit_curve
from playbook.churn.report_tables import Reactivated
from playbook.report.message import Message
from playbook.stats.effects import normal_interval

#: Below this corrected p-value a difference is spoken of.
DOUBT = 0.05
#: A proposed horizon this near to the one in use, in days, supports it: the step of those that are tried.
STEP = 15
#: Fewer months of new customers make no two halves to compare.
LEAST_MONTHS = 4
#: An offer that pays for a smaller share of the customers pays for nobody to speak of.
LEAST_REACH = 0.005
#: Fewer gaps between purchases say nothing about the usual one.
FEW_GAPS = 30
#: Half of a 90 % interval, in standard errors.
Z = normal_interval(0, 1, level=0.9)[1]
#: Outside these slopes, probabilities are too extreme, or not extreme enough, to be read as they stand.
SLOPES = (0.8, 1.25)
#: A score that ranks no better than this is no help.
CHANCE = 0.55
#: A share of leavers this far from the one foreseen says that times have changed.
GAP = 0.1
#: Customers on the test below whom intervals are wide.
FEW = 300


def naive(past: History, left: np.ndarray) -> Message:
    """How right somebody is who says the same of everybody. `left` is `report_tables.everybody(past)`."""
    share = float(left.mean())
    values = {"gone": share, "stayed": 1 - share, "origin": past.origins[-1], "scored": float(past.test.left.mean())}
    values |= {"lost": past.definition.lost_after_days, "horizon": past.definition.spec.horizon_days}
    kind = "gone" if share >= 0.5 else "stay"
    return Message(f"churn.naive.{kind}{_contract(past.definition)}", values, len(left))


def horizon(definition: Definition, silences: Horizon, churn) -> Message:
    """The horizon in use beside the one that the silences propose. `churn` is the profile's part."""
    values = {"used": silences.used, "allowed": churn.reactivation_rate}
    if definition.contractual:
        return Message("churn.horizon.contract", values | {"grace": churn.grace_days}, 0)
    values |= {"proposed": silences.proposed, "gaps": silences.by_gaps, "reactivation": silences.rate_of_used}
    count = int(silences.gaps[["returned", "open"]].to_numpy().sum())
    return Message(f"churn.horizon.{_agreement(silences)}", values, count, of="silence")


def reactivated(past: History, leavers: Reactivated | None) -> Message | None:
    """How many of those who were called gone bought again after all."""
    if leavers is None:
        return None
    values = {"origin": leavers.origin, "returned": leavers.share, "days": leavers.days}
    return Message("churn.reactivated", values | {"horizon": past.definition.spec.horizon_days}, leavers.customers)


def learnt(past: History, rows: pd.DataFrame) -> Message:
    """What the models learn from, and what is kept for the test. `rows` is `report_tables.past_days(past)`."""
    test = rows[rows.kept].iloc[0]
    values = {"days": len(rows) - 1, "test": test.origin, "left": float(test.left)}
    values |= {"features": len(past.definition.names), "between": past.definition.window_days}
    return Message("churn.learnt", values, int(test.customers))


def leak(past: History, demo: LeakageDemo) -> Message:
    """What a feature from the future does to the AUC, and that the guard refused it."""
    values = {"honest": demo.honest, "leaky": demo.with_leak}
    if demo.refused is None:
        return Message("churn.leak.harmless", values, len(past.test))
    kind = "better" if demo.with_leak > demo.honest else "no_better"
    return Message(f"churn.leak.{kind}", values | {"origin": demo.refused.origin}, len(past.test))


def model(past: History, comparison: Comparison) -> Message:
    """Which model is used, beside the plain rule."""
    rows = comparison.table.set_index("model")
    candidate = comparison.candidate or PLAIN
    row = rows.loc[candidate]
    values = {"model": candidate, "auc": row.auc, "plain": rows.auc[PLAIN], "test": comparison.origin}
    values |= {"gain": row.auc_gain, "low": row.auc_low, "high": row.auc_high, "tried": len(rows)}
    values |= {"horizon": past.definition.spec.horizon_days}
    return Message(f"churn.model.{comparison.reason}", values, len(comparison.test))


def calibrated(comparison: Comparison) -> Message:
    """How far what the model said is from what came."""
    expected, left, size = calibration_curve(comparison.counts(comparison.chosen))
    values = {"said": float(np.average(expected, weights=size)), "left": float(np.average(left, weights=size))}
    values |= {"gap": 100 * float(np.average(np.abs(expected - left), weights=size)), "model": comparison.chosen}
    return Message("churn.calibration", values, int(size.sum()))


def profit(comparison: Comparison) -> Message:
    """How many to contact for the largest expected profit, and what the plain rule would bring."""
    costs, chosen = comparison.costs, comparison.chosen
    if costs is None:
        return Message("churn.profit.unknown", {}, 0)
    rows = comparison.table.set_index("model")
    best = rows.loc[chosen]
    values = {name: getattr(costs, name) for name in ("value", "incentive", "contact", "acceptance")}
    values |= {"share": best.empc_share, "profit": best.empc, "plain": rows.empc[PLAIN], "model": chosen}
    values |= {"everybody": float(profit_curve(*comparison.counts(chosen), costs).profit.iloc[-1])}
    values |= {f"gain_{end}": best[f"empc_{end}"] for end in ("low", "high")}
    kind = "none" if best.empc_share < LEAST_REACH else "same" if chosen == PLAIN else "some"
    return Message(f"churn.profit.{kind}", values, len(comparison.test))


def levels(definition: Definition, scored: pd.DataFrame, churn, *, days: int) -> Message:
    """How many are at the highest level of risk. `scored` is `report_tables.scored_customers(...)`."""
    key, level = next(iter(churn.levels.items()))
    top = scored[scored.risk == key]
    values = {"level": key, "least": level.least, "count": len(top), "share": len(top) / max(len(scored), 1)}
    values |= {"spent": float(top.monetary.clip(lower=0).sum()), "days": days, "horizon": churn.horizon_days}
    values |= {"lost": definition.lost_after_days}
    kind = "churn.levels" if len(top) else "churn.levels.none"
    return Message(f"{kind}{_contract(definition)}", values, len(scored))


def best_at_risk(scored: pd.DataFrame, tier: str | None, churn) -> Message | None:
    """How many of the best tier are expected to leave, and how many are above the lowest level."""
    inside = scored[scored.tier == tier] if tier else scored.iloc[:0]
    if inside.empty:
        return None
    count = int((inside.risk != list(churn.levels)[-1]).sum())
    values = {"tier": tier, "count": count, "share": count / len(inside), "horizon": churn.horizon_days}
    values |= {"expected": float(inside.churn_probability.sum())}
    return Message("churn.best" if count else "churn.best.none", values, len(inside))


def signals(counts: pd.DataFrame, customers: int) -> Message | None:
    """What goes with the risk most often. `counts` is `report_tables.common_signals(...)` of so many customers."""
    if counts.empty:
        return Message("churn.signals.none", {}, customers) if customers else None
    first, second = counts.iloc[0], counts.iloc[min(1, len(counts) - 1)]
    values = {"first": first.signal, "first_share": first.share, "second": second.signal, "second_share": second.share}
    return Message("churn.signals" if len(counts) > 1 else "churn.signals.one", values, customers)


def preceded(indicators: pd.DataFrame, tier: str | None) -> Message:
    """The signal that precedes leaving most, among the best tier's customers and among the others."""
    others, best = (_strongest(indicators, group) for group in ("others", "high_value"))
    if others is None:
        return Message("churn.preceded.none", {}, 0)
    values, n = {name: others[name] for name in ("signal", "left", "stayed")}, int(others.n_left + others.n_stayed)
    if tier is None:
        return Message("churn.preceded", values, n)
    values |= {"tier": tier}
    if best is None:
        unsure = _largest_in_tier(indicators)
        return Message(f"churn.preceded.{'others' if unsure['best_left'] else 'others.unseen'}", values | unsure, n)
    values |= {f"best_{name}": best[name] for name in ("signal", "left", "stayed")}
    kind = "alike" if best.signal == others.signal else "apart"
    return Message(f"churn.preceded.{kind}", values, n + int(best.n_left + best.n_stayed))


def told_apart(indicators: pd.DataFrame, tier: str | None) -> Message | None:
    """The sign that goes with leaving most differently in the best tier, where one does beyond doubt."""
    rows = group_differences(indicators) if tier else pd.DataFrame({"p_holm": []})
    sure = rows[rows.p_holm < DOUBT]
    if sure.empty:
        return None
    row = sure.sort_values(["p_holm", "signal"]).iloc[0]
    low, high = sorted(100 * abs(end) for end in (row.low, row.high))
    values = {"signal": row.signal, "tier": tier, "by": 100 * abs(row.more), "low": low, "high": high}
    both = indicators[indicators.signal == row.signal]
    kind = "more" if row.more > 0 else "less"
    return Message(f"churn.told_apart.{kind}", values, int((both.n_left + both.n_stayed).sum()))


def bought_again(curves: pd.DataFrame, *, as_of: date) -> Message:
    """The tiers that came back most and least. `curves` is `churn.to_next_purchase(...)`."""
    if curves.empty or curves.group.nunique() < 2:
        return Message("churn.again.none", {}, 0)
    groups = curves.groupby("group", sort=True)
    last = groups.tail(1).set_index("group").survival
    days = int(curves.duration.max())
    values = {"days": days, "since": as_of - timedelta(days=days), "best": last.idxmin(), "worst": last.idxmax()}
    values |= {"best_share": 1 - last.min(), "worst_share": 1 - last.max()}
    return Message("churn.again", values, int(groups.at_risk.first().sum()))


def retained(rows: pd.DataFrame, *, contractual: bool = False) -> Message:
    """Whether newer customers stay longer than older ones did. `rows` is `report_tables.retained_by_month(...)`."""
    months = rows.groupby("age").month.nunique() if len(rows) else pd.Series(dtype=int)
    ages = [age for age in sorted(months.index) if months[age] >= LEAST_MONTHS]
    if not ages:
        return Message("churn.stayed.none", {}, 0)
    age = ages[min(1, len(ages) - 1)]
    shown = rows[rows.age == age].sort_values("month", ignore_index=True)
    older, newer = shown.iloc[: len(shown) // 2], shown.iloc[-(len(shown) // 2) :]
    (before, error), (after, other) = _mean(older), _mean(newer)
    kind = "steady" if abs(after - before) <= Z * np.hypot(error, other) else "rose" if after > before else "fell"
    values = {"age": int(age), "before": before, "after": after}
    values |= {"first": older.month.iloc[0], "first_end": older.month.iloc[-1]}
    values |= {"last": newer.month.iloc[0], "last_end": newer.month.iloc[-1]}
    key = f"churn.stayed.{kind}.contract" if contractual else f"churn.stayed.{kind}"
    return Message(key, values, int(older.customers.sum() + newer.customers.sum()))


def drifted(drift: Drift, customers: int) -> Message:
    """Whether the scores of so many customers lie as they did on the last run."""
    values = {} if drift.before is None else {"before": drift.before, "psi": drift.psi}
    return Message(f"churn.drift.{drift.verdict}", values, customers)


def came_true(drift: Drift) -> Message | None:
    """Whether earlier scores came true."""
    checked = drift.checked
    if checked is None:
        return None
    values = {"day": checked.as_of, "said": checked.expected, "left": checked.left, "slope": checked.slope}
    return Message(
        "churn.came_true" if np.isfinite(checked.slope) else "churn.came_true.one", values, checked.customers
    )


def cautions(run, past: History, silences: Horizon, comparison: Comparison | None, drift: Drift) -> Iterator[Message]:
    """What a reader of risks should know before acting on them: what applies to this run."""
    rate, allowed = silences.rate_of_used, run.profile.churn.reactivation_rate
    if not past.definition.contractual and rate > allowed:
        values = {"days": silences.used, "reactivation": rate, "allowed": allowed}
        yield Message("churn.flag.reactivation", values)
    if not past.definition.contractual and np.isnan(rate) and len(silences.gaps):
        yield Message("churn.flag.no_reactivation", {"days": silences.used})
    if comparison is not None:
        yield from _of_test(past, comparison)
    if drift.verdict == "act":
        yield Message("churn.flag.drift", {"psi": drift.psi, "before": drift.before})
    if comparison is not None and (costs := comparison.costs):
        yield Message("churn.flag.assumed", {"acceptance": costs.acceptance, "incentive": costs.incentive})
        if run.profile.churn.costs.value is None:
            yield Message("churn.flag.value", {"value": costs.value})


def _of_test(past: History, comparison: Comparison) -> Iterator[Message]:
    """Whether the score, its order or its figures are to be trusted, by how it did on the test."""
    row = comparison.table.set_index("model").loc[comparison.chosen]
    if row.auc < CHANCE:
        yield Message("churn.flag.chance", {"auc": row.auc})
    else:
        if np.isfinite(row.slope) and not SLOPES[0] <= row.slope <= SLOPES[1]:
            yield Message(f"churn.flag.slope.{'low' if row.slope < SLOPES[0] else 'high'}", {"slope": row.slope})
        expected = float(comparison.probability[comparison.chosen].mean())
        if abs(expected - row.left) > GAP:
            values = {"said": expected, "left": row.left, "test": comparison.origin}
            yield Message("churn.flag.season", values)
    if len(past.origins) < 3:
        yield Message("churn.flag.one_origin")
    if row.n < FEW:
        yield Message("churn.flag.few", {"customers": int(row.n)})
    if comparison.reason == "plain":
        yield Message("churn.flag.plain")


def _contract(definition: Definition) -> str:
    return ".contract" if definition.contractual else ""


def _agreement(silences: Horizon) -> str:
    """How the horizon in use stands to the one that the silences propose."""
    if silences.by_reactivation is None:
        if np.isfinite(silences.rate_of_used):
            return "early"
        return "gaps" if silences.gaps.returned.sum() >= FEW_GAPS else "unknown"
    if np.isnan(silences.rate_of_used):
        return "unseen"
    gap = silences.by_reactivation - silences.used
    return "agrees" if abs(gap) <= STEP else "longer" if gap > 0 else "shorter"


def _strongest(indicators: pd.DataFrame, group: str) -> pd.Series | None:
    """The row of the group with the largest rise before leaving that is beyond doubt."""
    rows = indicators[(indicators.group == group) & (indicators.p_holm < DOUBT) & (indicators.difference > 0)]
    return None if rows.empty else rows.sort_values(["difference", "signal"], ascending=[False, True]).iloc[0]


def _largest_in_tier(indicators: pd.DataFrame) -> dict:
    """The best tier's largest difference, though it may be chance, and how few it rests on."""
    rows = indicators[indicators.group == "high_value"].sort_values(["difference", "signal"], ascending=[False, True])
    if rows.empty:
        return {"best_left": 0, "best_signal": None}
    row = rows.iloc[0]
    interval = {"best_low": 100 * row.low, "best_high": 100 * row.high}
    return {"best_left": int(row.n_left), "best_signal": row.signal} | interval


def _mean(rows: pd.DataFrame) -> tuple[float, float]:
    """The share over several months with its standard error."""
    weight = rows.customers / rows.customers.sum()
    error = (rows.high - rows.low) / (2 * Z)
    return float(weight @ rows.share), float(np.sqrt(weight**2 @ error**2))
