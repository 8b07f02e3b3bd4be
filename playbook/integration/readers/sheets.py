"""What a sheet of a workbook holds beside its values: hidden rows, formulas nobody computed, merged cells, macros."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zipfile import ZipFile

from playbook.integration.readers.archive import archive
from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.merged import Span

_CHUNK = 1 << 20
_HIDDEN_ROW = re.compile(rb"<row\b[^>]*\bhidden=[\"'](?:1|true)[\"']")
_FORMULA = re.compile(rb"<f[\s>/]")
_MERGED = re.compile(rb"<mergeCell\b[^>]*\bref=[\"']([A-Z]+[0-9]+:[A-Z]+[0-9]+)[\"']")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Sheet(NamedTuple):
    """What one sheet holds: how many of its rows are hidden, whether it has formulas, which other sheets are hidden,
    and its cells that are merged downwards."""

    hidden_rows: int
    has_formulas: bool
    hidden_sheets: tuple[str, ...]
    merged: tuple[Span, ...]


def look(path: Path, name: str) -> Sheet:
    """Look at a sheet without opening it as a workbook; a workbook with macros is refused."""
    with archive(path) as packed:
        refuse_macros(packed)
        files, hidden = _sheets(packed)
        rows, formulas, merged = 0, False, []
        for part in _parts(packed, files[name]):
            rows, formulas = rows + len(_HIDDEN_ROW.findall(part)), formulas or bool(_FORMULA.search(part))
            merged += _MERGED.findall(part)
    others = tuple(sheet for sheet in hidden if sheet != name)
    return Sheet(rows, formulas, others, tuple(_downwards(merged)))


def refuse_macros(packed: ZipFile) -> None:
    """A workbook that carries a program is not opened."""
    if any(name.lower().endswith("vbaproject.bin") for name in packed.namelist()):
        raise LayoutError("it holds macros; save it as .xlsx, without them")


def _downwards(merged: list[bytes]) -> Iterator[Span]:
    from openpyxl.utils import range_boundaries

    for written in merged:
        column, first, _, last = range_boundaries(written.decode())
        if last > first:
            yield Span(column - 1, first, last)


def _sheets(packed: ZipFile) -> tuple[dict[str, str], list[str]]:
    """The file of each sheet, and the sheets that are hidden."""
    from defusedxml.ElementTree import fromstring

    targets = {node.get("Id"): node.get("Target") for node in fromstring(packed.read("xl/_rels/workbook.xml.rels"))}
    sheets = [node for node in fromstring(packed.read("xl/workbook.xml")).iter() if node.tag.endswith("}sheet")]
    files = {sheet.get("name"): _path(targets.get(sheet.get(_RELATION), "")) for sheet in sheets}
    return files, [sheet.get("name") for sheet in sheets if sheet.get("state", "visible") != "visible"]


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _parts(packed: ZipFile, name: str) -> Iterator[bytes]:
    """The text of a sheet in pieces that end between two tags."""
    with packed.open(name) as file:
        held = b""
        while chunk := file.read(_CHUNK):
            whole, _, rest = (held + chunk).rpartition(b"<")
            yield whole
            held = b"<" + rest
        yield held
