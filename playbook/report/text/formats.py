"""How numbers, money, shares and days are written in English and in Chinese."""

from datetime import date
from math import isfinite

MISSING = "–"
NEARLY = "≈ 0"
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
    """A number that is not zero does not read 0.0: a small one is < 0.1, one a hair below zero is about it."""
    least = 10.0**-digits
    if 0 < value < least / 2:
        return f"< {number(least, digits)}"
    return NEARLY if -least / 2 < value < 0 else number(value, digits)


def share(value: float, digits: int = 1) -> str:
    """.598 -> 59.8%; what is neither nothing nor everything never reads 0% or 100%."""
    least, percent = 10.0**-digits, value * 100
    if 100 - least / 2 <= percent < 100:
        return f"> {number(100 - least, digits)}%"
    text = at_least(percent, digits)
    return text if text == NEARLY else f"{text}%"


def short_share(value: float) -> str:
    """A share for a sentence: at most one decimal, none where it would be zero."""
    return share(value).replace(".0%", "%")


def signed(text: str) -> str:
    """A change with its sign: +3.9%, −6.7%; what is nothing, or nearly, has none."""
    return f"+{text}" if text[0].isdigit() and text.strip("0.,%") else text


def money(value: float, currency: str, language: str) -> str:
    """An amount for a sentence: £23.40, £12,345, £1.24 m; in Chinese ¥123.4万, ¥1.24亿."""
    return _amount(value, currency, _size(abs(value), language))


def signed_money(value: float, currency: str, language: str) -> str:
    """A change of an amount, with its sign: +£12,345, −£565."""
    text = money(value, currency, language)
    return f"+{text}" if value > 0 else text


def full_money(value: float, currency: str) -> str:
    """An amount written out, for a column of several kinds: £23.40, £12,345, £1,234,567."""
    return _amount(value, currency, _written_out(abs(value)))


def _amount(value: float, currency: str, size: str) -> str:
    return ("−" if value < 0 and size.strip("0.") else "") + currency_sign(currency) + size


def _size(value: float, language: str) -> str:
    for scale, name in SCALES[language]:
        if value >= scale * 0.99995:
            return number(value / scale, 2 if scale >= 1e6 and value < 10 * scale else 1) + name
    return _written_out(value)


def _written_out(value: float) -> str:
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
