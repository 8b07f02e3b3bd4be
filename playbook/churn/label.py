"""Who left: nobody seen within the horizon, or a contract that ended unrenewed; asked only of days the data cover."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.churn.sight import HERE, Tables, days_frame, whole

#: Days of history, in horizons, that the first origin needs behind it.
LEAST_HISTORY = 1


class NotCovered(ValueError):
    """A label is asked for a day whose horizon reaches past the data."""


def origins_of(first: date, as_of: date, *, horizon_days: int, most: int) -> list[date]:
    """Days one horizon apart whose horizon the data cover, the newest last; the first has a horizon behind it.

    So no label overlaps another, and none overlaps the features of its own origin. Empty for too short a history.
    """
    steps = ((as_of - first).days + 1) // horizon_days - LEAST_HISTORY
    return [as_of - timedelta(days=horizon_days * back) for back in range(max(min(steps, most), 0), 0, -1)]


def labels(tables: Tables, frame: pd.DataFrame, *, horizon_days: int, until: date) -> np.ndarray:
    """1 for each row of `frame` (origin, customer_id) whose customer bought nothing within the horizon, else 0.

    Raises `NotCovered` where a horizon reaches beyond `until`, the last day of the data.
    """
    if frame.empty:
        return np.zeros(0)
    origins = sorted({day.date() for day in frame.origin})
    check_covered(origins, horizon_days=horizon_days, until=until)
    full, engine = whole(tables), tables["orders"].engine
    counted = rfm.counted(full["orders"], as_of=until)
    days = days_frame(engine, origins)
    found = engine.run(HERE / "label.sql", params={"horizon": horizon_days}, counted=counted, origins=days).df()
    came = frame[["origin", "customer_id"]].merge(found.astype({"origin": frame.origin.dtype}), how="left")
    return came.returned_on.isna().to_numpy(float)


def check_covered(origins: Sequence[date], *, horizon_days: int, until: date) -> None:
    """Raise `NotCovered` for the first origin whose horizon is not over by `until`."""
    for origin in origins:
        end = origin + timedelta(days=horizon_days)
        if end > until:
            raise NotCovered(
                f"who left within {horizon_days} days after {origin} is known on {end}; the data end on {until}."
                f" Take an origin up to {until - timedelta(days=horizon_days)}, or a shorter horizon."
            )
