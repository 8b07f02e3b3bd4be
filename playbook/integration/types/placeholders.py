"""Whether a value was typed only because something had to be: words for nobody, phones and e-mails made up."""

import re

from playbook.integration.types.texts import one_of
from playbook.integration.types.words import words
from playbook.tables.engine import quoted

_MOBILE = "1[3-9][0-9]{9}"
_COUNTED = "123456789012345678"
_ONE_DIGIT = "|".join(f"{digit}{{5,}}" for digit in range(10))
_EIGHT_ALIKE = "|".join(f"{digit}{{8}}" for digit in range(10))
_IN_A_ROW = "012345678|123456789|234567890|987654321|876543210"

#: Of any identifier: one digit over and over, or 123456 ... as far as it goes.
_NUMBER = f"(?:\\+?86)?1?(?:{_ONE_DIGIT})|0?(?:{'|'.join(_COUNTED[:end] for end in range(18, 5, -1))})"
#: Of phones: six zeros at the end, nine digits in a row, eight equal ones after a mobile's head.
_PHONE = f".*0{{6,}}|.*(?:{_IN_A_ROW}).*|1[3-9][0-9](?:{_EIGHT_ALIKE})"


def is_nobody(key: str) -> str:
    """The SQL of whether a customer's key stands for no customer in particular."""
    made_up = f"(regexp_full_match({key}, '{_MOBILE}') and {_is_made_up_phone(key)})"
    return f"({is_word(key)} or regexp_full_match({key}, '0+|9{{5,}}') or {made_up})"


def is_word(value: str) -> str:
    """The SQL of whether a text is a word that stands where nothing is known."""
    return one_of(f"lower({value})", [*words("placeholders"), *words("placeholder_keys")])


def is_no_name(name: str) -> str:
    """The SQL of whether a name in lower case is a word for nobody."""
    return one_of(name, words("placeholders"))


def is_placeholder(column: str, value: str) -> str:
    """The SQL of whether an identifier was typed only because something had to be typed."""
    number = f"coalesce(regexp_full_match({value}, {quoted(_NUMBER)}), false)"
    made_up = {"phone": _is_made_up_phone, "email": _is_made_up_email, "visitor_id": _is_no_visitor}.get(column)
    return f"({' or '.join([number, is_word(value), *([made_up(value)] if made_up else [])])})"


def _is_made_up_phone(value: str) -> str:
    """A pattern, a number known from forms, or two or three digits over and over: moved by as many, it is itself."""
    pattern = quoted("|".join([_PHONE, *words("placeholder_phones")]))
    over_and_over = " or ".join(
        f"substring({value}, {length + 1}) = substring({value}, 1, length({value}) - {length})" for length in (2, 3)
    )
    return f"coalesce(regexp_full_match({value}, {pattern}) or {over_and_over}, false)"


def _is_made_up_email(value: str) -> str:
    boxes = "|".join(map(re.escape, words("placeholder_mailboxes")))
    numbers = "|".join([*(f"{digit}+" for digit in range(10)), *(_COUNTED[:end] for end in range(2, 11))])
    domains = "|".join(map(re.escape, words("placeholder_domains")))
    pattern = (
        f"(?:{boxes}|test[0-9]*|x{{3,}}|a{{3,}}|{numbers})@.*|.*@(?:{domains})|.*\\.(?:[a-z]|test|invalid|localhost)"
    )
    return f"coalesce(regexp_full_match(lower({value}), {quoted(pattern)}), false)"


def _is_no_visitor(value: str) -> str:
    return one_of(f"lower({value})", words("placeholder_visitors"))
