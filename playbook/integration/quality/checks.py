"""What can be checked of each source, how much of it failed, and the money behind it."""

from datetime import date
from pathlib import Path

import pandas as pd

from playbook.integration.ingest.as_of import AsOf
from playbook.integration.ingest.reading import Reading
from playbook.integration.ingest.row_status import Accepted
from playbook.integration.linkage.link import no_rows
from playbook.integration.quality.completeness import RARELY_FILLED
from playbook.integration.quality.flags import TOLERATED_DIFFERENCE
from playbook.integration.sources.fields import IDENTIFIERS
from playbook.tables.engine import Engine, Table

HERE = Path(__file__).parent

#: A source this many days behind the newest one is not timely at all.
LATE_DAYS = 30

#: What is checked, by part; coverage is no part of the score.
CHECKS = {
    "completeness": ("gaps",),
    "validity": ("values", "rows"),
    "uniqueness": ("repeated", "identical", "identifiers"),
    "consistency": ("contradictions", "headers", "books", "returns"),
    "timeliness": ("behind",),
    "integrity": ("unknown_customers", "orphan_lines", "orphan_returns"),
    "coverage": ("anonymous", "unlinked"),
}


def checks(
    engine: Engine,
    reading: Reading,
    accepted: Accepted,
    files: Table,
    tables: dict[str, Table],
    *,
    day: AsOf,
    columns: pd.DataFrame,
    identical: pd.DataFrame,
) -> pd.DataFrame:
    """One row per source, part and check: checked, failed, money. A check that nothing could be put to is left out.

    `tables` are the standard tables and `reconciliation`, `columns` the table `quality`, `identical` the rows of
    `identical_rows`.
    """
    orders, identities = tables["orders"], tables["identities"]
    # Not the columns that only customers with that trait fill: who bought is asked of the orders under integrity.
    is_about_who = columns["column"].isin(("customer_key", *IDENTIFIERS)) & (columns["table"] != "customers")
    measured = {
        "columns": columns,
        "expected": columns[~columns["column"].isin(RARELY_FILLED) & ~is_about_who],
        "counts": accepted.counts.astype({"reason": "str"}),
        "identical": identical.astype({"source": "str", "file": "str"}),
        "days": _behind(day),
    }
    inputs = {name: engine.frame(frame) for name, frame in measured.items()}
    inputs |= {"identities": identities, "reconciliation": tables["reconciliation"], "files": files}
    headers = {"orders": orders, "lines": tables["order_lines"], "apart": engine.sql(_APART, files=files)}
    inputs |= {
        "headers": engine.run(HERE / "quality_headers.sql", **headers),
        "returns": engine.run(HERE / "quality_returns.sql", orders=orders),
        "coverage": engine.run(HERE / "quality_coverage.sql", orders=orders, identities=identities),
    }
    inputs |= _of_rows(engine, reading, accepted, files)
    params = {"tolerated": TOLERATED_DIFFERENCE, "late_days": LATE_DAYS}
    return engine.run(HERE / "checks.sql", params=params, **inputs).df()


def _behind(day: AsOf) -> pd.DataFrame:
    """One row per source of orders: its days, and how many the newest source is ahead of it (behind); beyond a day that
    somebody asked for nothing is missed."""
    wanted = day.day if day.origin != "found" else date.max
    newest = max(min(source.last_day, wanted) for source in day.sources)
    rows = []
    for source in day.sources:
        days = (source.last_day - source.first_day).days + 1
        rows.append((source.source, (newest - min(source.last_day, wanted)).days, max(days, 1)))
    return pd.DataFrame(rows, columns=["source", "behind", "days"])


def _of_rows(engine: Engine, reading: Reading, accepted: Accepted, files: Table) -> dict[str, Table]:
    names = ("orders", "order_lines")
    decided = [accepted.statuses[name].name for name in names if name in accepted.statuses]
    text = " union all ".join(f"select file_no, row_no, status, reason from {name}" for name in decided)
    statuses = {"row_status": engine.sql(text), "files": files}
    staged, rows = (
        {alias: of.get(name) or no_rows(engine, name) for alias, name in zip(("orders", "lines"), names, strict=True)}
        for of in (reading.staged, accepted.rows)
    )
    customers = accepted.rows.get("customers") or no_rows(engine, "customers")
    return {
        "left_out": engine.run(HERE / "quality_left_out.sql", **staged, **statuses),
        "orphan_lines": engine.run(HERE / "quality_orphan_lines.sql", lines=staged["lines"], **statuses),
        "unknown_keys": engine.run(HERE / "quality_unknown_keys.sql", customers=customers, **rows),
    }


_APART = """select distinct source from files where "table" = 'order_lines' and not carries_orders"""
