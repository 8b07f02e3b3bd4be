"""What looks wrong in rows that were accepted: amounts out of all proportion, rounded numbers, shared keys."""

from collections.abc import Iterator
from pathlib import Path

from playbook.integration.ingest.reading import Reading
from playbook.integration.ingest.row_status import Accepted
from playbook.integration.quality.flags import Flag
from playbook.tables.engine import Engine, Table, identifier

HERE = Path(__file__).parent

#: An order above so many times the median of its source is out of all proportion.
OUTLIER = 1000
#: Months of a source with fewer orders than this are not compared.
ENOUGH_ORDERS = 10


def suspicions(engine: Engine, reading: Reading, accepted: Accepted, orders: Table) -> Iterator[Flag]:
    """Flags on accepted rows, in a fixed order: table by table, then file and column."""
    yield from _amounts(engine, orders)
    for name, rows in accepted.rows.items():
        yield from _rounded(engine, reading, name, rows)
    for name, rows in accepted.rows.items():
        yield from _shared(engine, reading, name, rows)


def _amounts(engine: Engine, orders: Table) -> Iterator[Flag]:
    options = {"outlier": OUTLIER, "enough": ENOUGH_ORDERS}
    for source, count, largest, median in engine.run(
        HERE / "outliers.sql", params={"outlier": options["outlier"]}, orders=orders
    ).rows():
        values = {"source": source, "orders": count, "largest": float(largest), "median": float(median)}
        yield Flag("integration.flag.outliers", values)
    for source, month, before, after in engine.run(
        HERE / "jumps.sql", params={"enough": options["enough"]}, orders=orders
    ).rows():
        values = {"source": source, "month": month, "before": float(before), "after": float(after)}
        yield Flag("integration.flag.jump", values)
    larger, excess = engine.sql(_LARGER, orders=orders).rows()[0]
    if larger:
        yield Flag("integration.flag.return_larger", {"orders": larger, "money": float(excess)})


def _rounded(engine: Engine, reading: Reading, table: str, rows: Table) -> Iterator[Flag]:
    """Long numbers whose last digits are zeros: a spreadsheet keeps fifteen."""
    mine = [file for file in reading.files if file.spec.table == table]
    names = sorted({column.name for file in mine for column in file.mapping.columns if column.kind == "id"})
    labels = {file.number: file.located.label for file in mine}
    for name in names:
        for file_no, rounded in engine.sql(_ROUNDED.format(identifier(name)), rows=rows).rows():
            column = next(file for file in mine if file.number == file_no).mapping.column(name)
            values = {"file": labels[file_no], "column": column.expression.label, "rows": rounded}
            yield Flag("integration.flag.rounded_ids", values)


def _shared(engine: Engine, reading: Reading, table: str, rows: Table) -> Iterator[Flag]:
    """Keys of one source under which people with names that have nothing in common appear."""
    mapped = {c.name for file in reading.files if file.spec.table == table for c in file.mapping.columns}
    if {"customer_key", "name"} <= mapped:
        for source, keys in engine.sql(_SHARED, rows=rows).rows():
            yield Flag("integration.flag.shared_key", {"source": source, "keys": keys})


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
