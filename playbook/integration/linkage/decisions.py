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
#: The kinds of decision as the files have them: on two records (must link, cannot link), and on one.
MUST_LINK, CANNOT_LINK = "same", "different"
INTERNAL, NOT_INTERNAL = "internal", "not_internal"
_NEEDED = "it needs `links:`, `internal:` or `not_internal:`, each with a list of decisions"


class DecisionError(SourcesError):
    """A decision that cannot be used: the message names file, line and remedy."""


class Record(NamedTuple):
    """A record of a source, under the key that `identities` publishes or the source itself uses."""

    source: str
    key: str


class Decision(NamedTuple):
    """A decision: its kind (`same`, `different`, `internal`, `not_internal`), where it stands, its day, and why."""

    kind: str
    place: str
    day: date
    reason: str


#: The decisions in force, by the record or the two records that they are about.
Decisions = dict[Record | tuple[Record, Record], Decision]


def read_decisions(folder: Path) -> Decisions:
    """The decisions beside the data, in `decisions/`; where two speak of the same records, the one of the later day
    holds.

    Raises `DecisionError`.
    """
    return latest(decided for path in decision_files(folder) for decided in _read(path))


def latest(decided: Iterable[tuple[Hashable, Decision]], of: str = "records") -> dict[Hashable, Decision]:
    """For each thing decided on the decision that holds, that of the latest day.

    Raises `DecisionError` where the decisions of that day contradict each other.
    """
    by_key: dict[Hashable, list[Decision]] = defaultdict(list)
    for key, decision in decided:
        by_key[key].append(decision)
    holding = {}
    for key, every in by_key.items():
        day = max(decision.day for decision in every)
        last, *others = reversed([decision for decision in every if decision.day == day])
        if contrary := [other for other in others if other.kind != last.kind]:
            raise DecisionError(
                f"{contrary[0].place} says '{contrary[0].kind}' and {last.place}, of the same day, '{last.kind}' of the"
                f" same {of}. Both cannot hold: take one of them out, or put the one that holds into a file of a later"
                " day."
            )
        holding[key] = last
    return holding


def _record(value: object) -> object:
    """A record written as [source, key], as source:key or as {source: ..., key: ...}."""
    parts = value.split(":", 1) if isinstance(value, str) else value
    return {"source": parts[0], "key": parts[1]} if isinstance(parts, list) and len(parts) == 2 else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Record(_Part):
    source: str = Field(min_length=1)
    key: str = Field(min_length=1)
    reason: str = ""


_Records = list[Annotated[_Record, BeforeValidator(_record)]]


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

    def entries(self) -> Iterator[tuple[tuple, str, list[_Record], str]]:
        """Each decision: where it stands, its kind, its records, its reason."""
        for number, link in enumerate(self.links):
            yield ("links", number), MUST_LINK if link.same else CANNOT_LINK, link.same or link.different, link.reason
        for kind in (INTERNAL, NOT_INTERNAL):
            for number, record in enumerate(getattr(self, kind)):
                yield (kind, number), kind, [record], record.reason


def _read(path: Path) -> Iterator[tuple[Record | tuple[Record, Record], Decision]]:
    data, lines = _load(path)
    decides, place = data.get("decides", KINDS[0]), f"decisions/{lines.place(('decides',))}"
    if decides not in (*KINDS, *OTHERS):
        raise DecisionError(f"{place}: nothing decides '{decides}'; {nearest(decides, (*KINDS, *OTHERS))}")
    if decides in OTHERS and not re.fullmatch(rf"\d{{4}}-\d\d-\d\d-{decides}", path.stem):
        raise DecisionError(
            f"{place}: a decision on {decides} is named after its day and that: 2026-07-01-{decides}.yml."
        )
    if decides in OTHERS:
        return
    try:
        file, day = _File.model_validate(data), date.fromisoformat(path.name[:10])
    except ValidationError as error:
        raise DecisionError(_in_words(error.errors()[0], lines)) from None
    except ValueError:
        raise DecisionError(f"decisions/{path.name}: a decision is dated; name it as 2026-07-01-links.yml.") from None
    for loc, kind, records, own_reason in file.entries():
        reason, place = own_reason or file.reason, f"decisions/{lines.place(loc)}"
        if not reason.strip():
            raise DecisionError(f"{place}: a decision needs a reason: somebody will ask in a year. Add 'reason: ...'.")
        named = sorted(Record(record.source, record.key) for record in records)
        for key in combinations(named, 2) if kind in (MUST_LINK, CANNOT_LINK) else named:
            yield key, Decision(kind, place, day, reason)


def _load(path: Path) -> tuple[dict, Lines]:
    """All values are texts: a key such as 0123 would lose its zero, and `no` is nobody's answer."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)
        if isinstance(data, dict):
            return data, read_yaml(path, yaml.BaseLoader)[1]
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError) as error:
        detail = re.sub(r"\s+", " ", str(error))
        raise DecisionError(f"decisions/{path.name} does not read as YAML in UTF-8: {detail}") from None
    shape = "begins with a list" if isinstance(data, list) else "holds a text only" if data else "is empty"
    raise DecisionError(f"decisions/{path.name} {shape}; {_NEEDED}.")


def _in_words(problem: dict, lines: Lines) -> str:
    loc, cause = problem["loc"], problem.get("ctx", {}).get("error")
    owner = _File if len(loc) == 1 else _Link if loc[0] == "links" and len(loc) == 3 else _Record
    words = {
        "extra_forbidden": f"this key is not known here; {nearest(str(loc[-1]), list(owner.model_fields))}",
        "missing": f"'{loc[-1]}' is missing; a record is written as {{source: crm, key: M200017}}.",
        "model_type": "a record is written as [source, key], as in [crm, M200017], or as crm:M200017.",
        "list_type": "write a list, each entry on a line of its own that begins with '- '.",
    }
    what = f"{cause}." if cause else words.get(problem["type"], f"{problem['msg']}.")
    return f"decisions/{lines.place(loc)}, key '{'.'.join(map(str, loc))}': {what}"
