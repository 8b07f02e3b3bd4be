"""Decisions by record number: which records of this run they speak of."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import pandas as pd

from playbook.engine import Engine, Table
from playbook.integration.decisions import DecisionError, Decisions, Record, Said
from playbook.integration.flags import Flag
from playbook.integration.locate import nearest

Pair = tuple[int, int]


class Named(NamedTuple):
    """A record that a decision names."""

    record_no: int
    kind: str
    place: str
    decided_on: date
    reason: str


class Numbered(NamedTuple):
    """The decisions about records that are here; `flags` for those that are not."""

    same: dict[Pair, Said]
    different: dict[Pair, Said]
    internal: dict[int, bool]
    named: tuple[Named, ...]
    flags: tuple[Flag, ...]

    @property
    def apart(self) -> pd.DataFrame:
        """One row per record that is kept apart from another: record_no."""
        return pd.DataFrame({"record_no": sorted({n for pair in self.different for n in pair})}, dtype="int64")

    @property
    def verdicts(self) -> pd.DataFrame:
        """One row per record that is decided to be internal (verdict 1) or not (0)."""
        found = sorted(self.internal.items())
        columns = {"record_no": [n for n, _ in found], "verdict": [int(is_internal) for _, is_internal in found]}
        return pd.DataFrame(columns, dtype="int64")


def numbered(engine: Engine, decisions: Decisions, keys: Table) -> Numbered:
    """Find the records that decisions name, by published key or the source's own (`keys`: source, source_key, holder).

    Raises `DecisionError` for a source that does not exist; a record that is not here is flagged.
    """
    named = decisions.records
    if not named:
        return Numbered({}, {}, {}, (), ())
    _check_sources(engine, named, keys)
    numbers = _numbers(engine, list(named), keys)
    verdicts = [(each, verdict) for verdict, each in ((False, decisions.not_internal), (True, decisions.internal))]
    internal = {numbers[record]: verdict for each, verdict in verdicts for record in each if record in numbers}
    pairs = (_pairs(each, numbers) for each in (decisions.same, decisions.different))
    return Numbered(*pairs, internal, tuple(_named(decisions, numbers)), tuple(_missing(named, numbers)))


def _check_sources(engine: Engine, named: dict[Record, Said], keys: Table) -> None:
    known = {source for (source,) in engine.sql("select distinct source from keys", keys=keys).rows()}
    for record, said in named.items():
        if record.source not in known:
            raise DecisionError(f"{said.place}: there is no source '{record.source}'; {nearest(record.source, known)}")


def _numbers(engine: Engine, named: list[Record], keys: Table) -> dict[Record, int]:
    asked = engine.frame(pd.DataFrame(named, columns=["source", "key"]).assign(turn=range(len(named))))
    return {named[turn]: number for turn, number in engine.sql(_FOUND, asked=asked, keys=keys).rows()}


def _pairs(decided: dict[tuple[Record, Record], Said], numbers: dict[Record, int]) -> dict[Pair, Said]:
    return {
        (min(a, b), max(a, b)): said
        for (one, two), said in decided.items()
        if (a := numbers.get(one)) is not None and (b := numbers.get(two)) is not None and a != b
    }


def _named(decisions: Decisions, numbers: dict[Record, int]) -> Iterator[Named]:
    for kind, decided in decisions._asdict().items():
        pairs = kind in ("same", "different")
        found = {(record, said) for key, said in decided.items() for record in (key if pairs else (key,))}
        for record, said in sorted(found):
            if record in numbers:
                yield Named(numbers[record], kind, *said)


def _missing(named: dict[Record, Said], numbers: dict[Record, int]) -> Iterator[Flag]:
    lacking = [said.place for record, said in named.items() if record not in numbers]
    for place in sorted(set(lacking)):
        yield Flag("integration.flag.decision_without_record", {"place": place, "records": lacking.count(place)})


_FOUND = """
select a.turn, min(k.record_no) as record_no
from asked as a
join keys as k on k.source = a.source and (k.source_key = a.key or k.holder = a.key)
group by a.turn
"""
