"""Decisions by record number: which records of this run they speak of."""

from collections.abc import Hashable, Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.integration.linkage.decisions import DecisionError, Decisions, Record, Said, newest, of_kind
from playbook.integration.quality.flags import Flag
from playbook.tables.engine import Engine, Table
from playbook.tables.nearest import nearest

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
    internal: dict[int, tuple[str, Said]]
    named: tuple[Named, ...]
    flags: tuple[Flag, ...]

    @property
    def apart(self) -> pd.DataFrame:
        """One row per record that is kept apart from another: record_no."""
        return pd.DataFrame({"record_no": sorted({n for pair in self.different for n in pair})}, dtype="int64")

    def verdicts(self, groups: np.ndarray) -> pd.DataFrame:
        """One row per group that is decided to be internal (verdict 1) or not (0): what was said last of its records.

        `groups` has the group of each record. Raises `DecisionError` where the last day says both.
        """
        said = ((int(groups[number]), kind, said) for number, (kind, said) in sorted(self.internal.items()))
        found = sorted(newest(said, of="customer").items())
        columns = {"group_no": [group for group, _ in found]}
        return pd.DataFrame(columns | {"verdict": [int(kind == "internal") for _, (kind, _) in found]}, dtype="int64")


def numbered(engine: Engine, decisions: Decisions, keys: Table) -> Numbered:
    """Find the records that decisions name, by published key or the source's own (`keys`: source, source_key, holder).

    Raises `DecisionError` for a source that does not exist, and for decisions of one day that contradict each other; a
    record that is not here is flagged.
    """
    named = decisions.records
    if not named:
        return Numbered({}, {}, {}, (), ())
    _check_sources(engine, named, keys)
    numbers = _numbers(engine, list(named), keys)
    held = newest(_by_number(decisions, numbers))
    internal = {key: said for key, said in held.items() if isinstance(key, int)}
    told = tuple(_named(decisions, numbers, held)), tuple(_missing(named, numbers))
    return Numbered(of_kind(held, "same"), of_kind(held, "different"), internal, *told)


def _check_sources(engine: Engine, named: dict[Record, Said], keys: Table) -> None:
    known = {source for (source,) in engine.sql("select distinct source from keys", keys=keys).rows()}
    for record, said in named.items():
        if record.source not in known:
            raise DecisionError(f"{said.place}: there is no source '{record.source}'; {nearest(record.source, known)}")


def _numbers(engine: Engine, named: list[Record], keys: Table) -> dict[Record, int]:
    asked = engine.frame(pd.DataFrame(named, columns=["source", "key"]).assign(turn=range(len(named))))
    return {named[turn]: number for turn, number in engine.sql(_FOUND, asked=asked, keys=keys).rows()}


def _by_number(decisions: Decisions, numbers: dict[Record, int]) -> Iterator[tuple[Pair | int, str, Said]]:
    """What is decided of records that are here: a key of the source and the hash of it are one record."""
    for kind, decided in decisions._asdict().items():
        for key, said in decided.items():
            if (number := _number(key, numbers)) is not None:
                yield number, kind, said


def _number(key: Record | tuple[Record, Record], numbers: dict[Record, int]) -> Pair | int | None:
    if isinstance(key, Record):
        return numbers.get(key)
    found = sorted({numbers[record] for record in key if record in numbers})
    return tuple(found) if len(found) == 2 else None


def _named(decisions: Decisions, numbers: dict[Record, int], held: dict[Hashable, tuple[str, Said]]) -> Iterator[Named]:
    """The records named by decisions that no later one has taken back."""
    for kind, decided in decisions._asdict().items():
        in_force = {key: said for key, said in decided.items() if held.get(_number(key, numbers), (kind,))[0] == kind}
        named = {(each, said) for key, said in in_force.items() for each in ([key] if isinstance(key, Record) else key)}
        for record, said in sorted(named):
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
