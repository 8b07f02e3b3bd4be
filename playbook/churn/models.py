"""Four ways to a probability of leaving: recency alone, P(alive), a logistic regression, gradient boosting."""

from typing import ClassVar, Self

import numpy as np
import pandas as pd

from playbook.churn.accuracy import logit

#: Features that are already on a scale of their own; the others are counts, days and amounts, and enter as logarithms.
AS_THEY_ARE = (
    "orders_trend",
    "value_trend",
    "event_trend",
    "gap_variation",
    "return_share",
    "discount_share",
    "feedback",
)
BOOSTING = {
    "max_iter": 150,
    "learning_rate": 0.06,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "random_state": 0,
}
#: Strength of the ridge of the logistic regression, as the inverse of its weight against the likelihood.
RIDGE = 0.1


class Logistic:
    """Logistic regression on standardised features; what is unknown counts as average.

    After `fit`: names, center, spread, coefficients (per spread, on the log odds of leaving) and intercept.
    """

    key: ClassVar[str] = "logistic"
    #: The features it reads; None reads all.
    only: ClassVar[tuple[str, ...] | None] = None

    def fit(self, features: pd.DataFrame, left: np.ndarray) -> Self:
        """`features`: one column each, a row per customer; `left`: 1 for who left."""
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        self.names = [name for name in self.only or features.columns if name in features]
        values = scaled(features[self.names])
        self.center, self.spread = _moments(values)
        with threadpool_limits(1):
            found = LogisticRegression(C=RIDGE, max_iter=500).fit(self._standard(values), np.asarray(left, int))
        self.coefficients, self.intercept = found.coef_[0], float(found.intercept_[0])
        return self

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """The probability of leaving, before calibration."""
        return _sigmoid(self.intercept + self._standard(scaled(features[self.names])) @ self.coefficients)

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """What each feature adds to the log odds of leaving, against a customer who is average in it."""
        values = self._standard(scaled(features[self.names])) * self.coefficients
        return pd.DataFrame(values, columns=self.names, index=features.index)

    def _standard(self, values: np.ndarray) -> np.ndarray:
        return np.nan_to_num((values - self.center) / self.spread, nan=0.0)


class RecencyRule(Logistic):
    """The plain rule: the longer since the last purchase, the likelier gone."""

    key = "recency"
    only = ("recency_days",)


class AliveRule(Logistic):
    """One minus P(alive), and nothing else."""

    key = "p_alive"
    only = ("p_alive",)


class Boosting:
    """Histogram gradient boosting; unknown values go their own way."""

    key: ClassVar[str] = "boosting"

    def fit(self, features: pd.DataFrame, left: np.ndarray) -> Self:
        """As of `Logistic`."""
        from sklearn.ensemble import HistGradientBoostingClassifier
        from threadpoolctl import threadpool_limits

        self.names = [name for name in features if features[name].notna().any()]
        features = features[self.names]
        with threadpool_limits(1):
            self.model = HistGradientBoostingClassifier(**BOOSTING).fit(features.to_numpy(float), np.asarray(left, int))
        return self

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """As of `Logistic`."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            return self.model.predict_proba(features[self.names].to_numpy(float))[:, 1]


MODELS = {model.key: model for model in (RecencyRule, AliveRule, Logistic, Boosting)}


def scaled(features: pd.DataFrame) -> np.ndarray:
    """Features as the logistic regression reads them: probabilities as log odds, counts and amounts as logarithms."""
    columns = [_scale(name, features[name].to_numpy(float)) for name in features]
    return np.column_stack(columns) if columns else np.zeros((len(features), 0))


def _scale(name: str, values: np.ndarray) -> np.ndarray:
    if name == "p_alive":
        return logit(np.clip(values, 1e-4, 1 - 1e-4))
    if name.startswith(AS_THEY_ARE):
        return values
    return np.sign(values) * np.log1p(np.abs(values))


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    center = np.where(known, values, 0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, values - center, 0) ** 2).sum(axis=0) / count)
    return center, np.where(spread > 1e-9, spread, 1.0)


def _sigmoid(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(odds, -35, 35)))
