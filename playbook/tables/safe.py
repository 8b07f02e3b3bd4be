"""Values from data, made harmless for the pages and spreadsheets they end in."""

import re

#: Control characters, and the invisible ones that turn the direction of text around.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def plain(value: object) -> str:
    """The value as text on which no control or direction character acts; each shows as U+FFFD."""
    return _HIDDEN.sub("\ufffd", str(value))


def cell(value: object) -> str:
    """The value as text that no spreadsheet takes for a formula: a leading = + - @ is set behind an apostrophe."""
    text = plain(value)
    return f"'{text}" if _FORMULA.match(str(value)) else text
