"""Expressions that users write, in rules and mappings: parsed and checked against one list before they become SQL."""

from collections.abc import Callable

import sqlglot
from sqlglot import exp

LOGIC = (exp.And, exp.Or, exp.Not, exp.Paren, exp.Boolean)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
CONDITIONS = (*LOGIC, *COMPARISONS, exp.Is, exp.Like, exp.ILike, exp.StartsWith)
ARITHMETIC = (exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div)
NUMERIC_FUNCTIONS = (exp.Abs, exp.Round, exp.Least, exp.Greatest)
CHOICES = (exp.Case, exp.If, exp.Coalesce, exp.Nullif)
TEXT_FUNCTIONS = (
    exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Left, exp.Right, exp.Replace, exp.Concat, exp.DPipe,
)  # fmt: skip
VALUES = (exp.Column, exp.Identifier, exp.Literal, exp.Null)

#: All that an expression may be made of: no casts, subqueries, statements, or functions that read files.
ALLOWED = (*VALUES, *CONDITIONS, *ARITHMETIC, *NUMERIC_FUNCTIONS, *CHOICES, *TEXT_FUNCTIONS)


class ExpressionError(ValueError):
    """An expression that cannot be used; the message names the part at fault and what would do."""


class UnreadableExpression(ExpressionError):
    """A text that is not one expression."""


def parse(text: str, check_column: Callable[[exp.Column], object]) -> exp.Expression:
    """The syntax tree of an expression in DuckDB's SQL, made of nothing but what is `ALLOWED`.

    `check_column` is called with each column and raises `ExpressionError` for one that does not exist; so does `parse`
    for what does not parse or is not allowed.
    """
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        reason = str(error).splitlines()[0]
        raise UnreadableExpression(f"'{text}' does not read as a condition or a value: {reason}") from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Expression) or isinstance(tree, exp.Alias):
        message = f"'{text}' must be one condition, such as 'frequency >= 3 and monetary >= 500', or one value."
        raise UnreadableExpression(message)
    for node in tree.walk():
        if not isinstance(node, ALLOWED):
            raise ExpressionError(
                f"'{node.sql(dialect='duckdb')}' in '{text}' is not allowed in a rule or mapping; columns, texts,"
                " numbers, + - * /, comparisons, like, in, between, is null, and, or, not, case, coalesce, nullif, abs,"
                " round, least, greatest, lower, upper, trim, substring, left, right, replace, concat, starts_with and"
                " || are."
            )
        if isinstance(node, exp.Column):
            check_column(node)
    return tree
