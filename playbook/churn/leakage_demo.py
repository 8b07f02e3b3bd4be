"""The leak that everybody builds once: how good it makes a model look, and how it is refused."""

from typing import NamedTuple

from playbook.churn.definition import History
from playbook.churn.features import KEYS, LeakError, all_time_orders, guard
from playbook.churn.features.leakage import Make
from playbook.churn.model.estimators import estimators
from playbook.churn.model.metrics import auc, score_counts
from playbook.churn.model.training import LABEL, fit_known, leaving


class LeakageDemo(NamedTuple):
    """AUC on the test without and with the feature, and the refusal (None where the guard lets it pass)."""

    honest: float
    with_leak: float
    refused: LeakError | None


def leakage_demo(history: History, honest: float, make: Make = all_time_orders) -> LeakageDemo:
    """Gradient boosting tried on the test with the features of `make`, beside the AUC without (`honest`); then the
    guard is asked.

    Nothing of it is kept: a feature joined without the guard is in no table.
    """
    tables, origins = history.definition.tables, history.origins
    extra = make(tables, origins=origins)
    frame = history.frame.merge(extra.astype({"origin": history.frame.origin.dtype}), on=list(KEYS), how="left")
    names = [*history.definition.names, *(name for name in extra if name not in KEYS)]
    last = frame.origin == frame.origin.max()
    model = fit_known(estimators(names)["boosting"], frame.loc[~last, names], frame.loc[~last, LABEL])
    probability = leaving(model, frame[last])
    with_leak = auc(score_counts(frame.loc[last, LABEL], probability))
    try:
        guard(make, tables, origins=origins[-1:])
    except LeakError as error:
        return LeakageDemo(honest, with_leak, error)
    return LeakageDemo(honest, with_leak, None)
