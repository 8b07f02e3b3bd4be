"""Which records are one customer: exact identifiers tie records of all sources into groups."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook import privacy
from playbook.engine import Engine, Table

HERE = Path(__file__).parent

#: An identifier that one source gives to more records than this is no identifier.
MOST_HOLDERS = 10
#: A record that carries more values of one kind than this is nobody's: a cashier's card, a shop's own account.
MOST_VALUES = 3

_HOLDERS = ("customers", "orders", "order_lines", "events", "feedback", "contracts", "treatments")
_SEEN = "source, key_source, private_keys, holder, internal, name, phone, email, member_card, openid"


class Linked(NamedTuple):
    """`people`: one row per record, with its source_key, customer_id, is_internal and rule; `sightings` behind it."""

    people: Table
    sightings: Table


def link(engine: Engine, rows: dict[str, Table]) -> Linked:
    """Tie the records of all accepted rows into customers.

    1. Every row names a record: the source's own key, else the strongest identifier it carries.
    2. Equal e-mails, member cards and openids tie records; a phone does with a compatible name only.
    3. A customer is a connected component of records, named after its smallest source key.
    """
    sightings = engine.run(HERE / "sightings.sql", seen=_seen(engine, rows)).materialise()
    records = engine.run(HERE / "records.sql", sightings=sightings).materialise()
    limits = {"most_holders": MOST_HOLDERS, "most_values": MOST_VALUES}
    ties = engine.run(HERE / "ties.sql", params=limits, sightings=sightings, records=records).materialise()
    given = {"records": records, "keys": _keys(engine, records), "ties": ties, "groups": _groups(engine, records, ties)}
    return Linked(engine.run(HERE / "people.sql", **given).materialise(), sightings)


def _seen(engine: Engine, rows: dict[str, Table]) -> Table:
    parts = [f"select {_SEEN} from {rows[name].name}" for name in _HOLDERS if name in rows]
    if "referrals" in rows:
        parts += [_REFERRED.format(key, rows["referrals"].name) for key in ("referrer_key", "referee_key")]
    return engine.sql("\nunion all\n".join(parts))


def _keys(engine: Engine, records: Table) -> Table:
    """The key under which each record is published: the source's own, or a keyed hash where that is personal."""
    name = f"{records.name}_keys"
    secret = privacy.key()
    engine.con.execute(
        f"create temp table {name} as select record_no,"
        f" case when is_private then {privacy.hashed_sql('holder', 'source_key')} else holder end as source_key"
        f" from {records.name}",
        {"secret": secret},
    )
    return engine.sql(f"select * from {name}")


def _groups(engine: Engine, records: Table, ties: Table) -> Table:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count, pairs = records.count(), ties.df()
    values = int(pairs.value_no.max()) + 1 if len(pairs) else 0
    edges = (pairs.record_no.to_numpy(), pairs.value_no.to_numpy() + count)
    graph = coo_array(([True] * len(pairs), edges), shape=(count + values, count + values))
    labels = connected_components(graph, directed=False)[1][:count]
    return engine.frame(pd.DataFrame({"record_no": range(count), "group_no": labels}))


_REFERRED = (
    "select source, key_source, private_keys, {} as holder, false as internal,"
    " null as name, null as phone, null as email, null as member_card, null as openid from {}"
)
