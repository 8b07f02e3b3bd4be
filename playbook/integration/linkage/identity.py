"""Which customer each record belongs to: ids that stay from run to run, and a log of every one that changed."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.integration.linkage.clusters import RULES, Clusters, Contradiction, clusters
from playbook.integration.linkage.decisions import NONE, DecisionError, Decisions
from playbook.integration.linkage.link import Links
from playbook.integration.linkage.links import NO_EDGES
from playbook.integration.linkage.must_link import Numbered, numbered
from playbook.integration.quality.flags import Flag
from playbook.profile.linking import CAP, REVIEW_BELOW
from playbook.tables import privacy
from playbook.tables.engine import Engine, Table
from playbook.tables.schema import STATE_TABLES, TABLES

HERE = Path(__file__).parent


class Past(NamedTuple):
    """What an earlier run knew: every record ever seen with its customer, and the log of merges and splits."""

    registry: Table
    log: Table


class Identified(NamedTuple):
    """Records and their customers.

    `people`: one row per record (record_no, source, holder, source_key, customer_id, is_internal, since, rule, weight);
    `sightings` behind them; `tables`: links, weak_links, decisions, identity_log; `registry`: every record ever seen.
    """

    people: Table
    sightings: Table
    tables: dict[str, Table]
    registry: Table
    flags: tuple[Flag, ...]


def past(engine: Engine, registry: Table | None = None, log: Table | None = None) -> Past:
    """The memory of an earlier run; an empty one for a first run."""
    return Past(registry or engine.empty(STATE_TABLES["registry"]), log or engine.empty(STATE_TABLES["identity_log"]))


def identify(
    engine: Engine,
    links: Links,
    *,
    before: Past,
    as_of: date,
    shown: Past | None = None,
    decisions: Decisions = NONE,
    cap: int = CAP,
    review_below: float = REVIEW_BELOW,
) -> Identified:
    """Make customers of records.

    1. The ties between records, and the decisions about them, make groups.
    2. A group inherits the id of its earlier records; merges and splits are logged, also against what was `shown`
       for this day: published by an earlier run for it, whose ids may be in use but are not inherited.
    3. Every record ever seen is remembered with its customer.

    Raises `DecisionError` where decisions contradict each other.
    """
    keys = _keys(engine, links.records)
    decided = numbered(engine, decisions, keys)
    found = _clusters(links, decided, cap, review_below)
    earlier = {"past": before, "shown": shown or past(engine)}
    made = _named(engine, found, links.records, keys, earlier, decided, as_of)
    weak = _weak(engine, found, made["people"])
    told = _told(engine, decided, made["people"])
    tables = {"links": made["links"], "weak_links": weak, "identity_log": made["log"], "decisions": told}
    flags = (*_capped_flags(found, cap), *_disputed_flag(found), *_weak_flags(weak), *decided.flags)
    return Identified(made["people"], links.sightings, tables, made["registry"], flags)


def _keys(engine: Engine, records: Table) -> Table:
    """The key under which each record is published: the source's own, or a keyed hash where that is personal.

    `other_key` is the form that is not published: a run before may have known the record by it.
    """
    name, hashed = f"{records.name}_keys", privacy.hashed_sql("holder", "source_key")
    engine.con.execute(_KEYS.format(name=name, hashed=hashed, records=records.name), {"secret": privacy.key()})
    return engine.sql(f"select * from {name}")


def _clusters(links: Links, decided: Numbered, cap: int, review_below: float) -> Clusters:
    ties, count = links.edges.engine.sql(_EDGES, edges=links.edges).df(), links.records.count()
    limits = {"cap": cap, "review_below": review_below, "proofs": links.proofs and links.proofs.df()}
    try:
        return clusters(count, ties, same=list(decided.same), different=list(decided.different), **limits)
    except Contradiction as clash:
        one, two = list(decided.same.values())[clash.same], list(decided.different.values())[clash.different]
        raise DecisionError(
            f"{one.place} says that two records are one customer, {two.place} keeps them apart, directly or by way of"
            " others. Both cannot hold: take one of them out."
        ) from None


def _named(
    engine: Engine,
    found: Clusters,
    records: Table,
    keys: Table,
    earlier: dict[str, Past],
    decided: Numbered,
    as_of: date,
) -> dict[str, Table]:
    """Each record's customer, and all that leads to it, by the names of the steps."""
    groups = engine.frame(pd.DataFrame({"record_no": range(len(found.groups)), "group_no": found.groups}))
    tables = {
        "records": records,
        "grouped": engine.sql(_GROUPED, keys=keys, groups=groups),
        "edges": engine.frame(found.edges) if len(found.edges) else engine.sql(NO_EDGES),
        "ranks": engine.frame(pd.DataFrame({"rule": RULES, "rank": range(len(RULES))})),
        **{f"{whose}_{name}": t for whose, each in earlier.items() for name, t in each._asdict().items()},
        "apart": engine.frame(decided.apart),
        "verdicts": engine.frame(decided.verdicts(found.groups)),
    }
    for name, file, needs in _STEPS:
        given = {need.partition("=")[0]: tables[need.rpartition("=")[2]] for need in needs.split()}
        params = {"as_of": as_of} if "$as_of" in (HERE / file).read_text(encoding="utf-8") else None
        tables[name] = engine.run(HERE / file, params=params, **given).materialise()
    return tables


def _weak(engine: Engine, found: Clusters, people: Table) -> Table:
    """The doubtful ties that hold a customer together, with the records of both halves."""
    if not len(found.weak):
        return engine.empty(TABLES["weak_links"])
    weak, named = found.weak, _involved(engine, found.weak, people)
    columns, labels = {"customer_id": named.loc[weak["record_no_a"], "customer_id"]}, named["label"].to_dict()
    for side in ("a", "b"):
        columns |= {f"{name}_{side}": named.loc[weak[f"record_no_{side}"], name] for name in ("source", "source_key")}
        columns |= {f"half_{side}": [sorted(map(labels.get, half)) for half in weak[f"half_{side}"]]}
    values = {name: list(column) for name, column in columns.items()}
    return engine.frame(weak[["weight", "probability"]].assign(**values))


def _involved(engine: Engine, weak: pd.DataFrame, people: Table) -> pd.DataFrame:
    """The records of both halves by number: customer_id, source, source_key, label."""
    numbers = sorted({record for halves in (weak["half_a"], weak["half_b"]) for half in halves for record in half})
    asked = engine.frame(pd.DataFrame({"record_no": numbers}))
    return engine.sql(_INVOLVED, asked=asked, people=people).df().set_index("record_no")


def _told(engine: Engine, decided: Numbered, people: Table) -> Table:
    """The decisions in force, by the records they name."""
    if not decided.named:
        return engine.empty(TABLES["decisions"])
    return engine.sql(_TOLD, named=engine.frame(pd.DataFrame(decided.named)), people=people)


def _capped_flags(found: Clusters, cap: int):
    is_whole = found.capped["largest"] > cap
    for key, capped in (("capped", found.capped[~is_whole]), ("over_cap", found.capped[is_whole])):
        if len(capped):
            values = {"groups": len(capped), "cap": cap, "records": int(capped["records"].max())}
            yield Flag(f"integration.flag.{key}", values | {"largest": int(capped["largest"].max())})


def _disputed_flag(found: Clusters):
    if found.disputed:
        yield Flag("integration.flag.disputed_groups", {"groups": found.disputed})


def _weak_flags(weak: Table):
    if customers := weak.engine.sql("select count(distinct customer_id) from weak", weak=weak).scalar():
        yield Flag("integration.flag.weak_links", {"customers": customers})


_STEPS = (
    ("known", "identity_known.sql", "grouped registry=past_registry"),
    ("votes", "identity_votes.sql", "known"),
    ("ids", "identity.sql", "known votes registry=past_registry log=past_log"),
    ("changes", "identity_changes.sql", "edges known ranks votes ids apart"),
    ("shown_known", "identity_known.sql", "grouped registry=shown_registry"),
    ("shown_votes", "identity_votes.sql", "known=shown_known"),
    ("shown_changes", "identity_changes.sql", "edges known=shown_known ranks votes=shown_votes ids apart"),
    ("log", "identity_log.sql", "log=past_log shown_log changes shown_changes"),
    ("registry", "registry.sql", "changes known ids registry=past_registry"),
    ("people", "people.sql", "records known ids edges ranks verdicts"),
    ("links", "identity_links.sql", "edges people"),
)
_EDGES = "select record_no_a, record_no_b, rule, weight, probability, value_no from edges order by all"
_INVOLVED = """
select p.record_no, p.customer_id, p.source, p.source_key, concat(p.source, ':', p.source_key) as label
from people as p
join asked as a on a.record_no = p.record_no
"""
_TOLD = """
select n.place, n.kind, p.source, p.source_key, p.customer_id, n.decided_on, n.reason
from named as n
join people as p on p.record_no = n.record_no
"""
_KEYS = """
create temp table {name} as
select
  record_no, source, holder,
  case when is_private then hashed else holder end as source_key,
  case when is_private then holder else hashed end as other_key
from (select *, {hashed} as hashed from {records})
"""
_GROUPED = """
select k.record_no, k.source, k.source_key, k.other_key, g.group_no
from keys as k
join groups as g on g.record_no = k.record_no
"""
