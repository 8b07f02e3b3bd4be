"""Which number is the money of a row: named so, the product of quantity and price, or proved by the orders' totals."""

from typing import NamedTuple

from playbook.onboarding.draft import Entry, identifier
from playbook.onboarding.file_profile import (
    Candidate,
    ColumnRef,
    FileProfile,
    equal,
    same_within,
    scale_test,
    sums_up,
)
from playbook.onboarding.meanings import candidates

_SURE, _LIKELY, _AHEAD = 0.9, 0.6, 0.05
_ROWS = 50  # rows with a quantity of 2 or more that prove something
_GROWS, _STAYS = 0.75, 0.25  # shares of them
_ALWAYS, _ALIKE, _MOSTLY = 0.95, 0.9, 0.5
_SAME = 0.999


class Money(NamedTuple):
    """A file of orders or of lines, and where its totals can be compared."""

    file: FileProfile
    table: str
    orders: FileProfile | None = None  # the file of the orders whose lines these are
    lines: FileProfile | None = None  # the file of the lines of these orders

    @property
    def quantity(self) -> ColumnRef | None:
        """The column that counts pieces."""
        return self.file.find("quantity")

    def is_of_piece(self, column: ColumnRef) -> bool | None:
        """Whether a number is the price of one piece (True) or of the whole row (False); None where nothing tells."""
        if not self.quantity or column.name == self.quantity.name:
            return None
        product = self.file.find("product_id") or self.file.find("product_name")
        rows, share = scale_test(self.quantity, column, product)
        return None if rows < _ROWS or _STAYS < share < _GROWS else share <= _STAYS

    def times_quantity(self, name: str) -> str:
        """The expression of quantity times a column."""
        return f"{identifier(self.quantity.name)} * {identifier(name)}"


def amount(money: Money) -> Entry | None:
    """The net amount of a row of orders or lines: a column, or quantity times price; None where nothing looks so."""
    possible = candidates(money.file, money.table, "amount")
    named = [candidate for candidate in possible if candidate.concept != "unit_price"]
    if not possible:
        return None
    if not named or (named[0].score < _SURE and possible[0].concept == "unit_price"):
        return _quantity_times_price(money, money.file.column(possible[0].column), possible)
    return _named(money, named)


def cost(money: Money) -> Entry | None:
    """The cost of a row of lines; the cost of one piece is multiplied by the quantity."""
    (piece, of_piece), (whole, of_whole) = money.file.best("unit_cost"), money.file.best("cost")
    if of_piece >= _LIKELY and money.quantity:
        doubt = _of_what(money, piece, is_sure=of_piece >= _SURE and money.is_of_piece(piece) is not False)
        return Entry("cost", money.times_quantity(piece.name), "the cost of one piece times the quantity", doubt)
    if of_whole >= 0.5:
        is_sure = of_whole >= _SURE and money.is_of_piece(whole) is not True
        return Entry("cost", whole.name, doubt=_of_what(money, whole, is_sure=is_sure))
    profit, score = money.file.best("profit")
    paid = candidates(money.file, money.table, "amount", least=_LIKELY)
    if score < 0.8 or not paid:
        return None
    doubt = f"no column holds the cost; what was paid less '{profit.name}' gives it, if that is before tax"
    return Entry("cost", f"{identifier(paid[0].column)} - {identifier(profit.name)}", doubt=doubt)


def price(money: Money, paid: Entry | None) -> Entry | None:
    """The price of one piece, where a column holds it; `paid` is the proposal for the amount."""
    factors = _factors(money.file, str(paid.value)) if paid else []
    if len(factors) > 1:
        unit = next(factor for factor in factors if factor.name != money.quantity.name)
        return Entry("price", unit.name, doubt=paid.doubt and "see amount")
    unit, score = money.file.best("unit_price")
    if score < _LIKELY or money.is_of_piece(unit) is False:
        return None
    is_made = factors and not paid.doubt and money.quantity and _is_product(money, factors[0], unit, _ALWAYS)
    return Entry("price", unit.name, doubt=_of_what(money, unit, is_sure=score >= _SURE or bool(is_made)))


def same_on_all_lines(file: FileProfile, column: ColumnRef) -> str | None:
    """A doubt about a number that is the same on all lines of an order: a total of the order would count twice."""
    order = file.find("order_id")
    if file.table != "order_lines" or not order or column.distinct < 5:
        return None
    if same_within(order, column) < _ALIKE:
        return None
    return f"'{column.name}' is the same on all lines of an order: the order's, which each line would add again?"


def _named(money: Money, named: list[Candidate]) -> Entry:
    """The amount by its name: proved where the totals agree, doubted where other columns or values speak against it."""
    best, *others = named
    column = money.file.column(best.column)
    of_piece = money.is_of_piece(column)
    if money.table == "order_lines" and of_piece:
        return _quantity_times_price(money, column, named)
    is_sure = best.score >= _SURE
    proof = _proof(money, best.column) if not is_sure and best.concept == "amount" else ""
    near = [other for other in others if other.score > best.score - _AHEAD and not _are_same(money, best, other)]
    doubt = _which(money, named) if near or not (is_sure or proof) else None
    doubt = doubt or _counts_pieces(money, column) or same_on_all_lines(money.file, column)
    return Entry("amount", best.column, proof, doubt or _unproved(money, column, of_piece))


def _quantity_times_price(money: Money, column: ColumnRef, possible: list[Candidate]) -> Entry:
    if not money.quantity:
        return Entry("amount", column.name, doubt=_which(money, possible))
    text, of_piece = money.times_quantity(column.name), money.is_of_piece(column)
    proof = _proof(money, text)
    is_named = min(money.file.types[column.name].get("unit_price", 0), money.file.best("quantity")[1]) >= _SURE
    if proof or (is_named and of_piece is not False):
        return Entry("amount", text, proof or "quantity times the price of one piece")
    why = "it does not grow with the quantity" if of_piece else "nothing proves what it counts"
    doubt = f"'{column.name}' looks like the price of one piece ({why}); or {column.name} alone"
    return Entry("amount", text, doubt=doubt)


def _factors(file: FileProfile, text: str) -> list[ColumnRef]:
    """The columns that an amount is the product of: the column of that name, or those in quantity times price."""
    if own := [column for column in file.columns if column.name == text]:
        return own
    by_name = {identifier(column.name): column for column in file.columns}
    return [by_name[part] for part in text.split(" * ") if part in by_name]


def _is_product(money: Money, total: ColumnRef, unit: ColumnRef, least: float) -> bool:
    """Whether quantity times a number gives another one in at least a share of the rows."""
    product = f"{money.quantity.as_number} * {unit.as_number}"
    return equal(total, product) >= least


def _are_same(money: Money, one: Candidate, other: Candidate) -> bool:
    return equal(money.file.column(one.column), money.file.column(other.column).as_number) >= _SAME


def _proof(money: Money, text: str) -> str:
    """How the totals of the orders prove an expression: by the file of the orders, or by that of the lines."""
    if money.orders:
        lines, orders, of_line = money.file, money.orders, text
        totals = candidates(orders, "orders", "amount", least=_LIKELY)
        total = totals[0].column if totals else None
    elif money.lines:
        lines, orders, total = money.lines, money.file, text
        entry = amount(Money(lines, "order_lines"))
        of_line = str(entry.value) if entry else ""
    else:
        return ""
    factors = _factors(lines, of_line)
    if not factors or total not in orders.types:
        return ""
    expression = " * ".join(factor.as_number for factor in factors)
    share = sums_up(lines.find("order_id"), expression, orders.find("order_id"), orders.column(total))
    if share < _ALWAYS:
        return ""
    if money.orders:
        return f"sums to {total} of {orders.label} in {share:.1%} of the orders"
    return f"the lines of {lines.label} sum to it in {share:.1%} of the orders"


def _unproved(money: Money, column: ColumnRef, of_piece: bool | None) -> str | None:
    """A doubt about an amount beside a quantity, where nothing shows that it is that of the whole row."""
    if not money.quantity or of_piece is False:
        return None
    if money.table == "orders":
        doubt = f"'{column.name}' does not grow with '{money.quantity.name}': the price of one piece?"
        return doubt if of_piece else None
    unit = money.file.find("unit_price")
    is_product = unit and unit.name != column.name and _is_product(money, column, unit, _MOSTLY)
    if money.quantity.distinct == 1 or is_product:
        return None
    pieces = money.times_quantity(column.name)
    return f"is '{column.name}' the money of the whole line, or of one piece ({pieces})? nothing in the file proves it"


def _counts_pieces(money: Money, column: ColumnRef) -> str | None:
    """A doubt about an amount that looks like a number of pieces: whole, and most often 1."""
    prices = [name for name, types in money.file.types.items() if types.get("unit_price", 0) > 0.3]
    others = [name for name in prices if name != column.name]
    if column.shares["whole"] < 1 or column.values[0] != "1" or not others:
        return None
    return f"'{column.name}' is whole and most often 1: money, or a number of pieces? or {' or '.join(others)}"


def _which(money: Money, possible: list[Candidate]) -> str:
    first, *others = possible
    if not others:
        return f"is '{first.column}' what was paid for the row, after discounts?"
    same = [other.column for other in others if _are_same(money, first, other)]
    equals = f" ({' or '.join(same)} has the same values)" if same else ""
    return f"is '{first.column}' what was paid? or {' or '.join(other.column for other in others[:3])}{equals}"


def _of_what(money: Money, column: ColumnRef, *, is_sure: bool) -> str | None:
    if is_sure:
        return None
    evidence = {True: "it does not grow with the quantity", False: "it grows with the quantity"}
    why = evidence.get(money.is_of_piece(column), "nothing proves it")
    return f"is '{column.name}' for one piece or for the whole row? {why}"
