"""The cleaning that all kinds of values share: full-width characters, invisible ones, spaces, words for nothing."""

from collections.abc import Iterable

from duckdb import DuckDBPyConnection

from playbook.tables.engine import quoted

#: What systems write where there is nothing. In a column of free text these words stay: somebody may be called Null.
NOTHING = ("", "NA", "N/A", "NULL", "NONE", "-", "--", "—")

#: The first words of a row that sums up those above it.
TOTALS = ("合计", "总计", "小计", "共计", "total", "totals", "grand total", "subtotal", "sub-total", "sub total", "sum",
          "summe", "gesamt", "gesamtsumme", "zwischensumme")  # fmt: skip

_FULL = "".join(chr(0xFEE0 + code) for code in range(0x21, 0x7F)) + "\u3000\u00a0\uffe5\u2212\u2013"
_HALF = "".join(chr(code) for code in range(0x21, 0x7F)) + "  ¥--"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad"
_BLANKS = " \t\r\n"
_ODD = f"[\t\r\n\u3000\u00a0\uffe5\u2212\u2013\uff01-\uff5e{_INVISIBLE}]"
_IS_PLAIN = f"not regexp_matches(t, {quoted(_ODD)})"


def define(con: DuckDBPyConnection) -> None:
    """Give a connection the macros that the SQL of this room speaks in."""
    narrowed = f"trim(translate(t, {quoted(_FULL + _INVISIBLE)}, {quoted(_HALF)}), {quoted(_BLANKS)})"
    stripped = f"trim(t, {quoted(_BLANKS + chr(0x3000) + chr(0xA0) + _INVISIBLE)})"
    nothing = f"coalesce(upper(t) in ({', '.join(map(quoted, NOTHING))}), true)"
    con.execute(f"create or replace temp macro half_width(t) as case when {_IS_PLAIN} then trim(t) else {narrowed} end")
    con.execute(f"create or replace temp macro trimmed(t) as case when {_IS_PLAIN} then trim(t) else {stripped} end")
    con.execute(f"create or replace temp macro says_nothing(t) as {nothing}")
    words = [*TOTALS, *(f"{word}:" for word in TOTALS), *(" ".join(word) for word in TOTALS if len(word) == 2)]
    con.execute(f"create or replace temp macro is_total(t) as {one_of('lower(t)', words)}")


def half(text: str) -> str:
    """The SQL of a text with half-width characters, without invisible ones and without spaces around it."""
    return f"half_width({text})"


def trimmed(text: str) -> str:
    """The SQL of a text as it is, without spaces around it."""
    return f"trimmed({text})"


def one_of(text: str, words: Iterable[str]) -> str:
    """The SQL of whether a text is one of some words; false where it is null."""
    return f"coalesce({text} in ({', '.join(map(quoted, words))}), false)"


def is_total(text: str) -> str:
    """The SQL of whether a text in half width begins a row that sums up others."""
    return f"is_total({text})"


def is_nothing(text: str) -> str:
    """The SQL of whether a text says that there is nothing."""
    return f"says_nothing({text})"
