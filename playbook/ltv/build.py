"""The whole room in a row: from orders to the value of every customer and how it moved."""

from typing import NamedTuple

import pandas as pd

from playbook.ltv.choice import Choice, choose
from playbook.ltv.contracts import choose_contracts, contract_inputs
from playbook.ltv.economics import Economics, economics
from playbook.ltv.history import month_ends, value_history
from playbook.ltv.holdout import Holdout, holdout
from playbook.ltv.inputs import Inputs, inputs
from playbook.ltv.value import Valued, value

#: The columns of `ltv_history` with their types in pandas.
HISTORY = {"as_of": "datetime64[s]", "customer_id": "str", "future_value": float, "p_alive": float}


class Room(NamedTuple):
    """Everything that the steps of the room find, for the notebook."""

    found: Inputs
    checked: Holdout | None
    choice: Choice
    economics: Economics
    valued: Valued


def build(run) -> None:
    """Make `ltv` and `ltv_history` of a run, and keep the model's parameters."""
    room = explore(run)
    save(run, room, history_of(run, room))


def explore(run) -> Room:
    """All steps, nothing saved. Contracts are read where the profile asks for their model and there are any."""
    if run.profile.ltv.model == "sbg" and run.has("contracts"):
        return _contractual(run)
    ltv, orders, customers = run.profile.ltv, run.table("orders"), run.table("customers")
    found = inputs(orders, customers, until=run.as_of, unit=ltv.unit)
    checked = holdout(orders, customers, as_of=run.as_of, ltv=ltv)
    choice, means = choose(found, checked, ltv), economics(run)
    return Room(found, checked, choice, means, value(run, found, choice, means))


def save(run, room: Room, history: pd.DataFrame) -> None:
    """Hand the tables on. `history` is `history_of(run, room)`."""
    run.save("ltv", room.valued.table)
    run.save("ltv_history", history[list(HISTORY)])
    run.keep("ltv_model", model_record(room.choice))


def history_of(run, room: Room) -> pd.DataFrame:
    """The value history over the month-ends; no rows without a model of purchases."""
    if room.choice.key in ("none", "sbg"):
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in HISTORY.items()})
    return value_history(run, room.choice, room.economics, ends_of(run, room))


def ends_of(run, room: Room) -> list:
    """The month-ends of the history."""
    first = room.found.first_on.min().astype(object) if len(room.found.x) else run.as_of
    return month_ends(run.as_of, first)


def _contractual(run) -> Room:
    found, means = contract_inputs(run), economics(run)
    choice = choose_contracts(found)
    return Room(found, None, choice, means, value(run, found, choice, means))


def model_record(choice: Choice) -> dict:
    """The models in use as plain numbers."""
    purchases = choice.purchases.to_dict() if choice.purchases else None
    return {"purchases": purchases, "spending": choice.spending.to_dict(), "reason": choice.reason}
