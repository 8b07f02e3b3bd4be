"""The monthly review of thresholds: have shares moved, has behaviour drifted, and what would new cuts change?"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import yaml

from playbook.rfm.customer_base import buyers
from playbook.rfm.cuts import DECISION, MEASURES, Cuts, fresh_cuts, set_by_profile
from playbook.rfm.tiers import assign, scope, score
from playbook.stats.psi import decile_bins, psi, verdict
from playbook.tables.engine import Table

#: How far a cut is moved to see how much depends on it.
NUDGE = Decimal("0.1")


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
    frame = _tier_sizes(rfm, profile).to_frame("customers")
    frame = frame.assign(share=frame["customers"] / max(frame["customers"].sum(), 1))
    frame = frame.assign(target=pd.Series({key: profile.tiers[key].target for key in frame.index}, dtype=float))
    return frame.assign(off_target=frame["share"] - frame["target"]).dropna(subset=["target"]).reset_index()


def baseline(summary: Table) -> dict[str, dict[str, list[float]]]:
    """How the buyers of the window behave today, for later comparison: decile limits and shares of R, F and M."""
    frame = buyers(summary)
    return {name: decile_bins(frame[name].to_numpy(float)) for name in MEASURES} if len(frame) else {}


def drift(summary: Table, before: dict) -> pd.DataFrame:
    """One row for each of R, F and M: measure, psi (population stability index against `before`), verdict.

    The verdict is `stable`, `watch` (from .10) or `act` (from .25).
    """
    frame = buyers(summary)
    indices = [psi(frame[name].to_numpy(float), before[name]) for name in MEASURES]
    return pd.DataFrame({"measure": MEASURES, "psi": indices, "verdict": [verdict(index) for index in indices]})


def sensitivity(summary: Table, cuts: Cuts, profile, measures: Table | None = None) -> pd.DataFrame:
    """What depends on each set of cuts: measure, change (-.1 or .1), customers who would change tier, their money."""
    now = assign(score(summary, cuts), profile, measures).materialise()
    rows = []
    for name in MEASURES:
        for change in (-NUDGE, NUDGE):
            nudged = cuts._replace(**{name: tuple(cut * (1 + change) for cut in getattr(cuts, name))})
            rows.append((name, float(change), *_moved(now, assign(score(summary, nudged), profile, measures))))
    return pd.DataFrame(rows, columns=["measure", "change", "customers", "money"])


def propose(summary: Table, cuts: Cuts, profile, *, as_of: date, measures: Table | None = None) -> Proposal:
    """Today's quintiles as new cuts, where the profile sets none, and who would move if they were accepted."""
    now = assign(score(summary, cuts), profile, measures).materialise()
    fresh = fresh_cuts(summary, profile.rfm, as_of=as_of)
    customers, money = _moved(now, assign(score(summary, fresh), profile, measures))
    return Proposal(fresh, customers, customers / max(now.count(), 1), money, bool(set_by_profile(profile.rfm)))


def changes(now: Cuts, new: Cuts) -> list[str]:
    """A line for each measure whose limits differ: `monetary: 50, 90, 160, 300 -> 60, 110, 200, 380`."""
    pairs = {name: (getattr(now, name), getattr(new, name)) for name in MEASURES}
    return [f"{name}: {_text(old)} -> {_text(fresh)}" for name, (old, fresh) in pairs.items() if old != fresh]


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
    record = cuts._replace(origin="decision").record()
    decision = {"decides": DECISION, "reason": reason, "signed_by": by, "cuts": record}
    path.write_text(yaml.safe_dump(decision, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def frozen_and_recut(
    history: Table, profile, *, ends: Sequence[date], cuts: Cuts, measures: Table | None = None
) -> pd.DataFrame:
    """The mistake of cutting anew: with fresh quintiles every month, the shares of the tiers can hardly move.

    One row per month-end and tier: as_of, tier, frozen and recut (shares of the customers who count in shares).
    `history` is `rfm.history(...)`; `frozen` holds the given cuts throughout, `recut` computes quintiles each month.
    """
    free = profile.rfm.model_copy(update={"cuts": type(profile.rfm.cuts)()})
    frames = []
    for end in ends:
        summary = _on(history, end)
        own = None if measures is None else _on(measures, end)
        shares = {"as_of": end}
        for name, chosen in (("frozen", cuts), ("recut", fresh_cuts(summary, free, as_of=end))):
            sizes = _tier_sizes(assign(score(summary, chosen), profile, own, days=[end]), profile)
            shares[name] = sizes / max(sizes.sum(), 1)
        frames.append(pd.DataFrame(shares).reset_index())
    return pd.concat(frames, ignore_index=True)[["as_of", "tier", "frozen", "recut"]]


def _text(limits) -> str:
    return ", ".join(f"{float(limit):,.10g}" for limit in limits)


def _on(table: Table, day: date) -> Table:
    text = "select * exclude (as_of) from t where as_of = $day"
    return table.engine.sql(text, params={"day": day}, t=table).materialise()


def _tier_sizes(tiered: Table, profile) -> pd.Series:
    """The customers of each tier that counts in shares, in the profile's order."""
    sizes = tiered.engine.sql("select tier, count(*) as customers from tiered group by tier", tiered=tiered).df()
    return sizes.set_index("tier")["customers"].reindex(pd.Index(scope(profile), name="tier"), fill_value=0)


def _moved(now: Table, later: Table) -> tuple[int, float]:
    """How many customers are in another tier later, and the money of the window they hold."""
    text = """select count(*) as customers, coalesce(sum(now.monetary), 0) as money
              from now join later on later.customer_id = now.customer_id where later.tier <> now.tier"""
    customers, money = now.engine.sql(text, now=now, later=later).rows()[0]
    return int(customers), float(money)
