"""Standard columns that are not simply a column of the file: texts for all rows, sums, parts of other columns."""

from duckdb import DuckDBPyConnection

from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.entries import Entry, either, shown
from playbook.onboarding.links import Given, slug
from playbook.onboarding.money import identifier, of_order
from playbook.onboarding.names import concepts, is_called, words
from playbook.onboarding.relations import Place, determined
from playbook.onboarding.tables import CONSTANTS, Claim

_SURE, _LIKELY, _ALL = 0.9, 0.55, 0.98
_MANY = 200  # orders among which some customer must come twice


def entry(file: Given, name: str, claims: list[Claim]) -> Entry | None:
    """The proposal for a column that has to be made of the best claim first; None where it is that column itself."""
    best, column = claims[0], file.meant.look.column(claims[0].column)
    if name == "discount":
        return _discount(file, column, claims)
    if name == "name" and best.concept in ("first_name", "last_name"):
        return _whole_name(file)
    if name == "birth_year" and best.concept == "birthday":
        return _year_of(column)
    return _without_zone(name, column) if column.shares["worded_zone"] >= 0.95 else None


def constant(file: Given, name: str) -> Entry | None:
    """A text that stands for all rows, where the table needs a column that the file lacks."""
    if (file.chosen.table, name) not in CONSTANTS:
        return None
    path = file.meant.look.path
    if name == "kind":
        return _cost_kind(path)
    text = CONSTANTS[file.chosen.table, name] or slug(path.split("/")[-1].split(".")[0])
    return Entry(name, f"'{text}'", doubt=f"no column says it; all rows are called {text}: is that right?")


def in_disguise(file: Given, name: str) -> Entry | None:
    """A column that is called like a standard column, but whose values do not look like it."""
    fits = words("tables")[file.chosen.table]["columns"][name]
    concept = next((concept for concept, weight in fits.items() if weight == 1), None)
    called = [column for column in file.meant.look.columns if concept and _is_named(column, concept)]
    if not called:
        return None
    doubt = f"it is called so, but its values ({shown(called[0])}) do not look like it"
    return Entry(name, called[0].name, doubt=doubt, active=False)


def once_each(con: DuckDBPyConnection, file: Given, name: str) -> str | None:
    """A doubt where every order has a customer of its own, which no business has."""
    column = file.meant.look.column(name)
    if file.chosen.table != "orders" or not column.distinct == column.filled >= _MANY:
        return None
    return f"no value of '{name}' stands twice: is it the customer's, or a number of the order?"


def of_two_customers(con: DuckDBPyConnection, file: Given, name: str) -> str | None:
    """A doubt about numbers that stand for several orders: they start again every day or in every store."""
    customer, score = file.meant.best("customer_key")
    if not customer or score < _SURE or file.chosen.table != "order_lines":
        return None
    order, buyer = (Place(file.meant.look, column) for column in (file.meant.look.column(name), customer))
    share = determined(con, order, buyer)
    return (
        f"only {share:.0%} of the numbers belong to one customer: do they start again every day?"
        if share < _ALL
        else None
    )


def on_every_line(con: DuckDBPyConnection, file: Given, name: str) -> str | None:
    """A doubt about a discount of the order that stands on each of its lines."""
    of_lines = file.chosen.table == "order_lines"
    return of_order(con, file.meant, file.meant.look.column(name)) if of_lines else None


def _is_named(column: ColumnLook, concept: str) -> bool:
    return not column.is_empty and is_called(column.name, concept) and concepts(column.name).get(concept) == 1


def _cost_kind(path: str) -> Entry:
    kinds = words("words")["cost_paths"].items()
    found = next((kind for kind, marks in kinds if any(mark in path.casefold() for mark in marks)), None)
    doubt = None if found else "no column says what was paid for; 'acquisition' or 'service'?"
    return Entry("kind", f"'{found or 'acquisition'}'", "as the file's name says" if found else "", doubt)


def _discount(file: Given, column: ColumnLook, claims: list[Claim]) -> Entry | None:
    exact = [claim.column for claim in claims if claim.score >= _SURE]
    if column.shares["rate"] >= 0.999 and column.high:
        doubt = f"all of '{column.name}' lies between 0 and 1: a rate? the discount is wanted in money"
        return Entry("discount", column.name, doubt=doubt, active=False)
    if len(exact) < 2:
        return None
    more = [claim.column for claim in claims if _LIKELY <= claim.score < _SURE]
    also = f"; {either(more)} may be one too" if more else ""
    doubt = f"several columns hold a discount; is it their sum? or {either(exact)} alone{also}"
    return Entry("discount", " + ".join(map(identifier, exact)), doubt=doubt)


def _whole_name(file: Given) -> Entry:
    """First and last name as one text."""
    parts = [file.meant.best(concept) for concept in ("first_name", "last_name")]
    text = f"concat({', '.join(identifier(column.name) for column, _ in parts if column)})"
    sure = all(column and score >= _SURE for column, score in parts)
    return Entry("name", text, "first and last name", None if sure else "is this the customer's name, or a part of it?")


def _year_of(column: ColumnLook) -> Entry:
    """The year of a day of birth."""
    ahead = column.shares["compact"] + column.shares["year_first"] >= column.shares["year_last"]
    share = column.shares["compact"] + column.shares["year_first"] if ahead else column.shares["year_last"]
    text = f"{'left' if ahead else 'right'}({identifier(column.name)}, 4)"
    doubt = None if share >= _ALL else f"does the year stand at this end of '{column.name}'?"
    return Entry("birth_year", text, "the year of the day of birth", doubt)


def _without_zone(name: str, column: ColumnLook) -> Entry:
    """Times that end in UTC or GMT are read without these letters."""
    zone = column.values[0].split()[-1]
    text = f"replace({identifier(column.name)}, ' {zone}', '')"
    return Entry(
        name, text, doubt=f"'{column.name}' ends in {zone}: its times are those of {zone}, not of the business"
    )
