"""Rule expressions: a business condition is parsed and checked, and only then becomes SQL."""

import difflib
from collections.abc import Collection, Iterable

import sqlglot
from sqlglot import exp


class RuleError(ValueError):
    """A rule that cannot be used; the message names the part at fault and what would do."""


_LOGIC = (exp.And, exp.Or, exp.Not, exp.Paren, exp.Boolean)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Is, exp.Like, exp.ILike)
_VALUES = (exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div)
_FUNCTIONS = (exp.Coalesce, exp.Nullif, exp.Abs, exp.Round, exp.Least, exp.Greatest, exp.Case, exp.If)

CONDITION = _LOGIC + _COMPARISONS + _VALUES + _FUNCTIONS
ALLOWED_FUNCTIONS = tuple(sorted(node.__name__.lower() for node in _FUNCTIONS))


def parse(text: str, columns: Collection[str], *, allowed: tuple = CONDITION) -> exp.Expression:
    """The checked syntax tree of an expression over named columns.

    Raises `RuleError` for what does not parse, for a column that is not among `columns` and for any node that is not
    allowed: subqueries, file functions, casts and statements among them.
    """
    tree = _tree(text)
    for node in tree.walk():
        _check_node(node, text, allowed)
    for column in tree.find_all(exp.Column):
        _check_column(column, text, columns)
    return tree


def compile_rule(text: str, columns: Collection[str], constants: dict[str, float] | None = None) -> str:
    """A condition as SQL that is true or false for every row, never null."""
    return f"coalesce({condition(text, columns, constants).sql(dialect='duckdb')}, false)"


def condition(text: str, columns: Collection[str], constants: dict[str, float] | None = None) -> exp.Expression:
    """The checked syntax tree of a condition; named constants stand for their values."""
    constants = constants or {}
    tree = parse(text, [*columns, *constants])
    if not isinstance(tree.unnest(), _LOGIC + _COMPARISONS) and not tree.name.startswith("is_"):
        raise RuleError(f"'{text}' is a value, not a condition; compare it with something, as in '{text} >= 1'.")
    return tree.transform(lambda node: _constant(node, constants))


def first_match(
    rules: Iterable[tuple[str, str]], columns: Collection[str], constants: dict[str, float] | None = None
) -> str:
    """A CASE expression that gives the key of the first rule that holds."""
    whens = " ".join(f"when {compile_rule(rule, columns, constants)} then '{key}'" for key, rule in rules)
    return f"case {whens} end"


def nearest(name: str, names: Iterable[str]) -> str:
    """The most similar known name in words, or the list of all."""
    known = sorted(names)
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(known)}."


def _tree(text: str) -> exp.Expression:
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise RuleError(f"'{text}' does not read as a condition: {_first_line(error)}") from error
    if len(trees) != 1 or trees[0] is None:
        raise RuleError(f"'{text}' must be one condition, such as 'frequency >= 3 and monetary >= 500'.")
    return trees[0]


def _check_node(node: exp.Expression, text: str, allowed: tuple) -> None:
    if not isinstance(node, allowed):
        what = node.sql(dialect="duckdb")
        raise RuleError(
            f"'{what}' in '{text}' is not allowed in a rule; comparisons, and, or, not, between, in, + - * /"
            f" and the functions {', '.join(ALLOWED_FUNCTIONS)} are."
        )
    if isinstance(node, exp.Anonymous):
        raise RuleError(f"the function '{node.name}' is not allowed; {', '.join(ALLOWED_FUNCTIONS)} are.")


def _check_column(column: exp.Column, text: str, columns: Collection[str]) -> None:
    if column.table:
        raise RuleError(f"'{column.sql()}' in '{text}': name the column alone, without a table.")
    if column.name not in columns:
        raise RuleError(f"'{column.name}' in '{text}' is not known here; {nearest(column.name, columns)}")


def _constant(node: exp.Expression, constants: dict[str, float]) -> exp.Expression:
    named = isinstance(node, exp.Column) and node.name in constants
    return exp.Literal.number(constants[node.name]) if named else node


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
