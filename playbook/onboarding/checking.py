"""`playbook check`: whether a mapping reads, what became of the rows, and which repairs would be worth most."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.build import Integrated, integrate, rules_of
from playbook.integration.report import summary
from playbook.integration.sources.models import FILE, read_sources
from playbook.onboarding.draft import DECIDE
from playbook.report import text as texts
from playbook.tables.engine import Engine

_WORTH = 3  # repairs that are named
_MOST = 8  # columns with gaps that are listed
_ROWS = ["file", "table", "rows", "accepted", "quarantined", "duplicate", "future_dated", "excluded"]


class Repair(NamedTuple):
    """Something to repair at its source: in words, the money it touches, the values or rows."""

    words: str
    money: float
    rows: int


class Checked(NamedTuple):
    """The result of a check.

    `files` has one row per file with its five counts, `gaps` one per column with missing or invalid values (shares of
    1), `warnings` and `repairs` are in words, `undecided` counts the marks that `init` left in sources.yml.
    """

    as_of: date
    files: pd.DataFrame
    gaps: pd.DataFrame
    warnings: list[str]
    repairs: list[Repair]
    undecided: int


def check(folder: str | Path, *, profile: Any, as_of: date | None = None) -> Checked:
    """Read, validate and measure the data of a folder; nothing is published. Raises `SourcesError` as a run does."""
    sources = read_sources(folder)
    words = texts.words("en", profile, sources.currency)
    with tempfile.TemporaryDirectory(prefix="check-") as spill, closing(Engine(spill=Path(spill))) as engine:
        result = integrate(engine, sources, as_of=as_of, spill=Path(spill), rules=rules_of(profile))
        repairs = sorted(_repairs(result, words), key=lambda repair: (-repair.money, -repair.rows, repair.words))
        return Checked(
            result.as_of.day,
            _frame(result, "files")[_ROWS],
            summary.least_filled(_frame(result, "quality")),
            [words(flag.key, **flag.values) for flag in result.flags],
            repairs[:_WORTH],
            (sources.folder / FILE).read_text(encoding="utf-8-sig").count(DECIDE),
        )


def lines(checked: Checked) -> Iterator[str]:
    """A check for the terminal: rows by file, gaps, warnings, repairs, what is left to decide."""
    yield f"Read up to {checked.as_of}."
    yield from _table(checked.files)
    if len(checked.gaps):
        gaps = checked.gaps.head(_MOST).copy()
        for name in ("completeness", "validity"):
            gaps[name] = ["-" if pd.isna(share) else f"{share:.1%}" for share in gaps[name]]
        yield from ["", "Columns with gaps:", *_table(gaps)]
    if checked.warnings:
        yield from ["", "To know:", *(f"- {warning}" for warning in checked.warnings)]
    if checked.repairs:
        numbered = (f"{number}. {repair.words}" for number, repair in enumerate(checked.repairs, 1))
        yield from ["", "Most worth repairing:", *numbered]
    if checked.undecided:
        count = texts.words("en").count(checked.undecided, "line")
        yield from ["", f"{count} of sources.yml {'is' if checked.undecided == 1 else 'are'} still marked DECIDE."]


def _table(frame: pd.DataFrame) -> list[str]:
    return [f"  {line}" for line in frame.to_string(index=False).split("\n")]


def _frame(result: Integrated, name: str) -> pd.DataFrame:
    table = result.tables[name]
    return table if isinstance(table, pd.DataFrame) else table.df()


def _repairs(result: Integrated, words: texts.Words) -> Iterator[Repair]:
    """Values set aside, orders that name no customer, and revenue that differs from finance's books."""
    orders = result.tables["orders"]
    yield from _set_aside(result, words)
    for row in summary.anonymous(orders).itertuples():
        count, money = int(row.anonymous_orders), float(row.anonymous_revenue)
        text = f"{row.source}: {count:,} orders ({words.money(money)}) name no customer; ask for a card or a phone"
        if count:
            yield Repair(text, money, count)
    for source, rows in _frame(result, "reconciliation").dropna(subset=["control_net"]).groupby("source"):
        money = float(rows["difference"].abs().sum())
        if money >= 1:
            yield Repair(f"{source}: revenue differs from finance's books by {words.money(money)}", money, len(rows))


def _set_aside(result: Integrated, words: texts.Words) -> Iterator[Repair]:
    """Rejected values by file, column and reason; whole rows of orders carry the money of a usual order."""
    orders, files, quarantine = result.tables["orders"], _frame(result, "files"), _frame(result, "quarantine")
    means = dict(orders.engine.sql(_MEANS, orders=orders).rows())
    of_orders = set(files.loc[files["table"] == "orders", ["source", "file"]].itertuples(index=False, name=None))
    keys = ["source", "file", "column", "reason", "kept"]
    for (source, file, column, reason, is_kept), rows in quarantine.groupby(keys, dropna=False):
        place = f"{file}, {column}" if column else file
        verb = "were" if len(rows) > 1 else "was"
        what = (
            f"{words.count(len(rows), 'value')} became empty"
            if is_kept
            else f"{words.count(len(rows), 'row')} {verb} set aside"
        )
        example = next((f", such as '{value}'" for value in sorted(rows["value"].dropna()) if value), "")
        of_row = float(means.get(source) or 0) if (source, file) in of_orders and not is_kept else 0.0
        yield Repair(f"{place}: {what}: {words(f'reason.{reason}')}{example}", len(rows) * of_row, len(rows))


_MEANS = "select source, avg(amount) from orders where kind = 'purchase' group by source"
