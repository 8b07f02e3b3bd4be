"""How a text becomes a value: the kinds of columns, and what makes each of them."""

from playbook.engine import quoted
from playbook.integration import days, numbers
from playbook.integration.kind import Kind, changed, constant, itself, nothing, prepared
from playbook.integration.texts import half, is_nothing, one_of, trimmed
from playbook.schema import ORDER_KINDS

_SAFE_ID = "[0-9A-Za-z_:/#]+(-[0-9A-Za-z_:/#]+)*"
_SCIENTIFIC = "[0-9]\\.[0-9]+[eE]\\+[0-9]+"
_YES = ("1", "y", "yes", "t", "true", "是", "有", "对", "√")
_NO = ("0", "n", "no", "f", "false", "否", "无", "错", "×")
_NOBODY = ("0", "游客", "散客", "匿名", "顾客", "guest", "anonymous", "unknown", "visitor", "walk-in")
_PHONES = ("13800138000", "13888888888", "13900000000", "12345678901", "1234567890", "123456789", "12345678", "13812345678")
_EMAILS = ("test@test.com", "none@none.com", "no@no.com", "na@na.com", "a@a.com", "noemail@noemail.com", "123@123.com")


def kind(name: str, *, values: dict[str, str] | None = None, day: days.DayFormat | None = None) -> Kind:
    """The kind of that name; `values` translates what was found, `day` says how the column writes days."""
    base = days.kind(name, day or days.DayFormat()) if name in days.NAMES else _KINDS[name]
    return _translated(base, values) if values else base


def is_nobody(key: str) -> str:
    """The SQL of whether a customer's key stands for no customer in particular."""
    return f"({one_of(f'lower({key})', _NOBODY)} or regexp_full_match({key}, '0+'))"


def is_placeholder(column: str, value: str) -> str:
    """The SQL of whether an identifier was typed only because something had to be typed."""
    same = "|".join(f"{digit}{{5,}}" for digit in range(10))
    repeated = f"regexp_full_match({value}, '(?:\\+?86)?1?(?:{same})')"
    known = {"phone": _PHONES, "email": _EMAILS}.get(column, ())
    return f"({repeated} or {one_of(f'lower({value})', (*known, *_NOBODY))})"


def _translated(base: Kind, values: dict[str, str]) -> Kind:
    whens = " ".join(f"when {quoted(found)} then {quoted(meant)}" for found, meant in values.items())

    def prepare(c: str) -> str:
        text = f"(case {trimmed(c)} {whens} else {c} end)"
        return base.prepare(text)

    return base._replace(prepare=prepare, repair=nothing)


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


def _lower(c: str) -> str:
    text = f"lower({half(c)})"
    return f"case when not {is_nothing(text)} then {text} end"


def _order_kind(c: str, h: str) -> str:
    return f"case when {one_of(h, ORDER_KINDS)} then {h} end"


def _flag(c: str, h: str) -> str:
    return f"case when {one_of(h, _YES)} then true when {one_of(h, _NO)} then false end"


def _unless_scientific(c: str, h: str) -> str:
    return f"case when not contains({h}, '.') or not regexp_full_match({h}, {quoted(_SCIENTIFIC)}) then {h} end"


def _phone_number(c: str, h: str) -> str:
    return f"case when regexp_full_match({h}, '\\+?[0-9]{{7,15}}') then {h} end"


def _email_address(c: str, h: str) -> str:
    return f"case when regexp_full_match({h}, '[^@]+@[^@]+\\.[^@]+') then {h} end"


def _phone_reason(c: str, h: str, r: str) -> str:
    return f"case when regexp_full_match({half(c)}, {quoted(_SCIENTIFIC)}) then 'scientific_id' else 'not_a_phone' end"


_KINDS = {
    "text": Kind(_text, prepared, itself, constant("missing"), nothing, "VARCHAR"),
    "id": Kind(_id, _unless_scientific, itself, constant("scientific_id"), _id_repair, "VARCHAR"),
    "kind": Kind(_lower, _order_kind, itself, constant("unknown_kind"), nothing, "VARCHAR"),
    "name": Kind(_name, prepared, itself, constant("missing"), nothing, "VARCHAR"),
    "phone": Kind(_phone, _phone_number, itself, _phone_reason, changed("phone_format"), "VARCHAR"),
    "email": Kind(_email, _email_address, itself, constant("not_an_email"), changed("email_case"), "VARCHAR"),
    "flag": Kind(_lower, _flag, itself, constant("not_a_yes_or_no"), nothing, "BOOLEAN"),
} | numbers.KINDS
