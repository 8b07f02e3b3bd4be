"""Excel workbooks: the values of one sheet as rows of text."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from playbook.integration.delimited import LayoutError
from playbook.integration.locate import nearest
from playbook.integration.raw import Reject

EPOCHS = {1900: "1899-12-30", 1904: "1904-01-01"}


class Workbook:
    """One sheet of a workbook, read once from top to bottom."""

    def __init__(self, path: Path, sheet: str | None):
        import openpyxl

        try:
            self.book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
            raise LayoutError(
                f"it does not open as an Excel workbook ({error}); is it encrypted or an old .xls?"
            ) from None
        self.sheet = _sheet(self.book, sheet)
        self.sheet.reset_dimensions()

    @property
    def serials_from(self) -> str:
        """The day that serial number 0 stands for."""
        return EPOCHS[1904 if self.book.epoch.year == 1904 else 1900]

    def header(self, row: int) -> tuple[str, ...]:
        """The names in the header's row, empty cells at its end left out."""
        found = next((cells for number, cells in self._rows() if number == row), [])
        while found and not found[-1]:
            found.pop()
        names = tuple(name.strip() for name in found)
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise LayoutError(f"its header has the column(s) {', '.join(twice)} more than once; rename one of each")
        return names

    def rows(self, width: int, above: int, rejects: list[Reject]) -> Iterator[tuple[int, list[str]]]:
        """The rows below the header that are not empty, each as wide as the header; wider ones become rejects."""
        for number, cells in self._rows():
            if number <= above or not any(cells):
                continue
            if any(cells[width:]):
                rejects.append(Reject(number, f"{len(cells)} / {width}", "wrong_width"))
            else:
                yield number, (cells + [""] * width)[:width]

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        for number, cells in enumerate(self.sheet.iter_rows(values_only=True), 1):
            yield number, [_text(value) for value in cells]


def _sheet(book, asked: str | None):
    if asked is not None and asked not in book.sheetnames:
        raise LayoutError(f"it has no sheet '{asked}'; {nearest(asked, book.sheetnames)}")
    if asked is None and len(book.sheetnames) > 1:
        raise LayoutError(f"it has the sheets {', '.join(book.sheetnames)}; say which one: sheet: {book.sheetnames[0]}")
    return book[asked or book.sheetnames[0]]


def _text(value) -> str:
    """A cell's value as its plainest text: days as ISO, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time | timedelta):
        return str(value).removesuffix(" 00:00:00")
    return str(value)
