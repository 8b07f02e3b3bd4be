"""Which standard table a file holds: points for the columns that tell it, and for what its keys prove."""

from typing import NamedTuple

from playbook.integration.sources import fields
from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.look import Look
from playbook.onboarding.meanings import meanings
from playbook.onboarding.names import words

_ENOUGH, _AHEAD = 6.0, 3.0  # points from which a table is sure, and how far the next one must be behind
_LEAST = 2.0  # points below which a file is none of the tables
_FOUND = 0.5  # how sure a meaning must be to count
_IDENTITY = 3.0  # points of a key
_TRIO = 3.0  # points of somebody, a moment and money: a purchase at its plainest
_OF_SALES = ("customer_key", "order_id", "ordered_at", "quantity", "event")
_OF_GOODS = ("product_id", "product_name", "line", "quantity", "unit_price")
#: What a file may lack: a text in quotes stands for all its rows.
CONSTANTS = {
    ("events", "event"): "",  # what the file is called
    ("treatments", "arm"): "treatment",
    ("costs", "kind"): "acquisition",
    ("costs", "channel"): "all",
}


class Meant(NamedTuple):
    """A file and what its columns mean: column -> {concept: how surely}."""

    look: Look
    columns: dict[str, dict[str, float]]

    def best(self, concept: str) -> tuple[ColumnLook | None, float]:
        """The column that most surely has a meaning, and how surely."""
        scored = [(found.get(concept, 0), name) for name, found in self.columns.items()]
        score, name = max(scored, key=lambda pair: pair[0], default=(0, ""))
        return (self.look.column(name), score) if score else (None, 0.0)

    def found(self, concept: str) -> ColumnLook | None:
        """The column that has a meaning, where one has it surely enough."""
        column, score = self.best(concept)
        return column if score >= _FOUND else None


class Claim(NamedTuple):
    """A column that may fill a standard column: how surely (0 to 1), and the meaning it would do so by."""

    score: float
    column: str
    concept: str

    def at_least(self, score: float) -> "Claim":
        """The same claim, made stronger by a proof."""
        return self._replace(score=max(score, self.score))


class Chosen(NamedTuple):
    """The table a file holds (None: none of them), whether that is sure, the runners-up, and what the file lacks."""

    table: str | None
    sure: bool
    others: tuple[str, ...]
    lacking: tuple[str, ...]


def meant(look: Look) -> Meant:
    """A file with the meanings of its columns."""
    return Meant(look, {column.name: meanings(column) for column in look.columns})


def choose(file: Meant) -> Chosen:
    """The table with the most points; sure where it has enough of them and no other one is near."""
    if file.look.laid.format == "weblog":
        return Chosen("events", True, (), ())
    points = {table: _points(file, table) for table in fields.TABLES}
    ranked = sorted(points, key=lambda table: (-points[table], table))
    best, second = ranked[0], ranked[1]
    if points[best] < _LEAST:
        return Chosen(None, False, (best,), lacking(file, best))
    sure = points[best] >= _ENOUGH and points[best] - points[second] >= _AHEAD
    near = tuple(table for table in ranked[1:] if points[table] > max(_LEAST, points[best] - _AHEAD))
    return Chosen(best, sure and not lacking(file, best), near, lacking(file, best))


def lacking(file: Meant, table: str) -> tuple[str, ...]:
    """The columns that the table must have and for which the file shows no candidate."""
    wanted = [name for name in fields.REQUIRED[table] if (table, name) not in CONSTANTS]
    return tuple(name for name in wanted if not candidates(file, table, name))


def candidates(file: Meant, table: str, name: str, least: float = 0.3) -> list[Claim]:
    """What may fill a standard column, best first."""
    fits = words("tables")[table]["columns"].get(name, {})
    claims = [
        Claim(round(score * fits[concept], 3), column, concept)
        for column, found in file.columns.items()
        for concept, score in found.items()
        if concept in fits and score * fits[concept] >= least
    ]
    best: dict[str, Claim] = {}
    for claim in sorted(claims, key=lambda claim: -claim.score):
        best.setdefault(claim.column, claim)
    return list(best.values())


def is_list_of_products(file: Meant) -> bool:
    """Whether a file lists products once each: columns for the lines of orders to look up."""
    key = file.found("product_id")
    telling = any(file.best(concept)[1] >= 0.9 for concept in _OF_SALES)
    return bool(key and key.distinct == key.filled == file.look.rows and not telling)


def _points(file: Meant, table: str) -> float:
    tells = words("tables")[table]["tells"]
    scores = {concept: file.best(concept)[1] for concept in tells}
    named = sum(points * scores[concept] for concept, points in tells.items() if scores[concept] >= _FOUND)
    missing = 5.0 * len(lacking(file, table)) + 1.0 * _constants(file, table)
    return named + _keys(file, table) + _trio(file, table) - missing


def _constants(file: Meant, table: str) -> int:
    return sum(not candidates(file, table, name) for of, name in CONSTANTS if of == table)


def _trio(file: Meant, table: str) -> float:
    money = max(file.best("paid")[1], file.best("amount")[1])
    return _TRIO * (table == "orders" and min(money, file.best("customer_key")[1], file.best("day")[1]) >= 0.9)


def _keys(file: Meant, table: str) -> float:
    """What the keys prove: a customer stands once in a list of customers, an order once in a list of orders."""
    customer, order = file.found("customer_key"), file.found("order_id")
    if table == "customers" and customer:
        repeated = file.found("updated_at") and customer.distinct > 0.7 * customer.filled
        return _IDENTITY + 1 if customer.is_unique or repeated else -_IDENTITY
    if table == "orders" and order:
        return _IDENTITY if order.is_unique else -_IDENTITY
    if table == "order_lines" and order:
        of_goods = any(file.found(concept) for concept in _OF_GOODS)
        return -_IDENTITY if not of_goods else 0.0 if order.is_unique else _IDENTITY
    return 0.0
