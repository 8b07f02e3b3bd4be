"""Excel workbooks: the values of one sheet as rows of text."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from playbook.integration.readers.delimited import LayoutError, refuse_twins
from playbook.integration.readers.headers import Header, header_rows, joined, rows_above
from playbook.integration.readers.raw_table import Reject, plain_text
from playbook.integration.readers.sheets import Merged, refuse_macros, sheet_contents
from playbook.tables.nearest import nearest

EPOCHS = {1900: "1899-12-30", 1904: "1904-01-01"}


class Workbook:
    """One sheet of a workbook, read once from top to bottom."""

    def __init__(self, path: Path, sheet: str | None):
        self.path = path
        refuse_macros(path)
        self.book = _loaded(path, computed=True)
        self.sheet = _sheet(self.book, sheet)
        with _in_words():
            self.contents = sheet_contents(path, self.sheet.title)
            self.sheet.reset_dimensions()

    @property
    def serials_from(self) -> str:
        """The day that serial number 0 stands for."""
        return EPOCHS[1904 if self.book.epoch.year == 1904 else 1900]

    @property
    def notes(self) -> tuple[tuple[str, dict], ...]:
        """What to know about the sheet: hidden rows are read like others, hidden sheets are not read."""
        rows = (("hidden_rows", {"rows": self.contents.hidden_rows}),) if self.contents.hidden_rows else ()
        names = ", ".join(self.contents.hidden_sheets)
        return (*rows, ("hidden_sheets", {"sheets": names})) if names else rows

    def header(self, rows: Header) -> tuple[str, ...]:
        """The names in the header's row or rows, empty cells at their end left out."""
        wanted, above = header_rows(rows), rows_above(rows)
        first = dict(zip(range(1, above + 1), (c for _, c in self._rows()), strict=False))
        names = joined([first.get(row, []) for row in wanted])
        while names and not names[-1]:
            names.pop()
        refuse_twins(header := tuple(name.strip() for name in names))
        return header

    def first_rows(self, count: int) -> list[list[str]]:
        """The first rows of the sheet, as lists of cells."""
        return [cells for _, cells in islice(self._rows(), count)]

    def rows(
        self,
        width: int,
        above: int,
        rejects: list[Reject],
        wanted: set[int] | None = None,
        merged: Merged | None = None,
    ) -> Iterator[tuple[int, list[str]]]:
        """The rows below the header that are not empty, each as wide as the header; wider ones become rejects, and
        those in which a wanted column holds a formula that was never computed."""
        read, merged = range(width) if wanted is None else sorted(wanted), merged or Merged()
        for number, cells, formulas in self._computed():
            if number <= above or not (any(cells) or formulas):
                continue
            cells = merged.fill(number, cells + [""] * (width - len(cells)))
            if unknown := [place for column, place in formulas.items() if column in read]:
                rejects.append(Reject(number, unknown[0], "formula"))
            elif any(cells[width:]):
                rejects.append(Reject(number, f"{len(cells)} / {width}", "wrong_width"))
            else:
                yield number, cells[:width]

    def _computed(self) -> Iterator[tuple[int, list[str], dict[int, str]]]:
        """The rows with, by column, the formulas whose value nobody saved: where they stand and what they are."""
        if not self.contents.has_formulas:
            yield from ((number, cells, {}) for number, cells in self._rows())
            return
        from openpyxl.utils import get_column_letter

        with _in_words():
            sheet = _loaded(self.path, computed=False)[self.sheet.title]
            sheet.reset_dimensions()
            for (number, cells), row in zip(self._rows(), sheet.iter_rows(values_only=True), strict=False):
                yield number, cells, {
                    column: f"{get_column_letter(column + 1)}{number}: {formula}"
                    for column, (text, formula) in enumerate(zip(cells, row, strict=False))
                    if not text and (formula.startswith("=") if isinstance(formula, str) else hasattr(formula, "ref"))
                }  # fmt: skip

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        with _in_words():
            for number, cells in enumerate(self.sheet.iter_rows(values_only=True), 1):
                yield number, [_text(value) for value in cells]


def _loaded(path: Path, *, computed: bool):
    import openpyxl

    with _in_words(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out beside the values is not ours to say
        return openpyxl.load_workbook(path, read_only=True, data_only=computed)


@contextmanager
def _in_words() -> Iterator[None]:
    """A damaged workbook fails in ways of all kinds."""
    try:
        yield
    except (LayoutError, GeneratorExit):
        raise
    except Exception as error:
        raise LayoutError(
            f"it does not open as an Excel workbook ({type(error).__name__}: {error}); is it whole?"
        ) from None


def _sheet(book, asked: str | None):
    if asked is not None and asked not in book.sheetnames:
        raise LayoutError(f"it has no sheet '{asked}'; {nearest(asked, book.sheetnames)}")
    if asked is None and len(book.sheetnames) > 1:
        raise LayoutError(f"it has the sheets {', '.join(book.sheetnames)}; say which one: sheet: {book.sheetnames[0]}")
    if not book.sheetnames:
        raise LayoutError("it has no sheet; is it a workbook, and is it whole?")
    return book[asked or book.sheetnames[0]]


def _text(value) -> str:
    """A cell's value as its plainest text: days as ISO."""
    if isinstance(value, bool):
        return str(value).upper()
    text = plain_text(value)
    return text.removesuffix(" 00:00:00") if isinstance(value, datetime | date | time | timedelta) else text
