"""For the rooms that have not taken up `Message` yet."""

from datetime import date
from typing import Any, NamedTuple

from playbook.rfm.messages import headline
from playbook.tables.engine import Table
from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of

__all__ = ["Finding", "counted", "headline", "say"]


def counted(orders: Table, *, as_of: date) -> Table:
    """The purchases as customer_id, day, purchases (1 or 0), amount; internal customers included."""
    nobody = orders.engine.empty(schema_of("customers"))
    if "channel" not in orders.columns:
        orders = orders.engine.sql("select *, cast(null as varchar) as channel from orders", orders=orders)
    text = "select customer_id, day, case when kind = 'purchase' then 1 else 0 end as purchases, amount from purchases"
    return orders.engine.sql(text, purchases=purchases(orders, nobody, as_of=as_of, internal=True))


class Finding(NamedTuple):
    """A sentence: its text key, how many it rests on, its values, and what they are that it rests on."""

    key: str
    n: int
    values: dict[str, Any]
    of: str = "customer"


def say(run, finding: Finding, **evidence: Any) -> None:
    """Say a finding in the notebook and the report."""
    run.takeaway(finding.key, n=finding.n, of=finding.of, **finding.values, **evidence)
