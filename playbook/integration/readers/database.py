"""Rows of a database: a table, or one SELECT, of SQLite or PostgreSQL, read in a transaction that cannot write."""

import contextlib
import hashlib
import itertools
import os
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from duckdb import DuckDBPyConnection

from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.raw_table import Opened, Raw, Reject, plain_text
from playbook.integration.readers.records import Row, store
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


def open_database(con: DuckDBPyConnection, asked: Asked, spill: Path, path: Path | None = None) -> Opened:
    """Open a table or query of the SQLite file at `path`, or, without one, of the PostgreSQL server that is asked.

    Raises `LayoutError` in words, none of which is the password.
    """
    ask = partial(_sqlite, path, asked) if path else partial(_postgres, asked)
    with ask() as answer:
        header = answer.header
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise LayoutError(f"it gives the column(s) {', '.join(twice)} more than once; name one of each with AS")

    def load(wanted: set[int]) -> Raw:
        with ask() as answer:
            content = _Content(answer.batches, header, wanted)
            raw = store(con, header, content.rows(), wanted, spill)
        notes = (("bytes_as_text", {"rows": content.decoded}),) if content.decoded else ()
        return raw._replace(sha256=f"{content.sum % (1 << 256):064x}", notes=notes)

    return Opened(header, load, [])


class _Content:
    """Rows on their way, those with bytes that are no text set aside, and a hash of all in whatever order they came."""

    def __init__(self, batches: Iterator[list[tuple]], header: tuple[str, ...], wanted: set[int]):
        self.batches, self.header, self.wanted = batches, header, sorted(wanted)
        self.sum = self.decoded = 0

    def rows(self) -> Iterator[Row]:
        """The rows, numbered from 1, and the rejects."""
        for number, row in enumerate(itertools.chain.from_iterable(self.batches), 1):
            texts = [_text(value) for value in row]
            self.sum += int.from_bytes(hashlib.sha256(repr(texts).encode("utf-8", "replace")).digest())
            in_bytes = [column for column in self.wanted if isinstance(row[column], bytes)]
            if binary := [column for column in in_bytes if _decoded(row[column]) is None]:
                size = f"{self.header[binary[0]]}: {len(row[binary[0]]):,} bytes"
                yield Reject(number, size, "binary")
            else:
                self.decoded += bool(in_bytes)
                yield number, texts


@contextlib.contextmanager
def _sqlite(path: Path, asked: Asked) -> Iterator[Answer]:
    """The answer of a file that cannot be written to."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    with _in_words(sqlite3.Error), contextlib.closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as db:
        db.text_factory = lambda content: content.decode("utf-8", "replace")
        db.execute("pragma query_only = on")
        query = asked.query
        if not query:
            tables = db.execute("select name from sqlite_schema where type in ('table', 'view') order by 1").fetchall()
            query = f"select * from {identifier(_one_of(asked.db_table, [name for (name,) in tables]))}"
        cursor = db.execute(query)
        yield Answer(tuple(name for name, *_ in cursor.description), iter(lambda: cursor.fetchmany(BATCH), []))


@contextlib.contextmanager
def _postgres(asked: Asked) -> Iterator[Answer]:
    """The answer of a server, whose transaction reads one state of the database."""
    try:
        import psycopg
    except ImportError:
        raise LayoutError("reading PostgreSQL needs its driver: pip install 'customer-playbook[postgres]'") from None
    with _in_words(psycopg.Error), _connected(psycopg, asked) as db, db.cursor("playbook") as cursor:
        cursor.itersize = BATCH
        query = asked.query
        if not query:
            tables = db.execute(_TABLES).fetchall()
            here = [table for schema, table in tables if schema == "public"]
            chosen = _one_of(asked.db_table, [*here, *(f"{schema}.{table}" for schema, table in tables)])
            schema, _, table = ("public", "", chosen) if chosen in here else chosen.rpartition(".")
            query = f"select * from {identifier(schema)}.{identifier(table)}"
        cursor.execute(query)
        header = tuple(column.name for column in cursor.description)
        yield Answer(header, iter(lambda: cursor.fetchmany(BATCH), []))


def _connected(psycopg, asked: Asked):
    """A read-only connection that gives every value but truth values and bytes as text."""
    variable, parts = asked.password_env, urlsplit(asked.path)
    if variable and variable not in os.environ:
        raise LayoutError(f"the environment variable {variable} is to hold the password, but is not set")
    options = urlencode({"connect_timeout": str(_PATIENCE)} | dict(parse_qsl(parts.query)))
    address = urlunsplit(("postgresql", parts.netloc, parts.path, options, ""))
    db = psycopg.connect(address, password=os.environ[variable] if variable else None)
    db.read_only = True
    db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    kept = {psycopg.adapters.types[name].oid for name in ("bool", "bytea")}
    for number in {type_.oid for type_ in psycopg.adapters.types} - kept:
        db.adapters.register_loader(number, psycopg.types.string.TextLoader)
    for setting in ("timezone = 'UTC'", "datestyle = 'ISO, YMD'", "synchronize_seqscans = off"):
        db.execute(f"set local {setting}")
    return db


def _one_of(name: str | None, tables: list[str]) -> str:
    """The name of a table, if it is one of those there are."""
    if name is None:
        raise LayoutError(f"it is a database; say which table (db_table: {(*tables, 'orders')[0]}) or query")
    if name not in tables:
        raise LayoutError(f"it has no table '{name}'; {nearest(name, tables)}")
    return name


@contextlib.contextmanager
def _in_words(errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise LayoutError(f"the database says: {lines[0]}") from None


def _text(value) -> str:
    """A value as text that loses nothing; null is empty, bytes that are no text become their hash."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        decoded = _decoded(value)
        return hashlib.sha256(value).hexdigest() if decoded is None else decoded
    return plain_text(value)


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
