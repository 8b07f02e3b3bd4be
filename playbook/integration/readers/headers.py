"""Column names that stand in one row, or are spread over several: 'Paid' above 'Amount' and 'Count'."""

from itertools import accumulate, zip_longest

#: The row of the names, counted from 1 (0: the file has none), or the rows they are spread over.
Header = int | list[int]


def header_rows(header: Header) -> tuple[int, ...]:
    """The numbers of the rows that hold names; none where the file has no header."""
    return tuple(header) if isinstance(header, list) else (header,) if header else ()


def rows_above(header: Header) -> int:
    """How many rows stand above the first row of data."""
    return max(header_rows(header), default=0)


def joined(rows: list[list[str]]) -> list[str]:
    """One name per column: those above it, from top to bottom. An upper name stands for the columns to its right too,
    up to the next one or the last name below it, as a merged cell does."""
    width = max((number for number, name in enumerate(rows[-1], 1) if name.strip()), default=0)
    upper = []
    for row in rows[:-1]:
        named = row[:width] + [""] * (width - len(row))
        upper.append([*accumulate(named, lambda left, name: name if name.strip() else left), *row[width:]])
    columns = zip_longest(*upper, rows[-1], fillvalue="")
    return [" ".join(name.strip() for name in column if name.strip()) for column in columns]
