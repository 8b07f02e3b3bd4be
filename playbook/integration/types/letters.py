"""Letters: Chinese signs in pinyin, accents off, so that any text can be compared in plain ASCII."""

import re
import unicodedata
from functools import cache

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_SPECIAL = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ı": "i", "ü": "u"})


def is_chinese(text: str) -> bool:
    """Whether a text has a Chinese sign."""
    return HAN.search(text) is not None


def plain(text: str) -> str:
    """A text in lower case without accents: Müller -> muller."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.lower().translate(_SPECIAL))
    return "".join(character for character in folded if not unicodedata.combining(character))


@cache
def syllable(sign: str) -> str:
    """The usual reading of a Chinese sign, without tone: 伟 -> wei; ü is u; any other sign as it is."""
    from pypinyin import Style, pinyin

    return plain(pinyin(sign, style=Style.NORMAL, errors=lambda other: [other])[0][0])


def in_pinyin(text: str) -> str:
    """A text with each Chinese sign as a word of its own in pinyin: 人民路12号 -> ren min lu 12 hao."""
    spelled = "".join(f" {syllable(sign)} " if HAN.match(sign) else sign for sign in text)
    return " ".join(plain(spelled).split())
