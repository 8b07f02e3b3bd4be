"""How right a drafted sources.yml is, read as its user reads it: what it maps, and what it marks for a decision."""

import re
from collections import Counter
from typing import NamedTuple

import yaml

_GROUPS = ("columns", "kinds", "exclude", "values")
_MARK = re.compile(r"\s*#[ #]*DECIDE: (\w+):")


class Verdicts(NamedTuple):
    """Of every line that matters: right, marked for a decision, or wrong in silence (with what stands there)."""

    right: list[str]
    marked: list[str]
    wrong: list[str]

    @property
    def caught(self) -> float:
        """The share that is right or marked."""
        return (len(self.right) + len(self.marked)) / sum(map(len, self))

    @property
    def settled(self) -> float:
        """The share that is right without asking."""
        return len(self.right) / sum(map(len, self))

    def __add__(self, other: "Verdicts") -> "Verdicts":
        return Verdicts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def judged(text: str, truth: dict) -> Verdicts:
    """A draft against the truth of its folder: file -> key -> right answer, or a list of right answers."""
    draft, marks = yaml.safe_load(text), _marks(text)
    drafted = {spec["path"]: spec for spec in draft["files"] or ()}
    verdicts = _compared("", truth.get("settings", {}), draft, marks[""], extra={})
    for path, right in truth.items():
        if path != "settings":
            verdicts += _file(path, right, drafted.get(path, {}), marks.get(path, set()))
    strangers = sorted(set(drafted) - set(truth))
    return verdicts + Verdicts([], [], [f"{path}: is nothing in truth" for path in strangers])


def _file(path: str, right: dict, drafted: dict, marks: set[str]) -> Verdicts:
    if right["table"] is None and not drafted:
        return Verdicts([f"{path}: none of the tables"], [], [])
    flat = {key: value for key, value in right.items() if key not in (*_GROUPS, "also")}
    wanted = flat | {name: value for group in _GROUPS for name, value in right.get(group, {}).items()}
    entries = {key: value for key, value in drafted.items() if key not in _GROUPS}
    entries |= {name: value for group in _GROUPS for name, value in drafted.get(group, {}).items()}
    extra = {name: value for name, value in entries.items() if name not in wanted and name not in ("path", "source")}
    return _compared(
        f"{path}: ",
        wanted,
        entries,
        marks,
        {name: (value, right.get("also", {}).get(name)) for name, value in extra.items()},
    )


def _compared(label: str, wanted: dict, entries: dict, marks: set[str], extra: dict) -> Verdicts:
    right, marked, wrong = [], [], []
    for name, answer in wanted.items():
        answers = answer if isinstance(answer, list) and name not in ("lookup",) else [answer]
        line = f"{label}{name}: {entries.get(name)}"
        (marked if name in marks else right if entries.get(name) in answers else wrong).append(line)
    wrong += [f"{label}{name}: {value}" for name, (value, may) in extra.items() if value != may and name not in marks]
    return Verdicts(right, marked, wrong)


def _marks(text: str) -> dict[str, set[str]]:
    """File ('' for the head of the draft) -> the keys that are marked for a decision."""
    entries, path = {"": set()}, ""
    for line in text.splitlines():
        if match := re.match(r"\s*[# ]*- path: (.*)", line):
            path = yaml.safe_load(match[1])
            entries[path] = set()
        if match := _MARK.match(line):
            entries[path].add(match[1])
    return entries


def counted(verdicts: Verdicts) -> Counter:
    """How many of each."""
    return Counter({name: len(getattr(verdicts, name)) for name in verdicts._fields})
