"""How each customer's future value moved from month-end to month-end, and why: recency, frequency or value."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from playbook.ltv.choice import Choice
from playbook.ltv.economics import UnitEconomics, half_up
from playbook.ltv.forecasts import forecast
from playbook.ltv.histories import Histories, customer_histories
from playbook.rfm.history import month_ends
from playbook.tables.purchases import purchases

#: The first month-end lies at least a quarter of a year into the history.
LEAST_DAYS = 92
#: Why a value moves, and the column whose growth that is.
REASONS = {"recency": "p_alive", "frequency": "expected_if_alive", "value": "unit_value"}


def value_history(run, history: Histories, choice: Choice, economics: UnitEconomics) -> pd.DataFrame:
    """One row per month-end and customer who had bought by then; none without a model of purchases.

    Columns: as_of, customer_id, future_value, p_alive, and the other two factors expected_if_alive and unit_value. All
    by the model in use today: what moves is the customers and not the model.
    """
    columns = {"as_of": "datetime64[s]", "customer_id": "str", "future_value": float, "p_alive": float}
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    if choice.purchases is None or history.contractual:
        return empty
    discounting, orders, customers = economics.discounting(run.profile.ltv), run.table("orders"), run.table("customers")
    parts = []
    for end in month_ends(run.as_of, first_day=history.first_day, window_days=LEAST_DAYS):
        past = customer_histories(purchases(orders, customers, as_of=end), as_of=end, unit=run.profile.ltv.unit)
        expected = forecast(choice.purchases, choice.spending, past, discounting)
        unit_value = expected.discount * (expected.value * discounting.margin - discounting.cost)
        factors = {
            "future_value": half_up(100 * expected.future) / 100,
            "p_alive": expected.p_alive,
            "expected_if_alive": expected.if_alive,
            "unit_value": np.maximum(unit_value, 1e-9),
        }
        parts.append(pd.DataFrame({"as_of": end, "customer_id": past.customer_id} | factors))
    return pd.concat(parts, ignore_index=True)


def movement(history: pd.DataFrame, since: date, until: date) -> pd.DataFrame:
    """One row per customer of both days: future value before and after, and the change by reason.

    The three reasons add up to the change: each gets the logarithmic mean of the two values times the growth of its
    factor (Ang 2005, the LMDI approach to decomposition).
    """
    days = [history[history.as_of == day].set_index("customer_id")[list(REASONS.values())] for day in (since, until)]
    both = days[0].index.intersection(days[1].index)
    before, after = (day.loc[both] for day in days)
    total_before, total_after = before.prod(axis=1), after.prod(axis=1)
    growth = np.log(np.maximum(after, 1e-12)) - np.log(np.maximum(before, 1e-12))
    weight = _logarithmic_mean(total_before, total_after)
    change = {reason: weight * growth[factor] for reason, factor in REASONS.items()}
    return (
        pd.DataFrame({"before": total_before, "after": total_after} | change).rename_axis("customer_id").reset_index()
    )


def monthly_reasons(history: pd.DataFrame) -> pd.DataFrame:
    """One row per month-end after the first: future value of all, the change by reason, and new customers' value."""
    rows = []
    for since, until in pairwise(sorted(history.as_of.unique())):
        moved = movement(history, since, until)
        new = history[(history.as_of == until) & ~history.customer_id.isin(moved.customer_id)]
        new_value = new[list(REASONS.values())].prod(axis=1).sum()
        reasons = {reason: float(moved[reason].sum()) for reason in REASONS}
        rows.append(
            {"as_of": until, "future_value": moved.after.sum() + new_value} | reasons | {"new_customers": new_value}
        )
    return pd.DataFrame(rows, columns=["as_of", "future_value", *REASONS, "new_customers"])


def _logarithmic_mean(a, b):
    a, b = np.maximum(a, 1e-15), np.maximum(b, 1e-15)
    logs = np.log(b) - np.log(a)
    near = np.abs(logs) < 1e-9
    return np.where(near, a, (b - a) / np.where(near, 1, logs))
