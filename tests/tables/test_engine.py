"""The engine: handles that cannot be rebound, typed and ordered files, no way out."""

from datetime import date

import duckdb
import pandas as pd
import pytest

from playbook.tables.engine import Engine, EngineError
from playbook.tables.schema import schema_of


@pytest.fixture
def engine():
    return Engine()


def test_a_handle_keeps_reading_its_own_input_when_a_name_is_bound_again(engine):
    doubled = engine.sql("select 2 * x as y from numbers", numbers=engine.sql("select 1 as x"))
    engine.sql("select 3 * x as y from numbers", numbers=engine.sql("select 100 as x"))
    assert doubled.scalar() == 2


def test_a_value_bound_by_name_stays_with_its_handle(engine):
    before = engine.sql("select $as_of as as_of", params={"as_of": date(2026, 6, 30)})
    engine.sql("select $as_of as as_of", params={"as_of": date(2020, 1, 1)})
    assert before.scalar() == date(2026, 6, 30)


def test_a_saved_table_has_its_schemas_types_and_order(engine, tmp_path):
    frame = pd.DataFrame({"customer_id": ["b", "a"], "tier": ["new", "lost"], "lifecycle": ["new", "lost"],
                          "frequency": [1.0, 2.0], "monetary": [1.005, 2.0]})  # fmt: skip
    saved = engine.frame(frame).save(tmp_path / "rfm.parquet", schema_of("rfm"))
    assert [row[0] for row in saved.rows()] == ["a", "b"]
    assert [str(kind) for kind in saved.relation.types][3:5] == ["BIGINT", "DECIMAL(18,2)"]


def test_a_missing_required_column_is_named_with_what_there_is(engine, tmp_path):
    with pytest.raises(EngineError, match=r"rfm lacks column\(s\) .*'tier'.*it has \['customer_id'\]"):
        engine.sql("select 'a' as customer_id").save(tmp_path / "rfm.parquet", schema_of("rfm"))


def test_a_handle_shows_its_first_ten_rows_and_their_number_in_a_notebook(engine):
    shown = engine.sql("select i as number from range(1234) as r(i)")._repr_html_()
    assert [f"<td>{number}</td>" in shown for number in (0, 9, 10)] == [True, True, False]
    assert "the first 10 of 1,234 rows" in shown


def test_what_a_notebook_shows_of_a_table_is_no_markup(engine):
    shown = engine.sql("""select '<b onclick="x()">' as name, 1 as "<i>" """)._repr_html_()
    assert "&lt;b onclick" in shown and "&lt;i&gt;" in shown and "<b" not in shown and "<i>" not in shown


def test_the_head_of_a_table_is_a_frame_of_its_first_rows(engine):
    assert engine.sql("select i as number from range(9) as r(i)").head(3).number.to_list() == [0, 1, 2]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_change_no_byte_of_a_table(threads, tmp_path):
    text = """select 'c' || (i % 997) as customer_id, sum(i % 101)::decimal(18, 2) as monetary, count(*) as frequency,
                     'regular' as tier, 'active' as lifecycle from range(200000) as r(i) group by 1"""
    Engine(threads=1).sql(text).save(tmp_path / "one.parquet", schema_of("rfm"))
    Engine(threads=threads).sql(text).save(tmp_path / "many.parquet", schema_of("rfm"))
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "many.parquet").read_bytes()


def test_nothing_outside_the_allowed_folders_is_read_or_written_after_lock_down(engine, tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir(), outside.mkdir()
    engine.lock_down([inside])
    engine.con.execute(f"copy (select 1 as x) to '{inside}/x.parquet'")
    with pytest.raises(duckdb.PermissionException):
        engine.con.execute(f"copy (select 1 as x) to '{outside}/x.parquet'")
    with pytest.raises(duckdb.Error):
        engine.con.execute("set enable_external_access = true")
