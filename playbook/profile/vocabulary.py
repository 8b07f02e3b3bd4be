"""What an industry calls things: the words reports use, the form that a profile left out, words in its own texts."""

import re
from typing import Any

from playbook.profile.errors import Mistake
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


def completed(vocabulary: Any) -> Any:
    """The words with the form that was left out: `orders: visits` alone makes `order` a visit."""
    if not isinstance(vocabulary, dict):
        return vocabulary
    added = {}
    for one, many in PAIRS.items():
        for missing, other, form in ((one, many, singular), (many, one, plural)):
            words = vocabulary.get(other)
            if missing in vocabulary or not isinstance(words, dict):
                continue
            if isinstance(words.get("en"), str) and isinstance(words.get("zh"), str):
                added[missing] = {"en": form(words["en"]), "zh": words["zh"]}
    return vocabulary | added


def singular(word: str) -> str:
    """One of several.

    >>> singular("payments"), singular("classes"), singular("activities")
    ('payment', 'class', 'activity')
    """
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if re.search("(ss|x|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def plural(word: str) -> str:
    """Several of one.

    >>> plural("payment"), plural("class"), plural("activity")
    ('payments', 'classes', 'activities')
    """
    if re.search("[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search("(s|x|ch|sh)$", word) else f"{word}s"


def in_own_words(data: dict[str, Any]) -> dict[str, Any]:
    """The profile's data with the words written into the texts of its tiers and measures.

    `Mistake` where a text asks for a word that is none of the vocabulary.
    """
    if not isinstance(data.get("vocabulary"), dict):
        return data
    words = DEFAULTS | data["vocabulary"]
    spoken = data | {"vocabulary": words}
    for part, fields in _TEXTS.items():
        if isinstance(data.get(part), dict):
            spoken[part] = {key: _spoken(entry, (part, key), fields, words) for key, entry in data[part].items()}
    return spoken


def _spoken(entry: Any, loc: tuple[str, ...], fields: tuple[str, ...], words: dict[str, Any]) -> Any:
    if not isinstance(entry, dict):
        return entry
    spoken = dict(entry)
    for field in fields:
        if isinstance(entry.get(field), dict):
            texts = entry[field].items()
            spoken[field] = {language: _written(text, language, (*loc, field), words) for language, text in texts}
    return spoken


def _written(text: Any, language: str, loc: tuple[str, ...], words: dict[str, Any]) -> Any:
    return _WORD.sub(lambda match: _word(match[1], language, loc, words), text) if isinstance(text, str) else text


def _word(name: str, language: str, loc: tuple[str, ...], words: dict[str, Any]) -> str:
    forms = words.get(name.lower())
    if not (isinstance(forms, dict) and isinstance(forms.get(language), str)):
        raise Mistake(loc, f"'{{{name}}}' is no word of the vocabulary; {nearest(name, VOCABULARY)}")
    word = forms[language]
    return word[0].upper() + word[1:] if name[0].isupper() else word
