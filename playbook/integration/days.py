"""Days and times as systems write them, in SQL over texts. See `values` for the pieces."""

from typing import NamedTuple

from playbook.engine import quoted
from playbook.integration.texts import half, is_nothing

_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?"
_ZONE = r"z|[+-][0-9]{2}(?::?[0-9]{2})?"
_CLOCK = (
    r"(?:(?:\s+|t)\s*(上午|下午|am|pm)?\s*([0-9]{1,2})[:时点]([0-9]{1,2})(?:[:分]([0-9]{1,2})(?:\.([0-9]{1,9}))?)?[分秒]?"
    rf"\s*(am|pm)?\s*({_ZONE})?)?"
)
_WRITTEN = r"^([0-9]{1,4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,4})\s*日?" + _CLOCK + "$"
_PARTS = ("a", "b", "c", "before", "h", "i", "s", "f", "after", "zone")
_COMPACT = r"^([0-9]{4})([0-9]{2})([0-9]{2})(?:[ t]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?)?$"
_SERIAL = r"[2-7][0-9]{4}(?:\.[0-9]+)?"
_MONTH = r"^([0-9]{4})[-/.年]?([0-9]{1,2})月?$"

#: A text with two readings: 03/04/2025 is in March or in April.
AMBIGUOUS = r"^\s*([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}(?:[^0-9].*)?$"
#: A text that says its own time zone.
ZONED = r"[0-9]:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s*(?:[zZ]|[+-][0-9]{2}(?::?[0-9]{2})?)$"

_SENTINELS = ("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "2999-12-31", "9999-12-31")
_FIRST_YEAR, _LAST_YEAR = 1950, 2150


class DayFormat(NamedTuple):
    """How a column writes days: the order where the year stands last, the zone of zoned texts, day 0 of serials."""

    order: str = "dmy"
    zone: str | None = None
    serials_from: str = "1899-12-30"


def prepare(c: str) -> str:
    """The SQL of a day's text; null where it says that there is none."""
    return f"case when {_is_iso(c)} then {c} when not {is_nothing(half(c))} then lower({half(c)}) end"


def _moment(format: DayFormat):
    def value(c: str, h: str) -> str:
        read = _read(c, h, format)
        return f"case when year({read}) between {_FIRST_YEAR} and {_LAST_YEAR} and {_is_no_sentinel(read)} then {read} end"

    return value


def _read(c: str, h: str, format: DayFormat) -> str:
    """The SQL of the moment a text says, plausible or not."""
    iso = "strftime({0}, '%Y')"
    del iso
    return (
        f"(case when {_is_iso(c)} then try_cast({c} as timestamp)"
        f" when regexp_matches({h}, {quoted(_WRITTEN)}) then {_written(h, format)}"
        f" when regexp_matches({h}, {quoted(_COMPACT)}) then {_compact(h)}"
        f" when regexp_full_match({h}, {quoted(_SERIAL)}) then {_serial(h, format)} end)"
    )


def _written(h: str, format: DayFormat) -> str:
    part = {name: f"regexp_extract({h}, {quoted(_WRITTEN)}, {number})" for number, name in enumerate(_PARTS, 1)}
    first, last = ("b", "a") if format.order != "mdy" else ("a", "b")
    day = (
        f"case when length({part['a']}) = 4 then {_joined(part['a'], part['b'], part['c'])}"
        f" when length({part['c']}) = 4 then {_joined(part['c'], part[first], part[last])} end"
    )
    moment = f"{day} || ' ' || {_clock(part)}"
    if not format.zone:
        return f"case when {part['zone']} = '' then try_cast({moment} as timestamp) end"
    zoned = f"try_cast({moment} || replace({part['zone']}, 'z', '+00') as timestamptz) at time zone {quoted(format.zone)}"
    return f"case when {part['zone']} = '' then try_cast({moment} as timestamp) else {zoned} end"


def _clock(part: dict[str, str]) -> str:
    afternoon = f"({part['before']} in ('下午', 'pm') or {part['after']} = 'pm')"
    morning = f"({part['before']} in ('上午', 'am') or {part['after']} = 'am')"
    hour = f"cast('0' || {part['h']} as integer)"
    shifted = (
        f"case when {afternoon} and {hour} < 12 then {hour} + 12 when {morning} and {hour} = 12 then 0 else {hour} end"
    )
    texts = (f"cast({shifted} as varchar)", part["i"], part["s"])
    return " || ':' || ".join(_two(text) for text in texts) + f" || '.' || rpad({part['f']}, 6, '0')"


def _compact(h: str) -> str:
    part = [f"regexp_extract({h}, {quoted(_COMPACT)}, {number})" for number in range(1, 7)]
    return f"try_cast({_joined(*part[:3])} || ' ' || {' || chr(58) || '.join(_two(text) for text in part[3:])} as timestamp)"


def _serial(h: str, format: DayFormat) -> str:
    seconds = f"cast(round(cast({h} as decimal(18, 9)) * 86400, 0) as bigint)"
    return f"timestamp '{format.serials_from} 00:00:00' + to_seconds({seconds})"


def _joined(year: str, month: str, day: str) -> str:
    return f"{year} || '-' || {_two(month)} || '-' || {_two(day)}"


def _two(text: str) -> str:
    return f"lpad({text}, 2, '0')"


def _is_no_sentinel(read: str) -> str:
    return f"strftime({read}, '%Y-%m-%d') not in ({', '.join(map(quoted, _SENTINELS))})"


def _reason(format: DayFormat):
    def reason(c: str, h: str) -> str:
        read = _read(c, h, format)
        looks = f"regexp_matches({h}, {quoted(_WRITTEN)}) or regexp_matches({h}, {quoted(_COMPACT)}) or {_is_iso(c)}"
        return (
            f"case when not {_is_no_sentinel(read)} then 'sentinel_date' when {read} is not null then 'implausible_year'"
            f" when {looks} then 'impossible_date' else 'not_a_date' end"
        )

    return reason


def _repair(c: str, h: str) -> str:
    return (
        f"case when {_is_iso(c)} then null when {half(c)} <> {c} and strlen({half(c)}) <> strlen({c}) and"
        f" regexp_full_match({half(c)}, {quoted(_ISO)}) then 'spacing'"
        f" when regexp_full_match({h}, {quoted(_SERIAL)}) then 'serial_date' else 'date_format' end"
    )


def _is_iso(text: str) -> str:
    return f"regexp_full_match({text}, {quoted(_ISO)})"


def _pieces(type_: str, read):
    """The pieces of a kind whose value is made of the moment by `read`."""

    def made(format: DayFormat):
        moment = _moment(format)
        return prepare, lambda c, h: read(c, h, moment(c, h)), _reason(format), _repair, type_

    return made


def _month(c: str, h: str, moment: str) -> str:
    parts = [f"regexp_extract({h}, {quoted(_MONTH)}, {number})" for number in (1, 2)]
    alone = f"try_cast({parts[0]} || '-' || {_two(parts[1])} || '-01' as date)"
    return f"case when regexp_matches({h}, {quoted(_MONTH)}) then {alone} else cast(date_trunc('month', {moment}) as date) end"


KINDS = {
    "time": _pieces("TIMESTAMP", lambda c, h, moment: moment),
    "day": _pieces("DATE", lambda c, h, moment: f"cast({moment} as date)"),
    "month": _pieces("DATE", _month),
}
