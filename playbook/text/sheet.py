"""A table in words: its headings with their units, its cells in one precision per column."""

from collections.abc import Callable
from typing import Any, NamedTuple

from playbook.text import Words, formats
from playbook.text.safe import cell

#: Formats that are read down a column, and stand flush right.
NUMERIC = ("int", "num1", "num2", "pct", "pct0", "money", "days")


class Sheet(NamedTuple):
    """A table ready for a page: every cell is harmless text, `numeric` says which columns stand flush right."""

    title: str
    note: str
    headings: list[str]
    numeric: list[bool]
    rows: list[list[str]]
    styles: list[str]


def sheet(words: Words, payload: dict) -> Sheet:
    """A table payload (`key`, `columns`, `formats`, `rows`) in one language."""
    key, specs = payload["key"], [payload["formats"][name] for name in payload["columns"]]
    columns = [_column(words, spec, [row[i] for row in payload["rows"]]) for i, spec in enumerate(specs)]
    return Sheet(
        title=words(f"table.{key}"),
        note=words(f"table.{key}.note") if f"table.{key}.note" in words else "",
        headings=[words.column(name) + unit for name, (unit, _) in zip(payload["columns"], columns, strict=True)],
        numeric=[spec in NUMERIC for spec in specs],
        rows=[list(row) for row in zip(*(cells for _, cells in columns), strict=True)],
        styles=["num" if spec in NUMERIC else "day" if spec == "date" else "" for spec in specs],
    )


def _column(words: Words, spec: str, values: list) -> tuple[str, list[str]]:
    unit, write = _money(words, values) if spec == "money" else ("", _writer(words, spec))
    return unit, [formats.MISSING if formats.is_missing(value) else write(value) for value in values]


def _writer(words: Words, spec: str) -> Callable[[Any], str]:
    in_columns = {
        "text": cell,
        "days": formats.number,
        "pct": formats.share,
        "date": lambda value: formats.short_day(formats.as_day(value), words.language),
    }
    return in_columns.get(spec, lambda value: words.format(value, spec))


def _money(words: Words, values: list) -> tuple[str, Callable[[float], str]]:
    largest = max((abs(value) for value in values if not formats.is_missing(value)), default=0)
    scale, digits = _scale(words.language, largest)
    unit = words(f"report.money_unit{'_large' if scale > 1 else ''}", unit=_unit(words))
    return unit, lambda value: formats.at_least(value / scale, digits)


def _scale(language: str, largest: float) -> tuple[float, int]:
    """Large amounts stand in 万 or in millions, small ones with cents; one choice for a whole column."""
    floor, scale = {"en": (1e9, 1e6), "zh": (1e6, 1e4)}[language]
    if largest >= floor:
        return scale, 1
    return 1, 0 if largest >= 1000 else 2


def _unit(words: Words) -> str:
    return formats.UNITS.get(words.currency, words.currency) if words.language == "zh" else formats.currency_sign(
        words.currency).strip()  # fmt: skip
