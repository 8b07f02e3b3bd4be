"""Opens one file of any known format: its header first, then, of the columns asked for, its rows as text."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb
from duckdb import DuckDBPyConnection

from playbook.integration.readers import database, delimited, encoding, json_rows, weblog
from playbook.integration.readers.archive import unpacked
from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.fixed_width import open_fixed_width
from playbook.integration.readers.headers import Header, rows_above
from playbook.integration.readers.raw_table import Opened, Raw, Reject, keep, new_name
from playbook.integration.readers.sheets import Merged
from playbook.integration.readers.workbook import Workbook
from playbook.tables.engine import identifier, quoted

_OLD_EXCEL, _PAGE = "an old or encrypted Excel file", "a web page or XML"
_MAGIC = {
    b"PK\x03\x04": "zip", b"PAR1": "parquet", b"SQLi": "sqlite", b"\x1f\x8b": "gzip", b"\xd0\xcf\x11\xe0": _OLD_EXCEL,
    b"%PDF": "a PDF", b"<htm": _PAGE, b"<HTM": _PAGE, b"<!DO": _PAGE, b"<!do": _PAGE, b"<tab": _PAGE, b"<?xm": _PAGE,
}  # fmt: skip
_FORMATS = {
    ".parquet": "parquet", ".xlsx": "xlsx", ".xlsm": "xlsx", ".zip": "zip", ".gz": "gzip", ".db": "sqlite",
    ".sqlite": "sqlite", ".sqlite3": "sqlite",
}  # fmt: skip
_REMEDIES = {_OLD_EXCEL: "save it as .xlsx, without a password", _PAGE: "export it as CSV or .xlsx"}
_TEXT_FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}

#: By a file's header, the numbers of the columns whose values are amounts, to be counted once.
Amounts = Callable[[tuple[str, ...]], Iterable[int]]


class Dialect(NamedTuple):
    """How a file is declared: the part of a mapping that a reader needs."""

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


def open_file(
    con: DuckDBPyConnection, path: Path, dialect: Dialect, spill: Path, amounts: Amounts = lambda header: ()
) -> Opened:
    """Open a file by what it is; raises `LayoutError` or `EncodingError` in words. `dialect` may be a `FileSpec`."""
    if path.stat().st_size == 0:
        raise LayoutError("it is empty (0 bytes); export it again")
    match _format(path):
        case "zip":
            return _repaired(open_file(con, unpacked(path, spill), dialect, spill, amounts), "unpacked")
        case "parquet":
            return _parquet(con, path)
        case "xlsx":
            return _workbook(con, path, dialect, spill, amounts)
        case "sqlite":
            return database.open_database(con, dialect, spill, path)
        case "gzip":
            return _repaired(_text(con, path, dialect, spill), "unpacked")
    return _text(con, path, dialect, spill)


def text_format(path: Path, declared: str | None = None) -> str | None:
    """What a text holds instead of a table: jsonl, json or weblog, as declared or by its name."""
    return declared or _TEXT_FORMATS.get(Path(path.name.lower().removesuffix(".gz")).suffix)


def _format(path: Path) -> str:
    format = _FORMATS.get(path.suffix.lower(), "text")
    with open(path, "rb") as file:
        start = file.read(4)
    content = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "text")
    if content != {"xlsx": "zip"}.get(format, format):
        remedy = _REMEDIES.get(content, "give it its true extension")
        raise LayoutError(f"its name ends in {path.suffix} but its content is {content}; {remedy}")
    return format


def _repaired(opened: Opened, repair: str) -> Opened:
    """A file of which every row counts as repaired."""

    def load(wanted: set[int]) -> Raw:
        raw = opened.load(wanted)
        return raw._replace(repairs=(*raw.repairs, repair))

    widen = opened.widen and (lambda names: _repaired(opened.widen(names), repair))
    return opened._replace(load=load, widen=widen)


def _text(con: DuckDBPyConnection, path: Path, dialect: Dialect, spill: Path) -> Opened:
    readable, scan = encoding.as_utf8(path, dialect.encoding, spill / f"{new_name()}.csv")
    format = text_format(path, dialect.format)
    number, size = scan.longest
    is_by_line = format in ("jsonl", "weblog") or not (format or dialect.fixed_width)
    if is_by_line and size > delimited.LONGEST_LINE:
        raise LayoutError(f"line {number:,} has {size:,} bytes: no row does; look at it, shorten it")
    repairs = {"utf-8": (), "utf-8-sig": ("byte_order_mark",)}.get(scan.encoding, ("encoding",))
    facts = {
        "encoding": scan.encoding,
        "sha256": scan.sha256,
        "repairs": (*repairs, "line_ends") if scan.only_cr else repairs,
        "notes": (("lost_characters", {"characters": scan.lost}),) if scan.lost else (),
    }
    match format:
        case "jsonl":
            return json_rows.open_lines(con, readable, dialect.explode, spill, **facts)
        case "json":
            return json_rows.open_page(con, readable, dialect, spill, **facts)
        case "weblog":
            return weblog.open_weblog(con, readable, spill, **facts)
    if dialect.fixed_width:
        return open_fixed_width(con, readable, dialect.fixed_width, dialect.skip_rows, scan, spill, **facts)
    return _delimited(con, readable, dialect, scan, spill, **facts)


def _delimited(con, path: Path, dialect: Dialect, scan: encoding.Scan, spill: Path, **facts) -> Opened:
    layout = delimited.layout(path, delimiter=dialect.delimiter, header=dialect.header, names=dialect.names)
    is_odd = scan.has_nul or scan.marks > 0

    def load(wanted: set[int]) -> Raw:
        if not is_odd and not scan.only_cr and (table := delimited.read_fast(con, path, layout, wanted, scan.lines)):
            rows = scan.lines - layout.above
            return Raw(table, layout.header, f"rowid + {layout.above + 1}", rows, **facts)
        table, rows, rejects = delimited.read_exact(con, path, layout, wanted, spill, is_odd=is_odd)
        return Raw(table, layout.header, "row_no", rows + len(rejects), rejects, **facts)

    opened = Opened(layout.header, load, delimited.first_rows(path, layout.delimiter))
    return opened if dialect.delimiter or layout.delimiter == "," else _repaired(opened, "delimiter")


def _workbook(con, path: Path, dialect: Dialect, spill: Path, amounts: Amounts) -> Opened:
    book = Workbook(path, dialect.sheet)
    header = book.header(dialect.header) if dialect.header else tuple(dialect.names or ())

    def load(wanted: set[int]) -> Raw:
        rejects: list[Reject] = []
        merged = Merged(book.contents.merged, wanted, amounts(header))
        rows = book.rows(len(header), rows_above(dialect.header), rejects, wanted, merged)
        name, count = delimited.store_rows(con, rows, len(header), wanted, spill)
        notes = (*book.notes, *merged.notes)
        return Raw(
            name, header, "row_no", count + len(rejects), tuple(rejects), serials_from=book.serials_from, notes=notes
        )

    return Opened(header, load, book.first_rows(delimited.SEARCHED_ROWS))


def _parquet(con: DuckDBPyConnection, path: Path) -> Opened:
    source = f"read_parquet({quoted(str(path))})"
    try:
        columns = con.execute(f"describe select * from {source}").fetchall()
    except duckdb.Error as error:
        raise LayoutError(f"it does not open as Parquet: {str(error).splitlines()[0]}") from None
    header = tuple(name for name, *_ in columns)

    def load(wanted: set[int]) -> Raw:
        name, texts = new_name(), {number: _as_text(*columns[number][:2]) for number in wanted}
        rows = keep(con, name, texts, source, every=[identifier(column) for column in header])
        return Raw(name, header, "rowid + 1", rows)

    return Opened(header, load, [])


def _as_text(name: str, sql_type: str) -> str:
    """A Parquet value as text that loses nothing: whole numbers without a decimal point, times as ISO."""
    column = identifier(name)
    text = f"cast({column} as varchar)"
    if sql_type not in ("DOUBLE", "FLOAT"):
        return text
    whole = f"{column} = trunc({column}) and abs({column}) < 1e15"
    return f"case when {whole} then cast(cast({column} as bigint) as varchar) else {text} end"
