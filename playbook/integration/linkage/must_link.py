"""Decisions by record number: which records of this run must, or cannot, be linked, and which are internal."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.integration.linkage.decisions import (
    CANNOT_LINK,
    INTERNAL,
    MUST_LINK,
    Decision,
    DecisionError,
    Decisions,
    Record,
    latest,
)
from playbook.report.message import Message
from playbook.tables.engine import Engine, Table
from playbook.tables.nearest import nearest

Pair = tuple[int, int]
_NAMED = ["record_no", "kind", "place", "decided_on", "reason"]


class Constraints(NamedTuple):
    """The decisions about records that are here.

    `must_link` and `cannot_link` are pairs of record numbers, `internal` single ones. `named` has one row per record
    that a decision in force names: record_no, kind, place, decided_on, reason. `flags`: records that are not here.
    """

    must_link: dict[Pair, Decision]
    cannot_link: dict[Pair, Decision]
    internal: dict[int, Decision]
    named: pd.DataFrame
    flags: tuple[Message, ...]

    def verdicts(self, groups: np.ndarray) -> pd.DataFrame:
        """One row per group that is decided to be internal (verdict 1) or not (0): the latest on any of its records.

        `groups` has the group of each record. Raises `DecisionError` where the last day says both.
        """
        decided = ((int(groups[number]), decision) for number, decision in sorted(self.internal.items()))
        rows = [(group, int(last.kind == INTERNAL)) for group, last in sorted(latest(decided, of="customer").items())]
        return pd.DataFrame(rows, columns=["group_no", "verdict"], dtype="int64")


def constraints(engine: Engine, decisions: Decisions, keys: Table) -> Constraints:
    """Find the records that decisions name, by published key or the source's own (`keys`: source, source_key,
    record_key).

    Raises `DecisionError` for a source that does not exist, and for decisions of one day that contradict each other; a
    record that is not here is a message.
    """
    if not decisions:
        return Constraints({}, {}, {}, pd.DataFrame(columns=_NAMED), ())
    named = [(each, about) for about in decisions for each in ([about] if isinstance(about, Record) else about)]
    records = list(dict.fromkeys(record for record, _ in named))
    places = {record: decisions[about].place for record, about in named}
    numbers = _numbers(engine, records, places, keys)
    by_number = {about: _number(about, numbers) for about in decisions}
    in_force = latest((by_number[about], each) for about, each in decisions.items() if by_number[about] is not None)
    rows = {
        (numbers[record], *decisions[about])
        for record, about in named
        if record in numbers and in_force.get(by_number[about], decisions[about]).kind == decisions[about].kind
    }
    lacking = [places[record] for record in records if record not in numbers]
    missing = [
        Message("integration.flag.decision_without_record", {"place": place, "records": lacking.count(place)})
        for place in sorted(set(lacking))
    ]
    return Constraints(
        {pair: each for pair, each in in_force.items() if each.kind == MUST_LINK},
        {pair: each for pair, each in in_force.items() if each.kind == CANNOT_LINK},
        {number: each for number, each in in_force.items() if isinstance(number, int)},
        pd.DataFrame(sorted(rows), columns=_NAMED),
        tuple(missing),
    )


def _numbers(engine: Engine, records: list[Record], places: dict[Record, str], keys: Table) -> dict[Record, int]:
    """The numbers of those records that are here."""
    sources = {source for (source,) in engine.sql("select distinct source from keys", keys=keys).rows()}
    for record in records:
        if record.source not in sources:
            hint = nearest(record.source, sources)
            raise DecisionError(f"{places[record]}: there is no source '{record.source}'; {hint}")
    asked = engine.frame(pd.DataFrame(records, columns=["source", "key"]).assign(turn=range(len(records))))
    return {records[turn]: number for turn, number in engine.sql(_NUMBERED, asked=asked, keys=keys).rows()}


def _number(about: Record | tuple[Record, Record], numbers: dict[Record, int]) -> Pair | int | None:
    """A key of the source and the hash of it are one record."""
    if isinstance(about, Record):
        return numbers.get(about)
    here = sorted({numbers[record] for record in about if record in numbers})
    return tuple(here) if len(here) == 2 else None


_NUMBERED = """
select a.turn, min(k.record_no) as record_no
from asked as a
join keys as k on k.source = a.source and (k.source_key = a.key or k.record_key = a.key)
group by a.turn
"""
