"""Which model is used: each set against the recency rule on a time that none of them had seen, with intervals."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.model.estimators import PLAIN
from playbook.churn.model.metrics import ScoreCounts, auc, brier, metrics, pr_auc, score_counts, top_lift
from playbook.churn.model.profit import Costs, expected_maximum_profit
from playbook.churn.model.training import LABEL, CalibratedInTime

RESAMPLED = 300
#: The ends of a 90 % interval.
ENDS = (0.05, 0.95)
#: Metrics of which the difference to the plain rule is shown, better being positive.
DIFFERENCES = ("auc", "pr_auc", "brier", "lift", "empc")


class Comparison(NamedTuple):
    """How each model did on the test: `table` (a row per model, recency first), `chosen` and why.

    Columns of `table`: model, n, left (share who left), the metrics, and for auc, pr_auc, brier, lift, empc the
    difference to recency, better being positive: `<metric>_gain`, `_low`, `_high` (90 % bootstrap interval).
    `reason`: better (the candidate ranks better than recency, interval above 0), plain (it does not) or only (there is
    no candidate). `probability` holds each model's probabilities for the rows of `test`.
    """

    table: pd.DataFrame
    chosen: str
    candidate: str | None
    reason: str
    probability: dict[str, np.ndarray]
    test: pd.DataFrame
    costs: Costs | None
    resampled: int

    @property
    def origin(self) -> date:
        """The day of the test."""
        return self.test.origin.max().date()

    def counts(self, key: str) -> ScoreCounts:
        """The customers of the test by one model's probability."""
        return score_counts(self.test[LABEL], self.probability[key])


def compare(
    models: dict[str, CalibratedInTime],
    test: pd.DataFrame,
    costs: Costs | None,
    *,
    seed: int = 0,
    resampled: int = RESAMPLED,
) -> Comparison:
    """Every model on the rows of `test` (features and `left`), a later origin than any it was fitted to.

    The candidate is fixed before: the model that ranked best on the last origin of the training. Raises `ValueError`
    without the recency rule.
    """
    if PLAIN not in models:
        raise ValueError("a score is shown beside the recency rule only; train() gives it with every model.")
    left = test[LABEL].to_numpy(float)
    probability = {key: model.predict_proba(test)[:, 1] for key, model in models.items()}
    draws = {key: _draws(p, left, costs, seed, resampled) for key, p in probability.items()}
    rows = []
    for key in (PLAIN, *(key for key in models if key != PLAIN)):
        row = {"model": key, "n": len(left), "left": float(left.mean())}
        row |= metrics(score_counts(left, probability[key]), costs)
        for name in DIFFERENCES:
            gain = draws[key][name] - draws[PLAIN][name]
            low, high = np.quantile(gain[1:], ENDS) if key != PLAIN else (0.0, 0.0)
            row |= {f"{name}_gain": float(gain[0]), f"{name}_low": float(low), f"{name}_high": float(high)}
        rows.append(row)
    table = pd.DataFrame(rows)
    candidate = _candidate(models)
    better = candidate is not None and bool(table.set_index("model").auc_low[candidate] > 0)
    reason = "only" if candidate is None else "better" if better else "plain"
    chosen = candidate if better else PLAIN
    return Comparison(table, chosen, candidate, reason, probability, test, costs, resampled)


def _candidate(models: dict[str, CalibratedInTime]) -> str | None:
    """The model that ranked best ahead of its time in training; ties and no training ahead: the simpler one."""
    ahead = {key: np.nan_to_num(round(model.ahead_, 4), nan=0.0) for key, model in models.items() if key != PLAIN}
    if not any(ahead.values()):
        return "logistic" if "logistic" in ahead else next(iter(ahead), None)
    return max(ahead, key=ahead.get)


def _draws(probability, left, costs, seed, resampled) -> dict[str, np.ndarray]:
    """Each metric on the test, then on resampled customers, the same ones for all models; better is higher."""
    score, group = np.unique(probability, return_inverse=True)
    rng = np.random.default_rng(seed)
    draws = {name: np.empty(resampled + 1) for name in DIFFERENCES}
    for turn in range(resampled + 1):
        weight = np.ones(len(left)) if turn == 0 else rng.poisson(1.0, len(left))
        gone, stayed = (np.bincount(group, weight * side, len(score)) for side in (left, 1 - left))
        counts = ScoreCounts(score, gone, stayed)
        profit = expected_maximum_profit(*counts, costs)[0] if costs else np.nan
        values = (auc(counts), pr_auc(counts), -brier(counts), top_lift(counts)[0], profit)
        for name, value in zip(DIFFERENCES, values, strict=True):
            draws[name][turn] = value
    return draws
