"""How files that hold records instead of a table are declared: JSON, logs of web servers, SQLite."""

import itertools
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from playbook.integration.readers import encoding as encodings
from playbook.integration.readers import weblog
from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.json_rows import at_path, parsed_page
from playbook.integration.readers.reader import text_format
from playbook.onboarding.layout import Laid

DATABASES = {".db", ".sqlite", ".sqlite3"}
_FIRST = 50  # records and lines that are looked at


def layouts(path: Path) -> list[Laid]:
    """One layout for each table that a file of records holds; none for other files. `LayoutError` in words."""
    if path.suffix.lower() in DATABASES:
        return [Laid(db_table=name) for name in _tables(path)]
    match text_format(path):
        case "json":
            return [_page(path)]
        case "jsonl":
            return [Laid(doubts=_inner(_objects(_lines(path))))]
    return [Laid(format="weblog")] if weblog.is_one(_lines(path)) else []


def _tables(path: Path) -> list[str]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            return [name for (name,) in db.execute(_TABLES).fetchall()]
    except sqlite3.Error as error:
        raise LayoutError(f"it does not open as a SQLite database ({error})") from None


def _page(path: Path) -> Laid:
    try:
        page = parsed_page(path)
    except UnicodeDecodeError:
        raise LayoutError("it is not JSON in UTF-8; save it again") from None
    lists = {name: found for name, found in _lists(page) if found}
    if isinstance(page, list) or not lists:
        return Laid(doubts=_inner(page if isinstance(page, list) else []))
    items = max(lists, key=lambda name: len(lists[name]))
    others = [name for name in lists if name != items]
    doubt = {"items": f"it has other lists too: {', '.join(others)}. Is this the one?"} if others else {}
    return Laid(items=items, doubts=doubt | _inner(lists[items]))


def _lists(value: Any, above: str = "") -> Iterator[tuple[str, list]]:
    """The lists of objects inside an object, by dotted path."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, dict):
            yield from _lists(inner, f"{above}{name}.")
        elif isinstance(inner, list) and all(isinstance(each, dict) for each in inner):
            yield above + name, inner


def _inner(records: list) -> dict[str, str]:
    """A list inside each record: its elements may be what the rows are."""
    seen = itertools.chain.from_iterable(_lists(record) for record in records[:_FIRST])
    name = next((name for name, found in seen if found), None)
    held = [record for record in records[:_FIRST] if name and isinstance(at_path(record, name), list)]
    return {"explode": name} if held else {}


def _lines(path: Path) -> list[str]:
    with encodings.opened(path) as file:
        return [line.decode("utf-8-sig", "replace") for line in itertools.islice(file, _FIRST)]


def _objects(lines: list[str]) -> list[dict]:
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return [value for value in found if isinstance(value, dict)]


_TABLES = """
select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%' order by name
"""
