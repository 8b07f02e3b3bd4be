"""The standard tables, made of the accepted rows and the customers they belong to."""

from pathlib import Path

from playbook.integration.golden import golden
from playbook.integration.ingest.reading import ReadFile
from playbook.integration.linkage.link import no_rows
from playbook.integration.readers.raw_table import stored
from playbook.profile.golden import CONTACT_FIELDS, InternalPatterns, Survivorship
from playbook.profile.linking import Linking
from playbook.tables import privacy
from playbook.tables.engine import Engine, Table, identifier, quoted
from playbook.tables.schema import SOURCE_TABLES, TABLES

HERE = Path(__file__).parent
#: Tables whose rows need no more than their customer.
_SIMPLE = ("feedback", "referrals", "contracts", "treatments", "costs")


def standard_tables(
    engine: Engine,
    rows: dict[str, Table],
    record_to_customer: Table,
    observed: Table,
    files: list[ReadFile],
    *,
    linking: Linking,
    survivorship: Survivorship,
    internal: InternalPatterns,
) -> dict[str, Table]:
    """Every standard table of the sources by name, empty ones where they gave nothing, and what is said of customers:
    record_orders, field_conflicts, proposed_internal."""
    records = {"record_to_customer": record_to_customer}
    tables = {name: engine.empty(TABLES[name]) for name in SOURCE_TABLES if name not in ("quarantine", "files")}
    tables |= _orders(engine, rows, files, record_to_customer)
    tables |= _customers(engine, rows, observed, files, survivorship, record_to_customer)
    for name in _SIMPLE:
        if name in rows:
            more = {} if name == "costs" else records
            tables[name] = engine.run(HERE / f"{name}.sql", rows=rows[name], **more)
    if "events" in rows:
        stitched = stitch_visitors(engine, rows["events"], record_to_customer, linking)
        tables["events"] = engine.run(HERE / "events.sql", rows=stitched)
    columns = "source, source_key, customer_id, since, rule, weight"
    tables["identities"] = engine.sql(f"select {columns} from record_to_customer", **records)
    patterns = internal.model_dump()
    proposed = engine.run(HERE / "internal.sql", params=patterns, orders=tables["orders"], **records)
    return tables | {"proposed_internal": proposed}


def stitch_visitors(engine: Engine, rows: Table, record_to_customer: Table, linking: Linking) -> Table:
    """Accepted events, each with its customer_id; null where nobody logged in, or where it may be somebody else's."""
    limits = {name: getattr(linking, name) for name in ("most_holders", "visitor_days")}
    tables = {"rows": rows, "record_to_customer": record_to_customer}
    return engine.run(HERE / "visitors.sql", params=limits, **tables).materialise()


def _orders(
    engine: Engine, rows: dict[str, Table], files: list[ReadFile], record_to_customer: Table
) -> dict[str, Table]:
    sources = {file.spec.source for file in files if file.spec.table == "orders" or file.spec.carries_orders}
    headers, lines = (rows.get(name) or no_rows(engine, name) for name in ("orders", "order_lines"))
    orders = engine.run(
        HERE / "orders.sql",
        params={"several_sources": len(sources) > 1},
        orders=headers,
        lines=lines,
        derived=engine.run(HERE / "derived_orders.sql", lines=lines).materialise(),
        record_to_customer=record_to_customer,
    ).materialise()
    return {
        "orders": orders,
        "record_orders": engine.run(HERE / "record_orders.sql", orders=orders),
        "order_lines": engine.run(HERE / "order_lines.sql", lines=lines, orders=orders),
    }


def _customers(
    engine: Engine,
    rows: dict[str, Table],
    observed: Table,
    files: list[ReadFile],
    survivorship: Survivorship,
    record_to_customer: Table,
) -> dict[str, Table]:
    """Customers, their contacts, and what their records disagree on."""
    records = {"record_to_customer": record_to_customer}
    customer_rows = rows.get("customers") or no_rows(engine, "customers")
    own = engine.run(HERE / "customer_rows.sql", rows=customer_rows, **records).materialise()
    attributes = sorted({name for file in files for name in file.spec.attributes})
    best = golden(engine, own, observed, record_to_customer, rules=survivorship, attributes=attributes)
    surviving = best.surviving.materialise()
    customers = engine.run(HERE / "customers.sql", surviving=surviving, **records)
    if attributes:
        values = (f"max(case when field = {quoted(a)} then value end) as {identifier(a)}" for a in attributes)
        chosen = engine.sql(f"select customer_id, {', '.join(values)} from s group by customer_id", s=surviving)
        names = ", ".join(f"a.{identifier(name)}" for name in attributes)
        text = f"select c.*, {names} from c left join a on a.customer_id = c.customer_id"
        customers = engine.sql(text, c=customers, a=chosen)
    contacts = _contacts(engine, surviving, own, files)
    return {"customers": customers, "contacts": contacts, "field_conflicts": best.conflicts}


def _contacts(engine: Engine, surviving: Table, own: Table, files: list[ReadFile]) -> Table:
    values = engine.run(HERE / "contact_values.sql", surviving=surviving, rows=own)
    consents = engine.sql(_consents(files), rows=own)
    hashed = ", ".join(f"{privacy.hashed_sql(f'v.{kind}', kind)} as {kind}" for kind in CONTACT_FIELDS)
    return stored(
        engine,
        f"select v.customer_id, {hashed}, coalesce(c.consent, []) as consent, v.suppressed"
        f" from {values.name} as v left join {consents.name} as c on c.customer_id = v.customer_id"
        " where coalesce(v.name, v.phone, v.email, v.address) is not null or v.suppressed or len(c.consent) > 0",
        {"secret": privacy.key()},
    )


def _consents(files: list[ReadFile]) -> str:
    """One row per customer: the purposes agreed to, as the newest record that says anything has it."""
    agreed = []
    for name in sorted({name for file in files for name in file.spec.columns if name.startswith("consent_")}):
        column = identifier(name)
        newest = f"max_by({column}, case when {column} is not null then age_rank end)"
        agreed.append(f"case when {newest} then {quoted(name.removeprefix('consent_'))} end")
    purposes = f"list_filter([{', '.join(agreed)}], lambda purpose: purpose is not null)" if agreed else "[]"
    return f"select customer_id, cast({purposes} as varchar[]) as consent from rows group by customer_id"
