"""All steps in the order of the notebook: past campaigns evaluated, and what a campaign would bring today."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from playbook.churn.uplift.campaign_effects import (
    KINDS,
    RANDOM,
    ArmEffect,
    arm_effects,
    campaign_effects,
    effects_by_tier,
    long_term_effect,
)
from playbook.churn.uplift.campaigns import (
    DIGITS,
    CampaignSpec,
    Features,
    campaign_outcomes,
    contaminated_controls,
    trials,
)
from playbook.churn.uplift.return_value import (
    OrdersAfterReturn,
    natural_return_rate,
    orders_after_return,
    value_given_return,
)
from playbook.churn.uplift.training import UpliftModel, fit_uplift
from playbook.ltv.histories import customer_histories
from playbook.stats.design import SampleSize, sample_size
from playbook.tables.engine import Table


class WinbackResult(NamedTuple):
    """What past campaigns teach.

    `campaigns`: one row per campaign and arm; `verdict`: random, or why nothing is an effect; `arms`: the effect of
    each arm over all its random campaigns; `main_arm`: the one that did most beyond doubt, else the largest; `tiers`:
    its effect by tier before the treatment; `long_term`: its effect on orders up to later days; `model`: None where
    there is too little to learn from; `required`: the size of a test that would do; `contaminated`: control rows that
    another campaign contacted.
    """

    campaigns: pd.DataFrame
    verdict: str
    arms: list[ArmEffect]
    main_arm: ArmEffect | None
    tiers: pd.DataFrame
    long_term: pd.DataFrame
    model: UpliftModel | None
    required: SampleSize | None
    after_return: OrdersAfterReturn
    contaminated: int

    @property
    def kind(self) -> str:
        """measured, not_causal or not_enough_data."""
        return KINDS[self.verdict]

    @property
    def works(self) -> bool:
        """Whether the main arm brings customers back beyond doubt."""
        return self.main_arm is not None and self.main_arm.returns.low > 0


def evaluate(run, features: Features, spec: CampaignSpec) -> WinbackResult:
    """The past campaigns of a run. `features` gives one row per origin and customer, for a list of days."""
    tables = [run.table(name) for name in ("treatments", "purchases", "customers")]
    return winback(*tables, as_of=run.as_of, spec=spec, features=features, tiers=run.table("rfm_history").df())


def winback(
    treatments: Table,
    purchases: Table,
    customers: Table,
    *,
    as_of: date,
    spec: CampaignSpec,
    features: Features,
    tiers: pd.DataFrame | None = None,
) -> WinbackResult:
    """Judge every past campaign, measure those with a random control, and learn from them.

    `tiers` (as_of, customer_id, tier) is the history by which tiers are fixed before the treatment.
    """
    outcomes = campaign_outcomes(treatments, purchases, customers, as_of=as_of, spec=spec)
    compared = trials(outcomes, features, control=spec.control)
    campaigns = campaign_effects(outcomes, compared, spec)
    verdicts = campaigns.set_index(["campaign", "arm"])["verdict"]
    randomised = [trial for trial in compared if verdicts[trial.campaign, trial.arm] == RANDOM]
    arms = arm_effects(randomised, campaigns)
    main_arm = max(arms, key=lambda arm: max(arm.returns.low, 0), default=None)
    of_arm = [trial for trial in randomised if trial.arm == main_arm.arm]
    base = main_arm.returns.control if main_arm else campaigns["control"].mean()
    if pd.isna(base):
        base = natural_return_rate(purchases, as_of=as_of, spec=spec)
    return WinbackResult(
        campaigns=campaigns,
        verdict=next((verdict for verdict in KINDS if (verdicts == verdict).any()), "no_campaign"),
        arms=arms,
        main_arm=main_arm,
        tiers=effects_by_tier(of_arm, tiers),
        long_term=long_term_effect(of_arm, treatments, purchases, customers, as_of=as_of, spec=spec),
        model=fit_uplift(of_arm),
        required=None if base is None or base + spec.least_effect > 1 else sample_size(base, spec.least_effect),
        after_return=orders_after_return(purchases, as_of=as_of, spec=spec),
        contaminated=contaminated_controls(outcomes, spec),
    )


def score_lapsed(run, result: WinbackResult, features: Features, spec: CampaignSpec) -> pd.DataFrame:
    """One row per customer who is lapsed today, by customer_id: the columns of `score`, value_given_return and gain.

    value_given_return is in sales; gain, in currency per customer contacted, is uplift times the margin of that value
    less the cost, never the value times the chance of being alive.
    """
    today = features([run.as_of]).set_index("customer_id").drop(columns="origin").astype(float).round(DIGITS)
    scored = score(result, today[today["recency_days"] > spec.lapsed_days])
    histories = customer_histories(run.table("purchases"), as_of=run.as_of, unit=run.profile.ltv.unit)
    value = value_given_return(histories, result.after_return).reindex(scored.index)
    cost = result.main_arm.cost if result.main_arm else np.nan
    return scored.assign(value_given_return=value, gain=scored["uplift"] * value * spec.margin - cost)


def score(result: WinbackResult, features: pd.DataFrame) -> pd.DataFrame:
    """Probability of return without and with a contact, for the lapsed of today; one row for each row of `features`.

    Columns: p_control, p_treated, uplift, basis. Where no learner ranks better than chance everybody gets the average
    effect (`basis` average); without a measured effect there is none to give: missing (`basis` none).
    """
    basis, uplift, p_control = "none", np.nan, np.nan
    if result.main_arm:
        basis, uplift, p_control = "average", result.main_arm.returns.effect, result.main_arm.returns.control
    if result.model:
        with threadpool_limits(1):
            p_control = result.model.estimator.predict_control(features)
            if result.model.beats_chance:
                basis, uplift = "learned", result.model.estimator.predict(features)
    scored = pd.DataFrame({"p_control": p_control}, index=features.index, dtype=float)
    scored["p_treated"] = np.clip(scored["p_control"] + uplift, 0, 1)
    return scored.assign(uplift=scored["p_treated"] - scored["p_control"], basis=basis)
