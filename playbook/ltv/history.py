"""How each customer's future value moved from month-end to month-end, and why: recency, frequency or value."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from playbook.ltv.economics import Economics, cents, terms
from playbook.ltv.forecast import Forecast, forecast
from playbook.ltv.inputs import inputs

MONTHS = 12
REASONS = ("recency", "frequency", "value")


def month_ends(as_of: date, first: date, months: int = MONTHS) -> list[date]:
    """`as_of` and the ends of the months before it, at least a quarter of a year into the history."""
    ends = [as_of]
    while len(ends) <= months:
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return [end for end in reversed(ends) if end == as_of or end >= first + timedelta(days=91)]


def value_history(run, choice, economics: Economics, ends: list[date]) -> pd.DataFrame:
    """One row per month-end and customer who had bought by then: as_of, customer_id, future_value, its three factors.

    p_alive (recency), expected_if_alive (frequency) and expected_value are those of the model in use today: what
    moves is the customers and not the model.
    """
    parts = [_at(run, choice, economics, end) for end in ends]
    return pd.concat(parts, ignore_index=True)


def movement(history: pd.DataFrame, since: date, until: date) -> pd.DataFrame:
    """One row per customer known on both days: future value before and after, and the change by reason.

    The three reasons add up to the change: each gets the logarithmic mean of the two values times the growth of its
    factor (Ang 2005, the LMDI approach to decomposition).
    """
    before, after = (history[history.as_of == day].set_index("customer_id") for day in (since, until))
    both = before.index.intersection(after.index)
    b, a = before.loc[both], after.loc[both]
    worth = [frame.expected_if_alive * frame.p_alive * frame.unit_value for frame in (b, a)]
    weight = _log_mean(*worth)
    factors = dict(zip(REASONS, ("p_alive", "expected_if_alive", "unit_value"), strict=True))
    why = {name: weight * (_log(a[column]) - _log(b[column])) for name, column in factors.items()}
    moved = pd.DataFrame({"before": worth[0], "after": worth[1], **why})
    return moved.rename_axis("customer_id").reset_index()


def monthly_reasons(history: pd.DataFrame, ends: list[date]) -> pd.DataFrame:
    """One row per month-end after the first: future value of all, the change by reason, and new customers' value."""
    rows = [_month(history, since, until) for since, until in pairwise(ends)]
    return pd.DataFrame(rows, columns=["as_of", "future_value", *REASONS, "new_customers"])


def main_reason(moved: pd.DataFrame) -> pd.Series:
    """For each customer the reason that moved most."""
    return moved[list(REASONS)].abs().idxmax(axis=1)


def _at(run, choice, economics, end):
    asked = terms(economics, run.profile.ltv)
    found = inputs(run.table("orders"), run.table("customers"), until=end, unit=run.profile.ltv.unit)
    made: Forecast = forecast(choice.purchases, choice.spending, found, asked)
    unit = np.maximum(made.discount * (made.value * asked.margin - asked.cost), 1e-9)
    return pd.DataFrame(
        {
            "as_of": end,
            "customer_id": found.customer_id,
            "future_value": cents(made.future) / 100,
            "p_alive": made.p_alive,
            "expected_if_alive": made.if_alive,
            "expected_value": cents(made.value) / 100,
            "unit_value": unit,
        }
    )


def _month(history, since, until):
    moved = movement(history, since, until)
    after = history[history.as_of == until]
    new = after[~after.customer_id.isin(moved.customer_id)]
    worth = new.p_alive * new.expected_if_alive * new.unit_value
    sums = {name: float(moved[name].sum()) for name in REASONS}
    return {"as_of": until, "future_value": moved.after.sum() + worth.sum(), **sums, "new_customers": worth.sum()}


def _log(values):
    return np.log(np.maximum(values, 1e-12))


def _log_mean(a, b):
    a, b = np.maximum(a, 1e-15), np.maximum(b, 1e-15)
    logs = np.log(b) - np.log(a)
    near = np.abs(logs) < 1e-9
    return np.where(near, a, (b - a) / np.where(near, 1, logs))
