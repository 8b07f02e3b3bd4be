"""Which records are one person: exact identifiers link records of all sources, similarity does where they leave off."""

from pathlib import Path
from typing import Any, NamedTuple

from playbook.integration.ingest.reading import column_types
from playbook.integration.linkage import matching
from playbook.integration.linkage.components import connected_records
from playbook.integration.linkage.spellings import spellings
from playbook.integration.sources.fields import IDENTIFIERS, fields
from playbook.integration.types.field_types import field_type
from playbook.profile.linking import Linking
from playbook.report.message import Message
from playbook.tables.engine import Engine, Table, identifier

HERE = Path(__file__).parent

#: The tables whose rows name a record.
NAMING = ("customers", "orders", "order_lines", "events", "feedback", "contracts", "treatments")


class LinkedRecords(NamedTuple):
    """What links records.

    `records`: one row per record of a source (record_no, source, record_key, is_internal, is_private, first_day,
    last_day). `observed`: one row per record and identifiers it was observed with. `links`: one row per linked pair
    (record_no_a, record_no_b, rule, weight, probability, value_no). `model`: the trained model as JSON, None where
    nothing was to compare. `flags`: what the reader must know. `cannot_link`: one row per record and number that
    nobody else has (record_no, kind, value).
    """

    records: Table
    observed: Table | None
    links: Table
    model: dict[str, Any] | None = None
    flags: tuple[Message, ...] = ()
    cannot_link: Table | None = None


def link_records(
    engine: Engine, rows: dict[str, Table], *, linking: Linking | None = None, model: dict[str, Any] | None = None
) -> LinkedRecords:
    """Link the records of all accepted rows (`rows`, by table).

    1. Every row names a record: the source's own key, else the strongest identifier it carries.
    2. Equal member cards, openids, e-mails, credit codes and identity cards link records; a phone does with a
       compatible name only, and so does an e-mail or card that several people use.
    3. Records that no identifier links are compared by similarity, with a model trained on the data, or `model`.
    """
    linking = linking or Linking()
    observed = engine.run(HERE / "observed_identifiers.sql", rows=_identifying(engine, rows)).materialise()
    records = engine.run(HERE / "records.sql", observed=observed).materialise()
    customers = rows.get("customers") or no_rows(engine, "customers")
    attributes = engine.run(HERE / "attributes.sql", rows=customers).materialise()
    spelled = spellings(engine, observed, attributes, linking.region)
    own = {"records": records, "attributes": attributes}
    observed_keys = engine.sql(
        _KEYED, observed=observed, phones=spelled["phones"], companies=spelled["companies"], **own
    ).materialise()
    cannot_link = engine.run(HERE / "cannot_link.sql", observed=observed_keys).materialise()
    numbers = {"observed": observed_keys, "cannot_link": cannot_link}
    exact, flags = _exact(engine, linking, names=spelled["names"], **numbers, **own)
    groups = connected_records(engine, records, exact)
    parts = {name: table for name, table in spelled.items() if name != "phones"}
    compared = engine.run(HERE / "compared.sql", observed=observed_keys, groups=groups, **own, **parts).materialise()
    match = matching.match(engine, compared, linking, model)
    links = engine.sql("select * from exact union all select * from likely", exact=exact, likely=match.links)
    return LinkedRecords(records, observed, links.materialise(), match.model, (*flags, *match.flags), cannot_link)


def no_rows(engine: Engine, table: str) -> Table:
    """No accepted rows of a table, with all its columns."""
    types = {"source": "VARCHAR", "key_source": "VARCHAR", "private_keys": "BOOLEAN", "carries_orders": "BOOLEAN"}
    types |= {"occurrence": "BIGINT"} | column_types(table, [])
    types = {name: field_type(field.kind).sql_type for name, field in fields(table).items()} | types
    columns = ", ".join(f"cast(null as {type_}) as {identifier(name)}" for name, type_ in types.items())
    return engine.sql(f"select {columns} where false")


def _identifying(engine: Engine, rows: dict[str, Table]) -> Table:
    """One row per accepted row: the record that it names and the identifiers it carries."""
    plain, none = ", ".join(IDENTIFIERS), ", ".join(f"null as {name}" for name in IDENTIFIERS)
    parts = [
        _ROWS.format(key="holder", internal="internal", is_master=name == "customers", rest=plain, rows=rows[name].name)
        for name in NAMING
        if name in rows
    ]
    for key in ("referrer_key", "referee_key") if "referrals" in rows else ():
        parts.append(_ROWS.format(key=key, internal="false", is_master=False, rest=none, rows=rows["referrals"].name))
    return engine.sql("\nunion all\n".join(parts))


def _exact(
    engine: Engine,
    linking: Linking,
    *,
    observed: Table,
    cannot_link: Table,
    names: Table,
    records: Table,
    attributes: Table,
) -> tuple[Table, list[Message]]:
    """The links by equal identifiers; and what must be said of identifiers that several people use."""
    shared = engine.run(HERE / "shared_identifiers.sql", observed=observed).materialise()
    classes = engine.run(HERE / "name_classes.sql", shared=shared, names=names).materialise()
    on_shared = {"shared": shared, "classes": classes}
    emails = engine.run(
        HERE / "shared_emails.sql", records=records, attributes=attributes, cannot_link=cannot_link, **on_shared
    )
    shared_records = engine.run(
        HERE / "shared_identifier_records.sql",
        params={"most_names": linking.most_names},
        shared_emails=emails,
        **on_shared,
    ).materialise()
    linking_identifiers = engine.run(
        HERE / "linking_identifiers.sql",
        params={name: getattr(linking, name) for name in ("most_holders", "most_values", "reissue_days")},
        observed=observed,
        classes=classes,
        shared_records=shared_records,
        cannot_link=cannot_link,
    ).materialise()
    flags = []
    values, sharing = engine.sql(_SHARED, shared_records=shared_records).rows()[0]
    if values:
        counts = {"values": values, "records": sharing, "most": linking.most_names}
        flags.append(Message("integration.flag.shared_identifiers", counts))
    if disputed := engine.sql(_DISPUTED, linking=linking_identifiers).scalar():
        flags.append(Message("integration.flag.disputed_identifiers", {"values": disputed}))
    return engine.run(HERE / "exact_links.sql", linking=linking_identifiers).materialise(), flags


_ROWS = """
select
  source, key_source, private_keys, {key} as holder, {internal} as internal, cast(day as date) as day,
  {is_master} as is_master, {rest}
from {rows}
"""
_DISPUTED = "select count(distinct case when is_disputed then value_no end) from linking"
_SHARED = "select count(distinct concat(kind, ' ', value)), count(distinct record_no) from shared_records"
_KEYED = """
select
  r.record_no, s.*, p.phone_key, coalesce(c.branch_key, '') as branch_key,
  case when is_identity_card(upper(a.id_number)) then upper(a.id_number) end as id_number
from observed as s
join records as r on r.source = s.source and r.record_key = s.record_key
left join phones as p on p.phone = s.phone
left join attributes as a on a.source = s.source and a.record_key = s.record_key
left join companies as c on c.company = a.company
"""
