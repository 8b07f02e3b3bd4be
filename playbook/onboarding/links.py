"""Which files belong together: shared customers, orders and products, proved by the values of their keys."""

import re
from itertools import combinations
from pathlib import PurePosixPath
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.relations import Place, overlap, shared_rows
from playbook.onboarding.tables import Chosen, Meant, is_list_of_products

_CUSTOMERS = ("customer_key", "referrer_key", "referee_key")
_SHARED, _SAME = 0.5, 0.9  # shares of values from which keys are related, and the same
_SURE = 0.9
_STARTS = 100_001  # numbers counted up from here or lower say nothing about whose they are
_OWNERS = ("customers", "orders", "order_lines")
_NAMING = ("orders", "order_lines", "customers")  # a source is called after the first of these
_WHAT_A_ROW_SAYS = (("customer_key",), ("ordered_at", "day", "created_at", "paid_at"), ("amount", "paid"))


class Given(NamedTuple):
    """One file with its meanings and its table."""

    meant: Meant
    chosen: Chosen

    @property
    def label(self) -> str:
        """What to call the file."""
        return self.meant.look.label

    def place(self, concepts: tuple[str, ...]) -> Place | None:
        """The column that most surely has one of some meanings."""
        scored = [(self.meant.best(concept)[1], concept) for concept in concepts]
        score, concept = max(scored)
        return Place(self.meant.look, self.meant.best(concept)[0]) if score >= 0.5 else None


class Numbering(NamedTuple):
    """Whose numbers a file's customer keys are: the source, the evidence, and whether that is sure."""

    source: str
    why: str
    sure: bool


class Links(NamedTuple):
    """What the keys prove, by the files' labels."""

    sources: dict[str, str]
    numberings: dict[str, Numbering]
    headers: dict[str, Given]  # lines -> the file of their orders
    products: dict[str, Given]  # lines -> the file that lists their products
    twins: dict[str, Given]  # file -> another one that holds nearly all of its rows
    proven: dict[tuple[str, str], str]  # (file, column) -> whose keys it holds


def linked(con: DuckDBPyConnection, files: list[Given], name: str) -> Links:
    """How the files of a folder hang together; `name` is the folder's."""
    placed = [file for file in files if file.chosen.table]
    headers = _headers(con, placed)
    sources = _sources(con, placed, headers, name)
    return Links(
        sources,
        _numberings(con, placed, sources),
        headers,
        _products(con, files, placed),
        _twins(con, placed),
        _proven(con, placed),
    )


def says_little(column: ColumnLook) -> bool:
    """Whether the values are numbers that any system counts up from the beginning."""
    return column.is_dense and column.low <= _STARTS


def slug(text: str) -> str:
    """A short name made of a path: letters, digits and underscores."""
    return re.sub(r"\W+", "_", text.casefold()).strip("_") or "data"


def _headers(con, files: list[Given]) -> dict[str, Given]:
    found = {}
    for lines in (file for file in files if file.chosen.table == "order_lines"):
        for orders in (file for file in files if file.chosen.table == "orders"):
            here, there = lines.place(("order_id",)), orders.place(("order_id",))
            if here and there and there.column.is_unique and overlap(con, here, there) >= 0.8:
                found[lines.label] = orders
    return found


def _products(con, files: list[Given], placed: list[Given]) -> dict[str, Given]:
    lists = [file for file in files if is_list_of_products(file.meant)]
    lines = [file for file in placed if file.chosen.table == "order_lines" and not file.meant.found("category")]
    return {line.label: goods for line in lines for goods in lists if _looks_up(con, line, goods)}


def _looks_up(con, lines: Given, goods: Given) -> bool:
    here, there = lines.place(("product_id",)), goods.place(("product_id",))
    return bool(here and here.column.name == there.column.name and overlap(con, here, there) >= _SHARED)


def _twins(con, files: list[Given]) -> dict[str, Given]:
    """Files of orders whose rows another file holds too: a sample, an older export, a copy."""
    found = {}
    for one, other in combinations([file for file in files if file.chosen.table in _OWNERS[1:]], 2):
        small, large = sorted((one, other), key=lambda file: file.meant.look.rows)
        if one.chosen.table == other.chosen.table and _repeats(con, small, large):
            found[small.label] = large
    return found


def _repeats(con, small: Given, large: Given) -> bool:
    """Whether customer, moment and money of nearly all rows stand in the other file."""
    pairs = [(small.place(concepts), large.place(concepts)) for concepts in _WHAT_A_ROW_SAYS]
    return all(one and other for one, other in pairs) and shared_rows(con, pairs) >= _SAME


def _proven(con, files: list[Given]) -> dict[tuple[str, str], str]:
    """Columns that may be customers' keys and hold those of a file where nobody doubts them."""
    known = [file for file in files if file.meant.best("customer_key")[1] >= _SURE and file.chosen.sure]
    proven = {}
    for file in files:
        for concept in _CUSTOMERS:
            place = file.place((concept,))
            owner = place and next((o for o in known if o is not file and _holds_keys_of(con, place, o)), None)
            if owner:
                proven[file.label, place.column.name] = f"its values are customers of {owner.label}"
    return proven


def _holds_keys_of(con, place: Place, owner: Given) -> bool:
    there = owner.place(("customer_key",))
    return not (says_little(place.column) or says_little(there.column)) and overlap(con, place, there) >= _SAME


def _sources(con, files: list[Given], headers: dict[str, Given], name: str) -> dict[str, str]:
    """A source for each file: its folder's name; files beside sources.yml share one where they share keys."""
    sources = {file.label: slug(PurePosixPath(file.meant.look.path).parts[0]) for file in files if _has_folder(file)}
    loose = [file for file in files if not _has_folder(file)]
    for group in _groups(con, loose, headers):
        alone = len(group) == len(loose)
        sources |= {file.label: slug(name if alone else _stem(group[0])) for file in group}
    return sources | {lines: sources[orders.label] for lines, orders in headers.items()}


def _has_folder(file: Given) -> bool:
    return "/" in file.meant.look.path


def _stem(file: Given) -> str:
    stem = PurePosixPath(file.meant.look.path).name.split(".")[0]
    return re.sub(r"[\d*]+", "", stem) if len(file.meant.look.files) > 1 else stem


def _groups(con, files: list[Given], headers: dict[str, Given]) -> list[list[Given]]:
    group = {file.label: number for number, file in enumerate(files)}
    for one, other in combinations(files, 2):
        if group[one.label] != group[other.label] and _related(con, one, other, headers):
            old, new = sorted((group[one.label], group[other.label]))[::-1]
            group = {label: new if number == old else number for label, number in group.items()}
    ordered = sorted(files, key=lambda file: ([*_NAMING, file.chosen.table].index(file.chosen.table), file.label))
    return [[file for file in ordered if group[file.label] == number] for number in sorted(set(group.values()))]


def _rank(file: Given) -> int:
    return _OWNERS.index(file.chosen.table) if file.chosen.table in _OWNERS else len(_OWNERS)


def _related(con, one: Given, other: Given, headers: dict[str, Given]) -> bool:
    if headers.get(one.label) is other or headers.get(other.label) is one:
        return True
    keys = [(one.place(concepts), other.place(concepts)) for concepts in (_CUSTOMERS, ("order_id",))]
    return any(here and there and _share(con, here, there) >= _SHARED for here, there in keys)


def _share(con, here: Place, there: Place) -> float:
    return max(overlap(con, here, there), overlap(con, there, here))


def _numberings(con, files: list[Given], sources: dict[str, str]) -> dict[str, Numbering]:
    """Files whose customer keys were given out by another source, as its own list of customers or orders shows."""
    keyed = [(file, place) for file in files if (place := file.place(_CUSTOMERS))]
    found: dict[str, Numbering] = {}
    for file, place in sorted(keyed, key=lambda pair: _rank(pair[0])):
        owner, share = _owner(con, file, place, keyed, sources)
        origin = found[owner.label].source if owner and owner.label in found else owner and sources[owner.label]
        if origin and origin != sources[file.label]:
            found[file.label] = _numbering(place, origin, owner, share)
    return found


def _owner(con, file: Given, place: Place, keyed, sources: dict[str, str]) -> tuple[Given | None, float]:
    """The file that gave out the keys of another one: of the same source if any, a list of customers before orders."""
    scored = [
        (sources[other.label] != sources[file.label], _rank(other), -_share(con, place, there), other)
        for other, there in keyed
        if _may_own(other, there, file, place)
    ]
    related = [entry for entry in scored if -entry[2] >= _SHARED]
    *_, share, owner = min(related, key=lambda entry: entry[:3], default=(0.0, None))
    return owner, -share


def _may_own(other: Given, there: Place, file: Given, place: Place) -> bool:
    if other is file or _rank(other) == len(_OWNERS):
        return False
    of_customers = _rank(file) == _rank(other) == 0
    return there.column.distinct > place.column.distinct if of_customers else _rank(other) < _rank(file)


def _numbering(place: Place, source: str, owner: Given, share: float) -> Numbering:
    why = f"{share:.0%} of the customers are shared with {owner.label}"
    if says_little(place.column):
        chance = f"numbers counted up from {place.column.low:.0f} may agree by chance"
        return Numbering(source, f"{why}, but {chance}", False)
    return Numbering(source, why, share >= 0.6)
