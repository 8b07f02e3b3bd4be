"""The whole room in a row: from orders and contracts to every customer's risk of leaving."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.churn.definition import Definition, History, define, history
from playbook.churn.horizon import Horizon, horizon
from playbook.churn.model.comparison import Comparison, compare
from playbook.churn.model.drift import Drift, drift, kept_scores
from playbook.churn.model.profit import Costs
from playbook.churn.model.risk_levels import risk_levels
from playbook.churn.model.signals import signals, typical
from playbook.churn.model.training import LABEL, CalibratedInTime, train
from playbook.stats.psi import decile_bins

Models = dict[str, CalibratedInTime]


class ChurnResult(NamedTuple):
    """What each step of `build` gave; without models (see `history.problem`) there is no comparison and no score."""

    horizon: Horizon
    history: History
    comparison: Comparison | None
    models: Models
    scored: pd.DataFrame
    table: pd.DataFrame
    drift: Drift


def build(run) -> ChurnResult:
    """Make `churn` of a run in the steps of notebook 04, and keep what the next run compares with.

    Where something is missing for a model, `history.problem` says what, and nobody has a probability.
    """
    silences = horizon(run.table("purchases"), as_of=run.as_of, churn=run.profile.churn)
    past = history(define(run), silences)
    comparison = backtest(run, past)
    models, scored = score_today(past, comparison)
    table = risk_table(run, past, models, scored)
    moved = drift_since(run, past.definition, scored)
    run.save("churn", table)
    keep_state(run, past.definition, comparison, models, scored)
    return ChurnResult(silences, past, comparison, models, scored, table, moved)


def backtest(run, past: History) -> Comparison | None:
    """Every model trained on the past days but the last and tried on it; None where something is missing."""
    if past.problem:
        return None
    return compare(train(past.train, past.definition.names), past.test, costs_of(run))


def score_today(past: History, comparison: Comparison | None) -> tuple[Models, pd.DataFrame]:
    """The models trained on all past days, and today's features with `churn_probability` of the one that was chosen."""
    if comparison is None:
        return {}, past.today.assign(churn_probability=np.zeros(0))
    models = train(past.frame, past.definition.names)
    probability = models[comparison.chosen].predict_proba(past.today)[:, 1]
    return models, past.today.assign(churn_probability=probability)


def risk_table(run, past: History, models: Models, scored: pd.DataFrame) -> pd.DataFrame:
    """One row per customer: customer_id, churn_probability, risk (a level or why there is none), signals (keys).

    Signals are those of customers above the lowest level, read from the logistic regression, whatever model scores.
    """
    definition, levels = past.definition, list(run.profile.churn.levels)
    people = _people(run, definition)
    place = pd.Index(scored.customer_id).get_indexer(people.customer_id)
    people["churn_probability"] = np.append(scored.churn_probability.to_numpy(float), np.nan)[place]
    people["risk"] = risk_levels(people, run.profile.churn, lost_after_days=definition.lost_after_days)
    above = people.risk.isin(levels[:-1]).to_numpy()
    named = np.full(len(people), None, object)
    named[:] = [[]] * len(people)
    if "logistic" in models and above.any():
        model, names = models["logistic"].model_, definition.names
        usual = typical(model, past.frame[past.frame[LABEL] == 0][names])
        named[above] = signals(scored.iloc[place[above]][names], model, usual).to_numpy(object)
    return people.assign(signals=named)[["customer_id", "churn_probability", "risk", "signals"]]


def drift_since(run, definition: Definition, scored: pd.DataFrame) -> Drift:
    """Scores against those of the run before, and earlier scores against what happened."""
    model, scores = run.state("churn_model"), run.state("churn_scores")
    return drift(scored.churn_probability.to_numpy(float), model, scores, definition.outcome, as_of=run.as_of)


def keep_state(run, definition: Definition, comparison: Comparison | None, models: Models, scored) -> None:
    """Keep what the next run compares with: the model, its metrics on the test, and the scores to be checked."""
    before = run.state("churn_scores")
    if comparison is None:
        run.keep("churn_scores", before or [])
        return
    horizon_days = definition.spec.horizon_days
    days = {"horizon_days": horizon_days, "window_days": definition.window_days}
    run.keep("churn_scores", kept_scores(scored, before, as_of=run.as_of, **days))
    row = comparison.table.set_index("model").loc[comparison.chosen].astype(float)
    record = {
        "as_of": run.as_of.isoformat(),
        "horizon_days": horizon_days,
        "model": comparison.chosen,
        "calibration": models[comparison.chosen].calibration_._asdict(),
        "test": {name: None if np.isnan(value) else round(value, 9) for name, value in row.items()},
        "spread": decile_bins(scored.churn_probability.to_numpy()),
    }
    run.keep("churn_model", record)


def costs_of(run) -> Costs | None:
    """The profile's costs; the value of one who stays from the forecast of future value where the profile gives none.

    It is the value given that the customer stays, of those of whom that is in doubt: sums of future value over sums of
    P(alive), weighted by 1 - P(alive). None where nothing says.
    """
    costs = run.profile.churn.costs
    value = costs.value
    if not value:
        text = """select sum((1 - p_alive) * future_value), sum((1 - p_alive) * p_alive) from ltv
            where p_alive is not null and value_tier <> 'internal'"""
        total, alive = run.engine.sql(text, ltv=run.table("ltv")).rows()[0]
        value = float(total) / alive if total is not None and alive else 0.0
    return Costs(costs.alpha, costs.beta, value, costs.incentive, costs.contact) if value > 0 else None


def _people(run, definition: Definition) -> pd.DataFrame:
    """Everybody with an order or a contract, or registered: the columns of `rfm.summary` and had_contract, by id."""
    tables = (rfm.all_purchases(run), run.table("customers"))
    summary = rfm.summary(*tables, as_of=run.as_of, window_days=run.profile.rfm.window_days).df()
    text = "select distinct customer_id from c where customer_id is not null and started_on <= $as_of"
    contracts = run.engine.sql(text, params={"as_of": run.as_of}, c=definition.tables["contracts"]).df()
    others = contracts[~contracts.customer_id.isin(summary.customer_id)].assign(orders_ever=0, is_internal=False)
    people = pd.concat([summary, others]) if len(others) else summary
    people = people.assign(had_contract=people.customer_id.isin(contracts.customer_id))
    return people.sort_values("customer_id", ignore_index=True)
