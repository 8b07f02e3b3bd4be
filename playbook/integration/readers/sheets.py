"""What a sheet of a workbook holds beside its values: hidden rows, formulas nobody computed, merged cells, macros."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zipfile import ZipFile

from playbook.integration.readers.archive import archive
from playbook.integration.readers.delimited import LayoutError

_CHUNK = 1 << 20
_HIDDEN_ROW = re.compile(rb"<row\b[^>]*\bhidden=[\"'](?:1|true)[\"']")
_FORMULA = re.compile(rb"<f[\s>/]")
_MERGED = re.compile(rb"<mergeCell\b[^>]*\bref=[\"']([A-Z]+[0-9]+:[A-Z]+[0-9]+)[\"']")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


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
        self.once = set(once)
        self.values: dict[Span, str] = {}
        self.filled = self.left = 0
        self.starting: dict[int, list[Span]] = {}
        for span in spans:
            if span.column in read:
                self.starting.setdefault(span.first, []).append(span)

    @property
    def notes(self) -> tuple[tuple[str, dict], ...]:
        """What to know about the rows read so far."""
        counts = {"merged_cells": self.filled, "merged_numbers": self.left}
        return tuple((key, {"cells": cells}) for key, cells in counts.items() if cells)

    def fill(self, number: int, cells: list[str]) -> list[str]:
        """A row with the values that are meant for it."""
        if not self.values and number not in self.starting:
            return cells
        self.values = {span: value for span, value in self.values.items() if number <= span.last}
        filled = list(cells)
        for span, value in self.values.items():
            if cells[span.column]:
                continue
            if span.column in self.once:
                self.left += 1
            else:
                filled[span.column] = value
                self.filled += 1
        self.values |= {span: cells[span.column] for span in self.starting.get(number, ()) if cells[span.column]}
        return filled


class Sheet(NamedTuple):
    """What one sheet holds: how many of its rows are hidden, whether it has formulas, which other sheets are hidden,
    and its cells that are merged downwards."""

    hidden_rows: int
    has_formulas: bool
    hidden_sheets: tuple[str, ...]
    merged: tuple[Span, ...]


def sheet_contents(path: Path, name: str) -> Sheet:
    """Look at a sheet without opening it as a workbook."""
    from openpyxl.utils import range_boundaries

    hidden_rows, has_formulas, merged = 0, False, []
    with archive(path) as packed:
        files, hidden = _sheets(packed)
        for part in _parts(packed, files[name]):
            hidden_rows += len(_HIDDEN_ROW.findall(part))
            has_formulas = has_formulas or bool(_FORMULA.search(part))
            merged += [range_boundaries(cells.decode()) for cells in _MERGED.findall(part)]
    downwards = tuple(Span(column - 1, first, last) for column, first, _, last in merged if last > first)
    return Sheet(hidden_rows, has_formulas, tuple(sheet for sheet in hidden if sheet != name), downwards)


def refuse_macros(path: Path) -> None:
    """A workbook that carries a program is not opened."""
    with archive(path) as packed:
        if any(name.lower().endswith("vbaproject.bin") for name in packed.namelist()):
            raise LayoutError("it holds macros; save it as .xlsx, without them")


def _sheets(packed: ZipFile) -> tuple[dict[str, str], list[str]]:
    """The file of each sheet, and the sheets that are hidden."""
    from defusedxml.ElementTree import fromstring

    targets = {node.get("Id"): node.get("Target") for node in fromstring(packed.read("xl/_rels/workbook.xml.rels"))}
    files, hidden = {}, []
    for node in fromstring(packed.read("xl/workbook.xml")).iter():
        if node.tag.endswith("}sheet"):
            target = PurePosixPath("/xl") / targets.get(node.get(_RELATION), "")  # relative to xl/, or absolute
            files[node.get("name")] = str(target).lstrip("/")
            if node.get("state", "visible") != "visible":
                hidden.append(node.get("name"))
    return files, hidden


def _parts(packed: ZipFile, name: str) -> Iterator[bytes]:
    """The text of a sheet in pieces that end between two tags."""
    with packed.open(name) as file:
        held = b""
        while chunk := file.read(_CHUNK):
            whole, _, rest = (held + chunk).rpartition(b"<")
            yield whole
            held = b"<" + rest
        yield held
