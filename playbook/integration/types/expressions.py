"""Expressions of a mapping: parsed, checked, then SQL over the texts of a file. Nothing reaches the engine unread."""

import re
from typing import NamedTuple

import sqlglot
from sqlglot import exp

from playbook.integration.sources.locate import nearest
from playbook.integration.types import numbers
from playbook.integration.types.texts import half

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg)
_NUMERIC_FUNCTIONS = (exp.Abs, exp.Round)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
_CONDITIONS = (*_COMPARISONS, exp.Like, exp.ILike, exp.Is, exp.And, exp.Or, exp.Not, exp.Boolean, exp.StartsWith)
_TEXT_FUNCTIONS = (
    exp.Lower,
    exp.Upper,
    exp.Trim,
    exp.Substring,
    exp.Left,
    exp.Right,
    exp.Replace,
    exp.Concat,
    exp.DPipe,
)
_OTHERS = (exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Paren, exp.Coalesce, exp.Nullif, exp.Case, exp.If)
_ALLOWED = _ARITHMETIC + _NUMERIC_FUNCTIONS + _CONDITIONS + _TEXT_FUNCTIONS + _OTHERS
_TEXTUAL = (*_TEXT_FUNCTIONS, exp.Like, exp.ILike, exp.StartsWith)


class ExpressionError(ValueError):
    """An expression that cannot be used; the message names the part at fault and what would do."""


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
        self._numbers = {name: number for number, name in reversed(list(enumerate(names)))}
        self._alike: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            self._alike.setdefault(alike(name), []).append(number)

    def find(self, name: str) -> int | None:
        """The number of a column, or None; a name that fits two columns is an error."""
        if name in self._numbers:
            return self._numbers[name]
        found = self._alike.get(alike(name), [])
        if len(found) > 1:
            both = " and ".join(f"'{self.names[number]}'" for number in found)
            raise ExpressionError(f"'{name}' may be {both}; write it exactly as the file does.")
        return found[0] if found else None

    def unknown(self, name: str) -> ExpressionError:
        """The error for a name that no column has."""
        return ExpressionError(f"there is no column '{name}'; {nearest(name, filter(None, self.names))}")


def alike(name: str) -> str:
    """A name as it is compared: half-width, lower case, one space for many, none around."""
    folded = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in name.replace("\u3000", " "))
    return re.sub(r"\s+", " ", re.sub("[\u200b-\u200f\ufeff]", "", folded)).strip().casefold()


def compile_value(text: str, header: Header) -> Expression:
    """A column by its name, or an expression over columns: a number where it computes, else a text."""
    if (number := header.find(text)) is not None:
        return Expression(f"c{number}", "column", (number,), header.names[number])
    tree = _parsed(text, header)
    if isinstance(tree, exp.Column):
        return compile_value(header.names[_find(tree, header)], header)
    kind = "number" if _is_number(tree) else "condition" if isinstance(tree.unnest(), _CONDITIONS) else "text"
    return _compiled(tree, kind, text, header)


def compile_condition(text: str, header: Header) -> Expression:
    """A condition over columns: SQL that is true or false for every row, never null."""
    tree = _parsed(text, header)
    if not isinstance(tree.unnest(), _CONDITIONS):
        raise ExpressionError(f"'{text}' is a value, not a condition; compare it, as in \"{text} = 'x'\".")
    made = _compiled(tree, "condition", text, header)
    return made._replace(sql=f"coalesce({made.sql}, false)")


def _compiled(tree: exp.Expression, kind: str, text: str, header: Header) -> Expression:
    columns = tuple(sorted({_find(column, header) for column in tree.find_all(exp.Column)}))
    typed = tree.copy().transform(lambda node: _typed(node, header))
    sql = typed.sql(dialect="duckdb")
    return Expression(f"try({sql})" if kind == "number" else sql, kind, columns, text)


def _parsed(text: str, header: Header) -> exp.Expression:
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise ExpressionError(f"{_neither(text, header)} ({str(error).splitlines()[0]})") from None
    if len(trees) != 1 or trees[0] is None or isinstance(trees[0], exp.Alias):
        raise ExpressionError(_neither(text, header))
    for node in trees[0].walk():
        _check(node, text, header)
    return trees[0]


def _neither(text: str, header: Header) -> str:
    return (
        f"'{text}' is neither a column nor an expression that reads; {nearest(text, filter(None, header.names))}"
        ' Inside an expression a name with other signs than letters stands in double quotes: "unit price" * quantity.'
    )


def _check(node: exp.Expression, text: str, header: Header) -> None:
    if isinstance(node, exp.Column):
        _find(node, header)
    elif not isinstance(node, _ALLOWED):
        raise ExpressionError(
            f"'{node.sql(dialect='duckdb')}' in '{text}' is not allowed; columns, texts, numbers, + - * /, comparisons,"
            " like, in, between, is null, and, or, not, case, coalesce, nullif, abs, round, lower, upper, trim,"
            " substring, left, right, replace, concat and || are."
        )


def _find(column: exp.Column, header: Header) -> int:
    name = ".".join(part.name for part in column.parts)  # a field within a field of JSON
    if (number := header.find(name)) is None:
        raise header.unknown(name)
    return number


def _typed(node: exp.Expression, header: Header) -> exp.Expression:
    """A column as what its place asks for: a number in arithmetic and beside numbers, else a text."""
    if not isinstance(node, exp.Column):
        return node
    cell = f"c{_find(node, header)}"
    number = numbers.of_text(numbers.with_point(cell, header.decimal))
    sql = number if _asks_for_number(node) else f"nullif({half(cell)}, '')"
    return exp.Paren(this=sqlglot.parse_one(sql, dialect="duckdb"))


def _asks_for_number(node: exp.Expression) -> bool:
    child, parent = node, node.parent
    while isinstance(parent, exp.Paren | exp.Coalesce | exp.Nullif | exp.Case | exp.If):
        child, parent = parent, parent.parent
    if isinstance(parent, _ARITHMETIC + _NUMERIC_FUNCTIONS):
        return True
    others = [other for other in (parent.iter_expressions() if parent else ()) if other is not child]
    return isinstance(parent, _COMPARISONS) and bool(others) and all(_is_number(other) for other in others)


def _is_number(node: exp.Expression) -> bool:
    node = node.unnest()
    if isinstance(node, exp.Literal):
        return not node.is_string
    if isinstance(node, exp.Coalesce | exp.Case | exp.If):
        return any(
            _is_number(part) for part in node.iter_expressions() if not isinstance(part, _TEXTUAL + _COMPARISONS)
        )
    return isinstance(node, _ARITHMETIC + _NUMERIC_FUNCTIONS)
