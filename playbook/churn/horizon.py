"""How long a silence must be before somebody counts as gone: what gaps say, and how many come back after all."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.churn.sight import HERE, Tables, whole

#: Horizons that are tried, in days, and for how long a return is waited for.
GRID = tuple(range(30, 366, 15))
WAITED_DAYS = 365
#: Fewer silences than this still open, and the curve ends.
LEAST_AT_RISK = 30
NINTH_DECILE = 0.9


class Horizon(NamedTuple):
    """The horizon in use, and what the data propose.

    `gaps`: one row per length of a silence: days, returned, open. `regret`: one row per horizon: horizon_days,
    silences that got so long, and the share of them that ended in a purchase within a year after all. `by_gaps`: nine
    in ten gaps are shorter; `by_regret`: the shortest horizon with no more regret than the profile allows; None where
    the data do not reach.
    """

    used: int
    gaps: pd.DataFrame
    regret: pd.DataFrame
    by_gaps: int | None
    by_regret: int | None

    @property
    def proposed(self) -> int | None:
        """By regret where the data reach far enough, else by the gaps."""
        return self.by_regret or self.by_gaps

    @property
    def regret_of_used(self) -> float:
        """The regret of the horizon in use; NaN where the data do not reach."""
        days = self.regret.horizon_days.to_numpy(float)
        known = len(days) and days[0] <= self.used <= days[-1]
        return float(np.interp(self.used, days, self.regret.regret)) if known else np.nan


def horizon(tables: Tables, *, as_of: date, churn) -> Horizon:
    """What the silences between purchase days up to `as_of` propose, beside the profile's horizon."""
    full, engine = whole(tables), tables["orders"].engine
    counted = rfm.counted(full["orders"], as_of=as_of)
    params = {"as_of": as_of}
    gaps = engine.run(HERE / "silences.sql", params=params, counted=counted, customers=full["customers"]).df()
    gaps = gaps.astype({"days": int, "returned": float, "open": float})
    regret = regret_curve(gaps)
    low = regret[regret.regret <= churn.regret]
    by_regret = int(low.horizon_days.iloc[0]) if len(low) else None
    return Horizon(churn.horizon_days, gaps, regret, _ninth_decile(gaps), by_regret)


def regret_curve(gaps: pd.DataFrame) -> pd.DataFrame:
    """One row per horizon that the silences reach: horizon_days, silences, regret.

    Regret is one minus the share of the silences of that length that last a year longer, by Kaplan and Meier, so that
    silences which are still open count for as long as they were seen.
    """
    days, lasting = lasting_share(gaps)
    rows = [_row(gaps, days, lasting, length) for length in GRID]
    return pd.DataFrame([row for row in rows if row], columns=["horizon_days", "silences", "regret"])


def lasting_share(gaps: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Days, and the share of silences that last longer than each (Kaplan and Meier)."""
    ended, open_ = gaps.returned.to_numpy(), gaps.open.to_numpy()
    at_risk = (ended + open_)[::-1].cumsum()[::-1]
    return gaps.days.to_numpy(), np.cumprod(1 - np.divide(ended, at_risk, out=np.zeros_like(ended), where=at_risk > 0))


def _row(gaps, days, lasting, length):
    silences = float(gaps[gaps.days >= length][["returned", "open"]].to_numpy().sum())
    later = float(gaps[gaps.days >= length + WAITED_DAYS][["returned", "open"]].to_numpy().sum())
    if later < LEAST_AT_RISK:
        return None
    now, then = (_at(days, lasting, day) for day in (length - 1, length + WAITED_DAYS))
    return {"horizon_days": length, "silences": silences, "regret": 1 - then / now if now > 0 else 0.0}


def _at(days, lasting, day):
    place = np.searchsorted(days, day, side="right") - 1
    return float(lasting[place]) if place >= 0 else 1.0


def _ninth_decile(gaps):
    ended = gaps.returned.cumsum()
    total = ended.iloc[-1] if len(gaps) else 0
    return int(gaps.days[ended >= NINTH_DECILE * total].iloc[0]) if total > 0 else None
