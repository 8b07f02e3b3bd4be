"""A part of a large file that is quick to look at: its beginning, and blocks spread over the rest."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.readers.delimited import LayoutError
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
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _of_parquet(con, path, spill)
    if suffix == ".zip":
        return _of_zip(path, spill)
    if suffix == ".gz":
        with gzip.open(path, "rb") as packed:
            return _start(packed, spill / f"{path.stem}.part")
    return _of_text(path, spill) if suffix not in (".xlsx", ".xlsm") else Excerpt(path, True)


def _of_zip(path: Path, spill: Path) -> Excerpt:
    with zipfile.ZipFile(path) as archive:
        files = [info for info in archive.infolist() if not info.is_dir()]
        if len(files) != 1:
            raise LayoutError(f"it holds {len(files)} files; unpack it into the folder")
        with archive.open(files[0]) as packed:
            return _start(packed, spill / Path(files[0].filename).name)


def _start(packed: BinaryIO, target: Path) -> Excerpt:
    target.write_bytes(packed.read(LARGE))
    if not packed.read(1):
        return Excerpt(target, True)
    target.write_bytes(_full_lines(target.read_bytes()))
    return Excerpt(target, False)


def _of_text(path: Path, spill: Path) -> Excerpt:
    size = path.stat().st_size
    if size <= LARGE:
        return Excerpt(path, True)
    target = spill / f"{path.stem}.part"
    with open(path, "rb") as file, open(target, "wb") as out:
        out.writelines(_blocks(file, size))
    return Excerpt(target, False)


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    yield _full_lines(file.read(HEAD))
    step = (size - HEAD) // _BLOCKS
    for start in range(HEAD, size - BLOCK, step):
        file.seek(start)
        file.readline()
        yield _full_lines(file.read(BLOCK))


def _full_lines(text: bytes) -> bytes:
    return text[: text.rfind(b"\n") + 1]


def _of_parquet(con: DuckDBPyConnection, path: Path, spill: Path) -> Excerpt:
    source = f"read_parquet({quoted(str(path))}, file_row_number = true)"
    rows = con.execute(f"select count(*) from {source}").fetchone()[0]
    if rows <= LARGE_ROWS:
        return Excerpt(path, True)
    every = -(-rows // LARGE_ROWS)
    target = spill / path.name
    part = f"select * exclude (file_row_number) from {source} where (file_row_number // {_ROWS_OF_BLOCK}) % {every} = 0"
    con.execute(f"copy ({part}) to {quoted(str(target))} (format parquet)")
    return Excerpt(target, False)
