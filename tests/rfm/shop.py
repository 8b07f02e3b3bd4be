"""Hand-made tables that fit in the head."""

from datetime import date, datetime
from decimal import Decimal

import pandas as pd

from playbook.tables.engine import Engine, Table
from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of

COLUMNS = ["order_id", "related_order_id", "customer_id", "ordered_at", "kind", "amount"]


def orders(engine: Engine, *rows: str) -> Table:
    """Orders from lines like 'o1 anna 2026-06-30 purchase 20.00', with the related order as an optional sixth word;
    '-' stands for nothing."""
    found = [_order(*row.split()) for row in rows]
    frame = pd.DataFrame(found, columns=COLUMNS).astype({"related_order_id": object, "customer_id": object})
    raw = engine.frame(frame)
    text = """select cast(order_id as varchar) as order_id, cast(related_order_id as varchar) as related_order_id,
        cast(customer_id as varchar) as customer_id, cast(ordered_at as timestamp) as ordered_at, kind,
        cast(amount as decimal(18, 2)) as amount, cast(null as varchar) as channel from raw"""
    return engine.sql(text, raw=raw).materialise()


def customers(engine: Engine, *rows: str) -> Table:
    """Customers from lines like 'anna 2026-01-01 internal'; the day may be '-', the last word may be missing."""
    if not rows:
        return engine.empty(schema_of("customers"))
    found = [(*row.split(), "")[:3] for row in rows]
    raw = engine.frame(pd.DataFrame(found, columns=["customer_id", "registered_on", "kind"]))
    text = """select customer_id, cast(nullif(registered_on, '-') as date) as registered_on,
        kind = 'internal' as is_internal, cast(null as varchar) as owner from raw"""
    return engine.sql(text, raw=raw).materialise()


def bought(orders: Table, customers: Table, *, as_of: date) -> Table:
    """The purchases of a shop, those of internal customers among them, as the room asks for them."""
    return purchases(orders, customers, as_of=as_of, internal=True)


def by_customer(table: Table) -> dict[str, dict]:
    """The rows of a table as dictionaries, by customer."""
    names = table.columns
    rows = [dict(zip(names, row, strict=True)) for row in table.rows()]
    return {row["customer_id"]: row for row in rows}


def _order(order_id, customer, day, kind, amount, related="-"):
    at = datetime.fromisoformat(day)
    return order_id, _or_none(related), _or_none(customer), at, kind, _money(amount)


def _or_none(word: str) -> str | None:
    return None if word == "-" else word


def _money(word: str) -> Decimal | None:
    return None if word == "-" else Decimal(word)
