"""A draft: its lines with their evidence, and as text: sources.yml with a mark where something has to be decided."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import sqlglot
import yaml
from sqlglot import exp

from playbook.onboarding.file_profile import ColumnRef, FileProfile
from playbook.onboarding.files import Unread
from playbook.onboarding.names import concepts, group

DECIDE = "# DECIDE:"


class Entry(NamedTuple):
    """One line: `doubt` says what to decide (None: it is sure); an inactive one is written as a comment."""

    key: str
    value: object
    why: str = ""
    doubt: str | None = None
    active: bool = True


class FileDraft(NamedTuple):
    """One file of the draft: what it is, its lines above and below the blocks `columns`, `kinds` and `exclude`."""

    path: str
    head: str
    top: list[Entry]
    blocks: dict[str, list[Entry]]
    bottom: list[Entry]
    left_out: list[str]
    active: bool = True


class Draft(NamedTuple):
    """A whole draft: what holds for the folder, each file, what is none of the tables, and what could not be read."""

    settings: list[Entry]
    files: list[FileDraft]
    unplaced: list[tuple[str, str]]
    unread: list[Unread]

    @property
    def undecided(self) -> int:
        """How many lines are marked for a decision."""
        return text(self).count(DECIDE)


def text(draft: Draft) -> str:
    """The text of sources.yml."""
    is_empty = not any(file.active for file in draft.files)
    lines = [*_INTRODUCTION, *(line for entry in draft.settings for line in _line(entry)), _FILES[is_empty]]
    for file in draft.files:
        lines += _file(file)
    lists = {"None of the standard tables": draft.unplaced, "Not read": draft.unread}
    for title, listed in lists.items():
        lines += ["", f"# {title}:", *(f"#   {path}: {_flat(why)}" for path, why in listed)] if listed else []
    return "\n".join(line.rstrip() for line in lines) + "\n"


def shown(file: FileProfile, column: ColumnRef) -> str:
    """What a column holds, in words; of personal data never a value."""
    if column.is_empty:
        return "empty"
    count = "1 value" if column.distinct == 1 else f"{column.distinct:,} values"
    if is_personal(column) or set(group("employees")) & set(file.types[column.name]):
        return count
    values = (_flat(value) for value in column.values[:3])
    return f"{count} such as {', '.join(v if len(v) <= 24 else f'{v[:21]}...' for v in values)}"


def is_personal(column: ColumnRef) -> bool:
    """Whether a column may hold personal data, by its name or its values."""
    is_shaped = column.shares["mobile"] + column.shares["dialled"] + column.shares["email"] > 0.2
    is_named = set(group("personal")) & set(concepts(column.name))
    return bool(is_shaped or is_named)


def identifier(name: str) -> str:
    """A column's name as it stands in an expression: in double quotes where it would not read otherwise.

    >>> identifier("total"), identifier("order date")
    ('total', '"order date"')
    """
    try:
        tree = sqlglot.parse_one(name, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        tree = None
    is_plain = re.fullmatch(r"[^\W\d]\w*", name) and isinstance(tree, exp.Column) and tree.name == name
    return name if is_plain else '"' + name.replace('"', '""') + '"'


def columns_in(entries: Iterable[Entry], file: FileProfile) -> set[str]:
    """The columns of a file that the entries' values name: themselves, or in expressions."""
    texts = {str(entry.value) for entry in entries}
    parts = {part.strip('"') for text in texts for part in re.split(r" (?:[-+*=]|<>|in|like) |, |\(|\)", text)}
    return {column.name for column in file.columns if column.name in texts | parts}


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
    lines = [f"- path: {_flow(file.path)}", *(f"  {line}" for entry in file.top for line in _line(entry))]
    for key, entries in file.blocks.items():
        mark = "" if any(entry.active for entry in entries) else "# "
        lines += [f"  {mark}{key}:", *(f"    {line}" for entry in entries for line in _line(entry))] if entries else []
    lines += [f"  {line}" for entry in file.bottom for line in _line(entry)]
    lines = lines if file.active else [f"# {line}" for line in lines]
    lines += [f"  # not in use: {'; '.join(file.left_out)}"] if file.left_out else []
    return ["", *(f"  # {line}" for line in file.head.split("\n")), *(f"  {line}" for line in lines)]


def _line(entry: Entry) -> Iterator[str]:
    """`key: value # evidence`; a doubt stands above the line, where it can be longer."""
    line = f"{'' if entry.active else '# '}{_flow(entry.key)}: {_flow(entry.value)}"
    if entry.doubt is None:
        yield f"{line}  # {entry.why}" if entry.why else line
    else:
        yield f"{DECIDE} {entry.key}: {_flat(f'{entry.doubt} ({entry.why})' if entry.why else entry.doubt)}"
        yield line


def _flow(value: object) -> str:
    if isinstance(value, str) and "'" in value and value.isprintable():
        return json.dumps(value, ensure_ascii=False)
    dumped = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000, sort_keys=False)
    return dumped.removesuffix("\n").removesuffix("\n...")


def _flat(words: str) -> str:
    return " ".join(words.split())
