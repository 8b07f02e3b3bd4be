"""From a folder of files to the draft of its sources.yml."""

import re
import tempfile
from pathlib import Path

from duckdb import DuckDBPyConnection

from playbook.engine import Engine
from playbook.integration.draft import context, tables
from playbook.integration.draft.entries import Entry, either, is_private
from playbook.integration.draft.fill import Filled, fill
from playbook.integration.draft.links import Given, Links, linked, slug
from playbook.integration.draft.look import Look, looked_over
from playbook.integration.draft.marks import Marks, marks
from playbook.integration.draft.names import words
from playbook.integration.draft.tables import candidates, choose, is_list_of_products, meant
from playbook.integration.draft.write import Draft, FileDraft

_ATTRIBUTES = ("age", "country", "other")


def drafted(folder: Path, *, industry: str = "retail") -> Draft:
    """Look at all files below a folder and propose what they hold. The same files give the same draft."""
    folder = Path(folder).resolve()
    with tempfile.TemporaryDirectory(prefix="draft-") as spill:
        engine = Engine(spill=Path(spill))
        try:
            return _drafted(engine, folder, Path(spill), industry)
        finally:
            engine.close()


def _drafted(engine: Engine, folder: Path, spill: Path, industry: str) -> Draft:
    looks, unread = looked_over(engine, folder, spill)
    files = [Given(file := meant(look), choose(file)) for look in looks]
    links = linked(engine.con, files, folder.name)
    placed = [file for file in files if file.chosen.table]
    drafts = [_file(engine.con, file, links, placed) for file in placed]
    settings = [
        Entry("name", re.sub(r"[^\w-]+", "-", folder.name).strip("-_") or "data"),
        Entry("industry", industry),
        context.currency(engine.con, placed or files),
        context.time_zone(placed or files),
    ]
    unplaced = [(file.label, _why_none(file, files)) for file in files if not file.chosen.table]
    return Draft(settings, drafts, [entry for entry in unplaced if entry[0] not in _looked_up(links)], unread)


def _file(con: DuckDBPyConnection, file: Given, links: Links, files: list[Given]) -> FileDraft:
    filled = fill(con, file, links, files)
    found = marks(con, file, filled.entries)
    active = not file.chosen.lacking
    rules = {"kinds": found.kinds, "exclude": found.exclude}
    columns = [*filled.entries, *_category(file, links), *_channel(file, filled, links, files), *_missing(file)]
    left = _left_out(file, filled, found)
    head = _head(file)
    return FileDraft(file.meant.look.path, head, _top(con, file, links, filled), columns, rules, _singles(file, found), found.values, left, active)


def _head(file: Given) -> str:
    look = file.meant.look
    rows = f"{look.rows:,} rows" if look.whole else f"a part was looked at, {look.rows:,} rows"
    several = f" in {len(look.files)} files" if len(look.files) > 1 else ""
    sheet = f", sheet {look.laid.sheet}" if look.laid.sheet else ""
    return f"{look.path}{sheet}: {rows}{several}"


def _top(con, file: Given, links: Links, filled: Filled) -> list[Entry]:
    chosen, laid = file.chosen, file.meant.look.laid
    entries = [Entry("source", links.sources[file.label]), Entry("table", chosen.table, doubt=_table_doubt(file, links))]
    if numbering := links.numberings.get(file.label):
        doubt = None if numbering.sure else f"{numbering.why}; are these the same customers' numbers?"
        entries.append(Entry("key_source", numbering.source, numbering.why if numbering.sure else "", doubt, numbering.sure))
    entries += [Entry(key, value, doubt=laid.doubts.get(key)) for key, value in _declared(laid).items()]
    if order := context.date_order(con, file, filled.entries):
        entries.append(order)
    if file.label in links.products:
        goods = links.products[file.label].meant
        entries.append(Entry("lookup", [{"path": goods.look.path, "key": goods.found("product_id").name}], "one row per product"))
    return entries


def _table_doubt(file: Given, links: Links) -> str | None:
    if twin := links.twins.get(file.label):
        return f"nearly all of its rows stand in {twin.label} too: take one of the two files out"
    if file.chosen.sure:
        return None
    if file.chosen.lacking:
        return f"it looks most like {file.chosen.table}, which needs {' and '.join(file.chosen.lacking)}; no column was found for it"
    if file.chosen.table == "orders" and file.meant.found("visited_at"):
        return "visits are read as orders, so that recency and frequency speak of them; or events, beside orders of another file?"
    others = f"; or {either(list(file.chosen.others))}" if file.chosen.others else ", but little speaks for it"
    return f"{words('tables')[file.chosen.table]['is']}{others}?"


def _declared(laid) -> dict:
    """The keys that a reader needs to be told."""
    told = {"encoding": laid.encoding, "delimiter": laid.delimiter, "sheet": laid.sheet}
    told |= {"header": laid.header} if laid.header != 1 else {}
    told |= {"names": laid.names} if laid.names else {}
    if laid.fixed_width:
        told |= {"fixed_width": {name: list(ends) for name, ends in laid.fixed_width.items()}}
        told |= {"skip_rows": laid.skip_rows} if laid.skip_rows else {}
    return {key: value for key, value in told.items() if value is not None}


def _category(file: Given, links: Links) -> list[Entry]:
    """A category of the goods that the list of products gives to each line."""
    if file.label not in links.products:
        return []
    goods = links.products[file.label].meant
    found = candidates(goods, "order_lines", "category")
    if not found:
        return []
    sure = found[0][0] >= 0.9 and len(found) == 1
    others = f" or {either([name for _, name, _ in found[1:4]])}" if len(found) > 1 else ""
    doubt = None if sure else f"'{found[0][1]}'{others} of {goods.look.path}: at which level are goods compared?"
    return [Entry("category", found[0][1], f"of {goods.look.path}", doubt)]


def _channel(file: Given, filled: Filled, links: Links, files: list[Given]) -> list[Entry]:
    """Orders of several sources, of which this one names no channel: it may be one."""
    has_one = any(entry.key == "channel" for entry in filled.entries)
    several = len({links.sources[other.label] for other in files if other.chosen.table == "orders"}) > 1
    if file.chosen.table != "orders" or has_one or not several:
        return []
    marks_ = words("words")["channel_paths"].items()
    found = next((key for key, marks in marks_ if any(mark in file.meant.look.path.casefold() for mark in marks)), "store")
    return [Entry("channel", f"'{found}'", doubt="no column says the channel; are all rows of this file one?")]


def _missing(file: Given) -> list[Entry]:
    return [Entry(name, "?", doubt="no column was found; which one is it?", active=False) for name in file.chosen.lacking]


def _singles(file: Given, found: Marks) -> list[Entry]:
    entries = [entry for entry in (found.internal, found.anonymous) if entry]
    column, score = file.meant.best("updated_at")
    if column and score >= 0.9 and file.chosen.table == "customers":
        entries.append(Entry("updated_at", column.name, "the newest state of a record holds"))
    return entries + _attributes(file)


def _attributes(file: Given) -> list[Entry]:
    """Columns with few values that say something about a customer: there to be taken, never taken unasked."""
    if file.chosen.table != "customers":
        return []
    columns = [c for c in file.meant.look.columns if 1 < c.distinct <= 30 and not is_private(c) and _is_attribute(file, c.name)]
    mapped = {_own_name(column.name): column.name for column in columns}
    return [Entry("attributes", mapped, "to be taken where they matter", active=False)] if mapped else []


def _is_attribute(file: Given, name: str) -> bool:
    found = file.meant.columns[name]
    return any(found.get(concept, 0) >= 0.5 for concept in _ATTRIBUTES) or not found


def _own_name(name: str) -> str:
    return slug(name)


def _left_out(file: Given, filled: Filled, found: Marks) -> list[str]:
    rules = [str(entry.value) for entry in (*found.kinds, *found.exclude, found.internal, found.anonymous) if entry]
    unused = [c for c in file.meant.look.columns if c.name not in filled.used and not any(c.name in rule for rule in rules)]
    return [f"{column.name} (empty)" if column.is_empty else column.name for column in unused]


def _why_none(file: Given, files: list[Given]) -> str:
    """Why a file is none of the tables, and what else it may be good for."""
    lacking = f"nearest is {file.chosen.others[0]}, which needs {' and '.join(file.chosen.lacking)}" if file.chosen.lacking else "nothing in it tells a table"
    columns = ", ".join(column.name for column in file.meant.look.columns[:8])
    if is_list_of_products(file.meant):
        return f"a list of products ({columns}): a lookup for lines that name '{file.meant.found('product_id').name}'"
    partners = _partners(file, files)
    return f"{lacking}; its columns: {columns}{partners}"


def _partners(file: Given, files: list[Given]) -> str:
    """Other files with one row for each value of a column of this one: their columns could be looked up."""
    found = [
        f"'{column.name}' stands once each in {other.label}"
        for column in file.meant.look.columns
        for other in files
        if other is not file and not column.is_unique and any(c.name == column.name and c.is_unique for c in other.meant.look.columns)
    ]
    return f"; {'; '.join(found[:2])} (see lookup)" if found else ""


def _looked_up(links: Links) -> set[str]:
    return {goods.label for goods in links.products.values()}


__all__ = ["drafted", "tables", "Look"]
