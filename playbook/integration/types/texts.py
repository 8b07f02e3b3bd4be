"""The cleaning that all values share, and the SQL macros (macros.sql) that make values of texts."""

import re
from pathlib import Path

from duckdb import DuckDBPyConnection

from playbook.integration.types.places import long_provinces
from playbook.integration.types.words import words
from playbook.tables.schema import ORDER_KINDS

_WIDE = "".join(chr(0xFEE0 + code) for code in range(0x21, 0x7F)) + "\u3000\u00a0\uffe5\u2212\u2013"
_NARROW = "".join(chr(code) for code in range(0x21, 0x7F)) + "  ¥--"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad"
_FOLDED = str.maketrans(_WIDE, _NARROW, _INVISIBLE)
_LISTS = (
    "nothing", "yes", "no", "placeholders", "placeholder_phones", "placeholder_mailboxes", "placeholder_domains",
    "placeholder_visitors",
)  # fmt: skip


def define(con: DuckDBPyConnection) -> None:
    """Give a connection the macros of macros.sql and the lists of words that they look into."""
    totals = words("totals")
    lists = {name: words(name) for name in _LISTS} | {
        "totals": [*totals, *(f"{word}:" for word in totals), *(" ".join(word) for word in totals if len(word) == 2)],
        "placeholder_words": [*words("placeholders"), *words("placeholder_keys")],
        "males": words("genders")["male"],
        "females": words("genders")["female"],
        "order_kinds": list(ORDER_KINDS),
        "long_provinces": list(long_provinces()),
        "short_provinces": list(long_provinces().values()),
        "wide": _WIDE + _INVISIBLE,
        "narrow": _NARROW,
        "blanks": f" \t\r\n\u3000\u00a0{_INVISIBLE}",
    }
    for name, value in lists.items():
        con.execute(f"set variable {name} = $value", {"value": value})
    con.execute(Path(__file__).with_name("macros.sql").read_text(encoding="utf-8"))


def folded(name: str) -> str:
    """A name as it is compared: half width, lower case, one space for many, none around and nothing invisible.

    >>> folded(" Ｏｒｄｅｒ　 No ")
    'order no'
    """
    return re.sub(r"\s+", " ", name.translate(_FOLDED)).strip().casefold()
