"""In which unit a column counts: fen or ten thousands, seconds since 1970; as declared, or as its name says."""

import re

from playbook.integration.types.field_types import DAY_TYPES, EPOCHS

#: By unit of an amount, what one of it is worth in the currency.
FACTORS = {
    "fen": "0.01", "cents": "0.01", "jiao": "0.1", "hundreds": "100", "thousands": "1000", "ten_thousands": "10000",
    "millions": "1000000", "hundred_millions": "100000000",
}  # fmt: skip
_MONEY = ("money", "price")
_COUNTED = (*_MONEY, "quantity", "real", "whole")
_SIGNS = {
    "分": "fen", "角": "jiao", "千": "thousands", "万": "ten_thousands", "百万": "millions", "亿": "hundred_millions",
}  # fmt: skip
_NAMED = re.compile(r"[（(\[【](?:单位[:：]?)?(百万|千|万|亿|分|角)元?[）)\]】]|(百万|千|万|亿)元$")


def allowed(kind: str) -> tuple[str, ...]:
    """The units that a kind of value may be declared in."""
    return tuple(EPOCHS) if kind in DAY_TYPES else tuple(FACTORS) if kind in _COUNTED else ()


def of_name(kind: str, name: str) -> str | None:
    """The unit that the name of a column of money says, such as 金额（万元）."""
    match = _NAMED.search(name.strip()) if kind in _MONEY else None
    return _SIGNS[match[1] or match[2]] if match else None
