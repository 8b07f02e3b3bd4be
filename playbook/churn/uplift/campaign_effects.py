"""What winback campaigns did: was the control random, the effect of each arm, by tier, and whether it lasts."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.uplift.campaigns import CampaignSpec, Trial, campaign_outcomes, is_control, lapsed_arms
from playbook.stats.balance import balance
from playbook.stats.design import detectable_effect
from playbook.stats.effects import (
    LEVEL,
    Effect,
    heterogeneity_p,
    mean_difference,
    normal_interval,
    stratified_difference,
)
from playbook.stats.multiplicity import holm
from playbook.tables.engine import Table

#: Fewer than this in an arm, or fewer returns in both together, and an average says nothing.
LEAST_ARM, LEAST_RETURNS = 50, 10
RANDOM = "random"
#: What each verdict on a campaign makes of all of them; the first that any campaign has decides.
KINDS = {
    RANDOM: "measured",
    "imbalanced": "not_causal",
    "targeted": "not_causal",
    "no_control": "not_causal",
    "too_few": "not_enough_data",
    "not_over": "not_enough_data",
    "no_campaign": "not_enough_data",
}
#: Horizons, in those of the profile, up to which orders are counted.
HORIZONS = (1, 3, 6, 12)
INFERENCE = ["effect", "low", "high", "error", "p_value"]
CAMPAIGN_COLUMNS = [
    "campaign", "arm", "treated_on", "n_treated", "n_control", "treated", "control",
    *INFERENCE, "cost", "detectable", "balance_p", "auc", "auc_low", "auc_high", "worst", "difference", "verdict",
]  # fmt: skip
TIER_COLUMNS = ["tier", "n_treated", "n_control", "treated", "control", *INFERENCE, "detectable", "enough"]
LONG_TERM_COLUMNS = ["days", "campaigns", "n", "treated", "control", "effect", "low", "high"]


class ArmEffect(NamedTuple):
    """The mean effect on returns over the random campaigns of one arm, and the cost of contacting one customer.

    `heterogeneity_p`: whether the campaigns differed by more than chance (Cochran's Q); NaN for one campaign.
    """

    arm: str
    campaigns: int
    returns: Effect
    cost: float
    heterogeneity_p: float


def campaign_effects(outcomes: pd.DataFrame, compared: list[Trial], spec: CampaignSpec) -> pd.DataFrame:
    """One row per campaign and arm: sizes, rates, whether the control was random, and only then the effect.

    `verdict`: random; targeted (declared); imbalanced (the arms differed beforehand); no_control; too_few; not_over.
    """
    trial_of = {(trial.campaign, trial.arm): trial for trial in compared}
    in_control = is_control(outcomes["arm"], spec.control)
    with_control = set(outcomes["campaign_id"][in_control])
    rows = []
    for (campaign, arm), part in outcomes[~in_control].groupby(["campaign_id", "arm"], sort=True):
        row = {"campaign": campaign, "arm": arm, "verdict": "too_few" if campaign in with_control else "no_control"}
        row |= {"treated_on": part["treated_on"].min(), "cost": part["cost"].mean()}
        rows.append(row | _judged(part, trial_of.get((campaign, arm)), spec))
    return pd.DataFrame(rows, columns=CAMPAIGN_COLUMNS).sort_values(
        ["treated_on", "campaign", "arm"], ignore_index=True
    )


def arm_effects(randomised: list[Trial], campaigns: pd.DataFrame) -> list[ArmEffect]:
    """The mean effect of each arm over its random campaigns, the arm with most customers first.

    Each campaign is compared within itself. Intervals hold for all arms together (Bonferroni): with many arms, one
    looks good by chance.
    """
    rows = campaigns[campaigns["verdict"] == RANDOM]
    effects = []
    for arm, of_arm in rows.groupby("arm", sort=True):
        strata = [_by_arm(trial.rows, "returned") for trial in randomised if trial.arm == arm]
        returns = stratified_difference(strata, level=1 - (1 - LEVEL) / rows["arm"].nunique())
        weight = of_arm["n_treated"] * of_arm["n_control"] / (of_arm["n_treated"] + of_arm["n_control"])
        cost = float((weight * of_arm["cost"]).sum() / weight.sum())
        effects.append(ArmEffect(arm, len(of_arm), returns, cost, heterogeneity_p(of_arm["effect"], of_arm["error"])))
    return sorted(effects, key=lambda one: -(one.returns.n_treated + one.returns.n_control))


def effects_by_tier(randomised: list[Trial], tiers: pd.DataFrame | None) -> pd.DataFrame:
    """One row per tier held on the evening before: the effect where the tier is large enough, else only its size.

    `tiers` (as_of, customer_id, tier). `p_holm` is corrected for the number of tiers; `detectable` is the smallest rise
    these arms would have shown.
    """
    if not randomised or tiers is None:
        return pd.DataFrame(columns=[*TIER_COLUMNS, "p_holm"])
    frames = [trial.rows.assign(day=pd.Timestamp(trial.treated_on), campaign=trial.campaign) for trial in randomised]
    frame = pd.concat(frames, ignore_index=True)
    frame["tier"] = _tier_before(frame, tiers)
    effects = []
    for tier, part in frame.dropna(subset="tier").groupby("tier", sort=True):
        effects.append({"tier": tier} | _effect([_by_arm(rows, "returned") for _, rows in part.groupby("campaign")]))
    table = pd.DataFrame(effects, columns=TIER_COLUMNS)
    return table.assign(p_holm=holm(table["p_value"]))


def long_term_effect(
    randomised: list[Trial],
    treatments: Table,
    purchases: Table,
    customers: Table,
    *,
    as_of: date,
    spec: CampaignSpec,
) -> pd.DataFrame:
    """Whether the effect lasts or only brings forward what would have come anyway: orders per customer in both arms.

    One row per span that a random campaign of these covers, each compared within itself; columns
    `LONG_TERM_COLUMNS`, the interval at 95 %.
    """
    measured = {(trial.campaign, trial.arm) for trial in randomised}
    rows = []
    for times in HORIZONS if randomised else ():
        longer = spec._replace(horizon_days=times * spec.horizon_days)
        outcomes = campaign_outcomes(treatments, purchases, customers, as_of=as_of, spec=longer)
        strata = [
            _by_arm(lapsed, "orders")
            for campaign, arm, lapsed in lapsed_arms(outcomes, spec.control)
            if (campaign, arm) in measured
        ]
        strata = [arms for arms in strata if min(map(len, arms)) > 1]
        rows += [{"days": longer.horizon_days} | _weighted_mean(strata)] if strata else []
    return pd.DataFrame(rows, columns=LONG_TERM_COLUMNS)


def _judged(part, trial, spec):
    """What is known of one arm's effect, and where it is settled its verdict."""
    external = part["standing"][part["standing"] != "internal"]
    if len(external) and (external == "not_over").all():
        return {"verdict": "not_over"}
    if trial is None:
        return {"n_treated": int((part["standing"] == "lapsed").sum()), "n_control": 0}
    effect = _effect([_by_arm(trial.rows, "returned")])
    if not effect["enough"]:
        return effect | {"verdict": "too_few"}
    arms = balance(trial.features, trial.rows["treated"])
    facts = effect | arms._asdict() | {"p_value": effect["p_value"], "balance_p": arms.p_value, "verdict": RANDOM}
    if trial.campaign in spec.targeted or not arms.random:
        verdict = "targeted" if trial.campaign in spec.targeted else "imbalanced"
        return {name: value for name, value in facts.items() if name not in INFERENCE} | {"verdict": verdict}
    return facts


def _effect(strata):
    """Sizes of the arms over all strata; rates, effect, interval and p-value where the arms are large enough."""
    treated, control = (np.concatenate(arms) for arms in zip(*strata, strict=True))
    sizes = {"n_treated": len(treated), "n_control": len(control)}
    if min(sizes.values()) < LEAST_ARM or treated.sum() + control.sum() < LEAST_RETURNS:
        return sizes | {"enough": False}
    effect = stratified_difference(strata)
    return effect._asdict() | {"detectable": detectable_effect(effect.control, **sizes), "enough": True}


def _tier_before(rows, tiers):
    """The tier each customer held at the last date of the history before `day`; missing where there is none."""
    history = tiers.assign(day=pd.to_datetime(tiers["as_of"]).astype("datetime64[ns]"))
    asked = rows[["day", "customer_id"]].astype({"day": "datetime64[ns]"}).sort_values("day", kind="stable")
    history = history[["day", "customer_id", "tier"]].sort_values(["day", "customer_id"])
    matched = pd.merge_asof(asked, history, on="day", by="customer_id", allow_exact_matches=False)
    return matched["tier"].set_axis(asked.index)


def _by_arm(rows, column):
    """A column of the treated and of the control."""
    values = rows[column].to_numpy(float)
    return values[rows["treated"]], values[~rows["treated"]]


def _weighted_mean(strata):
    """The mean difference over campaigns, weighted as their sizes allow."""
    effects = pd.DataFrame([mean_difference(*arms) for arms in strata])
    size = effects["n_treated"] + effects["n_control"]
    weight = effects["n_treated"] * effects["n_control"] / size
    weight /= weight.sum()
    mean = {name: float(weight @ effects[name]) for name in ("treated", "control", "effect")}
    low, high = normal_interval(mean["effect"], float(np.sqrt(weight**2 @ effects["error"] ** 2)))
    return {"campaigns": len(strata), "n": int(size.sum())} | mean | {"low": low, "high": high}
