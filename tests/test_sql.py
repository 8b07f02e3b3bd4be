"""Every .sql file: carried to Spark by sqlglot, with functions from a list, and a first comment that says its row."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

PACKAGE = Path(__file__).resolve().parents[1] / "playbook"
FILES = sorted(PACKAGE.rglob("*.sql"))

#: What both engines compute alike. Whoever adds one looks at its edge cases first: nulls, division, rounding.
ALLOWED = {
    "abs", "avg", "case", "cast", "ceil", "coalesce", "count", "datediff", "greatest", "in", "least", "lower", "max",
    "median", "min", "nullif", "quantile_disc", "row_number", "round", "string_agg", "sum", "trim", "try_cast", "upper",
    "lead", "lag", "exists", "length", "replace", "concat", "substring", "md5", "array", "and", "or",
}  # fmt: skip


def functions(text: str) -> set[str]:
    tree = sqlglot.parse_one(text, read="duckdb")
    return {_name(node) for node in tree.find_all(exp.Func)}


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


@pytest.mark.parametrize("text", ["select percentile_cont(x, 0.5) from t", "select any_value(x) from t"])
def test_a_function_that_differs_is_found(text):
    assert functions(text) - ALLOWED
