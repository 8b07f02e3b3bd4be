"""Who left: nobody seen within the horizon; asked only of days that the data cover."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from playbook.churn.features.customer_features import KEYS
from playbook.churn.features.point_in_time import HERE, Tables, origins_table, with_defaults
from playbook.tables.purchases import purchases

#: Days of history, in horizons, that the first origin needs behind it.
LEAST_HISTORY = 1


class NotCovered(ValueError):
    """A label is asked for a day whose horizon reaches past the data."""


def origins_of(first: date, as_of: date, *, horizon_days: int, most: int) -> list[date]:
    """Days one horizon apart whose horizon the data cover, the newest last; the first has a horizon behind it.

    So no label overlaps another, and none overlaps the features of its own origin. Empty for too short a history.

    >>> origins_of(date(2025, 1, 1), date(2025, 12, 31), horizon_days=90, most=2)
    [datetime.date(2025, 7, 4), datetime.date(2025, 10, 2)]
    """
    steps = ((as_of - first).days + 1) // horizon_days - LEAST_HISTORY
    return [as_of - timedelta(days=horizon_days * back) for back in range(max(min(steps, most), 0), 0, -1)]


def labels(tables: Tables, frame: pd.DataFrame, *, horizon_days: int, until: date) -> np.ndarray:
    """1 for each row of `frame` (origin, customer_id) whose customer bought nothing within the horizon, else 0.

    Raises `NotCovered` where a horizon reaches beyond `until`, the last day of the data.
    """
    if frame.empty:
        return np.zeros(0)
    origins = covered_origins(frame, horizon_days=horizon_days, until=until)
    full = with_defaults(tables)
    bought = purchases(full["orders"], full["customers"], as_of=until)
    days = origins_table(bought.engine, origins)
    params = {"horizon": horizon_days}
    returned = bought.engine.run(HERE / "label.sql", params=params, purchases=bought, origins=days).df()
    both = frame[list(KEYS)].merge(returned.astype({"origin": frame.origin.dtype}), how="left")
    return both.returned_on.isna().to_numpy(float)


def covered_origins(frame: pd.DataFrame, *, horizon_days: int, until: date) -> Sequence[date]:
    """The origins of `frame`; raises `NotCovered` for the first one whose horizon is not over by `until`."""
    origins = sorted({day.date() for day in frame.origin})
    for origin in origins:
        end = origin + timedelta(days=horizon_days)
        if end > until:
            raise NotCovered(
                f"who left within {horizon_days} days after {origin} is known on {end}; the data end on {until}."
                f" Take an origin up to {until - timedelta(days=horizon_days)}, or a shorter horizon."
            )
    return origins
