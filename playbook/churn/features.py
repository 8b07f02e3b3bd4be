"""Features: what was known of each customer at the end of a day, for many days at once, and nothing after it."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pandas as pd

from playbook.churn.alive import with_alive
from playbook.churn.sight import HERE, USUAL, Sight, Tables, days_frame, visible_days, whole

#: What a feature tells of, by the beginning of its name.
FAMILIES = {
    "recency": "recency", "silence_ratio": "recency", "tenure": "tenure", "orders_trend": "trend",
    "value_trend": "trend", "orders": "frequency", "value": "value", "order_value": "value", "gap": "regularity",
    "channels": "breadth", "categories": "breadth", "return": "returns", "returns": "returns",
    "discount_share": "discounts", "event": "app", "events": "app", "service_contacts": "service",
    "feedback": "feedback", "p_alive": "alive", "expected_orders": "alive", "contract": "contract",
}  # fmt: skip
#: The columns of a frame of features that are none.
KEYS = ("origin", "customer_id")


def features(tables: Tables, *, origins: Sequence[date], sight: Sight = USUAL) -> pd.DataFrame:
    """One row per origin and customer who had bought by the end of that day, internal accounts left out.

    `tables` holds `orders` and, where there are any, customers, order_lines, events, feedback. A window that the data
    do not cover at an origin is NaN there. P(alive) is fitted anew at each origin. Columns: origin, customer_id, then
    `names_of(sight)`.
    """
    raw = _raw(tables, origins, sight)
    if raw.empty:
        return pd.DataFrame(columns=[*KEYS, *names_of(sight)])
    made = _named(with_alive(raw, sight), sight)
    return made[[*KEYS, *names_of(sight)]]


def names_of(sight: Sight) -> list[str]:
    """The names of the features; a number at the end is a window in days."""
    one, two, three, _ = sight.windows
    return [
        "recency_days", "tenure_days", "orders_ever", "value_ever", "order_value",
        *(f"orders_{days}" for days in sight.windows), *(f"value_{days}" for days in sight.windows),
        *(f"orders_trend_{days}" for days in (one, two, three)), *(f"value_trend_{days}" for days in (two, three)),
        "gap_mean", "gap_variation", "gap_longest", "silence_ratio",
        "channels", "categories", "returns", "return_share", "discount_share",
        "event_days", f"events_{one}", f"event_trend_{one}", f"service_contacts_{three}",
        "feedback_last", f"feedback_mean_{three}", "p_alive", "expected_orders",
    ]  # fmt: skip


def family(name: str) -> str:
    """What a feature tells of: one of the values of `FAMILIES`; `other` for one that was added."""
    fitting = [start for start in FAMILIES if name.startswith(start)]
    return FAMILIES[max(fitting, key=len)] if fitting else "other"


def behaviour(tables: Tables, *, origins: Sequence[date], sight: Sight = USUAL) -> pd.DataFrame:
    """Purchases alone, as `behaviour.sql` says: what models of purchases are fitted to."""
    return _behaviour(whole(tables), origins, sight).df().sort_values(list(KEYS), ignore_index=True)


def _behaviour(tables: Tables, origins: Sequence[date], sight: Sight):
    engine, days = tables["orders"].engine, days_frame(tables["orders"].engine, origins)
    windows = {f"w{n}": days for n, days in enumerate(sight.windows, 1)}
    seen = visible_days(tables, origins)
    return engine.run(HERE / "behaviour.sql", params=windows, seen=seen, origins=days, customers=tables["customers"])


def _raw(tables: Tables, origins: Sequence[date], sight: Sight) -> pd.DataFrame:
    engine, full = tables["orders"].engine, whole(tables)
    days, (one, _, three, four) = days_frame(engine, origins), sight.windows
    bought = {name: full[name] for name in ("orders", "order_lines")}
    manner = engine.run(HERE / "manner.sql", params={"days": four}, origins=days, **bought)
    spoken = {name: full[name] for name in ("events", "feedback")}
    asked = {"recent": one, "earlier": three, "service": sight.service_event}
    contact = engine.run(HERE / "contact.sql", params=asked, origins=days, **spoken)
    made = engine.run(
        HERE / "features.sql", behaviour=_behaviour(full, origins, sight), manner=manner, contact=contact
    ).df()
    return _uncovered(made, _first_days(full), sight).sort_values(list(KEYS), ignore_index=True)


def _first_days(tables: Tables) -> dict[str, date | None]:
    """The first day of the tables whose windows can be uncovered."""
    days = {"orders": "ordered_at", "events": "occurred_at", "feedback": "answered_at"}
    return {name: _first(tables[name], column) for name, column in days.items()}


def _first(table, column):
    return table.engine.sql(f"select cast(min({column}) as date) from t", t=table).scalar()


def _uncovered(frame: pd.DataFrame, first: dict, sight: Sight) -> pd.DataFrame:
    """Counts over windows that begin before the first day of their table, made unknown."""
    frame["event_days"] = frame.event_days.clip(upper=sight.windows[2]).fillna(sight.windows[2])
    for table, days, columns in _windows(frame, sight):
        span = (frame.origin - pd.Timestamp(first[table])).dt.days + 1 if first[table] else pd.Series(0, frame.index)
        frame[columns] = frame[columns].astype(float).where(span >= days)
    return frame


def _windows(frame: pd.DataFrame, sight: Sight) -> Iterator[tuple[str, int, list[str]]]:
    """Table, days that it must cover before an origin, and the columns that need them."""
    one, _, three, _ = sight.windows
    for n, days in enumerate(sight.windows, 1):
        yield "orders", days, [f"orders_{n}", f"value_{n}"]
        yield "orders", 2 * days, [name for name in (f"orders_{n}_before", f"value_{n}_before") if name in frame]
    yield "events", one, ["events_recent"]
    yield "events", 2 * one, ["events_before"]
    yield "events", three, ["service_contacts", "event_days"]
    yield "feedback", three, ["feedback_mean"]


def _named(raw: pd.DataFrame, sight: Sight) -> pd.DataFrame:
    one, two, three, _ = sight.windows
    counts = {
        f"{what}_{n}": f"{what}_{days}" for n, days in enumerate(sight.windows, 1) for what in ("orders", "value")
    }
    counts |= {"events_recent": f"events_{one}", "service_contacts": f"service_contacts_{three}"}
    counts |= {"feedback_mean": f"feedback_mean_{three}"}
    variance = np.maximum(raw.gap_square - raw.gap_mean**2, 0)
    made = {
        "order_value": raw.value_ever / raw.orders_ever,
        "gap_variation": np.sqrt(variance) / raw.gap_mean,
        "silence_ratio": raw.recency_days / raw.gap_mean,
        f"event_trend_{one}": _trend(raw.events_recent, raw.events_before),
    }
    made |= {f"orders_trend_{days}": _trend(raw[f"orders_{n}"], raw[f"orders_{n}_before"])
             for n, days in ((1, one), (2, two), (3, three))}  # fmt: skip
    made |= {f"value_trend_{days}": _signed(raw[f"value_{n}"]) - _signed(raw[f"value_{n}_before"])
             for n, days in ((2, two), (3, three))}  # fmt: skip
    return raw.rename(columns=counts).assign(**made).astype(dict.fromkeys(names_of(sight), float))


def _trend(now: pd.Series, before: pd.Series) -> pd.Series:
    """The logarithm of how much more there was than before; half a purchase is added to both."""
    return np.log((now + 0.5) / (before + 0.5))


def _signed(amount: pd.Series) -> pd.Series:
    return np.sign(amount) * np.log1p(amount.abs())
