"""What may be seen on a past day: the tables cut off at its end, and the rules by which behaviour is counted."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook import rfm
from playbook.tables.engine import Table
from playbook.tables.schema import schema_of

HERE = Path(__file__).parent

#: The tables that features are made of. Orders alone are required.
READ = ("orders", "customers", "order_lines", "events", "feedback", "contracts")
#: Attributes without a date are what the business knows today, not on a past day; these are left of a customer.
DATED = ("customer_id", "registered_on", "is_internal")
#: A month has 28 to 31 days: so far apart may two contracts of one term be.
TERM_DAYS = 3

Tables = dict[str, Table]


class Sight(NamedTuple):
    """How behaviour is counted: four windows in days, the event that turns to service, the horizon, the time unit.

    `model` names the model of purchases behind P(alive); None takes the likeliest at the first origin.
    """

    windows: tuple[int, int, int, int] = (30, 90, 180, 365)
    service_event: str = "service_contact"
    horizon_days: int = 90
    unit: str = "weeks"
    model: str | None = None


#: As in retail.
USUAL = Sight()


def sight_of(profile) -> Sight:
    """As the profile says."""
    churn = profile.churn
    return Sight(tuple(churn.windows), churn.service_event, churn.horizon_days, profile.ltv.unit)


def tables_of(run) -> Tables:
    """The tables of a run that features are made of; those without a row are there and empty."""
    tables, agreed = {name: run.table(name) for name in READ}, run.profile.churn.ends_agreed
    return tables if agreed is None else tables | {"contracts": _with_ends(tables["contracts"], agreed)}


def whole(tables: Tables) -> Tables:
    """The same tables, with an empty one for each that is missing; contracts say whether ends are agreed beforehand."""
    engine = tables["orders"].engine
    full = {name: tables.get(name) or engine.empty(schema_of(name)) for name in READ}
    if "ends_agreed" in full["contracts"].columns:
        return full
    given = {name: full[name] for name in ("contracts", "orders")}
    agreed = engine.run(HERE / "contract_terms.sql", params={"days": TERM_DAYS}, **given).scalar()
    return full | {"contracts": _with_ends(full["contracts"], agreed)}


def cut_off(tables: Tables, *, at: date) -> Tables:
    """The tables as they stood at the end of the day `at`: later rows gone, what was learnt later unknown again."""
    engine, full, params = tables["orders"].engine, whole(tables), {"at": at}
    orders = engine.sql("select * from t where cast(ordered_at as date) <= $at", params=params, t=full["orders"])
    past = {
        "orders": orders,
        "customers": _customers(full["customers"], at),
        "order_lines": engine.sql(
            "select l.* from l join o on o.order_id = l.order_id", l=full["order_lines"], o=orders
        ),
        "contracts": engine.run(HERE / "contracts_then.sql", params=params, contracts=full["contracts"]),
    }
    for name, moment in (("events", "occurred_at"), ("feedback", "answered_at")):
        past[name] = engine.sql(f"select * from t where cast({moment} as date) <= $at", params=params, t=full[name])
    return past


def visible_days(tables: Tables, origins: Sequence[date]) -> Table:
    """One row per day and order that counts: origin (null: every later one sees it so), customer_id, day, money."""
    orders, engine = tables["orders"], tables["orders"].engine
    linked = engine.sql(_LINKED, orders=orders, named=orders).materialise()
    alone = engine.sql("select * from o anti join l on l.order_id = o.order_id", o=orders, l=linked)
    counted = rfm.counted(alone, as_of=max(origins))
    return engine.run(HERE / "seen.sql", counted=counted, naming=_judged(linked, origins))


def days_frame(engine, origins: Sequence[date]) -> Table:
    """The origins as a table."""
    return engine.frame(pd.DataFrame({"origin": pd.to_datetime(sorted(origins)).date}))


def _with_ends(contracts: Table, agreed: bool) -> Table:
    return contracts.engine.sql("select *, $agreed as ends_agreed from t", params={"agreed": agreed}, t=contracts)


_LINKED = """select * from orders where related_order_id is not null or order_id in (
    select related_order_id from named where related_order_id is not null)"""


def _customers(customers: Table, at: date) -> Table:
    columns = ", ".join(name if name in DATED else f"null as {name}" for name in customers.columns)
    text = f"select {columns} from t where registered_on is null or registered_on <= $at or is_internal"
    return customers.engine.sql(text, params={"at": at}, t=customers)


def _judged(linked: Table, origins: Sequence[date]) -> Table:
    """Orders that name another, counted anew at each origin from what was there by then."""
    engine = linked.engine
    days = {f"c{n}": rfm.counted(_until(linked, origin), as_of=origin) for n, origin in enumerate(sorted(origins))}
    text = " union all ".join(
        f"select date '{origin}' as origin, * from {name}" for name, origin in zip(days, sorted(origins), strict=True)
    )
    return engine.sql(text, **days)


def _until(orders: Table, day: date) -> Table:
    return orders.engine.sql("select * from o where cast(ordered_at as date) <= $at", params={"at": day}, o=orders)
