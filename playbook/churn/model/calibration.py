"""Calibration in time: what a model said on a day it had not been shown, set against what then happened."""

from typing import NamedTuple

import numpy as np

from playbook.churn.model.metrics import calibration_line, logit, score_counts

FOLDS = 5
#: Fewer leavers or stayers than this, and isotonic regression only copies chance.
LEAST_FOR_STEPS = 200
#: What is left of a model's own order within a step, so that its ranking stays.
TIE = 1e-6


class Calibration(NamedTuple):
    """A map from a model's probability to one that comes true: `none`, `sigmoid` (a line on log odds), `isotonic`."""

    kind: str = "none"
    intercept: float = 0.0
    slope: float = 1.0
    steps: tuple[tuple[float, ...], tuple[float, ...]] | None = None

    def apply(self, probability) -> np.ndarray:
        """The calibrated probability."""
        p = np.asarray(probability, float)
        if self.kind == "sigmoid":
            return 1 / (1 + np.exp(-(self.intercept + self.slope * logit(p))))
        return np.interp(p, *self.steps) + TIE * (p - 0.5) if self.kind == "isotonic" else p


def calibrate(probability: np.ndarray, left: np.ndarray) -> Calibration:
    """The calibration that does best for customers it was not fitted to; the simpler one where two are alike.

    Rows are in the order of the customers' ids, which says nothing about them; each fifth row is held back in turn.
    """
    kinds = ["none", "sigmoid"]
    if min(left.sum(), len(left) - left.sum()) >= LEAST_FOR_STEPS:
        kinds.append("isotonic")
    losses = {kind: _held_back_loss(kind, probability, left) for kind in kinds}
    best = min(losses.values(), key=np.mean)
    within_error = (
        kind for kind in kinds if (excess := losses[kind] - best).mean() <= excess.std() / np.sqrt(len(left))
    )
    return fitted(next(within_error), probability, left)


def fitted(kind: str, probability: np.ndarray, left: np.ndarray) -> Calibration:
    """One kind of calibration fitted; `none` where the probability runs against what happened."""
    if kind == "isotonic":
        from sklearn.isotonic import IsotonicRegression

        model = IsotonicRegression(y_min=0.001, y_max=0.999, out_of_bounds="clip").fit(probability, left)
        return Calibration("isotonic", steps=(tuple(model.X_thresholds_.tolist()), tuple(model.y_thresholds_.tolist())))
    if kind == "sigmoid":
        counts = score_counts(left, probability)
        slope, _ = calibration_line(counts)
        if slope > 0:
            shifted = counts._replace(score=1 / (1 + np.exp(-slope * logit(counts.score))))
            return Calibration("sigmoid", calibration_line(shifted)[1], slope)
    return Calibration()


def _held_back_loss(kind: str, probability: np.ndarray, left: np.ndarray) -> np.ndarray:
    fold, loss = np.arange(len(left)) % FOLDS, np.empty(len(left))
    for n in range(FOLDS):
        out = fold == n
        calibrated = fitted(kind, probability[~out], left[~out]).apply(probability[out])
        p = np.clip(calibrated, 1e-4, 1 - 1e-4)
        loss[out] = -np.where(left[out] == 1, np.log(p), np.log1p(-p))
    return loss
