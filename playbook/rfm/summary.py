"""Recency, frequency and monetary value: how recently, how often and for how much each customer bought."""

from datetime import date, timedelta
from pathlib import Path

from playbook.tables.engine import Table

HERE = Path(__file__).parent

#: A window that no history is longer than.
WHOLE_HISTORY = 365 * 1000


def summary(purchases: Table, customers: Table, *, as_of: date, window_days: int) -> Table:
    """One row per customer, those who never bought included.

    Columns: customer_id, first_ordered_on, recency_days (null: never bought), frequency (purchases) and monetary
    (currency, net of returns) in the window of `window_days` up to `as_of`, inclusive, orders_ever, days_since_first,
    is_internal. `purchases` is the standard table; with `internal=True` it gives internal customers figures too.
    `customers` may be empty. Raises `EngineError` where a column is missing.

    >>> from playbook.tables.engine import Engine
    >>> engine = Engine()
    >>> bought = engine.sql("select 'ann' as customer_id, date '2026-06-29' as day, 'purchase' as kind, 20 as amount")
    >>> nobody = engine.sql("select '' as customer_id, false as is_internal where false")
    >>> summary(bought, nobody, as_of=date(2026, 6, 30), window_days=365).df()["recency_days"].tolist()
    [1]
    """
    params = {"as_of": as_of, "window_start": window_start(as_of, window_days)}
    return purchases.engine.run(HERE / "summary.sql", params=params, purchases=purchases, customers=customers)


def spending(purchases: Table, customers: Table, *, as_of: date) -> Table:
    """The summary over the whole observed history: what concentration is measured on."""
    return summary(purchases, customers, as_of=as_of, window_days=WHOLE_HISTORY)


def window_start(as_of: date, window_days: int) -> date:
    """The first day of a window of so many days up to `as_of`, both inclusive.

    >>> window_start(date(2026, 6, 30), 30)
    datetime.date(2026, 6, 1)
    """
    return as_of - timedelta(days=min(window_days, as_of.toordinal()) - 1)
