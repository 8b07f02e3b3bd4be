"""Training in time: fit on earlier origins, calibrate on the last of them, and only then look at a later one."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from threadpoolctl import threadpool_limits

from playbook.churn.features.customer_features import KEYS
from playbook.churn.model.calibration import Calibration, calibrate
from playbook.churn.model.estimators import PLAIN, READS, estimators
from playbook.churn.model.metrics import auc, score_counts

#: Customers at an origin, and of each kind, without whom nothing can be learnt.
LEAST_CUSTOMERS, LEAST_EACH = 50, 10
LABEL = "left"


class CalibratedInTime(ClassifierMixin, BaseEstimator):
    """A classifier whose probabilities are set right on a later time than it was fitted to, as scikit-learn's are.

    After `fit`: `model_` (fitted to all rows), `calibration_`, and `ahead_`, the AUC on the last origin of a model that
    had been fitted to the earlier ones (NaN where they are too few to learn from).
    """

    def __init__(self, estimator):
        self.estimator = estimator

    def fit(self, X: pd.DataFrame, y: np.ndarray, origin: pd.Series) -> Self:
        """`X`: one column per feature, a row per customer and origin; `y`: 1 for who left; `origin`: each row's day."""
        y = np.asarray(y, int)
        self.classes_ = np.array([0, 1])
        self.feature_names_in_ = np.array(X.columns, object)
        self.calibration_, self.ahead_ = Calibration(), np.nan
        last = np.asarray(origin == origin.max())
        self.model_ = fit_known(self.estimator, X, y)
        if enough(y[~last]) and enough(y[last]):
            probability = leaving(fit_known(self.estimator, X[~last], y[~last]), X[last])
            self.calibration_ = calibrate(probability, y[last].astype(float))
            self.ahead_ = auc(score_counts(y[last], probability))
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """The calibrated probabilities of staying and of leaving; further columns of `X` are not read."""
        left = self.calibration_.apply(leaving(self.model_, X))
        return np.column_stack([1 - left, left])

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """1 for whose probability of leaving is a half or more."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)


def train(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, CalibratedInTime]:
    """Every model on all origins of `frame` (origin, customer_id, features, `left`), by its key; recency is the first.

    The calibration comes from the last origin, predicted by the same model fitted to the origins before it alone. With
    one origin there is nothing to calibrate on: the models are then taken as they are.
    """
    rows = frame.sort_values(list(KEYS), ignore_index=True)
    models = {}
    for key, estimator in estimators(names).items():
        columns = list(READS.get(key, names))
        if key == PLAIN or key not in READS or rows[columns].notna().any().all():
            models[key] = CalibratedInTime(estimator).fit(rows[columns], rows[LABEL], rows.origin)
    return models


def fit_known(estimator, X: pd.DataFrame, y) -> BaseEstimator:
    """A copy of the estimator fitted to the features that are known of anybody, on one thread, so that the same rows
    give the same model."""
    with threadpool_limits(1):
        return clone(estimator).fit(X.loc[:, X.notna().any()], np.asarray(y, int))


def leaving(model: BaseEstimator, X: pd.DataFrame) -> np.ndarray:
    """The probability of leaving by a fitted model, before calibration; further columns of `X` are not read."""
    with threadpool_limits(1):
        return model.predict_proba(X[list(model.feature_names_in_)])[:, 1]


def enough(left: np.ndarray) -> bool:
    """Whether there are customers of both kinds, and enough of them, to learn from."""
    gone = left.sum()
    return len(left) >= LEAST_CUSTOMERS and min(gone, len(left) - gone) >= LEAST_EACH
