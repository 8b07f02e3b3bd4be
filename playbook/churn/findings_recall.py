"""Findings on past recalls: what they did, whom they moved, what a return is worth, and what a test would need."""

import pandas as pd

from playbook.churn.recall import Terms
from playbook.churn.uplift import Winback
from playbook.churn.uplift_learn import LEAST_ARM_RETURNS, LEAST_ROWS
from playbook.rfm.findings import Finding

#: Of the campaign that says most, what a sentence may tell.
_TOLD = ("treated", "control", "campaigns", "auc")


def effect(found: Winback, terms: Terms) -> Finding:
    """What past recalls did to the lapsed; or why that cannot be said."""
    values = {"days": terms.horizon_days, "lapsed": terms.lapsed_days}
    if found.kind != "measured":
        told = {name: found.reason.values[name] for name in _TOLD if name in found.reason.values}
        return Finding(f"churn.recall.{found.reason.key}", int(found.reason.values.get("n_treated", 0)), values | told)
    mean = found.average.returns
    values |= {"treated": mean.treated, "control": mean.control} | _points(mean)
    kind = "helped" if mean.low > 0 else "harmed" if mean.high < 0 else "unsure"
    return Finding(f"churn.recall.{kind}", mean.n_treated + mean.n_control, values)


def needed(found: Winback) -> Finding | None:
    """The size of a test that would see an effect worth having; None where one has been measured beyond doubt."""
    measured = found.average is not None and found.average.returns.low > 0
    if measured or found.needed is None:
        return None
    size = found.needed
    values = {"base": size.base, "effect": 100 * size.effect, "treated": size.treated, "control": size.control}
    return Finding("churn.needed", 0, values | {"power": size.power})


def tiers(found: Winback) -> Finding | None:
    """The tier that a recall moved most, where one did beyond doubt."""
    seen = found.tiers[found.tiers.enough.fillna(False).astype(bool)] if len(found.tiers) else found.tiers
    if seen.empty:
        return None
    sure = seen[(seen.p_holm < 0.05) & (seen.effect > 0)].sort_values(["effect", "tier"], ascending=[False, True])
    if sure.empty:
        return Finding("churn.recall_tiers.none", int((seen.n_treated + seen.n_control).sum()), {"tiers": len(seen)})
    row = sure.iloc[0]
    values = {name: row[name] for name in ("tier", "treated", "control")} | _points(row)
    return Finding("churn.recall_tiers", int(row.n_treated + row.n_control), values)


def ranked(found: Winback) -> Finding | None:
    """Whether anybody can tell who comes back because of a recall."""
    if found.average is None:
        return None
    if found.learned is None:
        return Finding("churn.uplift.too_few", 0, {"rows": LEAST_ROWS, "returns": LEAST_ARM_RETURNS})
    rows = found.learned.rankings
    best = rows[(rows.score == found.learned.chosen) & (rows.checked_on == "folds")].iloc[0]
    values = {"learner": best.score, "qini": 100 * best.qini, "low": 100 * best.qini_low, "high": 100 * best.qini_high}
    return Finding("churn.uplift.ranks" if found.learned.ranks else "churn.uplift.chance", int(best.n), values)


def given_return(found: Winback, terms: Terms) -> Finding:
    """How somebody goes on buying who has come back."""
    values = {"lapsed": terms.lapsed_days, "days": found.value.days, "orders": found.value.orders}
    values |= {"low": found.value.low, "high": found.value.high}
    return Finding("churn.returned" if found.value.seen else "churn.returned.few", found.value.returns, values)


def today(found: Winback, scored: pd.DataFrame, terms: Terms) -> Finding | None:
    """What recalling all who are lapsed today would bring, by what recalls did. `scored` is of `churn.recalls`."""
    if found.average is None or scored.empty or found.average.returns.low <= 0:
        return None
    more = float(scored.uplift.sum())
    low, high = (
        more * bound / found.average.returns.effect for bound in (found.average.returns.low, found.average.returns.high)
    )
    values = {
        "without": float(scored.p_without.mean()),
        "with_recall": float(scored.p_with.mean()),
        "more": round(more),
    }
    values |= {"low": round(low), "high": round(high), "days": terms.horizon_days, "gain": float(scored.gain.sum())}
    values |= {"worth": float(scored.value_given_return.mean()), "lapsed": terms.lapsed_days}
    kind = "paid" if values["gain"] > 0 else "lost"
    return Finding(f"churn.today.{kind}", len(scored), values)


def _points(row) -> dict:
    """The effect and its interval in customers of a hundred."""
    return {name: 100 * float(getattr(row, name)) for name in ("effect", "low", "high")}
