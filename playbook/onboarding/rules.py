"""Which rows are not plain purchases of known customers: returns, top-ups, cancelled ones, staff, guests."""

from collections.abc import Container, Iterator
from typing import NamedTuple

from playbook.onboarding.draft import Entry, identifier, is_personal
from playbook.onboarding.file_profile import ColumnRef, FileProfile, minus_by_prefix, starting_with
from playbook.onboarding.names import vocabulary
from playbook.tables.engine import quoted

_KINDS = ("return", "deposit", "top_up", "redemption")
_FEW = 40  # values of a column that says what kind of row it is
_MINUS, _PLUS = 0.98, 0.05  # shares of numbers below zero: with a prefix, and without
_RATHER = 5  # rows from which a prefix counts
_MANY, _CROWD = 50, 20  # customers among whom one has so many times the rows of the next one


class RowRules(NamedTuple):
    """The rules of one file, by their key in sources.yml; `singles` are those that a file has one of."""

    kinds: list[Entry]
    exclude: list[Entry]
    singles: list[Entry]
    values: list[Entry]


class _Rows(NamedTuple):
    """The rows that have one of some values in a column."""

    column: ColumnRef
    values: list[str]

    @property
    def rule(self) -> str:
        """The condition that picks them."""
        name, listed = identifier(self.column.name), ", ".join(map(quoted, self.values))
        return f"{name} = {listed}" if len(self.values) == 1 else f"{name} in ({listed})"

    @property
    def facts(self) -> dict[str, str]:
        """What a question about them may name: how many they are, and the values of the other rows."""
        rest = [(value, n) for value, n in self.column.common if value not in self.values]
        listed = {word for name in vocabulary("kinds") for word in vocabulary(name)}
        unknown = [value for value in self.column.values if value.casefold() not in listed]
        count = sum(n for value, n in self.column.common if value in self.values)
        others = ", ".join(f"{value} ({n:,})" for value, n in rest[:6])
        return {
            "column": self.column.name,
            "count": f"{count:,} of {self.column.rows:,} rows",
            "others": f"{others}, ..." if len(rest) > 6 else others or "none",
            "unknown": ", ".join(map(repr, unknown[:4])),
        }


def row_rules(file: FileProfile, columns: list[Entry]) -> RowRules:
    """The rules that a file's values suggest, given its proposed columns."""
    is_of_customers = file.table == "customers"
    is_of_orders = file.table == "orders" or any(entry.key == "ordered_at" for entry in columns)
    singles = _marked(file, "internal")[:1] if is_of_customers or is_of_orders else []
    updated_at, score = file.best("updated_at")
    if is_of_customers and score >= 0.9:
        singles.append(Entry("updated_at", updated_at.name, "the newest state of a record holds"))
    if not is_of_customers:
        singles += _anonymous(_mapped(file, columns, "customer_key"))
    kinds = [*_marked(file, "kinds"), *_returns_by_prefix(file)] if is_of_orders else []
    first = {entry.key: entry for entry in reversed(kinds)}  # prefixes count only where no word says what a return is
    return RowRules(
        [first[kind] for kind in _KINDS if kind in first],
        [*_not_final(file), *_test_orders(file)] if is_of_orders else [],
        singles,
        _genders(_mapped(file, columns, "gender")),
    )


def _marked(file: FileProfile, section: str) -> list[Entry]:
    """The rules that words in columns give, as the marks of words.yml say."""
    entries: list[Entry] = []
    for concept, marks in vocabulary("marks")[section].items():
        for column in _categories(file, concept):
            entries += _marked_in(column, marks, {entry.key for entry in entries})
    return entries


def _marked_in(column: ColumnRef, marks: list[dict], earlier: set[str]) -> Iterator[Entry]:
    for mark in marks:
        rows = _rows(column, vocabulary(mark["words"])) if "words" in mark else _yes(column, mark["yes_in"])
        if rows:
            question, facts = mark.get("ask", ""), rows.facts
            is_sure = (
                not question or mark.get("unless") in earlier or ("{unknown}" in question and not facts["unknown"])
            )
            why = "" if "{count}" in question else facts["count"]
            doubt = None if is_sure else question.format(**facts)
            yield Entry(mark["key"], rows.rule, why, doubt, mark.get("active", True))


def _categories(file: FileProfile, concept: str) -> list[ColumnRef]:
    """The columns with few values that have a meaning."""
    named = [name for name, types in file.types.items() if types.get(concept, 0) >= 0.5]
    return [column for column in map(file.column, named) if column.distinct <= _FEW]


def _rows(column: ColumnRef, words: Container[str]) -> _Rows | None:
    """The rows whose value in a column is one of some words in lower case."""
    values = sorted(value for value in column.values if value.casefold() in words)
    return _Rows(column, values) if values else None


def _yes(column: ColumnRef, called: list[str]) -> _Rows | None:
    """The rows in which a column of yes and no says yes; none for other columns and names."""
    rows = _rows(column, vocabulary("yes"))
    is_flag = (
        column.shares["flag"] == 1 and column.distinct == 2 and any(word in column.name.casefold() for word in called)
    )
    return rows if is_flag and rows and len(rows.values) == 1 else None


def _returns_by_prefix(file: FileProfile) -> list[Entry]:
    """Order numbers that begin with certain letters wherever the number of pieces or the money is below zero."""
    order = file.find("order_id")
    counted = next(filter(None, map(file.find, ("quantity", "amount", "paid"))), None)
    if not order or not counted or not counted.minus:
        return []
    prefixes = minus_by_prefix(order, counted.as_number)
    plain = [share for prefix, _, share in prefixes if not prefix]
    below = [(prefix, n) for prefix, n, share in prefixes if prefix and n >= _RATHER and share >= _MINUS]
    if len(below) != 1 or not plain or plain[0] > _PLUS:
        return []
    [(prefix, n)] = below
    why = f"{n:,} rows begin with {prefix}, and their '{counted.name}' is below zero"
    return [Entry("return", _begins_with(order, prefix), why)]


def _begins_with(column: ColumnRef, prefix: str) -> str:
    return f"{identifier(column.name)} like {quoted(prefix + '%')}"


def _not_final(file: FileProfile) -> list[Entry]:
    """Rows that never became a sale: by words for it, else by what is not the usual value."""
    entries: list[Entry] = []
    usual = {*vocabulary("final"), *vocabulary("returned_status")}
    for column in _categories(file, "status"):
        marked = list(_marked_in(column, vocabulary("marks")["exclude"]["status"], set()))
        is_usual = column.distinct < 2 or sum(value.casefold() in usual for value in column.values) == column.distinct
        if not marked and not is_usual:
            doubt = f"'{column.name}' is {_Rows(column, []).facts['others']}: which of these are no sales?"
            rule = f"{identifier(column.name)} <> {quoted(column.values[0])}"
            marked = [Entry("not_final", rule, doubt=doubt, active=False)]
        entries += marked
    return entries[:1] + [entry._replace(key=f"{entry.key}_{number}") for number, entry in enumerate(entries[1:], 2)]


def _test_orders(file: FileProfile) -> list[Entry]:
    order = file.find("order_id")
    for mark in vocabulary("test_orders") if order else ():
        if count := starting_with(order, mark):
            doubt = f"rows whose number begins with {mark}: {count:,}. Leave them out?"
            return [Entry("test_orders", _begins_with(order, mark), doubt=doubt)]
    return []


def _mapped(file: FileProfile, columns: list[Entry], name: str) -> ColumnRef | None:
    """The file's own column that fills a standard column."""
    taken = [entry.value for entry in columns if entry.key == name and entry.active]
    return next((column for column in file.columns if column.name in taken), None)


def _genders(column: ColumnRef | None) -> list[Entry]:
    """Words for the two sexes, whatever the file calls them; digits stay, as nobody can tell which is which."""
    keys = {name: key for key, names in vocabulary("gender").items() for name in names}
    pairs = {value: keys.get(value.casefold(), value) for value in column.values} if column else {}
    translated = {value: key for value, key in pairs.items() if key != value}
    return [Entry("values", {"gender": translated})] if translated else []


def _anonymous(column: ColumnRef | None) -> list[Entry]:
    """A customer's number that stands for everybody without one: by words for it, or by many more rows than others."""
    if not column or not column.common:
        return []
    nobody = [value for value in column.values if value.casefold() in vocabulary("nobody") or set(value) == {"0"}]
    if nobody:
        rows = _Rows(column, nobody)
        return [Entry("anonymous", rows.rule, rows.facts["count"])]
    if column.distinct < _MANY or is_personal(column):
        return []
    (value, n), (_, second), *_ = column.common
    if n < max(_CROWD * second, 0.01 * column.filled):
        return []
    doubt = f"{value} has {n:,} rows, the next customer {second:,}: does it stand for customers without a number?"
    return [Entry("anonymous", _Rows(column, [value]).rule, doubt=doubt, active=False)]
