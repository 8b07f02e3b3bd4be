"""A draft as text: sources.yml with the evidence beside each line, and a mark where something has to be decided."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import yaml

from playbook.onboarding.entries import Entry
from playbook.onboarding.look import Unread

DECIDE = "# DECIDE:"


class FileDraft(NamedTuple):
    """One file of the draft: where it lies, its table, and its entries by key of sources.yml."""

    path: str
    head: str
    top: list[Entry]
    columns: list[Entry]
    rules: dict[str, list[Entry]]
    singles: list[Entry]
    values: dict[str, dict[str, str]]
    left_out: list[str]
    active: bool = True

    @property
    def entries(self) -> list[Entry]:
        """All lines of the draft of this file."""
        return [*self.top, *self.columns, *(entry for listed in self.rules.values() for entry in listed), *self.singles]


class Draft(NamedTuple):
    """A whole draft: what holds for the folder, each file, what is none of the tables, and what could not be read."""

    settings: list[Entry]
    files: list[FileDraft]
    unplaced: list[tuple[str, str]]
    unread: list[Unread]

    @property
    def is_empty(self) -> bool:
        """Whether no file is mapped for certain: all that there is stands in comments."""
        return not any(file.active for file in self.files)

    @property
    def undecided(self) -> int:
        """How many lines are marked for a decision."""
        entries = [*self.settings, *(entry for file in self.files for entry in file.entries)]
        return sum(not entry.sure for entry in entries)


def text(draft: Draft) -> str:
    """The text of sources.yml."""
    lines = [*_INTRODUCTION, *(line for entry in draft.settings for line in _line(entry)), _FILES[draft.is_empty]]
    for file in draft.files:
        lines += _file(file)
    lines += _listed("None of the standard tables", draft.unplaced)
    lines += _listed("Not read", [(unread.path, unread.why) for unread in draft.unread])
    return "\n".join(line.rstrip() for line in lines) + "\n"


_INTRODUCTION = (
    "# Drafted by `playbook init`: what each file holds and what its columns mean. docs/sources.md explains every key.",
    "# Lines marked DECIDE are not sure: keep, change or delete them, and delete the mark. The rest the files prove.",
    "# Then: playbook check .",
)


_FILES = {
    False: "files:",
    True: "files: []  # nothing is mapped for certain: write the entries here, or take the [] and the # below away",
}


def _file(file: FileDraft) -> list[str]:
    lines = [f"- {_pair('path', file.path)}", *(f"  {line}" for entry in file.top for line in _line(entry))]
    lines += _block("columns", file.columns)
    for key, entries in file.rules.items():
        lines += _block(key, entries)
    lines += [f"  {line}" for entry in file.singles for line in _line(entry)]
    lines += [f"  values: {_flow(file.values)}"] if file.values else []
    lines = lines if file.active else [f"# {line}" for line in lines]
    return [
        "",
        *(f"  # {line}" for line in file.head.split("\n")),
        *(f"  {line}" for line in [*lines, *_left_out(file)]),
    ]


def _block(key: str, entries: list[Entry]) -> list[str]:
    if not entries:
        return []
    mark = "" if any(entry.active for entry in entries) else "# "
    return [f"  {mark}{key}:", *(f"    {line}" for entry in entries for line in _line(entry))]


def _left_out(file: FileDraft) -> Iterator[str]:
    if file.left_out:
        yield f"  # not in use: {'; '.join(file.left_out)}"


def _line(entry: Entry) -> list[str]:
    """`key: value # evidence`; a doubt stands above the line, where it can be longer."""
    written = f"{'' if entry.active else '# '}{_pair(entry.key, entry.value)}"
    if entry.sure:
        return [f"{written}  # {entry.why}" if entry.why else written]
    why = f" ({entry.why})" if entry.why else ""
    return [f"{DECIDE} {entry.key}: {_flat(entry.doubt + why)}", written]


def _pair(key: str, value: object) -> str:
    return f"{_scalar(key)}: {_flow(value)}"


def _scalar(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, width=10_000).removesuffix("\n").removesuffix("\n...")


def _flow(value: object) -> str:
    if isinstance(value, str) and "'" in value and value.isprintable():
        return json.dumps(value, ensure_ascii=False)
    dumped = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000, sort_keys=False)
    return dumped.removesuffix("\n").removesuffix("\n...")


def _flat(words: str) -> str:
    return " ".join(words.split())


def _listed(title: str, entries: list[tuple[str, str]]) -> list[str]:
    return ["", f"# {title}:", *(f"#   {path}: {_flat(why)}" for path, why in entries)] if entries else []
