"""A table in words: its headings with their units, its cells in one precision per column."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from playbook.report.text import Words, formats
from playbook.tables.safe import cell

#: Formats that are read down a column, and stand flush right.
NUMERIC = ("int", "num1", "num2", "pct", "pct0", "change", "change0", "points", "money", "days")


class Sheet(NamedTuple):
    """A table ready for a page: every cell is harmless text, `numeric` says which columns stand flush right."""

    title: str
    note: str
    headings: list[str]
    numeric: list[bool]
    rows: list[list[str]]
    styles: list[str]


def sheet(words: Words, payload: dict) -> Sheet:
    """A table payload (`key`, `columns`, `formats`, `rows`) in one language.

    The format of a column is one for all its cells, or a list of one for each row.
    """
    key, names = payload["key"], payload["columns"]
    specs = [payload["formats"][name] for name in names]
    cells = [[row[i] for row in payload["rows"]] for i in range(len(names))]
    most = _largest(value for spec, values in zip(specs, cells, strict=True) if spec == "money" for value in values)
    columns = [_column(words, *column, most) for column in zip(names, specs, cells, strict=True)]
    return Sheet(
        title=words(f"table.{key}"),
        note=words(f"table.{key}.note") if f"table.{key}.note" in words else "",
        headings=[words.column(name) + unit for name, (unit, _) in zip(names, columns, strict=True)],
        numeric=[_is_numeric(spec) for spec in specs],
        rows=[list(row) for row in zip(*(texts for _, texts in columns), strict=True)],
        styles=["num" if _is_numeric(spec) else "day" if spec == "date" else "" for spec in specs],
    )


def _is_numeric(spec: str | list[str]) -> bool:
    return spec in NUMERIC if isinstance(spec, str) else any(each in NUMERIC for each in spec)


def _column(words: Words, name: str, spec: str | list[str], values: list, most: float) -> tuple[str, list[str]]:
    if isinstance(spec, list):
        return "", [_written(_mixed(words, each, name), value) for each, value in zip(spec, values, strict=True)]
    unit, write = _money(words, values, most) if spec == "money" else ("", _writer(words, spec, name))
    return unit, [_written(write, value) for value in values]


def _written(write: Callable[[Any], str], value: Any) -> str:
    return formats.MISSING if formats.is_missing(value) else write(value)


def _mixed(words: Words, spec: str, name: str) -> Callable[[Any], str]:
    """One cell of a column of several kinds: an amount carries its sign, and is written out."""
    return (lambda value: formats.full_money(value, words.currency)) if spec == "money" else _writer(words, spec, name)


def _writer(words: Words, spec: str, name: str) -> Callable[[Any], str]:
    in_columns = {
        "text": lambda value: cell(words.name(name, value)),
        "num1": lambda value: formats.at_least(value, 1),
        "num2": lambda value: formats.at_least(value, 2),
        "days": formats.number,
        "pct": formats.share,
        "pct0": lambda value: formats.share(value, 0),
        "change": lambda value: formats.signed(formats.share(value)),
        "change0": lambda value: formats.signed(formats.share(value, 0)),
        "points": lambda value: formats.signed(formats.at_least(100 * value, 1)),
        "date": lambda value: formats.short_day(formats.as_day(value), words.language),
    }
    return in_columns.get(spec, lambda value: words.format(value, spec))


def _money(words: Words, values: list, most: float) -> tuple[str, Callable[[float], str]]:
    scale, digits = _scale(words.language, _largest(values), most)
    unit = words(f"report.money_unit{'_large' if scale > 1 else ''}", unit=_unit(words))
    return unit, lambda value: formats.at_least(value / scale, digits)


def _largest(values: Iterable) -> float:
    return max((abs(value) for value in values if not formats.is_missing(value)), default=0)


def _scale(language: str, largest: float, most: float) -> tuple[float, int]:
    """Large amounts stand in 万 or in millions, small ones with cents. `most` is the largest amount of the table: where
    it calls for a large unit, every column whose own amounts fill that unit is in it."""
    floor, scale = {"en": (1e9, 1e6), "zh": (1e6, 1e4)}[language]
    if most >= floor and largest >= scale:
        return scale, 1
    return 1, 0 if largest >= 1000 else 2


def _unit(words: Words) -> str:
    return formats.UNITS.get(words.currency, words.currency) if words.language == "zh" else formats.currency_sign(
        words.currency).strip()  # fmt: skip
