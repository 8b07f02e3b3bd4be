"""Numbers as people type them: 1,234.50, ¥１２０, (120), 1.2万, in SQL over texts. See `kind` for the pieces."""

from playbook.integration.types.field_type import At, Kind
from playbook.integration.types.texts import half, is_nothing
from playbook.tables.engine import quoted

#: The type in which numbers are computed: exact, and wide enough for the product of two.
NUMBER = "DECIMAL(24, 6)"

_PLAIN = r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?"
_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?(?:e[+-]?[0-9]{1,2})?|\.[0-9]+"
_WRITTEN = rf"(?:[+-]?(?:{_DIGITS})|(?:{_DIGITS})-)[万亿]?|\((?:{_DIGITS})[万亿]?\)"
_SIGNS = r"hk\$|us\$|人民币|港币|港元|美元|美金|欧元|英镑|日元|日圆|[¥$€£元圆円]|rmb|cny|usd|gbp|eur|hkd|jpy"
#: What a spreadsheet shows where it could not compute.
SPREADSHEET_ERRORS = r"#(?:n/a|ref!|value!|div/0!|name\?|num!|null!)"


def of_text(text: str) -> str:
    """The SQL of the number in any text: what columns are in arithmetic."""
    written = f"list_transform([{half(text)}], lambda w: {_read_from(_bare('w'))})[1]"
    return f"case when {_is_plain(text)} then try_cast({text} as {NUMBER}) when {text} is not null then {written} end"


def with_point(text: str, decimal: str) -> str:
    """The SQL of a text whose numbers have a decimal point, where the file writes 1.234,50."""
    return f"translate({text}, '.,', ',.')" if decimal == "," else text


def scaled(number: str, factor: str) -> str:
    """The SQL of a number times another, exact."""
    return f"try(cast(({number}) * ({factor}) as {NUMBER}))"


def _prepare(at: At) -> str:
    return f"case when {_is_plain(at.c)} then {at.c} when not {is_nothing(at.w)} then {_bare(at.w)} end"


def _bare(w: str) -> str:
    """Without currency signs."""
    return f"trim(regexp_replace(lower({w}), {quoted(_SIGNS)}, '', 'g'))"


def _read(at: At) -> str:
    return f"case when {_is_plain(at.h)} then try_cast({at.h} as {NUMBER}) else {_read_from(at.h)} end"


def _read_from(h: str) -> str:
    """The number a text without currency signs says: 1,234.50, (120), 120-, 1.2万, 1e5; null where it says none."""
    digits = f"replace(regexp_extract({h}, {quoted(_DIGITS)}), ',', '')"
    sign = f"case when regexp_matches({h}, '^[(-]|-$') then -1 else 1 end"
    scale = f"case when contains({h}, '万') then 10000 when contains({h}, '亿') then 100000000 else 1 end"
    number = f"try(cast(cast({digits} as {NUMBER}) * {sign} * {scale} as {NUMBER}))"
    return f"case when regexp_full_match({h}, {quoted(_WRITTEN)}) then {number} end"


def _reason(at: At) -> str:
    return (
        f"case when regexp_full_match(lower({at.w}), {quoted(SPREADSHEET_ERRORS)}) then 'spreadsheet_error'"
        f" when starts_with({at.w}, '=') then 'formula'"
        f" when regexp_full_match({at.h}, {quoted(_WRITTEN)}) then 'overflow' else 'not_a_number' end"
    )


def _repair(at: At) -> str:
    return (
        f"case when {at.h} = {at.c} and not {_has(at.c, '[,()万亿]|-$')} then null"
        f" when {_has(at.c, '[万亿]')} then 'ten_thousands' when {at.h} <> lower({at.w}) then 'currency_sign'"
        f" when {_has(at.c, '[,，]')} then 'thousands' when {_has(at.c, '[()]|-$')} then 'negative_sign'"
        f" when strlen({at.c}) <> length({at.c}) then 'full_width' when {at.w} <> {at.c} then 'spacing' end"
    )


def _is_plain(text: str) -> str:
    return f"regexp_full_match({text}, {quoted(_PLAIN)})"


def _has(text: str, pattern: str) -> str:
    return f"regexp_matches({text}, {quoted(pattern)})"


def _rounded(digits: int, type_: str) -> Kind:
    """Half away from zero, as accountants round; a value that the type cannot hold becomes null."""
    return Kind(_prepare, _read, lambda at: f"try_cast(round({at.r}, {digits}) as {type_})", _reason, _repair, type_)


def _whole(at: At) -> str:
    return f"case when {at.r} = round({at.r}, 0) then try_cast({at.r} as BIGINT) end"


def _whole_reason(at: At) -> str:
    return f"case when {at.r} is not null then 'not_a_whole_number' else {_reason(at)} end"


def _year(at: At) -> str:
    return f"case when {at.r} = round({at.r}, 0) and {at.r} between 1900 and 2100 then cast({at.r} as BIGINT) end"


def _year_reason(at: At) -> str:
    return f"case when {at.r} is not null then 'implausible_year' else {_reason(at)} end"


KINDS = {
    "money": _rounded(2, "DECIMAL(18, 2)"),
    "quantity": _rounded(3, "DECIMAL(18, 3)"),
    "price": _rounded(6, "DECIMAL(18, 6)"),
    "real": Kind(_prepare, _read, lambda at: f"cast({at.r} as DOUBLE)", _reason, _repair, "DOUBLE"),
    "whole": Kind(_prepare, _read, _whole, _whole_reason, _repair, "BIGINT"),
    "year": Kind(_prepare, _read, _year, _year_reason, _repair, "BIGINT"),
}
