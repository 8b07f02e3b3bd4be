"""Names of people: one key for 张伟, Zhang Wei and Wei ZHANG; what is only part of a name is said."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import NamedTuple

import pandas as pd

from playbook.integration.types.letters import HAN, is_chinese, plain, syllable
from playbook.integration.types.words import words

#: How much of a name it is: a part (W. Zhang, 张女士), the whole in letters, the whole in Chinese signs.
PART, LETTERS, SIGNS = 1, 2, 3

_CONSONANTS = "bpmfdtnlgkhjqxzcsryw"
_FINALS = [
    "iang", "iong", "uang", "uai", "uan", "ang", "eng", "ong", "ing", "ian", "iao", "uo", "ie", "iu", "ia", "ua", "ui",
    "un", "ue", "ve", "an", "en", "in", "ai", "ei", "ao", "ou", "er", "a", "o", "e", "i", "u", "v",
]  # fmt: skip
_SYLLABLE = re.compile(rf"(?:[zcs]h|[{_CONSONANTS}])?(?:{'|'.join(sorted(_FINALS, key=len, reverse=True))})")


class Name(NamedTuple):
    """A name taken apart, all in plain letters.

    `name_key`: its words (syllables of a Chinese name) in alphabetical order, short forms written out; `surname_key`
    and `given_key` as far as they can be told apart; `extent`: PART, LETTERS or SIGNS.
    """

    name: str
    name_key: str
    surname_key: str
    given_key: str
    extent: int


def names(given: Iterable[str]) -> pd.DataFrame:
    """One row per different name as integration reads it (lower case, no title, words apart): the fields of `Name`."""
    return pd.DataFrame([name(text) for text in sorted(set(given))], columns=Name._fields)


def name(text: str) -> Name:
    """A name taken apart."""
    return _of_signs(text) if is_chinese(text) else _of_letters(text)


def _of_signs(text: str) -> Name:
    signs = "".join(HAN.findall(text))
    surname = signs[:2] if len(signs) > 2 and signs[:2] in _compound() else signs[:1]
    family, rest = _family(surname), [syllable(sign) for sign in signs[len(surname) :]]
    key = " ".join(sorted([*family, *rest]))
    return Name(text, key, "".join(family), "".join(rest), SIGNS if rest else PART)


def _of_letters(text: str) -> Name:
    parts = [re.sub(r"[^a-z0-9]", "", part) for part in plain(text).split()]
    parts = _without_initials([part for part in parts if part])
    if len(parts) < 2 or any(len(part) == 1 for part in parts):
        return _part(text, parts)
    syllables = [_syllables(part) for part in parts]
    if all(syllables) and any("".join(part) in _families() for part in syllables):
        return _of_pinyin(text, syllables)
    given, surname = [_long(part) for part in parts[:-1]], parts[-1]
    return Name(text, " ".join(sorted([*given, surname])), surname, "".join(given), LETTERS)


def _of_pinyin(text: str, parts: list[list[str]]) -> Name:
    """The family name stands first as in Chinese, unless only the last word is one."""
    whole = ["".join(part) for part in parts]
    at = 0 if whole[0] in _families() else len(parts) - 1
    given = "".join(part for turn, part in enumerate(whole) if turn != at)
    return Name(text, " ".join(sorted(chain.from_iterable(parts))), whole[at], given, LETTERS)


def _without_initials(parts: list[str]) -> list[str]:
    """A middle initial says nothing where two whole words stand beside it."""
    whole = [part for part in parts if len(part) > 1]
    return whole if len(whole) > 1 else parts


def _part(text: str, parts: list[str]) -> Name:
    """One word alone, or initials: the longest word is taken for the family name."""
    surname = max(parts, key=len, default="")
    at = parts.index(surname) if parts else 0
    given = "".join(part for turn, part in enumerate(parts) if turn != at)
    return Name(text, " ".join(sorted(parts)), surname, given, PART)


def _family(surname: str) -> list[str]:
    known = words("surname_readings").get(surname)
    return known.split() if known else [syllable(sign) for sign in surname]


@cache
def _syllables(word: str) -> list[str]:
    """The syllables of a word in pinyin, the longest first; after the first each begins with a consonant."""
    if not word:
        return []
    match = _SYLLABLE.match(word)
    ends = range(match.end() if match else 0, 0, -1)
    for end in ends:
        rest = word[end:]
        if _SYLLABLE.fullmatch(word[:end]) and (not rest or (rest[0] in _CONSONANTS and _syllables(rest))):
            return [word[:end].replace("v", "u"), *_syllables(rest)]
    return []


@cache
def _compound() -> frozenset[str]:
    return frozenset(words("compound_surnames"))


@cache
def _families() -> frozenset[str]:
    return frozenset(words("families_in_pinyin")) | {
        read.replace(" ", "") for read in words("surname_readings").values()
    }


@cache
def _long_forms() -> dict[str, str]:
    return {short: long for long, shorts in words("short_names").items() for short in shorts}


def _long(part: str) -> str:
    return _long_forms().get(part, part)
