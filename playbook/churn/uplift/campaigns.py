"""Past winback campaigns as trials: who was contacted, who was the control, what was known before, what came after."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

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
    """One arm of one campaign and its control: `rows` (customer_id, treated, returned) in the order of the ids,
    `features` as of the evening before the treatment in the same order."""

    campaign: str
    arm: str
    treated_on: date
    rows: pd.DataFrame
    features: pd.DataFrame


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
    before = _features_before(outcomes[outcomes["standing"] == "lapsed"], features)
    compared = []
    for campaign, arm, rows in lapsed_arms(outcomes, control):
        first = rows["treated_on"].min().date()
        evening_before = before.loc[rows.index].reset_index(drop=True)
        columns = rows[["customer_id", "treated", "returned"]].reset_index(drop=True)
        compared.append(Trial(campaign, arm, first, columns, evening_before))
    return sorted(compared, key=lambda trial: (trial.treated_on, trial.campaign, trial.arm))


def lapsed_arms(outcomes: pd.DataFrame, control: str) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """(campaign, arm, its lapsed and those of its control, with a column `treated`) wherever there is a control."""
    lapsed = outcomes[outcomes["standing"] == "lapsed"]
    lapsed = lapsed.assign(treated=~is_control(lapsed["arm"], control))
    for campaign, rows in lapsed.groupby("campaign_id", sort=True):
        arms = set(rows["arm"][rows["treated"]]) if not rows["treated"].all() else ()
        yield from ((campaign, arm, rows[~rows["treated"] | (rows["arm"] == arm)]) for arm in sorted(arms))


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


def _features_before(rows, features):
    """The features of each row as of the evening before its treatment, in the order of the rows."""
    origin = rows["treated_on"] - timedelta(days=1)
    if rows.empty:
        return pd.DataFrame(index=rows.index)
    frame = features(sorted(set(origin.dt.date)))
    frame = frame.assign(origin=pd.to_datetime(frame["origin"])).set_index(["origin", "customer_id"])
    keys = pd.MultiIndex.from_arrays([origin, rows["customer_id"]])
    return frame.reindex(keys).astype(float).round(DIGITS).set_axis(rows.index)
