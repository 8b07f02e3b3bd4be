"""The whole room in a row: from orders to the value of every customer and how it moved."""

from typing import NamedTuple

import pandas as pd

from playbook.ltv.choice import Choice, choose
from playbook.ltv.economics import Economics, economics
from playbook.ltv.history import month_ends, value_history
from playbook.ltv.holdout import Holdout, holdout
from playbook.ltv.inputs import Inputs, inputs
from playbook.ltv.value import Valued, value


class Room(NamedTuple):
    """Everything that the steps of the room find, for the notebook."""

    found: Inputs
    checked: Holdout | None
    choice: Choice
    economics: Economics
    valued: Valued


def build(run) -> None:
    """Make `ltv` and `ltv_history` of a run, and keep the model's parameters."""
    save(run, explore(run))


def explore(run) -> Room:
    """All steps, nothing saved."""
    ltv, orders, customers = run.profile.ltv, run.table("orders"), run.table("customers")
    found = inputs(orders, customers, until=run.as_of, unit=ltv.unit)
    checked = holdout(orders, customers, as_of=run.as_of, ltv=ltv)
    choice, means = choose(found, checked, ltv), economics(run)
    return Room(found, checked, choice, means, value(run, found, choice, means))


def save(run, room: Room) -> None:
    """Hand the tables on."""
    run.save("ltv", room.valued.table)
    run.save("ltv_history", history_of(run, room)[["as_of", "customer_id", "future_value", "p_alive"]])
    run.keep("ltv_model", model_record(room.choice))


def history_of(run, room: Room) -> pd.DataFrame:
    """The value history over the month-ends; no rows where there is no model."""
    ends = ends_of(run, room)
    if room.choice.purchases is None:
        return pd.DataFrame(columns=["as_of", "customer_id", "future_value", "p_alive"])
    return value_history(run, room.choice, room.economics, ends)


def ends_of(run, room: Room) -> list:
    """The month-ends of the history."""
    first = room.found.first_on.min().astype(object) if len(room.found.x) else run.as_of
    return month_ends(run.as_of, first)


def model_record(choice: Choice) -> dict:
    """The models in use as plain numbers."""
    purchases = choice.purchases.to_dict() if choice.purchases else None
    return {"purchases": purchases, "spending": choice.spending.to_dict(), "reason": choice.reason}
