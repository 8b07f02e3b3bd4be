"""The whole room in a row: from orders to the value of every customer and how it moved."""

from typing import NamedTuple

import pandas as pd

from playbook.ltv.choice import Choice, choose
from playbook.ltv.contracts import contract_histories
from playbook.ltv.economics import UnitEconomics, unit_economics
from playbook.ltv.histories import Histories, customer_histories
from playbook.ltv.history import value_history
from playbook.ltv.holdout import Backtest, backtest
from playbook.ltv.value import CustomerValue, customer_value


class LtvResult(NamedTuple):
    """What each step of the room gives."""

    history: Histories
    backtest: Backtest | None
    choice: Choice
    economics: UnitEconomics
    value: CustomerValue


def build(run) -> None:
    """Make `ltv` and `ltv_history` of a run, and keep the model's parameters."""
    result = fit(run)
    save(run, result.choice, result.value, value_history(run, result.history, result.choice, result.economics))


def fit(run) -> LtvResult:
    """All steps, nothing saved."""
    ltv = run.profile.ltv
    history = read_histories(run)
    tested = backtest(history, run.table("orders"), run.table("customers"), ltv=ltv)
    choice = choose(history, tested, ltv)
    economics = unit_economics(run)
    return LtvResult(history, tested, choice, economics, customer_value(run, history, choice, economics))


def read_histories(run) -> Histories:
    """The contracts where the profile asks for their model and there are any, else the purchases."""
    if run.profile.ltv.model == "sbg" and run.has("contracts"):
        return contract_histories(run.table("contracts"), run.table("customers"), as_of=run.as_of)
    return customer_histories(run.table("purchases"), as_of=run.as_of, unit=run.profile.ltv.unit)


def save(run, choice: Choice, value: CustomerValue, history: pd.DataFrame) -> None:
    """Hand the tables on, and keep the models in use as plain numbers. `history` is that of `value_history`."""
    run.save("ltv", value.table)
    run.save("ltv_history", history[["as_of", "customer_id", "future_value", "p_alive"]])
    purchases = choice.purchases.to_dict() if choice.purchases else None
    models = {"purchases": purchases, "spending": choice.spending.to_dict(), "reason": choice.reason}
    run.keep("ltv_model", models)
