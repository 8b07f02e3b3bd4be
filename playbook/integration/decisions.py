"""What an analyst has decided: these records are one customer, these are not, this one is staff. It always wins."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Annotated, NamedTuple

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from playbook.data import decision_files
from playbook.integration.locate import SourcesError, nearest
from playbook.yaml_lines import Lines, read_yaml

#: What such a file `decides:`; files that decide anything else are read by others.
KINDS = ("links", "internal")


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
    """The decisions beside the data, in `decisions/`; where two speak of the same records, the later one holds.

    Raises `DecisionError`.
    """
    links: dict[tuple[Record, Record], tuple[str, Said]] = {}
    internal: dict[Record, tuple[str, Said]] = {}
    for path in decision_files(folder):
        for kind, records, said in _read(path):
            if kind in ("same", "different"):
                links |= dict.fromkeys(combinations(sorted(records), 2), (kind, said))
            else:
                internal[records[0]] = (kind, said)
    return Decisions(
        _of(links, "same"), _of(links, "different"), _of(internal, "internal"), _of(internal, "not_internal")
    )


def _of(found: dict, kind: str) -> dict:
    return {key: said for key, (is_, said) in found.items() if is_ == kind}


def _listed(value: object) -> object:
    """A record written as [source, key] or as {source: ..., key: ...}."""
    return {"source": value[0], "key": value[1]} if isinstance(value, list) and len(value) == 2 else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Record(_Part):
    source: str = Field(min_length=1)
    key: str = Field(min_length=1)
    reason: str = ""


class _Link(_Part):
    same: list[Annotated[_Record, BeforeValidator(_listed)]] = []
    different: list[Annotated[_Record, BeforeValidator(_listed)]] = []
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
    internal: list[_Record] = []
    not_internal: list[_Record] = []


def _read(path: Path) -> Iterator[tuple[str, list[Record], Said]]:
    data, lines = _load(path)
    if data.get("decides", KINDS[0]) not in KINDS:
        return
    try:
        found, day = _File.model_validate(data), date.fromisoformat(path.name[:10])
    except ValidationError as error:
        raise DecisionError(_in_words(error.errors()[0], lines)) from None
    except ValueError:
        raise DecisionError(f"decisions/{path.name}: a decision is dated; name it as 2026-07-01-links.yml.") from None
    for loc, kind, records, reason in _entries(found):
        yield kind, records, Said(_place(lines, loc), day, _reason(reason or found.reason, lines, loc))


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
        lines = read_yaml(path)[1]
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader), lines
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError) as error:
        said = re.sub(r"\s+", " ", str(error))
        raise DecisionError(f"decisions/{path.name} does not read as YAML in UTF-8: {said}") from None


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
        "model_type": "a record is written as [source, key], as in [crm, M200017].",
        "list_type": "write a list, each entry on a line of its own that begins with '- '.",
    }
    what = f"{cause}." if cause else said.get(problem["type"], f"{problem['msg']}.")
    return f"{_place(lines, loc)}, key '{'.'.join(map(str, loc))}': {what}"


def _known(loc: tuple) -> list[str]:
    owner = _File if len(loc) == 1 else _Link if loc[0] == "links" and len(loc) == 3 else _Record
    return list(owner.model_fields)


def _place(lines: Lines, loc: tuple) -> str:
    return f"decisions/{lines.place(loc)}"
