"""How numbers, money, shares and days are written in English and in Chinese."""

from datetime import date
from math import isfinite

MISSING = "–"
SIGNS = {"CNY": "¥", "GBP": "£", "USD": "$", "EUR": "€"}
UNITS = {"CNY": "元", "GBP": "英镑", "USD": "美元", "EUR": "欧元"}
SCALES = {"en": ((1e9, "\u00a0bn"), (1e6, "\u00a0m")), "zh": ((1e8, "亿"), (1e4, "万"))}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def number(value: float, digits: int = 0) -> str:
    """69659 -> 69,659, with a true minus sign; never -0."""
    text = f"{abs(value):,.{digits}f}"
    return f"−{text}" if value < 0 and text.strip("0.,") else text


def at_least(value: float, digits: int) -> str:
    """A number that is not zero does not read 0.0, but < 0.1."""
    least = 10.0**-digits
    if 0 < abs(value) < least / 2:
        return f"< {number(least, digits)}" if value > 0 else f"> −{number(least, digits)}"
    return number(value, digits)


def share(value: float, digits: int = 1) -> str:
    """.598 -> 59.8%; what is neither nothing nor everything never reads 0% or 100%."""
    least, percent = 10.0**-digits, value * 100
    if 100 - least / 2 <= percent < 100:
        return f"> {number(100 - least, digits)}%"
    return f"{at_least(percent, digits)}%"


def short_share(value: float) -> str:
    """A share for a sentence: at most one decimal, none where it would be zero."""
    return share(value).replace(".0%", "%")


def money(value: float, currency: str, language: str) -> str:
    """An amount for a sentence: £23.40, £12,345, £1.2 m; in Chinese ¥123.4万, ¥1.2亿."""
    sign = "−" if value < 0 else ""
    return sign + currency_sign(currency) + _size(abs(value), language)


def _size(value: float, language: str) -> str:
    for scale, name in SCALES[language]:
        if value >= scale * 0.99995:
            return number(value / scale, 1) + name
    return number(value, 2 if 0 < value < 100 else 0)


def currency_sign(currency: str) -> str:
    """£ for GBP; a currency without a sign here keeps its code: CHF 1,234."""
    return SIGNS.get(currency, f"{currency}\u00a0")


def day(value: date, language: str) -> str:
    """30 June 2026, 2026年6月30日."""
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def month(value: date, language: str) -> str:
    """June 2026, 2026年6月."""
    if language == "zh":
        return f"{value.year}年{value.month}月"
    return f"{MONTHS[value.month - 1]} {value.year}"


def short_day(value: date, language: str) -> str:
    """30 Jun 2026, 2026-06-30: for the column of a table, on one line."""
    if language == "zh":
        return value.isoformat()
    return f"{value.day}\u00a0{MONTHS[value.month - 1][:3]}\u00a0{value.year}"


def short_month(value: date, language: str) -> str:
    """Jun 2026, 2026-06: for an axis."""
    return f"{value:%Y-%m}" if language == "zh" else f"{MONTHS[value.month - 1][:3]} {value.year}"


def as_day(value: object) -> date:
    """A date from a date, a timestamp or ISO text."""
    return date.fromisoformat(str(value)[:10])


def is_missing(value: object) -> bool:
    """Whether there is nothing to write: None, NaN, NaT, NA, infinity."""
    if isinstance(value, float):
        return not isfinite(value)
    return value is None or (not isinstance(value, str) and str(value) in ("NaT", "<NA>"))
