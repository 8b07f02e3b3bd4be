"""What became of every row: accepted, quarantined, duplicate, future_dated or excluded; the counts add up per file."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.integration.ingest.reading import ReadFile, Reading
from playbook.integration.sources.locate import SourcesError
from playbook.tables.engine import Engine, Table

HERE = Path(__file__).parent
#: How many rows of a file are joined with their status at once.
SLICE = 2_000_000
STATUSES = ("accepted", "quarantined", "duplicate", "future_dated", "excluded")


class Accepted(NamedTuple):
    """The status of all rows by table (file_no, row_no, occurrence, status, reason), the rows accepted, the counts."""

    statuses: dict[str, Table]
    rows: dict[str, Table]
    counts: pd.DataFrame


def file_table(engine: Engine, files: list[ReadFile]) -> Table:
    """One row per file: its number and name, how it was declared, and how many rows it has."""
    described = []
    for file in files:
        spec, key = file.spec, file.mapping.column("customer_key")
        described.append({
            "file_no": file.number,
            "source": spec.source,
            "key_source": spec.numbering,
            "file": file.located.label,
            "table": spec.table,
            "encoding": file.raw.encoding,
            "rows": file.raw.rows,
            "rejected": len(file.raw.rejects),
            "carries_orders": spec.carries_orders,
            "private_keys": bool(key and file.mapping.is_personal(key.expression)),
        })  # fmt: skip
    return engine.frame(pd.DataFrame(described).astype({"encoding": "str"}))


def accept(engine: Engine, reading: Reading, files: Table, *, as_of: date) -> Accepted:
    """Decide on every row up to a day. Raises `SourcesError` where the five counts of a file do not add up."""
    statuses = {name: _statuses(engine, name, reading, files, as_of) for name in reading.staged}
    if "order_lines" in statuses:
        statuses["order_lines"] = _of_lines(engine, reading, files, statuses)
    rows = {name: _accepted(engine, reading.staged[name], statuses[name], files) for name in statuses}
    return Accepted(statuses, rows, _counts(engine, reading.files, statuses))


def quarantined(engine: Engine, reading: Reading, accepted: Accepted, files: Table) -> Table:
    """Every rejected value: rows that do not fit, values that cannot be typed, records that contradict themselves."""
    statuses = " union all ".join(
        f"select file_no, row_no, status, reason from {table.name}" for table in accepted.statuses.values()
    )
    rejects = pd.DataFrame(
        [(file.number, *reject) for file in reading.files for reject in file.raw.rejects],
        columns=["file_no", "row_no", "value", "reason"],
    ).astype({"file_no": "int64", "row_no": "int64", "value": "str", "reason": "str"})
    tables = {"problems": reading.problems, "rejects": engine.frame(rejects), "files": files}
    return engine.run(HERE / "quarantine.sql", row_status=engine.sql(statuses), **tables)


def _statuses(engine: Engine, name: str, reading: Reading, files: Table, as_of: date) -> Table:
    mine = [file for file in reading.files if file.spec.table == name]
    mapped = {column.name for file in mine for column in file.mapping.columns}
    has_keys = name in ("customers", "orders", "treatments", "contracts") and not mapped.isdisjoint(
        ("order_id", "customer_key", "contract_id")
    )
    if len(mine) == 1 and not has_keys and "line" not in mapped:
        query, tables = "row_status_once.sql", {"staged": reading.staged[name]}
    else:
        query, tables = "row_status.sql", {"staged": reading.staged[name], "files": files}
    return engine.run(HERE / query, params={"as_of": as_of}, **tables).materialise()


def _of_lines(engine: Engine, reading: Reading, files: Table, statuses: dict[str, Table]) -> Table:
    """Lines beside a file of orders share the status of their orders; lines that carry their orders decide alone."""
    lines = {
        carries: engine.sql(_LINES, params={"carries": carries}, lines=reading.staged["order_lines"], files=files)
        for carries in (True, False)
    }
    tables, parts = {"files": files, "line_status": statuses["order_lines"]}, []
    if any(file.spec.carries_orders for file in reading.files):
        parts.append(engine.run(HERE / "derived_status.sql", lines=lines[True], **tables))
    if "orders" in reading.staged:
        orders = {"orders": reading.staged["orders"], "order_statuses": statuses["orders"]}
        parts.append(engine.run(HERE / "line_status.sql", lines=lines[False], **tables, **orders))
    return engine.sql(" union all ".join(f"select * from {part.name}" for part in parts)).materialise()


def _accepted(engine: Engine, rows: Table, statuses: Table, files: Table) -> Table:
    """The accepted rows; many are joined with their status slice by slice, as one join might not fit in memory."""
    last = engine.sql("select coalesce(max(row_no), 0) from rows", rows=rows).scalar()
    kept = None
    for first in range(0, last + 1, SLICE):
        params = {"first": first, "last": first + SLICE - 1}
        part = engine.sql(_ACCEPTED, params=params, rows=rows, statuses=statuses, files=files)
        if kept is None:
            kept = part.materialise()
        else:
            engine.con.execute(f"insert into {kept.name} from {part.name}")
    return kept


def _counts(engine: Engine, files: list[ReadFile], statuses: dict[str, Table]) -> pd.DataFrame:
    """One row per file, status and reason: file_no, status, reason, rows."""
    every = " union all ".join(f"select file_no, status, reason from {table.name}" for table in statuses.values())
    counted = engine.sql(f"select *, count(*) as rows from ({every}) group by all").df()
    rejects = Counter((file.number, "quarantined", reject.reason) for file in files for reject in file.raw.rejects)
    rejected = pd.DataFrame([(*key, rows) for key, rows in rejects.items()], columns=counted.columns)
    counts = pd.concat([counted, rejected], ignore_index=True) if rejects else counted
    sums = counts.groupby("file_no").rows.sum()
    for file in files:
        if (accounted := int(sums.get(file.number, 0))) != file.raw.rows:
            raise SourcesError(
                f"{file.located.label}: {file.raw.rows:,} rows were read but {accounted:,} are accounted for;"
                " this is a fault of the playbook, please report it with the file's mapping."
            )
    return counts.sort_values(["file_no", "status", "reason"], ignore_index=True, na_position="first")


_LINES = "select l.* from lines as l join files as f on f.file_no = l.file_no where f.carries_orders = $carries"
_ACCEPTED = """
select f.source, f.key_source, f.private_keys, f.carries_orders, s.occurrence, r.*
from rows as r
join statuses as s on s.file_no = r.file_no and s.row_no = r.row_no
join files as f on f.file_no = r.file_no
where s.status = 'accepted' and r.row_no between $first and $last and s.row_no between $first and $last
"""
