"""Which column fills which standard column of a file's table, and how sure that is."""

from playbook.integration.sources import fields
from playbook.onboarding import money as monies
from playbook.onboarding.draft import Entry, identifier, is_personal, shown
from playbook.onboarding.file_profile import Candidate, ColumnRef, FileProfile, determined, is_key
from playbook.onboarding.links import Links, slug, stem
from playbook.onboarding.meanings import candidates, constants
from playbook.onboarding.money import Money, same_on_all_lines
from playbook.onboarding.names import concepts, group, vocabulary, words

_SURE, _AHEAD = 0.9, 0.05
_LEAST, _LIKELY = 0.3, 0.55  # an optional column is proposed from here, and written active from here
_PROVEN = 0.95  # a candidate that the values of other files prove
_PERSON = 0.5  # a number that goes with the phone
_GAPS = 0.1  # what a gap takes from a candidate for a required column
_ALL = 0.98
_MANY = 200  # orders among which some customer must come twice
#: Standard column -> its candidates, best first.
Candidates = dict[str, list[Candidate]]


def propose(file: FileProfile, links: Links, files: list[FileProfile]) -> list[Entry]:
    """The proposals for the columns of the file's table, in the order of the table.

    Money comes first, which names alone do not settle. Then the surest candidates are met first, and a column fills one
    place only; the other candidates stand behind as choices.
    """
    settled = _money(file, links, files)
    left_to_orders = words("tables")["of_order"] if file.label in links.orders else ()
    wanted = [name for name in words("tables")[file.table]["columns"] if name not in left_to_orders]
    taken = {entry.value for entry in settled.values() if entry}
    possible = {name: _candidates(file, links, name, settled.get("amount")) for name in wanted if name not in settled}
    assigned = _assigned(possible, taken)
    proposals = [settled[name] if name in settled else _entry(file, links, name, assigned.get(name)) for name in wanted]
    return [entry for entry in proposals if entry]


def _money(file: FileProfile, links: Links, files: list[FileProfile]) -> dict[str, Entry | None]:
    if file.table not in ("orders", "order_lines"):
        return {}
    lines = next((line for line in files if links.orders.get(line.label) is file), None)
    money = Money(file, file.table, links.orders.get(file.label), lines)
    amount = monies.amount(money)
    if file.table == "orders":
        return {"amount": amount}
    return {"amount": amount, "cost": monies.cost(money), "price": monies.price(money, amount)}


def _assigned(possible: Candidates, taken: set) -> Candidates:
    ranked = [(candidate, name) for name, listed in possible.items() for candidate in listed]
    best: dict[str, Candidate] = {}
    used = set(taken)
    for candidate, name in sorted(ranked, key=lambda pair: -pair[0].score):
        if name not in best and candidate.column not in used:
            best[name] = candidate
            used.add(candidate.column)
    return {
        name: [first, *(other for other in possible[name] if other.column not in {first.column, *taken})]
        for name, first in best.items()
    }


def _candidates(file: FileProfile, links: Links, name: str, amount: Entry | None) -> list[Candidate]:
    """The columns that may fill a standard column, best first; what the values prove makes them stronger or weaker."""
    listed = candidates(file, file.table, name, _LEAST)
    proven = {column for label, column in links.proven if label == file.label and name in group("customers")}
    if name == "line":  # a column tells the lines of one order apart, or is none
        order = file.find("order_id")
        listed = [each for each in listed if order and is_key(order, file.column(each.column))]
    if name == "quantity" and amount and amount.doubt is None:  # a factor of an amount that the totals prove
        factors = str(amount.value).split(" * ")
        proven = {each.column for each in listed if len(factors) > 1 and identifier(each.column) in factors}
    listed = [each._replace(score=max(_PROVEN, each.score)) if each.column in proven else each for each in listed]
    if name == "customer_key" and all(each.score < _LIKELY for each in listed):
        listed += [Candidate(_PERSON, column.name, "person") for column in _one_for_each_phone(file)]
    if name in fields.REQUIRED[file.table]:
        filled = {each.column: file.column(each.column).filled for each in listed}
        has_gaps = {column for column, count in filled.items() if count < max(filled.values())}
        for index, each in enumerate(listed):
            if each.column in has_gaps and each.score < _SURE:
                listed[index] = each._replace(score=round(each.score - _GAPS, 3))
    return sorted(listed, key=lambda candidate: -candidate.score)


def _one_for_each_phone(file: FileProfile) -> list[ColumnRef]:
    """Columns without a telling name that go with the phone: one number for each phone, and about as many of them."""
    phone = file.find("phone") or file.find("email")
    if not phone:
        return []
    return [
        column
        for column in file.columns
        if column.name != phone.name
        and 0.5 * phone.distinct <= column.distinct < 0.9 * column.filled
        and not is_personal(column)
        and determined(phone, column) >= _ALL
    ]


def _entry(file: FileProfile, links: Links, name: str, listed: list[Candidate] | None) -> Entry | None:
    """The proposal for one standard column, made of its best candidate."""
    if not listed:
        return _constant(file, name) or _in_disguise(file, name)
    best, *others = listed
    column = file.column(best.column)
    if best.concept in _MADE_OF and (entry := _MADE_OF[best.concept](file, column, listed)):
        return entry
    if column.shares["worded_zone"] >= 0.95:
        zone = column.values[0].split()[-1]
        doubt = f"'{column.name}' ends in {zone}: its times are those of {zone}, not of the business"
        return Entry(name, f"replace({identifier(column.name)}, ' {zone}', '')", doubt=doubt)
    if name in _DOUBTS and (doubt := _DOUBTS[name](file, column)):
        return Entry(name, best.column, doubt=doubt)
    if best.score >= _SURE and not any(other.score > best.score - _AHEAD for other in others):
        return Entry(name, best.column, links.proven.get((file.label, best.column)) or shown(file, column))
    is_active = name in fields.REQUIRED[file.table] or best.score >= _LIKELY
    return Entry(name, best.column, doubt=_question(file, best, others), active=is_active)


def _question(file: FileProfile, best: Candidate, others: list[Candidate]) -> str:
    column = file.column(best.column)
    label = f"'{best.column}' ({shown(file, column)})"
    if best.concept == "person":
        return f"{label} goes with the phone, one number for each: is it the customer's, whatever its name says?"
    if column.shares["epoch"] >= 0.95 and words("names")["concepts"][best.concept]["holds"] == "time":
        return f"{label} counts seconds since 1970, which is not read: export it as a date and time"
    choices = f"; or {' or '.join(other.column for other in others[:3])}" if others else ""
    return f"does {label} mean this{choices}?"


def _constant(file: FileProfile, name: str) -> Entry | None:
    """A text that stands for all rows, where the table needs a column that the file lacks."""
    if name not in constants(file.table):
        return None
    text = constants(file.table)[name] or slug(stem(file.path))
    if name == "kind":
        kind = kind_in_path(file, "cost_paths")
        doubt = None if kind else "no column says what was paid for; 'acquisition' or 'service'?"
        return Entry(name, f"'{kind or text}'", "as the file's name says" if kind else "", doubt)
    return Entry(name, f"'{text}'", doubt=f"no column says it; all rows are called {text}: is that right?")


def kind_in_path(file: FileProfile, listed: str) -> str | None:
    """The first of some kinds (a list of words.yml) that has a word in the file's path."""
    path = file.path.casefold()
    return next((kind for kind, marks in vocabulary(listed).items() if any(mark in path for mark in marks)), None)


def _in_disguise(file: FileProfile, name: str) -> Entry | None:
    """A column that is called like a standard column, but whose values do not look like it."""
    fits = words("tables")[file.table]["columns"][name]
    concept = next((concept for concept, weight in fits.items() if weight == 1), None)
    for column in file.columns if concept else ():
        if not column.is_empty and concepts(column.name).get(concept) == 1:
            doubt = f"it is called so, but its values ({shown(file, column)}) do not look like it"
            return Entry(name, column.name, doubt=doubt, active=False)
    return None


def _discount(file: FileProfile, column: ColumnRef, listed: list[Candidate]) -> Entry | None:
    """A rate is no money; several discounts may have to be added."""
    if column.shares["rate"] >= 0.999 and column.high:
        doubt = f"all of '{column.name}' lies between 0 and 1: a rate? the discount is wanted in money"
        return Entry("discount", column.name, doubt=doubt, active=False)
    exact = [candidate.column for candidate in listed if candidate.score >= _SURE]
    if len(exact) < 2:
        return None
    more = [candidate.column for candidate in listed if _LIKELY <= candidate.score < _SURE]
    also = f"; {' or '.join(more)} may be one too" if more else ""
    doubt = f"several columns hold a discount; is it their sum? or {' or '.join(exact)} alone{also}"
    return Entry("discount", " + ".join(map(identifier, exact)), doubt=doubt)


def _whole_name(file: FileProfile, column: ColumnRef, listed: list[Candidate]) -> Entry:
    """First and last name as one text."""
    parts = [file.best(concept) for concept in ("first_name", "last_name")]
    text = f"concat({', '.join(identifier(part.name) for part, _ in parts if part)})"
    is_sure = all(score >= _SURE for _, score in parts)
    doubt = None if is_sure else "is this the customer's name, or a part of it?"
    return Entry("name", text, "first and last name", doubt)


def _year_of_birth(file: FileProfile, column: ColumnRef, listed: list[Candidate]) -> Entry:
    """The year of a day of birth."""
    first, last = column.shares["compact"] + column.shares["year_first"], column.shares["year_last"]
    text = f"{'left' if first >= last else 'right'}({identifier(column.name)}, 4)"
    doubt = None if max(first, last) >= _ALL else f"does the year stand at this end of '{column.name}'?"
    return Entry("birth_year", text, "the year of the day of birth", doubt)


def _once_each(file: FileProfile, column: ColumnRef) -> str | None:
    """A doubt where every order has a customer of its own, which no business has."""
    if file.table != "orders" or not column.distinct == column.filled >= _MANY:
        return None
    return f"no value of '{column.name}' stands twice: is it the customer's, or a number of the order?"


def _of_two_customers(file: FileProfile, column: ColumnRef) -> str | None:
    """A doubt about numbers that stand for several orders: they start again every day or in every store."""
    customer, score = file.best("customer_key")
    if score < _SURE or file.table != "order_lines":
        return None
    share = determined(column, customer)
    doubt = f"only {share:.0%} of the numbers belong to one customer: do they start again every day?"
    return doubt if share < _ALL else None


#: Concepts of which a standard column has to be made.
_MADE_OF = {
    "discount": _discount,
    "first_name": _whole_name,
    "last_name": _whole_name,
    "birthday": _year_of_birth,
}
#: Standard columns whose name may be clear while the values speak against it.
_DOUBTS = {"customer_key": _once_each, "order_id": _of_two_customers, "discount": same_on_all_lines}
