"""A second opinion on the tiers: clusters of customers by recency, frequency and monetary value, named by nobody."""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

MEASURES = ["recency_days", "frequency", "monetary"]
CHOICES = range(2, 8)
BOOTSTRAPS = 8
MOST_ROWS = 2_000  # silhouettes cost the square of the rows
SEED = 20
FEWEST_BUYERS = 50
#: Clusters are stable where they come back in samples drawn anew with this agreement (adjusted Rand index).
STABLE = 0.8


def clusters(rfm: pd.DataFrame) -> pd.Series | None:
    """K-means on scaled log recency, frequency and monetary value of buyers in the window.

    `rfm` holds customer_id, recency_days, frequency, monetary; the result is a label for each customer_id, 0 for the
    cluster that spends most. The number of clusters has the best silhouette among those whose clusters come back in
    bootstrap samples (adjusted Rand index of at least .8), else the most stable one. None where there are fewer than
    50 buyers: too few to say anything.
    """
    buyers = rfm[(rfm["frequency"] > 0) & (rfm["monetary"] > 0)].sort_values("customer_id")
    if len(buyers) < FEWEST_BUYERS or buyers[MEASURES].drop_duplicates().shape[0] < max(CHOICES):
        return None
    from sklearn.cluster import KMeans  # before the limit: it holds for libraries that are loaded
    from sklearn.preprocessing import StandardScaler

    points = StandardScaler().fit_transform(np.log1p(buyers[MEASURES].to_numpy(dtype=float)))
    model = KMeans(n_init=2, random_state=SEED)
    with threadpool_limits(1):
        choices = pd.DataFrame([_judged(model.set_params(n_clusters=number), points) for number in CHOICES])
        stable = choices[choices["stability"] >= STABLE]
        best = stable["silhouette"] if len(stable) else choices["stability"]
        labels = model.set_params(n_clusters=int(choices.loc[best.idxmax(), "clusters"])).fit_predict(points)
    means = buyers["monetary"].groupby(labels).mean()
    ranks = (means.rank(ascending=False).astype(int) - 1).loc[labels].to_numpy()
    return pd.Series(ranks, index=buyers["customer_id"].to_numpy(), name="cluster")


def against_tiers(rfm: pd.DataFrame, labels: pd.Series | None) -> pd.DataFrame:
    """Customers by tier (rows) and cluster (columns); empty without clusters."""
    if labels is None:
        return pd.DataFrame()
    tiers = rfm.set_index("customer_id")["tier"].reindex(labels.index)
    return pd.crosstab(tiers, labels).rename_axis(index="tier", columns="cluster")


def _judged(model, points: np.ndarray) -> dict:
    """How so many clusters do: their separation, and how well they come back in samples drawn with replacement."""
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    labels = model.fit_predict(points)
    separation = silhouette_score(points, labels, sample_size=min(len(points), MOST_ROWS), random_state=SEED)
    rng = np.random.default_rng(SEED)
    samples = [rng.integers(0, len(points), min(len(points), MOST_ROWS)) for _ in range(BOOTSTRAPS)]
    agreement = [adjusted_rand_score(labels, model.fit(points[rows]).predict(points)) for rows in samples]
    return {"clusters": model.n_clusters, "silhouette": separation, "stability": float(np.median(agreement))}
