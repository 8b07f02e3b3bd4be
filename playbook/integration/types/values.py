"""How a text becomes a value: the kinds of columns, and what makes each of them."""

from playbook.integration.types import dates as days
from playbook.integration.types import numbers
from playbook.integration.types.codes import is_credit_code_sql
from playbook.integration.types.field_type import At, Kind, as_prepared, as_read, changed, constant, nothing
from playbook.integration.types.placeholders import is_no_name, is_word
from playbook.integration.types.places import long_provinces
from playbook.integration.types.texts import is_nothing, one_of, trimmed
from playbook.integration.types.words import words
from playbook.tables.engine import quoted
from playbook.tables.schema import ORDER_KINDS

_SCIENTIFIC = "[0-9]\\.[0-9]+[eE]\\+[0-9]+"
_MOBILE = "1[3-9][0-9]{9}"
_TITLES = (
    "^((mr|mrs|ms|miss|mx|dr|prof|sir|madam|herr|frau)\\.? +)+|,? +(jr|sr|phd|md|esq)\\.?$"
    "|(先生|女士|小姐|太太|阿姨|经理|老师|总)$"
)
_SIGNS = "[\\x{3400}-\\x{9fff}]"
_YES = ("1", "y", "yes", "t", "true", "是", "有", "对", "√")
_NO = ("0", "n", "no", "f", "false", "否", "无", "错", "×")


def kind(name: str, *, is_translated: bool = False, day: days.DayFormat | None = None) -> Kind:
    """The kind of that name; `w` may be a translation of what was found; `day` says how the column writes days."""
    base = days.kind(name, day or days.DayFormat()) if name in days.NAMES else _KINDS[name]
    return _translated(base) if is_translated else base


def in_one_word(kind: str, text: str) -> str:
    """The SQL of a text in the word that all sources are given for what it means: 男, M and Male alike."""
    if kind != "gender":
        return text
    meant = {key: one_of(f"lower({text})", said) for key, said in words("genders").items()}
    whens = " ".join(f"when {said} then {quoted(key)}" for key, said in meant.items())
    return f"case {whens} else {text} end"


def _translated(base: Kind) -> Kind:
    """`w` holds the translation already: it is what counts, and nothing of it was repaired."""
    return base._replace(prepare=lambda at: base.prepare(at._replace(c=at.w)), repair=nothing)


def _unless_nothing(w: str, prepared: str) -> str:
    return f"case when not {is_nothing(w)} then {prepared} end"


def _unless_unknown(w: str, prepared: str) -> str:
    return f"case when not ({is_nothing(w)} or {is_word(w)}) then {prepared} end"


def _text(at: At) -> str:
    return f"nullif({trimmed(at.c)}, '')"


def _unless_error(at: At) -> str:
    return f"case when not {_is_error(at.h)} then {at.h} end"


def _is_error(h: str) -> str:
    """Whether a spreadsheet could not compute what should stand here."""
    errors = f"regexp_full_match(lower({h}), {quoted(numbers.SPREADSHEET_ERRORS)})"
    return f"case when starts_with({h}, '#') then {errors} else false end"


def _id(at: At) -> str:
    whole = f"regexp_replace({at.w}, '^([0-9]+)\\.0$', '\\1')"
    return _unless_nothing(at.w, f"case when contains({at.w}, '.') then {whole} else {at.w} end")


def _id_repair(at: At) -> str:
    return f"case when {at.h} = {at.c} then null when {at.w} <> {at.h} then 'decimal_id' else 'spacing' end"


def _phone(at: At) -> str:
    digits = f"regexp_replace({at.w}, '\\.0$|(转|ext\\.?|x|#) *[0-9]{{1,6}}$|\\(0\\)|[ ()\\-./·]', '', 'g')"
    bare = f"regexp_replace({digits}, '^(?:\\+|00)?86({_MOBILE})$', '\\1')"
    return f"case when regexp_full_match({at.w}, '{_MOBILE}') then {at.w} else {_unless_unknown(at.w, bare)} end"


def _phone_number(at: At) -> str:
    return f"case when regexp_full_match({at.h}, '\\+?[0-9]{{7,15}}') then {at.h} end"


def _phone_reason(at: At) -> str:
    return f"case when regexp_full_match({at.w}, {quoted(_SCIENTIFIC)}) then 'scientific_id' else 'not_a_phone' end"


def _email(at: At) -> str:
    return _unless_unknown(at.w, f"lower(regexp_replace({at.w}, '\\s|^mailto:|^<|[.,;>]+$', '', 'g'))")


def _email_address(at: At) -> str:
    return f"case when regexp_full_match({at.h}, '[^@]+@[^@]+\\.[^@]+') then {at.h} end"


def _credit_code(at: At) -> str:
    return _unless_unknown(at.w, f"upper(regexp_replace({at.w}, '[\\s\\-]', '', 'g'))")


def _checked_code(at: At) -> str:
    return f"case when {is_credit_code_sql(at.h)} then {at.h} end"


def _postcode(at: At) -> str:
    return _unless_nothing(at.w, f"upper(regexp_replace({at.w}, '\\.0$|[\\s\\-]', '', 'g'))")


def _region(at: At) -> str:
    """A Chinese province in its short form; any other text as it is."""
    whens = " ".join(f"when {quoted(long)} then {quoted(short)}" for long, short in long_provinces().items())
    return f"case {at.w} {whens} else {_text(at)} end"


def _gender(at: At) -> str:
    return _unless_nothing(at.w, at.w)


def _name(at: At) -> str:
    """Compared, never shown: without titles, dots and case, words one blank apart, family name last where a comma says
    so; one letter, a title or a masked name is none, one Chinese sign is a family name."""
    bare = f"trim(regexp_replace(lower({at.w}), '{_TITLES}', '', 'g'))"
    turned = f"regexp_replace({bare}, '^([^,]+), *([^,]+)$', '\\2 \\1')"
    spaced = f"trim(regexp_replace(regexp_replace({turned}, '[·.\\-''’]', '', 'g'), '[\\s,]+', ' ', 'g'))"
    joined = f"case when regexp_matches({at.w}, '{_SIGNS}') then replace({spaced}, ' ', '') else {spaced} end"
    usable = f"(length(name) > 1 or regexp_full_match(name, '{_SIGNS}')) and not regexp_matches(name, '[*×]')"
    usable += f" and not {is_no_name('name')}"
    return _unless_nothing(at.w, f"list_transform([{joined}], lambda name: case when {usable} then name end)[1]")


def _lower(at: At) -> str:
    return _unless_nothing(at.w, f"lower({at.w})")


def _order_kind(at: At) -> str:
    return f"case when {one_of(at.h, ORDER_KINDS)} then {at.h} end"


def _flag(at: At) -> str:
    return f"case when {one_of(at.h, _YES)} then true when {one_of(at.h, _NO)} then false end"


def _unless_scientific(at: At) -> str:
    scientific = f"regexp_full_match({at.h}, {quoted(_SCIENTIFIC)})"
    return f"case when {_is_error(at.h)} then null when not contains({at.h}, '.') or not {scientific} then {at.h} end"


def _id_reason(at: At) -> str:
    return f"case when {_is_error(at.h)} then 'spreadsheet_error' else 'scientific_id' end"


_KINDS = {
    "text": Kind(_text, _unless_error, as_read, constant("spreadsheet_error"), nothing, "VARCHAR"),
    "id": Kind(_id, _unless_scientific, as_read, _id_reason, _id_repair, "VARCHAR"),
    "kind": Kind(_lower, _order_kind, as_read, constant("unknown_kind"), nothing, "VARCHAR"),
    "name": Kind(_name, as_prepared, as_read, constant("missing"), nothing, "VARCHAR"),
    "phone": Kind(_phone, _phone_number, as_read, _phone_reason, changed("phone_format"), "VARCHAR"),
    "email": Kind(_email, _email_address, as_read, constant("not_an_email"), changed("email_case"), "VARCHAR"),
    "credit_code": Kind(
        _credit_code, _checked_code, as_read, constant("not_a_credit_code"), changed("code_format"), "VARCHAR"
    ),
    "postcode": Kind(_postcode, as_prepared, as_read, constant("missing"), nothing, "VARCHAR"),
    "region": Kind(_region, as_prepared, as_read, constant("missing"), changed("region_name"), "VARCHAR"),
    "gender": Kind(_gender, _unless_error, as_read, constant("spreadsheet_error"), changed("gender_word"), "VARCHAR"),
    "flag": Kind(_lower, _flag, as_read, constant("not_a_yes_or_no"), nothing, "BOOLEAN"),
} | numbers.KINDS
