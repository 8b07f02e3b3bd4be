"""Hand-made orders, and what a run is to this room: its tables, profile, day and state."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd

from playbook.profile import models as profile
from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of

AS_OF = date(2026, 6, 30)
DAYS = 730


def orders(engine, *rows):
    """Orders from lines like 'anna 2026-06-30 20.00', with the kind as an optional fourth word; '-' is nobody."""
    found = [(*row.split(), "purchase")[:4] for row in rows]
    frame = pd.DataFrame(found, columns=["customer_id", "day", "amount", "kind"])
    return standard(engine, frame.astype({"amount": float}).assign(day=pd.to_datetime(frame.day)))


def standard(engine, frame):
    """Orders of the standard columns from customer_id, day, amount, kind."""
    text = """select
          'o' || n as order_id, cast(null as varchar) as related_order_id, nullif(customer_id, '-') as customer_id,
          cast(day as timestamp) as ordered_at, kind, cast(amount as decimal(18, 2)) as amount,
          cast(0 as decimal(18, 2)) as discount, 'shop' as channel, '' as store, 'shop' as source
        from raw"""
    rows = frame[["customer_id", "day", "amount", "kind"]].assign(n=range(len(frame)))
    return engine.sql(text, raw=engine.frame(rows)).materialise()


def simulated(engine, count=700, seed=1, days=DAYS):
    """Orders of customers who buy at rates of their own until they stop."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, days - 100, count)
    gaps = rng.exponential(size=(count, 60)) * 30 / rng.gamma(1.5, 0.8, (count, 1))
    lived = rng.geometric(rng.beta(1, 6, count))
    at = first[:, None] + np.cumsum(np.column_stack([np.zeros(count), gaps]), axis=1)
    row, turn = np.nonzero((at < days) & (np.arange(61) < lived[:, None]))
    day = np.datetime64(AS_OF) - days + 1 + at[row, turn].astype(int)
    names = np.array([f"c{r:04d}" for r in row])
    value = np.round(rng.gamma(4, 12, len(row)), 2)
    return standard(engine, pd.DataFrame({"customer_id": names, "day": day, "amount": value, "kind": "purchase"}))


def on(engine, table, rows):
    """A standard table from a list of dictionaries; columns not given are null."""
    schema = schema_of(table)
    columns = ", ".join(
        f"cast({c.name if c.name in rows[0] else 'null'} as {c.type}) as {c.name}" for c in schema.columns
    )
    return engine.sql(f"select {columns} from raw", raw=engine.frame(pd.DataFrame(rows))).materialise()


def run_on(engine, tables, as_of=AS_OF, state=None, relationship="non_contractual", **churn):
    """What the room asks of a run; `churn` changes the profile's part; `kept` and `saved` hold what it hands on."""
    retail = profile.load("retail")
    costs = churn.pop("costs", retail.churn.costs.model_copy(update={"value": 100.0}))
    changed = retail.churn.model_copy(update={"origins": 4} | churn | {"costs": costs})
    kept, made, saved = {}, dict(tables), {}

    def table(name):
        if name not in made:
            made[name] = engine.empty(schema_of(name))
            if name == "purchases":
                made[name] = purchases(table("orders"), table("customers"), as_of=as_of).materialise()
        return made[name]

    return SimpleNamespace(
        engine=engine,
        profile=retail.model_copy(update={"churn": changed, "relationship": relationship}),
        as_of=as_of,
        table=table,
        has=lambda name: table(name).count() > 0,
        state=(state or {}).get,
        keep=kept.__setitem__,
        save=saved.__setitem__,
        kept=kept,
        saved=saved,
    )
