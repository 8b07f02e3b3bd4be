"""Measures: what a profile counts, sums or averages per customer, compiled to one query over all of them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from playbook.profile import rules
from playbook.profile.bilingual import Words
from playbook.tables.engine import Engine, Table, identifier
from playbook.tables.nearest import nearest
from playbook.tables.schema import SOURCE_TABLES

#: What can be measured: the table behind a name, the customer's column, the day's column, and which rows count.
SUBJECTS = {
    "orders": ("orders", "customer_id", "ordered_at", "kind in ('purchase', 'redemption')"),
    "returns": ("orders", "customer_id", "ordered_at", "kind = 'return'"),
    "top_ups": ("orders", "customer_id", "ordered_at", "kind = 'top_up'"),
    "order_lines": ("dated_lines", "customer_id", "ordered_at", "kind in ('purchase', 'redemption')"),
    "events": ("events", "customer_id", "occurred_at", "true"),
    "feedback": ("feedback", "customer_id", "answered_at", "true"),
    "referrals": ("referrals", "referrer_id", "referred_at", "true"),
    "contracts": ("contracts", "customer_id", "started_on", "true"),
    "treatments": ("treatments", "customer_id", "treated_at", "true"),
}
ORDER_LINES = """select order_lines.*, orders.customer_id, orders.ordered_at, orders.kind, orders.channel
    from order_lines join orders on orders.order_id = order_lines.order_id"""

AGGREGATES = {
    "sum": "sum({0})",
    "mean": "avg({0})",
    "min": "min({0})",
    "max": "max({0})",
    "median": "median({0})",
    "distinct": "count(distinct {0})",
}


class Measure(BaseModel):
    """One figure per customer: an aggregate, what it is taken of, a filter, a window of days up to as_of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: str | None = None
    days_since: str | None = None
    sum: str | None = None
    mean: str | None = None
    min: str | None = None
    max: str | None = None
    median: str | None = None
    distinct: str | None = None
    of: str = "orders"
    name: Words | None = None
    where: str | None = None
    days: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_aggregate(self) -> "Measure":
        if len(self._asked()) != 1:
            raise ValueError(f"give one aggregate of {', '.join(_KINDS)}; found {self._asked() or 'none'}")
        return self

    @field_validator("count", "days_since", "of")
    @classmethod
    def _known_subject(cls, subject: str) -> str:
        if subject not in SUBJECTS:
            raise ValueError(f"'{subject}' cannot be measured; {nearest(subject, SUBJECTS)}")
        return subject

    @model_validator(mode="after")
    def _columns_are_known(self) -> "Measure":
        columns = _columns(self.subject)
        if self.kind in AGGREGATES:
            rules.parse(getattr(self, self.kind), columns)
        if self.where:
            rules.compile_rule(self.where, columns)
        return self

    @property
    def kind(self) -> Literal["count", "days_since", "sum", "mean", "min", "max", "median", "distinct"]:
        """Which aggregate it is."""
        return self._asked()[0]

    @property
    def subject(self) -> str:
        """What it is taken of."""
        return self.count or self.days_since or self.of

    def _asked(self) -> list[str]:
        return [kind for kind in _KINDS if getattr(self, kind) is not None]

    def sql(self) -> str:
        """The aggregate as SQL over the rows of one customer; `$as_of` is bound later."""
        day = f"cast({SUBJECTS[self.subject][2]} as date)"
        conditions = [f"date_diff('day', {day}, $as_of) < {self.days}"] if self.days else []
        conditions += [rules.compile_rule(self.where, _columns(self.subject))] if self.where else []
        only = f" filter (where {' and '.join(conditions)})" if conditions else ""
        return self._aggregate(day) + only

    def _aggregate(self, day: str) -> str:
        if self.kind == "count":
            return "count(*)"
        if self.kind == "days_since":
            return f"min(date_diff('day', {day}, $as_of))"
        tree = rules.parse(getattr(self, self.kind), _columns(self.subject))
        return AGGREGATES[self.kind].format(tree.sql(dialect="duckdb"))

    @property
    def empty(self) -> str:
        """What a customer without a single row has: 0 where there is nothing to count or add, else nothing."""
        return "0" if self.kind in {"count", "sum", "distinct"} else "null"


_KINDS = ("count", "days_since", *AGGREGATES)


def query(measures: dict[str, Measure]) -> str:
    """One query that gives every customer's measures; tables are bound by name, `$as_of` is its only value."""
    subjects = sorted({measure.subject for measure in measures.values()})
    chosen = {subject: {k: m for k, m in measures.items() if m.subject == subject} for subject in subjects}
    steps = [f"dated_lines as ({ORDER_LINES})"] if "order_lines" in subjects else []
    steps += [f"per_{subject} as ({_grouped(subject, chosen[subject])})" for subject in subjects]
    columns = [
        f"coalesce(per_{m.subject}.{identifier(key)}, {m.empty}) as {identifier(key)}" for key, m in measures.items()
    ]
    joins = [f"left join per_{s} on per_{s}.customer_id = customers.customer_id" for s in subjects]
    head = f"with {', '.join(steps)}\n" if steps else ""
    return f"{head}select {', '.join(['customers.customer_id', *columns])}\nfrom customers {' '.join(joins)}"


def measure(engine: Engine, measures: dict[str, Measure], *, as_of, **tables: Table) -> Table:
    """One row per customer with the profile's measures as columns, as known at the end of `as_of`."""
    return engine.sql(query(measures), params={"as_of": as_of} if measures else None, **tables)


def tables_needed(measures: dict[str, Measure]) -> list[str]:
    """The standard tables that a set of measures reads."""
    found = {SUBJECTS[measure.subject][0] for measure in measures.values()}
    lines = {"order_lines", "orders"} if "dated_lines" in found else set()
    return sorted(found - {"dated_lines"} | lines | {"customers"})


def _grouped(subject: str, measures: dict[str, Measure]) -> str:
    table, customer, day, counted = SUBJECTS[subject]
    columns = ", ".join(f"{measure.sql()} as {identifier(key)}" for key, measure in measures.items())
    known = f"cast({day} as date) <= $as_of and {customer} is not null"
    return f"select {customer} as customer_id, {columns} from {table} where {counted} and {known} group by {customer}"


def _columns(subject: str) -> list[str]:
    table = SUBJECTS[subject][0]
    if table == "dated_lines":
        return [*SOURCE_TABLES["order_lines"].names, "channel", "ordered_at", "kind"]
    return list(SOURCE_TABLES[table].names)
