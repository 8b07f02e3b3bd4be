"""Were two arms drawn at random? What was known beforehand must not tell who was treated."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

#: As strict as the check of sample ratios: a campaign drawn by lot is called targeted once in 2,000 times.
LEAST_P = 0.0005
FOLDS, SEED = 5, 1998
LEVEL = 0.95


class Balance(NamedTuple):
    """How far the arms differed beforehand.

    `p_value` of all features at once; `auc` of a model that guesses from them who was treated (.5: by lot);
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
        """Whether the arms may have been drawn by lot."""
        return self.p_value >= LEAST_P


def balance(features: pd.DataFrame, treated) -> Balance:
    """Compare the arms on everything known before the treatment; numeric features, missing ones allowed."""
    treated, points = np.asarray(treated, bool), as_ranks(features)
    gaps = standardised_differences(points, treated)
    worst = str(gaps.abs().idxmax()) if len(gaps) else ""
    auc, low, high = auc_interval(_guesses(points, treated), treated)
    return Balance(_hotelling(points, treated), auc, low, high, worst, float(gaps.get(worst, 0.0)))


def as_ranks(features: pd.DataFrame) -> pd.DataFrame:
    """Each feature as fractional ranks (ties share theirs), with a column for what is missing; constant ones dropped.

    Ranks, because a few large customers would otherwise decide every comparison of means.
    """
    ranks = features.astype(float).rank(pct=True).fillna(0.5)
    missing = features.isna().astype(float).add_suffix("_missing")
    points = pd.concat([ranks, missing], axis=1)
    return points.loc[:, points.nunique() > 1]


def standardised_differences(points: pd.DataFrame, treated) -> pd.Series:
    """Mean of the treated less mean of the control in standard deviations, for each feature."""
    a, b = points[treated], points[~treated]
    spread = np.sqrt((a.var() + b.var()) / 2)
    return ((a.mean() - b.mean()) / spread.where(spread > 0)).fillna(0.0)


def auc_interval(score, positive, level: float = LEVEL) -> tuple[float, float, float]:
    """The area under the ROC curve with its interval. DeLong et al. (1988), from midranks."""
    score, positive = np.asarray(score, float), np.asarray(positive, bool)
    m, n = int(positive.sum()), int((~positive).sum())
    ranks = stats.rankdata(score)
    over = (ranks[positive] - stats.rankdata(score[positive])) / n
    under = 1 - (ranks[~positive] - stats.rankdata(score[~positive])) / m
    auc = float(over.mean())
    half = stats.norm.ppf(0.5 + level / 2) * np.sqrt(over.var(ddof=1) / m + under.var(ddof=1) / n)
    return auc, float(max(0.0, auc - half)), float(min(1.0, auc + half))


def _hotelling(points, treated):
    """The p-value of equal means of all features; what is a combination of others counts once."""
    m, n = int(treated.sum()), int((~treated).sum())
    a, b = points[treated].to_numpy(), points[~treated].to_numpy()
    if not points.shape[1] or min(m, n) < 2:
        return 1.0
    pooled = (np.cov(a, rowvar=False, ddof=0) * m + np.cov(b, rowvar=False, ddof=0) * n) / (m + n - 2)
    inverse, rank = _inverse(np.atleast_2d(pooled))
    gap, free = a.mean(axis=0) - b.mean(axis=0), m + n - rank - 1
    if not rank or free < 1:
        return 1.0
    distance = gap @ inverse @ gap * m * n / (m + n)
    return float(stats.f.sf(distance * free / ((m + n - 2) * rank), rank, free))


def _inverse(matrix, tolerance=1e-8):
    values, vectors = np.linalg.eigh(matrix)
    kept = values > tolerance * max(values.max(), 1e-12)
    return (vectors[:, kept] / values[kept]) @ vectors[:, kept].T, int(kept.sum())


def _guesses(points, treated):
    """The chance of having been treated, each row judged by a model that has not seen it."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    few = min(int(treated.sum()), int((~treated).sum()), FOLDS)
    if few < 2 or not points.shape[1]:
        return np.zeros(len(treated))
    folds = StratifiedKFold(few, shuffle=True, random_state=SEED)
    with threadpool_limits(1):
        model = LogisticRegression(C=1.0, max_iter=1000)
        return cross_val_predict(model, points, treated, cv=folds, method="predict_proba")[:, 1]
