"""Numbers as people type them: 1,234.50, ¥１２０, (120), 1.2万, in SQL over texts. See `kind` for the pieces."""

from playbook.engine import quoted
from playbook.integration.kind import Kind
from playbook.integration.texts import half, is_nothing

#: The type in which numbers are computed: exact, and wide enough for the product of two.
NUMBER = "DECIMAL(24, 6)"

_PLAIN = r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?"
_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?(?:e[+-]?[0-9]{1,2})?|\.[0-9]+"
_WRITTEN = rf"(?:[+-]?(?:{_DIGITS})|(?:{_DIGITS})-)[万亿]?|\((?:{_DIGITS})[万亿]?\)"
_SIGNS = r"[¥$€£元圆]|rmb|cny|usd|gbp|eur|人民币"
_SPREADSHEET_ERRORS = r"#(?:n/a|ref!|value!|div/0!|name\?|num!|null!)"


def prepare(c: str) -> str:
    """The SQL of a number's text without currency signs; null where it says that there is none."""
    bare = f"trim(regexp_replace(lower({half(c)}), {quoted(_SIGNS)}, '', 'g'))"
    return f"case when {_is_plain(c)} then {c} when not {is_nothing(half(c))} then {bare} end"


def read(h: str) -> str:
    """The SQL of the number a prepared text says; null where it says none."""
    digits = f"replace(regexp_extract({h}, {quoted(_DIGITS)}), ',', '')"
    sign = f"case when regexp_matches({h}, '^[(-]|-$') then -1 else 1 end"
    scale = f"case when contains({h}, '万') then 10000 when contains({h}, '亿') then 100000000 else 1 end"
    written = f"try(cast(cast({digits} as {NUMBER}) * {sign} * {scale} as {NUMBER}))"
    return (
        f"case when {_is_plain(h)} then try_cast({h} as {NUMBER})"
        f" when regexp_full_match({h}, {quoted(_WRITTEN)}) then {written} end"
    )


def of_text(text: str) -> str:
    """The SQL of the number in any text: what columns are in arithmetic."""
    written = f"list_transform([{prepare(text)}], lambda h: {read('h')})[1]"
    return f"case when {_is_plain(text)} then try_cast({text} as {NUMBER}) when {text} is not null then {written} end"


def reason(c: str, h: str, r: str) -> str:
    """The code of why a text is no number."""
    return (
        f"case when regexp_full_match(lower({half(c)}), {quoted(_SPREADSHEET_ERRORS)}) then 'spreadsheet_error'"
        f" when starts_with({half(c)}, '=') then 'formula'"
        f" when regexp_full_match({h}, {quoted(_WRITTEN)}) then 'overflow' else 'not_a_number' end"
    )


def repair(c: str, h: str) -> str:
    """The code of what had to be done to read a number."""
    return (
        f"case when {_is_plain(c)} then null when strlen({c}) <> length({c}) and not {_has(c, '[¥￥€£元圆万亿]')} then 'full_width'"
        f" when {_has(c, '[万亿]')} then 'ten_thousands' when {h} <> lower({half(c)}) then 'currency_sign'"
        f" when {_has(c, ',')} then 'thousands' when {_has(c, '[()]|-$')} then 'negative_sign'"
        f" when {h} <> {c} then 'spacing' end"
    )


def _is_plain(text: str) -> str:
    return f"regexp_full_match({text}, {quoted(_PLAIN)})"


def _has(text: str, pattern: str) -> str:
    return f"regexp_matches({text}, {quoted(pattern)})"


def _rounded(digits: int, type_: str) -> Kind:
    """Half away from zero, as accountants round; a value that the type cannot hold becomes null."""
    return Kind(prepare, _read, lambda r: f"try_cast(round({r}, {digits}) as {type_})", reason, repair, type_)


def _read(c: str, h: str) -> str:
    return read(h)


def _whole(r: str) -> str:
    return f"case when {r} = round({r}, 0) then try_cast({r} as BIGINT) end"


def _whole_reason(c: str, h: str, r: str) -> str:
    return f"case when {r} is not null then 'not_a_whole_number' else {reason(c, h, r)} end"


def _year(r: str) -> str:
    return f"case when {r} = round({r}, 0) and {r} between 1900 and 2100 then cast({r} as BIGINT) end"


def _year_reason(c: str, h: str, r: str) -> str:
    return f"case when {r} is not null then 'implausible_year' else {reason(c, h, r)} end"


KINDS = {
    "money": _rounded(2, "DECIMAL(18, 2)"),
    "quantity": _rounded(3, "DECIMAL(18, 3)"),
    "price": _rounded(6, "DECIMAL(18, 6)"),
    "real": Kind(prepare, _read, lambda r: f"cast({r} as DOUBLE)", reason, repair, "DOUBLE"),
    "whole": Kind(prepare, _read, _whole, _whole_reason, repair, "BIGINT"),
    "year": Kind(prepare, _read, _year, _year_reason, repair, "BIGINT"),
}
