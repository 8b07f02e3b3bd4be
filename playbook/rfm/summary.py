"""Recency, frequency and monetary value: how recently, how often and for how much each customer bought."""

from datetime import date, timedelta
from pathlib import Path

from playbook.tables.engine import Table
from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of

HERE = Path(__file__).parent

#: A window that no history is longer than.
WHOLE_HISTORY = 365 * 1000


def counted(orders: Table, *, as_of: date) -> Table:
    """The purchases as rooms read them that have not taken up `playbook.tables.purchases` yet: customer_id, day,
    purchases (1 or 0), amount; internal customers included."""
    nobody = orders.engine.empty(schema_of("customers"))
    if "channel" not in orders.columns:
        orders = orders.engine.sql("select *, cast(null as varchar) as channel from orders", orders=orders)
    text = "select customer_id, day, case when kind = 'purchase' then 1 else 0 end as purchases, amount from purchases"
    return orders.engine.sql(text, purchases=purchases(orders, nobody, as_of=as_of, internal=True))


def of_people(counted: Table, customers: Table) -> Table:
    """The same rows without those of internal customers."""
    text = """select c.* from counted as c
        left join (select customer_id from customers where is_internal) as i on i.customer_id = c.customer_id
        where i.customer_id is null"""
    return counted.engine.sql(text, counted=counted, customers=customers)


def summary(orders: Table, customers: Table, *, as_of: date, window_days: int) -> Table:
    """One row per customer, those who never bought included.

    Columns: customer_id, first_ordered_on, recency_days (null: never bought), frequency and monetary (in the window of
    `window_days` up to `as_of`, inclusive), orders_ever, days_since_first, is_internal. `customers` may be empty.
    """
    params = {"as_of": as_of, "window_start": window_start(as_of, window_days)}
    counts = counted(orders, as_of=as_of)
    return orders.engine.run(HERE / "summary.sql", params=params, counted=counts, customers=customers)


def spending(orders: Table, customers: Table, *, as_of: date) -> Table:
    """The summary over the whole observed history: what concentration is measured on."""
    return summary(orders, customers, as_of=as_of, window_days=WHOLE_HISTORY)


def orders_of(order_lines: Table) -> Table:
    """Orders from bare lines that carry customer_id, order_id, ordered_at and amount."""
    return order_lines.engine.run(HERE / "orders_of_lines.sql", order_lines=order_lines)


def window_start(as_of: date, window_days: int) -> date:
    """The first day of a window of so many days up to `as_of`, both inclusive."""
    return as_of - timedelta(days=min(window_days, as_of.toordinal()) - 1)
