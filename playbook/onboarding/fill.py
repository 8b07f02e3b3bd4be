"""Which column fills which standard column of a file's table, and how sure that is."""

from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.sources import fields
from playbook.onboarding import money as monies
from playbook.onboarding import special
from playbook.onboarding.entries import Entry, columns_in, either, is_private, shown
from playbook.onboarding.links import Given, Links
from playbook.onboarding.money import Money, identifier
from playbook.onboarding.names import holds, words
from playbook.onboarding.relations import Place, determined, is_key
from playbook.onboarding.tables import Claim, candidates

_SURE, _AHEAD = 0.9, 0.05
_LEAST, _LIKELY = 0.3, 0.55  # an optional column is proposed from here, and written active from here
_PROVEN = 0.95  # a claim that the values of other files prove
_PERSON = 0.5  # a number that goes with the phone
_GAPS = 0.1  # what a gap takes from a claim to a required column
_PEOPLE = ("customer_key", "referrer_key", "referee_key")
#: What an order says once; lines beside a file of orders leave it there.
_OF_ORDER = ("ordered_at", "customer_key", "related_order_id", "discount", "channel", "store", "name", "phone", "email",
             "member_card", "openid")  # fmt: skip

#: Standard column -> its claims, best first.
Claims = dict[str, list[Claim]]


class Filled(NamedTuple):
    """The columns of one file: what is proposed, and which of the file's columns are in use."""

    entries: list[Entry]
    used: set[str]


class _Task(NamedTuple):
    """One file to fill, and what is known around it."""

    con: DuckDBPyConnection
    file: Given
    links: Links

    @property
    def table(self) -> str:
        return self.file.chosen.table

    def place(self, name: str) -> Place:
        return Place(self.file.meant.look, self.file.meant.look.column(name))


def fill(con: DuckDBPyConnection, file: Given, links: Links, files: list[Given]) -> Filled:
    """The proposals for every column of the file's table, in the order of the table."""
    task = _Task(con, file, links)
    settled = _settled(_money(task, files))
    wanted = [name for name in words("tables")[task.table]["columns"] if not _left_to_orders(task, name)]
    assigned = _assigned(task, [name for name in wanted if name not in settled], settled)
    proposed = [settled[name] if name in settled else _entry(task, name, assigned) for name in wanted]
    entries = [entry for entry in proposed if entry]
    names = [column.name for column in file.meant.look.columns]
    return Filled(entries, {name for entry in entries for name in columns_in(entry, names)})


def _money(task: _Task, files: list[Given]) -> Money:
    lines = next((line for line in files if task.links.headers.get(line.label) is task.file), None)
    return Money(task.con, task.file.meant, task.table, task.links.headers.get(task.file.label), lines)


def _settled(money: Money) -> dict[str, Entry | None]:
    """The money of orders and lines, which names alone do not settle."""
    if money.table not in ("orders", "order_lines"):
        return {}
    amount = monies.amount(money)
    lines = {"cost": monies.cost(money), "price": monies.price(money, amount)} if money.table == "order_lines" else {}
    return {"amount": amount} | lines


def _left_to_orders(task: _Task, name: str) -> bool:
    return name in _OF_ORDER and task.file.label in task.links.headers


def _assigned(task: _Task, wanted: list[str], settled: dict[str, Entry | None]) -> Claims:
    """The surest claims are met first, and a column fills one place only; the other claims stand behind as choices."""
    taken = {entry.value for entry in settled.values() if entry and entry.value in task.file.meant.columns}
    claims = {name: _claims(task, name, _factors(settled.get("amount"))) for name in wanted}
    ranked = [(claim, name) for name, every in claims.items() for claim in every]
    assigned, used = {}, set(taken)
    for claim, name in sorted(ranked, key=lambda pair: (-pair[0].score, wanted.index(pair[1]))):
        if name not in assigned and claim.column not in used:
            assigned[name] = claim
            used.add(claim.column)
    return {name: [first, *_others(claims[name], first, taken)] for name, first in assigned.items()}


def _others(claims: list[Claim], first: Claim, taken: set[str]) -> list[Claim]:
    return [claim for claim in claims if claim.column != first.column and claim.column not in taken]


def _factors(amount: Entry | None) -> set[str]:
    """The factors of an amount that the totals of the orders prove."""
    return set(str(amount.value).split(" * ")) if amount and amount.sure and " * " in str(amount.value) else set()


def _claims(task: _Task, name: str, factors: set[str]) -> list[Claim]:
    found = candidates(task.file.meant, task.table, name, _LEAST)
    if name == "line":
        found = [claim for claim in found if _numbers_lines(task, claim.column)]
    if name == "quantity":
        found = [claim.at_least(_PROVEN) if identifier(claim.column) in factors else claim for claim in found]
    if name in _PEOPLE:
        found = [claim.at_least(_PROVEN) if _is_proven(task, claim) else claim for claim in found]
    if name == "customer_key" and max((claim.score for claim in found), default=0) < _LIKELY:
        found += _persons(task)
    if name in fields.REQUIRED[task.table]:
        found = [_less_for_gaps(task, claim, found) for claim in found]
    return sorted(found, key=lambda claim: -claim.score)


def _is_proven(task: _Task, claim: Claim) -> bool:
    return (task.file.label, claim.column) in task.links.proven


def _less_for_gaps(task: _Task, claim: Claim, found: list[Claim]) -> Claim:
    """A required column with gaps is less likely than one without."""
    filled = {other.column: task.place(other.column).column.filled for other in found}
    gaps = filled[claim.column] < max(filled.values())
    return claim._replace(score=round(claim.score - _GAPS * gaps, 3)) if claim.score < _SURE else claim


def _numbers_lines(task: _Task, name: str) -> bool:
    """Whether a column tells the lines of one order apart."""
    order = task.file.meant.found("order_id")
    return bool(order and is_key(task.con, task.file.meant.look, order, task.place(name).column))


def _persons(task: _Task) -> list[Claim]:
    """Columns without a telling name that go with the phone: one number for each phone, and about as many of them."""
    phone = task.file.meant.found("phone") or task.file.meant.found("email")
    if not phone:
        return []
    by, most = Place(task.file.meant.look, phone), 0.9
    alike = [
        column
        for column in task.file.meant.look.columns
        if column.name != phone.name and 0.5 * phone.distinct <= column.distinct < most * column.filled
    ]
    usable = [Place(task.file.meant.look, column) for column in alike if not is_private(column)]
    found = [place for place in usable if determined(task.con, by, place) >= 0.98]
    return [Claim(_PERSON, place.column.name, "person") for place in found]


def _entry(task: _Task, name: str, assigned: Claims) -> Entry | None:
    if name not in assigned:
        return special.constant(task.file, name) or special.in_disguise(task.file, name)
    claims = assigned[name]
    return special.entry(task.file, name, claims) or _doubted(task, name, claims[0]) or _plain(task, name, claims)


def _doubted(task: _Task, name: str, claim: Claim) -> Entry | None:
    """A column whose name is clear, and whose values speak against it."""
    doubt = {
        "customer_key": special.once_each,
        "order_id": special.of_two_customers,
        "discount": special.on_every_line,
    }.get(name)
    said = doubt and doubt(task.con, task.file, claim.column)
    return Entry(name, claim.column, doubt=said) if said else None


def _plain(task: _Task, name: str, claims: list[Claim]) -> Entry:
    """The best claim; sure where it is strong and no other one is near."""
    best, *others = claims
    why = task.links.proven.get((task.file.label, best.column)) or shown(task.place(best.column).column)
    if best.score >= _SURE and not any(other.score > best.score - _AHEAD for other in others):
        return Entry(name, best.column, why)
    active = name in fields.REQUIRED[task.table] or best.score >= _LIKELY
    return Entry(name, best.column, doubt=_question(task, best, others), active=active)


def _question(task: _Task, best: Claim, others: list[Claim]) -> str:
    column = task.place(best.column).column
    looks = f"'{best.column}' ({shown(column)})"
    if best.concept == "person":
        return f"{looks} goes with the phone, one number for each: is it the customer's, whatever its name says?"
    if column.shares["epoch"] >= 0.95 and holds(best.concept) == "time":
        return f"{looks} counts seconds since 1970, which is not read: export it as a date and time"
    choices = f"; or {either([other.column for other in others[:3]])}" if others else ""
    return f"does {looks} mean this{choices}?"
