"""Measures: what a profile counts, sums or averages per customer, compiled to one query over all of them."""

from datetime import date
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator

from playbook.profile import rules
from playbook.profile.parts import Part, Words, one_of
from playbook.tables.engine import Engine, Table, identifier
from playbook.tables.schema import SOURCE_TABLES


class Subject(NamedTuple):
    """What can be measured: its table, the columns of the customer and of the day, and which rows count."""

    table: str
    customer: str
    day: str
    counted: str = "true"

    @property
    def columns(self) -> tuple[str, ...]:
        """What a measure of it may speak of."""
        if self.table == "dated_lines":
            return (*SOURCE_TABLES["order_lines"].names, "channel", "ordered_at", "kind")
        return SOURCE_TABLES[self.table].names


SUBJECTS = {
    "orders": Subject("orders", "customer_id", "ordered_at", "kind in ('purchase', 'redemption')"),
    "returns": Subject("orders", "customer_id", "ordered_at", "kind = 'return'"),
    "top_ups": Subject("orders", "customer_id", "ordered_at", "kind = 'top_up'"),
    "order_lines": Subject("dated_lines", "customer_id", "ordered_at", "kind in ('purchase', 'redemption')"),
    "events": Subject("events", "customer_id", "occurred_at"),
    "feedback": Subject("feedback", "customer_id", "answered_at"),
    "referrals": Subject("referrals", "referrer_id", "referred_at"),
    "contracts": Subject("contracts", "customer_id", "started_on"),
    "treatments": Subject("treatments", "customer_id", "treated_at"),
}
ORDER_LINES = """select order_lines.*, orders.customer_id, orders.ordered_at, orders.kind, orders.channel
    from order_lines join orders on orders.order_id = order_lines.order_id"""

#: The aggregates, in SQL over a value and the day of a row.
AGGREGATES = {
    "count": "count(*)",
    "days_since": "min(date_diff('day', {day}, $as_of))",
    "sum": "sum({value})",
    "mean": "avg({value})",
    "min": "min({value})",
    "max": "max({value})",
    "median": "median({value})",
    "distinct": "count(distinct {value})",
}

SubjectName = Annotated[str, one_of(SUBJECTS, "'{}' cannot be measured")]


class Measure(Part):
    """One figure per customer: an aggregate, what it is taken of, a filter, a window of days up to as_of."""

    count: SubjectName | None = None
    days_since: SubjectName | None = None
    sum: str | None = None
    mean: str | None = None
    min: str | None = None
    max: str | None = None
    median: str | None = None
    distinct: str | None = None
    of: SubjectName = "orders"
    name: Words | None = None
    where: str | None = None
    days: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_aggregate_that_compiles(self) -> "Measure":
        asked = [kind for kind in AGGREGATES if getattr(self, kind) is not None]
        if len(asked) != 1:
            raise ValueError(f"give one aggregate of {', '.join(AGGREGATES)}; found {asked or 'none'}")
        self.sql()
        return self

    @property
    def kind(self) -> str:
        """Which of `AGGREGATES` it is."""
        return next(kind for kind in AGGREGATES if getattr(self, kind) is not None)

    @property
    def subject(self) -> str:
        """Which of `SUBJECTS` it is taken of."""
        return self.count or self.days_since or self.of

    def sql(self) -> str:
        """The aggregate as SQL over the rows of one customer; `$as_of` is bound later."""
        subject, kind = SUBJECTS[self.subject], self.kind
        day = f"cast({subject.day} as date)"
        conditions = [f"date_diff('day', {day}, $as_of) < {self.days}"] if self.days else []
        conditions += [rules.compile_rule(self.where, subject.columns)] if self.where else []
        only = f" filter (where {' and '.join(conditions)})" if conditions else ""
        is_of_value = kind not in ("count", "days_since")
        value = rules.parse(getattr(self, kind), subject.columns).sql(dialect="duckdb") if is_of_value else ""
        return AGGREGATES[kind].format(day=day, value=value) + only

    @property
    def empty(self) -> str:
        """What a customer without a single row has: 0 where there is nothing to count or add, else nothing."""
        return "0" if self.kind in {"count", "sum", "distinct"} else "null"


def query(measures: dict[str, Measure]) -> str:
    """One query that gives every customer's measures; tables are bound by name, `$as_of` is its only value."""
    names = sorted({measure.subject for measure in measures.values()})
    steps = [f"dated_lines as ({ORDER_LINES})"] if "order_lines" in names else []
    for name in names:
        table, customer, day, counted = SUBJECTS[name]
        aggregates = [f"{m.sql()} as {identifier(key)}" for key, m in measures.items() if m.subject == name]
        steps.append(
            f"per_{name} as (select {customer} as customer_id, {', '.join(aggregates)} from {table} where {counted}"
            f" and cast({day} as date) <= $as_of and {customer} is not null group by {customer})"
        )
    columns = ["customers.customer_id"] + [
        f"coalesce(per_{m.subject}.{identifier(key)}, {m.empty}) as {identifier(key)}" for key, m in measures.items()
    ]
    joins = [f"left join per_{name} on per_{name}.customer_id = customers.customer_id" for name in names]
    head = f"with {', '.join(steps)}\n" if steps else ""
    return f"{head}select {', '.join(columns)}\nfrom customers {' '.join(joins)}"


def measure(engine: Engine, measures: dict[str, Measure], *, as_of: date, **tables: Table) -> Table:
    """One row per customer with the profile's measures as columns, as known at the end of `as_of`.

    `tables` are those of `tables_needed`, by name.
    """
    return engine.sql(query(measures), params={"as_of": as_of} if measures else None, **tables)


def tables_needed(measures: dict[str, Measure]) -> list[str]:
    """The standard tables that a set of measures reads."""
    tables = {SUBJECTS[measure.subject].table for measure in measures.values()} | {"customers"}
    return sorted(tables - {"dated_lines"} | ({"order_lines", "orders"} if "dated_lines" in tables else set()))
