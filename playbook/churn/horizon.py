"""How long a silence must be before somebody counts as gone: what gaps say, and how many come back after all."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.tables.engine import Table

HERE = Path(__file__).parent
#: Horizons that are tried, in days, and for how long a return is waited for.
GRID = tuple(range(30, 366, 15))
WAITED_DAYS = 365
#: Fewer silences than this still open, and the curve ends.
LEAST_AT_RISK = 30
NINTH_DECILE = 0.9


class Horizon(NamedTuple):
    """The horizon in use, and what the data propose.

    `gaps`: one row per length of a silence: days, returned, open. `reactivation`: one row per horizon: horizon_days,
    silences that got so long, and the rate at which they ended in a purchase within a year after all. `by_gaps`: nine
    in ten gaps are shorter; `by_reactivation`: the shortest horizon with no higher rate than the profile allows; None
    where the data do not reach.
    """

    used: int
    gaps: pd.DataFrame
    reactivation: pd.DataFrame
    by_gaps: int | None
    by_reactivation: int | None

    @property
    def proposed(self) -> int | None:
        """By reactivation where the data reach far enough, else by the gaps."""
        return self.by_reactivation or self.by_gaps

    @property
    def rate_of_used(self) -> float:
        """The reactivation rate at the horizon in use; NaN where the data do not reach."""
        days = self.reactivation.horizon_days.to_numpy(float)
        covered = len(days) and days[0] <= self.used <= days[-1]
        return float(np.interp(self.used, days, self.reactivation.rate)) if covered else np.nan


def horizon(purchases: Table, *, as_of: date, churn) -> Horizon:
    """What the silences between purchase days up to `as_of` propose, beside the horizon of `churn`, the profile's part.

    `purchases` as `playbook.tables.purchases` makes it.
    """
    query = HERE / "inter_purchase_gaps.sql"
    gaps = purchases.engine.run(query, params={"as_of": as_of}, purchases=purchases).df()
    gaps = gaps.astype({"days": int, "returned": float, "open": float})
    curve = reactivation_curve(gaps)
    low_enough = curve[curve.rate <= churn.reactivation_rate]
    ended = gaps.returned.cumsum()
    ninth = gaps.days[ended >= NINTH_DECILE * gaps.returned.sum()] if gaps.returned.sum() > 0 else []
    first = [int(days.iloc[0]) if len(days) else None for days in (ninth, low_enough.horizon_days)]
    return Horizon(churn.horizon_days, gaps, curve, *first)


def reactivation_curve(gaps: pd.DataFrame) -> pd.DataFrame:
    """One row per horizon that the silences reach: horizon_days, silences, rate.

    The rate is one minus the share of the silences of that length that last a year longer, by Kaplan and Meier, so that
    silences which are still open count for as long as they were seen.
    """
    days, ended = gaps.days.to_numpy(), gaps.returned.to_numpy()
    at_risk = (ended + gaps.open.to_numpy())[::-1].cumsum()[::-1]
    lasting = np.cumprod(1 - np.divide(ended, at_risk, out=np.zeros_like(ended), where=at_risk > 0))
    at_risk, lasting = np.append(at_risk, 0.0), np.insert(lasting, 0, 1.0)
    rows = []
    for length in GRID:
        now, later = np.searchsorted(days, [length, length + WAITED_DAYS])
        if at_risk[later] >= LEAST_AT_RISK:
            survived = lasting[np.searchsorted(days, length + WAITED_DAYS, side="right")]
            rate = 1 - survived / lasting[now] if lasting[now] > 0 else 0.0
            rows.append({"horizon_days": length, "silences": float(at_risk[now]), "rate": float(rate)})
    return pd.DataFrame(rows, columns=["horizon_days", "silences", "rate"])
