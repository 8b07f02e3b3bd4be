"""Learners of uplift, as scikit-learn estimators, and the naive baseline that they must beat.

Each has `fit(X, y, treatment, sample_weight)`; `predict(X)` is the uplift, `predict_control(X)` the probability of the
outcome without the treatment.
"""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

SEED = 2012
STRENGTH = 0.1  # of the logistic models: the smaller, the more they are held back
QUANTILES = 100


class ResponseBaseline(BaseEstimator):
    """The naive rule: first those who are likeliest to come back, whether somebody contacts them or not."""

    def fit(self, X, y, *, treatment, sample_weight) -> Self:
        """A logistic regression of the control arm. `treatment` is boolean, `y` 0 or 1."""
        self.control_model_ = _response_model(X, y, sample_weight, ~treatment)
        return self

    def predict_control(self, X) -> np.ndarray:
        """The probability of the outcome without the treatment, (n,)."""
        return self.control_model_.predict_proba(X) @ self.control_model_.classes_

    def predict(self, X) -> np.ndarray:
        """The same, as if it were the treatment's doing."""
        return self.predict_control(X)


class TLearner(ResponseBaseline):
    """A model of the treated and one of the control; the uplift is their difference. Künzel et al. (2019)."""

    def fit(self, X, y, *, treatment, sample_weight) -> Self:
        """Two logistic regressions, one for each arm."""
        self.treatment_model_ = _response_model(X, y, sample_weight, treatment)
        return super().fit(X, y, treatment=treatment, sample_weight=sample_weight)

    def predict(self, X) -> np.ndarray:
        """What the treatment adds to the probability of the outcome, (n,)."""
        return self.treatment_model_.predict_proba(X) @ self.treatment_model_.classes_ - self.predict_control(X)


class TransformedOutcome(ResponseBaseline):
    """A regression on an outcome transformed so that its mean is the uplift itself.

    Athey, Imbens (2016), Recursive partitioning for heterogeneous causal effects, section 4; the outcome is centred
    first, which leaves the mean and takes away most of the noise.
    """

    def __init__(self, regressor):
        self.regressor = regressor

    def fit(self, X, y, *, treatment, sample_weight) -> Self:
        """The regressor on the transformed outcome; a logistic regression of the control for the level."""
        self.effect_model_ = _pipeline(clone(self.regressor)).fit(X, transformed_outcome(y, treatment, sample_weight))
        return super().fit(X, y, treatment=treatment, sample_weight=sample_weight)

    def predict(self, X) -> np.ndarray:
        """What the treatment adds to the probability of the outcome, (n,)."""
        return self.effect_model_.predict(X)


LEARNERS = {
    "t_learner": TLearner(),
    "transformed_outcome": TransformedOutcome(RidgeCV(alphas=np.logspace(0, 5, 11))),
    # Small trees, for effects that do not rise or fall steadily with a feature.
    "boosted_outcome": TransformedOutcome(
        HistGradientBoostingRegressor(
            learning_rate=0.03,
            max_iter=60,
            max_leaf_nodes=6,
            min_samples_leaf=200,
            l2_regularization=50.0,
            early_stopping=False,
            random_state=SEED,
        )
    ),
}
BASELINES = {"response_baseline": ResponseBaseline()}


def transformed_outcome(outcome, treated, weight) -> np.ndarray:
    """(Y - m)(W - p) / (p (1 - p)): its mean among customers alike is their uplift.

    p is the weighted share treated, m the mean of the two arms' means, each weighted by the other arm's share.
    """
    p = np.average(treated, weights=weight)
    mean_treated, mean_control = (np.average(outcome[arm], weights=weight[arm]) for arm in (treated, ~treated))
    centre = mean_treated * (1 - p) + mean_control * p
    return weight * (outcome - centre) * (treated - p) / (p * (1 - p))


def _response_model(X, y, weight, arm):
    """A logistic regression of one arm; the plain rate where its outcome never varies."""
    outcome = y[arm] > 0
    if outcome.all() or not outcome.any():
        return DummyClassifier().fit(X[arm], outcome)
    model = _pipeline(LogisticRegression(C=STRENGTH, max_iter=1000))
    return model.fit(X[arm], outcome, model__sample_weight=weight[arm])


def _pipeline(model):
    """Missing values filled and marked, features as quantiles with one spread, then the model."""
    steps = [
        ("fill", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
        ("rank", QuantileTransformer(n_quantiles=QUANTILES, subsample=None, random_state=SEED)),
        ("scale", StandardScaler()),
        ("model", model),
    ]
    return Pipeline(steps)
