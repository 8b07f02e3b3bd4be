"""Which number is the money of a row: named so, the product of quantity and price, or proved by the orders' totals."""

import re
from typing import NamedTuple

import sqlglot
from duckdb import DuckDBPyConnection
from sqlglot import exp

from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.entries import Entry, either
from playbook.onboarding.links import Given
from playbook.onboarding.relations import Growth, Place, equal, growth, same_within, sums_up
from playbook.onboarding.tables import Claim, Meant, candidates

_SURE, _AHEAD = 0.9, 0.05
_ROWS = 50  # rows with a quantity of 2 or more that prove something
_GROWS, _STAYS = 0.75, 0.25  # shares of them
_ALWAYS, _ALIKE, _MOSTLY = 0.95, 0.9, 0.5


class Money(NamedTuple):
    """What is known of the money of one file, and how to find out more."""

    con: DuckDBPyConnection
    file: Meant
    table: str
    orders: Given | None  # the file of the orders whose lines these are
    lines: Given | None  # the file of the lines of these orders

    @property
    def quantity(self) -> ColumnLook | None:
        """The column that counts pieces."""
        return self.file.found("quantity")

    def place(self, column: ColumnLook) -> Place:
        """A column of this file."""
        return Place(self.file.look, column)

    def growth(self, column: ColumnLook) -> Growth:
        """Whether a number goes with the quantity."""
        product = self.file.found("product_id") or self.file.found("product_name")
        if not self.quantity or column.name == self.quantity.name:
            return Growth(0, 0.0)
        return growth(self.con, self.place(self.quantity), self.place(column), product and self.place(product))

    def is_of_piece(self, column: ColumnLook) -> bool | None:
        """Whether a number is the price of one piece (True) or of the whole row (False); None where nothing tells."""
        found = self.growth(column)
        if found.rows < _ROWS or _STAYS < found.share < _GROWS:
            return None
        return found.share <= _STAYS


def amount(money: Money) -> Entry | None:
    """The net amount of a row of orders or lines: a column, or quantity times price; None where nothing looks so."""
    found = candidates(money.file, money.table, "amount", least=0.3)
    if not found:
        return None
    named = [claim for claim in found if claim.concept != "unit_price"]
    if not named or (named[0].score < _SURE and found[0].concept == "unit_price"):
        return _times(money, money.file.look.column(found[0].column), found)
    return _named(money, named)


def cost(money: Money) -> Entry | None:
    """The cost of a row of lines; the cost of one piece is multiplied by the quantity."""
    (piece, of_piece), (whole, of_whole) = money.file.best("unit_cost"), money.file.best("cost")
    if of_piece >= 0.6 and money.quantity:
        sure = of_piece >= _SURE and money.is_of_piece(piece) is not False
        text = f"{identifier(money.quantity.name)} * {identifier(piece.name)}"
        return Entry("cost", text, "the cost of one piece times the quantity", None if sure else _of_what(money, piece))
    if of_whole >= 0.5:
        sure = of_whole >= _SURE and money.is_of_piece(whole) is not True
        return Entry("cost", whole.name, doubt=None if sure else _of_what(money, whole))
    return _cost_of_profit(money)


def price(money: Money, taken: Entry | None) -> Entry | None:
    """The price of one piece, where a column holds it."""
    if taken and " * " in str(taken.value) and (factors := _factors(money, str(taken.value))):
        return Entry("price", factors[0].name, doubt=taken.doubt and "see amount")
    column, score = money.file.best("unit_price")
    if column and score >= 0.6 and money.is_of_piece(column) is not False:
        proved = score >= _SURE or (taken and taken.sure and _makes(money, column, str(taken.value)))
        return Entry("price", column.name, doubt=None if proved else _of_what(money, column))
    return None


def of_order(con: DuckDBPyConnection, file: Meant, column: ColumnLook) -> str | None:
    """A doubt about a number that is the same on all lines of an order: a total of the order would count twice."""
    order = file.found("order_id")
    if not order or column.distinct < 5:
        return None
    if same_within(con, Place(file.look, order), Place(file.look, column)) < _ALIKE:
        return None
    return f"'{column.name}' is the same on all lines of an order: the order's, which each line would add again?"


def identifier(name: str) -> str:
    """A column's name as it stands in an expression: in double quotes where it would not read otherwise."""
    try:
        tree = sqlglot.parse_one(name, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        tree = None
    plain = re.fullmatch(r"[^\W\d]\w*", name) and isinstance(tree, exp.Column) and tree.name == name
    return name if plain else '"' + name.replace('"', '""') + '"'


def number(money: Money, text: str) -> str:
    """The SQL of an expression over the columns of this file as numbers: a column, or a product of two."""
    parts = [next(c for c in money.file.look.columns if identifier(c.name) == part) for part in text.split(" * ")]
    return " * ".join(f"number_in(c{column.number})" for column in parts)


def _factors(money: Money, text: str) -> list[ColumnLook]:
    """The columns of a product but the quantity."""
    others = set(text.split(" * ")) - {identifier(money.quantity.name)}
    return [column for column in money.file.look.columns if identifier(column.name) in others]


def _makes(money: Money, unit: ColumnLook, amount_: str) -> bool:
    """Whether quantity times a number is the amount."""
    column = next((c for c in money.file.look.columns if c.name == amount_), None)
    return bool(column and money.quantity) and equal(money.con, money.place(column), _product(money, unit)) >= _ALWAYS


def _product(money: Money, unit: ColumnLook) -> str:
    return f"number_in(c{money.quantity.number}) * number_in(c{unit.number})"


def _named(money: Money, found: list[Claim]) -> Entry:
    (score, name, concept), *rest = found
    column = money.file.look.column(name)
    if money.table == "order_lines" and money.is_of_piece(column):
        return _times(money, column, found)
    proof = _proof(money, identifier(name)) if score < _SURE and concept == "amount" else ""
    near = [claim for claim in rest if claim.score > score - _AHEAD and not _same(money, name, claim.column)]
    doubt = None if (score >= _SURE or proof) and not near else _which(money, found)
    doubt = doubt or _counts(money, column) or _of_order(money, column) or _unproved(money, column)
    return Entry("amount", name, proof, doubt)


def _times(money: Money, column: ColumnLook, found: list[Claim]) -> Entry:
    """Quantity times the price of one piece."""
    if not money.quantity:
        return Entry("amount", column.name, doubt=_which(money, found))
    text = f"{identifier(money.quantity.name)} * {identifier(column.name)}"
    proof = _proof(money, text)
    if proof or (_are_named(money, column) and money.is_of_piece(column) is not False):
        return Entry("amount", text, proof or "quantity times the price of one piece")
    why = "it does not grow with the quantity" if money.is_of_piece(column) else "nothing proves what it counts"
    doubt = f"'{column.name}' looks like the price of one piece ({why}); or {column.name} alone"
    return Entry("amount", text, doubt=doubt)


def _are_named(money: Money, column: ColumnLook) -> bool:
    """Whether names leave no doubt about the quantity and the price of one piece."""
    is_price = money.file.columns[column.name].get("unit_price", 0) >= _SURE
    return is_price and money.file.best("quantity")[1] >= _SURE


def _proof(money: Money, text: str) -> str:
    """How the totals of the orders prove an expression: by the file of the orders, or by that of the lines."""
    sql = number(money, text)
    if money.orders and (total := _total(money.orders)):
        share = sums_up(money.con, _key(money, money.file), sql, _key(money, money.orders.meant), total)
        label = f"{total.column.name} of {money.orders.label}"
        return f"sums to {label} in {share:.1%} of the orders" if share >= _ALWAYS else ""
    if money.lines and (line := _line_money(money)):
        place = Place(money.file.look, next(c for c in money.file.look.columns if identifier(c.name) == text))
        lines = money.lines.meant
        share = sums_up(money.con, _key(money, lines), line, _key(money, money.file), place)
        return f"the lines of {money.lines.label} sum to it in {share:.1%} of the orders" if share >= _ALWAYS else ""
    return ""


def _key(money: Money, file: Meant) -> Place:
    return Place(file.look, file.found("order_id"))


def _total(orders: Given) -> Place | None:
    found = candidates(orders.meant, "orders", "amount", least=0.6)
    return Place(orders.meant.look, orders.meant.look.column(found[0].column)) if found else None


def _line_money(money: Money) -> str | None:
    """The SQL of the money of a line, in the file of the lines of these orders."""
    there = money._replace(file=money.lines.meant, table="order_lines", orders=None, lines=None)
    found = amount(there)
    return number(there, _as_expression(there, found.value)) if found else None


def _as_expression(money: Money, text: str) -> str:
    return identifier(text) if any(column.name == text for column in money.file.look.columns) else text


def _same(money: Money, one: str, other: str) -> bool:
    columns = [money.place(money.file.look.column(name)) for name in (one, other)]
    return equal(money.con, columns[0], f"number_in({columns[1].c})") >= 0.999


def _unproved(money: Money, column: ColumnLook) -> str | None:
    """A doubt about an amount beside a quantity, where nothing shows that it is that of the whole row."""
    of_piece = money.is_of_piece(column)
    if not money.quantity or of_piece is False:
        return None
    if money.table == "orders":
        said = f"'{column.name}' does not grow with '{money.quantity.name}': the price of one piece?"
        return said if of_piece else None
    if money.quantity.distinct == 1 or _is_product(money, column):
        return None
    pieces = f"{identifier(money.quantity.name)} * {identifier(column.name)}"
    return f"is '{column.name}' the money of the whole line, or of one piece ({pieces})? nothing in the file proves it"


def _is_product(money: Money, column: ColumnLook) -> bool:
    """Whether quantity times another number mostly gives this one."""
    unit = money.file.found("unit_price")
    if not unit or unit.name == column.name:
        return False
    return equal(money.con, money.place(column), _product(money, unit)) >= _MOSTLY


def _of_order(money: Money, column: ColumnLook) -> str | None:
    return of_order(money.con, money.file, column) if money.table == "order_lines" else None


def _counts(money: Money, column: ColumnLook) -> str | None:
    """A doubt about an amount that looks like a number of pieces: whole, and most often 1."""
    prices = [name for name, meant in money.file.columns.items() if meant.get("unit_price", 0) > 0.3]
    others = [name for name in prices if name != column.name]
    if column.shares["whole"] < 1 or column.values[0] != "1" or not others:
        return None
    return f"'{column.name}' is whole and most often 1: money, or a number of pieces? or {either(others)}"


def _which(money: Money, found: list[Claim]) -> str:
    first, *others = [claim.column for claim in found]
    if others:
        same = [name for name in others if _same(money, first, name)]
        equal_ = f" ({either(same)} has the same values)" if same else ""
        return f"is '{first}' what was paid? or {either(others[:3])}{equal_}"
    return f"is '{first}' what was paid for the row, after discounts?"


def _of_what(money: Money, column: ColumnLook) -> str:
    known = {True: "it does not grow with the quantity", False: "it grows with the quantity", None: "nothing proves it"}
    return f"is '{column.name}' for one piece or for the whole row? {known[money.is_of_piece(column)]}"


def _cost_of_profit(money: Money) -> Entry | None:
    profit, score = money.file.best("profit")
    paid = candidates(money.file, money.table, "amount", least=0.6)
    if not profit or score < 0.8 or not paid:
        return None
    text = f"{identifier(paid[0].column)} - {identifier(profit.name)}"
    doubt = f"no column holds the cost; what was paid less '{profit.name}' gives it, if that is before tax"
    return Entry("cost", text, doubt=doubt)
