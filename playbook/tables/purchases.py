"""Purchases: which orders count as one, on which day and for how much, decided once for all rooms."""

from datetime import date
from pathlib import Path

from playbook.tables.engine import Table

HERE = Path(__file__).parent


def purchases(orders: Table, customers: Table, *, as_of: date, internal: bool = False) -> Table:
    """One row per purchase of a known customer up to `as_of`, and per return or instalment that changes its money.

    Columns: customer_id, day, order_id, kind, amount (currency; 0 where the orders carry no money), channel, is_first
    (the customer's first purchase). Count the rows of kind `purchase` (redemptions are purchases too); sum the amounts
    of all rows: a `return` takes money off, and an `instalment`, a further payment of a deposit's balance, adds to a
    purchase that is counted already. Internal customers are left out; `internal` leaves them in.

    `orders` and `customers` are standard tables; `customers` may be empty. Raises `EngineError` where a column is
    missing. A run has the table of its own day as `run.table("purchases")`.
    """
    tables = {"orders": orders, "naming": orders, "named": orders, "customers": customers}
    return orders.engine.run(HERE / "purchases.sql", params={"as_of": as_of, "internal": internal}, **tables)
