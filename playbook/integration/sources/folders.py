"""What several files of one make show beside each other: months or pages that are missing, columns that differ."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from playbook.integration.readers.raw_table import Opened
from playbook.integration.sources.mapping import ReadFile
from playbook.integration.sources.models import FileSpec
from playbook.integration.types.texts import folded
from playbook.report.message import Message

_MONTH = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-_.年]?(0[1-9]|1[0-2])(?![0-9])")
_NUMBER = re.compile(r"([0-9]+)(?=[^0-9]*$)")
_LISTED = 12  # files or columns that are named


def folder_messages(spec: FileSpec, files: dict[str, Opened]) -> Iterator[Message]:
    """What to know about the files, by name, that one declaration stands for."""
    if missing := gaps(files):
        of_sales = "" if spec.table in ("orders", "order_lines") else "_other"
        values = {"source": spec.source, "path": spec.path, "files": _listed(missing)}
        yield Message(f"integration.flag.missing_files{of_sales}", values)
    tables = {name: file.header for name, file in files.items() if not file.widen}
    for name, columns in differing(tables).items():
        yield Message("integration.flag.columns_differ", {"file": name, "columns": _listed(columns)})


def total_messages(files: Iterable[ReadFile], duplicates: dict[int, int]) -> Iterator[Message]:
    """Declarations whose source counts more records than its pages hold, duplicates (by file number) apart."""
    counted = [file for file in files if file.raw.total is not None]
    for path in dict.fromkeys(file.spec.path for file in counted):
        mine = [file for file in counted if file.spec.path == path]
        rows = sum(file.raw.rows - duplicates.get(file.number, 0) for file in mine)
        if rows < (total := max(file.raw.total for file in mine)):
            values = {"source": mine[0].spec.source, "path": path, "rows": rows, "total": total}
            yield Message("integration.flag.fewer_than_total", values)


def widened(files: dict) -> dict:
    """The files, those of JSON and logs with the columns of all of them: a field without a value is often left out."""
    every = every_column(files)
    return {key: file.widen(every) if file.widen else file for key, file in files.items()}


def every_column(files: dict) -> tuple[str, ...]:
    """The columns that any of the files has."""
    return tuple(dict.fromkeys(name for file in files.values() for name in file.header))


def gaps(names: Iterable[str]) -> list[str]:
    """The months or the numbers that files leave out between the first and the last of them.

    >>> gaps(["orders_2024-01.csv", "orders_2024-03.csv"])
    ['2024-02']
    """
    names = list(names)
    months = [_MONTH.findall(name) for name in names]
    if len(names) > 1 and all(months):
        absent = _between([12 * int(last[0]) + int(last[1]) - 1 for *_, last in months])
        return [f"{month // 12}-{month % 12 + 1:02d}" for month in absent]
    numbers = [int(match[1]) if (match := _NUMBER.search(name)) else None for name in names]
    if any(number is not None and number > 10_000_000 for number in numbers):  # days, or numbers that count nothing
        return []
    alone = len({_NUMBER.sub("", name) for name in names}) == 1  # only the number tells them apart
    return [str(number) for number in _between(numbers)] if alone and None not in numbers else []


def differing(files: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """By file, the columns that most of the others have and it lacks, and (with a +) those that only it has."""
    columns = {name: {folded(column): column for column in header if column} for name, header in files.items()}
    counts = Counter(column for header in columns.values() for column in header)
    usual = {column for column, count in counts.items() if 2 * count > len(files)}
    names = {key: name for header in columns.values() for key, name in header.items()}
    differences = {
        file: [names[key] for key in sorted(usual - header.keys())]
        + [f"+{header[key]}" for key in sorted(header.keys() - usual)]
        for file, header in columns.items()
    }
    return {file: listed for file, listed in differences.items() if listed}


def _between(numbers: list[int]) -> list[int]:
    if len(numbers) < 2 or max(numbers) - min(numbers) > 20 * len(numbers):
        return []
    return sorted(set(range(min(numbers), max(numbers))) - set(numbers))


def _listed(names: list[str]) -> str:
    more = f", … ({len(names)})" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
