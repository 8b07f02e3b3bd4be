"""What a column means: what its name says, as far as its values agree, else what they look like."""

from collections.abc import Callable

from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.names import HINT, concepts, holds, is_called, read_name, words

AGREES, MAY, HARDLY = 1.0, 0.7, 0.15
_ENOUGH, _MOST = 0.95, 0.6  # shares of values
_UNNAMED = 0.55  # a meaning that values alone suggest
_FROM_VALUES = 0.3  # what values add to a name that is only a hint
_MONEY = ("paid", "amount", "gross", "discount", "cost", "unit_cost", "unit_price", "spend", "premium", "total_spent")


def meanings(column: ColumnLook) -> dict[str, float]:
    """Concept -> how surely the column means it, from 0 to 1; nothing for an empty column."""
    if column.is_empty:
        return {}
    named = {concept: _surely(column, concept, score) for concept, score in concepts(column.name).items()}
    found = {concept: score for concept, score in named.items() if score >= 0.2}
    return found or _from_values(column)


def agreement(column: ColumnLook, concept: str) -> float:
    """How well the values fit a concept: 1 they do, 0.7 many do, 0.15 they do not."""
    return _AGREEMENT[holds(concept)](column)


def _surely(column: ColumnLook, concept: str, score: float) -> float:
    agrees = agreement(column, concept)
    if score < 1 and agrees == AGREES and is_called(column.name, concept):
        score = min(0.97, score + _added_by_values(column, concept))
    return round(score * agrees, 3)


def _added_by_values(column: ColumnLook, concept: str) -> float:
    """Values that prove what the name only hints at: phone numbers, addresses, well-known words, a unit of money."""
    if concept == "phone":
        return _FROM_VALUES if column.shares["mobile"] + column.shares["dialled"] >= _ENOUGH else 0
    if concept == "email":
        return _FROM_VALUES
    if concept in _VOCABULARY:
        return _FROM_VALUES if column.share_of(words("words")[_VOCABULARY[concept]]) >= _MOST else 0
    return _FROM_VALUES if concept in _MONEY and read_name(column.name).unit else 0


def _from_values(column: ColumnLook) -> dict[str, float]:
    """What the values of a column look like whose name says nothing; never enough to be sure."""
    if column.distinct < 2:
        return {}
    tests = {
        "email": column.shares["email"] >= _ENOUGH,
        "phone": column.shares["mobile"] >= _ENOUGH,
        "day": _is_time(column) and column.shares["serial"] < 0.5,
        "gender": column.share_of(_genders()) >= _ENOUGH and column.shares["whole"] == 0,
        "event": column.share_of(words("words")["events"]) >= _ENOUGH,
        "amount": column.shares["money"] >= _ENOUGH and column.shares["fraction"] >= 0.3,
        "quantity": _is_whole(column) and 2 < column.distinct <= 200 and not _is_id(column),
        "customer_key": _is_id(column) and column.distinct < 0.95 * column.filled,
        "order_id": _is_id(column) and column.is_unique,
    }
    return {concept: _UNNAMED for concept, holds_ in tests.items() if holds_ and not column.shares["clock_only"]}


def _is_whole(column: ColumnLook) -> bool:
    return column.shares["whole"] >= _ENOUGH and column.shares["money"] >= _ENOUGH


def _is_id(column: ColumnLook) -> bool:
    plain = column.shares["spaced"] < 0.05 and column.shares["chinese"] < 0.05 and column.shares["digits"] >= _ENOUGH
    return plain and not _is_time(column) and column.shares["fraction"] < 0.05 and column.distinct > 20


def _is_time(column: ColumnLook) -> bool:
    written = column.shares["separated"] + column.shares["compact"] + column.shares["serial"]
    return column.shares["time"] >= 0.9 and written >= 0.9


def _as_id(column: ColumnLook) -> float:
    if column.shares["separated"] > 0.5 or column.shares["spaced"] > 0.3 or column.shares["clock"] > 0.5:
        return HARDLY
    return MAY if column.shares["fraction"] > 0.05 or column.distinct == 1 < column.filled else AGREES


def _as_number(column: ColumnLook) -> float:
    if column.shares["money"] < _ENOUGH or column.shares["padded"] > 0.05:
        return MAY if column.shares["money"] >= _MOST and column.shares["padded"] <= 0.05 else HARDLY
    return AGREES


def _as_money(column: ColumnLook) -> float:
    looks_like_time = column.shares["compact"] >= _ENOUGH and column.shares["whole"] == 1
    return MAY if looks_like_time else _as_number(column)


def _as_quantity(column: ColumnLook) -> float:
    return _as_number(column) if column.shares["fraction"] < 0.9 else min(MAY, _as_number(column))


def _as_time(column: ColumnLook) -> float:
    if _is_time(column):
        return AGREES
    other = max(column.shares["epoch"], column.shares["worded_zone"])
    return MAY if column.shares["time"] >= 0.5 or other >= _ENOUGH else HARDLY


def _as_birthday(column: ColumnLook) -> float:
    """Days of long ago are no days of business, but look like days."""
    written = column.shares["year_first"] + column.shares["year_last"] + column.shares["compact"]
    return AGREES if written >= 0.9 else HARDLY


def _as_name(column: ColumnLook) -> float:
    if column.shares["digits"] > 0.2 or column.shares["lettered"] < 0.8 or column.shares["email"] > 0.5:
        return HARDLY
    return AGREES if column.distinct > min(20, 0.2 * column.filled) else MAY


def _as_category(column: ColumnLook) -> float:
    if _is_time(column) or column.shares["fraction"] > 0.5:
        return HARDLY
    return MAY if column.distinct > max(30, 0.5 * column.filled) else AGREES


def _as_text(column: ColumnLook) -> float:
    return AGREES if column.shares["lettered"] >= 0.5 else MAY if column.shares["lettered"] > 0.1 else HARDLY


def _by_share(form: str, enough: float = 0.85) -> Callable[[ColumnLook], float]:
    return lambda column: AGREES if column.shares[form] >= enough else MAY if column.shares[form] >= 0.5 else HARDLY


def _as_year(column: ColumnLook) -> float:
    in_reach = column.low is not None and column.low >= 1900 and column.high <= 2100
    return AGREES if in_reach and _is_whole(column) else HARDLY


def _as_month(column: ColumnLook) -> float:
    return AGREES if column.shares["month"] >= _ENOUGH or _is_time(column) else HARDLY


def _genders() -> list[str]:
    return [word for listed in words("words")["gender"].values() for word in listed]


_VOCABULARY = {"channel": "channels", "event": "events", "arm": "arms"}
_AGREEMENT: dict[str, Callable[[ColumnLook], float]] = {
    "id": _as_id,
    "money": _as_money,
    "number": _as_number,
    "quantity": _as_quantity,
    "time": _as_time,
    "birthday": _as_birthday,
    "name": _as_name,
    "category": _as_category,
    "text": _as_text,
    "phone": _by_share("phone"),
    "email": _by_share("email"),
    "flag": _by_share("flag", _ENOUGH),
    "whole": _by_share("whole", _ENOUGH),
    "year": _as_year,
    "month": _as_month,
    "any": lambda column: AGREES,
}
assert HINT + _FROM_VALUES >= 0.9 > _UNNAMED
