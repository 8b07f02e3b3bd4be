"""Anomaly checks of accepted rows: amounts out of all proportion, rounded numbers, shared keys."""

from collections.abc import Iterator
from pathlib import Path

from playbook.integration.ingest.reading import Reading
from playbook.integration.ingest.row_status import Accepted
from playbook.report.message import Message
from playbook.tables.engine import Engine, Table, identifier

HERE = Path(__file__).parent

#: An order above so many times the median of its source is out of all proportion.
OUTLIER = 1000
#: Months of a source with fewer orders than this are not compared.
ENOUGH_ORDERS = 10


def anomalies(engine: Engine, reading: Reading, accepted: Accepted, orders: Table) -> Iterator[Message]:
    """Warnings of accepted rows, in a fixed order: amounts of `orders`, then table by table, file and column."""
    yield from _amounts(engine, orders)
    for table, rows in accepted.rows.items():
        yield from _rounded(engine, reading, table, rows)
    for table, rows in accepted.rows.items():
        mapped = {c.name for file in reading.files if file.spec.table == table for c in file.mapping.columns}
        if {"customer_key", "name"} <= mapped:
            for source, keys in engine.sql(_SHARED, rows=rows).rows():
                yield Message("integration.flag.shared_key", {"source": source, "keys": keys})


def _amounts(engine: Engine, orders: Table) -> Iterator[Message]:
    outliers = engine.run(HERE / "outliers.sql", params={"outlier": OUTLIER}, orders=orders).rows()
    for source, count, largest, median in outliers:
        values = {"source": source, "orders": count, "largest": float(largest), "median": float(median)}
        yield Message("integration.flag.outliers", values)
    jumps = engine.run(HERE / "jumps.sql", params={"enough": ENOUGH_ORDERS}, orders=orders).rows()
    for source, month, before, after in jumps:
        values = {"source": source, "month": month, "before": float(before), "after": float(after)}
        yield Message("integration.flag.jump", values)
    larger, excess = engine.sql(_LARGER, orders=orders).rows()[0]
    if larger:
        yield Message("integration.flag.return_larger", {"orders": larger, "money": float(excess)})


def _rounded(engine: Engine, reading: Reading, table: str, rows: Table) -> Iterator[Message]:
    """Long numbers whose last digits are zeros: a spreadsheet keeps fifteen."""
    files = {file.number: file for file in reading.files if file.spec.table == table}
    names = sorted({column.name for file in files.values() for column in file.mapping.columns if column.kind == "id"})
    for name in names:
        for file_no, rounded in engine.sql(_ROUNDED.format(identifier(name)), rows=rows).rows():
            column = files[file_no].mapping.column(name)
            values = {"file": files[file_no].located.label, "column": column.expression.label, "rows": rounded}
            yield Message("integration.flag.rounded_ids", values)


_ROUNDED = """
with long as (
  select file_no, {0} as id, strlen({0}) as digits
  from rows
  where strlen({0}) between 16 and 25
),
judged as (
  select
    file_no,
    regexp_full_match(id, '[1-9][0-9]+') and right(id, digits - 15) = repeat('0', digits - 15) as is_rounded
  from long
)
select file_no, count(*) filter (is_rounded)
from judged
group by file_no
having 2 * count(*) filter (is_rounded) > count(*) and count(*) filter (is_rounded) > 0
order by file_no
"""
_SHARED = """
with named as (
  select source, customer_key, min(name) as first, max(name) as last
  from rows
  where customer_key is not null and name is not null and holder = customer_key
  group by source, customer_key
)
select source, count(*)
from named
where left(first, 1) <> left(last, 1) and right(first, 1) <> right(last, 1)
group by source
order by source
"""
_LARGER = """
with returned as (
  select related_order_id as order_id, sum(-amount) as amount
  from orders
  where kind = 'return' and related_order_id is not null
  group by related_order_id
)
select count(*), sum(r.amount - o.amount)
from orders as o
join returned as r on r.order_id = o.order_id
where o.kind <> 'return' and r.amount > o.amount + 0.01
"""
