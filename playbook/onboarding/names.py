"""What a column's name may mean: its concepts, by English and Chinese synonyms, abbreviations and near misses."""

import difflib
import itertools
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

NAME, HINT = 1.0, 0.65  # called so, it means this; called so, it may mean this
_PARTLY = 0.5  # one of the words of a longer name
_FUZZY = 0.85  # how alike two spellings must be

_HERE = Path(__file__).parent
_WORD = re.compile(r"[a-z]+|[0-9]+|[\u3400-\u9fff]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"[(\[（【{<][^)\]）】}>]*[)\]）】}>]")
_SAYS_NOTHING = {"id", "号"}  # as a part of a longer name


class Name(NamedTuple):
    """A column's name as it is compared: its words, also without spaces, and the currency that it carries as a unit."""

    words: tuple[str, ...]
    squeezed: str
    unit: str | None


class Synonym(NamedTuple):
    """One way to call a concept, and how surely it means it."""

    concept: str
    name: Name
    weight: float


@lru_cache
def words(file: str) -> dict:
    """The content of one of the lists beside this module."""
    return yaml.safe_load((_HERE / f"{file}.yml").read_text(encoding="utf-8"))


def vocabulary(name: str) -> Any:
    """One of the lists of words.yml: what values say."""
    return words("words")[name]


def simplified(text: str) -> str:
    """A text with the characters of the mainland where Taiwan and Hong Kong write others."""
    return text.translate(_spelling()["traditional"])


def group(name: str) -> tuple[str, ...]:
    """The concepts of one of the groups of names.yml."""
    return tuple(words("names")["groups"][name])


@lru_cache(maxsize=4096)
def concepts(name: str) -> dict[str, float]:
    """What a column of this name may mean: concept -> how surely, from 0 to 1; 1 where it is called exactly so.

    Meanings far behind the best one are left out: an exact name silences what only shares a word with it.

    >>> concepts("Order Number")
    {'order_id': 1.0}
    """
    read, scores = read_name(name), {}
    for synonym in _synonyms():
        scores[synonym.concept] = max(synonym.weight * _similarity(read, synonym.name), scores.get(synonym.concept, 0))
    best = max(scores.values())
    floor = max(0.3, best - (0.2 if best >= NAME else 0.4))
    return {concept: round(score, 3) for concept, score in scores.items() if score >= floor}


@lru_cache(maxsize=4096)
def is_called(name: str, concept: str) -> bool:
    """Whether the name is one of the ways to call a concept, and does not only share a word with it."""
    squeezed = read_name(name).squeezed
    return any(synonym.concept == concept and synonym.name.squeezed == squeezed for synonym in _synonyms())


@lru_cache(maxsize=8192)
def read_name(name: str) -> Name:
    """A name in plain words: half-width, lower case, singular, without prefixes and units.

    >>> read_name("t_OrderDates (EUR)")
    Name(words=('order', 'time'), squeezed='ordertime', unit='EUR')
    """
    spelling = _spelling()
    plain = simplified(unicodedata.normalize("NFKC", name)).replace("#", " number ")
    tokens = _WORD.findall(_HUMP.sub(" ", _BRACKETS.sub(" ", plain)).casefold())
    tokens = [spelling["short"].get(token, token) for token in tokens]
    if len(tokens) > 1 and tokens[0] in words("names")["prefixes"]:
        tokens = tokens[1:]
    units = spelling["units"]
    kept = [token for token in tokens if token not in units]
    in_brackets = _WORD.findall("".join(_BRACKETS.findall(plain)).casefold())
    unit = next((units[word] for word in [*(tokens if kept else ()), *in_brackets] if word in units), None)
    ended = _with_usual_ending(kept or tokens)
    return Name(ended, "".join(ended), unit)


def _similarity(name: Name, synonym: Name) -> float:
    """How far a name is a synonym, from 0 to 1: as it stands, with it as a part, or with a typing error."""
    if name.squeezed == synonym.squeezed:
        return 1
    if not name.squeezed:
        return 0
    part = 0.0
    if synonym.squeezed not in _SAYS_NOTHING and _contains(name, synonym):  # its end says more than its beginning
        coverage = len(synonym.squeezed) / len(name.squeezed)
        at_end = name.squeezed.endswith(synonym.squeezed)
        part = _PARTLY + 0.25 * coverage + (0.05 if at_end else -0.1)
    return max(part, 0.85 * _spelling_ratio(name, synonym))


def _contains(name: Name, synonym: Name) -> bool:
    if synonym.squeezed.isascii():
        wanted = len(synonym.words)
        return any(synonym.words == name.words[i : i + wanted] for i in range(len(name.words) - wanted + 1))
    return len(synonym.squeezed) > 1 and synonym.squeezed in name.squeezed


def _spelling_ratio(name: Name, synonym: Name) -> float:
    """How alike the letters are, in as many words or in one; 0 for short names and where they are not nearly alike."""
    shorter, longer = sorted((len(name.squeezed), len(synonym.squeezed)))
    other_words = len(name.words) not in (1, len(synonym.words))
    if shorter < 5 or longer - shorter > 2 or other_words or not name.squeezed.isascii():
        return 0
    matcher = difflib.SequenceMatcher(None, synonym.squeezed, name.squeezed)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _FUZZY:  # the quick ones are upper bounds
        return 0
    return ratio if (ratio := matcher.ratio()) >= _FUZZY else 0


@lru_cache
def _synonyms() -> tuple[Synonym, ...]:
    return tuple(
        Synonym(concept, read_name(spelling), weight)
        for concept, entry in words("names")["concepts"].items()
        for weight, key in ((NAME, "names"), (HINT, "hints"))
        for text in entry.get(key, ())
        for spelling in _spelled_out(text)
    )


def _spelled_out(text: str) -> list[str]:
    """(a/b) c -> a c, b c."""
    parts = re.split(r"\(([^)]*)\)", text)
    choices = [part.split("/") if number % 2 else [part] for number, part in enumerate(parts)]
    return ["".join(choice) for choice in itertools.product(*choices)]


def _with_usual_ending(tokens: list[str]) -> tuple[str, ...]:
    """The words in the singular, with one word for all that end a name of an id or of a time."""
    text = " ".join(tokens)
    for pattern, usual in words("names")["endings"]["latin"]:
        text = re.sub(pattern, usual, text)
    if text.isascii():
        return tuple(text.split())
    text = text.replace(" ", "")
    for pattern, usual in words("names")["endings"]["chinese"]:
        text = re.sub(pattern, usual, text)
    return (text,)


@lru_cache
def _spelling() -> dict:
    """How systems write names: lists of words, and what abbreviations, units and traditional characters stand for."""
    lists = words("names")
    inverse = {key: {word: to for to, listed in lists[key].items() for word in listed} for key in ("short", "units")}
    return inverse | {"traditional": str.maketrans(*lists["traditional"].values())}
