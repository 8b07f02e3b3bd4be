"""Calibration in time: what a model said on a day it had not been shown, set against what then happened."""

from typing import NamedTuple

import numpy as np

from playbook.churn.accuracy import calibration_line, logit, tally

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

    def record(self) -> dict:
        """As plain numbers."""
        return self._asdict()


def calibrate(probability: np.ndarray, left: np.ndarray) -> Calibration:
    """The calibration that does best for customers it was not fitted to; the simpler one where two are alike.

    Rows are in the order of the customers' ids, which says nothing about them; each fifth row is held back in turn.
    """
    kinds = ["none", "sigmoid"]
    if min(left.sum(), len(left) - left.sum()) >= LEAST_FOR_STEPS:
        kinds.append("isotonic")
    losses = {kind: _held_back(kind, probability, left) for kind in kinds}
    least = min(loss.mean() for loss in losses.values())
    for kind in kinds:
        gap = losses[kind] - min(losses.values(), key=np.mean)
        if losses[kind].mean() <= least + gap.std() / np.sqrt(len(left)):
            return fitted(kind, probability, left)
    raise AssertionError("the best kind is within its own error")


def fitted(kind: str, probability: np.ndarray, left: np.ndarray) -> Calibration:
    """One kind of calibration fitted; `none` where the probability runs against what happened."""
    if kind == "isotonic":
        return _steps(probability, left)
    if kind == "sigmoid":
        found = tally(left, probability)
        slope, _ = calibration_line(found)
        return _line(found, slope) if slope > 0 else Calibration()
    return Calibration()


def _line(found, slope):
    shifted = found._replace(score=1 / (1 + np.exp(-slope * logit(found.score))))
    return Calibration("sigmoid", calibration_line(shifted)[1], slope)


def _steps(probability, left):
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0.001, y_max=0.999, out_of_bounds="clip").fit(probability, left)
    return Calibration("isotonic", steps=(tuple(model.X_thresholds_.tolist()), tuple(model.y_thresholds_.tolist())))


def _held_back(kind, probability, left):
    fold, loss = np.arange(len(left)) % FOLDS, np.empty(len(left))
    for n in range(FOLDS):
        out = fold == n
        said = np.clip(fitted(kind, probability[~out], left[~out]).apply(probability[out]), 1e-4, 1 - 1e-4)
        loss[out] = -np.where(left[out] == 1, np.log(said), np.log1p(-said))
    return loss
