"""What holds for the whole folder: currency, time zone and the order of day and month, with the evidence for each."""

import re
from collections import Counter
from collections.abc import Iterator

from duckdb import DuckDBPyConnection

from playbook.integration.draft.entries import Entry
from playbook.integration.draft.links import Given
from playbook.integration.draft.names import read_name, words
from playbook.integration.draft.relations import Place, slashed

_CHINESE = 0.4  # share of the columns with words
_CALLED = ("paid", "amount", "gross", "unit_price", "discount", "cost", "unit_cost", "spend", "serving_cost", "premium")
_SIGNS = ("€", "£", "₹", "hk$", "nt$", "r$", "¥", "$", "元")


def currency(con: DuckDBPyConnection, files: list[Given]) -> Entry:
    """The currency that names, signs, codes or countries speak of; decided only where the unit itself is named."""
    named = Counter(unit for file in files for column in _called_money(file) if (unit := read_name(column.name).unit))
    coded = Counter(code for file in files for code in _codes(file))
    signed = Counter(sign for file in files for sign in _signs(con, file))
    chinese = _is_chinese(files)
    if coded:
        return _one_or_more(coded, "a column of currencies says so")
    if named:
        return _one_or_more(named, "the name of a column of money says so")
    if sign := next(iter(signed), None):
        return _of_sign(sign, chinese, len(signed) > 1)
    return _of_country(files, chinese)


def time_zone(files: list[Given]) -> Entry:
    """The zone of the countries the data speaks of: a guess that has to be confirmed; needed where times name a zone."""
    found = _countries(files)
    code = found.most_common(1)[0][0] if found else ("CNY" if _is_chinese(files) else None)
    zone = words("words")["countries"][code][0] if code else "UTC"
    seen = "guessed from the countries in the data" if found else "the data is Chinese" if code else "nothing says it"
    zoned = [column.name for file in files for column in file.meant.look.columns if column.shares["zoned"] > 0.5]
    needed = f"'{zoned[0]}' names a zone: whose clock do the reports follow?" if zoned else "no time names a zone"
    return Entry("time_zone", zone, doubt=f"{seen}; {needed}", active=bool(code or zoned))


def date_order(con: DuckDBPyConnection, file: Given, columns: list[Entry]) -> Entry | None:
    """Whether 03/04/2025 is in March or April: proved by other values of the column, else to be decided."""
    names = {str(entry.value) for entry in columns}
    slashy = [c for c in file.meant.look.columns if c.name in names and c.shares["slashed"] > 0.02]
    found = [slashed(con, Place(file.meant.look, column)) for column in slashy]
    if not found:
        return None
    total, day_first, month_first = (sum(counts[n] for counts in found) for n in range(3))
    example = next((counts[3] for counts in found if counts[3]), None)
    label = ", ".join(column.name for column in slashy)
    if bool(day_first) == bool(month_first):
        why = "its values prove both orders" if day_first else f"none of {total:,} values decides"
        return Entry("date_order", "dmy", doubt=f"'{label}' holds days like {slashy[0].values[0]}, and {why}: dmy or mdy?")
    doubt = None if file.meant.look.whole else "read off a part of the file only"
    return Entry("date_order", "dmy" if day_first else "mdy", f"{label}: {day_first or month_first:,} of {total:,} prove it, such as {example}", doubt)


def _one_or_more(found: Counter, what: str) -> Entry:
    (code, _), *others = found.most_common()
    doubt = f"{', '.join([code, *(other for other, _ in others)])} occur; a run has one currency" if others else None
    return Entry("currency", code, what, doubt)


def _of_sign(sign: str, chinese: bool, several: bool) -> Entry:
    code = words("words")["signs"].get(sign) or ("CNY" if chinese else {"¥": "JPY", "$": "USD"}[sign])
    sure = sign in words("words")["signs"] or (sign == "¥" and chinese)
    doubt = "several signs occur" if several else None if sure else f"amounts carry {sign}, which several countries use"
    return Entry("currency", code, f"amounts carry {sign}", doubt)


def _of_country(files: list[Given], chinese: bool) -> Entry:
    if found := _countries(files):
        code = found.most_common(1)[0][0]
        return Entry("currency", code, doubt=f"no amount says its currency; the countries in the data speak for {code}")
    if chinese:
        return Entry("currency", "CNY", doubt="no amount says its currency; the data is Chinese")
    return Entry("currency", "EUR", doubt="nothing says it; left out, the currency of the industry's profile holds", active=False)


def _called_money(file: Given) -> Iterator:
    """The columns of sales that are called money."""
    for column in _money(file):
        meant = file.meant.columns[column.name]
        if any(meant.get(concept, 0) >= 0.6 for concept in _CALLED):
            yield column


def _money(file: Given) -> Iterator:
    """The columns that hold money or say so."""
    for column in file.meant.look.columns:
        if column.shares["money"] >= 0.9 and column.filled:
            yield column


def _codes(file: Given) -> Iterator[str]:
    column, score = file.meant.best("currency_code")
    if column and score >= 0.6:
        yield from (value.upper() for value in column.values if re.fullmatch("[A-Za-z]{3}", value))


def _signs(con, file: Given) -> Iterator[str]:
    for column in _money(file):
        texts = f"select lower(c{column.number}) as t from {file.meant.look.table} where c{column.number} is not null limit 200000"
        marks = ", ".join(f"count(*) filter (contains(t, '{sign}'))" for sign in _SIGNS)
        counts = con.execute(f"select {marks} from ({texts})").fetchone()
        yield from [sign for sign, n in zip(_SIGNS, counts, strict=True) if n][:1]


def _countries(files: list[Given]) -> Counter:
    """Currencies of the countries that columns of countries name, by their rows."""
    found: Counter = Counter()
    for file in files:
        column, score = file.meant.best("country")
        for value, rows in column.common if column and score >= 0.9 else []:
            code = next((code for code, (_, *names) in words("words")["countries"].items() if value.casefold() in names), None)
            found.update({code: rows} if code else {})
    return found


def _is_chinese(files: list[Given]) -> bool:
    """Whether most columns that are named in Chinese or hold words are Chinese."""
    columns = [column for file in files for column in file.meant.look.columns if column.filled]
    worded = [c for c in columns if not c.name.isascii() or (c.shares["lettered"] > 0.8 and c.shares["digits"] < 0.8)]
    chinese = [c for c in worded if not c.name.isascii() or c.shares["chinese"] > 0.5]
    return bool(worded) and len(chinese) >= _CHINESE * len(worded)
