"""The whole room in a row: exports in, standard tables out, and an account of every row."""

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.ingest.as_of import AsOf, settle
from playbook.integration.ingest.change import compared, shape_of
from playbook.integration.ingest.reading import Reading, read
from playbook.integration.ingest.row_status import FATES, Accepted, accept, file_table, quarantined
from playbook.integration.ingest.schema_snapshot import Shape
from playbook.integration.linkage.decisions import read_decisions
from playbook.integration.linkage.identity import Identified, identify, past
from playbook.integration.linkage.link import Links, links
from playbook.integration.quality import completeness as measured
from playbook.integration.quality import flags as warnings
from playbook.integration.quality.anomalies import suspicions
from playbook.integration.quality.checks import Found, checks
from playbook.integration.quality.flags import Flag
from playbook.integration.quality.reconciliation import reconcile
from playbook.integration.quality.score import report, scores
from playbook.integration.readers.database import is_server
from playbook.integration.sources.folders import total_notes
from playbook.integration.sources.models import Sources, read_sources
from playbook.integration.tables import or_empty, standard_tables
from playbook.profile.golden import InternalPatterns, Survivorship
from playbook.profile.linking import Linking
from playbook.profile.measures import measure, tables_needed
from playbook.run.workspace import write_atomically
from playbook.tables.engine import Engine, Table
from playbook.tables.purchases import purchases
from playbook.tables.schema import SOURCE_TABLES

#: What is kept from run to run, by name: the trained model of linking, every record's customer, merges and splits.
MODEL, REGISTRY, LOG = "linkage_model", "registry", "identity_log"
#: What the sources looked like, for the next run to compare with.
SHAPE = "sources"
#: How records became customers, and what is left to settle.
CUSTOMER_TABLES = (LOG, "links", "weak_links", "decisions", "field_conflicts", "proposed_internal", "record_orders")

Kept = Callable[[date, str], Any]


class Rules(NamedTuple):
    """What a profile says about records and their customers."""

    linking: Linking = Linking()
    survivorship: Survivorship = Survivorship()
    internal: InternalPatterns = InternalPatterns()


RULES = Rules()


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
    flags: tuple[Flag, ...]
    databases: tuple[dict, ...]
    state: dict[str, Any]


def build(run) -> Integrated:
    """Read the data of a run, settle its as-of day and currency, and save every standard table."""
    sources = read_sources(run.data)
    spill = run.folder / ".spill"
    spill.mkdir(parents=True, exist_ok=True)
    options = {"rules": rules_of(run.profile), "kept": run.before, "shown": run.shown}
    found = integrate(run.engine, sources, as_of=run.asked_as_of, spill=spill, **options)
    run.settle(as_of=found.as_of.day, currency=sources.currency or run.profile.currency)
    for name, table in found.tables.items():
        run.save(name, table)
    run.save("purchases", purchases(run.table("orders"), run.table("customers"), as_of=run.as_of))
    write_quality(run, found)
    for name, value in found.state.items():
        run.keep(name, value)
    _save_measures(run)
    for number, read_ in enumerate(found.databases, 1):
        run.record(f"databases/{number:03d}", read_)
    run.record("files", json.loads(run.table("files").df().to_json(orient="records", date_format="iso")))
    return found


def _save_measures(run) -> None:
    measures = run.profile.measures
    tables = {name: run.table(name) for name in tables_needed(measures)}
    run.save("measures", measure(run.engine, measures, as_of=run.as_of, **tables))


def integrate(
    engine: Engine,
    sources: Sources,
    *,
    as_of: date | None = None,
    spill: Path | None = None,
    rules: Rules = RULES,
    kept: Kept = nothing_kept,
    shown: Kept = nothing_kept,
) -> Integrated:
    """Turn the files of a mapping into the standard tables. `kept(day, name)` is what the run before that day kept,
    `shown(day, name)` what an earlier run for that very day did.

    1. Read every file as text, type it, and set aside what cannot be typed.
    2. Settle the as-of day, and what becomes of every row: the five counts of each file add up.
    3. Tie the records of one person together, give each customer the id it had before, and make the tables.
    4. Measure: repairs, quality, and revenue beside what finance booked.
    """
    with tempfile.TemporaryDirectory(prefix="reading-", dir=spill) as scratch:
        reading = read(engine, sources, Path(scratch), Shape.of(kept(as_of or date.max, SHAPE)))
    files = file_table(engine, reading.files)
    day = settle(engine, reading, files, asked=as_of, pinned=sources.as_of)
    accepted = accept(engine, reading, files, as_of=day.day)
    found = links(engine, accepted.rows, linking=rules.linking, model=kept(day.day, MODEL), as_of=day.day)
    known = _identified(engine, sources, found, rules, (kept, shown), day.day)
    tables = standard_tables(engine, accepted.rows, known, reading.files, **rules._asdict())
    shape = shape_of(engine, reading, accepted, as_of=day.day)
    changed = compared(Shape.of(kept(day.day, SHAPE)), shape, reading.files, accepted.counts)
    done = _account(engine, sources, reading, files, accepted, tables, day, changed)
    state = {MODEL: found.model, REGISTRY: known.registry, LOG: known.tables[LOG], SHAPE: shape._asdict()}
    sources_known = sorted({file.source for file in sources.files})
    trusted = warnings.trusted_flags(rules.survivorship.trusted, sources_known)
    said = (*found.flags, *known.flags, *warnings.internal_flag(tables["proposed_internal"]), *trusted)
    return done._replace(flags=(*done.flags, *said), state=state)


def _identified(
    engine: Engine, sources: Sources, found: Links, rules: Rules, kept: tuple[Kept, Kept], as_of: date
) -> Identified:
    before, shown = (past(engine, each(as_of, REGISTRY), each(as_of, LOG)) for each in kept)
    limits = {"cap": rules.linking.cap, "review_below": rules.linking.review_below}
    decisions = read_decisions(sources.folder)
    return identify(engine, found, before=before, shown=shown, decisions=decisions, as_of=as_of, **limits)


def _account(
    engine,
    sources,
    reading: Reading,
    files: Table,
    accepted: Accepted,
    tables: dict[str, Table],
    day: AsOf,
    changed: pd.DataFrame,
) -> Integrated:
    known = files.df()
    counted, reconciliation = _files(known, accepted, reading, day), reconcile(engine, tables["orders"], sources)
    made = {name: or_empty(engine, tables, name) for name in SOURCE_TABLES if name not in ("quarantine", "files")}
    made |= {name: tables[name] for name in CUSTOMER_TABLES}
    made |= {"files": counted, "quarantine": quarantined(engine, reading, accepted, files)}
    made |= {"fates": _named(accepted.counts, known), "repairs": _named(measured.repairs(engine, reading), known)}
    made |= {"quality": measured.quality(engine, reading, accepted), "reconciliation": reconciliation}
    alike = measured.identical(engine, reading, accepted)
    seen = (made["quality"], alike, reconciliation.df())
    checked = checks(Found(engine, reading, accepted, files, made, day, *seen))
    made |= {"quality_checks": checked, "quality_scores": scores(checked), "changes": changed}
    repeated = accepted.counts[accepted.counts.fate == "repeated"].groupby("file_no")["rows"].sum().to_dict()
    flags = (
        *warnings.change_flags(changed),
        *(Flag(*note) for note in (*reading.notes, *total_notes(reading.files, repeated))),
        *warnings.source_flags(day),
        *warnings.later_flag(accepted.counts, day.day),
        *warnings.row_flags(counted),
        *warnings.identical_flags(alike),
        *warnings.order_flags(engine, made["orders"], made["order_lines"]),
        *suspicions(engine, reading, accepted, made["orders"]),
        *warnings.revenue_flags(reconciliation.df()),
    )
    return Integrated(day, made, flags, tuple(_databases(reading)), {})


def write_quality(run, found: Integrated) -> None:
    """`quality.json`: every source with its score, parts, checks and columns, and what changed since the last run."""
    names = ("quality_scores", "quality_checks", "quality", "changes")
    told = {"as_of": found.as_of.day.isoformat()} | report(*(run.table(name).df() for name in names))
    write_atomically(run.folder / "quality.json", json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def _databases(reading: Reading) -> Iterator[dict]:
    """What was read of database servers: no file remains of it, so its hash does."""
    for file in reading.files:
        if is_server(file.spec.path):
            yield {"path": file.located.label, "rows": file.raw.rows, "sha256": file.raw.sha256}


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
