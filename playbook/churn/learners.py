"""Who comes back because of a recall? Two models, transformed outcome, and the naive rules they must beat.

Each learner has `fit(features, treated, outcome, weight)` and then `without`, `uplift`, `with_recall` for any rows.
"""

from typing import Self

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

FOLDS, SEED = 5, 2012
STRENGTH = 0.1  # of the logistic models: the smaller, the more they are held back
PENALTIES = np.logspace(0, 5, 11)
QUANTILES = 100


class TwoModels:
    """A model of those who were recalled and one of those who were not; the uplift is their difference."""

    key = "two_models"

    def fit(self, features, treated, outcome, weight) -> Self:
        """Two logistic regressions, one for each arm."""
        self.answered = _chance(features[treated], outcome[treated], weight[treated])
        self.left_alone = _chance(features[~treated], outcome[~treated], weight[~treated])
        return self

    def without(self, features) -> np.ndarray:
        """The probability of a return without a recall."""
        return self.left_alone(features)

    def uplift(self, features) -> np.ndarray:
        """What a recall adds to it."""
        return self.answered(features) - self.left_alone(features)


class TransformedOutcome:
    """A regression on an outcome transformed so that its mean is the uplift itself.

    Athey, Imbens (2016), Recursive partitioning for heterogeneous causal effects, section 4; the outcome is centred
    first, which leaves the mean and takes away most of the noise.
    """

    key = "transformed_outcome"

    def fit(self, features, treated, outcome, weight) -> Self:
        """A ridge regression of the transformed outcome; a logistic one of the control for the level."""
        self.left_alone = _chance(features[~treated], outcome[~treated], weight[~treated])
        self.effect = _regression(features, transformed(treated, outcome, weight), self._regressor())
        return self

    def without(self, features) -> np.ndarray:
        """The probability of a return without a recall."""
        return self.left_alone(features)

    def uplift(self, features) -> np.ndarray:
        """What a recall adds to it."""
        return self.effect(features)

    def _regressor(self):
        from sklearn.linear_model import RidgeCV

        return RidgeCV(alphas=PENALTIES)


class BoostedOutcome(TransformedOutcome):
    """The same with small trees, for effects that do not rise or fall steadily with a feature."""

    key = "boosted_outcome"

    def _regressor(self):
        from sklearn.ensemble import HistGradientBoostingRegressor

        return HistGradientBoostingRegressor(
            learning_rate=0.03,
            max_iter=60,
            max_leaf_nodes=6,
            min_samples_leaf=200,
            l2_regularization=50.0,
            early_stopping=False,
            random_state=SEED,
        )


class ReturnsAnyway(TwoModels):
    """The naive rule: first those who are likeliest to come back, whether somebody calls or not."""

    key = "returns_anyway"

    def uplift(self, features) -> np.ndarray:
        """The probability of a return without a recall, as if it were the recall's doing."""
        return self.left_alone(features)


LEARNERS = (TwoModels, TransformedOutcome, BoostedOutcome)
NAIVE = (ReturnsAnyway,)


def transformed(treated, outcome, weight) -> np.ndarray:
    """(Y - m)(W - p) / (p (1 - p)): its mean among customers alike is their uplift.

    p is the weighted share treated, m the mean of the two arms' means, each weighted by the other arm's share.
    """
    p = np.average(treated, weights=weight)
    arms = [np.average(outcome[arm], weights=weight[arm]) for arm in (treated, ~treated)]
    centre = arms[0] * (1 - p) + arms[1] * p
    return weight * (outcome - centre) * (treated - p) / (p * (1 - p))


def folds_of(customer, treated, outcome, count: int = FOLDS, seed: int = SEED) -> np.ndarray:
    """A fold for each row: all rows of a customer in the same one, arms and outcomes spread evenly."""
    kind = pd.DataFrame({"customer": customer, "kind": 2 * np.asarray(treated) + (np.asarray(outcome) > 0)})
    people = kind.groupby("customer")["kind"].max()
    order = np.random.default_rng(seed).permutation(len(people))
    order = order[np.argsort(people.to_numpy()[order], kind="stable")]
    fold = np.empty(len(people), int)
    fold[order] = np.arange(len(people)) % count
    return pd.Series(fold, index=people.index).loc[kind["customer"]].to_numpy()


def cross_fitted(learner, features, treated, outcome, weight, fold) -> np.ndarray:
    """The learner's score of each row from the other folds, as a rank within its fold.

    Ranks, because the models of two folds differ a little in level, and levels of different models do not compare.
    """
    score = np.zeros(len(fold))
    for number in np.unique(fold):
        away, here = fold != number, fold == number
        model = fitted(learner, features[away], treated[away], outcome[away], weight[away])
        score[here] = pd.Series(np.round(model.uplift(features[here]), 12)).rank(pct=True)
    return score


def fitted(learner, features, treated, outcome, weight):
    """A learner fitted on one thread, so that the same rows give the same numbers."""
    import sklearn.ensemble
    import sklearn.linear_model  # noqa: F401  threads can be limited only after the library that runs them is loaded

    with threadpool_limits(1):
        return learner().fit(features, treated, outcome, weight)


def _chance(features, outcome, weight):
    """A function from features to the probability of the outcome; the plain rate where the outcome never varies."""
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(outcome)) < 2:
        rate = float(np.mean(outcome))
        return lambda rows: np.full(len(rows), rate)
    model = _pipeline(LogisticRegression(C=STRENGTH, max_iter=1000))
    model.fit(features, outcome > 0, model__sample_weight=weight)
    return _on_one_thread(lambda rows: model.predict_proba(rows)[:, 1])


def _regression(features, target, regressor):
    model = _pipeline(regressor).fit(features, target)
    return _on_one_thread(model.predict)


def _on_one_thread(predict):
    def limited(rows):
        with threadpool_limits(1):
            return predict(rows)

    return limited


def _pipeline(model):
    """Missing values filled and marked, features as quantiles with one spread, then the model."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import QuantileTransformer, StandardScaler

    steps = [
        ("fill", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
        ("rank", QuantileTransformer(n_quantiles=QUANTILES, subsample=None, random_state=SEED)),
        ("scale", StandardScaler()),
        ("model", model),
    ]
    return Pipeline(steps)
