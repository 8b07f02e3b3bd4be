"""How linking is shown: one customer and its links, what links records, what a person must settle or ask for."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.linkage.clusters import PROBABILISTIC, RULES
from playbook.integration.quality.score import verdict
from playbook.integration.report.explain import explain
from playbook.integration.sources.fields import IDENTIFIERS
from playbook.report.message import Message
from playbook.tables.engine import Table

HERE = Path(__file__).parent
LIST = 8
#: A score that a reader sees as 100 has no worst part to speak of.
FULL = 99.95
#: How the columns of these tables are written, wherever they are shown.
FORMATS = {
    "ask": "ask", "mistake": "mistake", "pattern": "pattern", "rule": "rule", "survival": "survival", "way": "way",
    "conflict_field": "name column", "lacking": "name column", "kept_from": "name source",
    "set_aside_from": "name source", "source_a": "name source", "source_b": "name source",
    "held": "money", "revenue": "money", "revenue_per_buyer": "money",
    "hit": "pct0", "orders": "int", "events": "int", "orders_per_buyer": "num1",
    "best_share": "pct", "completeness": "pct", "customers_share": "pct", "likely": "pct", "misjudged": "pct",
    "probability": "pct", "repeat_rate": "pct", "revenue_share": "pct",
}  # fmt: skip
_IDENTIFYING = tuple(name for name in IDENTIFIERS if name != "name")
_ABOUT = {"unlinked": _IDENTIFYING, "anonymous": ("customer_key", *_IDENTIFYING)}
_ENDS = ["source_a", "key_a", "source_b", "key_b"]
_SYSTEM = ["source", "known_as", "orders", "revenue", "events", "first_day", "last_day"]


class Example(NamedTuple):
    """One customer: `systems`, one row per record or system; `links`, one row per link; keys are masked."""

    customer_id: str
    systems: pd.DataFrame
    links: pd.DataFrame

    @property
    def message(self) -> Message:
        """Systems and records, orders and net revenue of all, orders of the record that has most."""
        orders, revenue = (self.systems.get(name, pd.Series([0])).fillna(0) for name in ("orders", "revenue"))
        whole, most = int(orders.sum()), int(orders.max())
        counts = {"systems": self.systems["source"].nunique(), "records": int(self.systems["known_as"].count())}
        key = f"integration.example{'_quiet' if not whole else '_all' if most == whole else ''}"
        return Message(key, counts | {"orders": whole, "most": most, "money": float(revenue.sum())})


def formats(frame: pd.DataFrame) -> dict[str, str]:
    """The formats of those columns that one of these tables has."""
    return {name: spec for name, spec in FORMATS.items() if name in frame}


def masked(key: str) -> str:
    """A number of which too little is shown to look somebody up, and enough to tell two apart.

    >>> masked("M200015"), masked("42")
    ('M2***15', '***')
    """
    shown = 2 if len(key) > 5 else 1
    return f"{key[:shown]}***{key[-shown:]}" if len(key) > 3 else "***"


def example(run: Any) -> Example | None:
    """The customer whom most systems know, linked by the most different rules; None where nothing links any records."""
    tables = "identities events links record_orders bridges proposed_internal customers"
    chosen = _query(run, "example.sql", tables).rows()
    if not chosen:
        return None
    customer_id = chosen[0][0]
    systems = _query(run, "systems.sql", "identities record_orders events", customer_id=customer_id).df()
    systems["known_as"] = systems["source_key"].map(masked, na_action="ignore")
    links = _with_masked_keys(explain(run, customer_id).links)[[*_ENDS, "rule", "probability"]]
    shown = (frame.dropna(axis="columns", how="all") for frame in (systems[_SYSTEM], links))
    return Example(customer_id, *shown)


def buyer_records(run: Any) -> pd.DataFrame:
    """One row per record with orders, internal customers left out: customer_no (0 to n - 1), orders, net."""
    return _query(run, "buyer_records.sql", "record_orders customers").df()


def links_by_rule(links: Table) -> pd.DataFrame:
    """One row per rule, the strongest first: ties, customers, customers linked by this rule alone (only_tie), mean
    probability (likely)."""
    ranks = links.engine.frame(pd.DataFrame({"rule": RULES, "rank": range(len(RULES))}))
    return links.engine.run(HERE / "links_by_rule.sql", links=links, ranks=ranks).df().dropna(axis="columns", how="all")


def by_similarity(links: Table) -> tuple[int, float]:
    """The links by similarity, and how many of them are wrong going by their own probabilities."""
    return links.engine.sql(_BY_SIMILARITY, params={"rule": PROBABILISTIC}, links=links).rows()[0]


def sizes(run: Any) -> pd.DataFrame:
    """One row per number of records that make a customer (size, as text; five stands for more): customers, orders,
    revenue, and each as a share."""
    return _query(run, "sizes.sql", "identities record_orders").df()


def bridges(run: Any) -> pd.DataFrame:
    """One row per doubtful link that alone holds a customer together, most revenue first; keys are masked."""
    frame = _with_masked_keys(_query(run, "bridges.sql", "bridges record_orders").df())
    return frame[["customer_id", *_ENDS, "probability", "orders", "revenue"]]


def bridges_message(bridges: pd.DataFrame) -> Message:
    """So many customers held together by one doubtful link, and their revenue."""
    each = bridges.drop_duplicates("customer_id")
    return Message("integration.doubtful", {"customers": len(each), "money": float(each["revenue"].sum())})


def survivors(conflicts: Table) -> pd.DataFrame:
    """One row per field on which records of one customer disagree: customers, the rule that chose, whose values were
    most often kept and most often set aside, how many values were set aside."""
    return conflicts.engine.run(HERE / "survivors.sql", conflicts=conflicts).df()


def id_changes(log: Table, *, as_of: date) -> dict[str, int]:
    """How many customers lost their id to another in the run of that day (merged) or lost records to a new one
    (divided), and the records that moved. `log` is the table `identity_log`."""
    counts = log.engine.sql(_ID_CHANGES, params={"as_of": as_of}, log=log).rows()[0]
    return dict(zip(("merged", "divided", "records"), counts, strict=True))


def proposed_internal(proposed: pd.DataFrame) -> pd.DataFrame:
    """The customers proposed as internal, most revenue first; keys are masked."""
    shown = proposed.assign(known_as=proposed["source_key"].map(masked), revenue=proposed["amount"].astype(float))
    columns = ["source", "known_as", "pattern", "found", "threshold", "orders", "revenue"]
    return shown.sort_values(["revenue", "customer_id"], ascending=[False, True])[columns].head(LIST)


def score_message(scores: pd.DataFrame) -> Message:
    """How good the sources are: several, one, or nothing but good ones."""
    key = "integration.quality.score" if len(scores) > 1 else "integration.score_one"
    is_full = (scores["score"] >= FULL).all()
    return Message("integration.score_full" if is_full else key, verdict(scores)._asdict())


def asks(checks: pd.DataFrame, columns: pd.DataFrame, most: int = LIST) -> pd.DataFrame:
    """What to ask the owners of the sources for, most money first, then the largest share: source, ask (a check),
    lacking (of the columns that the request is about and the source fills at times, the emptiest; null where there is
    none), its completeness, failed, held. `columns` is the table `quality`."""
    failed = checks[checks["failed"] > 0]
    failed = failed.assign(held=failed["money"].astype(float), ask=failed["check"])
    keys = {"by_money": failed["held"].abs().fillna(0.0), "by_share": failed["failed"] / failed["checked"]}
    ordered = failed.assign(**keys).sort_values([*keys, "source", "ask"], ascending=[False, False, True, True])
    requests = ordered.head(most).reset_index(drop=True)
    partly = columns[columns["completeness"].between(0, 1, inclusive="neither")]
    emptiest = []
    for row in requests.itertuples():
        is_about = partly["column"].isin(_ABOUT.get(row.ask, ())) | (row.ask == "gaps")
        worst = partly[(partly["source"] == row.source) & is_about].sort_values(["completeness", "table", "column"])
        emptiest.append((worst["column"].iloc[0], float(worst["completeness"].iloc[0])) if len(worst) else (None, None))
    requests[["lacking", "completeness"]] = pd.DataFrame(emptiest, columns=["lacking", "completeness"])
    return requests[["source", "ask", "lacking", "completeness", "failed", "held"]]


def ask_message(asks: pd.DataFrame) -> Message:
    """The first of `asks`."""
    first = asks.iloc[0]
    values = {name: first[name] for name in ("source", "ask", "lacking", "completeness")} | {"money": first["held"]}
    parts = ["integration.ask", *["field"] * bool(pd.notna(first["lacking"])), *["money"] * bool(first["held"] > 0)]
    return Message("_".join(parts), values)


def revenue_by_view(run: Any) -> tuple[Any, Any, Any]:
    """Net revenue as orders hold it, as records with what belongs to nobody hold it, and as the books of 01 hold it."""
    tables = {name: run.table(name) for name in ("orders", "record_orders", "reconciliation")}
    return run.engine.sql(_REVENUE, **tables).rows()[0]


def orphans(run: Any) -> int:
    """Customers with an order and without an identity: there must be none."""
    return run.engine.sql(_ORPHANS, orders=run.table("orders"), identities=run.table("identities")).scalar()


def _with_masked_keys(links: pd.DataFrame) -> pd.DataFrame:
    return links.assign(**{f"key_{side}": links[f"source_key_{side}"].map(masked) for side in "ab"})


def _query(run: Any, file: str, tables: str, **params: Any) -> Table:
    return run.engine.run(HERE / file, params=params or None, **{name: run.table(name) for name in tables.split()})


_BY_SIMILARITY = "select count(*), coalesce(sum(1 - probability), 0) from links where rule = $rule"
_ID_CHANGES = """
select
  count(distinct case when kind = 'merge' then old_id end), count(distinct case when kind = 'split' then old_id end),
  cast(coalesce(sum(records), 0) as bigint)
from log
where cast(as_of as date) = $as_of
"""
_ORPHANS = """
select count(distinct o.customer_id)
from orders as o
left join identities as i on i.customer_id = o.customer_id
where o.customer_id is not null and i.customer_id is null
"""
_REVENUE = """
with sold as (
  select customer_id, coalesce(amount, 0) as amount
  from orders
  where kind in ('purchase', 'redemption', 'deposit', 'return')
)
select
  coalesce((select sum(amount) from sold), 0) as orders,
  coalesce((select sum(net) from record_orders), 0)
    + coalesce((select sum(amount) from sold where customer_id is null), 0) as records,
  coalesce((select sum(net) from reconciliation where month is not null), 0) as books
"""
