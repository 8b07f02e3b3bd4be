"""Findings: the sentences this room says, each a key of `text/`, its values and the number of customers behind it."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from playbook.churn.accuracy import calibration_curve
from playbook.churn.build import Room
from playbook.churn.comparison import PLAIN
from playbook.churn.leak import Tempted
from playbook.churn.learning import LABEL
from playbook.churn.profit import profit_curve
from playbook.churn.signals_whole import tell_apart
from playbook.churn.story import Naive, Preceding, Regretted
from playbook.churn.survival import Z
from playbook.rfm.findings import Finding, say

__all__ = ["Finding", "say", "say_some"]

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


def say_some(run, finding: Finding | None, **evidence) -> None:
    """Say a finding where there is one."""
    if finding is not None:
        say(run, finding, **evidence)


def problem(room: Room) -> Finding | None:
    """Why nobody has a probability; None where there are probabilities."""
    if room.problem is None:
        return None
    return Finding(f"churn.problem.{_problem_key(room.problem)}", 0, room.problem.values | _horizon(room))


def naive(room: Room, found: Naive | None) -> Finding | None:
    """How right somebody is who says the same of everybody."""
    if found is None:
        return None
    values = {"gone": found.left, "stayed": 1 - found.left, "origin": found.origin} | _horizon(room)
    values |= {"scored": float(room.test[LABEL].mean()), "lost": room.definition.lost_after_days}
    kind = "gone" if found.left >= 0.5 else "stay"
    return Finding(f"churn.naive.{kind}{_contract(room)}", found.customers, values)


def horizon(room: Room, churn) -> Finding:
    """The horizon in use beside the one that the silences propose."""
    found, values = room.horizon, {"used": room.horizon.used, "allowed": churn.regret}
    if room.definition.contractual:
        return Finding("churn.horizon.contract", 0, values | {"grace": churn.grace_days})
    silences = int(found.gaps[["returned", "open"]].to_numpy().sum())
    values |= {"proposed": found.proposed, "gaps": found.by_gaps, "regret": found.regret_of_used}
    return Finding(f"churn.horizon.{_agreement(found)}", silences, values, of="silence")


def learnt(room: Room, rows: pd.DataFrame) -> Finding | None:
    """What the models learnt from, and what was kept for the test. `rows` is `story.learnt(room)`."""
    if room.comparison is None:
        return None
    test = rows[rows.kept].iloc[0]
    values = {"days": len(rows) - 1, "test": test.origin, "left": float(test.left)}
    values |= {"features": len(room.definition.names)}
    return Finding("churn.learnt", int(test.customers), values | {"between": room.definition.window_days})


def leak(room: Room, found: Tempted) -> Finding:
    """What a feature from the future does to the AUC, and that the guard refused it."""
    values = {"honest": found.honest, "leaky": found.with_leak}
    if found.refused is None:
        return Finding("churn.leak.harmless", len(room.test), values)
    kind = "better" if found.with_leak > found.honest else "no_better"
    return Finding(f"churn.leak.{kind}", len(room.test), values | {"origin": found.refused.origin})


def model(room: Room) -> Finding:
    """Which model is used, beside the plain rule."""
    found = room.comparison
    rows = found.table.set_index("model")
    other = rows.loc[found.candidate or PLAIN]
    values = {"model": found.candidate or PLAIN, "auc": other.auc, "plain": rows.auc[PLAIN], "test": room.origins[-1]}
    values |= {"gain": other.auc_gain, "low": other.auc_low, "high": other.auc_high, "tried": len(rows)}
    return Finding(f"churn.model.{found.reason}", len(found.left), values | _horizon(room))


def regretted(room: Room, found: Regretted | None) -> Finding | None:
    """How many of those who were called gone bought again after all."""
    if found is None:
        return None
    values = {"origin": found.origin, "returned": found.share, "days": found.days}
    return Finding("churn.regretted", found.customers, values | _horizon(room))


def calibrated(room: Room) -> Finding:
    """How far what the model said is from what came."""
    said, came, size = calibration_curve(room.comparison.tally(room.chosen))
    gap = float(np.average(np.abs(said - came), weights=size))
    values = {
        "said": float(np.average(said, weights=size)),
        "left": float(np.average(came, weights=size)),
        "gap": 100 * gap,
    }
    return Finding("churn.calibration", int(size.sum()), values | {"model": room.chosen})


def profit(room: Room) -> Finding:
    """How many to contact for the largest expected profit, and what the plain rule would bring."""
    if room.costs is None:
        return Finding("churn.profit.unknown", 0, {})
    rows, costs = room.comparison.table.set_index("model"), room.costs
    best = rows.loc[room.chosen]
    values = {name: getattr(costs, name) for name in ("value", "incentive", "contact", "acceptance")}
    values |= {"share": best.empc_share, "profit": best.empc, "plain": rows.empc[PLAIN], "model": room.chosen}
    tally = room.comparison.tally(room.chosen)
    values |= {"everybody": float(profit_curve(tally.score, tally.left, tally.stayed, costs).profit.iloc[-1])}
    values |= {f"gain_{end}": best[f"empc_{end}"] for end in ("low", "high")}
    kind = "none" if best.empc_share < LEAST_REACH else "same" if room.chosen == PLAIN else "some"
    return Finding(f"churn.profit.{kind}", len(room.comparison.left), values)


def levels(room: Room, found: pd.DataFrame, churn, *, days: int) -> Finding:
    """How many are at the highest level of risk. `found` is `story.people(...)`."""
    key, level = next(iter(churn.levels.items()))
    top = found[found.risk == key]
    values = {"level": key, "least": level.least, "count": len(top), "share": len(top) / max(len(found), 1)}
    values |= {"spent": float(top.monetary.clip(lower=0).sum()), "days": days, "horizon": churn.horizon_days}
    key = "churn.levels" if len(top) else "churn.levels.none"
    return Finding(f"{key}{_contract(room)}", len(found), values | {"lost": room.definition.lost_after_days})


def best_at_risk(found: pd.DataFrame, tier: str | None, churn) -> Finding | None:
    """How many of the best tier are expected to leave, and how many are above the lowest level."""
    inside = found[found.tier == tier] if tier else found.iloc[:0]
    if inside.empty:
        return None
    above = inside[inside.risk != list(churn.levels)[-1]]
    values = {
        "tier": tier,
        "count": len(above),
        "share": len(above) / len(inside),
        "expected": float(inside.churn_probability.sum()),
    }
    return Finding("churn.best" if len(above) else "churn.best.none", len(inside), values | _window(churn))


def signals(counts: pd.DataFrame, above: pd.DataFrame) -> Finding | None:
    """What goes with the risk most often. `counts` is `story.common(above)`."""
    if counts.empty:
        return None if above.empty else Finding("churn.signals.none", len(above), {})
    first, second = counts.iloc[0], counts.iloc[min(1, len(counts) - 1)]
    values = {"first": first.signal, "first_share": first.share, "second": second.signal, "second_share": second.share}
    return Finding("churn.signals" if len(counts) > 1 else "churn.signals.one", len(above), values)


def preceded(found: Preceding) -> Finding:
    """The signal that precedes leaving most, among the best tier's customers and among the others."""
    first = {group: _strongest(found.table, group) for group in ("others", "high_value")}
    if first["others"] is None:
        return Finding("churn.preceded.none", 0, {})
    values = _shown(first["others"])
    if found.tier is None:
        return Finding("churn.preceded", values.pop("n"), values)
    if first["high_value"] is None:
        unsure = _unsure(found.table)
        kind = "others" if unsure["best_left"] else "others.unseen"
        return Finding(f"churn.preceded.{kind}", values.pop("n"), values | {"tier": found.tier} | unsure)
    best = {f"best_{name}": value for name, value in _shown(first["high_value"]).items()}
    number = values.pop("n") + best.pop("best_n")
    kind = "alike" if best["best_signal"] == values["signal"] else "apart"
    return Finding(f"churn.preceded.{kind}", number, values | best | {"tier": found.tier})


def told_apart(found: Preceding) -> Finding | None:
    """The sign that goes with leaving most differently in the best tier, where one does beyond doubt."""
    rows = tell_apart(found.table) if found.tier else pd.DataFrame()
    sure = rows[rows.p_holm < DOUBT].sort_values(["p_holm", "signal"]) if len(rows) else rows
    if sure.empty:
        return None
    row = sure.iloc[0]
    kind = "more" if row.more > 0 else "less"
    ends = sorted(100 * abs(end) for end in (row.low, row.high))
    values = {"signal": row.signal, "tier": found.tier, "by": 100 * abs(row.more), "low": ends[0], "high": ends[1]}
    both = found.table[found.table.signal == row.signal]
    return Finding(f"churn.told_apart.{kind}", int((both.n_left + both.n_stayed).sum()), values)


def bought_again(curves: pd.DataFrame, *, as_of: date) -> Finding:
    """The tiers that came back most and least. `curves` is `churn.to_next_purchase(...)`."""
    if curves.empty or curves.group.nunique() < 2:
        return Finding("churn.again.none", 0, {})
    last = curves.groupby("group", sort=True).tail(1).set_index("group").share
    values = {"days": int(curves.days.max()), "best": last.idxmin(), "worst": last.idxmax()}
    values |= {"since": as_of - timedelta(days=values["days"])}
    values |= {"best_share": 1 - last.min(), "worst_share": 1 - last.max()}
    return Finding("churn.again", int(curves.groupby("group").at_risk.first().sum()), values)


def stayed(rows: pd.DataFrame, *, contractual: bool = False) -> Finding:
    """Whether newer customers stay longer than older ones did. `rows` is `story.still_there(...)`."""
    months = rows.groupby("age").month.nunique() if len(rows) else pd.Series(dtype=int)
    ages = [age for age in sorted(months.index) if months[age] >= LEAST_MONTHS]
    if not ages:
        return Finding("churn.stayed.none", 0, {})
    seen = rows[rows.age == ages[min(1, len(ages) - 1)]].sort_values("month", ignore_index=True)
    older, newer = seen.iloc[: len(seen) // 2], seen.iloc[-(len(seen) // 2) :]
    (before, error), (after, other) = _mean(older), _mean(newer)
    kind = "steady" if abs(after - before) <= Z * np.hypot(error, other) else "rose" if after > before else "fell"
    values = {"age": int(seen.age[0]), "before": before, "after": after}
    values |= {"first": older.month.iloc[0], "first_end": older.month.iloc[-1]}
    values |= {"last": newer.month.iloc[0], "last_end": newer.month.iloc[-1]}
    kind = f"{kind}.contract" if contractual else kind
    return Finding(f"churn.stayed.{kind}", int(older.customers.sum() + newer.customers.sum()), values)


def drifted(room: Room) -> Finding:
    """Whether scores lie as they did on the last run."""
    found = room.drift
    values = {} if found.before is None else {"before": found.before, "psi": found.psi}
    return Finding(f"churn.drift.{found.verdict}", len(room.scored), values)


def came_true(room: Room) -> Finding | None:
    """Whether earlier scores came true."""
    found = room.drift.checked
    if found is None:
        return None
    values = {"day": found.as_of, "said": found.said, "left": found.left, "slope": found.slope}
    return Finding("churn.came_true" if np.isfinite(found.slope) else "churn.came_true.one", found.customers, values)


def _problem_key(found) -> str:
    return f"{found.code}.{'left' if found.values['left'] else 'stayed'}" if found.code == "one_class" else found.code


def _horizon(room):
    return {"horizon": room.definition.sight.horizon_days}


def _window(churn):
    return {"horizon": churn.horizon_days}


def _unsure(table):
    """The best tier's largest difference, though it may be chance, and how few it rests on."""
    rows = table[table.group == "high_value"].sort_values(["difference", "signal"], ascending=[False, True])
    if rows.empty:
        return {"best_left": 0, "best_signal": None}
    row = rows.iloc[0]
    spans = {"best_low": 100 * row.low, "best_high": 100 * row.high}
    return {"best_left": int(row.n_left), "best_signal": row.signal} | spans


def _contract(room):
    return ".contract" if room.definition.contractual else ""


def _agreement(found) -> str:
    if found.by_regret is None and np.isfinite(found.regret_of_used):
        return "early"
    if found.by_regret is None:
        return "gaps" if found.gaps.returned.sum() >= FEW_GAPS else "unknown"
    if np.isnan(found.regret_of_used):
        return "unseen"
    gap = found.by_regret - found.used
    return "agrees" if abs(gap) <= STEP else "longer" if gap > 0 else "shorter"


def _mean(rows):
    """The share over several months with its standard error."""
    weight = rows.customers / rows.customers.sum()
    error = (rows.high - rows.low) / (2 * Z)
    return float(weight @ rows.share), float(np.sqrt(weight**2 @ error**2))


def _strongest(table, group):
    """The row of the group with the largest rise before leaving that is beyond doubt."""
    rows = table[(table.group == group) & (table.p_holm < DOUBT) & (table.difference > 0)]
    return None if rows.empty else rows.sort_values(["difference", "signal"], ascending=[False, True]).iloc[0]


def _shown(row):
    return {"signal": row.signal, "left": row.left, "stayed": row.stayed, "n": int(row.n_left + row.n_stayed)}
