"""What a kind of value is: the SQL that makes a value of a text, and says why it could not."""

from collections.abc import Callable
from typing import NamedTuple


class At(NamedTuple):
    """The names of the columns that the pieces of a kind read, each filled by the one before it.

    `c` is the text as the file has it, `w` the same in half width without invisible characters or spaces around it, `h`
    the text prepared (null where it says that there is nothing), `r` what was read, plausible or not.
    """

    c: str
    w: str
    h: str
    r: str


Piece = Callable[[At], str]


class Kind(NamedTuple):
    """The pieces of SQL of one kind of value.

    `value` is null where there is none; `reason` gives the code of why that is so where something is written, `repair`
    the code of what had to be done to get a value (null: nothing).
    """

    prepare: Piece  # of c, w: h
    read: Piece  # of c, w, h: r
    value: Piece  # of r
    reason: Piece
    repair: Piece
    type: str


def constant(code: str) -> Piece:
    """Always the same code."""
    return lambda at: f"'{code}'"


def changed(code: str) -> Piece:
    """The code where preparing changed the text."""
    return lambda at: f"case when {at.h} <> {at.c} then '{code}' end"


def as_read(at: At) -> str:
    """The value as it was read."""
    return at.r


def as_prepared(at: At) -> str:
    """The prepared text as it is."""
    return at.h


def nothing(at: At) -> str:
    """No code at all."""
    return "null"
