"""`playbook check`: whether a mapping reads, what became of the rows, and which repairs would be worth most."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.build import Integrated, integrate, rules_of
from playbook.integration.report import summary as account
from playbook.integration.sources.models import FILE, read_sources
from playbook.onboarding.write import DECIDE
from playbook.report import text as texts
from playbook.tables.engine import Engine

_WORTH = 3  # repairs that are named
_ROWS = ["file", "table", "rows", "accepted", "quarantined", "duplicate", "future_dated", "excluded"]


class Repair(NamedTuple):
    """Something to repair at its source: in words, the money it touches, the values or rows."""

    words: str
    money: float
    rows: int


class Checked(NamedTuple):
    """What a check found.

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
    with tempfile.TemporaryDirectory(prefix="check-") as spill:
        engine = Engine(spill=Path(spill))
        try:
            found = integrate(engine, sources, as_of=as_of, spill=Path(spill), rules=rules_of(profile))
            return _checked(found, words, sources.folder / FILE)
        finally:
            engine.close()


def _checked(found: Integrated, words: texts.Words, path: Path) -> Checked:
    repairs = sorted(_repairs(found, words), key=lambda repair: (-repair.money, -repair.rows, repair.words))
    return Checked(
        found.as_of.day,
        _frame(found, "files")[_ROWS],
        account.least_filled(_frame(found, "quality")),
        [words(flag.key, **flag.values) for flag in found.flags],
        repairs[:_WORTH],
        path.read_text(encoding="utf-8-sig").count(DECIDE),
    )


def _frame(found: Integrated, name: str) -> pd.DataFrame:
    table = found.tables[name]
    return table if isinstance(table, pd.DataFrame) else table.df()


def _repairs(found: Integrated, words: texts.Words) -> Iterator[Repair]:
    yield from _set_aside(found, words)
    yield from _without_a_customer(found, words)
    yield from _off_the_books(found, words)


def _set_aside(found: Integrated, words: texts.Words) -> Iterator[Repair]:
    """Rejected values by file, column and reason; whole rows of orders carry the money of a usual order."""
    quarantine, usual = _frame(found, "quarantine"), _usual_order(found)
    keys = ["source", "file", "column", "reason", "kept"]
    for (source, file, column, reason, kept), rows in quarantine.groupby(keys, dropna=False):
        example = next((f", such as '{value}'" for value in sorted(rows["value"].dropna()) if value), "")
        what = f"{words.count(len(rows), 'value')} became empty" if kept else _gone(len(rows), words)
        place = f"{file}, {column}" if column else file
        said = f"{place}: {what}: {words(f'reason.{reason}')}{example}"
        yield Repair(said, 0.0 if kept else len(rows) * usual.get((source, file), 0.0), len(rows))


def _gone(rows: int, words: texts.Words) -> str:
    return f"{words.count(rows, 'row')} {'was' if rows == 1 else 'were'} set aside"


def _usual_order(found: Integrated) -> dict[tuple[str, str], float]:
    """The mean amount of an order, for every file of orders."""
    files, orders = _frame(found, "files"), found.tables["orders"]
    means = dict(orders.engine.sql(_MEANS, orders=orders).rows())
    own = files[files["table"] == "orders"]
    return {(row.source, row.file): float(means.get(row.source) or 0) for row in own.itertuples()}


def _without_a_customer(found: Integrated, words: texts.Words) -> Iterator[Repair]:
    for row in account.anonymous(found.tables["orders"]).itertuples():
        count, money = int(row.anonymous_orders), float(row.anonymous_revenue)
        said = f"{row.source}: {count:,} orders ({words.money(money)}) name no customer; ask for a card or a phone"
        if count:
            yield Repair(said, money, count)


def _off_the_books(found: Integrated, words: texts.Words) -> Iterator[Repair]:
    for source, rows in _frame(found, "reconciliation").dropna(subset=["control_net"]).groupby("source"):
        money = float(rows["difference"].abs().sum())
        if money >= 1:
            yield Repair(f"{source}: revenue differs from finance's books by {words.money(money)}", money, len(rows))


_MEANS = "select source, avg(amount) from orders where kind = 'purchase' group by source"
