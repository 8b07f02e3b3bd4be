"""A web server's log (common or combined format) as rows: who asked for which page, when, and what they were given."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from duckdb import DuckDBPyConnection

from playbook.integration.readers.delimited import lines_of, odd
from playbook.integration.readers.raw_table import Opened, Reject
from playbook.integration.readers.records import Record, open_records

FIELDS = ("host", "user", "time", "method", "path", "protocol", "status", "bytes", "referer", "agent")
#: So many of the parameters that addresses and cookies carry are columns, the most frequent ones.
MOST_PARAMETERS = 200

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(rf"(\S+) \S+ (.+?) \[([^\]]*)\] {_QUOTED} ([0-9]{{3}}|-) ([0-9]+|-)(?: {_QUOTED} {_QUOTED})?(.*)")
_TIME = re.compile(r"(\d\d)/(\w{3})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)")
_MONTHS = {
    "Jan": "01", "Feb": "02", "Mar": "03", "Apr": "04", "May": "05", "Jun": "06", "Jul": "07", "Aug": "08", "Sep": "09",
    "Oct": "10", "Nov": "11", "Dec": "12",
}  # fmt: skip
_PLAIN = ("host", "user", "time", "status", "bytes", "referer", "agent")
_HOST = re.compile(r"^[a-zA-Z]+://[^/?#]*")
_EXTRA = re.compile(rf"{_QUOTED}|(\S+)")
_COOKIE = re.compile(r"([^=;\s]+)=([^;]*)")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)")


def is_one(lines: list[str]) -> bool:
    """Whether the first lines of a text are those of a server's log, all but a few."""
    return bool(lines) and sum(bool(_LINE.match(line)) for line in lines) > 0.8 * len(lines)


def open_weblog(con: DuckDBPyConnection, path: Path, spill: Path, **facts) -> Opened:
    """Open a log: the columns of `FIELDS`, `query.<name>` of the address, `cookie.<name>` of a logged cookie, and
    `extra_<n>` for what a server appends to the format."""
    counts = Counter(name for number, line in _lines(path) for name in _names(number, line))
    parameters = sorted(counts.keys() - set(FIELDS), key=lambda name: (-counts[name], name))[:MOST_PARAMETERS]
    return open_records(con, (*FIELDS, *sorted(parameters)), lambda: records(path), spill, **facts)


def records(path: Path) -> Iterator[Record]:
    """Every line that is not blank: what it says by column, or why it says nothing."""
    return (_record(number, line) for number, line in _lines(path))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    return ((number, line.rstrip("\r")) for number, line in lines_of(path, newline="\n"))


def _names(number: int, line: str) -> Iterable[str]:
    """The columns that a line fills; of a line in the plain combined format only its request has some of its own."""
    if line.endswith('"') and line.count('"') == 6 and '\\"' not in line:
        return _request(line.split('"', 2)[1])
    record = _record(number, line)
    return () if isinstance(record, Reject) else record[1]


def _record(number: int, line: str) -> Record:
    if reason := odd([line]):
        return Reject(number, *reason)
    match = _LINE.fullmatch(line)
    if not match:
        return Reject(number, "", "not_a_log_line")
    host, user, time, request, status, size, referer, agent, rest = match.groups(default="")
    plain = (host, user, _iso(time), status, size, _unescaped(referer), _unescaped(agent))
    texts = {name: "" if text == "-" else text for name, text in zip(_PLAIN, plain, strict=True)}
    return number, _request(request) | _extras(rest) | texts


@lru_cache(maxsize=1 << 16)
def _request(request: str) -> dict[str, str]:
    """Method, path, protocol and parameters; what is no request at all has none of them."""
    parts = _unescaped(request).split(" ")
    if len(parts) < 2 or not (parts[0].isalpha() and parts[0].isupper()):
        return dict.fromkeys(("method", "path", "protocol"), "")
    address = " ".join(parts[1:-1]) or parts[1]
    path, _, query = _HOST.sub("", address).partition("#")[0].partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace") if query else []
    parameters = {f"query.{name}": value for name, value in reversed(pairs)}
    protocol = parts[-1] if len(parts) > 2 else ""
    return parameters | {"method": parts[0], "path": unquote(path) or "/", "protocol": protocol}


def _extras(rest: str) -> dict[str, str]:
    """What stands behind the format: cookies by name, anything else by its place."""
    texts: dict[str, str] = {}
    fields = [_unescaped(quoted or bare) for quoted, bare in _EXTRA.findall(rest)] if rest else []
    for number, field in enumerate(fields, 1):
        texts |= {f"extra_{number}": "" if field == "-" else field}
        texts |= {f"cookie.{name}": value for name, value in reversed(_COOKIE.findall(field))}
    return texts


def _iso(time: str) -> str:
    match = _TIME.fullmatch(time)
    if not match or match[2] not in _MONTHS:
        return time
    day, month, year, clock, hours, minutes = match.groups()
    return f"{year}-{_MONTHS[month]}-{day}T{clock}{hours}:{minutes}"


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    bytes_ = _ESCAPE.sub(lambda match: _character(match[1]), text).encode("utf-8", "surrogateescape")
    return bytes_.decode("utf-8", "replace")


def _character(escaped: str) -> str:
    if len(escaped) == 3:
        return bytes([int(escaped[1:], 16)]).decode("utf-8", "surrogateescape")
    return {"n": "\n", "t": "\t", "r": "\r"}.get(escaped, escaped)
