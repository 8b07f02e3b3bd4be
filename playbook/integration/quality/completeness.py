"""How good the sources are: what was repaired, how full and how valid each column is, what may mislead."""

from pathlib import Path

import pandas as pd

from playbook.integration.ingest.reading import ReadFile, Reading
from playbook.integration.ingest.row_status import Accepted
from playbook.tables.engine import Engine, Table, identifier

HERE = Path(__file__).parent

#: Columns whose identical rows would carry money.
_MONEY = {"orders": "amount", "order_lines": "amount", "costs": "amount", "contracts": "amount"}


def repairs(engine: Engine, reading: Reading) -> pd.DataFrame:
    """One row per file, column and kind of repair: file_no, column, repair, values."""
    whole = [(f.number, "*", repair, f.raw.rows) for f in reading.files for repair in f.raw.repairs]
    found = [_split(row) for table in reading.staged.values() for row in engine.sql(_REPAIRED, rows=table).rows()]
    frame = pd.DataFrame([*whole, *(part for parts in found for part in parts)], columns=_REPAIR_COLUMNS)
    return frame.groupby(_REPAIR_COLUMNS[:3], as_index=False)["values"].sum()


def quality(engine: Engine, reading: Reading, accepted: Accepted) -> pd.DataFrame:
    """One row per source, table and mapped column: rows, filled, invalid, completeness, validity, and, of what should
    identify a customer, uniqueness: the share of its values that one record alone has."""
    parts = [_filled(engine, file, accepted.rows[file.spec.table]) for file in reading.files]
    names = {file.number: (file.spec.source, file.spec.table) for file in reading.files}
    invalid = engine.sql(_INVALID, problems=reading.problems).df()
    frame = pd.concat(parts, ignore_index=True).merge(invalid, how="left", on=["file_no", "column"])
    frame["source"], frame["table"] = zip(*frame.file_no.map(names), strict=True)
    frame = frame.fillna({"invalid": 0}).groupby(["source", "table", "column"], as_index=False)[_COUNTS].sum()
    frame = frame.merge(_alone(engine, accepted), how="left", on=["source", "table", "column"])
    shares = {"completeness": (frame.filled, frame.rows), "validity": (frame.filled, frame.filled + frame.invalid)}
    shares |= {"uniqueness": (frame.alone.where(frame.alone >= 0), frame.filled)}
    return frame.assign(**{name: _share(*counts) for name, counts in shares.items()}).drop(columns="alone")


def identical(engine: Engine, reading: Reading, accepted: Accepted) -> pd.DataFrame:
    """One row per file with identical rows that were kept: source, file, rows beyond the first of each, their money."""
    labels = {file.number: file.located.label for file in reading.files}
    sources = {file.number: file.spec.source for file in reading.files}
    parts = [_identical(engine, name, rows) for name, rows in accepted.rows.items()]
    frame = pd.concat(parts, ignore_index=True)
    named = frame.assign(file=frame.file_no.map(labels), source=frame.file_no.map(sources))
    return named[["source", "file", "rows", "money"]]


def _alone(engine: Engine, accepted: Accepted) -> pd.DataFrame:
    """Of the columns that should identify a customer, how many values stand in one record alone."""
    parts = [pd.DataFrame({"source": [], "table": [], "column": [], "alone": []}).astype({"alone": "float64"})]
    for column in _IDENTIFYING if "customers" in accepted.rows else ():
        found = engine.sql(_ALONE.format(identifier(column)), rows=accepted.rows["customers"]).df()
        parts.append(found.assign(table="customers", column=column))
    return pd.concat(parts, ignore_index=True)


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Null where there is nothing to have a share of."""
    return part / whole.where(whole > 0)


def _identical(engine: Engine, name: str, rows: Table) -> pd.DataFrame:
    kept = engine.sql(
        f"select file_no, same, {_MONEY.get(name, 'cast(null as decimal(18, 2))')} as money from rows", rows=rows
    )
    return engine.run(HERE / "identical.sql", kept=kept).df()


def _split(row: tuple) -> list[tuple]:
    """`amount=currency_sign;phone=placeholder` of so many rows as one entry for each."""
    file_no, repair, rows = row
    pairs = [part.split("=") for part in repair.split(";")]
    return [(file_no, column, code, rows) for column, code in pairs]


def _filled(engine: Engine, file: ReadFile, rows: Table) -> pd.DataFrame:
    names = [column.name for column in file.mapping.columns]
    counts = ", ".join(f"count({identifier(name)})" for name in names)
    total, *filled = engine.sql(f"select count(*), {counts} from rows where file_no = {file.number}", rows=rows).rows()[
        0
    ]
    return pd.DataFrame({"file_no": file.number, "column": names, "rows": total, "filled": filled})


_IDENTIFYING = ("phone", "email", "member_card", "openid")
_ALONE = """
select source, sum(case when records = 1 then 1 else 0 end) as alone
from (select source, {0} as value, count(*) as records from rows where {0} is not null group by source, {0}) as held
group by source
"""
_COUNTS = ["rows", "filled", "invalid"]
_REPAIR_COLUMNS = ["file_no", "column", "repair", "values"]
_REPAIRED = (
    "select file_no, repair, count(*) from rows where repair <> '' and excluded is null group by file_no, repair"
)
_INVALID = """
select file_no, name as column, count(*) as invalid
from problems
where reason not in ('missing', 'placeholder_key')
group by file_no, name
"""
