"""Opens one file of any known format: its header first, then, of the columns asked for, its rows as text."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import duckdb
from duckdb import DuckDBPyConnection

from playbook.engine import identifier, quoted
from playbook.integration import delimited, encoding
from playbook.integration.delimited import Layout, LayoutError
from playbook.integration.raw import Raw, Reject, csv_source, keep, new_name
from playbook.integration.workbook import Workbook

_MAGIC = {b"PK\x03\x04": "zip", b"PAR1": "parquet", b"\xd0\xcf\x11\xe0": "an old or encrypted Excel file"}
_FORMATS = {".parquet": "parquet", ".xlsx": "xlsx", ".xlsm": "xlsx", ".zip": "zip"}


class Dialect(Protocol):
    """How a file is declared: the part of a mapping that a reader needs."""

    encoding: str | None
    delimiter: str | None
    header: int
    names: list[str] | None
    fixed_width: dict[str, tuple[int, int]] | None
    skip_rows: int
    sheet: str | None


class Opened(NamedTuple):
    """A file whose header is known; `load` stores the rows, of the columns whose numbers are given."""

    header: tuple[str, ...]
    load: Callable[[set[int]], Raw]
    first_rows: list[list[str]]


def open_file(con: DuckDBPyConnection, path: Path, dialect: Dialect, spill: Path) -> Opened:
    """Open a file by what it is; raises `LayoutError` or `EncodingError` in words."""
    if path.stat().st_size == 0:
        raise LayoutError("it is empty (0 bytes); export it again")
    kind = _format(path)
    if kind == "zip":
        return open_file(con, _unpacked(path, spill), dialect, spill)
    if kind == "parquet":
        return _parquet(con, path)
    if kind == "xlsx":
        return _workbook(con, path, dialect, spill)
    return _text(con, path, dialect, spill)


def _format(path: Path) -> str:
    kind = _FORMATS.get(path.suffix.lower(), "text")
    with open(path, "rb") as file:
        start = file.read(4)
    found = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "text")
    expected = {"xlsx": "zip"}.get(kind, kind)
    if found != expected:
        raise LayoutError(f"its name ends in {path.suffix} but its content is {found}; give it its true extension")
    return kind


def _unpacked(path: Path, spill: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        files = [info for info in archive.infolist() if not info.is_dir()]
        if len(files) != 1:
            raise LayoutError(f"it holds {len(files)} files; a .zip is read where it holds one")
        target = spill / f"{new_name()}{Path(files[0].filename).suffix}"
        with archive.open(files[0]) as packed, open(target, "wb") as out:
            shutil.copyfileobj(packed, out)
    return target


def _text(con, path: Path, dialect: Dialect, spill: Path) -> Opened:
    scan = encoding.scan(path, dialect.encoding)
    plain = scan.encoding in ("utf-8", "utf-8-sig")
    readable = path if plain else encoding.transcode(path, scan.encoding, spill / f"{new_name()}.csv")
    scan = scan if plain else scan._replace(lines=encoding.count_lines(readable))
    read = _fixed_width if dialect.fixed_width else _delimited
    return read(con, readable, dialect, scan, spill)


def _delimited(con, path: Path, dialect: Dialect, scan: encoding.Scan, spill: Path) -> Opened:
    laid = delimited.layout(path, delimiter=dialect.delimiter, header=dialect.header, names=dialect.names)

    def load(wanted: set[int]) -> Raw:
        found = None if scan.has_nul or scan.only_cr else delimited.read_fast(con, path, laid, wanted, scan.lines)
        if found:
            return _raw(found[0], laid, f"rowid + {laid.above + 1}", found[1], scan)
        name, rows, rejects = delimited.read_exact(con, path, laid, wanted, spill, has_nul=scan.has_nul)
        return _raw(name, laid, "row_no", rows + len(rejects), scan, rejects)

    return Opened(laid.header, load, delimited.first_rows(path, laid.delimiter))


def _raw(name: str, laid: Layout, row: str, rows: int, scan: encoding.Scan, rejects: tuple[Reject, ...] = ()) -> Raw:
    marks = {"utf-8": (), "utf-8-sig": ("byte_order_mark",)}
    return Raw(
        name, laid.header, row, rows, rejects, marks.get(scan.encoding, ("encoding",)), scan.encoding, scan.sha256
    )


def _fixed_width(con, path: Path, dialect: Dialect, scan: encoding.Scan, spill: Path) -> Opened:
    header = tuple(dialect.fixed_width)
    cuts = [f"nullif(trim(substr(line, {a}, {b - a + 1})), '')" for a, b in dialect.fixed_width.values()]
    shortest = max(first for first, _ in dialect.fixed_width.values())

    def load(wanted: set[int]) -> Raw:
        lines = new_name()
        con.execute(f"create temp table {lines} as select c0 as line from {_lines(path, dialect.skip_rows)}")
        numbered = f"(select rowid + {dialect.skip_rows + 1} as row_no, line from {lines} where trim(line) <> '')"
        short = con.execute(f"select row_no, length(line) from {numbered} where length(line) < {shortest} order by 1")
        rejects = tuple(Reject(row, f"{length} / {shortest}", "wrong_width") for row, length in short.fetchall())
        whole = f"(select * from {numbered} where length(line) >= {shortest})"
        name = new_name()
        rows = keep(con, name, dict(enumerate(cuts)), whole, every=cuts, extra="row_no, ")
        con.execute(f"drop table {lines}")
        return _raw(name, Layout(header, "", 0), "row_no", rows + len(rejects), scan, rejects)

    return Opened(header, load, [])


def _lines(path: Path, skip: int) -> str:
    return csv_source(str(path), 1, delimiter="\x01", skip=skip).replace("quote = '\"', escape = '\"'", "quote = ''")


def _workbook(con, path: Path, dialect: Dialect, spill: Path) -> Opened:
    book = Workbook(path, dialect.sheet)
    header = book.header(dialect.header) if dialect.header else tuple(dialect.names or ())

    def load(wanted: set[int]) -> Raw:
        name, rejects = new_name(), []
        target = spill / f"{name}.csv"
        delimited.write_rows(target, book.rows(len(header), dialect.header, rejects))
        rows = delimited.load_rows(con, name, target, len(header), wanted)
        total = rows + len(rejects)
        return Raw(name, header, "row_no", total, tuple(rejects), serials_from=book.serials_from)

    return Opened(header, load, [])


def _parquet(con, path: Path) -> Opened:
    source = f"read_parquet({quoted(str(path))})"
    try:
        described = con.execute(f"describe select * from {source}").fetchall()
    except duckdb.Error as error:
        raise LayoutError(f"it does not open as Parquet: {str(error).splitlines()[0]}") from None
    header = tuple(name for name, *_ in described)
    texts = [_as_text(identifier(name), kind) for name, kind, *_ in described]

    def load(wanted: set[int]) -> Raw:
        name = new_name()
        columns = [identifier(column) for column in header]
        rows = keep(con, name, {number: texts[number] for number in wanted}, source, every=columns)
        return Raw(name, header, "rowid + 1", rows)

    return Opened(header, load, [])


def _as_text(column: str, kind: str) -> str:
    """A Parquet value as text that loses nothing: whole numbers without a decimal point, times as ISO."""
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = trunc({column}) and abs({column}) < 1e15"
        return f"case when {whole} then cast(cast({column} as bigint) as varchar) else cast({column} as varchar) end"
    return f"cast({column} as varchar)"
