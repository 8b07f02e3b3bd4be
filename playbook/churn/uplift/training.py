"""Who comes back because of a campaign, learned from random trials, and how well that ranks those it has not seen."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from playbook.churn.uplift.campaigns import Trial
from playbook.churn.uplift.learners import BASELINES, LEARNERS, ResponseBaseline
from playbook.stats.qini import LEVEL, Outcomes, outcomes, qini_score

#: Rows, and returns in each arm, below which nobody can be told from anybody.
LEAST_ROWS, LEAST_ARM_RETURNS = 1000, 50
FOLDS, SEED = 5, 2012


class UpliftModel(NamedTuple):
    """Who comes back because of a campaign, learned from the random trials of one arm.

    `rankings`: one row per score and way of checking (`folds`, `later_campaign`), learners and baseline alike.
    `scores`: the cross-fitted score of each row of `outcomes`, one column each. `chosen` is the best learner, whether
    it ranks better than chance or not; `estimator` is that learner, fitted on all rows.
    """

    trials: list[Trial]
    rankings: pd.DataFrame
    outcomes: Outcomes
    scores: pd.DataFrame
    chosen: str
    estimator: ResponseBaseline

    @property
    def beats_chance(self) -> bool:
        """Whether the chosen learner ranks better than chance in every check, all learners tried being counted."""
        return bool((self.rankings["qini_low"][self.rankings["score"] == self.chosen] > 0).all())


def fit_uplift(trials: list[Trial]) -> UpliftModel | None:
    """Fit all learners on the random trials of one arm and rank them on rows they have not seen; None: too few rows.

    On one thread, so that the same rows give the same numbers.
    """
    if not enough_to_learn(trials):
        return None
    with threadpool_limits(1):
        features, rows = pooled(trials)
        fold = customer_folds(rows)
        candidates = LEARNERS | BASELINES
        scores = {key: _cross_fitted(learner, features, rows, fold) for key, learner in candidates.items()}
        rankings = pd.concat([_rankings(scores, rows, "folds"), _on_the_last(trials, candidates)], ignore_index=True)
        chosen = max(LEARNERS, key=rankings[rankings["checked_on"] == "folds"].set_index("score")["qini"].get)
        estimator = _fitted(LEARNERS[chosen], features, rows)
    return UpliftModel(trials, rankings, rows, pd.DataFrame(scores), chosen, estimator)


def enough_to_learn(trials: list[Trial]) -> bool:
    """Whether there are rows and returns enough in both arms to tell one customer from another."""
    if sum(len(trial.rows) for trial in trials) < LEAST_ROWS:
        return False
    rows = pd.concat([trial.rows for trial in trials])
    return bool(rows.groupby("treated")["returned"].sum().min() >= LEAST_ARM_RETURNS)


def pooled(trials: list[Trial]) -> tuple[pd.DataFrame, Outcomes]:
    """Features and outcomes of several trials under one another; the arms of each campaign weigh the same."""
    features = pd.concat([trial.features for trial in trials], ignore_index=True)
    rows = pd.concat([trial.rows.assign(campaign=number) for number, trial in enumerate(trials)])
    share = rows.groupby("campaign")["treated"].transform("mean")
    weight = 0.5 / share.where(rows["treated"], 1 - share)
    return features, outcomes(rows["treated"], rows["returned"], weight, rows["customer_id"])


def customer_folds(rows: Outcomes) -> np.ndarray:
    """A fold for each row: all rows of a customer in the same one, arms and outcomes spread evenly.

    `StratifiedGroupKFold` asks the same, but takes seconds for 20,000 customers.
    """
    stratum = pd.Series(2 * rows.treated + (rows.outcome > 0)).groupby(rows.customer).max()
    order = np.random.default_rng(SEED).permutation(len(stratum))
    order = order[np.argsort(stratum.to_numpy()[order], kind="stable")]
    fold = np.empty(len(stratum), int)
    fold[order] = np.arange(len(stratum)) % FOLDS
    return fold[rows.customer]


def _fitted(learner, features, rows):
    return clone(learner).fit(features, rows.outcome, treatment=rows.treated, sample_weight=rows.weight)


def _cross_fitted(learner, features, rows, fold):
    """The learner's score of each row from the other folds, as a rank within its fold.

    Ranks, because the models of two folds differ a little in level, and levels of different models do not compare.
    """
    score = np.zeros(len(fold))
    for number in np.unique(fold):
        held_out = fold == number
        model = _fitted(learner, features[~held_out], Outcomes(*(column[~held_out] for column in rows)))
        score[held_out] = pd.Series(np.round(model.predict(features[held_out]), 12)).rank(pct=True)
    return score


def _rankings(scores, rows, checked_on):
    """One row per score, with intervals widened for the number of learners tried."""
    level = 1 - (1 - LEVEL) / len(LEARNERS)
    n = len(rows.treated)
    return pd.DataFrame(
        {"score": key, "checked_on": checked_on, **qini_score(score, rows, level=level)._asdict(), "n": n}
        for key, score in scores.items()
    )


def _on_the_last(trials, candidates):
    """What all campaigns but the last teach, ranked on the last; nothing where either part is too small."""
    if len(trials) < 2 or not (enough_to_learn(trials[:-1]) and enough_to_learn(trials[-1:])):
        return pd.DataFrame()
    earlier = pooled(trials[:-1])
    features, rows = pooled(trials[-1:])
    scores = {key: _fitted(learner, *earlier).predict(features) for key, learner in candidates.items()}
    return _rankings(scores, rows, "later_campaign")
