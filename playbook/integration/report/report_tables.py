"""How linking is shown: one customer and its ties, what ties records, what a person must settle or ask for."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.linkage.clusters import PROBABILISTIC, RULES
from playbook.tables.engine import Table

HERE = Path(__file__).parent
LIST = 8
#: A score that a reader sees as 100 has no worst part to speak of.
FULL = 99.95
#: How the columns of the story are written, wherever they are shown.
FORMATS = {
    "ask": "ask", "mistake": "mistake", "pattern": "pattern", "rule": "rule", "survival": "survival", "way": "way",
    "conflict_field": "name column", "lacking": "name column", "kept_from": "name source",
    "set_aside_from": "name source", "source_a": "name source", "source_b": "name source",
    "held": "money", "revenue": "money", "revenue_per_buyer": "money",
    "hit": "pct0", "orders": "int", "events": "int", "orders_per_buyer": "num1",
    "best_share": "pct", "completeness": "pct", "customers_share": "pct", "likely": "pct", "misjudged": "pct",
    "probability": "pct", "repeat_rate": "pct", "revenue_share": "pct",
}  # fmt: skip


class Example(NamedTuple):
    """One customer: `systems`, one row per record or system; `ties`, one row per tie; keys are masked."""

    customer_id: str
    systems: pd.DataFrame
    ties: pd.DataFrame

    @property
    def told(self) -> dict[str, Any]:
        """Systems and records, orders and net revenue of all, orders of the record that has most."""
        orders, revenue = (self.systems.get(name, pd.Series([0])).fillna(0) for name in ("orders", "revenue"))
        sums = {"orders": int(orders.sum()), "most": int(orders.max()), "money": float(revenue.sum())}
        return {"systems": self.systems["source"].nunique(), "records": int(self.systems["known_as"].count())} | sums


def formats(frame: pd.DataFrame) -> dict[str, str]:
    """The formats of those columns that a table of the story has."""
    return {name: spec for name, spec in FORMATS.items() if name in frame}


def example(run: Any) -> Example | None:
    """The customer whom most systems know, tied by the most different rules; None where nothing ties any records."""
    from playbook.integration.report.explain import explain

    chosen = _query(run, "story_example.sql", _CHOOSING).rows()
    if not chosen:
        return None
    customer_id = chosen[0][0]
    systems = _query(run, "story_systems.sql", "identities record_orders events", customer_id=customer_id).df()
    systems["known_as"] = systems["source_key"].map(masked, na_action="ignore")
    ties_ = _masked_ties(explain(run, customer_id).ties)[_TIE]
    return Example(customer_id, _without_empty(systems[_SYSTEM]), _without_empty(ties_))


def told_of(found: Example) -> str:
    """The text for the example: without orders, all of them in one record, or spread over several."""
    orders, most = found.told["orders"], found.told["most"]
    return f"integration.example{'_quiet' if not orders else '_all' if most == orders else ''}"


def masked(key: str) -> str:
    """A number of which too little is shown to look somebody up, and enough to tell two apart: M2***15."""
    shown = 2 if len(key) > 5 else 1
    return f"{key[:shown]}***{key[-shown:]}" if len(key) > 3 else "***"


def counted(run: Any) -> pd.DataFrame:
    """One row per record with orders, internal customers left out: customer_no (0 to n - 1), orders, net."""
    return _query(run, "story_counted.sql", "record_orders customers").df()


def ties(links: pd.DataFrame) -> pd.DataFrame:
    """One row per rule, the strongest first: ties, customers, customers tied by this rule alone, mean probability."""
    only = links[links.groupby("customer_id")["rule"].transform("nunique") == 1]
    counts = {"ties": ("rule", "size"), "customers": ("customer_id", "nunique"), "likely": ("probability", "mean")}
    grouped = links.groupby("rule").agg(**counts).assign(only_tie=only.groupby("rule")["customer_id"].nunique())
    ordered = grouped.fillna({"only_tie": 0}).reindex([rule for rule in RULES if rule in grouped.index])
    whole = ordered.reset_index().astype({"only_tie": int})
    return _without_empty(whole[["rule", "ties", "customers", "only_tie", "likely"]])


def likeness(links: pd.DataFrame) -> tuple[int, float]:
    """The ties by likeness, and how many of them are wrong going by their own probabilities."""
    likely = links[links["rule"] == PROBABILISTIC]["probability"]
    return len(likely), float((1 - likely).sum())


def sizes(run: Any) -> pd.DataFrame:
    """One row per number of records that make a customer (size, as text; five stands for more): customers, orders,
    revenue, and each as a share."""
    frame = _query(run, "story_sizes.sql", "identities record_orders").df()
    whole = frame[["customers", "revenue"]].astype(float).sum()
    frame["customers_share"] = _shares(frame["customers"], whole["customers"])
    frame["revenue_share"] = _shares(frame["revenue"].astype(float), whole["revenue"])
    return frame.assign(size=frame["size"].map(lambda size: "5+" if size == 5 else str(size)))


def single(sized: pd.DataFrame) -> float:
    """The share of customers with one record only, of `sizes`."""
    return float(sized[sized["size"] == "1"]["customers_share"].sum())


def doubts(run: Any) -> pd.DataFrame:
    """One row per doubtful tie that alone holds a customer together, most revenue first; keys are masked."""
    found = _masked_ties(_query(run, "story_doubts.sql", "weak_links record_orders").df())
    return found[["customer_id", *_ENDS, "probability", "orders", "revenue"]]


def doubted(found: pd.DataFrame) -> dict[str, float]:
    """`doubts` in values for a sentence: so many customers, and their revenue."""
    each = found.drop_duplicates("customer_id")
    return {"customers": len(each), "money": float(each["revenue"].sum())}


def kept(conflicts: pd.DataFrame) -> pd.DataFrame:
    """One row per field on which records of one customer disagree: customers, the rule that chose, whose values were
    most often kept and most often set aside, how many values were set aside."""
    grouped = conflicts.groupby("field")
    frame = grouped.agg(customers=("customer_id", "nunique"), survival=("rule", "first")).reset_index()
    for name, survives in (("kept_from", True), ("set_aside_from", False)):
        part = conflicts[conflicts["survives"] == survives]
        frame[name] = frame["field"].map(part.groupby("field")["source"].agg(_most_frequent))
    lost = conflicts[~conflicts["survives"].astype(bool)].groupby("field").size()
    frame["set_aside"] = frame["field"].map(lost).fillna(0).astype(int)
    ordered = frame.sort_values(["customers", "field"], ascending=[False, True], ignore_index=True)
    return ordered.rename(columns={"field": "conflict_field"})


def moved(log: pd.DataFrame, *, as_of: date) -> dict[str, int]:
    """How many customers lost their id to another in the run of that day (merged) or lost records to a new one
    (divided), and the records that moved. `log` is the table `identity_log`."""
    now = log[pd.to_datetime(log["as_of"]) == pd.Timestamp(as_of)]
    counts = {name: now[now["kind"] == kind]["old_id"].nunique() for name, kind in _KINDS.items()}
    return counts | {"records": int(now["records"].sum())}


def proposed(found: pd.DataFrame) -> pd.DataFrame:
    """The customers proposed as internal, most revenue first; keys are masked."""
    shown = found.assign(known_as=found["source_key"].map(masked), revenue=found["amount"].astype(float))
    columns = ["source", "known_as", "pattern", "found", "threshold", "orders", "revenue"]
    return shown.sort_values(["revenue", "customer_id"], ascending=[False, True])[columns].head(LIST)


def scored(scores: pd.DataFrame) -> str:
    """The text that says how good the sources are: of several, of one, or of nothing but good ones."""
    if (scores["score"] >= FULL).all():
        return "integration.score_full"
    return "integration.quality.score" if len(scores) > 1 else "integration.score_one"


def asks(checks: pd.DataFrame, columns: pd.DataFrame, most: int = LIST) -> pd.DataFrame:
    """What to ask the owners of the sources for, most money first, then the largest share: source, ask (a check),
    lacking (of the columns that the request is about and the source fills at times, the emptiest; null where there is
    none), its completeness, failed, held. `columns` is the table `quality`."""
    failed = checks[checks["failed"] > 0]
    held = failed["money"].astype(float)
    keys = {"by_money": held.abs().fillna(0.0), "by_share": failed["failed"] / failed["checked"]}
    ordered = failed.assign(held=held, ask=failed["check"], **keys)
    by = [*keys, "source", "ask"]
    found = ordered.sort_values(by, ascending=[False, False, True, True]).head(most).reset_index(drop=True)
    emptiest = [_emptiest(columns, row.source, row.ask) for row in found.itertuples()]
    found[["lacking", "completeness"]] = pd.DataFrame(emptiest, columns=["lacking", "completeness"])
    return found[["source", "ask", "lacking", "completeness", "failed", "held"]]


def first_asked(found: pd.DataFrame) -> tuple[str, dict[str, Any]]:
    """The first of `asks` as a text and its values."""
    first = found.iloc[0]
    values = {name: first[name] for name in ("source", "ask", "lacking", "completeness")} | {"money": first["held"]}
    parts = ["integration.ask", *["field"] * bool(pd.notna(first["lacking"])), *["money"] * bool(first["held"] > 0)]
    return "_".join(parts), values


def _emptiest(columns: pd.DataFrame, source: str, check: str) -> tuple[str | None, float | None]:
    wanted = columns[(columns["source"] == source) & columns["completeness"].between(0, 1, inclusive="neither")]
    if check != "gaps":
        wanted = wanted[wanted["column"].isin(_ABOUT.get(check, ()))]
    worst = wanted.sort_values(["completeness", "table", "column"]).head(1)
    return (worst["column"].iloc[0], float(worst["completeness"].iloc[0])) if len(worst) else (None, None)


def money_held(run: Any) -> tuple[Any, Any, Any]:
    """Net revenue as orders hold it, as records with what belongs to nobody hold it, and as the books of 01 hold it."""
    names = ("orders", "record_orders", "reconciliation")
    tables = {name: run.table(name) for name in names}
    return run.engine.sql(_HELD, **tables).rows()[0]


def strangers(run: Any) -> int:
    """Customers with an order and without an identity: there must be none."""
    return run.engine.sql(_STRANGERS, orders=run.table("orders"), identities=run.table("identities")).scalar()


def _most_frequent(values: pd.Series) -> str:
    counts = values.value_counts()
    return min(counts.index[counts == counts.max()])


def _masked_ties(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(**{f"key_{side}": found[f"source_key_{side}"].map(masked) for side in "ab"})


def _without_empty(frame: pd.DataFrame) -> pd.DataFrame:
    """Only the columns that say anything."""
    return frame.dropna(axis="columns", how="all")


def _query(run: Any, file: str, tables: str, **params: Any) -> Table:
    given = {name: run.table(name) for name in tables.split()}
    return run.engine.run(HERE / file, params=params or None, **given)


def _shares(part: pd.Series, whole: float) -> pd.Series:
    return part / whole if whole else part * 0.0


_CHOOSING = "identities events links record_orders weak_links proposed_internal customers"
_IDENTIFYING = ("phone", "email", "member_card", "openid", "unionid", "credit_code")
_ABOUT = {"unlinked": _IDENTIFYING, "anonymous": ("customer_key", *_IDENTIFYING)}
_KINDS = {"merged": "merge", "divided": "split"}
_ENDS = ["source_a", "key_a", "source_b", "key_b"]
_TIE = [*_ENDS, "rule", "probability"]
_SYSTEM = ["source", "known_as", "orders", "revenue", "events", "first_day", "last_day"]
_STRANGERS = """
select count(distinct o.customer_id)
from orders as o
left join identities as i on i.customer_id = o.customer_id
where o.customer_id is not null and i.customer_id is null
"""
_HELD = """
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
