"""In which encoding a file of text is written, and its text in UTF-8, with a mark where bytes are of another one."""

import codecs
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 20
#: A .gz that grows by more than this factor, to more than so many bytes, is not unpacked.
BOMB_FACTOR, BOMB_BYTES = 200, 128 << 20

#: What stands in a text where its bytes are not of its encoding: their place, `c` before it where the file is cut off.
MARK = re.compile("\ufdd0(c?)([0-9]+)\ufdd1")
MARK_SIGN = "\ufdd0"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENOUGH = 200_000  # characters beyond ASCII that are looked at
_COMMON_SHARE = 0.7  # strict GB18030 also accepts Big5 and Latin-1 as nonsense: nonsense is rare characters
_UTF8_RUN = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}")  # two Chinese characters in UTF-8
_BEYOND_ASCII_LINE = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
_LOST = {"utf-8": b"\xef\xbf\xbd", "utf-8-sig": b"\xef\xbf\xbd"}


class EncodingError(ValueError):
    """Nobody can tell how the file is encoded; the message says where it fails and what would do."""


class Scan(NamedTuple):
    """What the bytes of a file tell: encoding, lines, whether it holds NUL bytes or old line ends, its checksum.

    `lost` counts the characters that were lost before the export (U+FFFD), `marks` the places that are of another
    encoding, `longest` is the number and size in bytes of the longest line that spans blocks of a megabyte.
    """

    encoding: str
    lines: int
    has_nul: bool
    only_cr: bool
    sha256: str
    lost: int = 0
    longest: tuple[int, int] = (0, 0)
    marks: int = 0


class _Choice(NamedTuple):
    """The encoding of a file, and whether all of the file is in it."""

    encoding: str
    is_whole: bool = True


def scan(path: Path, declared: str | None = None) -> Scan:
    """Read a file (.gz included) to its end: BOM, then strict UTF-8, then strict GB18030, else ask."""
    return _facts(path, _chosen(path, declared).encoding)


def as_utf8(path: Path, declared: str | None, target: Path) -> tuple[Path, Scan]:
    """The file itself where it is UTF-8 throughout, else its text in `target`; and what its bytes tell."""
    choice = _chosen(path, declared)
    facts = _facts(path, choice.encoding)
    if choice.is_whole and choice.encoding in ("utf-8", "utf-8-sig"):
        return path, facts
    marks = 0
    with open(target, "w", encoding="utf-8", errors="replace", newline="") as out:
        for text in _texts(path, choice.encoding):
            marks += text.count(MARK_SIGN)
            out.write(text)
    written = _facts(target, "utf-8", checksum=False)
    return target, written._replace(encoding=facts.encoding, sha256=facts.sha256, marks=marks)


def opened(path: Path) -> BinaryIO:
    """The bytes of a file, decompressed where it is .gz."""
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else open(path, "rb")


def common_share(texts: Iterator[str]) -> float:
    """The share of the characters beyond ASCII that are common ones: GB2312 level 1, and its punctuation."""
    total = common = 0
    for text in texts:
        total += len(_BEYOND_ASCII.findall(text))
        common += len(_COMMON.findall(text))
        if total > _ENOUGH:
            break
    return common / total if total else 1.0


def _chosen(path: Path, declared: str | None) -> _Choice:
    if declared:
        return _declared(path, declared)
    with opened(path) as file:
        start = _read(file, 4)
    encoding = next((name for bom, name in _BOMS if start.startswith(bom)), None)
    return _Choice(encoding, _failure(path, encoding) is None) if encoding else _without_bom(path)


def _declared(path: Path, encoding: str) -> _Choice:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except (LookupError, UnicodeError):
        raise EncodingError(f"there is no encoding '{encoding}'; gb18030, big5 and cp1252 are examples") from None
    if not (failure := _failure(path, name)):
        return _Choice(name)
    if name.startswith(("utf-16", "utf-32")) or _is_mostly(path, name):
        return _Choice(name, is_whole=False)
    raise EncodingError(f"it is declared as {encoding}, which fails at {failure}; declare another encoding")


def _without_bom(path: Path) -> _Choice:
    utf8_failure = _failure(path, "utf-8")
    if utf8_failure is None:
        return _Choice("utf-8")
    gb_failure = _failure(path, "gb18030")
    if gb_failure is None and common_share(_texts(path, "gb18030")) >= _COMMON_SHARE:
        return _Choice("gb18030")
    if mostly := next((name for name in ("utf-8", "gb18030") if _is_mostly(path, name)), None):
        return _Choice(mostly, is_whole=False)
    raise EncodingError(
        f"it is neither UTF-8 (which fails at {utf8_failure}) nor GB18030"
        f" ({'which fails at ' + gb_failure if gb_failure else 'which reads as nonsense'});"
        " declare its encoding in sources.yml, such as encoding: big5 or encoding: cp1252"
    )


def _is_mostly(path: Path, encoding: str) -> bool:
    """Whether most lines beyond ASCII are in this encoding; a character that is cut off at the end proves nothing."""
    right = wrong = 0
    is_cut = False
    for block, _, is_last in _blocks(path):
        for line in _BEYOND_ASCII_LINE.finditer(block):
            is_cut = is_last and line.end() == len(block) and _is_cut(line[0], encoding)
            if _wrong_from(line[0], encoding) is None and (encoding != "gb18030" or _reads_as(line[0], encoding)):
                right += 1
            else:
                wrong += not is_cut
    return right > wrong or (is_cut and not wrong)


def _failure(path: Path, encoding: str) -> str | None:
    """Where strict decoding fails first: byte and line; None where it does not."""
    decoder, done, lines = codecs.getincrementaldecoder(encoding)("strict"), 0, 1
    for chunk, is_last in _chunks(path):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, is_last)
        except UnicodeError as error:
            start = getattr(error, "start", 0)
            return f"byte {done - held + start + 1:,}, line {lines + chunk[: max(0, start - held)].count(10):,}"
        done, lines = done + len(chunk), lines + chunk.count(b"\n")
    return None


def _texts(path: Path, encoding: str) -> Iterator[str]:
    if encoding.startswith(("utf-16", "utf-32")):
        yield from _wide_texts(path, encoding)
    else:
        for block, start, is_last in _blocks(path):
            yield _text(block, start, encoding.removesuffix("-sig"), is_last)


def _text(block: bytes, start: int, encoding: str, is_last: bool) -> str:
    try:
        text = block.decode(encoding)
        if encoding != "gb18030" or not _UTF8_RUN.search(block):
            return text
    except UnicodeDecodeError:
        pass
    lines, texts = block.splitlines(keepends=True), []
    for number, line in enumerate(lines, 1):
        wrong = _wrong_from(line, encoding)
        if wrong is None:
            texts.append(line.decode(encoding))
        else:
            cut = "c" if is_last and number == len(lines) and _is_cut(line, encoding) else ""
            right, rest = (part.decode(encoding, "ignore") for part in (line[:wrong], line[wrong:]))
            texts.append(f"{right}\ufdd0{cut}{start + wrong + 1}\ufdd1{rest}")
        start += len(line)
    return "".join(texts)


def _wrong_from(line: bytes, encoding: str) -> int | None:
    """Where a line begins to be of another encoding; strict GB18030 also accepts UTF-8, as nonsense."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    run = _UTF8_RUN.search(line) if encoding == "gb18030" else None
    return run.start() if run and not _reads_as(line, encoding) and _reads_as(line, "utf-8") else None


def _reads_as(line: bytes, encoding: str) -> bool:
    """Whether a line is of common characters in an encoding."""
    try:
        return common_share(iter([line.decode(encoding)])) >= _COMMON_SHARE
    except UnicodeDecodeError:
        return False


def _is_cut(line: bytes, encoding: str) -> bool:
    """Whether the last character of a line without an end lacks bytes."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        decoder.decode(line)
    except UnicodeDecodeError:
        return False
    return bool(decoder.getstate()[0])


def _wide_texts(path: Path, encoding: str) -> Iterator[str]:
    """A file of two or four bytes a character; what does not decode becomes a mark."""
    strict, lenient = (codecs.getincrementaldecoder(encoding)(errors) for errors in ("strict", "replace"))
    done = 0
    for chunk, is_last in _chunks(path):
        state = strict.getstate()
        try:
            yield strict.decode(chunk, is_last)
        except UnicodeError as error:
            lenient.setstate(state)
            start = done - len(state[0]) + getattr(error, "start", 0) + 1
            yield lenient.decode(chunk, is_last).replace("\ufffd", f"\ufdd0{'c' if is_last else ''}{start}\ufdd1")
            strict.setstate(lenient.getstate())
        done += len(chunk)


def _blocks(path: Path) -> Iterator[tuple[bytes, int, bool]]:
    """Whole lines, the place of their first byte, and whether they are the last."""
    held, start = [], 0
    for chunk, is_last in _chunks(path):
        end = len(chunk) if is_last else chunk.rfind(b"\n") + 1
        if end:
            block = b"".join((*held, chunk[:end]))
            yield block, start, is_last
            start, held = start + len(block), []
        held.append(chunk[end:])


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    most, done = max(BOMB_BYTES, BOMB_FACTOR * path.stat().st_size), 0
    with opened(path) as file:
        chunk = _read(file, CHUNK)
        while chunk:
            following = _read(file, CHUNK)
            yield chunk, not following
            chunk, done = following, done + len(chunk)
            if done > most:
                raise EncodingError(f"it unpacks to more than {most:,} bytes, which is no table; unpack it and look")


def _read(file: BinaryIO, size: int) -> bytes:
    try:
        return file.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise EncodingError(f"it does not unpack ({error}); is it whole, and is it a .gz file?") from None


def _facts(path: Path, encoding: str, *, checksum: bool = True) -> Scan:
    digest, lines, nul, cr, lost, last = hashlib.sha256(), 0, False, False, 0, b""
    sign, run, longest = _LOST.get(encoding), 0, (0, 0)
    for chunk, _ in _chunks(path):
        if checksum:
            digest.update(chunk)
        ends = [at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0]
        run += min(ends, default=len(chunk))
        longest = max(longest, (lines + 1, run), key=lambda line: line[1]) if run > CHUNK else longest
        run = len(chunk) - max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) - 1 if ends else run
        lost += (last[-2:] + chunk).count(sign) if sign else 0
        lines, nul, cr, last = lines + chunk.count(b"\n"), nul or b"\0" in chunk, cr or b"\r" in chunk, chunk
    lines += 1 if last and not last.endswith(b"\n") else 0
    wide = encoding.startswith(("utf-16", "utf-32"))
    return Scan(encoding, lines, nul and not wide, cr and lines <= 1, digest.hexdigest(), lost, longest)


_LEVEL_ONE = bytes(byte for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF) for byte in (high, low)).decode(
    "gb2312", errors="ignore"
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_COMMON = re.compile(f"[{_LEVEL_ONE}\u3000-\u303f\uff01-\uff5e\uffe5\u2018-\u201d\u2014\u2026\u00b7\u2030]")
