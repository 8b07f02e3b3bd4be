"""The standard tables, made of the accepted rows and the customers they belong to."""

from datetime import date
from pathlib import Path

from playbook import privacy
from playbook.engine import Engine, Table, identifier, quoted
from playbook.integration.link import Linked
from playbook.integration.reading import ReadFile, column_types
from playbook.schema import TABLES, schema_of

HERE = Path(__file__).parent
_SIMPLE = ("events", "feedback", "referrals", "contracts", "treatments")


def standard_tables(
    engine: Engine, rows: dict[str, Table], linked: Linked, files: list[ReadFile], *, as_of: date
) -> dict[str, Table]:
    """Every standard table by name; empty ones where the sources gave nothing."""
    people = linked.people
    tables = _orders(engine, rows, people, files)
    tables |= {"customers": _customers(engine, rows, people, files), "contacts": _contacts(engine, rows, linked, files)}
    made = [name for name in _SIMPLE if name in rows]
    tables |= {name: engine.run(HERE / f"{name}.sql", rows=rows[name], people=people) for name in made}
    tables |= {"costs": engine.run(HERE / "costs.sql", rows=rows["costs"])} if "costs" in rows else {}
    tables["identities"] = engine.sql(_IDENTITIES, params={"as_of": as_of}, people=people)
    return tables


def or_empty(engine: Engine, tables: dict[str, Table], name: str) -> Table:
    """A table, or one of its schema without rows."""
    return tables[name] if name in tables else engine.empty(TABLES[name])


def _orders(engine: Engine, rows: dict[str, Table], people: Table, files: list[ReadFile]) -> dict[str, Table]:
    sources = {file.spec.source for file in files if file.spec.table == "orders" or file.spec.carries_orders}
    lines = rows.get("order_lines") or _none(engine, "order_lines")
    given = {"orders": rows.get("orders") or _none(engine, "orders"), "lines": lines, "people": people}
    derived = engine.run(HERE / "derived_orders.sql", lines=lines).materialise()
    several = {"several_sources": len(sources) > 1}
    orders = engine.run(HERE / "orders.sql", params=several, derived=derived, **given).materialise()
    return {"orders": orders, "order_lines": engine.run(HERE / "order_lines.sql", lines=lines, orders=orders)}


def _customers(engine: Engine, rows: dict[str, Table], people: Table, files: list[ReadFile]) -> Table:
    own = _customer_rows(engine, rows, people)
    customers = engine.run(HERE / "customers.sql", rows=own, people=people)
    attributes = sorted({name for file in files for name in file.spec.attributes})
    if not attributes:
        return customers
    newest = ", ".join(f"{_newest(name)} as {identifier(name)}" for name in attributes)
    kept = engine.sql(f"select customer_id, {newest} from rows group by customer_id", rows=own)
    chosen = ", ".join(f"a.{identifier(name)}" for name in attributes)
    return engine.sql(f"select c.*, {chosen} from c left join a on a.customer_id = c.customer_id", c=customers, a=kept)


def _customer_rows(engine: Engine, rows: dict[str, Table], people: Table) -> Table:
    found = rows.get("customers") or _none(engine, "customers")
    return engine.run(HERE / "customer_rows.sql", rows=found, people=people).materialise()


def _contacts(engine: Engine, rows: dict[str, Table], linked: Linked, files: list[ReadFile]) -> Table:
    own = _customer_rows(engine, rows, linked.people)
    values = engine.run(HERE / "contact_values.sql", rows=own, people=linked.people, sightings=linked.sightings)
    consents = engine.sql(_consents(files), rows=own)
    name = f"{own.name}_contacts"
    hashed = ", ".join(
        f"{privacy.hashed_sql(f'v.{kind}', kind)} as {kind}" for kind in ("name", "phone", "email", "address")
    )
    engine.con.execute(
        f"create temp table {name} as select v.customer_id, {hashed}, coalesce(c.consent, []) as consent, v.suppressed"
        f" from {values.name} as v left join {consents.name} as c on c.customer_id = v.customer_id"
        " where coalesce(v.name, v.phone, v.email, v.address) is not null or v.suppressed or len(c.consent) > 0",
        {"secret": privacy.key()},
    )
    return engine.sql(f"select * from {name}")


def _consents(files: list[ReadFile]) -> str:
    """One row per customer: the purposes agreed to, as the newest record that says anything has it."""
    names = sorted({name for file in files for name in file.spec.columns if name.startswith("consent_")})
    agreed = [f"case when {_newest(name)} then {quoted(name.removeprefix('consent_'))} end" for name in names]
    listed = (
        f"list_filter([{', '.join(agreed)}], lambda purpose: purpose is not null)"
        if agreed
        else "cast([] as varchar[])"
    )
    return f"select customer_id, {listed} as consent from rows group by customer_id"


def _newest(name: str) -> str:
    column = identifier(name)
    return f"max_by({column}, case when {column} is not null then age_rank end)"


def _none(engine: Engine, table: str) -> Table:
    """No accepted rows of a table, with all its columns."""
    extra = {"source": "VARCHAR", "key_source": "VARCHAR", "private_keys": "BOOLEAN", "carries_orders": "BOOLEAN"}
    types = extra | {"occurrence": "BIGINT"} | column_types(table, [])
    types |= {name: type_ for name, type_ in _columns(table).items() if name not in types}
    return engine.sql(
        f"select {', '.join(f'cast(null as {t}) as {identifier(n)}' for n, t in types.items())} where false"
    )


def _columns(table: str) -> dict[str, str]:
    from playbook.integration import fields
    from playbook.integration.values import kind

    assert schema_of(table)
    return {name: kind(field.kind).type for name, field in fields.fields(table).items()}


_IDENTITIES = (
    "select source, source_key, customer_id, $as_of as since, rule, cast(null as double) as weight from people"
)
