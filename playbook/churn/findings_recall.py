"""Findings on past recalls: what they did, whom they moved, what a return is worth, and what a test would need."""

from math import ceil

import pandas as pd

from playbook.churn.recall import Terms
from playbook.churn.uplift import Winback
from playbook.churn.uplift_effects import differ
from playbook.churn.uplift_judge import Average
from playbook.churn.uplift_learn import LEAST_ARM_RETURNS, LEAST_ROWS
from playbook.rfm.findings import Finding

#: Below this corrected p-value an effect is beyond doubt.
DOUBT = 0.05
#: Of the campaign that says most, what a sentence may tell.
_TOLD = ("treated", "control", "campaigns", "auc")


def effects(found: Winback, terms: Terms) -> list[Finding]:
    """What past recalls did to the lapsed, one finding for each arm; or why that cannot be said."""
    values = {"days": terms.horizon_days, "lapsed": terms.lapsed_days}
    if found.kind != "measured":
        told = {name: found.reason.values[name] for name in _TOLD if name in found.reason.values}
        return [
            Finding(f"churn.recall.{found.reason.key}", int(found.reason.values.get("n_treated", 0)), values | told)
        ]
    return [_effect(one, values, several=len(found.averages) > 1) for one in found.averages]


def _effect(one: Average, values: dict, *, several: bool) -> Finding:
    mean = one.returns
    values = values | {"treated": mean.treated, "control": mean.control, "arm": one.arm} | _points(mean)
    kind = "helped" if mean.low > 0 else "harmed" if mean.high < 0 else "unsure"
    return Finding(f"churn.recall.{kind}{'.arm' if several else ''}", mean.n_treated + mean.n_control, values)


def main_effect(found: Winback, terms: Terms) -> Finding:
    """That of the arm which the rest of the chapter speaks of."""
    findings = effects(found, terms)
    return next((one for one in findings if found.average and one.values["arm"] == found.average.arm), findings[0])


def lasts(found: Winback) -> Finding | None:
    """Whether the contacted bought more in the longest time that campaigns cover, or only sooner."""
    rows = found.lasting
    if len(rows) < 2 or found.average is None or found.average.returns.low <= 0:
        return None
    first, last = rows.iloc[0], rows.iloc[-1]
    values = {f"{name}_{when}": 100 * row[name] for when, row in (("first", first), ("last", last))
              for name in ("effect", "low", "high")}  # fmt: skip
    values |= {"first": int(first.days), "last": int(last.days)}
    return Finding("churn.lasts" if last.low > 0 else "churn.lasts.unsure", int(last.n), values)


def needed(found: Winback, lapsed: int) -> Finding | None:
    """The size of a test that would see an effect worth having; None where one has been measured beyond doubt.

    `lapsed`: how many could be in it today.
    """
    measured = found.average is not None and found.average.returns.low > 0
    if measured or found.needed is None:
        return None
    size = found.needed
    values = {"base": size.base, "effect": 100 * size.effect, "treated": size.treated, "control": size.control}
    kind = "" if size.treated + size.control <= lapsed else ".several"
    return Finding(f"churn.needed{kind}", 0, values | {"power": size.power, "available": lapsed})


def tiers(found: Winback) -> Finding | None:
    """The tier that a recall moved most, where one did beyond doubt."""
    seen = found.tiers[found.tiers.enough.fillna(False).astype(bool)] if len(found.tiers) else found.tiers
    if seen.empty:
        return None
    sure = seen[(seen.p_holm < DOUBT) & (seen.effect > 0)].sort_values(["p_holm", "tier"])
    if sure.empty:
        return Finding("churn.recall_tiers.none", int((seen.n_treated + seen.n_control).sum()), {"tiers": len(seen)})
    row = sure.iloc[0]
    values = {name: row[name] for name in ("tier", "treated", "control")} | _points(row)
    alone = len(seen) > 1 and not differ(seen.effect, seen.error) < DOUBT
    return Finding(f"churn.recall_tiers{'.alone' if alone else ''}", int(row.n_treated + row.n_control), values)


def ranked(found: Winback) -> Finding | None:
    """Whether anybody can tell who comes back because of a recall."""
    if found.average is None:
        return None
    if found.learned is None:
        return _too_few(found.average.returns)
    rows = found.learned.rankings
    mine = rows[rows.score == found.learned.chosen]
    kind, row = "ranks", mine[mine.checked_on == "folds"].iloc[0]
    if not found.learned.ranks:
        row = mine[mine.qini_low <= 0].iloc[0]
        kind = "chance" if row.checked_on == "folds" else "later"
    values = {"learner": row.score, "qini": 100 * row.qini, "low": 100 * row.qini_low, "high": 100 * row.qini_high}
    return Finding(f"churn.uplift.{kind}", int(row.n), values | {"auuc": 100 * row.auuc})


def _too_few(mean) -> Finding:
    """How far the tests are from telling customers apart."""
    values = {"rows": LEAST_ROWS, "returns": LEAST_ARM_RETURNS, "have": mean.n_treated + mean.n_control}
    values |= {"with_contact": round(mean.n_treated * mean.treated), "without": round(mean.n_control * mean.control)}
    if not mean.control:
        return Finding("churn.uplift.too_few.none", values["have"], values)
    return Finding("churn.uplift.too_few", values["have"], values | {"needed": ceil(LEAST_ARM_RETURNS / mean.control)})


def given_return(found: Winback, terms: Terms) -> Finding:
    """How somebody goes on buying who has come back."""
    values = {"lapsed": terms.lapsed_days, "days": found.value.days, "orders": found.value.orders}
    values |= {"low": found.value.low, "high": found.value.high}
    return Finding("churn.returned" if found.value.seen else "churn.returned.few", found.value.returns, values)


def today(found: Winback, scored: pd.DataFrame, terms: Terms) -> Finding | None:
    """What recalling all who are lapsed today would bring, by what recalls did. `scored` is of `churn.recalls`."""
    if found.average is None or scored.empty or found.average.returns.low <= 0:
        return None
    mean, more = found.average.returns, float(scored.uplift.sum())
    spent = found.average.cost * len(scored)
    brought = float(scored.gain.sum()) + spent
    bounds = {"low": mean.low / mean.effect, "high": mean.high / mean.effect}
    values = {name: round(more * share) for name, share in bounds.items()}
    values |= {f"gain_{name}": brought * share - spent for name, share in bounds.items()}
    values |= {"more": round(more), "gain": brought - spent, "days": terms.horizon_days, "lapsed": terms.lapsed_days}
    values |= {"year": terms.value_days, "arm": found.average.arm}
    kind = "paid" if values["gain"] > 0 else "lost"
    return Finding(f"churn.today.{kind}{'.arm' if len(found.averages) > 1 else ''}", len(scored), values)


def _points(row) -> dict:
    """The effect and its interval in customers of a hundred."""
    return {name: 100 * float(getattr(row, name)) for name in ("effect", "low", "high")}
