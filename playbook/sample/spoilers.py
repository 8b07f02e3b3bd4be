"""How each kind of dirt spoils a cell; each spoiler takes (rng, values) and returns as many values."""

import numpy as np

PLACEHOLDER_PHONE = "13800138000"


def _one_of(*makers):
    """A spoiler that treats each value by one of the makers, at random."""

    def spoil(rng, values):
        turns = rng.integers(0, len(makers), len(values)).tolist()
        return np.array([makers[turn](value) for turn, value in zip(turns, values, strict=True)], dtype=object)

    return spoil


def _full_width(value):
    return value.translate({ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)})


def _chinese_date(value):
    return f"{value[:4]}年{int(value[5:7])}月{int(value[8:10])}日{value[10:]}"


def _other_date(value):
    """Day and time with the other separator, as a spreadsheet writes it; a day alone without any."""
    if len(value) == 10:
        return value.replace(value[4], "")
    return f"{value[:4]}{'/' if value[4] == '-' else '-'}{value[5:7]}{'/' if value[4] == '-' else '-'}{value[8:]}"


def _misdated(day):
    return lambda value: day.replace("-", value[4]) + value[10:]


def _comma_money(value):
    return f"¥{float(value):,.2f}"


def _gapped(gap):
    return lambda value: value.replace(" ", 2 * gap) if value.isascii() else value[:1] + gap + value[1:]


SPOILERS = {
    "untypable_amount": _one_of(lambda _: "免单", lambda _: "n/a", lambda _: "待定"),
    "impossible_date": _one_of(_misdated("2025-02-30"), _misdated("1900-01-01"), lambda value: "2608" + value[4:]),
    "missing_key": _one_of(lambda _: ""),
    "missing_order": _one_of(lambda _: ""),
    "money_format": _one_of(_comma_money),
    "full_width": _one_of(_full_width),
    "padded_id": _one_of(
        lambda v: f" {v}", lambda v: f"{v} ", lambda v: f"{v}\u200b", lambda v: f"\u200b{v[:3]}\u200b{v[3:]}"
    ),
    "date_format": _one_of(_chinese_date, _other_date),
    "phone_format": _one_of(
        lambda v: f"+86 {v}",
        lambda v: f"{v[:3]}-{v[3:7]}-{v[7:]}",
        lambda v: f"{v[:3]} {v[3:7]} {v[7:]}",
        lambda v: f"0086{v}",
    ),
    "placeholder_phone": _one_of(lambda _: PLACEHOLDER_PHONE),
    "email_case": _one_of(str.upper, str.capitalize, lambda v: v.replace("example", "Example")),
    "name_spaces": _one_of(lambda v: f"{v} ", _gapped(" "), _gapped("\u3000")),
    "text_na": _one_of(lambda _: "NA", lambda _: "null"),
    "formula": _one_of(lambda _: "=1+1", lambda _: '=HYPERLINK("https://example.com")', lambda _: "@SUM(A1)"),
}
