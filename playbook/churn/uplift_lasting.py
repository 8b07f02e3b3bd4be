"""Whether a recall's effect lasts, or only brings forward what would have come anyway: orders up to later days."""

from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from playbook.churn.recall import Terms, Trial, is_control, recalled
from playbook.churn.uplift_effects import LEVEL, effect
from playbook.tables.engine import Table

#: Horizons, in those of the profile, up to which orders are counted.
TIMES = (1, 3, 6, 12)
COLUMNS = ["days", "campaigns", "n", "treated", "control", "effect", "low", "high"]


def lasting(
    fair: list[Trial], treatments: Table, *, orders: Table, customers: Table, as_of: date, terms: Terms
) -> pd.DataFrame:
    """One row per span that a random campaign of these covers: orders per customer in both arms, and their difference.

    Each campaign is compared within itself; columns `days`, campaigns, n, treated, control, effect, low, high (95 %).
    """
    wanted, listed = {(trial.campaign, trial.arm) for trial in fair}, []
    for times in TIMES if fair else ():
        longer = terms._replace(horizon_days=times * terms.horizon_days)
        rows = recalled(treatments, orders, customers, as_of=as_of, terms=longer)
        parts = [_arms(rows, *one, terms.control) for one in sorted(wanted)]
        kept = [(treated, control) for treated, control in parts if min(len(treated), len(control)) > 1]
        listed += [_over(kept, longer.horizon_days)] if kept else []
    return pd.DataFrame(listed, columns=COLUMNS)


def _arms(rows: pd.DataFrame, campaign: str, arm: str, control: str) -> tuple[np.ndarray, np.ndarray]:
    mine = rows[(rows["campaign_id"] == campaign) & (rows["standing"] == "lapsed")]
    counts = mine["orders"].astype(float)
    return counts[mine["arm"] == arm].to_numpy(), counts[is_control(mine["arm"], control)].to_numpy()


def _over(parts: list[tuple], days: int) -> dict:
    """The mean difference over campaigns, weighted as their sizes allow."""
    found = [effect(treated, control) for treated, control in parts]
    weight = np.array([one.n_treated * one.n_control / (one.n_treated + one.n_control) for one in found])
    weight /= weight.sum()
    mean = {name: float(weight @ [getattr(one, name) for one in found]) for name in ("treated", "control", "effect")}
    half = stats.norm.ppf(0.5 + LEVEL / 2) * float(np.sqrt(weight**2 @ [one.error**2 for one in found]))
    n = sum(one.n_treated + one.n_control for one in found)
    return {"days": days, "campaigns": len(parts), "n": n} | mean | {
        "low": mean["effect"] - half, "high": mean["effect"] + half
    }  # fmt: skip
