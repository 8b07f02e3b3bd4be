"""Damages the files of the catalogue and reads them: what is not read must be refused in words."""

import io
import itertools
import random
import signal
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from catalogue import CASES
from exports import declare, folder

from playbook.integration import SourcesError, read_sources
from playbook.integration.ingest.as_of import settle
from playbook.integration.ingest.reading import read
from playbook.integration.ingest.row_status import accept, file_table
from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.encoding import EncodingError
from playbook.integration.readers.reader import open_file
from playbook.integration.sources.mapping import bind
from playbook.integration.sources.models import Misplaced, Sources
from playbook.integration.types import texts
from playbook.tables.engine import Engine

LIMIT_SECONDS = 30
BATCH = 60  # files of one make
READ, REFUSED, CRASHED = "read, every row accounted for", "refused in words", "ended without a message"
LARGEST = 20_000  # bytes of a file that is damaged
_FOREIGN = (
    b'"', b'""', b"\0", b"\r", b"\n", b"\r\n", b",", b";", b"\t", b"'", b"\\", b"\xff", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\x80", b"=", b"#N/A", b"99999999999999999999", b"1e309", b"NaN", b"-", b"$", b"%s", b"a" * 300,
    b"2025-02-30", b"25/04/2025", b"04/25/2025", b"1.234,50", b"2025-03-04T10:00Z", b"{0}", b"$as_of", b"<row",
    b"PK\x03\x04", b"\xe4\xb8\x87", b"\n\n", b"\xcd\xf2", b"\xe5\x90\x88\xe8\xae\xa1",
    b"\xef\xb7\x90c1\xef\xb7\x91", b"\xed\xa0\x80", b"\xe2\x80\xae",
)  # fmt: skip


_CASES = [
    case
    for case in CASES
    if case.becomes != "E"
    and len(case.files) == 1
    and len(next(iter(case.files.values()))) <= LARGEST
    and (case.declared or [{"table": "orders"}])[0]["table"] == "orders"
]


class Damaged(NamedTuple):
    """Damaged files of one make: by name their contents, and how they are declared."""

    files: dict[str, bytes]
    declared: dict


class Outcome(NamedTuple):
    """How many files were read and refused, those that ended without a message, the slowest file in seconds."""

    counts: Counter
    crashes: list[str]
    slowest: float


def survive(files: int, seed: int, seconds: float = 1e9) -> Outcome:
    """Damage and read so many files, or as many as there is time for."""
    counts, crashes, slowest, began = Counter(), [], [0.0], time.monotonic()
    signal.signal(signal.SIGALRM, _hangs)
    for batch in damaged(random.Random(seed)):
        left = files - sum(counts.values())
        if left <= 0 or time.monotonic() - began > seconds:
            return Outcome(counts, crashes, max(slowest))
        some = batch._replace(files=dict(itertools.islice(batch.files.items(), left)))
        _count(some, counts, crashes, slowest)
    raise AssertionError("damage has no end")


def damaged(draw: random.Random) -> Iterator[Damaged]:
    """Damaged files without end, each batch of one make and no two files of one content."""
    while True:
        case = draw.choice(_CASES)
        name, content = next(iter(case.files.items()))
        suffix, raw = Path(name).suffix, content.encode() if isinstance(content, str) else content
        made = {_broken(raw, draw): number for number in range(BATCH)}
        declared = dict((case.declared or [declare(name)])[0]) | {"path": f"*{suffix}"}
        yield Damaged({f"f{number:03d}{suffix}": text for text, number in made.items()}, declared)


def _broken(content: bytes, draw: random.Random) -> bytes:
    for _ in range(draw.choice((1, 1, 2, 3, 8))):
        content = _damaged_within(content, draw)
    return content


def _damaged_within(content: bytes, draw: random.Random) -> bytes:
    """Damage to the rows more often than to the header; to a file in a .zip more often than to the .zip."""
    if content.startswith(b"PK") and draw.random() < 0.8:
        return _damaged_part(content, draw)
    first, end, rest = content.partition(b"\n")
    return first + end + _damage(rest, draw) if end and draw.random() < 0.8 else _damage(content, draw)


def _damaged_part(content: bytes, draw: random.Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = {name: packed.read(name) for name in packed.namelist()}
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, NotImplementedError, RuntimeError):
        return _damage(content, draw)
    name = draw.choice([name for name in parts if "sheet1" in name] * 4 + list(parts))
    parts[name] = _damage(parts[name], draw)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for part, text in parts.items():
            packed.writestr(part, text)
    return made.getvalue()


def _damage(content: bytes, draw: random.Random) -> bytes:
    at, to = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    match draw.randrange(8):
        case 0:
            return content[:at] + bytes([draw.randrange(256)]) + content[at + 1 :]
        case 1 | 2:
            return content[:at] + draw.choice(_FOREIGN) + content[at:]
        case 3:
            return content[:at] + draw.choice(_FOREIGN) + content[at + 1 :]
        case 4:
            return content[:at] + content[min(to, at + 20) :]
        case 5:
            return content[:to] + content[at:to][:500] + content[to:]
        case 6:
            return content[:at] if draw.random() < 0.3 else content[:at] + content[at + 1 :]
    return content[:at] + bytes(byte ^ 1 << draw.randrange(8) for byte in content[at : at + 3]) + content[at + 3 :]


def _count(batch: Damaged, counts: Counter, crashes: list[str], slowest: list[float]) -> None:
    """Open each file alone; read together, and account for, those that open."""
    engine = Engine(threads=1)
    with tempfile.TemporaryDirectory() as made:
        at, whole = Path(made) / "all", {}
        sources = read_sources(folder(at, batch.files, [batch.declared], time_zone="Asia/Shanghai"))
        texts.define(engine.con)
        for name, content in batch.files.items():
            began = time.monotonic()
            outcome = _tried(lambda name=name: _open(engine, at / name, sources, Path(made)), crashes, name, content)
            slowest[0] = max(slowest[0], time.monotonic() - began)
            if outcome == READ:
                whole[name] = content
            else:
                counts[outcome] += 1
    engine.close()
    _count_together(batch._replace(files=whole), counts, crashes)


def _count_together(batch: Damaged, counts: Counter, crashes: list[str]) -> None:
    """What is refused together is refused in halves, down to the file that is to blame."""
    told: list[str] = []
    if not batch.files:
        return
    outcome = _tried(lambda: _read(batch), told, "together", next(iter(batch.files.values())))
    if outcome == READ or len(batch.files) == 1:
        counts[outcome] += len(batch.files)
        crashes += told
        return
    names = list(batch.files)
    for half in (names[: len(names) // 2], names[len(names) // 2 :]):
        _count_together(batch._replace(files={name: batch.files[name] for name in half}), counts, crashes)


def _tried(work: Callable[[], None], crashes: list[str], name: str, content: bytes) -> str:
    signal.alarm(LIMIT_SECONDS)
    try:
        work()
        return READ
    except (SourcesError, LayoutError, EncodingError, Misplaced) as error:
        if len(str(error)) > 20:
            return REFUSED
        crashes.append(f"no words: {error}: {name} {content!r}")
    except Exception as error:
        said = (str(error).splitlines() or [""])[0][:300]
        crashes.append(f"{type(error).__name__}: {said}: {name} {content!r}")
    finally:
        signal.alarm(0)
    return CRASHED


def _open(engine: Engine, path: Path, sources: Sources, spill: Path) -> None:
    opened = open_file(engine.con, path, sources.files[0], spill)
    raw = opened.load(bind(sources.files[0], opened.header).cells)
    held = engine.con.execute(f"select count(*) from {raw.table}").fetchone()[0]
    engine.con.execute(f"drop table {raw.table}")
    if held + len(raw.rejects) != raw.rows:
        raise AssertionError(f"{raw.rows} rows were told, {held} are there and {len(raw.rejects)} were rejected")
    if not raw.rows:
        raise LayoutError("it holds a header and no row")


def _read(batch: Damaged) -> None:
    engine = Engine(threads=1)
    with tempfile.TemporaryDirectory() as made:
        at = Path(made)
        sources = read_sources(folder(at, batch.files, [batch.declared], time_zone="Asia/Shanghai"))
        (at / "spill").mkdir()
        reading = read(engine, sources, at / "spill")
        known = file_table(engine, reading.files)
        day = settle(engine, reading, known, asked=None, pinned=None).day
        accept(engine, reading, known, as_of=day)
    engine.close()


def _hangs(*_) -> None:
    raise TimeoutError(f"a file took more than {LIMIT_SECONDS} s")
