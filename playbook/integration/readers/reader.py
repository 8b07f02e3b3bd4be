"""Opens one file of any known format: its header first, then, of the columns asked for, its rows as text."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import duckdb
from duckdb import DuckDBPyConnection

from playbook.integration.readers import database, delimited, encoding, json_rows, weblog
from playbook.integration.readers.archive import unpacked
from playbook.integration.readers.delimited import Layout, LayoutError
from playbook.integration.readers.headers import Header, rows_above
from playbook.integration.readers.merged import Merged
from playbook.integration.readers.raw_table import Opened, Raw, Reject, csv_source, keep, new_name
from playbook.integration.readers.workbook import Workbook
from playbook.integration.types import expressions
from playbook.integration.types.expressions import ExpressionError, compile_value
from playbook.tables.engine import identifier, quoted

_OLD_EXCEL, _PAGE = "an old or encrypted Excel file", "a web page or XML"
_MAGIC = {
    b"PK\x03\x04": "zip", b"PAR1": "parquet", b"SQLi": "sqlite", b"\x1f\x8b": "gzip", b"\xd0\xcf\x11\xe0": _OLD_EXCEL,
    b"%PDF": "a PDF", b"<htm": _PAGE, b"<HTM": _PAGE, b"<!DO": _PAGE, b"<!do": _PAGE, b"<tab": _PAGE, b"<?xm": _PAGE,
}  # fmt: skip
_FORMATS = {".parquet": "parquet", ".xlsx": "xlsx", ".xlsm": "xlsx", ".zip": "zip", ".gz": "gzip"} | dict.fromkeys(
    (".db", ".sqlite", ".sqlite3"), "sqlite"
)
_REMEDIES = {_OLD_EXCEL: "save it as .xlsx, without a password", _PAGE: "export it as CSV or .xlsx"}
_TEXT_FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}


class Dialect(Protocol):
    """How a file is declared: the part of a mapping that a reader needs."""

    encoding: str | None
    delimiter: str | None
    header: Header
    names: list[str] | None
    fixed_width: dict[str, tuple[int, int]] | None
    skip_rows: int
    sheet: str | None
    format: str | None
    items: str | None
    explode: str | None
    total: str | None
    db_table: str | None
    query: str | None
    adds: tuple[str, ...]


def open_file(con: DuckDBPyConnection, path: Path, dialect: Dialect, spill: Path) -> Opened:
    """Open a file by what it is; raises `LayoutError` or `EncodingError` in words."""
    if path.stat().st_size == 0:
        raise LayoutError("it is empty (0 bytes); export it again")
    kind = _format(path)
    if kind == "zip":
        return _repaired(open_file(con, unpacked(path, spill), dialect, spill), "unpacked")
    if kind == "parquet":
        return _parquet(con, path)
    if kind == "xlsx":
        return _workbook(con, path, dialect, spill)
    if kind == "sqlite":
        return database.open_sqlite(con, path, dialect, spill)
    return _text(con, path, dialect, spill)


def _format(path: Path) -> str:
    kind = _FORMATS.get(path.suffix.lower(), "text")
    with open(path, "rb") as file:
        start = file.read(4)
    found = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "text")
    expected = {"xlsx": "zip"}.get(kind, kind)
    if found != expected:
        remedy = _REMEDIES.get(found, "give it its true extension")
        raise LayoutError(f"its name ends in {path.suffix} but its content is {found}; {remedy}")
    return kind


def _text(con, path: Path, dialect: Dialect, spill: Path) -> Opened:
    readable, scan = encoding.as_utf8(path, dialect.encoding, spill / f"{new_name()}.csv")
    if made := _of_records(con, path, readable, dialect, scan, spill):
        return made
    read = _fixed_width if dialect.fixed_width else _delimited
    opened = read(con, readable, dialect, scan, spill)
    return _repaired(opened, "unpacked") if path.suffix.lower() == ".gz" else opened


def _repaired(opened: Opened, repair: str) -> Opened:
    """A file of which every row counts as repaired."""

    def load(wanted: set[int]) -> Raw:
        raw = opened.load(wanted)
        return raw._replace(repairs=(*raw.repairs, repair))

    return opened._replace(load=load)


def _of_records(con, path: Path, readable: Path, dialect: Dialect, scan: encoding.Scan, spill: Path) -> Opened | None:
    """A text of JSON or of a server's log; None where it is a table."""
    format = text_format(path, dialect.format)
    said = {"encoding": scan.encoding, "sha256": scan.sha256, "repairs": _marks(scan), "notes": _notes(scan)}
    said["repairs"] += ("unpacked",) if path.suffix.lower() == ".gz" else ()
    if format in ("jsonl", "weblog"):
        _refuse_long_line(scan)
    match format:
        case "jsonl":
            return json_rows.open_lines(con, readable, dialect.explode, spill, **said)
        case "json":
            return json_rows.open_page(con, readable, dialect, spill, **said)
        case "weblog":
            return weblog.open_weblog(con, readable, spill, **said)
    return None


def text_format(path: Path, declared: str | None = None) -> str | None:
    """What a text holds instead of a table: jsonl, json or weblog, as declared or by its name."""
    name = path.name.lower().removesuffix(".gz")
    return declared or _TEXT_FORMATS.get(Path(name).suffix)


def _marks(scan: encoding.Scan) -> tuple[str, ...]:
    marks = {"utf-8": (), "utf-8-sig": ("byte_order_mark",)}.get(scan.encoding, ("encoding",))
    return (*marks, "line_ends") if scan.only_cr else marks


def _notes(scan: encoding.Scan) -> tuple[tuple[str, dict], ...]:
    return (("lost_characters", {"characters": scan.lost}),) if scan.lost else ()


def _refuse_long_line(scan: encoding.Scan) -> None:
    number, size = scan.longest
    if size > delimited.LONGEST_LINE:
        raise LayoutError(f"line {number:,} has {size:,} bytes: no row does; look at it, shorten it")


def _delimited(con, path: Path, dialect: Dialect, scan: encoding.Scan, spill: Path) -> Opened:
    _refuse_long_line(scan)
    laid = delimited.layout(path, delimiter=dialect.delimiter, header=dialect.header, names=dialect.names)
    is_odd = scan.has_nul or scan.marks > 0

    def load(wanted: set[int]) -> Raw:
        found = None if is_odd or scan.only_cr else delimited.read_fast(con, path, laid, wanted, scan.lines)
        if found:
            return _raw(found[0], laid, f"rowid + {laid.above + 1}", found[1], scan)
        name, rows, rejects = delimited.read_exact(con, path, laid, wanted, spill, is_odd=is_odd)
        return _raw(name, laid, "row_no", rows + len(rejects), scan, rejects)

    opened = Opened(laid.header, load, delimited.first_rows(path, laid.delimiter))
    return opened if dialect.delimiter or laid.delimiter == "," else _repaired(opened, "delimiter")


def _raw(name: str, laid: Layout, row: str, rows: int, scan: encoding.Scan, rejects: tuple[Reject, ...] = ()) -> Raw:
    said = {"encoding": scan.encoding, "sha256": scan.sha256, "repairs": _marks(scan), "notes": _notes(scan)}
    return Raw(name, laid.header, row, rows, rejects, **said)


def _fixed_width(con, path: Path, dialect: Dialect, scan: encoding.Scan, spill: Path) -> Opened:
    header = tuple(dialect.fixed_width)
    cuts = [f"nullif(trim(substr(line, {a}, {b - a + 1})), '')" for a, b in dialect.fixed_width.values()]
    shortest = max(first for first, _ in dialect.fixed_width.values())

    def load(wanted: set[int]) -> Raw:
        rejects: list[Reject] = []
        lines = _numbered(con, path, dialect.skip_rows, scan, spill, rejects)
        short = con.execute(f"select row_no, length(line) from {lines} where length(line) < {shortest} order by 1")
        rejects += [Reject(row, f"{length} / {shortest}", "wrong_width") for row, length in short.fetchall()]
        whole = f"(select * from {lines} where length(line) >= {shortest})"
        name = new_name()
        rows = keep(con, name, dict(enumerate(cuts)), whole, every=cuts, extra="row_no, ")
        con.execute(f"drop table {lines}")
        return _raw(name, Layout(header, "", 0), "row_no", rows + len(rejects), scan, tuple(rejects))

    return Opened(header, load, [])


def _numbered(con, path: Path, skip: int, scan: encoding.Scan, spill: Path, rejects: list[Reject]) -> str:
    """A table of the lines that are not blank, with their numbers; Python reads where DuckDB sees other lines."""
    name, lines = new_name(), f"(select c0 as line, rowid + {skip + 1} as row_no from {{}})"
    is_odd = scan.has_nul or scan.only_cr or scan.marks > 0
    if not is_odd and (fast := _lines_fast(con, path, skip, scan.lines)):
        con.execute(f"create temp table {name} as select * from {lines.format(fast)} where trim(line) <> ''")
        con.execute(f"drop table {fast}")
        return name
    target = spill / f"{name}.csv"
    delimited.write_rows(target, _kept(delimited.lines_of(path, skip), rejects))
    delimited.load_rows(con, name, target, 1, {0})
    con.execute(f"alter table {name} rename c0 to line")
    return name


def _lines_fast(con, path: Path, skip: int, lines: int) -> str | None:
    name = new_name()
    source = csv_source(str(path), 1, delimiter="\x01", skip=skip).replace("quote = '\"', escape = '\"'", "quote = ''")
    try:
        con.execute(f"create temp table {name} as select c0 from {source}")
        count = con.execute(f"select count(*) from {name}").fetchall()[0][0]
    except duckdb.Error:
        con.execute(f"drop table if exists {name}")
        return None
    if count == lines - skip:
        return name
    con.execute(f"drop table {name}")
    return None


def _kept(lines, rejects: list[Reject]):
    """The lines that hold text of one encoding; the others are added to `rejects`."""
    for number, line in lines:
        if reason := delimited.odd([line]):
            rejects.append(Reject(number, *reason))
        else:
            yield number, [line]


def _workbook(con, path: Path, dialect: Dialect, spill: Path) -> Opened:
    book = Workbook(path, dialect.sheet)
    header = book.header(dialect.header) if dialect.header else tuple(dialect.names or ())

    def load(wanted: set[int]) -> Raw:
        name, rejects = new_name(), []
        target = spill / f"{name}.csv"
        merged = Merged(book.seen.merged, wanted, _cells(dialect.adds, header))
        delimited.write_rows(target, book.rows(len(header), rows_above(dialect.header), rejects, wanted, merged))
        rows = delimited.load_rows(con, name, target, len(header), wanted)
        said = {"serials_from": book.serials_from, "notes": (*book.notes, *merged.notes)}
        return Raw(name, header, "row_no", rows + len(rejects), tuple(rejects), **said)

    return Opened(header, load, book.first_rows(delimited.SEARCHED_ROWS))


def _cells(written: tuple[str, ...], header: tuple[str, ...]) -> Iterator[int]:
    """The columns that expressions read; one that does not fit the header is refused where it is bound."""
    for text in written:
        with contextlib.suppress(ExpressionError):
            yield from compile_value(text, expressions.Header(header)).columns


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
