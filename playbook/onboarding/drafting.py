"""From a folder of files to the draft of its sources.yml."""

import re
import tempfile
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from playbook.integration.sources.locate import SourcesError
from playbook.integration.sources.models import FILE, read_sources
from playbook.onboarding import context
from playbook.onboarding.draft import Draft, Entry, FileDraft, columns_in, is_personal, text
from playbook.onboarding.file_profile import FileProfile
from playbook.onboarding.files import NO_DATA, profile_files
from playbook.onboarding.layout import Dialect
from playbook.onboarding.links import Links, link, slug
from playbook.onboarding.meanings import candidates, is_list_of_products
from playbook.onboarding.names import group, words
from playbook.onboarding.proposals import kind_in_path, propose
from playbook.onboarding.rules import row_rules
from playbook.run.workspace import write_atomically
from playbook.tables.engine import Engine

_FEW = 30  # values of an attribute
_SHOWN = 8  # columns of a file that is not used

Files = list[FileProfile]


class Written(NamedTuple):
    """The draft, where it was written, and why it does not load as it is (None: it does)."""

    path: Path
    draft: Draft
    problem: str | None


def init(folder: str | Path, *, industry: str = "retail") -> Written:
    """Write the draft of sources.yml into a folder of exports.

    Raises `FileExistsError` where one is already there, `SourcesError` where the folder holds no file of data.
    """
    path = Path(folder) / FILE
    if path.exists():
        raise FileExistsError(f"{path} is already there, and nothing was overwritten; rename it to have a new draft.")
    if not Path(folder).is_dir():
        raise SourcesError(f"there is no folder {folder}.")
    draft = drafted(Path(folder), industry=industry)
    if not (draft.files or draft.unplaced or any(unread.why != NO_DATA for unread in draft.unread)):
        raise SourcesError(
            f"{folder} holds no file of data: no CSV, text, Excel, JSON, Parquet or SQLite file, not even in its"
            " folders."
        )
    write_atomically(path, text(draft))
    try:
        read_sources(path)
    except SourcesError as error:
        return Written(path, draft, str(error))
    return Written(path, draft, None)


def drafted(folder: str | Path, *, industry: str = "retail") -> Draft:
    """Look at all files below a folder and propose what they hold. The same files give the same draft."""
    folder = Path(folder).resolve()
    with tempfile.TemporaryDirectory(prefix="draft-") as spill, closing(Engine(spill=Path(spill))) as engine:
        files, unread = profile_files(engine, folder, Path(spill))
        links = link(files, folder.name)
        placed = [file for file in files if file.table]
        drafts = [_file(file, links, placed) for file in placed]
        name = re.sub(r"[^\w-]+", "-", folder.name).strip("-_") or "data"
        of_all = [context.currency(placed or files), context.time_zone(placed or files)]
        settings = [Entry("name", name), Entry("industry", industry), *of_all]
        looked_up = {catalogue.label for catalogue in links.products.values()}
        left = [file for file in files if not file.table and file.label not in looked_up]
        return Draft(settings, drafts, [(file.label, _why(file, files)) for file in left], unread)


def _file(file: FileProfile, links: Links, files: Files) -> FileDraft:
    proposals = propose(file, links, files)
    rules = row_rules(file, proposals)
    used = columns_in([*proposals, *rules.kinds, *rules.exclude, *rules.singles], file)
    unused = [column for column in file.columns if column.name not in used]
    return FileDraft(
        path=file.path,
        head=_head(file),
        top=_top(file, links, proposals),
        blocks={
            "columns": _columns(file, proposals, links, files),
            "kinds": rules.kinds,
            "exclude": rules.exclude,
        },
        bottom=[*rules.singles, *_attributes(file), *rules.values],
        left_out=[f"{column.name} (empty)" if column.is_empty else column.name for column in unused],
        active=not file.match.lacking,
    )


def _head(file: FileProfile) -> str:
    """What was looked at, in words."""
    rows = f"{file.rows:,} rows" if file.whole else f"a part was looked at, {file.rows:,} rows"
    several = f" in {len(file.files)} files" if len(file.files) > 1 else ""
    part = f", sheet {file.dialect.sheet}" if file.dialect.sheet else ""
    part = f", table {file.dialect.db_table}" if file.dialect.db_table else part
    return f"{file.path}{part}: {rows}{several}"


def _top(file: FileProfile, links: Links, proposals: list[Entry]) -> list[Entry]:
    """Source, table, key namespace, layout and lookup of a file."""
    entries = [
        Entry("source", links.sources[file.label]),
        Entry("table", file.table, doubt=_doubt_of_table(file, links)),
    ]
    if namespace := links.namespaces.get(file.label):
        doubt = None if namespace.sure else f"{namespace.why}; are these the same customers' numbers?"
        why = namespace.why if namespace.sure else ""
        entries.append(Entry("key_source", namespace.source, why, doubt, namespace.sure))
    entries += [*_layout(file.dialect), *context.date_order(file, proposals)]
    if catalogue := links.products.get(file.label):
        lookup = {"path": catalogue.path, "key": catalogue.find("product_id").name}
        entries.append(Entry("lookup", [lookup], "one row per product"))
    return entries


def _doubt_of_table(file: FileProfile, links: Links) -> str | None:
    match, original = file.match, links.duplicates.get(file.label)
    if original:
        return f"nearly all of its rows stand in {original.label} too: take one of the two files out"
    if match.sure:
        return None
    if match.lacking:
        lacking = " and ".join(match.lacking)
        return f"it looks most like {match.table}; no column was found for {lacking}, which it needs"
    if match.table == "orders" and file.find("visited_at"):
        return "visits are read as orders, so that recency and frequency speak of them; or events, beside other orders?"
    others = f"; or {' or '.join(match.others)}" if match.others else ", but little speaks for it"
    return f"{words('tables')[match.table]['is']}{others}?"


def _layout(dialect: Dialect) -> list[Entry]:
    """The keys that a reader needs to be told: those that are not as usual."""
    usual = Dialect()._replace(doubts=dialect.doubts)
    differing = [key for key in Dialect._fields if getattr(dialect, key) != getattr(usual, key)]
    entries = [Entry(key, getattr(dialect, key), doubt=dialect.doubts.get(key)) for key in differing]
    if inner := dialect.doubts.get("explode"):
        doubt = f"'{inner}' is a list in each record: are its elements the rows, such as the lines of an order?"
        entries.append(Entry("explode", inner, doubt=doubt, active=False))
    return entries


def _columns(file: FileProfile, proposals: list[Entry], links: Links, files: Files) -> list[Entry]:
    """All columns, each once: what another file or the file's own name gives stands for what would be a guess."""
    columns = {entry.key: entry for entry in proposals}
    for entry in _category(links.products.get(file.label)):
        columns.pop(entry.key, None)
        columns[entry.key] = entry
    if file.table == "orders" and len({links.sources[other.label] for other in files if other.table == "orders"}) > 1:
        doubt = "no column says the channel; are all rows of this file one?"
        channel = Entry("channel", f"'{kind_in_path(file, 'channel_paths') or 'store'}'", doubt=doubt)
        columns.setdefault("channel", channel)
    for name in file.match.lacking:
        columns.setdefault(name, Entry(name, "?", doubt="no column was found; which one is it?", active=False))
    return list(columns.values())


def _category(catalogue: FileProfile | None) -> list[Entry]:
    """A category of the goods that the list of products gives to each line."""
    listed = candidates(catalogue, "order_lines", "category") if catalogue else []
    if not listed:
        return []
    best, *rest = listed
    if best.score >= 0.9 and not rest:
        return [Entry("category", best.column, f"of {catalogue.label}")]
    others = f" or {' or '.join(other.column for other in rest[:3])}" if rest else ""
    doubt = f"'{best.column}'{others} of {catalogue.label}: at which level are goods compared?"
    return [Entry("category", best.column, doubt=doubt)]


def _attributes(file: FileProfile) -> list[Entry]:
    """Columns with few values that say something about a customer: there to be taken, never taken unasked."""
    if file.table != "customers":
        return []
    attributes = {}
    for column in file.columns:
        types = file.types[column.name]
        is_meant = not types or any(types.get(concept, 0) >= 0.5 for concept in group("attributes"))
        if is_meant and 1 < column.distinct <= _FEW and not is_personal(column):
            attributes[slug(column.name)] = column.name
    return [Entry("attributes", attributes, "to be taken where they matter", active=False)] if attributes else []


def _why(file: FileProfile, files: Files) -> str:
    """Why a file is none of the tables, and which others it could be looked up by."""
    columns = ", ".join(column.name for column in file.columns[:_SHOWN])
    if is_list_of_products(file):
        return f"a list of products ({columns}): a lookup for lines that name '{file.find('product_id').name}'"
    lacking = " and ".join(file.match.lacking)
    nearest = f"nearest is {file.match.others[0]}, which needs {lacking}" if lacking else "nothing in it tells a table"
    repeated = [column.name for column in file.columns if not column.is_unique]
    partners = [
        f"'{name}' stands once each in {other.label}"
        for name in repeated
        for other in files
        if other is not file and any(column.name == name and column.is_unique for column in other.columns)
    ]
    lookup = f"; {'; '.join(partners[:2])} (see lookup)" if partners else ""
    return f"{nearest}; its columns: {columns}{lookup}"
