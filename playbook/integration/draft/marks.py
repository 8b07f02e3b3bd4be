"""Which rows are not plain purchases of known customers: returns, top-ups, cancelled ones, staff, guests; told by values."""

from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.engine import quoted
from playbook.integration.draft.columns import ColumnLook
from playbook.integration.draft.entries import Entry, is_private
from playbook.integration.draft.links import Given
from playbook.integration.draft.money import identifier
from playbook.integration.draft.names import words
from playbook.integration.draft.relations import Place, minus_by_prefix
from playbook.integration.numbers import of_text

_KINDS = ("return", "deposit", "top_up", "redemption")
_FEW = 40  # values of a column that says what kind of row it is
_MINUS, _PLUS = 0.98, 0.05  # shares of numbers below zero: with a mark, and without
_RATHER = 5  # rows from which a mark counts
_CROWD = 20  # so many times the rows of the next customer


class Marks(NamedTuple):
    """The rules of one file, by their key in sources.yml; `exclude` and `kinds` by name."""

    kinds: list[Entry]
    exclude: list[Entry]
    values: dict[str, dict[str, str]]
    internal: Entry | None
    anonymous: Entry | None


def marks(con: DuckDBPyConnection, file: Given, columns: list[Entry]) -> Marks:
    """The rules that a file's values suggest, given its proposed columns."""
    of_orders = file.chosen.table == "orders" or any(entry.key == "ordered_at" for entry in columns)
    of_people = file.chosen.table == "customers"
    return Marks(
        _kinds(con, file, columns) if of_orders else [],
        _excluded(con, file) if of_orders else [],
        _values(file, columns),
        _internal(file) if of_people or of_orders else None,
        None if of_people else _anonymous(file, columns),
    )


def _kinds(con, file: Given, columns: list[Entry]) -> list[Entry]:
    found: dict[str, list[Entry]] = {kind: [] for kind in _KINDS}
    for column in _of(file, "kind"):
        for entry in (*_named_kinds(column), *_flagged_returns(column)):
            found[entry.key].append(entry)
    for column in _of(file, "payment_method"):
        found["redemption"] += _paid_from_balance(column, bool(found["top_up"]))
    for column in _of(file, "status"):
        found["return"] += _returned(column)
    if not found["return"]:
        found["return"] += _by_prefix(con, file, columns)
    return [entries[0] for entries in found.values() if entries]


def _of(file: Given, concept: str) -> list[ColumnLook]:
    """The columns with few values that have a meaning."""
    return [
        c for c in file.meant.look.columns if file.meant.columns[c.name].get(concept, 0) >= 0.5 and c.distinct <= _FEW
    ]


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
    if (
        column.shares["flag"] < 1
        or column.distinct != 2
        or "是否" not in column.name
        and not column.name.casefold().startswith("is")
    ):
        return []
    yes = [value for value in column.values if value.casefold() in ("1", "y", "yes", "t", "true", "是")]
    return [Entry("return", _one_of(column, yes), _counted(column, yes))] if len(yes) == 1 else []


def _paid_from_balance(column: ColumnLook, tops_up: bool) -> list[Entry]:
    if not (found := _listed(column, words("words")["balance_payments"])):
        return []
    doubt = None if tops_up else "is this the use of money that was paid in before?"
    return [Entry("redemption", _one_of(column, found), _counted(column, found), doubt)]


def _returned(column: ColumnLook) -> list[Entry]:
    if not (found := _listed(column, words("words")["returned_status"])):
        return []
    doubt = f"{_counted(column, found)}: are these rows of their own with the money returned, or purchases that were undone (exclude)?"
    return [Entry("return", _one_of(column, found), doubt=doubt, active=False)]


def _by_prefix(con, file: Given, columns: list[Entry]) -> list[Entry]:
    """Order numbers that begin with certain letters wherever the number of pieces or the money is below zero."""
    order, counted = (
        file.meant.found("order_id"),
        file.meant.found("quantity") or file.meant.found("amount") or file.meant.found("paid"),
    )
    if not order or not counted or not counted.minus:
        return []
    rows = minus_by_prefix(con, Place(file.meant.look, order), of_text(f"c{counted.number}"))
    plain = [share for prefix, _, share in rows if not prefix]
    marked = [(prefix, n) for prefix, n, share in rows if prefix and n >= _RATHER and share >= _MINUS]
    if len(marked) != 1 or not plain or plain[0] > _PLUS:
        return []
    prefix, n = marked[0]
    rule = f"{identifier(order.name)} like {quoted(prefix + '%')}"
    return [Entry("return", rule, f"{n:,} rows begin with {prefix}, and their '{counted.name}' is below zero")]


def _excluded(con, file: Given) -> list[Entry]:
    found = [entry for column in _of(file, "status") for entry in _not_final(column)]
    return found + _test_orders(con, file)


def _not_final(column: ColumnLook) -> list[Entry]:
    lists = words("words")
    if found := _listed(column, lists["not_final"]):
        doubt = f"{_counted(column, found)}: leave these out? other values: {_others(column, found)}"
        return [Entry("not_final", _one_of(column, found), doubt=doubt)]
    known = _listed(column, [*lists["final"], *lists["returned_status"]])
    if len(known) == column.distinct or column.distinct < 2:
        return []
    main = column.values[0]
    doubt = f"'{column.name}' is {_others(column, [])}: which of these are no sales?"
    return [Entry("not_final", f"{identifier(column.name)} <> {quoted(main)}", doubt=doubt, active=False)]


def _test_orders(con, file: Given) -> list[Entry]:
    order = file.meant.found("order_id")
    if not order or order.shares["lettered"] == 0 and order.distinct > 10_000_000:
        return []
    for mark in words("words")["test_orders"]:
        query = f"select count(*) from {file.meant.look.table} where starts_with(c{order.number}, {quoted(mark)})"
        if n := con.execute(query).fetchone()[0]:
            rule = f"{identifier(order.name)} like {quoted(mark + '%')}"
            return [Entry("test_orders", rule, doubt=f"{n:,} order number(s) begin with {mark}: leave them out?")]
    return []


def _values(file: Given, columns: list[Entry]) -> dict[str, dict[str, str]]:
    """Words for the two sexes, whatever the file calls them; digits stay, as nobody can tell which is which."""
    entry = next((entry for entry in columns if entry.key == "gender" and entry.active), None)
    if not entry:
        return {}
    listed = words("words")["gender"].items()
    column = file.meant.look.column(entry.value)
    found = {
        value: key for value in column.values for key, names in listed if value.casefold() in names and value != key
    }
    return {"gender": found} if found else {}


def _internal(file: Given) -> Entry | None:
    staff = words("words")["staff"]
    for column in _of(file, "customer_type"):
        if found := _listed(column, staff):
            return Entry("internal", _one_of(column, found), _counted(column, found))
        yes = [value for value in column.values if value.casefold() in ("1", "y", "yes", "t", "true", "是")]
        if column.shares["flag"] == 1 and len(yes) == 1 and column.distinct == 2:
            return Entry(
                "internal",
                _one_of(column, yes),
                _counted(column, yes),
                f"does '{column.name}' mark staff and test accounts?",
            )
    return None


def _anonymous(file: Given, columns: list[Entry]) -> Entry | None:
    """A customer's number that stands for everybody without one."""
    entry = next((entry for entry in columns if entry.key == "customer_key" and entry.active), None)
    column = entry and next((c for c in file.meant.look.columns if c.name == entry.value), None)
    if not column or not column.common:
        return None
    nobody = [value for value in column.values if value.casefold() in words("words")["nobody"] or set(value) == {"0"}]
    if nobody:
        return Entry("anonymous", _one_of(column, nobody), _counted(column, nobody))
    return _crowd(column)


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
