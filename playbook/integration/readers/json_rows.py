"""JSON as rows of texts: fields within fields by their dotted path, a list as so many rows where that is declared."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from duckdb import DuckDBPyConnection

from playbook.integration.readers.delimited import LayoutError, lines_of, odd
from playbook.integration.readers.raw_table import Opened, Reject
from playbook.integration.readers.records import Record, open_records
from playbook.tables.nearest import nearest


class Declared(Protocol):
    """Where a mapping says that the records of a page, and their number over all pages, stand."""

    items: str | None
    explode: str | None
    total: str | None


class _Twice(ValueError):
    """A field that stands twice in one object."""


def open_lines(con: DuckDBPyConnection, path: Path, explode: str | None, spill: Path, **facts) -> Opened:
    """Open JSON Lines: an object per line. With `explode`, each element of that list is a row with its object's fields.

    A row's number is its line, or, of elements, their count from the top of the file.
    """
    return _opened(con, lambda: ((n, _line(line)) for n, line in lines_of(path, newline="\n")), explode, spill, **facts)


def open_page(con: DuckDBPyConnection, path: Path, declared: Declared, spill: Path, **facts) -> Opened:
    """Open a saved page of an API: the objects of the list at the dotted path `items`, numbered from 1."""
    page = parsed_page(path)
    total = str(at_path(page, declared.total or ""))
    facts |= {"total": int(total) if total.isdecimal() else None}
    objects = _list_of(page, declared.items)
    return _opened(con, lambda: enumerate(objects, 1), declared.explode, spill, **facts)


def parsed_page(path: Path) -> Any:
    """The value of a file of JSON; numbers stay as they are written."""
    try:
        return _parsed(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise LayoutError(
            f"it is not JSON: {error.msg} in line {error.lineno}, column {error.colno}; save it again"
        ) from None
    except _Twice as error:
        raise LayoutError(f"an object in it has the field '{error}' twice; which one is meant?") from None
    except RecursionError:
        raise LayoutError("its objects lie too deep in one another to be rows of a table") from None


def at_path(value: Any, path: str) -> Any:
    """What lies at a dotted path, or None."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def flat(value: dict, above: str = "") -> dict[str, str]:
    """The fields of an object as texts by dotted path; a list stays JSON, null is empty."""
    texts: dict[str, str] = {}
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            texts |= flat(inner, f"{above}{name}.")
        else:
            texts[above + name] = _text(inner)
    return texts


def _opened(con, values: Callable[[], Iterable[tuple[int, Any]]], explode: str | None, spill: Path, **facts) -> Opened:
    """Open numbered values; the columns are the fields that any of them has."""

    def records() -> Iterator[Record]:
        """Each value as a record; of a list that is exploded, each element, numbered through."""
        elements = ((n, element) for n, value in values() for element in _elements(value, explode))
        for count, (n, element) in enumerate(elements, 1):
            number = count if explode else n
            yield element._replace(row=number) if isinstance(element, Reject) else (number, element)

    header = dict.fromkeys(name for record in records() if not isinstance(record, Reject) for name in record[1])
    return open_records(con, header or ((explode,) if explode else ()), records, spill, **facts)


def _line(line: str) -> Any:
    if reason := odd([line]):
        return Reject(0, *reason)
    try:
        return _parsed(line)
    except (json.JSONDecodeError, RecursionError):
        return Reject(0, "", "broken_json")
    except _Twice as error:
        return Reject(0, str(error), "field_twice")


def _elements(value: Any, explode: str | None) -> Iterator[dict[str, str] | Reject]:
    if isinstance(value, Reject):
        yield value
    elif not isinstance(value, dict):
        yield Reject(0, "", "not_an_object")
    elif not explode:
        yield flat(value)
    elif isinstance(elements := at_path(value, explode), list) and elements:
        around = flat(_without(value, explode.split(".")))
        yield from (around | flat({explode: element}) for element in elements)
    else:
        yield Reject(0, explode, "empty_list")


def _without(value: dict, path: list[str]) -> dict:
    """An object without what lies at a path."""
    first, *rest = path
    inner = {first: _without(value[first], rest)} if rest else {}
    return {name: inner.get(name, kept) for name, kept in value.items() if rest or name != first}


def _list_of(page: Any, items: str | None) -> list:
    records = at_path(page, items) if items else page
    if isinstance(records, list):
        return records
    lists = list(_lists(page)) if isinstance(page, dict) else []
    if items:
        raise LayoutError(f"it has no list at items: {items}; {nearest(items, lists)}")
    raise LayoutError(f"its records lie inside an object; say where, such as items: {(*lists, 'data.list')[0]}")


def _lists(value: dict, above: str = "") -> Iterator[str]:
    for name, inner in value.items():
        if isinstance(inner, list):
            yield above + name
        elif isinstance(inner, dict):
            yield from _lists(inner, f"{above}{name}.")


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return fields


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)
