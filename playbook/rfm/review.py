"""The monthly review of thresholds: have shares moved, has behaviour drifted, and what would new cuts change?"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml

from playbook.rfm.cuts import DECISION, MEASURES, Cuts, fresh_cuts, given
from playbook.rfm.tiers import assign, score
from playbook.tables.engine import Table

#: Population stability index: below the first limit behaviour is as it was, above the second it is another.
PSI_WATCH, PSI_ACT = 0.10, 0.25
#: How far a cut is moved to see how much hangs on it.
NUDGE = 0.10
FLOOR = 1e-4


class Proposal(NamedTuple):
    """New cuts, and what accepting them would do: customers who change tier, and the money of the window they hold.

    `partly`: the profile sets some of the limits, and those are not for a review to change.
    """

    cuts: Cuts
    customers: int
    share: float
    money: float
    partly: bool


def against_target(rfm: Table, profile) -> pd.DataFrame:
    """One row per tier that has a target: tier, customers, share, target, off_target (share less target)."""
    targets = {key: tier.target for key, tier in profile.tiers.items()}
    counts = rfm.engine.sql("select tier, count(*) as customers from rfm group by tier", rfm=rfm).df()
    found = counts.set_index("tier")["customers"].reindex(list(targets), fill_value=0)
    inside = found[[not profile.tiers[key].apart for key in found.index]]
    frame = inside.to_frame().assign(share=inside / max(inside.sum(), 1), target=pd.Series(targets, dtype=float))
    return frame.assign(off_target=frame["share"] - frame["target"]).dropna(subset=["target"]).reset_index(names="tier")


def baseline(summary: Table) -> dict[str, dict[str, list[float]]]:
    """How the buyers of the window behave today, for later comparison: decile limits and shares of R, F and M."""
    buyers = _buyers(summary)
    return {name: _spread(buyers[name].to_numpy(float)) for name in MEASURES} if len(buyers) else {}


def drift(summary: Table, before: dict) -> pd.DataFrame:
    """One row for each of R, F and M: measure, psi (population stability index against `before`), verdict.

    The verdict is `stable`, `watch` (from .10) or `act` (from .25).
    """
    buyers = _buyers(summary)
    rows = [{"measure": name, "psi": _psi(buyers[name].to_numpy(float), before[name])} for name in MEASURES]
    frame = pd.DataFrame(rows)
    verdicts = np.select([frame["psi"] >= PSI_ACT, frame["psi"] >= PSI_WATCH], ["act", "watch"], "stable")
    return frame.assign(verdict=verdicts)


def sensitivity(summary: Table, cuts: Cuts, profile, measures: Table | None = None) -> pd.DataFrame:
    """What hangs on each set of cuts: measure, change (-.1 or .1), customers who would change tier, their money."""
    now = assign(score(summary, cuts), profile, measures).materialise()
    rows = []
    for name in MEASURES:
        for change in (-NUDGE, NUDGE):
            moved = cuts._replace(**{name: tuple(cut * (1 + _exact(change)) for cut in getattr(cuts, name))})
            rows.append({"measure": name, "change": change} | _moved(now, moved, summary, profile, measures))
    return pd.DataFrame(rows)


def propose(summary: Table, cuts: Cuts, profile, *, as_of: date, measures: Table | None = None) -> Proposal:
    """Today's quintiles as new cuts, where the profile sets none, and who would move if they were accepted."""
    now = assign(score(summary, cuts), profile, measures).materialise()
    fresh = fresh_cuts(summary, profile.rfm, as_of=as_of)
    found = _moved(now, fresh, summary, profile, measures)
    share = found["customers"] / max(now.count(), 1)
    return Proposal(fresh, found["customers"], share, found["money"], bool(given(profile.rfm)))


def changes(now: Cuts, new: Cuts) -> list[str]:
    """A line for each measure whose limits differ: `monetary: 50, 90, 160, 300 -> 60, 110, 200, 380`."""
    pairs = {name: (getattr(now, name), getattr(new, name)) for name in MEASURES}
    return [f"{name}: {_limits(old)} -> {_limits(made)}" for name, (old, made) in pairs.items() if old != made]


def accept(folder: Path, cuts: Cuts, *, reason: str, by: str = "") -> Path:
    """Write the decision for new cuts beside the data, dated and with its reason: an input of the next run.

    Raises `ValueError` without a reason, or where a decision of that day exists.
    """
    if not reason.strip():
        raise ValueError("a decision needs a reason: somebody will ask in a year why the cuts were changed.")
    path = Path(folder) / "decisions" / f"{cuts.as_of.isoformat()}-{DECISION}.yml"
    if path.exists():
        raise ValueError(f"there already is a decision of that day, {path.name}; remove it first if it was a mistake.")
    path.parent.mkdir(exist_ok=True)
    said = {"decides": DECISION, "reason": reason, "signed_by": by, "cuts": cuts._replace(origin="decision").record()}
    path.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _limits(limits) -> str:
    return ", ".join(f"{float(limit):,.10g}" for limit in limits)


def _buyers(summary: Table) -> pd.DataFrame:
    text = f"select {', '.join(MEASURES)} from summary where frequency > 0 and not is_internal order by all"
    return summary.engine.sql(text, summary=summary).df()


def _spread(values: np.ndarray) -> dict[str, list[float]]:
    limits = np.unique(np.quantile(values, np.linspace(0.1, 0.9, 9), method="inverted_cdf"))
    return {"limits": limits.tolist(), "shares": _shares(values, limits).tolist()}


def _shares(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(limits, values), minlength=len(limits) + 1) / len(values)


def _psi(values: np.ndarray, before: dict[str, list[float]]) -> float:
    expected = np.maximum(np.array(before["shares"]), FLOOR)
    actual = np.maximum(_shares(values, np.array(before["limits"])), FLOOR)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def _moved(now: Table, cuts: Cuts, summary: Table, profile, measures: Table | None) -> dict:
    then = assign(score(summary, cuts), profile, measures)
    text = """select count(*) as customers, coalesce(sum(now.monetary), 0) as money
              from now join later on later.customer_id = now.customer_id where later.tier <> now.tier"""
    customers, money = now.engine.sql(text, now=now, later=then).rows()[0]
    return {"customers": int(customers), "money": float(money)}


def _exact(change: float):
    from decimal import Decimal

    return Decimal(str(change))
