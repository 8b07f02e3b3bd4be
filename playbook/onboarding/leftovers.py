"""What a draft does not use: columns without a place, files that are none of the tables, and why."""

from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.entries import Entry, columns_in, is_private
from playbook.onboarding.fill import Filled
from playbook.onboarding.links import Given, Links, slug
from playbook.onboarding.marks import Marks
from playbook.onboarding.tables import is_list_of_products

_OF_CUSTOMERS = ("age", "country", "other")
_FEW = 30  # values of an attribute
_SHOWN = 8  # columns of a file that is not used


def columns(file: Given, filled: Filled, found: Marks) -> list[str]:
    """The columns that stand nowhere in the draft of a file."""
    names = [column.name for column in file.meant.look.columns]
    used = filled.used | {name for entry in found.entries for name in columns_in(entry, names)}
    unused = [column for column in file.meant.look.columns if column.name not in used]
    return [f"{column.name} (empty)" if column.is_empty else column.name for column in unused]


def attributes(file: Given) -> list[Entry]:
    """Columns with few values that say something about a customer: there to be taken, never taken unasked."""
    if file.chosen.table != "customers":
        return []
    mapped = {slug(column.name): column.name for column in file.meant.look.columns if _is_attribute(file, column)}
    return [Entry("attributes", mapped, "to be taken where they matter", active=False)] if mapped else []


def unplaced(files: list[Given], links: Links) -> list[tuple[str, str]]:
    """The files that are none of the tables, and why; lists that other files look up apart."""
    looked_up = {goods.label for goods in links.products.values()}
    return [(file.label, _why(file, files)) for file in files if not file.chosen.table and file.label not in looked_up]


def _is_attribute(file: Given, column: ColumnLook) -> bool:
    meant = file.meant.columns[column.name]
    fits = not meant or any(meant.get(concept, 0) >= 0.5 for concept in _OF_CUSTOMERS)
    return fits and 1 < column.distinct <= _FEW and not is_private(column)


def _why(file: Given, files: list[Given]) -> str:
    shown = ", ".join(column.name for column in file.meant.look.columns[:_SHOWN])
    if is_list_of_products(file.meant):
        return f"a list of products ({shown}): a lookup for lines that name '{file.meant.found('product_id').name}'"
    lacks = " and ".join(file.chosen.lacking)
    nearest = f"nearest is {file.chosen.others[0]}, which needs {lacks}" if lacks else "nothing in it tells a table"
    return f"{nearest}; its columns: {shown}{_partners(file, files)}"


def _partners(file: Given, files: list[Given]) -> str:
    """Other files with one row for each value of a column of this one: their columns could be looked up."""
    repeated = [column.name for column in file.meant.look.columns if not column.is_unique]
    others = [other for other in files if other is not file]
    found = [
        f"'{name}' stands once each in {other.label}" for name in repeated for other in others if _is_key(other, name)
    ]
    return f"; {'; '.join(found[:2])} (see lookup)" if found else ""


def _is_key(file: Given, name: str) -> bool:
    return any(column.name == name and column.is_unique for column in file.meant.look.columns)
