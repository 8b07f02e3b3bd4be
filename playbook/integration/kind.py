"""What a kind of value is: the SQL that makes a value of a text, and says why it could not."""

from collections.abc import Callable
from typing import NamedTuple


class Kind(NamedTuple):
    """The pieces of SQL of one kind of value. Each is made from the names of the columns that the pieces before it fill.

    `c` is the text as the file has it; `h` the text prepared, null where it says that there is nothing; `r` what was
    read, plausible or not; the value is null where it cannot be. `reason` gives the code of why a value is null, `repair`
    the code of what had to be done to get one (null: nothing).
    """

    prepare: Callable[[str], str]  # c -> h
    read: Callable[[str, str], str]  # c, h -> r
    value: Callable[[str], str]  # r -> the value
    reason: Callable[[str, str, str], str]  # c, h, r
    repair: Callable[[str, str], str]  # c, h
    type: str


def constant(code: str) -> Callable[..., str]:
    """Always the same code."""
    return lambda *columns: f"'{code}'"


def changed(code: str) -> Callable[[str, str], str]:
    """The code where preparing changed the text."""
    return lambda c, h: f"case when {h} <> {c} then '{code}' end"


def itself(column: str) -> str:
    """The value as it was read."""
    return column


def prepared(c: str, h: str) -> str:
    """The prepared text as it is."""
    return h


def nothing(*columns: str) -> str:
    """No code at all."""
    return "null"
