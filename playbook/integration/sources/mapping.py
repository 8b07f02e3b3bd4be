"""A file against its mapping: which expression fills which standard column, and which rows are which."""

from typing import NamedTuple

from playbook.integration.sources.models import FileSpec, Misplaced
from playbook.integration.types.expressions import (
    Expression,
    ExpressionError,
    Header,
    compile_condition,
    compile_value,
)

_PRIVATE_KEYS = ("name", "phone", "email", "address", "openid")

#: The column that holds when a record was changed.
UPDATED_AT = "_updated_at"


class Mapped(NamedTuple):
    """One standard column, the kind of value it holds, and the expression that fills it."""

    name: str
    kind: str
    expression: Expression
    is_required: bool


class Mapping(NamedTuple):
    """A file's mapping, checked against its header."""

    columns: tuple[Mapped, ...]
    kinds: dict[str, Expression]
    exclude: dict[str, Expression]
    internal: Expression | None
    anonymous: Expression | None
    updated_at: Expression | None
    currency: Expression | None = None

    @property
    def typed(self) -> tuple[Mapped, ...]:
        """All columns that are typed: those of the table, and the time of change."""
        hidden = [Mapped(UPDATED_AT, "time", self.updated_at, False)] if self.updated_at else []
        return (*self.columns, *hidden)

    @property
    def cells(self) -> set[int]:
        """The numbers of the columns that are read."""
        rules = [*self.kinds.values(), *self.exclude.values(), self.internal, self.anonymous]
        others = [*rules, self.updated_at, self.currency]
        expressions = [*(column.expression for column in self.columns), *filter(None, others)]
        return {number for expression in expressions for number in expression.columns}

    def column(self, name: str) -> Mapped | None:
        """The typed column of that name."""
        return next((column for column in self.typed if column.name == name), None)

    @property
    def personal_cells(self) -> set[int]:
        """The numbers of the columns that hold personal data."""
        found = [column for column in self.columns if column.name in _PRIVATE_KEYS]
        return {number for column in found for number in column.expression.columns}

    def is_personal(self, expression: Expression) -> bool:
        """Whether an expression shows personal data."""
        return bool(self.personal_cells & set(expression.columns))


def bind(spec: FileSpec, names: tuple[str, ...], elsewhere: tuple[str, ...] = ()) -> Mapping:
    """Check a mapping against the columns a file has; `Misplaced` names the key at fault and the nearest column.

    A column that is not required and stands `elsewhere`, in another file of the same make, may be lacking.
    """
    header = Header(names, spec.decimal or ".")
    lacking = {name for name in _lacking(spec, names) if name not in spec.required} if elsewhere else set()
    lacking -= set(_lacking(spec, elsewhere))
    values = {n: _value(text, header, "columns", n) for n, text in spec.columns.items() if n not in lacking}
    values |= {n: _value(text, header, "attributes", n) for n, text in spec.attributes.items() if n not in lacking}
    kinds = spec.fields
    return Mapping(
        tuple(Mapped(name, kinds[name].kind, value, name in spec.required) for name, value in values.items()),
        {kind: _condition(text, header, "kinds", kind) for kind, text in spec.kinds.items()},
        {rule: _condition(text, header, "exclude", rule) for rule, text in spec.exclude.items()},
        spec.internal and _condition(spec.internal, header, "internal"),
        spec.anonymous and _condition(spec.anonymous, header, "anonymous"),
        spec.updated_at and _value(spec.updated_at, header, "updated_at"),
        spec.currency and _value(spec.currency, header, "currency"),
    )


def missing(spec: FileSpec, names: tuple[str, ...]) -> list[str]:
    """The mapped names that are no column of a header: none means that this may be the header."""
    return [spec.columns[name] for name in _lacking(spec, names) if name in spec.columns]


def _lacking(spec: FileSpec, names: tuple[str, ...]) -> list[str]:
    """The standard columns whose expression does not read against a header."""
    header, lacking = Header(names), []
    for name, text in (spec.columns | spec.attributes).items():
        try:
            compile_value(text, header)
        except ExpressionError:
            lacking.append(name)
    return lacking


def _value(text: str, header: Header, *key: str) -> Expression:
    return _placed(compile_value, text, header, key)


def _condition(text: str, header: Header, *key: str) -> Expression:
    return _placed(compile_condition, text, header, key)


def _placed(compile_, text, header, key) -> Expression:
    try:
        return compile_(text, header)
    except ExpressionError as error:
        raise Misplaced(str(error), *key) from None
