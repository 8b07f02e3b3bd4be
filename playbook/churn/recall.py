"""Past recalls as trials: who was recalled, who was left alone by lot, what was known before and what came after."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.tables.engine import Table

HERE = Path(__file__).parent

DIGITS = 6

#: From days to one row per origin and customer, with what was known at the end of that day.
Features = Callable[[Sequence[date]], pd.DataFrame]


class Terms(NamedTuple):
    """What counts as lapsed and as a return, which arm is the control, and what would be worth a campaign.

    `targeted` names campaigns whose control was not drawn by lot; `least_effect` is the rise of the return rate that a
    test should be able to see.
    """

    horizon_days: int = 30
    lapsed_days: int = 180
    control: str = "control"
    targeted: tuple[str, ...] = ()
    least_effect: float = 0.02
    value_days: int = 365
    margin: float = 0.35


def terms_of(profile) -> Terms:
    """As the profile says: lapsed are those whom its tiers call dormant."""
    said = profile.churn.recall
    return Terms(
        horizon_days=said.horizon_days,
        lapsed_days=profile.rfm.dormant_after_days,
        control=said.control,
        targeted=tuple(said.targeted),
        least_effect=said.least_effect,
        value_days=said.value_days,
        margin=profile.ltv.margin,
    )


class Trial(NamedTuple):
    """One arm of one campaign and its control: `rows` (customer_id, treated, returned, orders, sales, cost) in the
    order of the ids, `features` as of the evening before the treatment in the same order."""

    campaign: str
    arm: str
    channel: str | None
    treated_on: date
    rows: pd.DataFrame
    features: pd.DataFrame

    @property
    def treated(self) -> np.ndarray:
        """Who was recalled."""
        return self.rows["treated"].to_numpy(bool)

    def outcome(self, name: str = "returned") -> np.ndarray:
        """What came after, in the order of the rows."""
        return self.rows[name].to_numpy(float)


def recalled(treatments: Table, orders: Table, customers: Table, *, as_of: date, terms: Terms) -> pd.DataFrame:
    """One row per customer and campaign, used or not: `standing` is lapsed, or why the row is left out.

    active: had bought within `lapsed_days`; never_bought; internal; not_over: the data does not cover the horizon.
    """
    params = {"as_of": as_of, "horizon_days": terms.horizon_days, "lapsed_days": terms.lapsed_days}
    tables = {"treatments": treatments, "customers": customers, "counted": rfm.counted(orders, as_of=as_of)}
    rows = treatments.engine.run(HERE / "recall.sql", params=params, **tables).df()
    rows["treated_on"] = pd.to_datetime(rows["treated_on"])
    money = {"cost": float, "sales": float, "returned": float}
    return rows.astype(money).sort_values(["campaign_id", "customer_id"], ignore_index=True)


def trials(rows: pd.DataFrame, features: Features, *, control: str) -> list[Trial]:
    """A trial for each arm of each campaign that names a control, the earliest first; arms are never pooled."""
    used = rows[rows["standing"] == "lapsed"]
    known = features_before(used, features)
    made = [_trial(*key, part, known, control) for key, part in _arms(used, control)]
    return sorted(made, key=lambda trial: (trial.treated_on, trial.campaign, trial.arm))


def is_control(arm: pd.Series, control: str) -> pd.Series:
    """Rows of the arm that was left alone; the name counts, not its capitals."""
    return arm.str.casefold() == control.casefold()


def features_before(rows: pd.DataFrame, features: Features) -> pd.DataFrame:
    """The features of each row as of the evening before its treatment, in the order of the rows."""
    origin = rows["treated_on"] - timedelta(days=1)
    days = sorted({day.date() for day in origin})
    if not days:
        return pd.DataFrame(index=rows.index)
    made = features(days)
    made = made.assign(origin=pd.to_datetime(made["origin"])).set_index(["origin", "customer_id"])
    wanted = pd.MultiIndex.from_arrays([origin, rows["customer_id"]])
    return steady(made.reindex(wanted)).set_axis(rows.index)


def steady(features: pd.DataFrame) -> pd.DataFrame:
    """Features without their last digits, which depend on the order in which amounts were summed."""
    return features.astype(float).round(DIGITS)


def _arms(used, control):
    for campaign, part in used.groupby("campaign_id", sort=True):
        apart = is_control(part["arm"], control)
        if apart.any():
            yield from (
                ((campaign, arm), part[apart | (part["arm"] == arm)]) for arm in sorted(set(part["arm"][~apart]))
            )


def _trial(campaign, arm, part, known, control):
    treated = ~is_control(part["arm"], control)
    rows = part[["customer_id", "returned", "orders", "sales", "cost"]].assign(treated=treated)
    channels = part["channel"][treated].dropna()
    channel = channels.mode().iloc[0] if len(channels) else None
    first = part["treated_on"].min().date()
    return Trial(
        campaign, arm, channel, first, rows.reset_index(drop=True), known.loc[part.index].reset_index(drop=True)
    )
