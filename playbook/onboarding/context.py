"""What holds for the whole folder: currency, time zone and the order of day and month, with the evidence for each."""

import re
from collections import Counter
from collections.abc import Iterator

from duckdb import DuckDBPyConnection

from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.entries import Entry
from playbook.onboarding.links import Given
from playbook.onboarding.names import read_name, words
from playbook.onboarding.relations import Place, Slashed, signs, slashed

_CHINESE = 0.4  # share of the columns with words
_CALLED = ("paid", "amount", "gross", "unit_price", "discount", "cost", "unit_cost", "spend", "serving_cost", "premium")
_AMBIGUOUS = {"¥": "JPY", "$": "USD"}  # signs of several countries, and the likeliest outside China


def currency(con: DuckDBPyConnection, files: list[Given]) -> Entry:
    """The currency that codes, names, signs or countries speak of; sure only where the unit itself is named."""
    if coded := Counter(code for file in files for code in _codes(file)):
        return _one_or_more(coded, "a column of currencies says so")
    if named := Counter(unit for file in files for column in _sales(file) if (unit := read_name(column.name).unit)):
        return _one_or_more(named, "the name of a column of money says so")
    signed = dict.fromkeys(
        sign for file in files for column in _money(file) for sign in signs(con, Place(file.meant.look, column))
    )
    return _of_sign(list(signed), _is_chinese(files)) if signed else _of_country(files)


def time_zone(files: list[Given]) -> Entry:
    """The zone of the countries that the data speaks of: a guess to be confirmed, needed where times name a zone."""
    code, seen = _country(files)
    zone = words("words")["countries"][code][0] if code else "UTC"
    zoned = [column.name for file in files for column in file.meant.look.columns if column.shares["zoned"] > 0.5]
    needed = f"'{zoned[0]}' names a zone: whose clock do the reports follow?" if zoned else "no time names a zone"
    return Entry("time_zone", zone, doubt=f"{seen or 'nothing says it'}; {needed}", active=bool(code or zoned))


def date_order(con: DuckDBPyConnection, file: Given, columns: list[Entry]) -> Entry | None:
    """Whether 03/04/2025 is in March or April: proved by other values of the column, else to be decided."""
    mapped = {str(entry.value) for entry in columns}
    slashy = [c for c in file.meant.look.columns if c.name in mapped and c.shares["slashed"] > 0.02]
    if not slashy:
        return None
    found = [slashed(con, Place(file.meant.look, column)) for column in slashy]
    days = Slashed(
        *(sum(counts[n] for counts in found) for n in range(3)), next((f.proof for f in found if f.proof), None)
    )
    return _order(days, slashy, file.meant.look.whole)


def _order(days: Slashed, columns: list[ColumnLook], whole: bool) -> Entry:
    label = ", ".join(column.name for column in columns)
    if bool(days.day_first) == bool(days.month_first):
        why = "its values prove both orders" if days.day_first else f"none of {days.count:,} values decides"
        doubt = f"'{label}' holds days like {columns[0].values[0]}, and {why}: dmy or mdy?"
        return Entry("date_order", "dmy", doubt=doubt)
    proofs = days.day_first or days.month_first
    why = f"{label}: {proofs:,} of {days.count:,} prove it, such as {days.proof}"
    return Entry(
        "date_order", "dmy" if days.day_first else "mdy", why, None if whole else "read off a part of the file"
    )


def _one_or_more(found: Counter, why: str) -> Entry:
    codes = [code for code, _ in found.most_common()]
    doubt = f"{', '.join(codes)} occur; a run has one currency" if len(codes) > 1 else None
    return Entry("currency", codes[0], why, doubt)


def _of_sign(found: list[str], is_chinese: bool) -> Entry:
    sign = found[0]
    clear = words("words")["signs"].get(sign) or ("CNY" if sign == "¥" and is_chinese else None)
    code = clear or ("CNY" if is_chinese else _AMBIGUOUS[sign])
    doubt = None if clear else f"amounts carry {sign}, which several countries use"
    doubt = f"amounts carry {', '.join(found)}; a run has one currency" if len(found) > 1 else doubt
    return Entry("currency", code, "" if doubt else f"amounts carry {sign}", doubt)


def _of_country(files: list[Given]) -> Entry:
    code, seen = _country(files)
    if code:
        return Entry("currency", code, doubt=f"no amount says its currency; {seen}")
    doubt = "nothing says it; left out, the currency of the industry's profile holds"
    return Entry("currency", "EUR", doubt=doubt, active=False)


def _country(files: list[Given]) -> tuple[str | None, str]:
    """The currency of the country that most rows name, or of the language; and how that was seen."""
    known = {name: code for code, (_, *names) in words("words")["countries"].items() for name in names}
    found = Counter()
    for value, rows in (pair for file in files for pair in _country_names(file)):
        found.update({known[value.casefold()]: rows} if value.casefold() in known else {})
    if found:
        return found.most_common(1)[0][0], "guessed from the countries in the data"
    return ("CNY", "the data is Chinese") if _is_chinese(files) else (None, "")


def _country_names(file: Given) -> list[tuple[str, int]]:
    column, score = file.meant.best("country")
    return column.common if column and score >= 0.9 else []


def _money(file: Given) -> Iterator[ColumnLook]:
    """The columns that hold numbers, signs of currencies among them."""
    yield from (column for column in file.meant.look.columns if column.filled and column.shares["money"] >= 0.9)


def _sales(file: Given) -> Iterator[ColumnLook]:
    """The columns of numbers that are called money."""
    for column in _money(file):
        if any(file.meant.columns[column.name].get(concept, 0) >= 0.6 for concept in _CALLED):
            yield column


def _codes(file: Given) -> Iterator[str]:
    column, score = file.meant.best("currency_code")
    if column and score >= 0.6:
        yield from (value.upper() for value in column.values if re.fullmatch("[A-Za-z]{3}", value))


def _is_chinese(files: list[Given]) -> bool:
    """Whether many of the columns that are named in Chinese or hold words are Chinese."""
    worded = [column for file in files for column in file.meant.look.columns if column.filled and _has_words(column)]
    chinese = [column for column in worded if not column.name.isascii() or column.shares["chinese"] > 0.5]
    return bool(worded) and len(chinese) >= _CHINESE * len(worded)


def _has_words(column: ColumnLook) -> bool:
    return not column.name.isascii() or (column.shares["lettered"] > 0.8 and column.shares["digits"] < 0.8)
