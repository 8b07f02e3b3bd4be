"""What became of every row: accepted, quarantined, repeated, later or excluded; the five counts reconcile per file."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.integration.ingest.reading import ReadFile, Reading
from playbook.integration.sources.locate import SourcesError
from playbook.tables.engine import Engine, Table

HERE = Path(__file__).parent
#: How many rows of a file are joined with their fates at once.
SLICE = 2_000_000
FATES = ("accepted", "quarantined", "repeated", "later", "excluded")


class Accepted(NamedTuple):
    """The fates of all rows by table (file_no, row_no, occurrence, fate, reason), the rows accepted, and the counts."""

    fates: dict[str, Table]
    rows: dict[str, Table]
    counts: pd.DataFrame


def file_table(engine: Engine, files: list[ReadFile]) -> Table:
    """One row per file: its number and name, how it was declared, and how many rows it has."""
    frame = pd.DataFrame([_described(file) for file in files])
    return engine.frame(frame.astype({"encoding": "str"}))


def accept(engine: Engine, reading: Reading, files: Table, *, as_of: date) -> Accepted:
    """Decide on every row up to a day. Raises `SourcesError` where the five counts of a file do not add up."""
    fates = {name: _fates(engine, name, rows, files, reading, as_of) for name, rows in reading.staged.items()}
    if "order_lines" in fates:
        fates["order_lines"] = _of_lines(engine, reading, files, fates)
    rows = {name: _accepted(engine, reading.staged[name], fates[name], files) for name in fates}
    return Accepted(fates, rows, _counts(reading, fates))


def quarantined(engine: Engine, reading: Reading, accepted: Accepted, files: Table) -> Table:
    """Every rejected value: rows that do not fit, values that cannot be typed, records that contradict themselves."""
    fates = " union all ".join(
        f"select file_no, row_no, fate, reason from {table.name}" for table in accepted.fates.values()
    )
    rejects = pd.DataFrame(
        [(file.number, *reject) for file in reading.files for reject in file.raw.rejects],
        columns=["file_no", "row_no", "value", "reason"],
    ).astype({"file_no": "int64", "row_no": "int64", "value": "str", "reason": "str"})
    given = {"problems": reading.problems, "rejects": engine.frame(rejects), "fates": engine.sql(fates), "files": files}
    return engine.run(HERE / "quarantine.sql", **given)


def _fates(engine, name: str, rows: Table, files: Table, reading: Reading, as_of: date) -> Table:
    mine = [file for file in reading.files if file.spec.table == name]
    keyed = any(file.mapping.column(key) for file in mine for key in ("order_id", "customer_key", "contract_id"))
    needs_key = name in ("customers", "orders", "treatments", "contracts") and keyed
    alone = len(mine) == 1 and not needs_key and not any(file.mapping.column("line") for file in mine)
    query = "fates_once.sql" if alone else "fates.sql"
    tables = {"staged": rows} | ({} if alone else {"files": files})
    return engine.run(HERE / query, params={"as_of": as_of}, **tables).materialise()


def _of_lines(engine, reading: Reading, files: Table, fates: dict[str, Table]) -> Table:
    """Lines beside a file of orders share the fates of their orders; lines that carry their orders decide alone."""
    lines, mine = reading.staged["order_lines"], {"files": files, "line_fates": fates["order_lines"]}
    parts = []
    if any(file.spec.carries_orders for file in reading.files):
        carrying = engine.sql(_LINES.format("f.carries_orders"), lines=lines, files=files)
        parts.append(engine.run(HERE / "derived_fates.sql", lines=carrying, **mine))
    if "orders" in reading.staged:
        beside = engine.sql(_LINES.format("not f.carries_orders"), lines=lines, files=files)
        orders = {"orders": reading.staged["orders"], "order_fates": fates["orders"]}
        parts.append(engine.run(HERE / "line_fates.sql", lines=beside, **mine, **orders))
    return engine.sql(" union all ".join(f"select * from {part.name}" for part in parts)).materialise()


def _accepted(engine, rows: Table, fates: Table, files: Table) -> Table:
    """The accepted rows; many are joined with their fates slice by slice, as one join might not fit in memory."""
    given = {"rows": rows, "fates": fates, "files": files}
    last = engine.sql("select coalesce(max(row_no), 0) from rows", rows=rows).scalar()
    if last <= SLICE:
        return engine.sql(_ACCEPTED, **given).materialise()
    slices = [{"first": first, "last": first + SLICE - 1} for first in range(0, last + 1, SLICE)]
    kept = engine.sql(_ACCEPTED + _SLICE, params=slices[0], **given).materialise()
    for part in slices[1:]:
        found = engine.sql(_ACCEPTED + _SLICE, params=part, **given)
        engine.con.execute(f"insert into {kept.name} from {found.name}")
    return kept


def _counts(reading: Reading, fates: dict[str, Table]) -> pd.DataFrame:
    """One row per file, fate and reason: file_no, fate, reason, rows."""
    found = [table.engine.sql(_COUNTED, fates=table).df() for table in fates.values()]
    rejects = pd.DataFrame([_rejected(file, reason) for file in reading.files for reason in _reasons(file)])
    counts = pd.concat([*found, rejects], ignore_index=True)
    _check_sums(reading.files, counts)
    return counts.sort_values(["file_no", "fate", "reason"], ignore_index=True, na_position="first")


def _check_sums(files: list[ReadFile], counts: pd.DataFrame) -> None:
    sums = counts.groupby("file_no").rows.sum()
    for file in files:
        if (found := int(sums.get(file.number, 0))) != file.raw.rows:
            raise SourcesError(
                f"{file.located.label}: {file.raw.rows:,} rows were read but {found:,} are accounted for;"
                " this is a fault of the playbook, please report it with the file's mapping."
            )


def _described(file: ReadFile) -> dict:
    spec, key = file.spec, file.mapping.column("customer_key")
    return {
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
    }


def _reasons(file: ReadFile) -> list[str]:
    return sorted({reject.reason for reject in file.raw.rejects})


def _rejected(file: ReadFile, reason: str) -> dict:
    rows = sum(reject.reason == reason for reject in file.raw.rejects)
    return {"file_no": file.number, "fate": "quarantined", "reason": reason, "rows": rows}


_LINES = "select l.* from lines as l join files as f on f.file_no = l.file_no where {}"
_ACCEPTED = """
select f.source, f.key_source, f.private_keys, f.carries_orders, t.occurrence, r.*
from rows as r
join fates as t on t.file_no = r.file_no and t.row_no = r.row_no
join files as f on f.file_no = r.file_no
where t.fate = 'accepted'
"""
_SLICE = "and r.row_no between $first and $last and t.row_no between $first and $last"
_COUNTED = "select file_no, fate, reason, count(*) as rows from fates group by file_no, fate, reason"
