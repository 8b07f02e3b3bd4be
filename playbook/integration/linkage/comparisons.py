"""How two records are compared: for each kind of value the levels from alike to unlike, on spellings in plain letters.

DuckDB's string distances count bytes, so they are asked about pinyin and digits only, never about Chinese signs.
"""

from typing import NamedTuple

#: Levels of a name that link nobody by weight, however much else agrees: one family's members, and strangers.
OTHER_PERSON = ("same surname only", "other name")
OTHER_BRANCH = ("another branch of the company",)


class Level(NamedTuple):
    """One level: its words, the condition in SQL over `<column>_l` and `<column>_r`, and whose frequency weighs it."""

    label: str
    condition: str
    frequency: str | None = None


class Comparison(NamedTuple):
    """A kind of value: the columns it needs, when nothing can be said, and its levels, the most alike first."""

    columns: tuple[str, ...]
    unknown: str
    levels: tuple[Level, ...]
    never: tuple[str, ...] = ()


def _either_null(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _where(cheap: str, costly: str) -> str:
    """Both conditions, the costly one asked only where the cheap one holds: of an `and` DuckDB tries both orders."""
    return f"(case when {cheap} then {costly} else false end)"


def _close(column: str, edits: int, least: int) -> str:
    """At most so many letters mistyped in a text of so many letters at least."""
    long_enough = f"least(length({column}_l), length({column}_r)) >= {least}"
    return _where(long_enough, f"damerau_levenshtein({column}_l, {column}_r) <= {edits}")


def _half_same(column: str, letters: int) -> str:
    """One mistake leaves the first letters as they are, or the last ones."""
    first, last = (f"substring({column}_{{0}}, {part})" for part in (f"1, {letters}", f"-{letters}"))
    return " or ".join(f"{part.format('l')} = {part.format('r')}" for part in (first, last))


def _part_of(column: str, least: int) -> str:
    one, other = f"{column}_l", f"{column}_r"
    either = f"contains({one}, {other}) or contains({other}, {one})"
    return f"(least(length({one}), length({other})) >= {least} and ({either}))"


_BEGINS = "(starts_with({0}_l, {0}_r) or starts_with({0}_r, {0}_l))"
_WHOLE = "extent_l > 1 and extent_r > 1"
_BOTH_SIGNS = "extent_l = 3 and extent_r = 3"
_LIKE_GIVEN = (
    f"(({_BEGINS.format('given_key')} and least(length(given_key_l), length(given_key_r)) > 0)"
    f" or {_part_of('given_key', 3)} or (not ({_BOTH_SIGNS}) and {_close('given_key', 1, 4)}))"
)
_DAY_MONTH = (
    "concat(substring(birth_date_l, 1, 4), substring(birth_date_l, 8, 3), substring(birth_date_l, 5, 3)) = birth_date_r"
)
_MISTYPED_EMAIL = _where(_half_same("email_local", 3), _close("email", 2, 9))
_SHARED_WORDS = "cast(len(list_intersect(address_words_l, address_words_r)) as double)"
_WORDS_ALIKE = f"{_SHARED_WORDS} >= {{}} * greatest(len(address_words_l), len(address_words_r))"

COMPARISONS = {
    "name": Comparison(
        ("name", "name_key", "surname_key", "given_key", "extent"),
        _either_null("name"),
        (
            Level("same name", f"{_same('name')} and {_WHOLE}", "name"),
            Level("same name, written otherwise", f"{_same('name_key')} and {_WHOLE}", "name_key"),
            Level("same surname, like given name", _where(_same("surname_key"), _LIKE_GIVEN)),
            Level(
                "mistyped",
                f"(not ({_BOTH_SIGNS})) and ({_where(_half_same('name_key', 3), _close('name_key', 2, 9))}"
                f" or {_where(_same('given_key'), _close('surname_key', 2, 5))})",
            ),
            Level("same given name only", f"{_same('given_key')} and length(given_key_l) > 2"),
            Level("same surname only", _same("surname_key")),
            Level("other name", "ELSE"),
        ),
        OTHER_PERSON,
    ),
    "company": Comparison(
        ("company_key", "branch_key"),
        _either_null("company_key"),
        (
            Level("same company", f"{_same('company_key')} and {_same('branch_key')}", "company_key"),
            Level("another branch of the company", _same("company_key")),
            Level("part of its name", f"{_part_of('company_key', 3)} and {_same('branch_key')}"),
            Level("other company", "ELSE"),
        ),
        OTHER_BRANCH,
    ),
    "phone": Comparison(
        ("phone_key",),
        _either_null("phone_key"),
        (
            Level("same phone", _same("phone_key")),
            Level("one digit mistyped", _where(_half_same("phone_key", 6), _close("phone_key", 1, 7))),
            Level("other phone", "ELSE"),
        ),
    ),
    "email": Comparison(
        ("email", "email_local", "email_core"),
        _either_null("email"),
        (
            Level("same e-mail", _same("email")),
            Level("same before the @", _same("email_local")),
            Level(
                "mistyped or lengthened",
                f"{_same('email_core')} and ({_part_of('email_local', 6)} or {_MISTYPED_EMAIL})",
            ),
            Level("other e-mail", "ELSE"),
        ),
    ),
    "birth": Comparison(
        ("birth_date", "birth_year"),
        _either_null("birth_year"),
        (
            Level("same day of birth", _same("birth_date")),
            Level("one digit, or day and month, mixed up", f"{_close('birth_date', 1, 10)} or {_DAY_MONTH}"),
            Level("same year, day unknown", f"{_same('birth_year')} and ({_either_null('birth_date')})"),
            Level("same year", _same("birth_year")),
            Level("other birth", "ELSE"),
        ),
    ),
    "gender": Comparison(
        ("gender",), _either_null("gender"), (Level("same gender", _same("gender")), Level("other gender", "ELSE"))
    ),
    "residence": Comparison(
        ("address", "address_words", "address_numbers", "postcode", "city_key"),
        f"({_either_null('address')}) and ({_either_null('postcode')}) and ({_either_null('city_key')})",
        (
            Level("same address", f"{_same('address_numbers')} and {_WORDS_ALIKE.format(0.75)}"),
            Level(
                "nearly the same address",
                f"({_same('address_numbers')} and {_WORDS_ALIKE.format(0.4)}) or ({_WORDS_ALIKE.format(0.75)}"
                f" and ({_same('postcode')} or {_same('city_key')}) and {_close('address_numbers', 1, 3)})",
            ),
            Level("same postcode", _same("postcode")),
            Level("same city, address unknown", f"{_same('city_key')} and ({_either_null('address')})"),
            Level("same city", _same("city_key")),
            Level("elsewhere", "ELSE"),
        ),
    ),
    "id_number": Comparison(
        ("id_number",),
        _either_null("id_number"),
        (
            Level("same number", _same("id_number")),
            Level("one sign mistyped", _close("id_number", 1, 6)),
            Level("two signs mistyped", _close("id_number", 2, 6)),
            Level("other number", "ELSE"),
        ),
    ),
}


def described(name: str) -> dict:
    """A comparison in the form that Splink's settings take."""
    comparison = COMPARISONS[name]
    levels = [{"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}]
    for level in comparison.levels:
        levels.append({"sql_condition": level.condition, "label_for_charts": level.label})
        if level.frequency:
            levels[-1] |= {"tf_adjustment_column": level.frequency, "disable_tf_exact_match_detection": True}
    return {"output_column_name": name, "comparison_levels": levels}
