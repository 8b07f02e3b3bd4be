"""Every .sql file: carried to Spark by sqlglot, with functions from a list, and a first comment that says its row."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

PACKAGE = Path(__file__).resolve().parents[1] / "playbook"
#: macros.sql makes values of the texts of files, which only DuckDB reads; everything after it is carried.
FILES = sorted(path for path in PACKAGE.rglob("*.sql") if path.name != "macros.sql")

#: What both engines compute alike, by sqlglot's names (if: case when; group_concat: string_agg; percentile_disc:
#: quantile_disc, never its ordered form, which becomes approximate in silence). Whoever adds one looks at its edge
#: cases first: nulls, division, rounding.
ALLOWED = {
    "abs", "and", "arg_max", "array", "avg", "case", "cast", "ceil", "coalesce", "concat", "concat_ws", "count",
    "datediff", "dense_rank", "exists", "floor", "greatest", "group_concat", "if", "in", "lag", "lead", "least",
    "length", "ln", "lower", "max", "md5", "median", "min", "nullif", "or", "percentile_disc", "replace", "round",
    "row_number", "sha2", "substring", "sum", "timestamp_trunc", "trim", "try_cast", "upper",
}  # fmt: skip


def functions(text: str) -> set[str]:
    tree = sqlglot.parse_one(text, read="duckdb")
    ordered = {"within_group" for _ in tree.find_all(exp.WithinGroup)}
    return ordered | {_name(node) for node in tree.find_all(exp.Func)}


def _name(node: exp.Func) -> str:
    return node.name.lower() if isinstance(node, exp.Anonymous) else node.sql_name().lower()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_query_can_be_carried_to_spark(path):
    [carried] = sqlglot.transpile(
        path.read_text(encoding="utf-8"), read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    sqlglot.parse_one(carried, read="spark")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_query_uses_only_functions_that_both_engines_compute_alike(path):
    assert functions(path.read_text(encoding="utf-8")) - ALLOWED == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_first_comment_says_what_one_row_is(path):
    assert path.read_text(encoding="utf-8").startswith("-- One row")


@pytest.mark.parametrize(
    "text", ["select percentile_cont(0.5) within group (order by x) from t", "select any_value(x) from t"]
)
def test_a_function_that_differs_is_found(text):
    assert functions(text) - ALLOWED
