"""Which rows are not plain purchases of known customers: returns, top-ups, cancelled ones, staff, guests."""

from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.entries import Entry, is_private
from playbook.onboarding.links import Given
from playbook.onboarding.money import identifier
from playbook.onboarding.names import words
from playbook.onboarding.relations import Place, minus_by_prefix, starting_with
from playbook.tables.engine import quoted

_KINDS = ("return", "deposit", "top_up", "redemption")
_FEW = 40  # values of a column that says what kind of row it is
_MINUS, _PLUS = 0.98, 0.05  # shares of numbers below zero: with a mark, and without
_RATHER = 5  # rows from which a mark counts
_CROWD = 20  # so many times the rows of the next customer
_YES = ("1", "y", "yes", "t", "true", "是")


class Marks(NamedTuple):
    """The rules of one file, by their key in sources.yml."""

    kinds: list[Entry]
    exclude: list[Entry]
    values: dict[str, dict[str, str]]
    internal: Entry | None
    anonymous: Entry | None
    updated_at: Entry | None

    @property
    def entries(self) -> list[Entry]:
        """All rules."""
        return [*self.kinds, *self.exclude, *filter(None, (self.internal, self.anonymous, self.updated_at))]


def marks(con: DuckDBPyConnection, file: Given, columns: list[Entry]) -> Marks:
    """The rules that a file's values suggest, given its proposed columns."""
    of_orders = file.chosen.table == "orders" or any(entry.key == "ordered_at" for entry in columns)
    of_people = file.chosen.table == "customers"
    return Marks(
        kinds=_kinds(con, file) if of_orders else [],
        exclude=_excluded(con, file) if of_orders else [],
        values=_values(file, columns),
        internal=_internal(file) if of_people or of_orders else None,
        anonymous=None if of_people else _anonymous(file, columns),
        updated_at=_updated_at(file) if of_people else None,
    )


def _kinds(con: DuckDBPyConnection, file: Given) -> list[Entry]:
    """The first mark of each kind; letters of order numbers count only where no word says what a return is."""
    found = [entry for column in _of(file, "kind") for entry in (*_named_kinds(column), *_flagged_returns(column))]
    tops_up = any(entry.key == "top_up" for entry in found)
    found += [entry for column in _of(file, "payment_method") for entry in _paid_from_balance(column, tops_up)]
    found += [entry for column in _of(file, "status") for entry in _returned(column)]
    found += _by_prefix(con, file)
    first = {entry.key: entry for entry in reversed(found)}
    return [first[kind] for kind in _KINDS if kind in first]


def _of(file: Given, concept: str) -> list[ColumnLook]:
    """The columns with few values that have a meaning."""
    named = [name for name, meant in file.meant.columns.items() if meant.get(concept, 0) >= 0.5]
    return [column for column in map(file.meant.look.column, named) if column.distinct <= _FEW]


def _named_kinds(column: ColumnLook) -> list[Entry]:
    listed = words("words")["kinds"]
    known = {word for named in listed.values() for word in named}
    unknown = [value for value in column.values if value.casefold() not in known]
    doubt = f"what is {', '.join(map(repr, unknown[:4]))}? taken for a purchase" if unknown else None
    return [
        Entry(kind, _one_of(column, found), _counted(column, found), doubt)
        for kind in _KINDS
        if (found := _listed(column, listed[kind]))
    ]


def _flagged_returns(column: ColumnLook) -> list[Entry]:
    """A column of yes and no that is named after returns."""
    is_named = any(word in column.name.casefold() for word in ("return", "refund", "退"))
    yes = _yes(column)
    return [Entry("return", _one_of(column, yes), _counted(column, yes))] if is_named and yes else []


def _yes(column: ColumnLook) -> list[str]:
    """How a column of yes and no says yes; nothing for any other column."""
    yes = [value for value in column.values if value.casefold() in _YES]
    return yes if column.shares["flag"] == 1 and column.distinct == 2 and len(yes) == 1 else []


def _paid_from_balance(column: ColumnLook, tops_up: bool) -> list[Entry]:
    if not (found := _listed(column, words("words")["balance_payments"])):
        return []
    doubt = None if tops_up else "is this the use of money that was paid in before?"
    return [Entry("redemption", _one_of(column, found), _counted(column, found), doubt)]


def _returned(column: ColumnLook) -> list[Entry]:
    if not (found := _listed(column, words("words")["returned_status"])):
        return []
    doubt = f"{_counted(column, found)}: money given back in rows of their own, or purchases undone (exclude)?"
    return [Entry("return", _one_of(column, found), doubt=doubt, active=False)]


def _by_prefix(con: DuckDBPyConnection, file: Given) -> list[Entry]:
    """Order numbers that begin with certain letters wherever the number of pieces or the money is below zero."""
    order = file.meant.found("order_id")
    counted = next(filter(None, map(file.meant.found, ("quantity", "amount", "paid"))), None)
    if not order or not counted or not counted.minus:
        return []
    rows = minus_by_prefix(con, Place(file.meant.look, order), f"number_in(c{counted.number})")
    plain = [share for prefix, _, share in rows if not prefix]
    marked = [(prefix, n) for prefix, n, share in rows if prefix and n >= _RATHER and share >= _MINUS]
    if len(marked) != 1 or not plain or plain[0] > _PLUS:
        return []
    [(prefix, n)] = marked
    why = f"{n:,} rows begin with {prefix}, and their '{counted.name}' is below zero"
    return [Entry("return", f"{identifier(order.name)} like {quoted(prefix + '%')}", why)]


def _excluded(con: DuckDBPyConnection, file: Given) -> list[Entry]:
    found = [entry for column in _of(file, "status") for entry in _not_final(column)]
    numbered = [
        entry._replace(key=f"{entry.key}_{number}" if number > 1 else entry.key)
        for number, entry in enumerate(found, 1)
    ]
    return numbered + _test_orders(con, file)


def _not_final(column: ColumnLook) -> list[Entry]:
    """Rows that never became a sale: by words for it, else by what is not the usual value."""
    lists = words("words")
    if found := _listed(column, lists["not_final"]):
        doubt = f"{_counted(column, found)}: leave these out? other values: {_others(column, found)}"
        return [Entry("not_final", _one_of(column, found), doubt=doubt)]
    known = _listed(column, [*lists["final"], *lists["returned_status"]])
    if len(known) == column.distinct or column.distinct < 2:
        return []
    doubt = f"'{column.name}' is {_others(column, [])}: which of these are no sales?"
    rule = f"{identifier(column.name)} <> {quoted(column.values[0])}"
    return [Entry("not_final", rule, doubt=doubt, active=False)]


def _test_orders(con: DuckDBPyConnection, file: Given) -> list[Entry]:
    order = file.meant.found("order_id")
    marked = [
        (mark, starting_with(con, Place(file.meant.look, order), mark))
        for mark in words("words")["test_orders"]
        if order
    ]
    return [
        Entry(
            "test_orders",
            f"{identifier(order.name)} like {quoted(mark + '%')}",
            doubt=f"rows whose number begins with {mark}: {count:,}. Leave them out?",
        )
        for mark, count in marked
        if count
    ][:1]


def _values(file: Given, columns: list[Entry]) -> dict[str, dict[str, str]]:
    """Words for the two sexes, whatever the file calls them; digits stay, as nobody can tell which is which."""
    column = _mapped(file, columns, "gender")
    keys = {name: key for key, names in words("words")["gender"].items() for name in names}
    pairs = {value: keys.get(value.casefold()) for value in column.values} if column else {}
    found = {value: key for value, key in pairs.items() if key and key != value}
    return {"gender": found} if found else {}


def _mapped(file: Given, columns: list[Entry], name: str) -> ColumnLook | None:
    """The file's own column that fills a standard column."""
    taken = [entry.value for entry in columns if entry.key == name and entry.active]
    return next((column for column in file.meant.look.columns if column.name in taken), None)


def _internal(file: Given) -> Entry | None:
    for column in _of(file, "customer_type"):
        if found := _listed(column, words("words")["staff"]):
            return Entry("internal", _one_of(column, found), _counted(column, found))
        if yes := _yes(column):
            doubt = f"does '{column.name}' mark staff and test accounts? {_counted(column, yes)}"
            return Entry("internal", _one_of(column, yes), doubt=doubt)
    return None


def _updated_at(file: Given) -> Entry | None:
    column, score = file.meant.best("updated_at")
    sure = column is not None and score >= 0.9
    return Entry("updated_at", column.name, "the newest state of a record holds") if sure else None


def _anonymous(file: Given, columns: list[Entry]) -> Entry | None:
    """A customer's number that stands for everybody without one."""
    column = _mapped(file, columns, "customer_key")
    if not column or not column.common:
        return None
    nobody = [value for value in column.values if value.casefold() in words("words")["nobody"] or set(value) == {"0"}]
    return Entry("anonymous", _one_of(column, nobody), _counted(column, nobody)) if nobody else _crowd(column)


def _crowd(column: ColumnLook) -> Entry | None:
    """One number with far more rows than any other one."""
    if column.distinct < 50 or is_private(column):
        return None
    (value, n), (_, second), *_ = column.common
    if n < _CROWD * second or n < 0.01 * column.filled:
        return None
    doubt = f"{value} has {n:,} rows, the next customer {second:,}: does it stand for customers without a number?"
    return Entry("anonymous", _one_of(column, [value]), doubt=doubt, active=False)


def _listed(column: ColumnLook, known: list[str]) -> list[str]:
    return sorted(value for value in column.values if value.casefold() in known)


def _one_of(column: ColumnLook, found: list[str]) -> str:
    name = identifier(column.name)
    return f"{name} = {quoted(found[0])}" if len(found) == 1 else f"{name} in ({', '.join(map(quoted, found))})"


def _counted(column: ColumnLook, found: list[str]) -> str:
    return f"{sum(n for value, n in column.common if value in found):,} of {column.rows:,} rows"


def _others(column: ColumnLook, found: list[str]) -> str:
    rest = [f"{value} ({n:,})" for value, n in column.common if value not in found]
    return ", ".join(rest[:6]) + (", ..." if len(rest) > 6 else "") if rest else "none"
