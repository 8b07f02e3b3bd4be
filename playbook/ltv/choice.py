"""Which model is used, and why: by evidence on the own data, or as the profile says."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.ltv.bg_nbd import BGNBD
from playbook.ltv.forecast import MODELS, fit_purchases, fit_spending
from playbook.ltv.holdout import Holdout, as_good, scores
from playbook.ltv.inputs import Inputs
from playbook.ltv.likelihood import FitError

#: Above this correlation of frequency and value, with and without the largest, Gamma-Gamma's assumption is in doubt.
DEPENDENT = 0.1


class Choice(NamedTuple):
    """The models in use; problems by code of `text/`. `reason`: holdout (erred least), tie (erred as little as that),
    next (better ones cannot be fitted on everything), profile, likelihood (no holdout) or none."""

    purchases: object | None
    spending: object
    reason: str
    beaten_by: list[str]
    problems: dict[str, str]

    @property
    def key(self) -> str:
        """The name of the model of purchases."""
        return self.purchases.key if self.purchases else "none"


class Independence(NamedTuple):
    """Correlation of repeat purchases and their mean value, with all buyers and without the largest."""

    correlation: float
    without_largest: float
    buyers: int

    @property
    def doubtful(self) -> bool:
        """Whether both are above the limit."""
        return min(abs(self.correlation), abs(self.without_largest)) > DEPENDENT


def choose(found: Inputs, checked: Holdout | None, ltv) -> Choice:
    """Fit on everything the model that did best on the holdout; the next one where it cannot be fitted.

    Where several erred as little, one that lets customers leave after a single purchase goes before BG/NBD, under which
    they stay for ever; then the one whose total of purchases came nearest.
    """
    spending, problem = fit_spending(found)
    problems = ({"gamma_gamma": problem} if problem else {}) | ({"sbg": "no_contracts"} if ltv.model == "sbg" else {})
    for key in _order(checked, ltv):
        try:
            model = fit_purchases(key, found)
        except FitError as error:
            problems[key] = error.code
            continue
        return Choice(model, spending, _reason(checked, ltv, key), _beaten_by(checked, key), problems)
    return Choice(None, spending, "none", [], problems)


def independence(found: Inputs) -> Independence:
    """Whether those who buy more often also buy for more."""
    again = found.x > 0
    x, value = found.x[again], found.mean_value[again]
    rest = np.arange(len(x)) != (np.argmax(value) if len(x) else -1)
    return Independence(_correlation(x, value), _correlation(x[rest], value[rest]), int(again.sum()))


def _order(checked, ltv) -> list[str]:
    if ltv.model in MODELS:
        return [ltv.model]
    if checked is None or not checked.models:
        return list(MODELS)
    table = scores(checked).set_index("method")
    equals = sorted(as_good(checked), key=lambda key: (key == BGNBD.key, abs(table.bias_orders[key])))
    return list(dict.fromkeys([*equals, *_by_error(checked), *MODELS]))


def _reason(checked, ltv, key) -> str:
    if ltv.model in MODELS:
        return "profile"
    if checked is None or key not in checked.models:
        return "likelihood"
    if key == _by_error(checked)[0]:
        return "holdout"
    return "tie" if key in as_good(checked) else "next"


def _by_error(checked) -> list[str]:
    table = scores(checked).set_index("method").loc[list(checked.models)]
    return table.sort_values("error", kind="stable").index.tolist()


def _beaten_by(checked, key) -> list[str]:
    """The forecasts without a customer model that ranked customers better on the holdout."""
    if checked is None or key not in checked.forecasts:
        return []
    table: pd.DataFrame = scores(checked).set_index("method")
    others = table.drop(index=[name for name in MODELS if name in table.index])
    return [name for name in others.index if others.loc[name, "rank"] > table.loc[key, "rank"] + 0.01]


def _correlation(a, b):
    return float(np.corrcoef(a, b)[0, 1]) if len(a) > 2 and np.ptp(a) > 0 and np.ptp(b) > 0 else 0.0
