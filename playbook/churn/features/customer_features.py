"""Features: what was known of each customer at the end of a day, for many days at once, and nothing after it."""

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from playbook.churn.features.p_alive import with_p_alive
from playbook.churn.features.point_in_time import (
    DEFAULT,
    HERE,
    FeatureSpec,
    Tables,
    origins_table,
    purchases_as_of,
    with_defaults,
)
from playbook.tables.engine import Table

#: The columns of a frame of features that are none.
KEYS = ("origin", "customer_id")


def features(tables: Tables, *, origins: Sequence[date], spec: FeatureSpec = DEFAULT) -> pd.DataFrame:
    """One row per origin and customer who had bought by the end of that day, internal accounts left out.

    `tables` holds `orders` and, where there are any, customers, order_lines, events, feedback. A window that the data
    do not cover at an origin is NaN there. P(alive) is fitted anew at each origin. Columns: origin, customer_id, then
    `feature_names(spec)`.
    """
    rows = _known(with_defaults(tables), origins, spec)
    if rows.empty:
        return pd.DataFrame(columns=[*KEYS, *feature_names(spec)])
    return _derived(with_p_alive(rows, spec), spec)[[*KEYS, *feature_names(spec)]]


def feature_names(spec: FeatureSpec) -> list[str]:
    """The names of the features; a number at the end is a window in days."""
    one, two, three, _ = spec.windows
    return [
        "recency_days", "tenure_days", "orders_ever", "value_ever", "order_value",
        *(f"orders_{days}" for days in spec.windows), *(f"value_{days}" for days in spec.windows),
        *(f"orders_trend_{days}" for days in (one, two, three)), *(f"value_trend_{days}" for days in (two, three)),
        "gap_mean", "gap_variation", "gap_longest", "silence_ratio",
        "channels", "categories", "returns", "return_share", "discount_share",
        "event_days", f"events_{one}", f"event_trend_{one}", f"service_contacts_{three}",
        "feedback_last", f"feedback_mean_{three}", "p_alive", "expected_orders",
    ]  # fmt: skip


def behaviour(tables: Tables, *, origins: Sequence[date], spec: FeatureSpec = DEFAULT) -> Table:
    """Purchases alone, one row per origin and customer: what models of purchases are fitted to."""
    engine = tables["orders"].engine
    bought = {"purchases": purchases_as_of(with_defaults(tables), origins), "origins": origins_table(engine, origins)}
    return engine.run(HERE / "behaviour.sql", params=_windows(spec), **bought)


def _known(tables: Tables, origins: Sequence[date], spec: FeatureSpec) -> pd.DataFrame:
    """What the tables said on each day, unknown where they do not reach back far enough; windows by number, 1 to 4."""
    engine, days = tables["orders"].engine, origins_table(tables["orders"].engine, origins)
    orders, lines, events, answers = (tables[name] for name in ("orders", "order_lines", "events", "feedback"))
    one, _, three, four = spec.windows
    mix = {"orders": orders, "order_lines": lines, "origins": days}
    contact = {"recent": one, "earlier": three, "service": spec.service_event}
    parts = {
        "behaviour": behaviour(tables, origins=origins, spec=spec),
        "purchase_mix": engine.run(HERE / "purchase_mix.sql", params={"days": four}, **mix),
        "engagement": engine.run(
            HERE / "engagement.sql", params=contact, events=events, feedback=answers, origins=days
        ),
    }
    first = {"orders": orders, "events": events, "feedback": answers, "origins": days}
    rows = engine.run(HERE / "features.sql", params=_windows(spec), **parts, **first).df()
    return rows.sort_values(list(KEYS), ignore_index=True)


def _derived(rows: pd.DataFrame, spec: FeatureSpec) -> pd.DataFrame:
    """With averages, ratios and trends; a trend is the logarithm of how much more there was than in the window before,
    half a purchase or visit added to both."""
    variance = np.maximum(rows.gap_square - rows.gap_mean**2, 0)
    new = {
        "order_value": rows.value_ever / rows.orders_ever,
        "gap_variation": np.sqrt(variance) / rows.gap_mean,
        "silence_ratio": rows.recency_days / rows.gap_mean,
    }
    for name, trend in (("events_1", "event_trend_1"), *((f"orders_{n}", f"orders_trend_{n}") for n in (1, 2, 3))):
        new[trend] = np.log((rows[name] + 0.5) / (rows[f"{name}_before"] + 0.5))
    for n in (2, 3):
        now, before = (
            np.sign(amount) * np.log1p(amount.abs()) for amount in (rows[f"value_{n}"], rows[f"value_{n}_before"])
        )
        new[f"value_trend_{n}"] = now - before
    named = rows.assign(**new).rename(columns=lambda name: _in_days(name, spec))
    return named.astype(dict.fromkeys(feature_names(spec), float))


def _in_days(name: str, spec: FeatureSpec) -> str:
    """A name with the days of its window instead of the number: orders_2 -> orders_90."""
    return re.sub(r"_([1-4])$", lambda number: f"_{spec.windows[int(number[1]) - 1]}", name)


def _windows(spec: FeatureSpec) -> dict[str, int]:
    return {f"w{n}": days for n, days in enumerate(spec.windows, 1)}
