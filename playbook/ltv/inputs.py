"""Orders as the models read them: how often, until when and for how long each customer has bought."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.tables.engine import Table

HERE = Path(__file__).parent
UNITS = {"days": 1.0, "weeks": 7.0}


class Inputs(NamedTuple):
    """One entry per customer who bought, in the order of their ids; times in `unit_days`.

    x: purchase days after the first; t_x: first to last; T: first to the end; mean_value of the repeat purchases (0:
    none) and first_value, net of returns; log_gaps: sum of the logarithms of the gaps.
    """

    customer_id: np.ndarray
    first_on: np.ndarray
    last_on: np.ndarray
    x: np.ndarray
    t_x: np.ndarray
    T: np.ndarray
    mean_value: np.ndarray
    first_value: np.ndarray
    log_gaps: np.ndarray
    until: date
    unit_days: float

    @property
    def history(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(x, t_x, T)."""
        return self.x, self.t_x, self.T

    def units(self, days: float) -> float:
        """So many days in the unit of the models."""
        return days / self.unit_days


def inputs(orders: Table, customers: Table, *, until: date, unit: str = "weeks") -> Inputs:
    """The histories of all customers who bought up to `until`, inclusive; one-time buyers kept, redemptions as use.

    Internal and anonymous buyers are left out. `unit`: weeks or days.
    """
    counted = rfm.counted(orders, as_of=until)
    params = {"until": until, "unit_days": UNITS[unit]}
    frame = orders.engine.run(HERE / "inputs.sql", params=params, counted=counted, customers=customers).df()
    return _inputs(frame.sort_values("customer_id", ignore_index=True), until, UNITS[unit])


def actual(orders: Table, found: Inputs, *, until: date) -> pd.DataFrame:
    """What the same customers did after: one row for each of them, `purchases` and `value` up to `until`."""
    params = {"since": found.until, "until": until}
    counted = rfm.counted(orders, as_of=until)
    frame = orders.engine.run(HERE / "actual.sql", params=params, counted=counted).df()
    return frame.set_index("customer_id").reindex(found.customer_id, fill_value=0).astype(float)


def weekly(orders: Table, found: Inputs, *, since: date, until: date) -> np.ndarray:
    """Repeat purchases of these customers in each full week after `since`."""
    weeks = (until - since).days // 7
    engine, who = orders.engine, pd.DataFrame({"customer_id": found.customer_id, "first_on": found.first_on})
    tables = {"counted": rfm.counted(orders, as_of=until), "inputs": engine.frame(who)}
    frame = engine.run(HERE / "weekly.sql", params={"since": since}, **tables).df()
    return frame.set_index("week").purchases.reindex(range(1, weeks + 1), fill_value=0).to_numpy(float)


def _inputs(frame, until, unit_days):
    days = {name: frame[name].to_numpy("datetime64[D]") for name in ("first_on", "last_on")}
    numbers = {name: frame[name].to_numpy(float) for name in ("x", "t_x", "mean_value", "first_value", "log_gaps")}
    ids = frame.customer_id.to_numpy(object)
    return Inputs(ids, **days, **numbers, T=frame.observed.to_numpy(float), until=until, unit_days=unit_days)
