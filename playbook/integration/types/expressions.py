"""Expressions of a mapping: parsed, checked, then SQL over the texts of a file. Nothing reaches the engine unread."""

from typing import NamedTuple

import sqlglot
from sqlglot import exp

from playbook.integration.types.texts import folded
from playbook.tables import expressions
from playbook.tables.expressions import (
    ARITHMETIC,
    CHOICES,
    COMPARISONS,
    CONDITIONS,
    NUMERIC_FUNCTIONS,
    TEXT_FUNCTIONS,
    ExpressionError,
    UnreadableExpression,
)
from playbook.tables.nearest import nearest

_TEXTUAL = (*TEXT_FUNCTIONS, exp.Like, exp.ILike, exp.StartsWith)


class Expression(NamedTuple):
    """A checked expression: its SQL, whether it is a number, a condition or a text, and the columns it reads."""

    sql: str
    kind: str
    columns: tuple[int, ...]
    label: str

    @property
    def is_column(self) -> bool:
        """Whether it is one column as it stands."""
        return self.kind == "column"


class Header:
    """The columns of a file, found by name whatever the case, width and spaces of its writing."""

    def __init__(self, names: tuple[str, ...], decimal: str = "."):
        self.names, self.decimal = names, decimal
        self._numbers: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            self._numbers.setdefault(folded(name), []).append(number)

    def find(self, name: str) -> int | None:
        """The number of a column, or None; a name that fits two columns is an error."""
        if name in self.names:
            return self.names.index(name)
        numbers = self._numbers.get(folded(name), [])
        if len(numbers) > 1:
            both = " and ".join(f"'{self.names[number]}'" for number in numbers)
            raise ExpressionError(f"'{name}' may be {both}; write it exactly as the file does.")
        return numbers[0] if numbers else None

    def number(self, name: str) -> int:
        """The number of a column; `ExpressionError` with the nearest name where there is none."""
        if (number := self.find(name)) is None:
            raise ExpressionError(f"there is no column '{name}'; {nearest(name, filter(None, self.names))}")
        return number

    def number_of(self, column: exp.Column) -> int:
        """The number of a column in an expression; its name may be that of a field within a field of JSON."""
        return self.number(".".join(part.name for part in column.parts))


def compile_value(text: str, header: Header) -> Expression:
    """A column by its name, or an expression over columns: a number where it computes, else a text."""
    if (number := header.find(text)) is not None:
        return Expression(f"c{number}", "column", (number,), header.names[number])
    tree = _parsed(text, header)
    if isinstance(tree, exp.Column):
        return compile_value(header.names[header.number_of(tree)], header)
    kind = "number" if _is_number(tree) else "condition" if isinstance(tree.unnest(), CONDITIONS) else "text"
    return _compiled(tree, kind, text, header)


def compile_condition(text: str, header: Header) -> Expression:
    """A condition over columns: SQL that is true or false for every row, never null."""
    tree = _parsed(text, header)
    if not isinstance(tree.unnest(), CONDITIONS):
        raise ExpressionError(f"'{text}' is a value, not a condition; compare it, as in \"{text} = 'x'\".")
    condition = _compiled(tree, "condition", text, header)
    return condition._replace(sql=f"coalesce({condition.sql}, false)")


def _compiled(tree: exp.Expression, kind: str, text: str, header: Header) -> Expression:
    """The SQL of a tree; a column is a number in arithmetic and beside numbers, else a text."""

    def as_typed(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column):
            return node
        cell = f"c{header.number_of(node)}"
        number = f"number_in({f'with_point({cell})' if header.decimal == ',' else cell})"
        sql = number if _asks_for_number(node) else f"nullif(half_width({cell}), '')"
        return sqlglot.parse_one(sql, dialect="duckdb")

    columns = tuple(sorted({header.number_of(column) for column in tree.find_all(exp.Column)}))
    sql = tree.copy().transform(as_typed).sql(dialect="duckdb")
    return Expression(f"try({sql})" if kind == "number" else sql, kind, columns, text)


def _parsed(text: str, header: Header) -> exp.Expression:
    try:
        return expressions.parse(text, header.number_of)
    except UnreadableExpression as error:
        raise ExpressionError(
            f"'{text}' is neither a column nor an expression that reads; {nearest(text, filter(None, header.names))}"
            ' Inside an expression a name with other signs than letters stands in double quotes: "unit price" *'
            f" quantity. ({error})"
        ) from None


def _asks_for_number(node: exp.Expression) -> bool:
    child, parent = node, node.parent
    while isinstance(parent, (exp.Paren, *CHOICES)):
        child, parent = parent, parent.parent
    if isinstance(parent, ARITHMETIC + NUMERIC_FUNCTIONS):
        return True
    others = [other for other in (parent.iter_expressions() if parent else ()) if other is not child]
    return isinstance(parent, COMPARISONS) and bool(others) and all(_is_number(other) for other in others)


def _is_number(node: exp.Expression) -> bool:
    node = node.unnest()
    if isinstance(node, exp.Literal):
        return not node.is_string
    if isinstance(node, exp.Coalesce | exp.Case | exp.If):
        return any(_is_number(part) for part in node.iter_expressions() if not isinstance(part, _TEXTUAL + COMPARISONS))
    return isinstance(node, ARITHMETIC + NUMERIC_FUNCTIONS)
