"""Places: one spelling for a province or a city, an address as its words and its numbers."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pandas as pd

from playbook.integration.types.letters import in_pinyin, is_chinese, plain
from playbook.integration.types.words import words


class Address(NamedTuple):
    """An address for comparing: its words in plain letters in alphabetical order, and its numbers as they follow."""

    address: str
    address_words: list[str]
    address_numbers: str


def address(text: str) -> Address:
    """An address as its words and its numbers."""
    parts = re.findall(r"[a-z]+|\d+", in_pinyin(text))
    names = sorted({words("street_words").get(part, part) for part in parts if not part.isdigit()})
    return Address(text, names, "-".join(part.lstrip("0") for part in parts if part.isdigit()))


def places(texts: Iterable[str]) -> pd.DataFrame:
    """One row per different province or city: `place`, its `place_key` (上海市 and Shanghai alike), and `place_signs`,
    its Chinese name, empty where it is written in letters: 苏州 and 宿州 have one key, as they sound alike."""
    names = sorted(set(texts))
    rows = [(text, place(text), _bare(plain(text).replace(" ", "")) if is_chinese(text) else "") for text in names]
    return pd.DataFrame(rows, columns=["place", "place_key", "place_signs"], dtype=object)


def place(text: str) -> str:
    """A province or city in plain letters, without what says that it is one."""
    bare = _bare(" ".join(plain(text).split()))
    spelled = words("place_readings").get(bare) or in_pinyin(bare)
    latin = words("place_latin")
    return latin.get(spelled.replace(" ", ""), latin.get(spelled, spelled)).replace(" ", "")


def _bare(text: str) -> str:
    for ending in words("place_endings"):
        if text.endswith(ending) and len(text) > len(ending) + 1:
            return text.removesuffix(ending).strip()
    return text


@cache
def long_provinces() -> dict[str, str]:
    """The short form of every longer name of a Chinese province: 广东省 -> 广东."""
    return {long: short for short, longs in words("provinces").items() for long in longs}
