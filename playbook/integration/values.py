"""How a text becomes a value: for each kind of column the SQL that prepares, types, excuses and repairs it.

Each kind works on two columns: `c`, the text as the file has it, and `h`, the text prepared (null where it says that
there is none). The value is null where `h` cannot be typed; `reason` then gives the code, and `repair` the code of what
had to be done where it could.
"""

from collections.abc import Callable
from typing import NamedTuple

from playbook.engine import quoted
from playbook.integration import days, numbers
from playbook.integration.texts import is_nothing, half, one_of, trimmed

_SAFE_ID = "[0-9A-Za-z_:/#]+(-[0-9A-Za-z_:/#]+)*"
_SCIENTIFIC = "[0-9]\\.[0-9]+[eE]\\+[0-9]+"
_YES = ("1", "y", "yes", "t", "true", "是", "有", "对", "√")
_NO = ("0", "n", "no", "f", "false", "否", "无", "错", "×")
_NOBODY = ("0", "游客", "散客", "匿名", "顾客", "guest", "anonymous", "unknown", "visitor", "walk-in")
_PHONES = ("13800138000", "13888888888", "13900000000", "12345678901", "1234567890", "123456789", "12345678", "13812345678")
_EMAILS = ("test@test.com", "none@none.com", "no@no.com", "na@na.com", "a@a.com", "noemail@noemail.com", "123@123.com")


class Kind(NamedTuple):
    """The four pieces of SQL of one kind of value, each made from the names of the columns it works on."""

    prepare: Callable[[str], str]
    value: Callable[[str, str], str]
    reason: Callable[[str, str], str]
    repair: Callable[[str, str], str]
    type: str


def kind(name: str, *, values: dict[str, str] | None = None, day: "days.DayFormat | None" = None) -> Kind:
    """The kind of that name; `values` translates what was typed, `day` says how the column writes days."""
    made = days.KINDS[name](day or days.DayFormat()) if name in days.KINDS else None
    base = Kind(*made) if made else _KINDS[name]
    return _translated(base, values) if values else base


def _translated(base: Kind, values: dict[str, str]) -> Kind:
    def value(c: str, h: str) -> str:
        whens = " ".join(f"when {quoted(found)} then {quoted(meant)}" for found, meant in values.items())
        return base.value(c, f"(case {h} {whens} else {h} end)")

    return base._replace(prepare=lambda c: _nothing(half(c)), value=value, repair=_no_repair)


def _nothing(text: str) -> str:
    return f"case when not {is_nothing(text)} then {text} end"


def _no_repair(c: str, h: str) -> str:
    return "null"


def _text(c: str) -> str:
    return f"nullif({trimmed(c)}, '')"


def _id(c: str) -> str:
    cleaned = f"regexp_replace({half(c)}, '^([0-9]+)\\.0$', '\\1')"
    return (
        f"case when regexp_full_match({c}, {quoted(_SAFE_ID)}) and not {is_nothing(c)} then {c}"
        f" when not {is_nothing(half(c))} then {cleaned} end"
    )


def _id_repair(c: str, h: str) -> str:
    return f"case when {h} = {c} then null when {half(c)} <> {h} then 'decimal_id' else 'spacing' end"


def _phone(c: str) -> str:
    digits = f"regexp_replace({half(c)}, '\\.0$|[ ()\\-.]', '', 'g')"
    bare = f"regexp_replace({digits}, '^(?:\\+|00)?86(1[3-9][0-9]{{9}})$', '\\1')"
    real = f"regexp_full_match({c}, '1[3-9][0-9]{{9}}')"
    return f"case when {real} then {c} when not {is_nothing(half(c))} then {bare} end"


def _email(c: str) -> str:
    return f"case when not {is_nothing(half(c))} then lower(regexp_replace({half(c)}, '\\s|^mailto:', '', 'g')) end"


def _name(c: str) -> str:
    """Compared, never shown: no spaces, dots, titles or case; a name that is masked or only a title is none."""
    bare = f"regexp_replace(lower({half(c)}), '^(mr|mrs|ms|miss|dr)\\.? |(先生|女士|小姐|太太)$|[\\s·.\\-''’]', '', 'g')"
    usable = f"not regexp_matches({c}, '[*＊×]') and not {is_nothing(half(c))} and length({bare}) > 1"
    return f"case when {usable} and not {one_of(bare, _NOBODY)} then {bare} end"


def is_nobody(key: str) -> str:
    """Whether a customer's key stands for no customer in particular."""
    return f"({one_of(f'lower({key})', _NOBODY)} or regexp_full_match({key}, '0+'))"


def is_placeholder(column: str, value: str) -> str:
    """Whether an identifier was typed only because something had to be typed."""
    same = "|".join(f"{digit}{{4,}}" for digit in range(10))
    repeated = f"regexp_full_match({value}, '(?:\\+?86)?1?(?:{same})')"
    known = {"phone": _PHONES, "email": _EMAILS}.get(column, ())
    return f"({repeated} or {one_of(f'lower({value})', (*known, *_NOBODY))})"


def _flag(c: str, h: str) -> str:
    return f"case when {one_of(h, _YES)} then true when {one_of(h, _NO)} then false end"


def _id_value(c: str, h: str) -> str:
    return f"case when not regexp_full_match({h}, {quoted(_SCIENTIFIC)}) then {h} end"


def _phone_value(c: str, h: str) -> str:
    return f"case when regexp_full_match({h}, '\\+?[0-9]{{7,15}}') then {h} end"


def _email_value(c: str, h: str) -> str:
    return f"case when regexp_full_match({h}, '[^@]+@[^@]+\\.[^@]+') then {h} end"


def _constant(code: str) -> Callable[[str, str], str]:
    return lambda c, h: quoted(code)


def _changed(code: str) -> Callable[[str, str], str]:
    return lambda c, h: f"case when {h} <> {c} then {quoted(code)} end"


def _itself(c: str, h: str) -> str:
    return h


def _scientific_or(code: str) -> Callable[[str, str], str]:
    pattern = quoted(_SCIENTIFIC)
    return lambda c, h: f"case when regexp_full_match({half(c)}, {pattern}) then 'scientific_id' else {quoted(code)} end"


def _lower(c: str) -> str:
    return _nothing(f"lower({half(c)})")


_NUMBER_KINDS = {name: Kind(*pieces) for name, pieces in numbers.KINDS.items()}
_KINDS = {
    "text": Kind(_text, _itself, _constant("missing"), _no_repair, "VARCHAR"),
    "id": Kind(_id, _id_value, _constant("scientific_id"), _id_repair, "VARCHAR"),
    "kind": Kind(_lower, _itself, _constant("unknown_kind"), _no_repair, "VARCHAR"),
    "name": Kind(_name, _itself, _constant("missing"), _no_repair, "VARCHAR"),
    "phone": Kind(_phone, _phone_value, _scientific_or("not_a_phone"), _changed("phone_format"), "VARCHAR"),
    "email": Kind(_email, _email_value, _constant("not_an_email"), _changed("email_case"), "VARCHAR"),
    "flag": Kind(_lower, _flag, _constant("not_a_yes_or_no"), _no_repair, "BOOLEAN"),
} | _NUMBER_KINDS
