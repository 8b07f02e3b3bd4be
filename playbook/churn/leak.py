"""The leak that everybody builds once: how good it makes a model look, and how it is refused."""

from typing import NamedTuple

import pandas as pd

from playbook.churn.accuracy import auc, tally
from playbook.churn.features import KEYS
from playbook.churn.guard import LeakError, Make, all_time_orders, guard
from playbook.churn.learning import LABEL
from playbook.churn.models import Boosting


class Tempted(NamedTuple):
    """AUC on the test without and with the feature, and the refusal (None where the guard lets it pass)."""

    honest: float
    with_leak: float
    refused: LeakError | None


def tempted(room, make: Make = all_time_orders) -> Tempted:
    """Gradient boosting tried on a room's test, with and without the features of `make`; then the guard is asked.

    Nothing of it is kept: a feature joined without the guard is in no table.
    """
    definition = room.definition
    extra = make(definition.tables, origins=room.origins)
    both = room.frame.merge(extra.astype({"origin": room.frame.origin.dtype}), on=list(KEYS), how="left")
    added = [name for name in extra if name not in KEYS]
    ranked = (_of_boosting(room), _ranking(both, [*definition.names, *added]))
    try:
        guard(make, definition.tables, origins=room.origins[-1:])
    except LeakError as error:
        return Tempted(*ranked, error)
    return Tempted(*ranked, None)


def _of_boosting(room) -> float:
    return float(room.comparison.table.set_index("model").auc[Boosting.key])


def _ranking(frame: pd.DataFrame, names: list[str]) -> float:
    last = frame.origin == frame.origin.max()
    model = Boosting().fit(frame.loc[~last, names], frame.loc[~last, LABEL].to_numpy())
    return auc(tally(frame.loc[last, LABEL], model.predict(frame.loc[last])))
