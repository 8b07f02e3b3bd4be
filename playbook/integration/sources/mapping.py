"""A file against its mapping: which expression fills which standard column, and which rows are which."""

from typing import NamedTuple

from playbook.integration.readers.raw_table import Raw
from playbook.integration.sources.locate import Located
from playbook.integration.sources.models import FileSpec, Misplaced
from playbook.integration.types.expressions import (
    Expression,
    ExpressionError,
    Header,
    compile_condition,
    compile_value,
)

_PRIVATE_KEYS = ("name", "phone", "email", "address", "openid")
_ADDED = ("money", "quantity", "price", "real", "whole")

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
        columns = [column for column in self.columns if column.name in _PRIVATE_KEYS]
        return {number for column in columns for number in column.expression.columns}

    def is_personal(self, expression: Expression) -> bool:
        """Whether an expression shows personal data."""
        return bool(self.personal_cells & set(expression.columns))


class ReadFile(NamedTuple):
    """One file that was read: its number, how it was declared, what the reader and the mapping made of it."""

    number: int
    located: Located
    spec: FileSpec
    raw: Raw
    mapping: Mapping

    @property
    def label(self) -> str:
        """What reports call it."""
        return self.located.label


def bind(spec: FileSpec, names: tuple[str, ...], elsewhere: tuple[str, ...] = ()) -> Mapping:
    """Check a mapping against the columns a file has; `Misplaced` names the key at fault and the nearest column.

    A column that is not required and stands `elsewhere`, in another file of the same make, may be lacking.
    """
    header, kinds = Header(names, spec.decimal or "."), spec.fields

    def compiled(text: str | None, *key: str, compile_=compile_value) -> Expression | None:
        try:
            return compile_(text, header) if text else None
        except ExpressionError as error:
            raise Misplaced(str(error), *key) from None

    def conditions(group: str) -> dict[str, Expression]:
        texts = getattr(spec, group).items()
        return {name: compiled(text, group, name, compile_=compile_condition) for name, text in texts}

    optional = set(_lacking(spec, names)) - spec.required - set(_lacking(spec, elsewhere)) if elsewhere else set()
    texts = {(group, name): text for group in ("columns", "attributes") for name, text in getattr(spec, group).items()}
    return Mapping(
        tuple(
            Mapped(name, kinds[name].kind, compiled(text, group, name), name in spec.required)
            for (group, name), text in texts.items()
            if name not in optional
        ),
        conditions("kinds"),
        conditions("exclude"),
        compiled(spec.internal, "internal", compile_=compile_condition),
        compiled(spec.anonymous, "anonymous", compile_=compile_condition),
        compiled(spec.updated_at, "updated_at"),
        compiled(spec.currency, "currency"),
    )


def missing(spec: FileSpec, names: tuple[str, ...]) -> list[str]:
    """The mapped names that are no column of a header: none means that this may be the header."""
    return [spec.columns[name] for name in _lacking(spec, names) if name in spec.columns]


def added_up(spec: FileSpec, names: tuple[str, ...]) -> set[int]:
    """The numbers of the columns whose values are added up, as far as their expressions read against a header."""
    lacking, header = _lacking(spec, names), Header(names)
    added = [text for name, text in spec.columns.items() if spec.fields[name].kind in _ADDED and name not in lacking]
    return {number for text in added for number in compile_value(text, header).columns}


def _lacking(spec: FileSpec, names: tuple[str, ...]) -> list[str]:
    """The standard columns whose expression does not read against a header."""
    header, lacking = Header(names), []
    for name, text in (spec.columns | spec.attributes).items():
        try:
            compile_value(text, header)
        except ExpressionError:
            lacking.append(name)
    return lacking
