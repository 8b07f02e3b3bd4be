"""What an industry calls things: the words reports use, the form that a profile left out, words in its own texts."""

import re
from collections.abc import Iterator
from typing import Any

from playbook.tables.nearest import nearest

#: One and several of what reports speak of.
PAIRS = {name: f"{name}s" for name in ("customer", "buyer", "member", "order", "purchase", "event")}

#: What reports call by the industry's words.
VOCABULARY = (*(word for pair in PAIRS.items() for word in pair), "revenue", "store")

#: Words that a profile need not give.
DEFAULTS = {
    "event": {"en": "visit or click", "zh": "访问与点击"},
    "events": {"en": "visits and clicks", "zh": "访问与点击"},
}

#: The texts of tiers and measures in which `{customers}` stands for the industry's word.
_TEXTS = {"tiers": ("meaning", "action"), "lifecycle": ("meaning", "action"), "measures": ("name",)}
_WORD = re.compile(r"\{(\w+)\}")


class UnknownWord(ValueError):
    """A text of the profile asks for a word that is none of the vocabulary; `loc` is its path of keys."""

    def __init__(self, loc: tuple[str, ...], message: str):
        super().__init__(message)
        self.loc = loc


def completed(vocabulary: Any) -> Any:
    """The words with the form that was left out: `orders: visits` alone makes `order` a visit."""
    if not isinstance(vocabulary, dict):
        return vocabulary
    made: dict[str, dict] = {}
    for one, many in PAIRS.items():
        if many in vocabulary and one not in vocabulary:
            made[one] = _formed(vocabulary[many], singular)
        elif one in vocabulary and many not in vocabulary:
            made[many] = _formed(vocabulary[one], plural)
    return vocabulary | {word: forms for word, forms in made.items() if forms}


def in_own_words(data: dict) -> dict:
    """The profile's data with the words written into the texts of its tiers and measures."""
    if not isinstance(data.get("vocabulary"), dict):
        return data
    words = DEFAULTS | data["vocabulary"]
    told = {part: _told(data[part], part, words) for part in _TEXTS if isinstance(data.get(part), dict)}
    return data | told | {"vocabulary": words}


def singular(word: str) -> str:
    """payments -> payment, classes -> class, activities -> activity."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if re.search("(ss|x|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def plural(word: str) -> str:
    """payment -> payments, class -> classes, activity -> activities."""
    if re.search("[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search("(s|x|ch|sh)$", word) else f"{word}s"


def _formed(words: Any, form) -> dict | None:
    known = isinstance(words, dict) and all(isinstance(words.get(language), str) for language in ("en", "zh"))
    return {"en": form(words["en"]), "zh": words["zh"]} if known else None


def _told(entries: dict, part: str, words: dict) -> dict:
    return {key: dict(_fields(entry, (part, key), words)) if isinstance(entry, dict) else entry
            for key, entry in entries.items()}  # fmt: skip


def _fields(entry: dict, loc: tuple, words: dict) -> Iterator[tuple[str, Any]]:
    for name, value in entry.items():
        said = name in _TEXTS[loc[0]] and isinstance(value, dict)
        yield name, {lang: _written(text, lang, (*loc, name), words) for lang, text in value.items()} if said else value


def _written(text: Any, language: str, loc: tuple, words: dict) -> Any:
    return _WORD.sub(lambda found: _word(found[1], language, loc, words), text) if isinstance(text, str) else text


def _word(name: str, language: str, loc: tuple, words: dict) -> str:
    known = words.get(name.lower())
    if not (isinstance(known, dict) and isinstance(known.get(language), str)):
        raise UnknownWord(loc, f"'{{{name}}}' is no word of the vocabulary; {nearest(name, VOCABULARY)}")
    word = known[language]
    return word[0].upper() + word[1:] if name[0].isupper() else word
