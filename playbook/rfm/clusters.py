"""A second opinion on the tiers: clusters of customers by recency, frequency and monetary value, named by nobody."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

MEASURES = ("recency_days", "frequency", "monetary")
CHOICES = range(2, 8)
BOOTSTRAPS = 8
MOST_ROWS = 2_000  # silhouettes cost the square of the rows
SEED = 20
FEWEST = 50


class Clusters(NamedTuple):
    """The clustering chosen: a label per customer (0 is the most valuable), and how each number of clusters did."""

    labels: pd.Series
    choices: pd.DataFrame
    centres: pd.DataFrame


def clusters(rfm: pd.DataFrame) -> Clusters | None:
    """K-means on scaled log recency, frequency and monetary value of buyers in the window.

    `rfm` holds customer_id, recency_days, frequency, monetary. The number of clusters has the best silhouette among
    those whose clusters come back in bootstrap samples (adjusted Rand index of at least .8), else the most stable one.
    None where there are fewer than 50 buyers: too few to say anything.
    """
    buyers = rfm[(rfm["frequency"] > 0) & (rfm["monetary"] > 0)].sort_values("customer_id")
    if len(buyers) < FEWEST or buyers[list(MEASURES)].drop_duplicates().shape[0] < max(CHOICES):
        return None
    import sklearn.cluster  # noqa: F401  threads can be limited only after the library that runs them is loaded

    points = scaled(buyers)
    with threadpool_limits(1):
        choices = pd.DataFrame([_judged(points, number) for number in CHOICES])
        labels = _fit(points, chosen(choices)).labels_
    return _named(buyers, labels, choices)


def scaled(buyers: pd.DataFrame) -> np.ndarray:
    """Logarithms of the three measures, each with mean 0 and standard deviation 1."""
    logs = np.log1p(buyers[list(MEASURES)].to_numpy(dtype=float))
    spread = logs.std(axis=0)
    return (logs - logs.mean(axis=0)) / np.where(spread > 0, spread, 1)


def chosen(choices: pd.DataFrame) -> int:
    """The number of clusters: the best separated among the stable ones."""
    stable = choices[choices["stability"] >= 0.8]
    best = stable["silhouette"] if len(stable) else choices["stability"]
    return int(choices.loc[best.idxmax(), "clusters"])


def against_tiers(rfm: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Customers by tier (rows) and cluster (columns)."""
    known = rfm.set_index("customer_id")["tier"].reindex(labels.index)
    return pd.crosstab(known, labels).rename_axis(index="tier", columns="cluster")


def _judged(points: np.ndarray, number: int) -> dict:
    from sklearn.metrics import silhouette_score

    labels = _fit(points, number).labels_
    size = min(len(points), MOST_ROWS)
    separation = silhouette_score(points, labels, sample_size=size, random_state=SEED)
    return {"clusters": number, "silhouette": separation, "stability": _stability(points, number, labels)}


def _stability(points: np.ndarray, number: int, labels: np.ndarray) -> float:
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(SEED)
    drawn = [rng.integers(0, len(points), min(len(points), MOST_ROWS)) for _ in range(BOOTSTRAPS)]
    agreement = [adjusted_rand_score(labels, _fit(points[rows], number).predict(points)) for rows in drawn]
    return float(np.median(agreement))


def _fit(points: np.ndarray, number: int):
    from sklearn.cluster import KMeans

    return KMeans(n_clusters=number, n_init=2, random_state=SEED).fit(points)


def _named(buyers: pd.DataFrame, labels: np.ndarray, choices: pd.DataFrame) -> Clusters:
    means = buyers.assign(cluster=labels).groupby("cluster")["monetary"].mean()
    rank = means.rank(ascending=False).astype(int) - 1
    named = pd.Series(rank.loc[labels].to_numpy(), index=buyers["customer_id"].to_numpy(), name="cluster")
    centres = buyers.assign(cluster=named.to_numpy()).groupby("cluster")[list(MEASURES)].median()
    return Clusters(named, choices, centres.assign(customers=named.value_counts().sort_index()).reset_index())
