"""What a column's name may mean: its concepts, by English and Chinese synonyms, abbreviations and near misses."""

import difflib
import itertools
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

NAME, HINT = 1.0, 0.65  # called so, it means this; called so, it may mean this
_PARTLY = 0.5  # one of the words of a longer name
_FUZZY = 0.85  # how alike two spellings must be

_HERE = Path(__file__).parent
_WORD = re.compile(r"[a-z]+|[0-9]+|[\u3400-\u9fff]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"[(\[（【{<][^)\]）】}>]*[)\]）】}>]")
_ID_WORDS, _TIME_WORDS = (
    {"id", "number", "code", "key", "ref", "reference"},
    {"time", "date", "datetime", "timestamp", "at", "on", "day"},
)
_CHINESE_ID = re.compile(r"(?:编号|编码|号码|代码|代号|id|号|码)$")
_SAYS_NOTHING = {"id", "号"}  # as a part of a longer name
_PREFIXES = {"t", "f", "fk", "pk", "dim", "fact", "col", "src", "dw", "tbl"}


class Name(NamedTuple):
    """A column's name as it is compared: its words, and the currency that it carries as a unit."""

    words: tuple[str, ...]
    unit: str | None

    @property
    def squeezed(self) -> str:
        """The words without spaces."""
        return "".join(self.words)


class Synonym(NamedTuple):
    """One way to call a concept, and how surely it means it."""

    concept: str
    words: tuple[str, ...]
    squeezed: str
    weight: float


@lru_cache
def words(file: str) -> dict:
    """The content of one of the lists beside this module."""
    return yaml.safe_load((_HERE / f"{file}.yml").read_text(encoding="utf-8"))


@lru_cache(maxsize=4096)
def concepts(name: str) -> dict[str, float]:
    """What a column of this name may mean: concept -> how surely, from 0 to 1; 1 where it is called exactly so."""
    read = read_name(name)
    found: dict[str, float] = {}
    for synonym in _synonyms():
        score = _likeness(read, synonym)
        found[synonym.concept] = max(score, found.get(synonym.concept, 0))
    return _plausible(found)


@lru_cache(maxsize=4096)
def is_called(name: str, concept: str) -> bool:
    """Whether the name is one of the ways to call a concept, and does not only share a word with it."""
    squeezed = read_name(name).squeezed
    return any(synonym.concept == concept and synonym.squeezed == squeezed for synonym in _synonyms())


def holds(concept: str) -> str:
    """The kind of value a concept must have."""
    return words("names")["concepts"][concept]["holds"]


@lru_cache(maxsize=8192)
def read_name(name: str) -> Name:
    """A name in plain words: half-width, lower case, singular, without prefixes and units."""
    plain = unicodedata.normalize("NFKC", name).translate(_traditional())
    spaced = _HUMP.sub(" ", _BRACKETS.sub(" ", plain.replace("#", " number "))).casefold()
    tokens = [_short().get(token, token) for token in _WORD.findall(spaced)]
    tokens, unit = _without_unit(tokens[1:] if len(tokens) > 1 and tokens[0] in _PREFIXES else tokens)
    unit = unit or _unit_in("".join(_BRACKETS.findall(plain)).casefold())
    return Name(_endings_alike(tokens), unit)


def _likeness(name: Name, synonym: Synonym) -> float:
    if name.squeezed == synonym.squeezed:
        return synonym.weight
    if not name.squeezed:
        return 0
    return max(_part_of(name, synonym), _nearly(name, synonym))


def _part_of(name: Name, synonym: Synonym) -> float:
    """A synonym that is a part of the name; its end says more than its beginning."""
    if synonym.squeezed in _SAYS_NOTHING or not _contains(name, synonym):
        return 0
    coverage = len(synonym.squeezed) / len(name.squeezed)
    at_end = name.squeezed.endswith(synonym.squeezed)
    return synonym.weight * (_PARTLY + 0.25 * coverage + (0.05 if at_end else -0.1))


def _contains(name: Name, synonym: Synonym) -> bool:
    if synonym.squeezed.isascii():
        wanted = len(synonym.words)
        windows = (name.words[i : i + wanted] for i in range(len(name.words) - wanted + 1))
        return synonym.words in windows
    return len(synonym.squeezed) > 1 and synonym.squeezed in name.squeezed


def _nearly(name: Name, synonym: Synonym) -> float:
    """A typing error: nearly the same letters, in as many words or in one."""
    shorter, longer = sorted((len(name.squeezed), len(synonym.squeezed)))
    other_words = len(name.words) not in (1, len(synonym.words))
    if shorter < 5 or longer - shorter > 2 or other_words or not name.squeezed.isascii():
        return 0
    matcher = difflib.SequenceMatcher(None, synonym.squeezed, name.squeezed)
    if matcher.real_quick_ratio() < _FUZZY or matcher.quick_ratio() < _FUZZY:
        return 0
    return synonym.weight * 0.85 * ratio if (ratio := matcher.ratio()) >= _FUZZY else 0


def _plausible(found: dict[str, float]) -> dict[str, float]:
    """The meanings that are not far behind the best one: an exact name silences what only shares a word with it."""
    best = max(found.values(), default=0)
    floor = max(0.3, best - (0.2 if best >= NAME else 0.4))
    return {concept: round(score, 3) for concept, score in found.items() if score >= floor}


@lru_cache
def _synonyms() -> tuple[Synonym, ...]:
    return tuple(
        Synonym(concept, read.words, read.squeezed, weight)
        for concept, entry in words("names")["concepts"].items()
        for weight, key in ((NAME, "names"), (HINT, "hints"))
        for text in entry.get(key, ())
        for read in [read_name(spelling) for spelling in _spelled_out(text)]
    )


def _spelled_out(text: str) -> list[str]:
    """(a/b) c -> a c, b c."""
    parts = re.split(r"\(([^)]*)\)", text)
    choices = [part.split("/") if number % 2 else [part] for number, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def _endings_alike(tokens: list[str]) -> tuple[str, ...]:
    tokens = [_singular(token) for token in tokens]
    if len(tokens) > 1 and tokens[-1] in _ID_WORDS:
        tokens[-1] = "id"
    if len(tokens) > 1 and tokens[-1] in _TIME_WORDS:
        tokens = [*_without_time(tokens[:-1]), "time"]
    if any(not token.isascii() for token in tokens):
        tokens = [_chinese_ending("".join(tokens))]
    return tuple(tokens)


def _without_time(tokens: list[str]) -> list[str]:
    return tokens[:-1] if len(tokens) > 1 and tokens[-1] in _TIME_WORDS else tokens


def _chinese_ending(name: str) -> str:
    name = name.replace("日期时间", "时间").replace("日期", "时间").replace("时刻", "时间")
    return _CHINESE_ID.sub("号", name) if len(name) > 1 else name


def _singular(token: str) -> str:
    return token[:-1] if len(token) > 3 and token.endswith("s") and not token.endswith(("ss", "us", "is")) else token


def _without_unit(tokens: list[str]) -> tuple[list[str], str | None]:
    units = [_unit_in(token) for token in tokens]
    kept = [token for token, unit in zip(tokens, units, strict=True) if not unit]
    return (kept, next(filter(None, units), None)) if kept else (tokens, None)


def _unit_in(text: str) -> str | None:
    listed = words("names")["units"].items()
    found = (code for code, names in listed for name in names if name in _WORD.findall(text))
    return next(found, None)


@lru_cache
def _short() -> dict[str, str]:
    return {short: word for word, shorts in words("names")["short"].items() for short in shorts}


@lru_cache
def _traditional() -> dict[int, str]:
    lists = words("names")["traditional"]
    return str.maketrans(lists["from"], lists["to"])
