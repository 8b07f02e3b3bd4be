"""What an analyst has decided: these records are one customer, these are not, this one is staff. It always wins."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Annotated, NamedTuple

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from playbook.integration.sources.locate import SourcesError
from playbook.profile.yaml_lines import Lines, read_yaml
from playbook.run.data import decision_files
from playbook.tables.nearest import nearest

#: What such a file `decides:`, and what is read by others, from files of that name.
KINDS, OTHERS = ("links", "internal"), ("rfm-cuts",)
_NEEDED = "it needs `links:`, `internal:` or `not_internal:`, each with a list of decisions"


class DecisionError(SourcesError):
    """A decision that cannot be used: the message names file, line and remedy."""


class Record(NamedTuple):
    """A record of a source, under the key that `identities` publishes or the source itself uses."""

    source: str
    key: str


class Said(NamedTuple):
    """Where a decision stands, when it was made and why."""

    place: str
    day: date
    reason: str


class Decisions(NamedTuple):
    """The decisions in force: pairs of records that are one customer or two, and records that are internal or not."""

    same: dict[tuple[Record, Record], Said]
    different: dict[tuple[Record, Record], Said]
    internal: dict[Record, Said]
    not_internal: dict[Record, Said]

    @property
    def records(self) -> dict[Record, Said]:
        """Every record that a decision names."""
        pairs = {record: said for each in (self.same, self.different) for pair, said in each.items() for record in pair}
        return pairs | self.internal | self.not_internal


NONE = Decisions({}, {}, {}, {})


def read_decisions(folder: Path) -> Decisions:
    """The decisions beside the data, in `decisions/`; where two speak of the same records, the one of the later day
    holds.

    Raises `DecisionError`.
    """
    held = newest(
        (key, kind, said)
        for path in decision_files(folder)
        for kind, records, said in _read(path)
        for key in (combinations(sorted(records), 2) if kind in ("same", "different") else records)
    )
    return Decisions(*(of_kind(held, kind) for kind in Decisions._fields))


def newest(decided: Iterable[tuple[Hashable, str, Said]], of: str = "records") -> dict[Hashable, tuple[str, Said]]:
    """For each thing decided on the kind of decision that holds, that of the latest day, and where it stands.

    Raises `DecisionError` where the decisions of that day contradict each other.
    """
    every: dict[Hashable, list[tuple[str, Said]]] = defaultdict(list)
    for key, kind, said in decided:
        every[key].append((kind, said))
    return {key: _newest(each, of) for key, each in every.items()}


def of_kind(held: dict[Hashable, tuple[str, Said]], kind: str) -> dict[Hashable, Said]:
    """Those of one kind among the decisions that hold."""
    return {key: said for key, (found, said) in held.items() if found == kind}


def _newest(each: list[tuple[str, Said]], of: str) -> tuple[str, Said]:
    day = max(said.day for _, said in each)
    (kind, said), *others = reversed([(kind, said) for kind, said in each if said.day == day])
    for other, place in ((other, its.place) for other, its in others if other != kind):
        raise DecisionError(
            f"{place} says '{other}' and {said.place}, of the same day, '{kind}' of the same {of}. Both cannot hold:"
            " take one of them out, or put the one that holds into a file of a later day."
        )
    return kind, said


def _listed(value: object) -> object:
    """A record written as [source, key], as source:key or as {source: ..., key: ...}."""
    parts = value.split(":", 1) if isinstance(value, str) else value
    return {"source": parts[0], "key": parts[1]} if isinstance(parts, list) and len(parts) == 2 else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Record(_Part):
    source: str = Field(min_length=1)
    key: str = Field(min_length=1)
    reason: str = ""


_Records = list[Annotated[_Record, BeforeValidator(_listed)]]


class _Link(_Part):
    same: _Records = []
    different: _Records = []
    reason: str = ""

    @model_validator(mode="after")
    def _says_one_thing(self):
        if bool(self.same) == bool(self.different):
            raise ValueError("give either 'same' or 'different', with the records that are meant")
        named = [(record.source, record.key) for record in self.same or self.different]
        if len(set(named)) < 2 or len(set(named)) < len(named):
            raise ValueError("name two records or more, each once, as in [[crm, M200017], [shop, '3100042']]")
        return self


class _File(_Part):
    decides: str = ""
    reason: str = ""
    signed_by: str = ""
    links: list[_Link] = []
    internal: _Records = []
    not_internal: _Records = []


def _read(path: Path) -> Iterator[tuple[str, list[Record], Said]]:
    data, lines = _load(path)
    if not _is_read_here(path, data, lines):
        return
    try:
        found, day = _File.model_validate(data), date.fromisoformat(path.name[:10])
    except ValidationError as error:
        raise DecisionError(_in_words(error.errors()[0], lines)) from None
    except ValueError:
        raise DecisionError(f"decisions/{path.name}: a decision is dated; name it as 2026-07-01-links.yml.") from None
    for loc, kind, records, reason in _entries(found):
        yield kind, records, Said(_place(lines, loc), day, _reason(reason or found.reason, lines, loc))


def _is_read_here(path: Path, data: dict, lines: Lines) -> bool:
    kind, place = data.get("decides", KINDS[0]), _place(lines, ("decides",))
    if kind not in (*KINDS, *OTHERS):
        raise DecisionError(f"{place}: nothing decides '{kind}'; {nearest(kind, (*KINDS, *OTHERS))}")
    if kind in OTHERS and not re.fullmatch(rf"\d{{4}}-\d\d-\d\d-{kind}", path.stem):
        raise DecisionError(f"{place}: a decision on {kind} is named after its day and that: 2026-07-01-{kind}.yml.")
    return kind in KINDS


def _entries(found: _File) -> Iterator[tuple[tuple, str, list[Record], str]]:
    for number, link in enumerate(found.links):
        kind = "same" if link.same else "different"
        records = [Record(record.source, record.key) for record in link.same or link.different]
        yield ("links", number), kind, records, link.reason
    for kind in ("internal", "not_internal"):
        for number, record in enumerate(getattr(found, kind)):
            yield (kind, number), kind, [Record(record.source, record.key)], record.reason


def _load(path: Path) -> tuple[dict, Lines]:
    """All values are texts: a key such as 0123 would lose its zero, and `no` is nobody's answer."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)
        return _shaped(path, data), read_yaml(path, yaml.BaseLoader)[1]
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError) as error:
        said = re.sub(r"\s+", " ", str(error))
        raise DecisionError(f"decisions/{path.name} does not read as YAML in UTF-8: {said}") from None


def _shaped(path: Path, data: object) -> dict:
    if isinstance(data, dict):
        return data
    found = "begins with a list" if isinstance(data, list) else "holds a text only" if data else "is empty"
    raise DecisionError(f"decisions/{path.name} {found}; {_NEEDED}.")


def _reason(reason: str, lines: Lines, loc: tuple) -> str:
    if not reason.strip():
        place = _place(lines, loc)
        raise DecisionError(f"{place}: a decision needs a reason: somebody will ask in a year. Add 'reason: ...'.")
    return reason


def _in_words(problem: dict, lines: Lines) -> str:
    loc, cause = problem["loc"], problem.get("ctx", {}).get("error")
    said = {
        "extra_forbidden": f"this key is not known here; {nearest(str(loc[-1]), _known(loc))}",
        "missing": f"'{loc[-1]}' is missing; a record is written as {{source: crm, key: M200017}}.",
        "model_type": "a record is written as [source, key], as in [crm, M200017], or as crm:M200017.",
        "list_type": "write a list, each entry on a line of its own that begins with '- '.",
    }
    what = f"{cause}." if cause else said.get(problem["type"], f"{problem['msg']}.")
    return f"{_place(lines, loc)}, key '{'.'.join(map(str, loc))}': {what}"


def _known(loc: tuple) -> list[str]:
    owner = _File if len(loc) == 1 else _Link if loc[0] == "links" and len(loc) == 3 else _Record
    return list(owner.model_fields)


def _place(lines: Lines, loc: tuple) -> str:
    return f"decisions/{lines.place(loc)}"
