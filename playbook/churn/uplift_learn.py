"""Who comes back because of a recall, learned from random trials, and how well that ranks those it has not seen."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.learners import LEARNERS, NAIVE, cross_fitted, fitted, folds_of
from playbook.churn.qini import LEVEL, Outcomes, outcomes, ranking
from playbook.churn.recall import Trial

#: Rows, and returns in each arm, below which nobody can be told from anybody.
LEAST_ROWS, LEAST_ARM_RETURNS = 1000, 50


class Uplift(NamedTuple):
    """Who comes back because of a recall, learned from the random trials of one arm.

    `rankings`: one row per score and way of checking (`folds`, `later_campaign`), learners and naive rules alike.
    `scores`: the cross-fitted score of each row of `seen`, one column each. `chosen` is the best learner, whether it
    ranks better than chance or not.
    """

    arm: str
    trials: list[Trial]
    rankings: pd.DataFrame
    seen: Outcomes
    scores: pd.DataFrame
    chosen: str
    model: object

    @property
    def ranks(self) -> bool:
        """Whether the chosen learner ranks better than chance in every check, all learners tried being counted."""
        return bool((self.rankings["qini_low"][self.rankings["score"] == self.chosen] > 0).all())


def learn_uplift(fair: list[Trial]) -> Uplift | None:
    """Fit all learners on the random trials of one arm and rank them on rows they have not seen; None: too few rows."""
    if not fair or not enough_to_learn(fair):
        return None
    data = stacked(fair)
    fold = folds_of(data.customer, data.treated, data.outcome)
    scores = pd.DataFrame({one.key: cross_fitted(one, *data.fit, fold) for one in (*LEARNERS, *NAIVE)})
    seen = outcomes(data.treated, data.outcome, data.weight, data.customer)
    rankings = pd.concat([_ranked(scores, seen, "folds"), _later(fair)], ignore_index=True)
    best = _best(rankings)
    return Uplift(fair[0].arm, fair, rankings, seen, scores, best.key, fitted(best, *data.fit))


class Stacked(NamedTuple):
    """The rows of several trials under one another, weighted so that the arms of each campaign weigh the same."""

    features: pd.DataFrame
    treated: np.ndarray
    outcome: np.ndarray
    weight: np.ndarray
    customer: np.ndarray

    @property
    def fit(self) -> tuple:
        """What learners are fitted on."""
        return self[:4]


def stacked(fair: list[Trial]) -> Stacked:
    """All rows of these trials."""
    weights = [_even(trial.treated) for trial in fair]
    parts = [(trial.treated, trial.outcome(), weight) for trial, weight in zip(fair, weights, strict=True)]
    columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    customers = np.concatenate([trial.rows["customer_id"].to_numpy(object) for trial in fair])
    return Stacked(pd.concat([trial.features for trial in fair], ignore_index=True), *columns, customers)


def enough_to_learn(fair: list[Trial]) -> bool:
    """Whether there are rows and returns enough in both arms to tell one customer from another."""
    data = [(trial.treated, trial.outcome() > 0) for trial in fair]
    returns = [sum(int((arm == side)[came].sum()) for arm, came in data) for side in (True, False)]
    return sum(len(arm) for arm, _ in data) >= LEAST_ROWS and min(returns) >= LEAST_ARM_RETURNS


def _even(treated):
    n, many = len(treated), treated.sum()
    return np.where(treated, n / (2 * many), n / (2 * (n - many)))


def _ranked(scores, seen, checked_on):
    """One row per score, with intervals widened for the number of learners tried."""
    level = 1 - (1 - LEVEL) / len(LEARNERS)
    listed = [{"score": key, "checked_on": checked_on} | _as_row(scores[key], seen, level) for key in scores]
    return pd.DataFrame(listed)


def _as_row(score, seen, level):
    return ranking(score, seen, level=level)._asdict() | {"n": len(seen.treated)}


def _later(fair):
    """Uplift on all campaigns but the last, ranked on the last; nothing where either part is too small."""
    if len(fair) < 2 or not (enough_to_learn(fair[:-1]) and enough_to_learn(fair[-1:])):
        return pd.DataFrame()
    past, last = stacked(fair[:-1]), stacked(fair[-1:])
    models = {one.key: fitted(one, *past.fit) for one in (*LEARNERS, *NAIVE)}
    scores = pd.DataFrame({key: model.uplift(last.features) for key, model in models.items()})
    seen = outcomes(last.treated, last.outcome, last.weight, last.customer)
    return _ranked(scores, seen, "later_campaign")


def _best(rankings):
    tried = rankings[rankings["checked_on"] == "folds"].set_index("score")["qini"]
    return max(LEARNERS, key=lambda one: tried[one.key])
