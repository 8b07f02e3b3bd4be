"""The lines of a draft: a key, its value, the evidence, and what has to be decided where it is not sure."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.meanings import meanings
from playbook.onboarding.names import concepts

_PEOPLE = ("owner", "employee")  # who may be named
_PRIVATE = (
    "phone",
    "email",
    "name",
    "first_name",
    "last_name",
    "bare_name",
    "address",
    "birthday",
    "openid",
    "member_card",
)


class Entry(NamedTuple):
    """One line: `doubt` says what to decide (None: it is sure); an inactive one is written as a comment."""

    key: str
    value: object
    why: str = ""
    doubt: str | None = None
    active: bool = True

    @property
    def sure(self) -> bool:
        """Whether nothing has to be decided."""
        return self.doubt is None


def shown(column: ColumnLook) -> str:
    """What a column holds, in words; of personal data never a value."""
    if column.is_empty:
        return "empty"
    many = "1 value" if column.distinct == 1 else f"{column.distinct:,} values"
    hidden = is_private(column) or any(concept in _PEOPLE for concept in meanings(column))
    return many if hidden else f"{many} such as {', '.join(_short(value) for value in column.values[:3])}"


def is_private(column: ColumnLook) -> bool:
    """Whether a column may hold personal data."""
    found = meanings(column) | {concept: 1.0 for concept in concepts(column.name) if concept in _PRIVATE}
    shaped = column.shares["mobile"] + column.shares["dialled"] + column.shares["email"] > 0.2
    return shaped or any(found.get(concept, 0) >= 0.4 for concept in _PRIVATE)


def either(names: list[str]) -> str:
    """A choice in words."""
    return " or ".join(names)


def columns_in(entry: Entry, names: Iterable[str]) -> set[str]:
    """The columns that an entry's value names: itself, or those in its expression."""
    text = str(entry.value)
    parts = {part.strip('"') for part in re.split(r" (?:[-+*=]|<>|in|like) |, |\(|\)", text)}
    return {name for name in names if name == text or (name and name in parts)}


def _short(value: str) -> str:
    flat = " ".join(value.split())
    return flat if len(flat) <= 24 else f"{flat[:21]}..."
