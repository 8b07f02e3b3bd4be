"""What past recalls really did: effects of random ones, who comes back because of them, and why others say nothing."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.recall import Features, Terms, recalled, steady, terms_of, trials
from playbook.churn.uplift_effects import Needed, sample_size
from playbook.churn.uplift_judge import RANDOM, Average, Reason, averages_of, by_tier, conclusion, disturbed, judge
from playbook.churn.uplift_lasting import lasting
from playbook.churn.uplift_learn import Uplift, learn_uplift
from playbook.churn.uplift_value import GivenReturn, given_return, natural_rate, worth_of_return
from playbook.ltv.inputs import Inputs, inputs
from playbook.tables.engine import Table


class Winback(NamedTuple):
    """What past campaigns teach: `kind` is measured, not_causal or not_enough_data, `reason` says why.

    `campaigns`: one row per campaign and arm; `averages`: the effect of each arm over all its random campaigns;
    `average`: that of the arm that did most beyond doubt, else of the largest; `tiers`: its effect by tier before the
    treatment; `lasting`: its effect on orders up to later days; `learned`: None where there is too little to learn
    from; `needed`: the size of a test that would do; `value`: orders after a return; `rows`: who was in which campaign;
    `disturbed`: control rows that another campaign contacted.
    """

    kind: str
    reason: Reason
    campaigns: pd.DataFrame
    tiers: pd.DataFrame
    averages: list[Average]
    average: Average | None
    lasting: pd.DataFrame
    learned: Uplift | None
    needed: Needed | None
    value: GivenReturn
    rows: pd.DataFrame
    disturbed: int


class Recalls(NamedTuple):
    """What past recalls teach, and `scored`: one row per customer who is lapsed today, by customer_id.

    Columns: p_without, p_with, uplift, basis, value_given_return (sales), gain (currency per recall, cost taken off).
    """

    found: Winback
    scored: pd.DataFrame


def recalls(run, features: Features) -> Recalls:
    """Judge the past recalls of a run and score those who are lapsed today; `features` as `Definition.features`."""
    terms, tables = terms_of(run.profile), {name: run.table(name) for name in ("treatments", "orders", "customers")}
    tiers = run.table("rfm_history").df()
    found = winback(**tables, as_of=run.as_of, terms=terms, features=features, tiers=tiers)
    today = steady(features([run.as_of]).set_index("customer_id").drop(columns="origin"))
    scored = score(found, today[today["recency_days"] > terms.lapsed_days])
    history = inputs(tables["orders"], tables["customers"], until=run.as_of, unit=run.profile.ltv.unit)
    return Recalls(found, worth(found, scored, history, margin=terms.margin))


def winback(
    treatments: Table,
    orders: Table,
    customers: Table,
    *,
    as_of: date,
    terms: Terms,
    features: Features,
    tiers: pd.DataFrame | None = None,
) -> Winback:
    """Judge every past campaign, measure those with a random control, and learn from them.

    `tiers` (as_of, customer_id, tier) is the history by which tiers are fixed before the treatment.
    """
    rows = recalled(treatments, orders, customers, as_of=as_of, terms=terms)
    made = trials(rows, features, control=terms.control)
    judged = judge(rows, made, terms)
    fair = [trial for trial in made if _verdict(judged, trial) == RANDOM]
    averages = averages_of(fair, judged)
    average = _best(averages)
    fair = [trial for trial in fair if trial.arm == average.arm] if average else []
    sold = {"orders": orders, "customers": customers, "as_of": as_of, "terms": terms}
    return Winback(
        *conclusion(judged),
        campaigns=judged,
        tiers=by_tier(fair, tiers),
        averages=averages,
        average=average,
        lasting=lasting(fair, treatments, **sold),
        learned=learn_uplift(fair),
        needed=_needed(_base(average, judged, sold), terms),
        value=given_return(**sold),
        rows=rows,
        disturbed=disturbed(rows, terms),
    )


def score(found: Winback, features: pd.DataFrame) -> pd.DataFrame:
    """Probability of return without and with a recall, for the lapsed of today; one row for each row of `features`.

    Where no learner ranks better than chance everybody gets the average effect (`basis` average); without a measured
    effect there is none to give, and the columns are missing (`basis` none).
    """
    learned, average = found.learned, found.average
    if average is None:
        empty = np.full(len(features), np.nan)
        return _scored(features, empty, empty, "none")
    without = learned.model.without(features) if learned else np.full(len(features), average.returns.control)
    if learned and learned.ranks:
        return _scored(features, without, learned.model.uplift(features), "learned")
    return _scored(features, without, np.full(len(features), average.returns.effect), "average")


def _scored(features, without, uplift, basis):
    with_recall = np.clip(without + uplift, 0, 1)
    columns = {"p_without": without, "p_with": with_recall, "uplift": with_recall - without, "basis": basis}
    return pd.DataFrame(columns, index=features.index)


def worth(found: Winback, scored: pd.DataFrame, history: Inputs, *, margin: float) -> pd.DataFrame:
    """`scored` (by customer_id) with value_given_return (sales), and gain: what a recall brings less what it costs.

    The gain is uplift times the margin of the value given return, never the value times the chance of being alive.
    """
    value = worth_of_return(history, found.value).reindex(scored.index)
    cost = found.average.cost if found.average else np.nan
    return scored.assign(value_given_return=value, gain=scored["uplift"] * value * margin - cost)


def _verdict(judged, trial):
    row = (judged["campaign"] == trial.campaign) & (judged["arm"] == trial.arm)
    return judged.loc[row, "verdict"].iloc[0]


def _best(averages: list[Average]) -> Average | None:
    """The arm whose effect is largest beyond doubt, else the one with most customers; arms are never pooled."""
    sure = [one for one in averages if one.returns.low > 0]
    return max(sure, key=lambda one: one.returns.low) if sure else next(iter(averages), None)


def _base(average, judged, sold):
    """The rate of return without a recall: of the controls where there are any, else of the lapsed of late."""
    known = judged["control"].dropna()
    return average.returns.control if average else float(known.mean()) if len(known) else natural_rate(**sold)


def _needed(base, terms):
    """The size of a test that sees the least effect worth it; None where no rate of return is known."""
    return None if base is None or base + terms.least_effect > 1 else sample_size(base, terms.least_effect)
