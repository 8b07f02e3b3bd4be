"""What several files of one make show beside each other: months or pages that are missing, columns that differ."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from playbook.integration.readers.raw_table import Opened
from playbook.integration.sources.models import FileSpec
from playbook.integration.types.expressions import alike

_MONTH = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-_.年]?(0[1-9]|1[0-2])(?![0-9])")
_NUMBER = re.compile(r"([0-9]+)(?=[^0-9]*$)")


class Note(NamedTuple):
    """Something to know about files, found while they were read: a text key and its values."""

    key: str
    values: dict


def folder_notes(spec: FileSpec, files: dict[str, Opened]) -> Iterator[Note]:
    """What to know about the files, by name, that one declaration stands for."""
    if missing := gaps(files):
        of_sales = "" if spec.table in ("orders", "order_lines") else "_other"
        said = {"source": spec.source, "path": spec.path, "files": _listed(missing)}
        yield Note(f"integration.flag.missing_files{of_sales}", said)
    tables = {name: file.header for name, file in files.items() if not file.widen}
    for name, columns in differing(tables).items():
        yield Note("integration.flag.columns_differ", {"file": name, "columns": _listed(columns)})


def total_notes(files: Iterable, repeated: dict[int, int]) -> Iterator[Note]:
    """Declarations whose source counts more records than its pages hold, repeated ones (by file number) apart."""
    counted = [file for file in files if file.raw.total is not None]
    for spec in dict.fromkeys(file.spec.path for file in counted):
        mine = [file for file in counted if file.spec.path == spec]
        rows = sum(file.raw.rows - repeated.get(file.number, 0) for file in mine)
        if rows < (total := max(file.raw.total for file in mine)):
            said = {"source": mine[0].spec.source, "path": spec, "rows": rows, "total": total}
            yield Note("integration.flag.fewer_than_total", said)


def widened(files: dict) -> dict:
    """The files, those of JSON and logs with the columns of all of them: a field without a value is often left out."""
    every = every_column(files)
    return {key: file.widen(every) if file.widen else file for key, file in files.items()}


def every_column(files: dict) -> tuple[str, ...]:
    """The columns that any of the files has."""
    return tuple(dict.fromkeys(name for file in files.values() for name in file.header))


def gaps(names: Iterable[str]) -> list[str]:
    """The months or the numbers that files leave out between the first and the last of them."""
    names = list(names)
    months = [_month(name) for name in names]
    if len(names) > 1 and all(month is not None for month in months):
        return [f"{month // 12}-{month % 12 + 1:02d}" for month in _between(months)]
    numbers = [_number(name) for name in names]
    if any(number is not None and number > 10_000_000 for number in numbers):  # days, or numbers that count nothing
        return []
    alone = len({_NUMBER.sub("", name) for name in names}) == 1  # only the number tells them apart
    return [str(number) for number in _between(numbers)] if alone and None not in numbers else []


def differing(files: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """By file, the columns that most of the others have and it lacks, and (with a +) those that only it has."""
    sets = {name: {alike(column): column for column in header if column} for name, header in files.items()}
    held = [column for columns in sets.values() for column in columns]
    every = {column: held.count(column) for column in held}
    usual = {column for column, files_ in every.items() if 2 * files_ > len(sets)}
    names = {key: name for columns in sets.values() for key, name in columns.items()}
    found = {name: [names[key] for key in sorted(usual - columns.keys())] for name, columns in sets.items()}
    more = {name: [f"+{columns[key]}" for key in sorted(columns.keys() - usual)] for name, columns in sets.items()}
    return {name: found[name] + more[name] for name in files if found[name] + more[name]}


def _month(name: str) -> int | None:
    found = _MONTH.findall(name)
    return int(found[-1][0]) * 12 + int(found[-1][1]) - 1 if found else None


def _number(name: str) -> int | None:
    found = _NUMBER.search(name)
    return int(found[1]) if found else None


def _between(numbers: list[int]) -> list[int]:
    if len(numbers) < 2 or max(numbers) - min(numbers) > 20 * len(numbers):
        return []
    return sorted(set(range(min(numbers), max(numbers))) - set(numbers))


def _listed(names: list[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f", … ({len(names)})" if len(names) > most else "")
