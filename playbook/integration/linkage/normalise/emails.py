"""E-mails: what stands before the @, without tags and dots, and the part by which mistyped ones are still found."""

import re
from typing import NamedTuple

LEAST_LETTERS = 4


class Email(NamedTuple):
    """An address for comparing: `email_local` (li.na+shop@x.cn: lina) and `email_core`, its digits or longest word."""

    email: str
    email_local: str
    email_core: str


def email(text: str) -> Email:
    """An address, in lower case as integration reads it, taken apart.

    >>> email("wang_88@x.cn").email_core
    '88'
    """
    local = text.split("@", 1)[0].split("+", 1)[0]
    bare = re.sub(r"[._\-]", "", local)
    longest = max(re.split(r"[^a-z]+", local), key=len)
    return Email(text, bare, re.sub(r"\D", "", local) or (longest if len(longest) >= LEAST_LETTERS else bare))
