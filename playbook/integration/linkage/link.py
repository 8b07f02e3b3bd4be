"""Which records are one person: exact identifiers tie records of all sources, likeness does where they leave off."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.linkage import matching, spellings
from playbook.integration.linkage.links import connected
from playbook.integration.quality.flags import Flag
from playbook.integration.types.codes import is_identity_card_sql
from playbook.profile.linking import Linking
from playbook.tables.engine import Engine, Table

HERE = Path(__file__).parent

_HOLDERS = ("customers", "orders", "order_lines", "events", "feedback", "contracts", "treatments")
_IDENTIFIERS = ("name", "phone", "email", "member_card", "openid", "unionid", "credit_code")


class Links(NamedTuple):
    """What ties records together.

    `records`: one row per record of a source (record_no, source, holder, is_internal, is_private, first_day, last_day).
    `sightings`: one row per record and identifiers it was seen with. `edges`: one row per tied pair (record_no_a,
    record_no_b, rule, weight, probability, value_no). `model`: the trained model as JSON, None where nothing was to
    compare. `flags`: what the reader must know. `proofs`: one row per record and number that nobody else has
    (record_no, kind, value).
    """

    records: Table
    sightings: Table
    edges: Table
    model: dict[str, Any] | None
    flags: tuple[Flag, ...]
    proofs: Table | None = None


def links(
    engine: Engine,
    rows: dict[str, Table],
    *,
    linking: Linking | None = None,
    model: dict[str, Any] | None = None,
    as_of: date | None = None,
) -> Links:
    """Tie the records of all accepted rows.

    1. Every row names a record: the source's own key, else the strongest identifier it carries.
    2. Equal member cards, openids, e-mails, credit codes and identity cards tie records; a phone does with a compatible
       name only, and so does an e-mail or card that several people use.
    3. Records that no identifier ties are compared by likeness, with a model trained on the data, or `model`.
    """
    linking = linking or Linking()
    sightings = engine.run(HERE / "sightings.sql", seen=_seen(engine, rows)).materialise()
    records = engine.run(HERE / "records.sql", sightings=sightings).materialise()
    known = _spelled(engine, rows, sightings, records, linking)
    proofs = engine.run(HERE / "proofs.sql", seen=known["seen"]).materialise()
    classes, sharers = _names_on(engine, known, linking, records=records, proofs=proofs)
    all_ties = _ties(engine, known, sharers, classes, linking)
    ties = engine.run(HERE / "undisputed.sql", ties=all_ties, proofs=proofs).materialise()
    exact = engine.run(HERE / "exact_edges.sql", ties=ties).materialise()
    compared = _compared(engine, known, records, groups(engine, records, exact))
    found = matching.match(engine, compared, linking, model)
    edges = engine.sql("select * from exact union all select * from likely", exact=exact, likely=found.edges)
    flags = (*_shared_flags(sharers, linking), *_disputed_flag(all_ties, ties), *found.flags)
    return Links(records, sightings, edges.materialise(), found.model, flags, proofs)


def _seen(engine: Engine, rows: dict[str, Table]) -> Table:
    parts = [_SEEN.format(rows[name].name, name == "customers") for name in _HOLDERS if name in rows]
    if "referrals" in rows:
        parts += [_REFERRED.format(key, rows["referrals"].name) for key in ("referrer_key", "referee_key")]
    return engine.sql("\nunion all\n".join(parts))


def _spelled(engine, rows: dict[str, Table], sightings: Table, records: Table, linking: Linking) -> dict[str, Table]:
    """Names, phones, places ... in one spelling, the records' attributes, and `seen`: every sighting with its keys."""
    attributes = engine.run(HERE / "attributes.sql", rows=rows.get("customers") or _nobody(engine)).materialise()
    known = spellings.of_sightings(engine, sightings, linking.region) | spellings.of_attributes(engine, attributes)
    known |= {"attributes": attributes}
    given = {name: known[name] for name in ("attributes", "companies", "phones")}
    return known | {"seen": engine.sql(_KEYED, sightings=sightings, records=records, **given).materialise()}


def _nobody(engine: Engine) -> Table:
    return engine.sql(
        f"select {', '.join(f'cast(null as {type_}) as {name}' for name, type_ in _OF_A_MEMBER)} where false"
    )


def _ties(engine: Engine, known: dict[str, Table], sharers: Table, classes: Table, linking: Linking) -> Table:
    limits = {name: getattr(linking, name) for name in ("most_holders", "most_values", "reissue_days")}
    given = {"seen": known["seen"], "classes": classes, "sharers": sharers}
    return engine.run(HERE / "ties.sql", params=limits, **given).materialise()


def _names_on(engine: Engine, known: dict[str, Table], linking: Linking, **proven: Table) -> tuple[Table, Table]:
    """The names on identifiers that several people may use, and who is on an e-mail or card that several do use."""
    held = engine.run(HERE / "held.sql", seen=known["seen"]).materialise()
    classes = engine.run(HERE / "name_classes.sql", held=held, names=known["names"]).materialise()
    given, limit = {"held": held, "classes": classes}, {"most_names": linking.most_names}
    contrary = engine.run(HERE / "contrary.sql", attributes=known["attributes"], **given, **proven).materialise()
    return classes, engine.run(HERE / "sharers.sql", params=limit, contrary=contrary, **given).materialise()


def _shared_flags(sharers: Table, linking: Linking) -> Iterator[Flag]:
    values, records = sharers.engine.sql(_SHARED, sharers=sharers).rows()[0]
    if values:
        yield Flag(
            "integration.flag.shared_identifiers", {"values": values, "records": records, "most": linking.most_names}
        )


def _disputed_flag(every: Table, undisputed: Table) -> Iterator[Flag]:
    count, left = (ties.engine.sql(_VALUES, ties=ties).scalar() for ties in (every, undisputed))
    if values := count - left:
        yield Flag("integration.flag.disputed_identifiers", {"values": values})


def _compared(engine: Engine, known: dict[str, Table], records: Table, groups: Table) -> Table:
    given = {name: table for name, table in known.items() if name != "phones"}
    return engine.run(HERE / "compared.sql", records=records, groups=groups, **given).materialise()


def groups(engine: Engine, records: Table, edges: Table) -> Table:
    """The connected components: one row per record, `group_no` its smallest record's number."""
    found = connected(records.count(), edges.df())
    return engine.frame(pd.DataFrame({"record_no": range(len(found)), "group_no": found}))


_SEEN = (
    "select source, key_source, private_keys, holder, internal, cast(day as date) as day, {1} as is_master, "
    + ", ".join(_IDENTIFIERS)
    + " from {0}"
)
_REFERRED = (
    "select source, key_source, private_keys, {} as holder, false as internal, cast(day as date) as day,"
    " false as is_master, " + ", ".join(f"null as {name}" for name in _IDENTIFIERS) + " from {}"
)
_OF_A_MEMBER = (
    ("key_source", "varchar"), ("holder", "varchar"), ("updated_at", "timestamp"), ("registered_on", "date"),
    ("content", "ubigint"), ("gender", "varchar"), ("birth_date", "date"), ("birth_year", "bigint"),
    ("region", "varchar"), ("city", "varchar"), ("postcode", "varchar"), ("address", "varchar"),
    ("company", "varchar"), ("id_number", "varchar"),
)  # fmt: skip
_VALUES = "select count(distinct value_no) from ties"
_SHARED = "select count(distinct concat(kind, ' ', value)), count(distinct record_no) from sharers"
_KEYED = f"""
select
  r.record_no, s.*, p.phone_key, coalesce(c.branch_key, '') as branch_key,
  case when {is_identity_card_sql("upper(a.id_number)")} then upper(a.id_number) end as id_number
from sightings as s
join records as r on r.source = s.source and r.holder = s.holder
left join phones as p on p.phone = s.phone
left join attributes as a on a.source = s.source and a.holder = s.holder
left join companies as c on c.company = a.company
"""
