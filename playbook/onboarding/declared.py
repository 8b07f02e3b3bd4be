"""What stands above a file's columns in the draft, and what the folder around it adds to them."""

from duckdb import DuckDBPyConnection

from playbook.onboarding import context
from playbook.onboarding.entries import Entry, either
from playbook.onboarding.links import Given, Links
from playbook.onboarding.names import words
from playbook.onboarding.tables import candidates


def head(file: Given) -> str:
    """What was looked at, in words."""
    look = file.meant.look
    rows = f"{look.rows:,} rows" if look.whole else f"a part was looked at, {look.rows:,} rows"
    several = f" in {len(look.files)} files" if len(look.files) > 1 else ""
    sheet = f", sheet {look.laid.sheet}" if look.laid.sheet else ""
    sheet = f", table {look.laid.db_table}" if look.laid.db_table else sheet
    return f"{look.path}{sheet}: {rows}{several}"


def top(con: DuckDBPyConnection, file: Given, links: Links, columns: list[Entry]) -> list[Entry]:
    """Source, table, numbering, layout and lookup of a file."""
    known = [
        Entry("source", links.sources[file.label]),
        Entry("table", file.chosen.table, doubt=_of_table(file, links)),
    ]
    order = context.date_order(con, file, columns)
    return [*known, *_numbering(file, links), *_layout(file), *([order] if order else []), *_lookup(file, links)]


def category(file: Given, links: Links) -> list[Entry]:
    """A category of the goods that the list of products gives to each line."""
    goods = links.products.get(file.label)
    found = candidates(goods.meant, "order_lines", "category") if goods else []
    if not found:
        return []
    (score, column, _), *rest = found
    if score >= 0.9 and not rest:
        return [Entry("category", column, f"of {goods.label}")]
    others = f" or {either([claim.column for claim in rest[:3]])}" if rest else ""
    return [Entry("category", column, doubt=f"'{column}'{others} of {goods.label}: at which level are goods compared?")]


def channel(file: Given, links: Links, files: list[Given]) -> list[Entry]:
    """Orders of several sources, of which this one names no channel: it may be one."""
    sources = {links.sources[other.label] for other in files if other.chosen.table == "orders"}
    if file.chosen.table != "orders" or len(sources) < 2:
        return []
    path, known = file.meant.look.path.casefold(), words("words")["channel_paths"].items()
    found = next((key for key, parts in known if any(part in path for part in parts)), "store")
    return [Entry("channel", f"'{found}'", doubt="no column says the channel; are all rows of this file one?")]


def missing(file: Given) -> list[Entry]:
    """The columns that the table needs and the file does not show."""
    doubt = "no column was found; which one is it?"
    return [Entry(name, "?", doubt=doubt, active=False) for name in file.chosen.lacking]


def _of_table(file: Given, links: Links) -> str | None:
    chosen, twin = file.chosen, links.twins.get(file.label)
    if twin:
        return f"nearly all of its rows stand in {twin.label} too: take one of the two files out"
    if chosen.sure:
        return None
    if chosen.lacking:
        return (
            f"it looks most like {chosen.table}; no column was found for {' and '.join(chosen.lacking)}, which it needs"
        )
    if chosen.table == "orders" and file.meant.found("visited_at"):
        return "visits are read as orders, so that recency and frequency speak of them; or events, beside other orders?"
    others = f"; or {either(list(chosen.others))}" if chosen.others else ", but little speaks for it"
    return f"{words('tables')[chosen.table]['is']}{others}?"


def _numbering(file: Given, links: Links) -> list[Entry]:
    found = links.numberings.get(file.label)
    if not found:
        return []
    if found.sure:
        return [Entry("key_source", found.source, found.why)]
    doubt = f"{found.why}; are these the same customers' numbers?"
    return [Entry("key_source", found.source, doubt=doubt, active=False)]


def _layout(file: Given) -> list[Entry]:
    """The keys that a reader needs to be told."""
    laid = file.meant.look.laid
    widths = {name: list(ends) for name, ends in (laid.fixed_width or {}).items()}
    told = {
        "encoding": laid.encoding,
        "delimiter": laid.delimiter,
        "sheet": laid.sheet,
        "header": None if laid.header == 1 else laid.header,
        "names": laid.names,
        "fixed_width": widths or None,
        "skip_rows": laid.skip_rows or None,
        "format": laid.format,
        "items": laid.items,
        "db_table": laid.db_table,
    }
    known = [Entry(key, value, doubt=laid.doubts.get(key)) for key, value in told.items() if value is not None]
    return [*known, *_exploded(laid.doubts.get("explode"))]


def _exploded(inner: str | None) -> list[Entry]:
    doubt = f"'{inner}' is a list in each record: are its elements the rows, such as the lines of an order?"
    return [Entry("explode", inner, doubt=doubt, active=False)] if inner else []


def _lookup(file: Given, links: Links) -> list[Entry]:
    goods = links.products.get(file.label)
    if not goods:
        return []
    named = {"path": goods.meant.look.path, "key": goods.meant.found("product_id").name}
    return [Entry("lookup", [named], "one row per product")]
