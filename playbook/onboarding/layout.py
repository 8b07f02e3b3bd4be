"""How a file is laid out: encoding, delimiter, row of the header, widths of its columns, and where its records lie."""

import csv
import io
import itertools
import json
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from playbook.integration.readers import encoding as encodings
from playbook.integration.readers import weblog
from playbook.integration.readers.delimited import DELIMITERS, LayoutError
from playbook.integration.readers.encoding import EncodingError
from playbook.integration.readers.headers import Header
from playbook.integration.readers.json_rows import at_path, parsed_page
from playbook.integration.readers.reader import text_format
from playbook.integration.readers.workbook import Workbook
from playbook.onboarding.names import simplified

DATABASES = {".db", ".sqlite", ".sqlite3"}
HEAD = 1 << 18  # characters that are looked at
_ROWS = 200  # rows from which the layout is read
_RECORDS = 50  # records and lines that are looked at
_TITLES = 15  # rows above the header, at most
_OTHER_DELIMITERS = ("\x01", "^", "~")
_FALLBACKS = ("big5", "cp1252")
_FEW = 20  # lines that prove no widths
_WIDEST = 2000  # characters of a line of fixed width
_NUMBER = re.compile(r"[-+]?[\d.,:/-]+")
#: What stands in rows and not in headers: numbers, days, e-mail addresses, phone numbers.
_VALUE = re.compile(
    r"[-+(]?[¥￥$€£]?\s*[\d,.，．]+\s*[%元万)]?|\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?(?:[ T].*)?"
    r"|[^@\s]+@[^@\s]+\.\w+|\+?[\d\- ]{7,}"
)


class Dialect(NamedTuple):
    """How a file is declared, in the words of sources.yml; `doubts` are the keys to decide on: key -> evidence."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: Header = 1
    names: list[str] | None = None
    fixed_width: dict[str, tuple[int, int]] | None = None
    skip_rows: int = 0
    format: str | None = None
    items: str | None = None
    db_table: str | None = None
    explode: str | None = None
    total: str | None = None
    query: str | None = None
    adds: tuple[str, ...] = ()
    doubts: Mapping[str, str] = MappingProxyType({})


def of_text(path: Path) -> Dialect:
    """The layout of a file of text; `EncodingError` where nobody can tell how it is encoded."""
    encoding, doubts = _encoding(path)
    lines = _first_lines(path, encoding)
    steady = {mark: _steadiness(lines, mark) for mark in (*DELIMITERS, *_OTHER_DELIMITERS)}
    delimiter = max(steady, key=steady.get)
    if not steady[delimiter] and (fixed := _of_widths(path, encoding, [line for line in lines if line.strip()])):
        return fixed._replace(encoding=encoding, doubts=doubts | fixed.doubts)
    dialect = of_rows(_rows(lines, delimiter))
    declared = None if delimiter == DELIMITERS[0] else delimiter
    return dialect._replace(encoding=encoding, delimiter=declared, doubts=doubts | dialect.doubts)


def of_sheet(path: Path, sheet: str) -> Dialect:
    """The layout of one sheet of a workbook."""
    rows = [[cell.strip() for cell in row] for row in Workbook(path, sheet).first_rows(_ROWS)]
    return of_rows(rows)._replace(sheet=sheet)


def of_rows(rows: list[list[str]]) -> Dialect:
    """Which row holds the names of the columns; 0 and made-up names where none does.

    >>> of_rows([["Sales of March", ""], ["order", "total"], ["A1", "12.50"]]).header
    2
    """
    widths = Counter(len(row) for row in rows if sum(map(bool, row)) > 1)
    width = widths.most_common(1)[0][0] if widths else max(map(len, rows), default=1)
    wide = [number for number, row in enumerate(rows[:_TITLES]) if sum(map(bool, row)) >= max(1, 0.6 * width)]
    if wide and not _are_values(rows[wide[0]]):
        return _headed(rows, wide[0], width)
    return Dialect(
        header=0, names=_numbered(width), doubts={"names": "no row holds the names of the columns; name them"}
    )


def sheets(path: Path) -> list[str]:
    """The visible sheets of a workbook that hold anything."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise LayoutError(f"it does not open as an Excel workbook ({error})") from None
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return [sheet.title for sheet in visible if any(map(any, sheet.iter_rows(max_row=_TITLES, values_only=True)))]


def of_records(path: Path) -> list[Dialect]:
    """One layout for each table that JSON, a database or a log holds; none for other files. `LayoutError` in words."""
    if path.suffix.lower() in DATABASES:
        return [Dialect(db_table=name) for name in _tables(path)]
    match text_format(path):
        case "json":
            return [_of_page(path)]
        case "jsonl":
            return [Dialect(doubts=_lists_inside(list(_objects(_raw_lines(path)))))]
    return [Dialect(format="weblog")] if weblog.is_one(_raw_lines(path)) else []


def _encoding(path: Path) -> tuple[str | None, dict[str, str]]:
    """The encoding (None: UTF-8), and what to decide where it was guessed."""
    for guess in (None, *_FALLBACKS):
        try:
            encoding = encodings.scan(path, guess).encoding
        except EncodingError:
            continue
        if guess is None:
            return (None if encoding in ("utf-8", "utf-8-sig") else encoding), {}
        lines = _first_lines(path, guess)
        if guess != "big5" or encodings.common_share(map(simplified, lines)) > 0.5:
            foreign = (word for line in lines for word in re.findall(r"\w+", line) if not word.isascii())
            shown = ", ".join(f"'{word}'" for word in itertools.islice(dict.fromkeys(foreign), 3))
            return guess, {"encoding": f"neither UTF-8 nor GB18030; read as {guess} it says {shown}: is that right?"}
    raise EncodingError("it is neither UTF-8 nor GB18030, Big5 or Windows-1252; is it a text file?")


def _first_lines(path: Path, encoding: str | None) -> list[str]:
    with _decoded(path, encoding, newline="") as file:
        text = file.read(HEAD)
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[:-1] if len(text) == HEAD or not lines[-1] else lines


def _decoded(path: Path, encoding: str | None, **options) -> io.TextIOWrapper:
    return io.TextIOWrapper(encodings.opened(path), encoding=encoding or "utf-8-sig", errors="ignore", **options)


def _steadiness(lines: list[str], mark: str) -> float:
    """How much speaks for a delimiter: one that stands equally often in most lines, the more the better."""
    counts = [len(row) - 1 for row in _rows(lines, mark) if any(row)]
    [(usual, often)] = Counter(counts).most_common(1) or [(0, 0)]
    return often / len(counts) * usual if usual and often >= 0.6 * len(counts) else 0


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    rows = []
    try:
        for row in itertools.islice(csv.reader((line + "\n" for line in lines), delimiter=delimiter), _ROWS):
            rows.append([cell.strip() for cell in row])
    except csv.Error:
        pass
    return rows


def _are_values(row: list[str]) -> bool:
    cells = [cell for cell in row if cell]
    return sum(bool(_VALUE.fullmatch(cell)) for cell in cells) > 0.3 * len(cells)


def _numbered(width: int) -> list[str]:
    return [f"column_{number}" for number in range(1, width + 1)]


def _headed(rows: list[list[str]], index: int, width: int) -> Dialect:
    """A header in one row, or in two where names that the lower one repeats are told apart by the upper one."""
    names, number = [cell for cell in rows[index] if cell], index + 1
    above = [cell for cell in rows[index - 1] if cell] if index else []
    missing = width - len(names)
    if len(above) < 2 or _are_values(above):
        doubt = f"row {number} leaves {missing} column(s) without a name: is it the header?"
        return Dialect(header=number, doubts={"header": doubt} if missing > 2 else {})
    if len(set(names)) < len(names):
        doubt = f"row {number} repeats names that row {index} tells apart: are the names spread over both?"
        return Dialect(header=[index, number], doubts={"header": doubt})
    shown = ", ".join(above[:3])
    doubt = (
        f"row {index} stands above several columns ({shown}); if those are parts of their names: [{index}, {number}]"
    )
    return Dialect(header=number, doubts={"header": doubt})


def _of_widths(path: Path, encoding: str | None, head: list[str]) -> Dialect | None:
    """Columns that stand one below the other, by the blanks that all lines share; None for other text."""
    above = int(len(head) > 1 and not any(map(_NUMBER.fullmatch, head[0].split())))
    if len(head) - above < 2 or len(_ends(head[above:])) < 2:
        return None
    with _decoded(path, encoding) as file:
        lines = (line.rstrip("\n") for line in file if line.strip())
        ends = _ends(itertools.islice(lines, above, None))
    if len(ends) < 2:
        return None
    names = head[0].split() if above else []
    is_named = len(names) == len(ends) == len(set(names))
    reasons = [] if is_named else ["no line holds a name for each column; name them"]
    reasons += [f"read off {len(head)} lines only"] if len(head) < _FEW else []
    doubts = {"fixed_width": "; ".join(reasons)} if reasons else {}
    starts = [1, *(end + 1 for end in ends)]  # the blanks before a column are its own: numbers stand to the right
    fields = zip(names if is_named else _numbered(len(ends)), zip(starts, ends, strict=False), strict=True)
    return Dialect(fixed_width=dict(fields), skip_rows=above, doubts=doubts)


def _ends(lines: Iterable[str]) -> list[int]:
    """The last character of each column, counted from 1: one that a line fills, before one that no line fills."""
    filled: set[int] = set()
    for line in lines:
        filled.update(number for number, sign in enumerate(line[:_WIDEST], 1) if sign != " ")
    return sorted(number for number in filled if number + 1 not in filled)


def _tables(path: Path) -> list[str]:
    query = "select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%' order by name"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            return [name for (name,) in db.execute(query).fetchall()]
    except sqlite3.Error as error:
        raise LayoutError(f"it does not open as a SQLite database ({error})") from None


def _of_page(path: Path) -> Dialect:
    try:
        page = parsed_page(path)
    except UnicodeDecodeError:
        raise LayoutError("it is not JSON in UTF-8; save it again") from None
    lists = {name: records for name, records in _lists(page) if records}
    if not lists:
        return Dialect(doubts=_lists_inside(page if isinstance(page, list) else []))
    items = max(lists, key=lambda name: len(lists[name]))
    others = [name for name in lists if name != items]
    doubt = {"items": f"it has other lists too: {', '.join(others)}. Is this the one?"} if others else {}
    return Dialect(items=items, doubts=doubt | _lists_inside(lists[items]))


def _lists(value: Any, above: str = "") -> Iterator[tuple[str, list]]:
    """The lists of objects inside an object, by dotted path."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, dict):
            yield from _lists(inner, f"{above}{name}.")
        elif isinstance(inner, list) and all(isinstance(each, dict) for each in inner):
            yield above + name, inner


def _lists_inside(records: list) -> dict[str, str]:
    """A list inside each record: its elements may be what the rows are."""
    first = records[:_RECORDS]
    name = next((name for record in first for name, inner in _lists(record) if inner), None)
    return {"explode": name} if name and any(isinstance(at_path(record, name), list) for record in first) else {}


def _raw_lines(path: Path) -> list[str]:
    with encodings.opened(path) as file:
        return [line.decode("utf-8-sig", "replace") for line in itertools.islice(file, _RECORDS)]


def _objects(lines: list[str]) -> Iterator[dict]:
    for line in lines:
        with suppress(ValueError):
            if isinstance(value := json.loads(line), dict):
                yield value
