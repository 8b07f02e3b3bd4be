"""Which model is used: each set against the recency rule on a time that none of them had seen, with intervals."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.accuracy import Tally, auc, brier, measures, pr_auc, tally, top_lift
from playbook.churn.learning import LABEL, Learned
from playbook.churn.models import RecencyRule
from playbook.churn.profit import Costs, expected_maximum_profit

RESAMPLED = 300
#: The ends of a 90 % interval.
ENDS = (0.05, 0.95)
PLAIN = RecencyRule.key
#: Measures of which the difference to the plain rule is shown, better being positive.
DIFFERENCES = ("auc", "pr_auc", "brier", "lift", "empc")


class Comparison(NamedTuple):
    """How each model did on the test: `table` (a row per model, recency first), `chosen` and why.

    Columns of `table`: model, n, left (share who left), the measures, and for auc, pr_auc, brier, lift, empc the
    difference to recency, better being positive: `<measure>_gain`, `_low`, `_high` (90 % bootstrap interval).
    `reason`: better (the candidate ranks better than recency, interval above 0), plain (it does not) or only (there is
    no candidate). `said` holds each model's probabilities for the rows of `test`.
    """

    table: pd.DataFrame
    chosen: str
    candidate: str | None
    reason: str
    said: dict[str, np.ndarray]
    left: np.ndarray
    resampled: int

    def tally(self, key: str) -> Tally:
        """The customers of the test by one model's probability."""
        return tally(self.left, self.said[key])


def compare(
    learned: dict[str, Learned], test: pd.DataFrame, costs: Costs | None, *, seed: int = 0, resampled: int = RESAMPLED
) -> Comparison:
    """Every model on the rows of `test` (features and `left`), a later origin than any it learnt from.

    The candidate is fixed before: the model that ranked best on the last origin of the training. Raises `ValueError`
    without the recency rule.
    """
    if PLAIN not in learned:
        raise ValueError("a score is shown beside the recency rule only; learn() gives it with every model.")
    left = test[LABEL].to_numpy(float)
    said = {key: one.predict(test) for key, one in learned.items()}
    gains = _gains(said, left, costs, seed, resampled)
    table = pd.DataFrame(
        [_row(key, said[key], left, costs, gains) for key in (PLAIN, *(k for k in said if k != PLAIN))]
    )
    candidate = _candidate(learned)
    better = candidate is not None and bool(table.set_index("model").auc_low[candidate] > 0)
    reason = "only" if candidate is None else "better" if better else "plain"
    return Comparison(table, candidate if better else PLAIN, candidate, reason, said, left, resampled)


def _candidate(learned: dict[str, Learned]) -> str | None:
    """The model that ranked best ahead of its time in training; ties and no training ahead: the simpler one."""
    others = [key for key in learned if key != PLAIN]
    ahead = {key: np.nan_to_num(round(learned[key].ahead, 4), nan=0.0) for key in others}
    if not any(ahead.values()):
        return "logistic" if "logistic" in others else next(iter(others), None)
    return max(others, key=ahead.get, default=None)


def _row(key, said, left, costs, gains) -> dict:
    found = tally(left, said)
    row = {"model": key, "n": len(left), "left": float(left.mean()), **measures(found, costs)}
    for name in DIFFERENCES:
        plain, own = gains[PLAIN][name], gains[key][name]
        low, high = (0.0, 0.0) if key == PLAIN else np.quantile(own[1:] - plain[1:], ENDS)
        row |= {f"{name}_gain": float(own[0] - plain[0]), f"{name}_low": float(low), f"{name}_high": float(high)}
    return row


def _gains(said, left, costs, seed, resampled):
    """For each model and measure: its value on the test, then on resampled customers, the same ones for all models."""
    drawn = {key: {name: np.empty(resampled + 1) for name in DIFFERENCES} for key in said}
    for key, probability in said.items():
        score, group = np.unique(probability, return_inverse=True)
        rng = np.random.default_rng(seed)
        for turn in range(resampled + 1):
            weights = np.ones(len(left)) if turn == 0 else rng.poisson(1.0, len(left))
            n = len(score)
            one = Tally(score, np.bincount(group, weights * left, n), np.bincount(group, weights * (1 - left), n))
            for name, value in _quick(one, costs).items():
                drawn[key][name][turn] = value
    return drawn


def _quick(found: Tally, costs) -> dict[str, float]:
    best = expected_maximum_profit(found.score, found.left, found.stayed, costs)[0] if costs else np.nan
    return {
        "auc": auc(found),
        "pr_auc": pr_auc(found),
        "brier": -brier(found),
        "lift": top_lift(found)[0],
        "empc": best,
    }
