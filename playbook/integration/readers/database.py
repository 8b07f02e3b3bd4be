"""Rows of a database: a table, or one SELECT, of SQLite or PostgreSQL, read in a transaction that cannot write."""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from duckdb import DuckDBPyConnection

from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.raw_table import Opened, Raw, Reject
from playbook.integration.readers.records import store
from playbook.tables.engine import identifier
from playbook.tables.nearest import nearest

SERVERS = ("postgresql://", "postgres://")
BATCH = 10_000
_PATIENCE = 15  # seconds to wait for a server or a lock


class Asked(Protocol):
    """What a mapping says of a database: where it is, which table or which query, where its password stands."""

    path: str
    db_table: str | None
    query: str | None
    password_env: str | None


class Answer(NamedTuple):
    """The columns of a query, and its rows as texts in batches."""

    header: tuple[str, ...]
    batches: Iterator[list[tuple]]


def is_server(path: str) -> bool:
    """Whether a path of sources.yml is the address of a database server."""
    return path.startswith(SERVERS)


def without_secrets(path: str) -> str:
    """The address of a server without user, password and options: what reports may show."""
    if not is_server(path):
        return path
    parts = urlsplit(path)
    return urlunsplit(("postgresql", parts.netloc.rpartition("@")[2], parts.path, "", ""))


def holds_password(path: str) -> bool:
    """Whether somebody wrote a password into an address."""
    parts = urlsplit(path)
    return parts.password is not None or any("password" in name.lower() for name, _ in parse_qsl(parts.query))


def label(asked: Asked, path: str) -> str:
    """What reports call the rows: the database, and its table or a mark of the query."""
    mark = asked.db_table or f"query {hashlib.sha256((asked.query or '').encode()).hexdigest()[:6]}"
    return f"{without_secrets(path)}#{mark}"


def with_log(path: Path) -> list[Path]:
    """A file, and beside a SQLite one the log of what was written to it last."""
    log = path.with_name(f"{path.name}-wal")
    return [path, log] if log.is_file() and log.stat().st_size else [path]


def open_sqlite(con: DuckDBPyConnection, path: Path, asked: Asked, spill: Path) -> Opened:
    """Open a table or query of a SQLite file. Raises `LayoutError` in words."""
    return _opened(con, lambda: _sqlite(path, asked), spill)


def open_postgres(con: DuckDBPyConnection, asked: Asked, spill: Path) -> Opened:
    """Open a table or query of a PostgreSQL server. Raises `LayoutError` in words, none of which is the password."""
    return _opened(con, lambda: _postgres(asked), spill)


def _opened(con, ask, spill: Path) -> Opened:
    with ask() as answer:
        header = answer.header
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise LayoutError(f"it gives the column(s) {', '.join(twice)} more than once; name one of each with AS")

    def load(wanted: set[int]) -> Raw:
        with ask() as answer:
            content = _Content(answer.batches, header, wanted)
            raw = store(con, header, content.rows(), content.rejects, wanted, spill)
        return raw._replace(sha256=content.sha256, notes=content.notes)

    return Opened(header, load, [])


class _Content:
    """Rows on their way, those with bytes that are no text set aside, and a hash of all in whatever order they came."""

    def __init__(self, batches: Iterator[list[tuple]], header: tuple[str, ...], wanted: set[int]):
        self.batches, self.header, self.wanted = batches, header, sorted(wanted)
        self.sum, self.decoded, self.rejects = 0, 0, []

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows, numbered from 1."""
        number = 0
        for batch in self.batches:
            for row in batch:
                number += 1
                texts = [_text(value) for value in row]
                self.sum += int.from_bytes(hashlib.sha256(repr(texts).encode("utf-8", "replace")).digest())
                if not (found := [place for place in self.wanted if isinstance(row[place], bytes)]):
                    yield number, texts
                elif binary := [place for place in found if _decoded(row[place]) is None]:
                    size = f"{self.header[binary[0]]}: {len(row[binary[0]]):,} bytes"
                    self.rejects.append(Reject(number, size, "binary"))
                else:
                    self.decoded += 1
                    yield number, texts

    @property
    def notes(self) -> tuple[tuple[str, dict], ...]:
        """What to know about the rows read so far."""
        return (("bytes_as_text", {"rows": self.decoded}),) if self.decoded else ()

    @property
    def sha256(self) -> str:
        """The hash of the rows read so far."""
        return f"{self.sum % (1 << 256):064x}"


@contextlib.contextmanager
def _sqlite(path: Path, asked: Asked) -> Iterator[Answer]:
    address = f"{path.resolve().as_uri()}?mode=ro"
    with _said(sqlite3.Error), contextlib.closing(_connected(address)) as db:
        cursor = db.execute(asked.query or f"select * from {_sqlite_table(db, asked.db_table)}")
        yield Answer(tuple(name for name, *_ in cursor.description), iter(lambda: cursor.fetchmany(BATCH), []))


def _connected(address: str) -> sqlite3.Connection:
    db = sqlite3.connect(address, uri=True, timeout=_PATIENCE)
    db.text_factory = lambda content: content.decode("utf-8", "replace")
    db.execute("pragma query_only = on")
    return db


def _sqlite_table(db: sqlite3.Connection, name: str | None) -> str:
    known = [
        found for (found,) in db.execute("select name from sqlite_schema where type in ('table', 'view') order by 1")
    ]
    return identifier(_known(name, known))


@contextlib.contextmanager
def _postgres(asked: Asked) -> Iterator[Answer]:
    psycopg = _driver()
    with _said(psycopg.Error), _server(psycopg, asked) as db, db.cursor("playbook") as cursor:
        cursor.itersize = BATCH
        cursor.execute(asked.query or f"select * from {_postgres_table(db, asked.db_table)}")
        header = tuple(column.name for column in cursor.description)
        yield Answer(header, iter(lambda: cursor.fetchmany(BATCH), []))


def _driver():
    try:
        import psycopg
    except ImportError:
        raise LayoutError("reading PostgreSQL needs its driver: pip install 'customer-playbook[postgres]'") from None
    return psycopg


def _server(psycopg, asked: Asked):
    """A connection whose transaction reads one state of the database, and gives every value as text."""
    db = psycopg.connect(_waiting(asked.path), password=_password(asked.password_env))
    db.read_only, db.isolation_level = True, psycopg.IsolationLevel.REPEATABLE_READ
    kept = {psycopg.adapters.types[name].oid for name in ("bool", "bytea")}
    for number in {type_.oid for type_ in psycopg.adapters.types} - kept:
        db.adapters.register_loader(number, psycopg.types.string.TextLoader)
    db.execute("set local timezone = 'UTC'")
    db.execute("set local datestyle = 'ISO, YMD'")
    db.execute("set local synchronize_seqscans = off")
    return db


def _waiting(address: str) -> str:
    parts = urlsplit(address)
    options = {"connect_timeout": str(_PATIENCE)} | dict(parse_qsl(parts.query))
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(options), ""))


def _password(variable: str | None) -> str | None:
    if variable and variable not in os.environ:
        raise LayoutError(f"the environment variable {variable} is to hold the password, but is not set")
    return os.environ[variable] if variable else None


def _postgres_table(db, name: str | None) -> str:
    found = db.execute(_TABLES).fetchall()
    here = {table: table for schema, table in found if schema == "public"}
    chosen = _known(name, [*here, *(f"{schema}.{table}" for schema, table in found)])
    schema, _, table = chosen.rpartition(".") if chosen not in here else ("public", "", chosen)
    return f"{identifier(schema)}.{identifier(table)}"


def _known(name: str | None, known: list[str]) -> str:
    if name is None:
        raise LayoutError(f"it is a database; say which table (db_table: {known[0] if known else 'orders'}) or query")
    if name not in known:
        raise LayoutError(f"it has no table '{name}'; {nearest(name, known)}")
    return name


@contextlib.contextmanager
def _said(errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise LayoutError(f"the database says: {said[0]}") from None


def _text(value) -> str:
    """A value as text that loses nothing; null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return _of_bytes(value) if isinstance(value, bytes) else str(value)


def _of_bytes(content: bytes) -> str:
    decoded = _decoded(content)
    return hashlib.sha256(content).hexdigest() if decoded is None else decoded


def _decoded(content: bytes) -> str | None:
    """The text that somebody stored as bytes; None where the bytes are no text."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if "".join(text.split()).isprintable() else None


_TABLES = """
select n.nspname, c.relname
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'v', 'm', 'f', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
order by 1, 2
"""
