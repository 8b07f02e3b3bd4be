"""Rules: a condition of the business, checked against the columns there are, as a syntax tree and as SQL."""

from collections.abc import Collection, Iterable, Mapping

from sqlglot import exp

from playbook.tables import expressions
from playbook.tables.expressions import CONDITIONS, ExpressionError
from playbook.tables.nearest import nearest


def parse(text: str, columns: Collection[str]) -> exp.Expression:
    """The checked syntax tree of a value or condition over named columns; `ExpressionError` for any other column."""

    def check(column: exp.Column) -> None:
        if column.table:
            raise ExpressionError(f"'{column.sql()}' in '{text}': name the column alone, without a table.")
        if column.name not in columns:
            raise ExpressionError(f"'{column.name}' in '{text}' is not known here; {nearest(column.name, columns)}")

    return expressions.parse(text, check)


def condition(text: str, columns: Collection[str], constants: Mapping[str, float] | None = None) -> exp.Expression:
    """The checked syntax tree of a condition; named constants stand for their values."""
    constants = constants or {}
    tree = parse(text, [*columns, *constants])
    if not isinstance(tree.unnest(), CONDITIONS) and not tree.name.startswith("is_"):
        raise ExpressionError(f"'{text}' is a value, not a condition; compare it with something, as in '{text} >= 1'.")
    for column in [column for column in tree.find_all(exp.Column) if column.name in constants]:
        column.replace(exp.Literal.number(constants[column.name]))
    return tree


def compile_rule(text: str, columns: Collection[str], constants: Mapping[str, float] | None = None) -> str:
    """A condition as SQL that is true or false for every row, never null.

    >>> compile_rule("frequency >= often", ["frequency"], {"often": 3})
    'coalesce(frequency >= 3, false)'
    """
    return f"coalesce({condition(text, columns, constants).sql(dialect='duckdb')}, false)"


def first_match(
    rules: Iterable[tuple[str, str]], columns: Collection[str], constants: Mapping[str, float] | None = None
) -> str:
    """A CASE expression that gives the key of the first rule that holds; `rules` are pairs of key and rule."""
    whens = " ".join(f"when {compile_rule(rule, columns, constants)} then '{key}'" for key, rule in rules)
    return f"case {whens} end"
