"""How a file is laid out, told from its first lines: encoding, delimiter, row of the header, widths of its columns."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from playbook.integration.readers import encoding as encodings
from playbook.integration.readers.delimited import DELIMITERS, LayoutError
from playbook.integration.readers.encoding import EncodingError
from playbook.integration.readers.headers import Header
from playbook.integration.readers.workbook import Workbook
from playbook.onboarding import widths
from playbook.onboarding.names import words

HEAD = 1 << 18  # characters that are looked at
_ROWS = 200  # rows from which the layout is told
_TITLES = 15  # rows above the header, at most
_OTHER_DELIMITERS = ("\x01", "^", "~")
_FALLBACKS = ("big5", "cp1252")
#: What stands in rows and not in headers: numbers, days, e-mail addresses, phone numbers.
_VALUE = re.compile(
    r"[-+(]?[¥￥$€£]?\s*[\d,.，．]+\s*[%元万)]?|\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?(?:[ T].*)?"
    r"|[^@\s]+@[^@\s]+\.\w+|\+?[\d\- ]{7,}"
)


class Laid(NamedTuple):
    """How a file is declared, in the words of sources.yml; `doubts` are the keys to decide on: key -> evidence."""

    encoding: str | None = None
    delimiter: str | None = None
    header: Header = 1
    names: list[str] | None = None
    fixed_width: dict[str, tuple[int, int]] | None = None
    skip_rows: int = 0
    sheet: str | None = None
    format: str | None = None
    items: str | None = None
    explode: str | None = None
    total: str | None = None
    db_table: str | None = None
    query: str | None = None
    adds: tuple[str, ...] = ()
    doubts: Mapping[str, str] = MappingProxyType({})


def of_text(path: Path) -> Laid:
    """The layout of a file of text; `EncodingError` where nobody can tell how it is encoded."""
    encoding, doubts = _encoding(path)
    lines = _first_lines(path, encoding)
    delimiter = _delimiter(lines)
    if delimiter is None and (found := widths.told(lines, lambda: _all_lines(path, encoding))):
        names, fields, above, unsure = found
        given = dict(zip(names, fields, strict=True))
        return Laid(encoding, fixed_width=given, skip_rows=above, doubts=doubts | unsure)
    laid = of_rows(_rows(lines, delimiter or ","))
    usual = delimiter in DELIMITERS[:1] or delimiter is None
    return laid._replace(encoding=encoding, delimiter=None if usual else delimiter, doubts=doubts | laid.doubts)


def of_sheet(path: Path, sheet: str) -> Laid:
    """The layout of one sheet of a workbook."""
    cells = Workbook(path, sheet).sheet.iter_rows(values_only=True)
    rows = (["" if value is None else str(value).strip() for value in row] for row in cells)
    return of_rows([row for row, _ in zip(rows, range(_ROWS), strict=False)])._replace(sheet=sheet)


def of_rows(rows: list[list[str]]) -> Laid:
    """Which row holds the names of the columns; 0 and made-up names where none does."""
    width = _width(rows)
    for number, row in enumerate(rows[:_TITLES], 1):
        filled = [cell for cell in row if cell]
        if len(filled) < max(1, 0.6 * width):
            continue
        return _no_header(width) if _are_values(filled) else _headed(rows, number, width)
    return _no_header(width)


def sheets(path: Path) -> list[str]:
    """The visible sheets of a workbook that hold anything."""
    shown = [sheet for sheet in _book(path).worksheets if sheet.sheet_state == "visible"]
    return [sheet.title for sheet in shown if _holds_anything(sheet)]


def _book(path: Path):
    import openpyxl

    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise LayoutError(f"it does not open as an Excel workbook ({error})") from None


def _holds_anything(sheet) -> bool:
    return any(any(row) for row in sheet.iter_rows(max_row=_TITLES, values_only=True))


def _encoding(path: Path) -> tuple[str | None, dict[str, str]]:
    try:
        found = encodings.scan(path).encoding
        return (None if found in ("utf-8", "utf-8-sig") else found), {}
    except EncodingError:
        return _guessed_encoding(path)


def _guessed_encoding(path: Path) -> tuple[str, dict[str, str]]:
    for name in _FALLBACKS:
        try:
            encodings.scan(path, name)
        except EncodingError:
            continue
        if name != "big5" or encodings.common_share(iter(_simplified(_first_lines(path, name)))) > 0.5:
            shown = _beyond_ascii(_first_lines(path, name))
            return name, {"encoding": f"neither UTF-8 nor GB18030; read as {name} it says {shown}: is that right?"}
    raise EncodingError("it is neither UTF-8 nor GB18030, Big5 or Windows-1252; is it a text file?")


def _simplified(lines: list[str]) -> Iterable[str]:
    lists = words("names")["traditional"]
    return [line.translate(str.maketrans(lists["from"], lists["to"])) for line in lines]


def _beyond_ascii(lines: list[str]) -> str:
    found = (word for line in lines for word in re.findall(r"\w+", line) if not word.isascii())
    return ", ".join(f"'{word}'" for word, _ in zip(dict.fromkeys(found), range(3), strict=False))


def _first_lines(path: Path, encoding: str | None) -> list[str]:
    with _decoded(path, encoding, newline="") as file:
        text = file.read(HEAD)
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[:-1] if len(text) == HEAD else [*lines[:-1], *([lines[-1]] if lines[-1] else [])]


def _all_lines(path: Path, encoding: str | None) -> Iterable[str]:
    with _decoded(path, encoding) as file:
        yield from (line.rstrip("\n") for line in file)


def _decoded(path: Path, encoding: str | None, **options) -> io.TextIOWrapper:
    return io.TextIOWrapper(encodings.opened(path), encoding=encoding or "utf-8-sig", errors="ignore", **options)


def _delimiter(lines: list[str]) -> str | None:
    """The mark that stands equally often in most lines; None where there is no such mark."""
    steady = {mark: _steadiness(lines, mark) for mark in (*DELIMITERS, *_OTHER_DELIMITERS)}
    best = max(steady, key=steady.get)
    return best if steady[best] > 0 else None


def _steadiness(lines: list[str], mark: str) -> float:
    counts = [len(row) - 1 for row in _rows(lines, mark) if any(row)]
    if not any(counts):
        return 0
    usual, often = Counter(counts).most_common(1)[0]
    return often / len(counts) * usual if usual and often >= 0.6 * len(counts) else 0


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    reader, rows = csv.reader((line + "\n" for line in lines), delimiter=delimiter), []
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
            if len(rows) == _ROWS:
                break
    except csv.Error:
        pass
    return rows


def _width(rows: list[list[str]]) -> int:
    filled = Counter(len(row) for row in rows if sum(map(bool, row)) > 1)
    return filled.most_common(1)[0][0] if filled else max(map(len, rows), default=1)


def _are_values(cells: list[str]) -> bool:
    return sum(bool(_VALUE.fullmatch(cell)) for cell in cells) > 0.3 * len(cells)


def _no_header(width: int) -> Laid:
    names = [f"column_{number}" for number in range(1, width + 1)]
    return Laid(header=0, names=names, doubts={"names": "no row holds the names of the columns; name them"})


def _headed(rows: list[list[str]], number: int, width: int) -> Laid:
    """A header in one row, or in two where names that the lower one repeats are told apart by the upper one."""
    names, upper = [cell for cell in rows[number - 1] if cell], number - 1
    above = [cell for cell in rows[upper - 1] if cell] if upper else []
    if len(above) < 2 or _are_values(above):
        return Laid(header=number, doubts=_title_doubt(number, rows[number - 1], width))
    if len(set(names)) < len(names):
        doubt = f"row {number} repeats names that row {upper} tells apart: are the names spread over both?"
        return Laid(header=[upper, number], doubts={"header": doubt})
    doubt = f"row {upper} stands above several columns ({', '.join(above[:3])}); if those are parts of their names:"
    return Laid(header=number, doubts={"header": f"{doubt} [{upper}, {number}]"})


def _title_doubt(number: int, row: list[str], width: int) -> dict[str, str]:
    missing = width - sum(map(bool, row))
    return (
        {"header": f"row {number} leaves {missing} column(s) without a name: is it the header?"} if missing > 2 else {}
    )
