"""Past winback campaigns as trials: who was contacted, who was the control, what was known before, what came after."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.tables.engine import Table

HERE = Path(__file__).parent

#: Later digits of a feature depend on the order in which amounts were summed.
DIGITS = 6

#: From days to one row per origin and customer, with what was known at the end of that day.
Features = Callable[[Sequence[date]], pd.DataFrame]


class CampaignSpec(NamedTuple):
    """What counts as lapsed and as a return, which arm is the control, and what would be worth a campaign.

    `targeted` names campaigns whose control was not drawn at random; `least_effect` is the rise of the return rate that
    a test should be able to detect; `margin` the share of sales that is earned.
    """

    horizon_days: int = 30
    lapsed_days: int = 180
    control: str = "control"
    targeted: tuple[str, ...] = ()
    least_effect: float = 0.02
    value_days: int = 365
    margin: float = 0.35


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
        """Who was contacted."""
        return self.rows["treated"].to_numpy(bool)

    @property
    def returned(self) -> np.ndarray:
        """Who bought within the horizon: 1.0 or 0.0, in the order of the rows."""
        return self.rows["returned"].to_numpy(float)

    @property
    def arms(self) -> tuple[np.ndarray, np.ndarray]:
        """`returned` of the treated and of the control."""
        return self.returned[self.treated], self.returned[~self.treated]


def campaign_spec(profile) -> CampaignSpec:
    """As the profile says: lapsed are those whom its tiers call dormant."""
    settings = profile.churn.winback.model_dump()
    return CampaignSpec(lapsed_days=profile.rfm.dormant_after_days, margin=profile.ltv.margin, **settings)


def campaign_outcomes(
    treatments: Table, purchases: Table, customers: Table, *, as_of: date, spec: CampaignSpec
) -> pd.DataFrame:
    """One row per customer and campaign, used or not: `standing` is lapsed, or why the row is left out.

    active: had bought within `lapsed_days`; never_bought; internal; not_over: the data does not cover the horizon.
    """
    params = {"as_of": as_of, "horizon_days": spec.horizon_days, "lapsed_days": spec.lapsed_days}
    tables = {"treatments": treatments, "customers": customers, "purchases": purchases}
    rows = treatments.engine.run(HERE / "campaign_outcomes.sql", params=params, **tables).df()
    rows["treated_on"] = pd.to_datetime(rows["treated_on"])
    rows = rows.astype({"cost": float, "sales": float, "returned": float})
    return rows.sort_values(["campaign_id", "customer_id"], ignore_index=True)


def trials(outcomes: pd.DataFrame, features: Features, *, control: str) -> list[Trial]:
    """A trial for each arm of each campaign that names a control, the earliest first; arms are never pooled.

    `outcomes` as of `campaign_outcomes`; only the lapsed are in a trial.
    """
    lapsed = outcomes[outcomes["standing"] == "lapsed"]
    before = _features_before(lapsed, features)
    compared = []
    for campaign, rows in lapsed.groupby("campaign_id", sort=True):
        in_control = is_control(rows["arm"], control)
        for arm in sorted(set(rows["arm"][~in_control])) if in_control.any() else ():
            part = rows[in_control | (rows["arm"] == arm)]
            compared.append(_trial(campaign, arm, part, before.loc[part.index], control))
    return sorted(compared, key=lambda trial: (trial.treated_on, trial.campaign, trial.arm))


def is_control(arm: pd.Series, control: str) -> pd.Series:
    """Rows of the control arm; the name counts, not its capitals."""
    return arm.str.casefold() == control.casefold()


def contaminated_controls(outcomes: pd.DataFrame, spec: CampaignSpec) -> int:
    """Rows of a control group whose customers another campaign contacted within the horizon: they are no control."""
    in_control = is_control(outcomes["arm"], spec.control)
    columns = ["campaign_id", "customer_id", "treated_on"]
    control, treated = outcomes.loc[in_control, columns], outcomes.loc[~in_control, columns]
    pairs = control.merge(treated, on="customer_id", suffixes=("", "_other"))
    days = (pairs["treated_on_other"] - pairs["treated_on"]).dt.days
    other = pairs["campaign_id"] != pairs["campaign_id_other"]
    met = pairs[other & days.between(0, spec.horizon_days - 1)]
    return len(met[["campaign_id", "customer_id"]].drop_duplicates())


def rounded(features: pd.DataFrame) -> pd.DataFrame:
    """Features without the digits that depend on the order of summing."""
    return features.astype(float).round(DIGITS)


def _features_before(rows, features):
    """The features of each row as of the evening before its treatment, in the order of the rows."""
    origin = rows["treated_on"] - timedelta(days=1)
    if rows.empty:
        return pd.DataFrame(index=rows.index)
    frame = features(sorted(set(origin.dt.date)))
    frame = frame.assign(origin=pd.to_datetime(frame["origin"])).set_index(["origin", "customer_id"])
    keys = pd.MultiIndex.from_arrays([origin, rows["customer_id"]])
    return rounded(frame.reindex(keys)).set_axis(rows.index)


def _trial(campaign, arm, part, features, control):
    treated = ~is_control(part["arm"], control)
    rows = part[["customer_id", "returned", "orders", "sales", "cost"]].assign(treated=treated)
    channel = next(iter(part["channel"][treated].dropna().mode()), None)
    first = part["treated_on"].min().date()
    return Trial(campaign, arm, channel, first, rows.reset_index(drop=True), features.reset_index(drop=True))
