"""A part of a large file that is quick to look at: its beginning, and blocks spread over the rest."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.readers.archive import unpacked
from playbook.tables.engine import quoted

LARGE = 160 << 20  # bytes of text that are read whole
LARGE_ROWS = 2_000_000  # rows of Parquet that are read whole
HEAD, BLOCK, _BLOCKS = 32 << 20, 8 << 20, 12
_ROWS_OF_BLOCK = 50_000


class Excerpt(NamedTuple):
    """A file to read in the place of another one, and whether it is all of it."""

    path: Path
    whole: bool


def of(con: DuckDBPyConnection, path: Path, spill: Path) -> Excerpt:
    """The file itself where it is small and plain; else what is looked at instead, written into `spill`."""
    target = spill / f"{path.stem}.part"
    match path.suffix.lower():
        case ".zip":
            return of(con, unpacked(path, spill), spill)
        case ".parquet":
            return _of_parquet(con, path, spill / path.name)
        case ".gz":
            with gzip.open(path, "rb") as packed:
                start, whole = packed.read(LARGE), not packed.read(1)
            target.write_bytes(start if whole else _full_lines(start))
            return Excerpt(target, whole)
    if path.stat().st_size <= LARGE:
        return Excerpt(path, True)
    with open(path, "rb") as file, open(target, "wb") as out:
        out.writelines(_blocks(file, path.stat().st_size))
    return Excerpt(target, False)


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    yield _full_lines(file.read(HEAD))
    for start in range(HEAD, size - BLOCK, (size - HEAD) // _BLOCKS):
        file.seek(start)
        file.readline()
        yield _full_lines(file.read(BLOCK))


def _full_lines(text: bytes) -> bytes:
    return text[: text.rfind(b"\n") + 1]


def _of_parquet(con: DuckDBPyConnection, path: Path, target: Path) -> Excerpt:
    source = f"read_parquet({quoted(str(path))}, file_row_number = true)"
    rows = con.execute(f"select count(*) from {source}").fetchone()[0]
    if rows <= LARGE_ROWS:
        return Excerpt(path, True)
    is_shown = f"(file_row_number // {_ROWS_OF_BLOCK}) % {-(-rows // LARGE_ROWS)} = 0"
    part = f"select * exclude (file_row_number) from {source} where {is_shown}"
    con.execute(f"copy ({part}) to {quoted(str(target))} (format parquet)")
    return Excerpt(target, False)
