"""Every word the manager reads, in English and in Chinese: `words("zh", profile)("rfm.concentration", share=.6)`."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

from playbook.profile.uses import note
from playbook.profile.yaml_lines import read_yaml
from playbook.report.text import formats
from playbook.tables.nearest import nearest
from playbook.tables.safe import plain

LANGUAGES = ("en", "zh")
#: Formats that write words chosen by a value, not the value itself.
WRITTEN = ("plural ", "ask")
FOLDER = Path(__file__).parent


class MissingText(KeyError):
    """A text, a name or a value that a sentence needs and does not have."""

    def __str__(self) -> str:
        return self.args[0]


class Part(NamedTuple):
    """A piece of a sentence; `is_value` where it was measured, not written."""

    text: str
    is_value: bool


def words(language: str, profile: Any = None, currency: str | None = None) -> "Words":
    """The words of one language, in those of one industry. The currency of the data wins over the profile's."""
    if language not in LANGUAGES:
        raise ValueError(f"'{language}' is not a language of the reports; they are {', '.join(LANGUAGES)}.")
    return Words(language, load(language, FOLDER), profile, currency)


@cache
def load(language: str, folder: Path = FOLDER) -> dict[str, str]:
    """All texts of one language: the files of its folder merged. A key that stands twice is a `ValueError`."""
    texts: dict[str, str] = {}
    for path in sorted((folder / language).glob("*.yml")):
        data, _ = read_yaml(path)
        if twice := sorted(texts.keys() & data.keys()):
            raise ValueError(f"text/{language}/{path.name} repeats the key(s) {', '.join(twice)}.")
        texts |= data
    return texts


class Words:
    """The sentences, names and formats of one language, in the words of one industry."""

    def __init__(self, language: str, texts: dict[str, str], profile: Any = None, currency: str | None = None):
        self.language, self.texts, self.profile = language, texts, profile
        self.currency = currency or getattr(profile, "currency", None) or ""

    def __call__(self, key: str, **values: Any) -> str:
        """The sentence of a key with its values written in. `MissingText` (a KeyError) says what is not there."""
        return "".join(part.text for part in self.parts(key, values))

    def __contains__(self, key: str) -> bool:
        note(self.language, key)
        return key in self.texts

    def parts(self, key: str, values: dict[str, Any]) -> list[Part]:
        """The same sentence in pieces, so that a page can set off what was measured."""
        pieces = []
        for written, name, spec, _ in Formatter().parse(self._sentence(key)):
            pieces.append(Part(written, False))
            if name and spec:
                value = self.format(self._value(key, name, values), spec)
                pieces.append(Part(value, not spec.startswith(WRITTEN)))
            elif name:
                pieces.append(Part(self._vocabulary(key, name), False))
        return [piece for piece in pieces if piece.text]

    def format(self, value: Any, spec: str) -> str:
        """One value by one format: int, num1, num2, pct, pct0, money, date, month, short_month, days, text, flag, tier,
        lifecycle, column, `plural one|many`, `count customer`, `name channel` and the other keys of FORMATS, or a
        family of texts (`reason` writes the text `reason.<value>`)."""
        name, _, argument = spec.partition(" ")
        if formats.is_missing(value):
            return formats.MISSING
        if name in ARGUED:
            return ARGUED[name](self, value, argument)
        return FORMATS[name](self, value) if name in FORMATS else self(f"{name}.{value}")

    def number(self, value: float, digits: int = 0) -> str:
        """A number with thousands separators."""
        return self.format(value, "int") if digits == 0 else formats.number(value, digits)

    def pct(self, value: float) -> str:
        """A share of 1 as a percentage."""
        return self.format(value, "pct")

    def money(self, value: float) -> str:
        """An amount with its currency, shortened where it is large."""
        return self.format(value, "money")

    def date(self, value: Any) -> str:
        """A day in words."""
        return self.format(value, "date")

    def count(self, number: float, thing: str) -> str:
        """So many of a thing, with its plural or its measure word: 1 customer, 12 rows; 1位顾客, 12行."""
        return self("report.count", n=number, things=_plural(number, self(f"noun.{thing}")))

    def name(self, column: str, value: Any) -> str:
        """What the profile calls a value of a column, such as a channel; a value without a name is shown as it is."""
        named = getattr(self.profile, "names", {}).get(column, {})
        if str(value) in named:
            return plain(named[str(value)][self.language])
        key = f"name.{column}.{value}"
        return self(key) if key in self else plain(value)

    def column(self, name: str) -> str:
        """The heading of a column."""
        return self(f"column.{name}")

    def tier(self, key: str) -> str:
        """What the profile calls a tier."""
        return self._name(key, "tiers")

    def lifecycle(self, key: str) -> str:
        """What the profile calls a stage of the lifecycle."""
        return self._name(key, "lifecycle")

    def risk(self, key: str) -> str:
        """What the profile calls a level of the risk of leaving; what stands in its place has a text of its own."""
        known = getattr(getattr(self.profile, "churn", None), "levels", {})
        return plain(known[key].name[self.language]) if key in known else self(f"risk.{key}")

    def told(self, key: str, part: str) -> str:
        """What the profile says about a tier: its `meaning`, or the `action` it asks for."""
        said = getattr(self.profile.tiers[key], part)
        return plain(said[self.language]) if said else formats.MISSING

    def measure(self, key: str) -> str:
        """What the profile calls a measure; its key where it has no name."""
        known = self.profile.measures
        named = key in known and known[key].name
        return plain(named[self.language] if named else key)

    def season(self, key: str) -> str:
        """What the profile calls a season."""
        known = self.profile.calendar.seasons
        return plain(known[key].name[self.language]) if key in known else ""

    def _sentence(self, key: str) -> str:
        note(self.language, key)
        if key not in self.texts:
            raise MissingText(f"There is no text '{key}' in '{self.language}'; {nearest(key, list(self.texts))}")
        return self.texts[key]

    def _value(self, key: str, name: str, values: dict[str, Any]) -> Any:
        if name not in values:
            raise MissingText(f"The text '{key}' ({self.language}) needs '{name}'; it was given {sorted(values)}.")
        return values[name]

    def _vocabulary(self, key: str, name: str) -> str:
        known = getattr(self.profile, "vocabulary", {})
        if name.lower() not in known:
            raise MissingText(
                f"The text '{key}' ({self.language}) speaks of '{name}', which the profile's vocabulary does not have; "
                f"{nearest(name, list(known))} A value is written with its format: {{{name}:text}}."
            )
        word = known[name.lower()][self.language]
        return word[0].upper() + word[1:] if name[0].isupper() else word

    def _name(self, key: str, family: str) -> str:
        known = getattr(self.profile, family, {})
        if key not in known:
            raise MissingText(f"The profile has no '{key}' among its {family}; {nearest(str(key), list(known))}")
        return plain(known[key].name[self.language])


def _plural(value: float, forms: str) -> str:
    one, _, many = forms.partition("|")
    return one if abs(value) == 1 or not many else many


def _bounded(words: Words, text: str) -> str:
    bound, _, figure = text.rpartition(" ")
    key = {"<": "report.less_than", ">": "report.more_than", "≈": "report.about"}.get(bound)
    return words(key, figure=figure) if key else text


#: Formats that take an argument after their name.
ARGUED: dict[str, Callable[[Words, Any, str], str]] = {
    "plural": lambda words, value, forms: _plural(value, forms),
    "count": lambda words, value, thing: words.count(value, thing),
    "name": lambda words, value, column: words.name(column, value),
}

FORMATS: dict[str, Callable[[Words, Any], str]] = {
    "int": lambda words, value: formats.number(value),
    "num1": lambda words, value: _bounded(words, formats.at_least(value, 1)),
    "num2": lambda words, value: _bounded(words, formats.at_least(value, 2)),
    "pct": lambda words, value: _bounded(words, formats.short_share(value)),
    "pct0": lambda words, value: _bounded(words, formats.share(value, 0)),
    "change": lambda words, value: _bounded(words, formats.signed(formats.short_share(value))),
    "change0": lambda words, value: _bounded(words, formats.signed(formats.share(value, 0))),
    "points": lambda words, value: _bounded(words, formats.signed(formats.at_least(100 * value, 1))),
    "money": lambda words, value: formats.money(value, words.currency, words.language),
    "money_change": lambda words, value: formats.signed_money(value, words.currency, words.language),
    "date": lambda words, value: formats.day(formats.as_day(value), words.language),
    "month": lambda words, value: formats.month(formats.as_day(value), words.language),
    "short_month": lambda words, value: formats.short_month(formats.as_day(value), words.language),
    "text": lambda words, value: plain(value),
    "flag": lambda words, value: words("report.yes" if value else "report.no"),
    "tier": Words.tier,
    "lifecycle": Words.lifecycle,
    "risk": Words.risk,
    "signals": lambda words, keys: words("report.and").join(words(f"signal.{key}") for key in keys.split(";") if key),
    "meaning": lambda words, key: words.told(key, "meaning"),
    "action": lambda words, key: words.told(key, "action"),
    "column": Words.column,
    "measure": lambda words, key: words.measure(key),
    "measures": lambda words, keys: words("report.and").join(words.measure(key) for key in keys.split(";")),
    "season": lambda words, key: words.season(key),
    "days": lambda words, value: words("report.day" if value == 1 else "report.days", n=value),
}
