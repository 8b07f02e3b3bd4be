"""Archives: what is in a .zip or a workbook, opened only where it is whole, readable and no bomb."""

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.encoding import BOMB_BYTES, BOMB_FACTOR
from playbook.integration.readers.raw_table import new_name

_ENCRYPTED = 0x1
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A .zip or workbook, looked at before anything is unpacked; `LayoutError` says what is wrong with it."""
    try:
        with zipfile.ZipFile(path) as opened:
            _refuse(opened)
            yield opened
    except LayoutError:
        raise
    except _FAULTS as error:
        raise LayoutError(f"it does not unpack ({error}); is it whole?") from None


def unpacked(path: Path, folder: Path) -> Path:
    """The one file in a .zip, written into a folder under a name of our own."""
    with archive(path) as packed:
        files = [info for info in packed.infolist() if not info.is_dir()]
        if len(files) != 1:
            raise LayoutError(f"it holds {len(files)} files; a .zip is read where it holds one")
        if (suffix := Path(files[0].filename).suffix).lower() == ".zip":
            raise LayoutError("it holds another .zip; unpack it")
        target = folder / f"{new_name()}{suffix}"
        with packed.open(files[0]) as content, open(target, "wb") as out:
            shutil.copyfileobj(content, out)
    if not target.stat().st_size:
        raise LayoutError("the file in it is empty (0 bytes); export it again")
    return target


def _refuse(packed: zipfile.ZipFile) -> None:
    files = packed.infolist()
    if not all(info.filename for info in files):
        raise LayoutError("it holds a file without a name; pack it again")
    if any(info.flag_bits & _ENCRYPTED for info in files):
        raise LayoutError("it is encrypted; unpack it with its password, or save it without one")
    size, unpacked_size = sum(info.compress_size for info in files), sum(info.file_size for info in files)
    if unpacked_size > max(BOMB_BYTES, BOMB_FACTOR * size):
        raise LayoutError(f"it is {size:,} bytes and would unpack to {unpacked_size:,}, which is no table; look at it")
