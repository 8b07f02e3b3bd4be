"""Four ways to a probability of leaving: recency alone, P(alive), a logistic regression, gradient boosting."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from playbook.churn.model.metrics import logit

#: The plain rule: the longer since the last purchase, the likelier gone.
PLAIN = "recency"
#: The features that a model reads; one that is not named here reads all.
READS = {PLAIN: ("recency_days",), "p_alive": ("p_alive",)}
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


def estimators(names: Sequence[str]) -> dict[str, Pipeline | HistGradientBoostingClassifier]:
    """The models, not fitted yet, that can be made from features of these names; recency, the plain rule, is the first.

    >>> list(estimators(["recency_days", "p_alive"]))
    ['recency', 'p_alive', 'logistic', 'boosting']
    """
    rules = {key: logistic() for key, reads in READS.items() if key == PLAIN or set(reads) <= set(names)}
    return rules | {"logistic": logistic(), "boosting": HistGradientBoostingClassifier(**BOOSTING)}


def logistic() -> Pipeline:
    """Logistic regression on standardised features; what is unknown counts as average."""
    return Pipeline(
        [
            ("scale", FunctionTransformer(scaled)),
            ("standardise", StandardScaler()),
            ("impute", SimpleImputer(strategy="constant", fill_value=0.0, keep_empty_features=True)),
            ("classify", LogisticRegression(C=RIDGE, max_iter=500)),
        ]
    )


def contributions(model: Pipeline, features: pd.DataFrame) -> pd.DataFrame:
    """What each feature adds to the log odds of leaving, against a customer who is average in it; `model` is a fitted
    `logistic()`."""
    names = list(model.feature_names_in_)
    values = model[:-1].transform(features[names]) * model[-1].coef_[0]
    return pd.DataFrame(values, columns=names, index=features.index)


def scaled(features: pd.DataFrame) -> np.ndarray:
    """Features as the logistic regression reads them: probabilities as log odds, counts and amounts as logarithms."""
    columns = []
    for name in features:
        values = features[name].to_numpy(float)
        if name == "p_alive":
            values = logit(np.clip(values, 1e-4, 1 - 1e-4))
        elif not name.startswith(AS_THEY_ARE):
            values = np.sign(values) * np.log1p(np.abs(values))
        columns.append(values)
    return np.column_stack(columns) if columns else np.zeros((len(features), 0))
