"""The whole room in a row: exports in, standard tables out, and an account of every row."""

import json
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.ingest.as_of import AsOf, settle
from playbook.integration.ingest.change import compared, snapshot
from playbook.integration.ingest.reading import Reading, read
from playbook.integration.ingest.row_status import STATUSES, Accepted, accept, file_table, quarantined
from playbook.integration.ingest.schema_snapshot import SchemaSnapshot
from playbook.integration.linkage.decisions import read_decisions
from playbook.integration.linkage.identity import Identities, identify, past
from playbook.integration.linkage.link import LinkedRecords, link_records
from playbook.integration.quality import flags as warnings
from playbook.integration.quality.anomalies import anomalies
from playbook.integration.quality.checks import checks
from playbook.integration.quality.completeness import column_quality, identical_rows, repairs
from playbook.integration.quality.reconciliation import reconcile
from playbook.integration.quality.score import report, scores
from playbook.integration.readers.database import is_server
from playbook.integration.sources.folders import total_messages
from playbook.integration.sources.models import Sources, read_sources
from playbook.integration.tables import standard_tables
from playbook.profile.golden import InternalPatterns, Survivorship
from playbook.profile.linking import Linking
from playbook.profile.measures import measure, tables_needed
from playbook.report.message import Message
from playbook.run.workspace import write_atomically
from playbook.tables.engine import Engine, Table
from playbook.tables.purchases import purchases

#: What is kept from run to run, by name: the trained model of linking, every record's customer, merges and splits, and
#: what the sources looked like, for the next run to compare with.
MODEL, REGISTRY, LOG, SHAPE = "linkage_model", "registry", "identity_log", "sources"

Kept = Callable[[date, str], Any]


class Rules(NamedTuple):
    """What a profile says about records and their customers."""

    linking: Linking = Linking()
    survivorship: Survivorship = Survivorship()
    internal: InternalPatterns = InternalPatterns()


def rules_of(profile: Any) -> Rules:
    """What a profile says about records and their customers."""
    return Rules(profile.linking, profile.survivorship, profile.internal)


def nothing_kept(day: date, name: str) -> None:
    """The memory of a first run."""


class Integrated(NamedTuple):
    """What the sources gave: the as-of day and how it came about, every table by name, the warnings, what was read of
    database servers (path, rows, sha256), and what is kept for the runs to come, by name."""

    as_of: AsOf
    tables: dict[str, Table | pd.DataFrame]
    flags: tuple[Message, ...]
    databases: tuple[dict, ...]
    state: dict[str, Any]


def build(run) -> Integrated:
    """Read the data of a run, settle its as-of day and currency, and save every standard table and `quality.json`."""
    sources = read_sources(run.data)
    spill = run.folder / ".spill"
    spill.mkdir(parents=True, exist_ok=True)
    options = {"rules": rules_of(run.profile), "kept": run.before, "shown": run.shown}
    integrated = integrate(run.engine, sources, as_of=run.asked_as_of, spill=spill, **options)
    run.settle(as_of=integrated.as_of.day, currency=sources.currency or run.profile.currency)
    for name, table in integrated.tables.items():
        run.save(name, table)
    run.save("purchases", purchases(run.table("orders"), run.table("customers"), as_of=run.as_of))
    of_quality = (run.table(name).df() for name in ("quality_scores", "quality_checks", "quality", "changes"))
    content = {"as_of": integrated.as_of.day.isoformat()} | report(*of_quality)
    write_atomically(run.folder / "quality.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    for name, value in integrated.state.items():
        run.keep(name, value)
    measures = run.profile.measures
    tables = {name: run.table(name) for name in tables_needed(measures)}
    run.save("measures", measure(run.engine, measures, as_of=run.as_of, **tables))
    for number, database in enumerate(integrated.databases, 1):
        run.record(f"databases/{number:03d}", database)
    run.record("files", json.loads(run.table("files").df().to_json(orient="records", date_format="iso")))
    return integrated


def integrate(
    engine: Engine,
    sources: Sources,
    *,
    as_of: date | None = None,
    spill: Path | None = None,
    rules: Rules | None = None,
    kept: Kept = nothing_kept,
    shown: Kept = nothing_kept,
) -> Integrated:
    """Turn the files of a mapping into the standard tables. `kept(day, name)` is what the run before that day kept,
    `shown(day, name)` what an earlier run for that very day did.

    1. Read every file as text, type it, and set aside what cannot be typed.
    2. Settle the as-of day, and what becomes of every row: the five counts of each file add up.
    3. Link the records of one person, give each customer the id it had before, and make the tables.
    4. Measure: repairs, quality, and revenue beside what finance booked.
    """
    rules = rules or Rules()
    with tempfile.TemporaryDirectory(prefix="reading-", dir=spill) as scratch:
        reading = read(engine, sources, Path(scratch), SchemaSnapshot.of(kept(as_of or date.max, SHAPE)))
    files = file_table(engine, reading.files)
    day = settle(engine, reading, files, asked=as_of, pinned=sources.as_of)
    accepted = accept(engine, reading, files, as_of=day.day)
    linked = link_records(engine, accepted.rows, linking=rules.linking, model=kept(day.day, MODEL))
    identities = _identified(engine, sources, linked, rules.linking, kept, shown, day.day)
    customers = identities.record_to_customer
    tables = standard_tables(engine, accepted.rows, customers, linked.observed, reading.files, **rules._asdict())
    tables |= identities.tables
    sources_now = snapshot(engine, reading, accepted, as_of=day.day)
    tables["changes"] = compared(SchemaSnapshot.of(kept(day.day, SHAPE)), sources_now, reading.files, accepted.counts)
    accounts, flags = _accounts(engine, sources, reading, files, accepted, tables, day)
    tables |= accounts
    flags += [
        *linked.flags,
        *identities.flags,
        *warnings.customer_flags(
            tables["proposed_internal"], rules.survivorship.trusted, {file.source for file in sources.files}
        ),
    ]
    state = {MODEL: linked.model, REGISTRY: identities.registry, LOG: tables[LOG], SHAPE: sources_now._asdict()}
    databases = [
        {"path": file.located.label, "rows": file.raw.rows, "sha256": file.raw.sha256}
        for file in reading.files
        if is_server(file.spec.path)  # no file remains of it, so its hash does
    ]
    return Integrated(day, tables, tuple(flags), tuple(databases), state)


def _identified(
    engine: Engine, sources: Sources, linked: LinkedRecords, linking: Linking, kept: Kept, shown: Kept, as_of: date
) -> Identities:
    before, published = (past(engine, each(as_of, REGISTRY), each(as_of, LOG)) for each in (kept, shown))
    limits = {"cap": linking.cap, "review_below": linking.review_below}
    decisions = read_decisions(sources.folder)
    return identify(engine, linked, before=before, shown=published, decisions=decisions, as_of=as_of, **limits)


def _accounts(
    engine: Engine,
    sources: Sources,
    reading: Reading,
    files: Table,
    accepted: Accepted,
    tables: dict[str, Table | pd.DataFrame],
    day: AsOf,
) -> tuple[dict[str, Table | pd.DataFrame], list[Message]]:
    """What became of every row, how good the sources are and what finance booked, as tables; and the warnings of it."""
    listed = files.df()
    of_files = listed[["file_no", "source", "file"]]
    accounts = {
        "files": _files(listed, accepted, day),
        "quarantine": quarantined(engine, reading, accepted, files),
        "row_status": accepted.counts.merge(of_files, on="file_no"),
        "repairs": repairs(engine, reading).merge(of_files, on="file_no"),
        "quality": column_quality(engine, reading, accepted),
        "reconciliation": reconcile(engine, tables["orders"], sources),
    }
    identical, revenue = identical_rows(engine, reading, accepted), accounts["reconciliation"].df()
    measured = {"columns": accounts["quality"], "identical": identical}
    accounts["quality_checks"] = checks(engine, reading, accepted, files, tables | accounts, day=day, **measured)
    accounts["quality_scores"] = scores(accounts["quality_checks"])
    duplicates = accepted.counts[accepted.counts.status == "duplicate"].groupby("file_no")["rows"].sum().to_dict()
    flags = [
        *warnings.change_flags(tables["changes"]),
        *reading.messages,
        *total_messages(reading.files, duplicates),
        *warnings.source_flags(day),
        *warnings.row_flags(accounts["files"], identical, day.day),
        *warnings.order_flags(tables["orders"], tables["order_lines"]),
        *anomalies(engine, reading, accepted, tables["orders"]),
        *warnings.revenue_flags(revenue),
    ]
    return accounts, flags


def _files(listed: pd.DataFrame, accepted: Accepted, day: AsOf) -> pd.DataFrame:
    """One row per file: what was read and what became of it, with its first and last accepted day."""
    counts = accepted.counts.pivot_table(index="file_no", columns="status", values="rows", aggfunc="sum", fill_value=0)
    days = pd.concat([rows.engine.sql(_DAYS, rows=rows).df() for rows in accepted.rows.values()], ignore_index=True)
    silent = [source.source for source in day.sources if not source.is_active]
    frame = listed.merge(
        counts.reindex(columns=STATUSES, fill_value=0), how="left", left_on="file_no", right_index=True
    )
    frame = frame.merge(days, how="left", on="file_no")
    return frame.fillna(dict.fromkeys(STATUSES, 0)).assign(active=~frame.source.isin(silent))


_DAYS = """
select file_no, min(day) as first_day, max(day) as last_day
from rows
group by file_no
"""
