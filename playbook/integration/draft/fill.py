"""Which column fills which standard column of a file's table, and how sure that is."""

import re
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration import fields
from playbook.integration.draft import money as monies
from playbook.integration.draft.columns import ColumnLook
from playbook.integration.draft.entries import Entry, either, is_private, shown
from playbook.integration.draft.links import Given, Links, slug
from playbook.integration.draft.money import Money, identifier
from playbook.integration.draft.names import concepts, holds, is_called, words
from playbook.integration.draft.relations import Place, determined, is_key
from playbook.integration.draft.tables import CONSTANTS, candidates

_SURE, _AHEAD = 0.9, 0.05
_LEAST, _LIKELY = 0.3, 0.55  # an optional column is proposed from here, written active from here
_PROVEN = 0.95
_GAPS = 0.1
_ONE_EACH = 0.98
_MANY = 200  # orders among which some customer must come twice
#: What an order says once; lines beside a file of orders leave it there.
_OF_ORDER = ("ordered_at", "customer_key", "related_order_id", "discount", "channel", "store", "name", "phone", "email",
             "member_card", "openid")  # fmt: skip


#: Standard column -> what may fill it, best first: (how surely, column, concept).
Claims = dict[str, list[tuple[float, str, str]]]


class Filled(NamedTuple):
    """The columns of one file: what is proposed, and which of the file's columns are in use."""

    entries: list[Entry]
    used: set[str]


def fill(con: DuckDBPyConnection, file: Given, links: Links, files: list[Given]) -> Filled:
    """The proposals for every column of the file's table, in the order of the table."""
    table = file.chosen.table
    money = _money(con, file, links, files)
    special = _special(money)
    taken = {entry.value for entry in special.values() if entry and entry.value in file.meant.columns}
    wanted = [name for name in words("tables")[table]["columns"] if not _left_to_orders(file, links, name)]
    proven = _factors(special.get("amount"))
    assigned = _assigned(con, file, links, [name for name in wanted if name not in special], taken, proven)
    proposed = [special[name] if name in special else _entry(con, file, links, name, assigned) for name in wanted]
    entries = [entry for entry in proposed if entry]
    return Filled(entries, {name for entry in entries for name in _columns_in(file, entry)})


def _money(con, file: Given, links: Links, files: list[Given]) -> Money:
    lines = next((line for line in files if links.headers.get(line.label) is file), None)
    return Money(con, file.meant, file.chosen.table, links.headers.get(file.label), lines)


def _special(money: Money) -> dict[str, Entry | None]:
    """The money of orders and lines, which names alone do not settle."""
    if money.table not in ("orders", "order_lines"):
        return {}
    amount = monies.amount(money)
    lines = {"cost": monies.cost(money), "price": monies.price(money, amount)} if money.table == "order_lines" else {}
    return {"amount": amount} | lines


def _left_to_orders(file: Given, links: Links, name: str) -> bool:
    return name in _OF_ORDER and file.label in links.headers


def _factors(amount: Entry | None) -> set[str]:
    """The factors of an amount that the totals of the orders prove."""
    return set(str(amount.value).split(" * ")) if amount and amount.sure and " * " in str(amount.value) else set()


def _assigned(con, file: Given, links: Links, wanted: list[str], taken: set[str], proven: set[str]) -> Claims:
    """Standard column -> its candidates, best first; the surest claims are met first, and a column fills one place only."""
    claims = {name: _claims(con, file, links, name) for name in wanted}
    claims["quantity"] = [_as_proven(claim, proven) for claim in claims.get("quantity", ())]
    ranked = sorted(((found[0], name, found) for name, all_ in claims.items() for found in all_), key=lambda c: (-c[0], wanted.index(c[1])))
    assigned: Claims = {}
    used = set(taken)
    for _, name, found in ranked:
        if name not in assigned and found[1] not in used:
            assigned[name] = [found]
            used.add(found[1])
    for name, (first, *_) in assigned.items():
        assigned[name] += [other for other in claims[name] if other[1] != first[1] and other[1] not in taken]
    return assigned


def _claims(con, file: Given, links: Links, name: str) -> list[tuple[float, str, str]]:
    found = candidates(file.meant, file.chosen.table, name, _LEAST)
    if name == "line":
        found = [claim for claim in found if _numbers_lines(con, file, claim[1])]
    if name in ("customer_key", "referrer_key", "referee_key"):
        found = [(_PROVEN if (file.label, claim[1]) in links.proven else claim[0], *claim[1:]) for claim in found]
    if name == "customer_key" and max((claim[0] for claim in found), default=0) < _LIKELY:
        found += _persons(con, file)
    if name in fields.REQUIRED[file.chosen.table]:
        found = [_unless_empty(file, claim, found) for claim in found]
    return sorted(found, key=lambda claim: -claim[0])


def _as_proven(claim: tuple[float, str, str], proven: set[str]) -> tuple[float, str, str]:
    return (max(_PROVEN, claim[0]), *claim[1:]) if identifier(claim[1]) in proven else claim


def _unless_empty(file: Given, claim: tuple[float, str, str], found: list[tuple[float, str, str]]) -> tuple[float, str, str]:
    """A required column with gaps is less likely than one without."""
    filled = {name: file.meant.look.column(name).filled for _, name, _ in found}
    gaps = filled[claim[1]] < max(filled.values())
    return (round(claim[0] - _GAPS * gaps, 3), *claim[1:]) if claim[0] < _SURE else claim


def _numbers_lines(con, file: Given, name: str) -> bool:
    """Whether a column tells the lines of one order apart."""
    order = file.meant.found("order_id")
    return bool(order and is_key(con, file.meant.look, order, file.meant.look.column(name)))


def _persons(con, file: Given) -> list[tuple[float, str, str]]:
    """Columns without a telling name that go with the phone: one number for each phone, and about as many of them."""
    phone = file.meant.found("phone") or file.meant.found("email")
    if not phone:
        return []
    by = Place(file.meant.look, phone)
    alike = [c for c in file.meant.look.columns if c.name != phone.name and 0.5 * phone.distinct <= c.distinct < 0.9 * c.filled and not is_private(c)]
    return [(0.5, c.name, "person") for c in alike if determined(con, by, Place(file.meant.look, c)) >= 0.98]


def _entry(con, file: Given, links: Links, name: str, assigned: Claims) -> Entry | None:
    if name not in assigned:
        return _constant(file, name) or _in_disguise(file, name)
    if name == "discount":
        return _discount(file, assigned[name])
    if name == "name" and assigned[name][0][2] in ("first_name", "last_name"):
        return _whole_name(file)
    (score, column, concept), *others = assigned[name]
    why = links.proven.get((file.label, column)) or shown(file.meant.look.column(column))
    near = [other[1] for other in others if other[0] > score - _AHEAD]
    if file.meant.look.column(column).shares["worded_zone"] >= 0.95:
        return _without_zone(name, file.meant.look.column(column))
    if name == "birth_year" and concept == "birthday":
        return _year_of(file.meant.look.column(column))
    if name == "customer_key" and _once_each(file, column):
        return Entry(name, column, doubt=f"no value of '{column}' stands twice: is it the customer's, or a number of the order?")
    if name == "order_id" and (doubt := _of_two_customers(con, file, column)):
        return Entry(name, column, doubt=doubt)
    if score >= _SURE and not near:
        return Entry(name, column, why)
    is_needed = name in fields.REQUIRED[file.chosen.table]
    return Entry(name, column, doubt=_doubt(file, column, concept, others), active=is_needed or score >= _LIKELY)


def _once_each(file: Given, name: str) -> bool:
    """Whether every order has a customer of its own, which no business has."""
    column = file.meant.look.column(name)
    return file.chosen.table == "orders" and column.distinct == column.filled >= _MANY


def _of_two_customers(con, file: Given, name: str) -> str | None:
    """Numbers that start again every day or in every store stand for several orders."""
    customer, score = file.meant.best("customer_key")
    if not customer or score < _SURE or file.chosen.table != "order_lines":
        return None
    order, customer = (Place(file.meant.look, column) for column in (file.meant.look.column(name), customer))
    share = determined(con, order, customer)
    return f"only {share:.0%} of the numbers belong to one customer: do they start again every day?" if share < _ONE_EACH else None


def _without_zone(name: str, column: ColumnLook) -> Entry:
    """Times that end in UTC or GMT are read without these letters."""
    zone = column.values[0].split()[-1]
    text = f"replace({identifier(column.name)}, ' {zone}', '')"
    return Entry(name, text, doubt=f"'{column.name}' ends in {zone}: the times are then those of {zone}, whatever the time zone of the business")


def _year_of(column: ColumnLook) -> Entry:
    """The year of a day of birth."""
    ahead = max(column.shares["compact"], 1 - column.shares["slashed"]) >= 0.98 and column.shares["slashed"] == 0
    side = "left" if ahead else "right"
    doubt = None if ahead or column.shares["slashed"] >= 0.98 else f"does the year stand at this end of '{column.name}'?"
    return Entry("birth_year", f"{side}({identifier(column.name)}, 4)", "the year of the day of birth", doubt)


def _whole_name(file: Given) -> Entry:
    """First and last name as one text."""
    parts = [(file.meant.best(concept)) for concept in ("first_name", "last_name")]
    text = f"concat({', '.join(identifier(column.name) for column, _ in parts if column)})"
    sure = all(column and score >= _SURE for column, score in parts)
    return Entry("name", text, "first and last name" if sure else "", None if sure else "is this the customer's name, or a part of it?")


def _doubt(file: Given, column: str, concept: str, others: list[tuple[float, str, str]]) -> str:
    looks = shown(file.meant.look.column(column))
    if file.meant.look.column(column).shares["epoch"] >= 0.95 and holds(concept) == "time":
        return f"'{column}' ({looks}) counts seconds since 1970, which is not read: export it as a date and time"
    if concept == "person":
        return f"'{column}' ({looks}) goes with the phone: one number for each phone; is it the customer's, whatever its name says?"
    rest = f"; or {either([other[1] for other in others[:3]])}" if others else ""
    return f"does '{column}' ({looks}) mean this{rest}?"


def _constant(file: Given, name: str) -> Entry | None:
    """A text that stands for all rows, where the table needs a column that the file lacks."""
    if (file.chosen.table, name) not in CONSTANTS:
        return None
    path = file.meant.look.path
    if name == "kind":
        return _cost_kind(path)
    text = CONSTANTS[file.chosen.table, name] or slug(path.split("/")[-1].split(".")[0])
    return Entry(name, f"'{text}'", doubt=f"no column says it; all rows are called {text}: is that right?")


def _in_disguise(file: Given, name: str) -> Entry | None:
    """A column that is called like this standard column, but whose values do not look like it."""
    fits = words("tables")[file.chosen.table]["columns"][name]
    concept = next((concept for concept, weight in fits.items() if weight == 1), None)
    called = [c for c in file.meant.look.columns if concept and not c.is_empty and is_called(c.name, concept) and concepts(c.name).get(concept) == 1]
    if not called:
        return None
    return Entry(name, called[0].name, doubt=f"it is called so, but its values ({shown(called[0])}) do not look like it", active=False)


def _cost_kind(path: str) -> Entry:
    kinds = words("words")["cost_paths"].items()
    found = next((kind for kind, marks in kinds if any(mark in path.casefold() for mark in marks)), None)
    doubt = None if found else "no column says what was paid for; 'acquisition' or 'service'?"
    return Entry("kind", f"'{found or 'acquisition'}'", "as the file's name says" if found else "", doubt)


def _discount(file: Given, claims: list[tuple[float, str, str]]) -> Entry:
    exact = [name for score, name, _ in claims if score >= _SURE]
    column = file.meant.look.column(claims[0][1])
    if column.shares["rate"] >= 0.999 and column.high:
        return Entry("discount", column.name, doubt=_rate(column), active=False)
    if len(exact) > 1:
        text = " + ".join(map(identifier, exact))
        more = [name for score, name, _ in claims if _LIKELY <= score < _SURE]
        also = f"; {either(more)} may be one too" if more else ""
        return Entry("discount", text, doubt=f"several columns hold a discount; is it their sum? or {either(exact)} alone{also}")
    if exact:
        return Entry("discount", column.name, shown(column))
    return Entry("discount", column.name, doubt=_doubt(file, column.name, "discount", claims[1:]))


def _rate(column: ColumnLook) -> str:
    return f"all of '{column.name}' lies between 0 and 1: a rate? the discount is wanted in money"


def _columns_in(file: Given, entry: Entry) -> set[str]:
    names = {column.name for column in file.meant.look.columns}
    text = str(entry.value)
    if text in names:
        return {text}
    parts = re.split(r" [-+*] |, |\(|\)", text)
    return {name for name in names if name and identifier(name) in parts}
