"""What a mistake in a profile is called: where it stands, what is wrong, what was found, and what would do."""

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from playbook.profile.yaml_lines import Lines
from playbook.tables.nearest import nearest

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


class ProfileError(ValueError):
    """A profile that cannot be used: the message names file, line, key and remedy."""


class Mistake(ValueError):
    """Something in a profile that cannot stand; `loc` is its path of keys."""

    def __init__(self, loc: tuple[str, ...], message: str):
        super().__init__(message)
        self.loc = loc


def placed(loc: tuple, message: object, lines: Lines) -> str:
    """A message with the file, the line and the key that it is about."""
    return f"{lines.place(loc)}, key '{'.'.join(map(str, loc)) or 'profile'}': {message}"


def explained(error: ValidationError, model: type[BaseModel], lines: Lines) -> str:
    """What pydantic found wrong with the data of `model`, a line for each mistake."""
    sentences = []
    for problem in error.errors():
        loc = tuple(part for part in problem["loc"] if isinstance(part, str | int))
        if problem["type"] == "extra_forbidden":
            what = f"this key is not known here; {nearest(loc[-1], _model_at(model, loc[:-1]).model_fields)}"
        else:
            what = _in_words(problem["type"], problem["input"], problem.get("ctx", {}), loc, problem["msg"])
        sentences.append(placed(loc, what, lines))
    return "\n".join(sentences)


def _in_words(kind: str, value: Any, limits: dict[str, Any], loc: tuple, message: str) -> str:
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind == "missing" and isinstance(value, dict):
        keys = ", ".join(map(str, value))
        return (
            f"this key is missing; {f'add it beside {keys}.' if 0 < len(value) <= MOST_NAMED else 'give it a value.'}"
        )
    if limits.get("class_name") == "Words":
        what = "must be said in both languages, as {en: ..., zh: ...}"
    elif kind == "missing":
        what = f"the list ends before its value {loc[-1] + 1}"
    elif kind == "string_pattern_mismatch":
        what = f"must be {PATTERNS.get(limits['pattern'], limits['pattern'])}"
    else:
        what = MUST_BE.get(kind, message).format(**limits)
    return f"{what}; found {_shown(value)}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"the keys {', '.join(map(str, value))}" if value else "no keys"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _model_at(model: Any, loc: tuple) -> type[BaseModel]:
    """The model that the keys of `loc` lead to, through mappings, lists and what may be null."""
    for key in loc:
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = model.model_fields[key].annotation
        else:
            model = get_args(model)[-1]
        while type(None) in (choices := get_args(model)):
            model = next(choice for choice in choices if choice is not type(None))
    return model
