"""Hand-made orders, and what a run is to this room: its tables, profile and day."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd

from playbook.profile import models as profile
from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of

AS_OF = date(2026, 6, 30)


def orders(engine, *rows):
    """Orders from lines like 'anna 2026-06-30 20.00', with the kind as an optional fourth word; '-' is nobody."""
    lines = [(*row.split(), "purchase")[:4] for row in rows]
    frame = pd.DataFrame(lines, columns=["customer_id", "day", "amount", "kind"]).assign(n=range(len(lines)))
    text = """select
          'o' || n as order_id, cast(null as varchar) as related_order_id, nullif(customer_id, '-') as customer_id,
          cast(day as timestamp) as ordered_at, kind, cast(amount as decimal(18, 2)) as amount,
          cast(null as varchar) as channel
        from raw"""
    return engine.sql(text, raw=engine.frame(frame)).materialise()


def simulated(engine, count=600, seed=1, days=730):
    """Orders of customers who buy at rates of their own until they stop."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, days - 60, count)
    gaps = rng.exponential(size=(count, 80)) * 45 / rng.gamma(1.2, 1, (count, 1))
    lived = rng.geometric(rng.beta(1, 5, count))
    at = first[:, None] + np.cumsum(np.column_stack([np.zeros(count), gaps]), axis=1)
    row, turn = np.nonzero((at < days) & (np.arange(81) < lived[:, None]))
    value = np.round(rng.gamma(4, rng.gamma(4, 8, count)[row] / 4) + 5, 2)
    day = (np.datetime64(AS_OF) - days + 1 + at[row, turn].astype(int)).astype(str)
    return orders(engine, *(f"c{r:04d} {d} {v}" for r, d, v in zip(row, day, value, strict=True)))


def run_on(engine, tables, **ltv):
    """What the room asks of a run; `ltv` changes the profile's part."""
    retail = profile.load("retail")
    retail = retail.model_copy(update={"ltv": retail.ltv.model_copy(update=ltv)})
    kept, tables = {}, dict(tables)

    def table(name):
        if name == "purchases":
            return purchases(table("orders"), table("customers"), as_of=AS_OF)
        if name not in tables:
            tables[name] = engine.empty(schema_of(name))
        return tables[name]

    return SimpleNamespace(
        engine=engine,
        profile=retail,
        as_of=AS_OF,
        currency=retail.currency,
        table=table,
        has=lambda name: table(name).count() > 0,
        state=lambda name: None,
        keep=kept.__setitem__,
        kept=kept,
    )
