"""Which customer each record belongs to: ids that stay from run to run, and a log of every one that changed."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.integration.linkage.clusters import RULES, Clusters, Contradiction, clusters
from playbook.integration.linkage.components import NO_LINKS
from playbook.integration.linkage.decisions import DecisionError, Decisions
from playbook.integration.linkage.link import LinkedRecords
from playbook.integration.linkage.must_link import Constraints, constraints
from playbook.integration.readers.raw_table import stored
from playbook.profile.linking import CAP, REVIEW_BELOW
from playbook.report.message import Message
from playbook.tables import privacy
from playbook.tables.engine import Engine, Table
from playbook.tables.schema import STATE_TABLES, TABLES

HERE = Path(__file__).parent


class Past(NamedTuple):
    """What an earlier run knew: every record ever seen with its customer, and the log of merges and splits."""

    registry: Table
    log: Table


class Identities(NamedTuple):
    """Records and their customers.

    `record_to_customer`: one row per record (record_no, source, record_key, source_key, customer_id, is_internal,
    is_settled, since, rule, weight). `tables`: links, bridges, decisions, identity_log. `registry`: every record ever
    seen.
    """

    record_to_customer: Table
    tables: dict[str, Table]
    registry: Table
    flags: tuple[Message, ...]


def past(engine: Engine, registry: Table | None = None, log: Table | None = None) -> Past:
    """The memory of an earlier run; an empty one for a first run."""
    return Past(registry or engine.empty(STATE_TABLES["registry"]), log or engine.empty(STATE_TABLES["identity_log"]))


def identify(
    engine: Engine,
    linked: LinkedRecords,
    *,
    before: Past,
    as_of: date,
    shown: Past | None = None,
    decisions: Decisions | None = None,
    cap: int = CAP,
    review_below: float = REVIEW_BELOW,
) -> Identities:
    """Make customers of records.

    1. The links between records, and the decisions about them, make groups.
    2. A group inherits the id of its earlier records; merges and splits are logged, also against what was `shown`
       for this day: published by an earlier run for it, whose ids may be in use but are not inherited.
    3. Every record ever seen is remembered with its customer.

    Raises `DecisionError` where decisions contradict each other.
    """
    hashed = privacy.hashed_sql("record_key", "source_key")
    keys = stored(engine, _KEYS.format(hashed=hashed, records=linked.records.name), {"secret": privacy.key()})
    decided = constraints(engine, decisions or {}, keys)
    grouped = _clusters(linked, decided, cap, review_below)
    tables = _customers(engine, grouped, linked.records, keys, before, shown or past(engine), decided, as_of)
    customers, registry = tables.pop("record_to_customer"), tables.pop("registry")
    tables["bridges"] = _bridges(engine, grouped.bridges, customers)
    tables["decisions"] = engine.empty(TABLES["decisions"])
    if len(decided.named):
        tables["decisions"] = engine.sql(_DECISIONS, named=engine.frame(decided.named), record_to_customer=customers)
    flags = (*_flags(grouped, tables["bridges"], cap), *decided.flags)
    return Identities(customers, tables, registry, flags)


def _clusters(linked: LinkedRecords, decided: Constraints, cap: int, review_below: float) -> Clusters:
    links = linked.links.engine.sql(_LINKS, links=linked.links).df()
    pairs = {"must_link": list(decided.must_link), "cannot_link": list(decided.cannot_link)}
    numbers = linked.cannot_link and linked.cannot_link.df()
    try:
        return clusters(linked.records.count(), links, **pairs, numbers=numbers, cap=cap, review_below=review_below)
    except Contradiction as clash:
        one = list(decided.must_link.values())[clash.must_link]
        two = list(decided.cannot_link.values())[clash.cannot_link]
        raise DecisionError(
            f"{one.place} says that two records are one customer, {two.place} keeps them apart, directly or by way of"
            " others. Both cannot hold: take one of them out."
        ) from None


def _customers(
    engine: Engine,
    grouped: Clusters,
    records: Table,
    keys: Table,
    before: Past,
    shown: Past,
    decided: Constraints,
    as_of: date,
) -> dict[str, Table]:
    """Each record's customer (record_to_customer), what is kept of it (registry, identity_log), and the links."""

    def run(name: str, dated: bool = False, **tables: Table) -> Table:
        return engine.run(HERE / f"{name}.sql", params={"as_of": as_of} if dated else None, **tables).materialise()

    apart = sorted({number for pair in decided.cannot_link for number in pair})
    kept_apart = engine.frame(pd.DataFrame({"record_no": apart}, dtype="int64"))
    verdicts = engine.frame(decided.verdicts(grouped.groups))
    numbered = engine.frame(pd.DataFrame({"record_no": range(len(grouped.groups)), "group_no": grouped.groups}))
    groups = engine.sql(
        "select k.*, g.group_no from keys as k join g on g.record_no = k.record_no", keys=keys, g=numbered
    )
    edges = engine.frame(grouped.links) if len(grouped.links) else engine.sql(NO_LINKS)
    links = {"links": edges, "ranks": engine.frame(pd.DataFrame({"rule": RULES, "rank": range(len(RULES))}))}

    history = run("record_history", grouped=groups, registry=before.registry)
    votes = run("id_votes", history=history)
    ids = run("customer_ids", True, history=history, votes=votes, registry=before.registry, log=before.log)
    changes = run("id_changes", history=history, votes=votes, ids=ids, kept_apart=kept_apart, **links)
    shown_history = run("record_history", grouped=groups, registry=shown.registry)
    shown_votes = run("id_votes", history=shown_history)
    shown_changes = run("id_changes", history=shown_history, votes=shown_votes, ids=ids, kept_apart=kept_apart, **links)
    logs = {"log": before.log, "shown_log": shown.log, "changes": changes, "shown_changes": shown_changes}
    customers = run("record_to_customer", True, records=records, history=history, ids=ids, verdicts=verdicts, **links)
    return {
        "record_to_customer": customers,
        "registry": run("registry", True, changes=changes, history=history, ids=ids, registry=before.registry),
        "identity_log": run("id_log", True, **logs),
        "links": run("customer_links", links=edges, record_to_customer=customers),
    }


def _bridges(engine: Engine, bridges: pd.DataFrame, record_to_customer: Table) -> Table:
    """The doubtful links that hold a customer together, with the records of both halves."""
    if bridges.empty:
        return engine.empty(TABLES["bridges"])
    numbers = sorted(set(bridges[["half_a", "half_b"]].stack().explode()))
    asked = engine.frame(pd.DataFrame({"record_no": numbers}, dtype="int64"))
    records = engine.sql(_NAMED, asked=asked, record_to_customer=record_to_customer).df().set_index("record_no")
    columns = {"customer_id": records.loc[bridges["record_no_a"], "customer_id"].tolist()}
    for side in ("a", "b"):
        ends = records.loc[bridges[f"record_no_{side}"]]
        columns |= {f"source_{side}": ends["source"].tolist(), f"source_key_{side}": ends["source_key"].tolist()}
        columns[f"half_{side}"] = [sorted(records.loc[half, "label"]) for half in bridges[f"half_{side}"]]
    return engine.frame(bridges[["weight", "probability"]].assign(**columns))


def _flags(grouped: Clusters, bridges: Table, cap: int) -> Iterator[Message]:
    is_whole = grouped.capped["largest"] > cap
    for key, capped in (("capped", grouped.capped[~is_whole]), ("over_cap", grouped.capped[is_whole])):
        if len(capped):
            values = {"groups": len(capped), "cap": cap, "records": int(capped["records"].max())}
            yield Message(f"integration.flag.{key}", values | {"largest": int(capped["largest"].max())})
    if grouped.disputed:
        yield Message("integration.flag.disputed_groups", {"groups": grouped.disputed})
    if customers := bridges.engine.sql("select count(distinct customer_id) from b", b=bridges).scalar():
        yield Message("integration.flag.bridges", {"customers": customers})


_LINKS = "select record_no_a, record_no_b, rule, weight, probability, value_no from links order by all"
_NAMED = """
select p.record_no, p.customer_id, p.source, p.source_key, concat(p.source, ':', p.source_key) as label
from record_to_customer as p
join asked as a on a.record_no = p.record_no
"""
_DECISIONS = """
select n.place, n.kind, p.source, p.source_key, p.customer_id, n.decided_on, n.reason
from named as n
join record_to_customer as p on p.record_no = n.record_no
"""
#: The key under which each record is published: the source's own, or a keyed hash where that is personal. `other_key`
#: is the form that is not published: a run before may have known the record by it.
_KEYS = """
select
  record_no, source, record_key,
  case when is_private then hashed else record_key end as source_key,
  case when is_private then record_key else hashed end as other_key
from (select *, {hashed} as hashed from {records})
"""
