"""Which model is used, and why: by evidence on the own data, or as the profile says."""

from typing import Any, NamedTuple

import numpy as np

from playbook.ltv.contracts import Renewals
from playbook.ltv.forecasts import MODELS, FixedSpending, fit_purchases, fit_spending
from playbook.ltv.histories import Histories
from playbook.ltv.holdout import Backtest, one_standard_error
from playbook.ltv.models.bg_nbd import BGNBD
from playbook.ltv.models.estimation import FitError

#: Above this correlation of frequency and value, with and without the largest, Gamma-Gamma's assumption is in doubt.
DEPENDENT = 0.1
#: A rank correlation higher by more than this is better.
BETTER = 0.01


class Choice(NamedTuple):
    """The models in use; problems by code of `text/`. `reason`: holdout (erred least), tie (erred as little as that),
    next (better ones cannot be fitted on everything), profile, likelihood (no holdout) or none."""

    purchases: Any
    spending: Any
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


def choose(history: Histories, backtest: Backtest | None, ltv: Any) -> Choice:
    """Fit on everything the model that did best on the holdout; the next one where it cannot be fitted.

    `ltv` is the profile's part. Contracts have a model of their own.
    """
    if history.contractual:
        return _contract_model(history)
    spending, problem = fit_spending(history)
    problems = ({"gamma_gamma": problem} if problem else {}) | ({"sbg": "no_contracts"} if ltv.model == "sbg" else {})
    for key, reason in candidates(backtest, ltv).items():
        try:
            model = fit_purchases(key, history)
        except FitError as error:
            problems[key] = error.code
            continue
        return Choice(model, spending, reason, _beaten_by(backtest, key), problems)
    return Choice(None, spending, "none", [], problems)


def candidates(backtest: Backtest | None, ltv: Any) -> dict[str, str]:
    """The models in the order in which they are tried, each with the reason it would be chosen for.

    Where several erred as little, one that lets customers leave after a single purchase goes before BG/NBD, under which
    they stay for ever; then the one whose total of purchases came nearest.
    """
    if ltv.model in MODELS:
        return {ltv.model: "profile"}
    if backtest is None or not backtest.models:
        return dict.fromkeys(MODELS, "likelihood")
    scores = backtest.scores.loc[list(backtest.models)].sort_values("error", kind="stable")
    equals = one_standard_error(backtest)
    equals = sorted(equals, key=lambda key: (key == BGNBD.key, abs(scores.bias_orders[key])))
    reasons = dict.fromkeys(MODELS, "likelihood") | dict.fromkeys(scores.index, "next") | dict.fromkeys(equals, "tie")
    reasons[scores.index[0]] = "holdout"
    return {key: reasons[key] for key in dict.fromkeys([*equals, *scores.index, *MODELS])}


def independence(history: Histories) -> Independence:
    """Whether those who buy more often also buy for more."""
    again = history.frequency > 0
    x, value = history.frequency[again], history.monetary[again]
    rest = np.arange(len(x)) != (np.argmax(value) if len(x) else -1)
    return Independence(_correlation(x, value), _correlation(x[rest], value[rest]), int(again.sum()))


def _contract_model(history):
    try:
        model = Renewals().fit(history.frequency + 1, history.recency < history.T)
    except FitError as error:
        return Choice(None, FixedSpending(), "none", [], {"sbg": error.code})
    return Choice(model, FixedSpending(), "profile", [], {})


def _beaten_by(backtest, key):
    """The forecasts without a customer model that ranked customers better on the holdout."""
    if backtest is None or key not in backtest.forecasts:
        return []
    ranks = backtest.scores["rank"]
    return [name for name in ranks.index if name not in MODELS and ranks[name] > ranks[key] + BETTER]


def _correlation(a, b):
    return float(np.corrcoef(a, b)[0, 1]) if len(a) > 2 and np.ptp(a) > 0 and np.ptp(b) > 0 else 0.0
