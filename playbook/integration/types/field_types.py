"""What type of value a column holds, and the SQL of the steps from its texts to its values (macros.sql)."""

from typing import NamedTuple

from playbook.tables.engine import quoted

#: The units in which a column may count the time since 1970, and how many microseconds each has.
EPOCHS = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}


class FieldType(NamedTuple):
    """The steps from a text to a value, as SQL templates over the columns of the steps before.

    `raw` is the text as the file has it, `stripped` the same in half width without invisible signs or spaces around it;
    `prepared` is null where it says that there is nothing, `parsed` what was read, plausible or not, `typed` the value.
    `reason` is the code of why there is none where something is written, `repair` the code of what had to be done to
    get one (null: nothing). Fill a template with `.format(raw=..., stripped=..., prepared=..., parsed=...)`.
    """

    prepared: str
    parsed: str = "{prepared}"
    typed: str = "{parsed}"
    reason: str = "'missing'"
    repair: str = "null"
    sql_type: str = "VARCHAR"


class DayFormat(NamedTuple):
    """How a column writes days: the order where the year stands last, the zone of zoned texts, day 0 of serials.

    `is_mixed`: its values prove both orders, and one that has two readings is not read. `epoch` is the unit in which
    it counts time since 1970, in UTC.
    """

    order: str = "dmy"
    zone: str | None = None
    serials_from: str = "1899-12-30"
    is_mixed: bool = False
    epoch: str | None = None


def field_type(name: str, *, is_translated: bool = False, day: DayFormat | None = None) -> FieldType:
    """The field type of that name; `stripped` may hold a translation of the text; `day`: how a column writes days.

    >>> field_type("id").prepared.format(stripped="s")
    'prepared_id(s)'
    """
    chosen = _days(name, day or DayFormat()) if name in DAY_TYPES else FIELD_TYPES[name]
    if is_translated:  # what was written there counts no more, and nothing of it was repaired
        return chosen._replace(prepared=chosen.prepared.replace("{raw}", "{stripped}"), repair="null")
    return chosen


def placeholder(column: str, value: str) -> str:
    """The SQL of whether an identifier was typed only because something had to be typed."""
    kind = {"phone": "_phone", "email": "_email", "visitor_id": "_visitor"}.get(column, "")
    return f"is_placeholder{kind}({value})"


def _days(name: str, day: DayFormat) -> FieldType:
    micros = EPOCHS[day.epoch] if day.epoch else "null"
    options = f"{quoted(day.order)}, {quoted(day.zone or 'UTC')}, {quoted(day.serials_from)}, {day.is_mixed}, {micros}"
    parsed = "parsed_month" if name == "month" else "parsed_time"
    return FieldType(
        prepared="prepared_time({stripped})",
        parsed=f"{parsed}({{stripped}}, {{prepared}}, {options})",
        typed=DAY_TYPES[name],
        reason=f"reason_time({{stripped}}, {{prepared}}, {{parsed}}, {day.is_mixed})",
        repair=f"repair_time({{raw}}, {{stripped}}, {{prepared}}, {micros})",
        sql_type="TIMESTAMP" if name == "time" else "DATE",
    )


def _number(typed: str, sql_type: str, *, otherwise: str | None = None) -> FieldType:
    """A number; `otherwise` is the reason where it is one, and still no value of this type."""
    reason = "reason_number({stripped}, {prepared})"
    return FieldType(
        prepared="prepared_number({raw}, {stripped})",
        parsed="parsed_number({prepared})",
        typed=typed,
        reason=f"case when {{parsed}} is not null then '{otherwise}' else {reason} end" if otherwise else reason,
        repair="repair_number({raw}, {stripped}, {prepared})",
        sql_type=sql_type,
    )


def _rounded(decimals: int) -> FieldType:
    """Half away from zero, as accountants round; a value that the type cannot hold becomes null."""
    sql_type = f"DECIMAL(18, {decimals})"
    return _number(f"try_cast(round({{parsed}}, {decimals}) as {sql_type})", sql_type)


def _changed(code: str) -> str:
    """The code where preparing changed the text."""
    return f"case when {{prepared}} <> {{raw}} then '{code}' end"


DAY_TYPES = {
    "time": "typed_time({parsed})",
    "day": "cast(typed_time({parsed}) as date)",
    "month": "typed_month({parsed})",
}
NUMBER_TYPES = {
    "money": _rounded(2),
    "quantity": _rounded(3),
    "price": _rounded(6),
    "real": _number("cast({parsed} as double)", "DOUBLE"),
    "whole": _number("typed_whole({parsed})", "BIGINT", otherwise="not_a_whole_number"),
    "year": _number("typed_year({parsed})", "BIGINT", otherwise="implausible_year"),
}
FIELD_TYPES = NUMBER_TYPES | {
    "text": FieldType("nullif(trimmed({raw}), '')", "unless_error({prepared})", reason="'spreadsheet_error'"),
    "id": FieldType(
        "prepared_id({stripped})",
        "parsed_id({prepared})",
        reason="reason_id({prepared})",
        repair="repair_id({raw}, {stripped}, {prepared})",
    ),
    "kind": FieldType(
        "unless_nothing({stripped}, lower({stripped}))", "parsed_order_kind({prepared})", reason="'unknown_kind'"
    ),
    "name": FieldType("prepared_name({stripped})"),
    "phone": FieldType(
        "prepared_phone({stripped})",
        "parsed_phone({prepared})",
        reason="reason_phone({stripped})",
        repair=_changed("phone_format"),
    ),
    "email": FieldType(
        "prepared_email({stripped})",
        "parsed_email({prepared})",
        reason="'not_an_email'",
        repair=_changed("email_case"),
    ),
    "credit_code": FieldType(
        "prepared_credit_code({stripped})",
        "parsed_credit_code({prepared})",
        reason="'not_a_credit_code'",
        repair=_changed("code_format"),
    ),
    "postcode": FieldType("prepared_postcode({stripped})"),
    "region": FieldType("prepared_region({raw}, {stripped})", repair=_changed("region_name")),
    "gender": FieldType(
        "unless_nothing({stripped}, {stripped})",
        "unless_error({prepared})",
        reason="'spreadsheet_error'",
        repair=_changed("gender_word"),
    ),
    "flag": FieldType(
        "unless_nothing({stripped}, lower({stripped}))",
        "parsed_flag({prepared})",
        reason="'not_a_yes_or_no'",
        sql_type="BOOLEAN",
    ),
}
