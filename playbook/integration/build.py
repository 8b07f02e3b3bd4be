"""The whole room in a row: exports in, standard tables out, and an account of every row."""

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.engine import Engine, Table
from playbook.integration import flags as warnings
from playbook.integration import quality as measured
from playbook.integration.accept import FATES, Accepted, accept, file_table, quarantined
from playbook.integration.as_of import AsOf, settle
from playbook.integration.flags import Flag
from playbook.integration.link import link
from playbook.integration.reading import Reading, read
from playbook.integration.revenue import reconcile
from playbook.integration.sources import Sources, read_sources
from playbook.integration.tables import or_empty, standard_tables
from playbook.measures import measure, tables_needed
from playbook.schema import SOURCE_TABLES


class Integrated(NamedTuple):
    """What the sources gave: the as-of day and how it came about, every table by name, and the warnings."""

    as_of: AsOf
    tables: dict[str, Table | pd.DataFrame]
    flags: tuple[Flag, ...]


def build(run) -> Integrated:
    """Read the data of a run, settle its as-of day and currency, and save every standard table."""
    sources = read_sources(run.data)
    spill = run.folder / ".spill"
    spill.mkdir(parents=True, exist_ok=True)
    found = integrate(run.engine, sources, as_of=run.asked_as_of, spill=spill)
    run.settle(as_of=found.as_of.day, currency=sources.currency or run.profile.currency)
    for name, table in found.tables.items():
        run.save(name, table)
    _save_measures(run)
    run.record("files", json.loads(run.table("files").df().to_json(orient="records", date_format="iso")))
    return found


def _save_measures(run) -> None:
    measures = run.profile.measures
    tables = {name: run.table(name) for name in tables_needed(measures)}
    run.save("measures", measure(run.engine, measures, as_of=run.as_of, **tables))


def integrate(engine: Engine, sources: Sources, *, as_of: date | None = None, spill: Path | None = None) -> Integrated:
    """Turn the files of a mapping into the standard tables.

    1. Read every file as text, type it, and set aside what cannot be typed.
    2. Settle the as-of day, and what becomes of every row: the five counts of each file add up.
    3. Tie the records of one person together, and make the tables.
    4. Measure: repairs, quality, and revenue beside what finance booked.
    """
    with tempfile.TemporaryDirectory(prefix="reading-", dir=spill) as scratch:
        reading = read(engine, sources, Path(scratch))
    files = file_table(engine, reading.files)
    day = settle(engine, reading, files, asked=as_of, pinned=sources.as_of)
    accepted = accept(engine, reading, files, as_of=day.day)
    linked = link(engine, accepted.rows)
    tables = standard_tables(engine, accepted.rows, linked, reading.files, as_of=day.day)
    return _account(engine, sources, reading, files, accepted, tables, day)


def _account(
    engine, sources, reading: Reading, files: Table, accepted: Accepted, tables: dict[str, Table], day: AsOf
) -> Integrated:
    known = files.df()
    counted, reconciliation = _files(known, accepted, reading, day), reconcile(engine, tables["orders"], sources)
    made = {name: or_empty(engine, tables, name) for name in SOURCE_TABLES if name not in ("quarantine", "files")}
    made |= {"files": counted, "quarantine": quarantined(engine, reading, accepted, files)}
    made |= {"fates": _named(accepted.counts, known), "repairs": _named(measured.repairs(engine, reading), known)}
    made |= {"quality": measured.quality(engine, reading, accepted), "reconciliation": reconciliation}
    flags = (
        *warnings.source_flags(day),
        *warnings.later_flag(accepted.counts, day.day),
        *warnings.row_flags(counted),
        *warnings.identical_flags(measured.identical(engine, reading, accepted)),
        *warnings.order_flags(engine, made["orders"], made["order_lines"]),
        *warnings.revenue_flags(reconciliation.df()),
    )
    return Integrated(day, made, flags)


def _files(known: pd.DataFrame, accepted: Accepted, reading: Reading, day: AsOf) -> pd.DataFrame:
    """One row per file: what was read and what became of it, with its first and last accepted day."""
    counts = accepted.counts.pivot_table(index="file_no", columns="fate", values="rows", aggfunc="sum", fill_value=0)
    days = pd.concat([rows.engine.sql(_DAYS, rows=rows).df() for rows in accepted.rows.values()], ignore_index=True)
    silent = [source.source for source in day.sources if not source.is_active]
    frame = known.merge(counts.reindex(columns=FATES, fill_value=0), how="left", left_on="file_no", right_index=True)
    frame = frame.merge(days, how="left", on="file_no")
    return frame.fillna(dict.fromkeys(FATES, 0)).assign(active=~frame.source.isin(silent))


def _named(counts: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    return counts.merge(known[["file_no", "source", "file"]], on="file_no")


_DAYS = """
select file_no, min(day) as first_day, max(day) as last_day
from rows
group by file_no
"""
