"""In which encoding a file of text is written, and its text in UTF-8."""

import codecs
import gzip
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 20

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ENOUGH = 200_000  # characters beyond ASCII that are looked at
_COMMON_SHARE = 0.7  # strict GB18030 also accepts Big5 and Latin-1 as nonsense: nonsense is rare characters


class EncodingError(ValueError):
    """Nobody can tell how the file is encoded; the message says where it fails and what would do."""


class Scan(NamedTuple):
    """What one pass over the bytes of a file tells: encoding, lines, whether it holds NUL bytes or old line ends."""

    encoding: str
    lines: int
    has_nul: bool
    only_cr: bool
    sha256: str


def scan(path: Path, declared: str | None = None) -> Scan:
    """Read a file (.gz included) to its end: BOM, then strict UTF-8, then strict GB18030, else ask."""
    if declared:
        return _facts(path, _declared(path, declared))
    with opened(path) as file:
        start = file.read(4)
    encoding = next((name for bom, name in _BOMS if start.startswith(bom)), None)
    return _facts(path, encoding or _without_bom(path))


def transcode(path: Path, encoding: str, target: Path) -> Path:
    """Write the text of a file in UTF-8; returns the new file."""
    with open(target, "w", encoding="utf-8", newline="") as out:
        for text in _decoded(path, encoding):
            out.write(text)
    return target


def opened(path: Path) -> BinaryIO:
    """The bytes of a file, decompressed where it is .gz."""
    return gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb")


def common_share(texts: Iterator[str]) -> float:
    """The share of the characters beyond ASCII that are common ones: GB2312 level 1, and its punctuation."""
    seen = common = 0
    for text in texts:
        seen += len(_BEYOND_ASCII.findall(text))
        common += len(_COMMON.findall(text))
        if seen > _ENOUGH:
            break
    return common / seen if seen else 1.0


def count_lines(path: Path) -> int:
    """The lines of a file; one without an end counts."""
    return _facts(path, "utf-8").lines


def _declared(path: Path, encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise EncodingError(f"there is no encoding '{encoding}'; gb18030, big5 and cp1252 are examples") from None
    if failure := _failure(path, name):
        raise EncodingError(f"it is declared as {encoding}, which fails at {failure}; declare another encoding")
    return name


def _without_bom(path: Path) -> str:
    utf8_failure = _failure(path, "utf-8")
    if utf8_failure is None:
        return "utf-8"
    gb_failure = _failure(path, "gb18030")
    if gb_failure is None and common_share(_decoded(path, "gb18030")) >= _COMMON_SHARE:
        return "gb18030"
    raise EncodingError(
        f"it is neither UTF-8 (which fails at {utf8_failure}) nor GB18030"
        f" ({'which fails at ' + gb_failure if gb_failure else 'which reads as nonsense'});"
        " declare its encoding in sources.yml, such as encoding: big5 or encoding: cp1252"
    )


def _failure(path: Path, encoding: str) -> str | None:
    """Where strict decoding fails first: byte and line; None where it does not."""
    decoder, done, lines = codecs.getincrementaldecoder(encoding)("strict"), 0, 1
    for chunk, is_last in _chunks(path):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, is_last)
        except UnicodeDecodeError as error:
            at = done - held + error.start
            return f"byte {at + 1:,}, line {lines + chunk[: max(0, error.start - held)].count(10):,}"
        done, lines = done + len(chunk), lines + chunk.count(b"\n")
    return None


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    for chunk, is_last in _chunks(path):
        yield decoder.decode(chunk, is_last)


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    with opened(path) as file:
        chunk = file.read(CHUNK)
        while chunk:
            following = file.read(CHUNK)
            yield chunk, not following
            chunk = following


def _facts(path: Path, encoding: str) -> Scan:
    digest, lines, nul, cr, last = hashlib.sha256(), 0, False, False, b""
    for chunk, _ in _chunks(path):
        digest.update(chunk)
        lines, nul, cr, last = lines + chunk.count(b"\n"), nul or b"\0" in chunk, cr or b"\r" in chunk, chunk
    lines += 1 if last and not last.endswith(b"\n") else 0
    wide = encoding.startswith(("utf-16", "utf-32"))
    return Scan(encoding, lines, nul and not wide, cr and lines <= 1, digest.hexdigest())


def _level_one() -> str:
    codes = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return "".join(code.decode("gb2312", errors="ignore") for code in codes)


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_COMMON = re.compile(f"[{_level_one()}\u3000-\u303f\uff01-\uff5e\uffe5\u2018-\u201d\u2014\u2026\u00b7\u2030]")
