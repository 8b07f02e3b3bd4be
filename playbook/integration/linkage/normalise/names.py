"""Names of people: one key for 张伟, Zhang Wei and Wei ZHANG; what is only part of a name is said."""

import re
from functools import cache
from itertools import chain
from typing import NamedTuple

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


def name(text: str) -> Name:
    """A name, as integration reads it (lower case, no title, words apart), taken apart.

    >>> name("wei zhang").name_key == name("张伟").name_key
    True
    """
    return _of_signs(text) if is_chinese(text) else _of_letters(text)


def _of_signs(text: str) -> Name:
    signs = "".join(HAN.findall(text))
    surname = signs[:2] if len(signs) > 2 and signs[:2] in words("compound_surnames") else signs[:1]
    reading = words("surname_readings").get(surname)
    family = reading.split() if reading else [syllable(sign) for sign in surname]
    rest = [syllable(sign) for sign in signs[len(surname) :]]
    return Name(text, " ".join(sorted([*family, *rest])), "".join(family), "".join(rest), SIGNS if rest else PART)


def _of_letters(text: str) -> Name:
    parts = [bare for part in plain(text).split() if (bare := re.sub(r"[^a-z0-9]", "", part))]
    whole = [part for part in parts if len(part) > 1]
    parts = whole if len(whole) > 1 else parts  # a middle initial says nothing where two whole words stand beside it
    if len(parts) < 2 or any(len(part) == 1 for part in parts):
        surname = max(parts, key=len, default="")
        at = parts.index(surname) if parts else 0
        return Name(text, " ".join(sorted(parts)), surname, "".join(parts[:at] + parts[at + 1 :]), PART)
    syllables = [_syllables(part) for part in parts]
    pinyin = ["".join(part) for part in syllables]
    if all(syllables) and any(part in _families() for part in pinyin):
        at = 0 if pinyin[0] in _families() else len(parts) - 1  # the family name stands first as in Chinese, or last
        key = " ".join(sorted(chain.from_iterable(syllables)))
        return Name(text, key, pinyin[at], "".join(pinyin[:at] + pinyin[at + 1 :]), LETTERS)
    given_names = [_long_forms().get(part, part) for part in parts[:-1]]
    return Name(text, " ".join(sorted([*given_names, parts[-1]])), parts[-1], "".join(given_names), LETTERS)


@cache
def _syllables(word: str) -> list[str]:
    """The syllables of a word in pinyin, the longest first; after the first each begins with a consonant."""
    match = _SYLLABLE.match(word)
    for end in range(match.end() if match else 0, 0, -1):
        rest = word[end:]
        if _SYLLABLE.fullmatch(word[:end]) and (not rest or (rest[0] in _CONSONANTS and _syllables(rest))):
            return [word[:end].replace("v", "u"), *_syllables(rest)]
    return []


@cache
def _families() -> frozenset[str]:
    readings = {reading.replace(" ", "") for reading in words("surname_readings").values()}
    return frozenset(words("families_in_pinyin")) | readings


@cache
def _long_forms() -> dict[str, str]:
    return {short: long for long, shorts in words("short_names").items() for short in shorts}
