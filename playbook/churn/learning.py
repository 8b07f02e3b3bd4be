"""Learning in time: fit on earlier origins, calibrate on the last of them, and only then look at a later one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.accuracy import auc, tally
from playbook.churn.calibration import Calibration, calibrate
from playbook.churn.features import KEYS
from playbook.churn.models import MODELS, RecencyRule

#: Customers at an origin, and of each kind, without whom nothing can be learnt.
LEAST_CUSTOMERS, LEAST_EACH = 50, 10
LABEL = "left"


class Learned(NamedTuple):
    """A fitted model with its calibration; `ahead` is the AUC on the last origin of those it had not seen then."""

    model: object
    calibration: Calibration
    ahead: float

    @property
    def key(self) -> str:
        """The name of the model."""
        return self.model.key

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """The calibrated probability of leaving."""
        return self.calibration.apply(self.model.predict(features))


def learn(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, Learned]:
    """Every model on all origins of `frame` (origin, customer_id, features, `left`); recency is always among them.

    The calibration comes from the last origin, predicted by the same model fitted to the origins before it alone. With
    one origin there is nothing to calibrate on: the models are then taken as they are.
    """
    rows = frame.sort_values(list(KEYS), ignore_index=True)
    readable = [key for key in MODELS if _reads(key, rows, names)]
    return {key: _learnt(key, rows, list(names)) for key in readable}


def _reads(key, rows, names) -> bool:
    """Whether a model's features are there; recency needs no more than a purchase."""
    only = getattr(MODELS[key], "only", None) or ()
    return key == RecencyRule.key or all(name in names and rows[name].notna().any() for name in only)


def _learnt(key: str, rows: pd.DataFrame, names: list[str]) -> Learned:
    last = rows.origin == rows.origin.max()
    model = MODELS[key]().fit(rows[names], rows[LABEL].to_numpy())
    if not enough(rows[~last]):
        return Learned(model, Calibration(), np.nan)
    earlier, later = rows[~last], rows[last]
    said = MODELS[key]().fit(earlier[names], earlier[LABEL].to_numpy()).predict(later[names])
    left = later[LABEL].to_numpy()
    if not enough(later):
        return Learned(model, Calibration(), np.nan)
    return Learned(model, calibrate(said, left), auc(tally(left, said)))


def enough(rows: pd.DataFrame) -> bool:
    """Whether there are customers of both kinds, and enough of them, to learn from."""
    left = rows[LABEL].sum()
    return len(rows) >= LEAST_CUSTOMERS and min(left, len(rows) - left) >= LEAST_EACH
