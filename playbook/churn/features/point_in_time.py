"""Point-in-time tables: what was known at the end of a past day, and the rules by which behaviour is counted."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.tables.engine import Engine, Table
from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of

HERE = Path(__file__).parent

#: The tables that features are made of. Orders alone are required.
READ = ("orders", "customers", "order_lines", "events", "feedback", "contracts")
#: When a row of a table came to be known.
MOMENTS = {"orders": "ordered_at", "events": "occurred_at", "feedback": "answered_at"}
#: Attributes without a date are what the business knows today, not on a past day; these are left of a customer.
DATED = ("customer_id", "registered_on", "is_internal")
#: A month has 28 to 31 days: so far apart may two contracts of one term be.
TERM_DAYS = 3

Tables = dict[str, Table]


class FeatureSpec(NamedTuple):
    """How behaviour is counted: four windows in days, the event that turns to service, the horizon, the time unit.

    `model` names the model of purchases behind P(alive); None takes the likeliest at the first origin.
    """

    windows: tuple[int, int, int, int] = (30, 90, 180, 365)
    service_event: str = "service_contact"
    horizon_days: int = 90
    unit: str = "weeks"
    model: str | None = None


#: As in retail.
DEFAULT = FeatureSpec()


def with_defaults(tables: Tables, *, ends_agreed: bool | None = None) -> Tables:
    """The same tables, with an empty one for each that is missing.

    Contracts get a column `ends_agreed`: whether the end of a contract is agreed beforehand (None: as the data show).
    """
    engine = tables["orders"].engine
    full = {name: tables.get(name) or engine.empty(schema_of(name)) for name in READ}
    contracts = full["contracts"]
    if "ends_agreed" in contracts.columns:
        return full
    if ends_agreed is None:
        terms = {"contracts": contracts, "orders": full["orders"]}
        ends_agreed = engine.run(HERE / "contract_terms.sql", params={"days": TERM_DAYS}, **terms).scalar()
    text = "select *, $agreed as ends_agreed from t"
    return full | {"contracts": engine.sql(text, params={"agreed": ends_agreed}, t=contracts)}


def snapshot(tables: Tables, *, as_of: date) -> Tables:
    """The tables as they stood at the end of a day: later rows gone, what was learnt later unknown again."""
    engine = tables["orders"].engine
    full = with_defaults(tables)
    params = {"as_of": as_of}
    past = {
        name: engine.sql(f"select * from t where cast({moment} as date) <= $as_of", params=params, t=full[name])
        for name, moment in MOMENTS.items()
    }
    lines = "select l.* from l join o on o.order_id = l.order_id"
    columns = ", ".join(name if name in DATED else f"null as {name}" for name in full["customers"].columns)
    customers = f"select {columns} from t where registered_on is null or registered_on <= $as_of or is_internal"
    return past | {
        "order_lines": engine.sql(lines, l=full["order_lines"], o=past["orders"]),
        "customers": engine.sql(customers, params=params, t=full["customers"]),
        "contracts": engine.run(HERE / "contracts_as_of.sql", params=params, contracts=full["contracts"]),
    }


def purchases_as_of(tables: Tables, origins: Sequence[date]) -> Table:
    """One row per purchase or return that counts: origin (null: every later one sees it so), customer_id, day, ...

    Orders that name another are judged at each origin anew, from what was there by then.
    """
    orders, customers = tables["orders"], tables["customers"]
    engine = orders.engine
    linked = engine.sql(_LINKED, orders=orders, named=orders).materialise()
    alone = engine.sql("select * from o anti join l on l.order_id = o.order_id", o=orders, l=linked)
    until = "select * from o where cast(ordered_at as date) <= $at"
    judged = {
        origin: purchases(engine.sql(until, params={"at": origin}, o=linked), customers, as_of=origin)
        for origin in origins
    }
    steady = purchases(alone, customers, as_of=max(origins))
    return engine.run(HERE / "purchases_as_of.sql", purchases=steady, judged=by_origin(judged))


def by_origin(tables: dict[date, Table]) -> Table:
    """The rows of one table per origin under one another, the origin in front."""
    names = {f"t{n}": tables[day] for n, day in enumerate(sorted(tables))}
    rows = [f"select date '{day}' as origin, * from {name}" for day, name in zip(sorted(tables), names, strict=True)]
    return next(iter(names.values())).engine.sql(" union all ".join(rows), **names)


def origins_table(engine: Engine, origins: Sequence[date]) -> Table:
    """The origins as a table of one column."""
    return engine.frame(pd.DataFrame({"origin": pd.to_datetime(sorted(origins)).date}))


_LINKED = """select * from orders where related_order_id is not null or order_id in (
    select related_order_id from named where related_order_id is not null)"""
