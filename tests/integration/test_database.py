"""Tables and queries of databases: SQLite, and PostgreSQL where a server is there (`.ci/postgres pytest ...`)."""

import os
import sqlite3
from pathlib import Path

import pytest
from exports import declare, folder
from taken import take

import playbook
from playbook import integration
from playbook.integration import SourcesError, read_sources
from playbook.integration.readers import database
from playbook.integration.sources.queries import QueryError, check
from playbook.profile import models as profile
from playbook.run import data, steps
from playbook.run.workspace import Workspace

SERVER, PASSWORD = "PLAYBOOK_TEST_POSTGRES", "PLAYBOOK_TEST_POSTGRES_PASSWORD"
TABLE = [
    ("1", "a", "2025-03-04 10:00:00", 12.5),
    ("2", "b", "2025-02-30 10:00:00", 20),
    ("2", "b", None, 20),
    ("3", "", "2025-03-05 10:00:00", 1e15),
]


def sqlite(at: Path, values=TABLE) -> Path:
    at.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(at / "till.db")
    db.execute("create table sales (no text, member text, at text, paid numeric)")
    db.executemany("insert into sales values (?, ?, ?, ?)", values)
    db.commit()
    db.close()
    return at


def read(at, **more):
    return take(folder(at, {}, [declare("till.db", **more)]))


def test_a_table_of_sqlite_is_read_and_every_row_accounted_for(tmp_path):
    found = read(sqlite(tmp_path), db_table="sales")
    assert found.rows("orders", "order_id, amount :: varchar") == [("1", "12.50"), ("3", "1000000000000000.00")]
    assert found.rows("quarantine", 'file, "row", reason', '"row"') == [
        ("till.db#sales", 2, "impossible_date"),
        ("till.db#sales", 3, "missing"),
    ]
    assert found.rows("files", "rows, accepted, quarantined") == [(4, 2, 2)]


def test_a_query_names_and_computes_its_own_columns(tmp_path):
    query = "select no, member, at, paid * 2 as paid from sales where no <> '2' order by no"
    assert read(sqlite(tmp_path), query=query).rows("orders", "order_id, amount :: varchar")[0] == ("1", "25.00")


def test_what_is_still_in_the_log_of_sqlite_is_read_and_is_an_input(tmp_path):
    sqlite(tmp_path)
    db = sqlite3.connect(tmp_path / "till.db")
    db.execute("pragma journal_mode = wal")
    db.execute("insert into sales values ('4', 'd', '2025-03-05', 1)")
    db.commit()
    found = read(tmp_path, db_table="sales")
    assert len(found.rows("orders", "order_id")) == 3
    assert tmp_path / "till.db-wal" in read_sources(tmp_path).inputs()
    db.close()


BYTES = [
    ("1", b"\xff\x01", "2025-03-04", 1, b"\x89PNG"),
    ("2", "王伟".encode(), "2025-03-04", b"2", b"\x89PNG" * 400_000),
    ("3", b"a\x00", "2025-03-04", 3, None),
    ("4", "d", "2025-03-04", 4, b"\x89PNG"),
]


def test_bytes_are_read_where_they_are_text_and_set_aside_where_a_column_needs_them(tmp_path):
    db = sqlite3.connect(tmp_path / "till.db")
    db.execute("create table sales (no text, member, at text, paid, photo)")
    db.executemany("insert into sales values (?, ?, ?, ?, ?)", BYTES)
    db.commit()
    db.close()
    found = read(tmp_path, db_table="sales")
    assert found.rows("orders", "order_id, customer_key, amount :: int") == [("2", "王伟", 2), ("4", "d", 4)]
    told = [(1, "member: 2 bytes", "binary"), (3, "member: 2 bytes", "binary")]
    assert found.rows("quarantine", '"row", value, reason', '"row"') == told
    assert [said["rows"] for said in found.noted("bytes_as_text")] == [1]


REFUSED = {
    "has no table 'sale'; did you mean 'sales'": {"db_table": "sale"},
    "say which table .db_table: sales. or query": {},
    "the database says: no such column: nowhere": {"query": "select nowhere from sales"},
    "gives the column.s. no more than once": {"query": "select no, at, no from sales"},
    "give db_table or query, not both": {"query": "select 1", "db_table": "sales"},
    "must be one SELECT; it is DELETE": {"query": "delete from sales"},
    "must be one SELECT; it is 2 statements": {"query": "select 1; drop table sales"},
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_database_that_cannot_be_read_as_asked_is_refused_in_words(tmp_path, message):
    with pytest.raises(SourcesError, match=message) as error:
        read(sqlite(tmp_path), **REFUSED[message])
    assert "sources.yml, line" in str(error.value)


def test_a_file_that_only_says_it_is_a_database_is_refused(tmp_path):
    (tmp_path / "till.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 500)
    with pytest.raises(SourcesError, match=r"till.db#sales: the database says: file is not a database"):
        read(tmp_path, db_table="sales")


WRITES = [
    "insert into t values (1)",
    "with gone as (delete from t returning *) select * from gone",
    "select * into copy from t",
    "select * from t for update",
    "select pg_read_file('/etc/passwd')",
    "select nextval('s')",
    "copy t to '/tmp/x'",
    "selec * from",
]


@pytest.mark.parametrize("query", WRITES)
def test_only_what_reads_is_a_query(query):
    with pytest.raises(QueryError):
        check(query, "postgres")


def test_a_select_with_its_steps_and_unions_is_a_query():
    check("with a as (select 1 as x) select x from a union all select y from b where y > 1;", "postgres")


@pytest.mark.parametrize("path", ["postgresql://me:secret@db/erp", "postgres://me@db/erp?password=secret"])
def test_a_password_in_the_mapping_is_refused_and_never_repeated(tmp_path, path):
    with pytest.raises(SourcesError, match="take the password out") as error:
        take(folder(tmp_path, {}, [declare(path, db_table="sales")]))
    assert "secret" not in str(error.value)


def test_what_reports_call_a_server_names_no_user():
    assert database.without_secrets("postgres://me@db:5432/erp?sslmode=require") == "postgresql://db:5432/erp"


# PostgreSQL


@pytest.fixture
def server():
    """The address of a server with a table of every awkward type."""
    if SERVER not in os.environ:
        pytest.skip(f"no PostgreSQL server: run `.ci/postgres pytest`, or set {SERVER} and {PASSWORD}")
    psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    with psycopg.connect(os.environ[SERVER], password=os.environ[PASSWORD], autocommit=True) as db:
        db.execute("drop schema if exists shop cascade")
        db.execute("create schema shop")
        db.execute(
            "create table shop.sales"
            " (no bigint, member text, at timestamptz, paid numeric(18, 2), staff boolean, note text)"
        )
        db.execute(
            "insert into shop.sales"
            " select n, 'm' || n % 7, timestamptz '2025-03-04 00:00+08' + n * interval '1 second', n, n % 5 = 0, null"
            " from generate_series(1, 12000) as n"
        )
        db.execute("insert into shop.sales values (12001, '1,\"x\"\n', 'infinity', 'NaN', null, '')")
        db.execute(
            "create function shop.forget(bigint) returns bigint language sql as"
            " 'delete from shop.sales where no = $1 returning no'"
        )
        yield os.environ[SERVER]


def sales(server, at, password=PASSWORD, **more):
    asked = {"db_table": "shop.sales"} if "query" not in more else {}
    declared = declare(server, "orders", "erp", password_env=password, **asked, **more)
    return folder(at, {}, [declared], time_zone="Asia/Shanghai")


def test_a_table_of_postgres_is_streamed_and_every_row_accounted_for(server, tmp_path):
    found = take(sales(server, tmp_path, internal="staff = 'true'"))
    assert found.rows("files", "rows, accepted, quarantined") == [(12001, 12000, 1)]
    assert found.rows("orders", "order_id, ordered_at :: varchar, amount :: varchar", "ordered_at")[0] == (
        "1",
        "2025-03-04 00:00:01",
        "1.00",
    )
    assert found.rows("quarantine", '"row", reason', '"column"')[0] == (12001, "not_a_date")
    assert found.rows("orders", "count(*) filter (internal)") == [(2400,)]


def test_the_same_rows_have_the_same_hash_in_whatever_order_they_come(server, tmp_path):
    def hashed(order):
        query = f"select no, member, at, paid from shop.sales where no <= 9000 order by no {order}"
        found = take(sales(server, tmp_path / order, query=query))
        return found.reading.files[0].raw.sha256

    assert hashed("asc") == hashed("desc")


def test_bytes_of_postgres_are_no_key(server, tmp_path):
    found = take(sales(server, tmp_path, query="select 1 as no, 'ff01' :: bytea as member, now() as at, 1 as paid"))
    assert found.rows("orders", "customer_key") == [("ff01",)]
    binary = "select 1 as no, '\\xff01' :: bytea as member, now() as at, 1 as paid"
    found = take(sales(server, tmp_path / "binary", query=f"{binary} union all select 2, 'b', now(), 1"))
    assert found.rows("quarantine", '"row", reason') == [(1, "binary")]


def test_a_query_runs_where_nothing_can_be_written(server, tmp_path):
    query = "select no, member, at, shop.forget(no) as paid from shop.sales"
    with pytest.raises(SourcesError, match="the database says: cannot execute DELETE in a read-only transaction"):
        take(sales(server, tmp_path, query=query))


def test_the_password_is_in_no_error(server, tmp_path, monkeypatch):
    with pytest.raises(SourcesError, match="the environment variable ERP_PASSWORD is to hold the password"):
        take(sales(server, tmp_path, "ERP_PASSWORD"))
    monkeypatch.setenv("ERP_PASSWORD", "open sesame")
    with pytest.raises(SourcesError, match="password authentication failed") as error:
        take(sales(server, tmp_path, "ERP_PASSWORD"))
    assert "sesame" not in str(error.value)
    with pytest.raises(SourcesError, match=r"has no table 'shop.sale'; did you mean 'shop.sales'"):
        take(folder(tmp_path, {}, [declare(server, db_table="shop.sale", password_env=PASSWORD)]))


def test_a_server_that_is_not_there_is_said_within_seconds(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(SourcesError, match=r"postgresql://127.0.0.1:1/erp#sales: the database says: connection"):
        take(folder(tmp_path, {}, [declare("postgresql://127.0.0.1:1/erp", db_table="sales")]))


def test_a_server_is_read_again_by_every_run_and_its_password_stays_nowhere(server, tmp_path, monkeypatch):
    found = data.find(str(sales(server, tmp_path / "erp")))
    place = Workspace(tmp_path / "runs", "erp")
    plan = steps.Plan("retail", profile.load("retail"), found, None, place, "en", steps.notebooks()[:1])

    def read_in(notebook, out, parameters, environment):
        with monkeypatch.context() as patched:
            for name, value in environment.items():
                patched.setenv(name, value)
            integration.build(playbook.open_run(**parameters))

    builds = [place.new_build(), place.new_build()]
    assert [steps.carry_out(plan, build, read_in) for build in builds] == [["01_integration"], ["01_integration"]]
    first, second = (steps.read_records(build, "databases") for build in builds)
    assert first == second
    assert first["001"]["rows"] == 12001
    written = [path.read_bytes() for path in place.root.rglob("*") if path.is_file()]
    assert not any(os.environ[PASSWORD].encode() in content for content in written)
