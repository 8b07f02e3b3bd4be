"""What a mistake in a profile is called: what is wrong, what was found, and what would do."""

from typing import Any

#: What a value must be, by the kind of mistake; the limits stand in braces.
MUST_BE = {
    "int_parsing": "must be a whole number, such as 30",
    "int_type": "must be a whole number, such as 30",
    "int_from_float": "must be a whole number, such as 30",
    "float_parsing": "must be a number, such as 0.5",
    "float_type": "must be a number, such as 0.5",
    "finite_number": "must be a number, such as 0.5",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text; put quotes around it",
    "string_too_short": "must not be empty",
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "literal_error": "must be one of {expected}",
    "dict_type": "must be keys with values, each on a line of its own below",
    "model_type": "must be keys with values, each on a line of its own below",
    "model_attributes_type": "must be keys with values, each on a line of its own below",
    "list_type": "must be a list, such as [1, 2, 4, 8]",
    "tuple_type": "must be a list, such as [1, 2, 4, 8]",
    "too_long": "must hold {max_length} values",
    "too_short": "must hold {min_length} values",
}

#: More keys than this are not listed.
MOST_NAMED = 8

#: What a pattern asks for.
PATTERNS = {
    "^[A-Z]{3}$": "three capital letters, as CNY",
    "^[A-Z]{2}$": "two capital letters, as CN",
    "^[a-z][a-z0-9_]*$": "small letters, digits and _, a letter first, as high_value",
}


def in_words(problem: dict) -> str:
    """One problem that pydantic found (an item of `ValidationError.errors()`), in the words of the profile."""
    kind, limits = problem["type"], problem.get("ctx", {})
    if kind == "value_error":
        return problem["msg"].removeprefix("Value error, ")
    if limits.get("class_name") == "Words":
        return f"must be said in both languages, as {{en: ..., zh: ...}}; found {_shown(problem['input'])}"
    if kind == "missing" and isinstance(problem["loc"][-1], int):
        return f"the list ends before its value {problem['loc'][-1] + 1}; found {_shown(problem['input'])}"
    if kind == "missing":
        return f"this key is missing; {_beside(problem['input'])}"
    if kind == "string_pattern_mismatch":
        return f"must be {PATTERNS.get(limits['pattern'], limits['pattern'])}; found {_shown(problem['input'])}"
    if kind in MUST_BE:
        return f"{MUST_BE[kind].format(**limits)}; found {_shown(problem['input'])}"
    return f"{problem['msg']}; found {_shown(problem['input'])}"


def _beside(given: Any) -> str:
    known = [str(key) for key in given] if isinstance(given, dict) else []
    return f"add it beside {', '.join(known)}." if 0 < len(known) <= MOST_NAMED else "give it a value."


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"the keys {', '.join(map(str, value))}" if value else "no keys"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
