"""Cells of a sheet that are merged downwards: which rows the value means that only the first of them holds."""

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Cells of one column merged into one: the column's number, the first row, which holds the value, and the last."""

    column: int
    first: int
    last: int


class Merged:
    """The merged cells of the columns that are read, filled row by row from the top.

    A number of `once` columns is one amount for all its rows: it stays where it stands, and is not multiplied.
    """

    def __init__(self, spans: Iterable[Span] = (), read: Iterable[int] = (), once: Iterable[int] = ()):
        self.once, self.values, self.filled, self.left = set(once), {}, 0, 0
        self.starting: dict[int, list[Span]] = {}
        for span in spans:
            if span.column in read:
                self.starting.setdefault(span.first, []).append(span)

    @property
    def notes(self) -> tuple[tuple[str, dict], ...]:
        """What to know about the rows read so far."""
        counted = {"merged_cells": self.filled, "merged_numbers": self.left}
        return tuple((key, {"cells": cells}) for key, cells in counted.items() if cells)

    def fill(self, number: int, cells: list[str]) -> list[str]:
        """A row with the values that are meant for it."""
        if not self.values and number not in self.starting:
            return cells
        self.values = {span: value for span, value in self.values.items() if number <= span.last}
        filled = list(cells)
        for span, value in self.values.items():
            filled[span.column] = cells[span.column] or self._counted(span, value)
        self.values |= {span: cells[span.column] for span in self.starting.get(number, ()) if cells[span.column]}
        return filled

    def _counted(self, span: Span, value: str) -> str:
        is_once = span.column in self.once
        self.filled, self.left = self.filled + (not is_once), self.left + is_once
        return "" if is_once else value
