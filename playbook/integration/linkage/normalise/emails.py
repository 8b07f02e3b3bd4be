"""E-mails: what stands before the @, without tags and dots, and the part by which mistyped ones are still found."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

LEAST_LETTERS = 4


class Email(NamedTuple):
    """An address for comparing: `email_local` (li.na+shop@x.cn: lina) and `email_core`, its digits or longest word."""

    email: str
    email_local: str
    email_core: str


def emails(given: Iterable[str]) -> pd.DataFrame:
    """One row per different address as integration reads it (lower case): the fields of `Email`."""
    return pd.DataFrame([email(text) for text in sorted(set(given))], columns=Email._fields)


def email(text: str) -> Email:
    """An address taken apart."""
    local = text.split("@", 1)[0].split("+", 1)[0]
    bare = re.sub(r"[._\-]", "", local)
    longest = max(re.split(r"[^a-z]+", local), key=len)
    return Email(text, bare, re.sub(r"\D", "", local) or (longest if len(longest) >= LEAST_LETTERS else bare))
