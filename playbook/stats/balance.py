"""Were two arms drawn at random? What was known beforehand must not tell who was treated."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy
from threadpoolctl import threadpool_limits

#: As strict as the check of sample ratios: a campaign drawn at random is called targeted once in 2,000 times.
LEAST_P = 0.0005
FOLDS, SEED = 5, 1998
#: Columns that are combinations of others down to this share of the largest spread.
TOLERANCE = 1e-8
LEVEL = 0.95


class Balance(NamedTuple):
    """How far the arms differed beforehand.

    `p_value` of all features at once; `auc` of a model that guesses from them who was treated (.5: at random);
    `worst` is the feature that differs most, by so many standard deviations.
    """

    p_value: float
    auc: float
    auc_low: float
    auc_high: float
    worst: str
    difference: float

    @property
    def random(self) -> bool:
        """Whether the arms may have been drawn at random."""
        return self.p_value >= LEAST_P


def balance(features: pd.DataFrame, treated) -> Balance:
    """Compare the arms on everything known before the treatment; numeric features, missing ones allowed.

    Features are compared as fractional ranks, ties sharing theirs, with a column for what is missing: a few large
    customers would otherwise decide every comparison of means.
    """
    treated = np.asarray(treated, bool)
    ranks = features.astype(float).rank(pct=True).fillna(0.5)
    points = pd.concat([ranks, features.isna().astype(float).add_suffix("_missing")], axis=1)
    points = points.loc[:, points.nunique() > 1]
    a, b = points[treated], points[~treated]
    spread = np.sqrt((a.var() + b.var()) / 2)
    differences = ((a.mean() - b.mean()) / spread.where(spread > 0)).fillna(0.0)
    worst = differences.abs().idxmax() if len(differences) else ""
    interval = auc_interval(_propensity(points, treated), treated)
    return Balance(_hotelling_p(a.to_numpy(), b.to_numpy()), *interval, str(worst), float(differences.get(worst, 0.0)))


def auc_interval(score, positive, level: float = LEVEL) -> tuple[float, float, float]:
    """The area under the ROC curve with its interval. DeLong et al. (1988), from midranks."""
    score, positive = np.asarray(score, float), np.asarray(positive, bool)
    m, n = int(positive.sum()), int((~positive).sum())
    ranks = scipy.stats.rankdata(score)
    over = (ranks[positive] - scipy.stats.rankdata(score[positive])) / n
    under = 1 - (ranks[~positive] - scipy.stats.rankdata(score[~positive])) / m
    auc = float(over.mean())
    half = scipy.stats.norm.ppf(0.5 + level / 2) * np.sqrt(over.var(ddof=1) / m + under.var(ddof=1) / n)
    return auc, float(max(0.0, auc - half)), float(min(1.0, auc + half))


def _hotelling_p(a, b):
    """The p-value of equal means of all columns; what is a combination of others counts once."""
    m, n = len(a), len(b)
    if not a.shape[1] or min(m, n) < 2:
        return 1.0
    pooled = np.atleast_2d(np.cov(a, rowvar=False, ddof=0) * m + np.cov(b, rowvar=False, ddof=0) * n) / (m + n - 2)
    inverse = np.linalg.pinv(pooled, rcond=TOLERANCE, hermitian=True)
    rank = int(np.linalg.matrix_rank(pooled, rtol=TOLERANCE, hermitian=True))
    free = m + n - rank - 1
    if not rank or free < 1:
        return 1.0
    gap = a.mean(axis=0) - b.mean(axis=0)
    distance = gap @ inverse @ gap * m * n / (m + n)
    return float(scipy.stats.f.sf(distance * free / ((m + n - 2) * rank), rank, free))


def _propensity(points, treated):
    """The chance of having been treated, each row judged by a model that has not seen it."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    few = min(treated.sum(), (~treated).sum(), FOLDS)
    if few < 2 or not points.shape[1]:
        return np.zeros(len(treated))
    model, folds = LogisticRegression(max_iter=1000), StratifiedKFold(few, shuffle=True, random_state=SEED)
    with threadpool_limits(1):
        return cross_val_predict(model, points, treated, cv=folds, method="predict_proba")[:, 1]
