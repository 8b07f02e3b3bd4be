"""How good the sources are: what was repaired, how full and how valid each column is, what may mislead."""

from pathlib import Path

import pandas as pd

from playbook.integration.ingest.reading import Reading
from playbook.integration.ingest.row_status import Accepted
from playbook.tables.engine import Engine, identifier

HERE = Path(__file__).parent

#: Columns that only few rows can fill: a gap in them is none.
RARELY_FILLED = ("related_order_id", "discount", "cost")
#: Columns whose identical rows would carry money.
_MONEY = {"orders": "amount", "order_lines": "amount", "costs": "amount", "contracts": "amount"}
#: Columns of customers that should each be one customer's.
_IDENTIFYING = ("phone", "email", "member_card", "openid")


def repairs(engine: Engine, reading: Reading) -> pd.DataFrame:
    """One row per file, column and kind of repair: file_no, column, repair, values.

    A row of staged data has its repairs as `amount=currency_sign;phone=placeholder`.
    """
    rows = [(file.number, "*", repair, file.raw.rows) for file in reading.files for repair in file.raw.repairs]
    for table in reading.staged.values():
        for file_no, repaired, count in engine.sql(_REPAIRED, rows=table).rows():
            rows += [(file_no, *part.split("="), count) for part in repaired.split(";")]
    columns = ["file_no", "column", "repair"]
    return pd.DataFrame(rows, columns=[*columns, "values"]).groupby(columns, as_index=False)["values"].sum()


def column_quality(engine: Engine, reading: Reading, accepted: Accepted) -> pd.DataFrame:
    """One row per source, table and mapped column: rows, filled, invalid, completeness, validity, and, of what should
    identify a customer, uniqueness: the share of its values that one record alone has. A share of nothing is null."""
    names, counts = ["source", "table", "column"], ["rows", "filled", "invalid"]
    parts = []
    for file in reading.files:
        columns = [column.name for column in file.mapping.columns]
        filled = ", ".join(f"count({identifier(name)})" for name in columns)
        text = f"select count(*), {filled} from rows where file_no = {file.number}"
        total, *filled = engine.sql(text, rows=accepted.rows[file.spec.table]).rows()[0]
        whose = {"file_no": file.number, "source": file.spec.source, "table": file.spec.table}
        parts.append(pd.DataFrame({"column": columns, "rows": total, "filled": filled}).assign(**whose))
    invalid = engine.sql(_INVALID, problems=reading.problems).df()
    frame = pd.concat(parts, ignore_index=True).merge(invalid, how="left", on=["file_no", "column"])
    frame = frame.fillna({"invalid": 0}).groupby(names, as_index=False)[counts].sum()

    alone = [pd.DataFrame({name: [] for name in (*names, "alone")}).astype({"alone": "float64"})]
    for column in _IDENTIFYING if "customers" in accepted.rows else ():
        of_source = engine.sql(_ALONE.format(identifier(column)), rows=accepted.rows["customers"]).df()
        alone.append(of_source.assign(table="customers", column=column))
    frame = frame.merge(pd.concat(alone, ignore_index=True), how="left", on=names)
    valid = frame.filled + frame.invalid
    return frame.assign(
        completeness=frame.filled / frame.rows.where(frame.rows > 0),
        validity=frame.filled / valid.where(valid > 0),
        uniqueness=frame.alone / frame.filled.where(frame.filled > 0),
    ).drop(columns="alone")


def identical_rows(engine: Engine, reading: Reading, accepted: Accepted) -> pd.DataFrame:
    """One row per file with identical rows that were kept: source, file, rows beyond the first of each, their money."""
    parts = []
    for name, rows in accepted.rows.items():
        money = _MONEY.get(name, "cast(null as decimal(18, 2))")
        kept = engine.sql(f"select file_no, same, {money} as money from rows", rows=rows)
        parts.append(engine.run(HERE / "identical.sql", kept=kept).df())
    frame = pd.concat(parts, ignore_index=True)
    labels = {file.number: file.located.label for file in reading.files}
    sources = {file.number: file.spec.source for file in reading.files}
    named = frame.assign(file=frame.file_no.map(labels), source=frame.file_no.map(sources))
    return named[["source", "file", "rows", "money"]]


_ALONE = """
select source, sum(case when records = 1 then 1 else 0 end) as alone
from (select source, {0} as value, count(*) as records from rows where {0} is not null group by source, {0}) as counted
group by source
"""
_REPAIRED = (
    "select file_no, repair, count(*) from rows where repair <> '' and excluded is null group by file_no, repair"
)
_INVALID = """
select file_no, name as column, count(*) as invalid
from problems
where reason not in ('missing', 'placeholder_key')
group by file_no, name
"""
