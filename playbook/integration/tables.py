"""The standard tables, made of the accepted rows and the customers they belong to."""

from pathlib import Path

from playbook.integration.golden import golden
from playbook.integration.ingest.reading import ReadFile, column_types
from playbook.integration.linkage.identity import Identified
from playbook.integration.linkage.visitors import stitched
from playbook.profile.golden import CONTACT_FIELDS, InternalPatterns, Survivorship
from playbook.profile.linking import Linking
from playbook.tables import privacy
from playbook.tables.engine import Engine, Table, identifier, quoted
from playbook.tables.schema import TABLES, schema_of

HERE = Path(__file__).parent
_SIMPLE = ("feedback", "referrals", "contracts", "treatments")


def standard_tables(
    engine: Engine,
    rows: dict[str, Table],
    known: Identified,
    files: list[ReadFile],
    *,
    linking: Linking,
    survivorship: Survivorship,
    internal: InternalPatterns,
) -> dict[str, Table]:
    """Every standard table by name; empty ones where the sources gave nothing."""
    people = known.people
    tables = _orders(engine, rows, people, files)
    tables |= _customers(engine, rows, known, files, survivorship)
    made = [name for name in _SIMPLE if name in rows]
    tables |= {name: engine.run(HERE / f"{name}.sql", rows=rows[name], people=people) for name in made}
    if "events" in rows:
        mine = stitched(engine, rows["events"], people, linking)
        tables["events"] = engine.run(HERE / "events.sql", rows=mine)
    tables |= {"costs": engine.run(HERE / "costs.sql", rows=rows["costs"])} if "costs" in rows else {}
    tables["identities"] = engine.sql(_IDENTITIES, people=people)
    tables["proposed_internal"] = _proposed_internal(engine, tables["orders"], people, internal)
    return tables | known.tables


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
    made = {"orders": orders, "record_orders": engine.run(HERE / "record_orders.sql", orders=orders)}
    return made | {"order_lines": engine.run(HERE / "order_lines.sql", lines=lines, orders=orders)}


def _customers(
    engine: Engine, rows: dict[str, Table], known: Identified, files: list[ReadFile], survivorship: Survivorship
) -> dict[str, Table]:
    """Customers, their contacts, and what their records disagree on."""
    found = rows.get("customers") or _none(engine, "customers")
    own = engine.run(HERE / "customer_rows.sql", rows=found, people=known.people).materialise()
    attributes = sorted({name for file in files for name in file.spec.attributes})
    best = golden(engine, own, known.sightings, known.people, rules=survivorship, attributes=attributes)
    surviving = best.surviving.materialise()
    customers = engine.run(HERE / "customers.sql", surviving=surviving, people=known.people)
    return {
        "customers": _with_attributes(engine, customers, surviving, attributes),
        "contacts": _contacts(engine, surviving, own, files),
        "field_conflicts": best.conflicts,
    }


def _with_attributes(engine: Engine, customers: Table, surviving: Table, attributes: list[str]) -> Table:
    if not attributes:
        return customers
    chosen = ", ".join(
        f"max(case when field = {quoted(name)} then value end) as {identifier(name)}" for name in attributes
    )
    kept = engine.sql(f"select customer_id, {chosen} from s group by customer_id", s=surviving)
    names = ", ".join(f"a.{identifier(name)}" for name in attributes)
    return engine.sql(f"select c.*, {names} from c left join a on a.customer_id = c.customer_id", c=customers, a=kept)


def _contacts(engine: Engine, surviving: Table, own: Table, files: list[ReadFile]) -> Table:
    values = engine.run(HERE / "contact_values.sql", surviving=surviving, rows=own)
    consents = engine.sql(_consents(files), rows=own)
    name = f"{own.name}_contacts"
    hashed = ", ".join(f"{privacy.hashed_sql(f'v.{kind}', kind)} as {kind}" for kind in CONTACT_FIELDS)
    engine.con.execute(
        f"create temp table {name} as select v.customer_id, {hashed}, coalesce(c.consent, []) as consent, v.suppressed"
        f" from {values.name} as v left join {consents.name} as c on c.customer_id = v.customer_id"
        " where coalesce(v.name, v.phone, v.email, v.address) is not null or v.suppressed or len(c.consent) > 0",
        {"secret": privacy.key()},
    )
    return engine.sql(f"select * from {name}")


def _proposed_internal(engine: Engine, orders: Table, people: Table, patterns: InternalPatterns) -> Table:
    return engine.run(HERE / "internal.sql", params=patterns.model_dump(), orders=orders, people=people)


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
    from playbook.integration.sources import fields
    from playbook.integration.types.values import kind

    assert schema_of(table)
    return {name: kind(field.kind).type for name, field in fields.fields(table).items()}


_IDENTITIES = "select source, source_key, customer_id, since, rule, weight from people"
