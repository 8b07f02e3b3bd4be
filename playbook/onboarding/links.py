"""Which files belong together: shared customers, orders and products, proved by the values of their keys."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import PurePosixPath
from typing import NamedTuple

from scipy.cluster.hierarchy import DisjointSet

from playbook.onboarding.file_profile import ColumnRef, FileProfile, overlap, shared_rows
from playbook.onboarding.meanings import is_list_of_products
from playbook.onboarding.names import group

_SHARED, _SAME = 0.5, 0.9  # shares of values from which keys are related, and the same
_ORDERS_OF_LINES = 0.8  # share of the lines' order numbers that the file of the orders has
_SURE, _SURE_NAMESPACE = 0.9, 0.6
_COUNTER_START = 100_001  # numbers counted up from here or lower say nothing about whose they are
_OWNERS = ("customers", "orders", "order_lines")  # what gives out keys, first things first
_NAMING = ("orders", "order_lines", "customers")  # a source is called after the first of these
_ROW_IDENTITY = (("customer_key",), ("ordered_at", "day", "created_at", "paid_at"), ("amount", "paid"))

Files = list[FileProfile]


class KeyNamespace(NamedTuple):
    """Whose numbers a file's customer keys are: the source, the evidence, and whether that is sure."""

    source: str
    why: str
    sure: bool


class Links(NamedTuple):
    """What the keys prove, by the files' labels."""

    sources: dict[str, str]
    namespaces: dict[str, KeyNamespace]
    orders: dict[str, FileProfile]  # lines -> the file of their orders
    products: dict[str, FileProfile]  # lines -> the file that lists their products
    duplicates: dict[str, FileProfile]  # file -> another one that holds nearly all of its rows
    proven: dict[tuple[str, str], str]  # (file, column) -> whose keys it holds


def link(files: Files, name: str) -> Links:
    """How the files of a folder hang together; `name` is the folder's."""
    placed = [file for file in files if file.table]
    lines = [file for file in placed if file.table == "order_lines"]
    with_ids = [file for file in placed if file.table == "orders" and (ids := file.find("order_id")) and ids.is_unique]
    orders = {
        file.label: owner
        for file in lines
        for owner in _owners(file.find("order_id"), with_ids, "order_id", _ORDERS_OF_LINES)
    }
    catalogues = [file for file in files if is_list_of_products(file)]
    products = {
        file.label: owner
        for file in lines
        for owner in _owners(file.find("product_id"), catalogues, "product_id", _SHARED)
        if not file.find("category") and file.find("product_id").name == owner.find("product_id").name
    }
    sources = _sources(placed, orders, name)
    return Links(sources, _namespaces(placed, sources), orders, products, _duplicates(placed), _proven(placed))


def slug(text: str) -> str:
    """A short name made of a path: letters, digits and underscores."""
    return re.sub(r"\W+", "_", text.casefold()).strip("_") or "data"


def stem(path: str) -> str:
    """The name of a file without its folder and endings."""
    return PurePosixPath(path).name.split(".")[0]


def _owners(ref: ColumnRef | None, files: Files, concept: str, least: float) -> Iterator[FileProfile]:
    """The files whose column of a meaning holds at least a share of the values of another file's column."""
    for file in files if ref else ():
        keys = file.find(concept)
        if keys and overlap(ref, keys) >= least:
            yield file


def _duplicates(files: Files) -> dict[str, FileProfile]:
    """Files of orders whose customers, moments and money another file holds too: a sample, an older export, a copy."""
    duplicates = {}
    for pair in combinations([file for file in files if file.table in ("orders", "order_lines")], 2):
        small, large = sorted(pair, key=lambda file: file.rows)
        columns = [(small.find(*concepts), large.find(*concepts)) for concepts in _ROW_IDENTITY]
        is_comparable = small.table == large.table and all(map(all, columns))
        if is_comparable and shared_rows(columns) >= _SAME:
            duplicates[small.label] = large
    return duplicates


def _proven(files: Files) -> dict[tuple[str, str], str]:
    """Columns that may be customers' keys and hold those of a file where nobody doubts them."""
    named = [file for file in files if file.match.sure and file.best("customer_key")[1] >= _SURE]
    owners = [file for file in named if not _is_counter(file.find("customer_key"))]
    proven = {}
    for file in files:
        others = [owner for owner in owners if owner is not file]
        for ref in filter(None, map(file.find, group("customers"))):
            owner = None if _is_counter(ref) else next(_owners(ref, others, "customer_key", _SAME), None)
            if owner:
                proven[file.label, ref.name] = f"its values are customers of {owner.label}"
    return proven


def _is_counter(column: ColumnRef) -> bool:
    """Whether the values are numbers that any system counts up from the beginning."""
    return column.is_dense and column.low <= _COUNTER_START


def _sources(files: Files, orders: dict[str, FileProfile], name: str) -> dict[str, str]:
    """A source for each file: its folder's name; files beside sources.yml share one where they share keys."""
    sources = {file.label: slug(file.path.split("/")[0]) for file in files if "/" in file.path}
    loose = [file for file in files if "/" not in file.path]
    groups = DisjointSet(file.label for file in loose)
    for one, other in combinations(loose, 2):
        if not groups.connected(one.label, other.label) and _are_related(one, other, orders):
            groups.merge(one.label, other.label)
    for members in groups.subsets():
        first = min(
            (file for file in loose if file.label in members), key=lambda file: (_rank(file, _NAMING), file.label)
        )
        called = re.sub(r"[\d*]+", "", stem(first.path)) if len(first.files) > 1 else stem(first.path)
        sources |= dict.fromkeys(members, slug(name if len(members) == len(loose) else called))
    return sources | {lines: sources[file.label] for lines, file in orders.items()}


def _rank(file: FileProfile, tables: tuple[str, ...]) -> int:
    return tables.index(file.table) if file.table in tables else len(tables)


def _are_related(one: FileProfile, other: FileProfile, orders: dict[str, FileProfile]) -> bool:
    if orders.get(one.label) is other or orders.get(other.label) is one:
        return True
    keys = [(one.find(*concepts), other.find(*concepts)) for concepts in (group("customers"), ("order_id",))]
    return any(here and there and _mutual_overlap(here, there) >= _SHARED for here, there in keys)


def _mutual_overlap(here: ColumnRef, there: ColumnRef) -> float:
    return max(overlap(here, there), overlap(there, here))


def _namespaces(files: Files, sources: dict[str, str]) -> dict[str, KeyNamespace]:
    """Files whose customer keys were given out by another source, as its own list of customers or orders shows."""
    keyed = [(file, key) for file in files if (key := file.find(*group("customers")))]
    namespaces: dict[str, KeyNamespace] = {}
    for file, key in sorted(keyed, key=lambda pair: _rank(pair[0], _OWNERS)):
        owners = [(other, _mutual_overlap(key, there)) for other, there in keyed if _may_own(other, there, file, key)]
        nearness = {  # of the same source if any, a list of customers before orders
            (sources[other.label] != sources[file.label], _rank(other, _OWNERS), -share): (other, share)
            for other, share in reversed(owners)
            if share >= _SHARED
        }
        if not nearness:
            continue
        owner, share = nearness[min(nearness)]
        source = namespaces[owner.label].source if owner.label in namespaces else sources[owner.label]
        if source != sources[file.label]:
            namespaces[file.label] = _namespace(key, source, owner, share)
    return namespaces


def _may_own(other: FileProfile, there: ColumnRef, file: FileProfile, key: ColumnRef) -> bool:
    rank, own_rank = _rank(other, _OWNERS), _rank(file, _OWNERS)
    if other is file or rank == len(_OWNERS):
        return False
    return there.distinct > key.distinct if own_rank == rank == 0 else rank < own_rank


def _namespace(column: ColumnRef, source: str, owner: FileProfile, share: float) -> KeyNamespace:
    why = f"{share:.0%} of the customers are shared with {owner.label}"
    if _is_counter(column):
        chance = f"numbers counted up from {column.low:.0f} may agree by chance"
        return KeyNamespace(source, f"{why}, but {chance}", False)
    return KeyNamespace(source, why, share >= _SURE_NAMESPACE)
