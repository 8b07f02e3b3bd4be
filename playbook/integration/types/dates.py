"""Days and times as systems write them, in SQL over texts. See `kind` for the pieces."""

from typing import NamedTuple

from playbook.integration.types.field_type import At, Kind
from playbook.integration.types.numbers import SPREADSHEET_ERRORS
from playbook.integration.types.texts import is_nothing
from playbook.tables.engine import quoted

_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?"
_USUAL = r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
_ZONE = r"z|[+-][0-9]{2}(?::?[0-9]{2})?"
_CLOCK = (
    r"(?:(?:\s+|t)\s*(上午|下午|am|pm)?\s*([0-9]{1,2})[:时点]([0-9]{1,2})(?:[:分]([0-9]{1,2})(?:\.([0-9]{1,9}))?)?[分秒]?"
    rf"\s*(am|pm)?\s*({_ZONE})?)?\s*"
)
_WRITTEN = r"^([0-9]{1,4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,4})" + _CLOCK + "$"
_PARTS = ("a", "b", "c", "before", "h", "i", "s", "f", "after", "zone")
_COMPACT = r"^([0-9]{4})([0-9]{2})([0-9]{2})(?:[ t]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?)?$"
_COMPACT_PARTS = ("a", "b", "c", "h", "i", "s")
_SERIAL = r"[2-7][0-9]{4}(?:\.[0-9]+)?"
_MONTH = r"^([0-9]{4})[-/.年]?([0-9]{1,2})月?$"

#: A text with two readings: 03/04/2025 is in March or in April.
AMBIGUOUS = r"^\s*([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}(?:[^0-9].*)?$"
#: A text that says its own time zone.
ZONED = r"[0-9]:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s*(?:[zZ]|[+-][0-9]{2}(?::?[0-9]{2})?)$"

#: A count of the time since 1970, and how many microseconds each unit has.
EPOCH = r"[0-9]{5,16}(?:\.[0-9]{1,6})?"
EPOCHS = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}

_SENTINELS = (
    "0001-01-01",
    "1753-01-01",
    "1899-12-30",
    "1899-12-31",
    "1900-01-01",
    "1970-01-01",
    "2999-12-31",
    "9999-12-31",
)
_FIRST_DAY, _BEYOND = "1950-01-01", "2151-01-01"


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


def kind(name: str, format: DayFormat) -> Kind:
    """The kind `time`, `day` or `month`, for a column that writes days so."""

    def value(at: At) -> str:
        plausible = f"{at.r} >= timestamp '{_FIRST_DAY}' and {at.r} < timestamp '{_BEYOND}'"
        return f"case when {plausible} and {at.r} <> timestamp '1970-01-01' then {_SHORTENED[name].format(at.r)} end"

    read = _read_month if name == "month" else _read
    reason, repair = (lambda at: _reason(at, format)), (lambda at: _repair(at, format))
    return Kind(_prepare, lambda at: read(at, format), value, reason, repair, _TYPES[name])


def _prepare(at: At) -> str:
    return f"case when not {is_nothing(at.w)} then replace(lower({at.w}), '日', ' ') end"


def _read(at: At, format: DayFormat) -> str:
    """The SQL of the moment a text says, plausible or not."""
    epoch = f" when {_is(at.h, EPOCH)} then {_since_1970(at.h, format)}" if format.epoch else ""
    return (
        f"case when {_is(at.w, _ISO)} then try_cast({at.w} as timestamp){epoch}"
        f" when {_is(at.h, _USUAL)} then try_cast(translate({at.h}, '/.', '--') as timestamp)"
        f" when {_is(at.h, _COMPACT)} then {_taken_apart(at.h, _COMPACT, _COMPACT_PARTS, _compact())}"
        f" when {_is(at.h, _SERIAL)} then {_serial(at.h, format)}"
        f" when {_is(at.h, _WRITTEN)} then {_taken_apart(at.h, _WRITTEN, _PARTS, _written(format))} end"
    )


def _read_month(at: At, format: DayFormat) -> str:
    month = f"try_cast(p.y || '-' || {_two('p.m')} || '-01' as timestamp)"
    alone = _taken_apart(at.h, _MONTH, ("y", "m"), month)
    return f"case when {_is(at.h, _MONTH)} then {alone} else ({_read(at, format)}) end"


def _taken_apart(h: str, pattern: str, parts: tuple[str, ...], made: str) -> str:
    """The SQL of an expression over `p`, the parts of a text; they are found once."""
    names = ", ".join(map(quoted, parts))
    return f"list_transform([regexp_extract({h}, {quoted(pattern)}, [{names}])], lambda p: {made})[1]"


def _written(format: DayFormat) -> str:
    month, day = ("p.b", "p.a") if format.order != "mdy" else ("p.a", "p.b")
    date = (
        f"case when length(p.a) = 4 and length(p.c) <= 2 then {_joined('p.a', 'p.b', 'p.c')}"
        f" when length(p.a) <= 2 and length(p.c) = 4{_single(format)} then {_joined('p.c', month, day)} end"
    )
    moment = f"{date} || ' ' || {_clock()}"
    zoned = (
        f"try_cast({moment} || replace(p.zone, 'z', '+00') as timestamptz) at time zone {quoted(format.zone or 'UTC')}"
    )
    return f"case when p.zone = '' then try_cast({moment} as timestamp) else {zoned} end"


def _single(format: DayFormat) -> str:
    """In a column that mixes both orders: that a text has one reading only."""
    numbers = [f"cast({part} as integer)" for part in ("p.a", "p.b")]
    return f" and ({numbers[0]} > 12 or {numbers[1]} > 12 or {numbers[0]} = {numbers[1]})" if format.is_mixed else ""


def _since_1970(h: str, format: DayFormat) -> str:
    micros = f"try(cast(cast({h} as decimal(38, 6)) * {EPOCHS[format.epoch]} as bigint))"
    return f"try(make_timestamptz({micros}) at time zone {quoted(format.zone or 'UTC')})"


def _clock() -> str:
    afternoon = "(p.before in ('下午', 'pm') or p.after = 'pm')"
    morning = "(p.before in ('上午', 'am') or p.after = 'am')"
    hour = "cast('0' || p.h as integer)"
    turned = (
        f"case when {afternoon} and {hour} < 12 then {hour} + 12 when {morning} and {hour} = 12 then 0 else {hour} end"
    )
    texts = (f"cast({turned} as varchar)", "p.i", "p.s")
    return " || ':' || ".join(_two(text) for text in texts) + " || '.' || rpad(p.f, 6, '0')"


def _compact() -> str:
    clock = " || ':' || ".join(_two(part) for part in ("p.h", "p.i", "p.s"))
    return f"try_cast({_joined('p.a', 'p.b', 'p.c')} || ' ' || {clock} as timestamp)"


def _serial(h: str, format: DayFormat) -> str:
    seconds = f"cast(round(cast({h} as decimal(28, 9)) * 86400, 0) as bigint)"
    return f"timestamp '{format.serials_from} 00:00:00' + to_seconds({seconds})"


def _joined(year: str, month: str, day: str) -> str:
    return f"{year} || '-' || {_two(month)} || '-' || {_two(day)}"


def _two(text: str) -> str:
    return f"lpad({text}, 2, '0')"


def _is_sentinel(r: str) -> str:
    days = ", ".join(f"date '{day}'" for day in _SENTINELS)
    return f"cast({r} as date) in ({days})"


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {quoted(pattern)})"


def _reason(at: At, format: DayFormat) -> str:
    mixed = f" when {_is(at.h, AMBIGUOUS)} then 'mixed_date_order'" if format.is_mixed else ""
    looks = " or ".join(_is(at.h, pattern) for pattern in (_USUAL, _WRITTEN, _COMPACT))
    return (
        f"case when {_is_sentinel(at.r)} then 'sentinel_date' when {at.r} is not null then 'implausible_year'"
        f" when starts_with({at.w}, '#') and {_is(at.h, SPREADSHEET_ERRORS)} then 'spreadsheet_error'"
        f" when starts_with({at.w}, '=') then 'formula'{mixed}"
        f" when {_is(at.w, _ISO)} or {looks} then 'impossible_date' else 'not_a_date' end"
    )


def _repair(at: At, format: DayFormat) -> str:
    epoch = f" when {_is(at.h, EPOCH)} then 'epoch'" if format.epoch else ""
    return (
        f"case when substr({at.c}, 5, 1) = '-' and substr({at.c}, 8, 1) = '-' and {at.w} = {at.c} then null{epoch}"
        f" when {_is(at.w, _ISO)} then 'spacing'"
        f" when {_is(at.h, _SERIAL)} then 'serial_date' else 'date_format' end"
    )


_SHORTENED = {"time": "{0}", "day": "cast({0} as date)", "month": "cast(date_trunc('month', {0}) as date)"}
_TYPES = {"time": "TIMESTAMP", "day": "DATE", "month": "DATE"}
NAMES = tuple(_TYPES)
