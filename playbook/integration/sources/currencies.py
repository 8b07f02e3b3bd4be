"""Amounts in several currencies: which one a text or a row is in, and what it is worth in that of the run."""

from collections.abc import Mapping
from decimal import Decimal

from playbook.tables.engine import quoted

#: How currencies are written beside an amount, or in a column of their own.
SIGNS = {
    "HKD": ("hk$", "hkd", "港币", "港元"), "USD": ("us$", "usd", "美元", "美金"), "EUR": ("€", "eur", "欧元"),
    "GBP": ("£", "gbp", "英镑"), "JPY": ("jpy", "日元", "日圆", "円"), "CNY": ("rmb", "cny", "人民币"),
}  # fmt: skip
#: Signs that several currencies share, and those of them that are at home there.
_DOLLARS = ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "BRL")
_SHARED = {"¥": ("CNY", "JPY"), "￥": ("CNY", "JPY"), "元": ("CNY", "HKD", "TWD"), "圆": ("CNY", "JPY"), "$": _DOLLARS}


def written(text: str, home: str | None) -> str:
    """The SQL of the currency whose sign a text carries; null where it carries none."""
    own = [(sign, code) for code, signs in SIGNS.items() for sign in signs]
    shared = [(sign, home if home in codes else codes[0]) for sign, codes in _SHARED.items()]
    whens = " ".join(f"when contains(t, {quoted(sign)}) then {quoted(code)}" for sign, code in (*own, *shared))
    return f"list_transform([lower({text})], lambda t: case {whens} end)[1]"


def named(text: str) -> str:
    """The SQL of the currency that a text of a column of currencies names; null where it is empty."""
    whens = " ".join(
        f"when list_contains({list(signs)}, lower(t)) then {quoted(code)}" for code, signs in SIGNS.items()
    )
    return f"list_transform([half_width({text})], lambda t: case {whens} else nullif(upper(t), '') end)[1]"


def rate(currency: str, home: str, rates: Mapping[str, Decimal]) -> str:
    """The SQL of what one of a currency is worth in that of the run: 1 where none is said, null without a rate."""
    whens = " ".join(f"when {quoted(code)} then {value:f}" for code, value in sorted(rates.items()))
    return f"case coalesce({currency}, {quoted(home)}) when {quoted(home)} then 1 {whens} end"
