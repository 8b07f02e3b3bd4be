"""What holds for the whole folder: currency, time zone and the order of day and month, with the evidence for each."""

import re
from collections import Counter

from playbook.onboarding.draft import Entry
from playbook.onboarding.file_profile import FileProfile, currency_sign, day_evidence
from playbook.onboarding.names import group, read_name, vocabulary

_CHINESE = 0.4  # share of the columns with words
_LIKELY, _SURE = 0.6, 0.9
_AMBIGUOUS = {"¥": "JPY", "$": "USD"}  # signs of several countries, and the likeliest outside China

Files = list[FileProfile]


def currency(files: Files) -> Entry:
    """The currency that codes, names, signs or countries speak of; sure only where the unit itself is named."""
    coded = [column for file in files for column, score in [file.best("currency_code")] if score >= _LIKELY]
    codes = Counter(value.upper() for column in coded for value in column.values if re.fullmatch("[A-Za-z]{3}", value))
    money = [
        (file, column) for file in files for column in file.columns if column.filled and column.shares["money"] >= 0.9
    ]
    called = [
        column for file, column in money if any(file.types[column.name].get(c, 0) >= _LIKELY for c in group("money"))
    ]
    units = Counter(unit for column in called if (unit := read_name(column.name).unit))
    if counted := codes or units:
        why = "a column of currencies says so" if codes else "the name of a column of money says so"
        listed = [code for code, _ in counted.most_common()]
        doubt = f"{', '.join(listed)} occur; a run has one currency" if len(listed) > 1 else None
        return Entry("currency", listed[0], why, doubt)
    signs = dict.fromkeys(sign for file, column in money if (sign := currency_sign(column)))
    if signs:
        return _of_signs(list(signs), _is_chinese(files))
    code, evidence = _country(files)
    if code:
        return Entry("currency", code, doubt=f"no amount says its currency; {evidence}")
    doubt = "nothing says it; left out, the currency of the industry's profile holds"
    return Entry("currency", "EUR", doubt=doubt, active=False)


def time_zone(files: Files) -> Entry:
    """The zone of the countries that the data speaks of: a guess to be confirmed, needed where times name a zone."""
    code, evidence = _country(files)
    zone = vocabulary("countries")[code][0] if code else "UTC"
    zoned = next((column.name for file in files for column in file.columns if column.shares["zoned"] > 0.5), None)
    needed = f"'{zoned}' names a zone: whose clock do the reports follow?" if zoned else "no time names a zone"
    return Entry("time_zone", zone, doubt=f"{evidence or 'nothing says it'}; {needed}", active=bool(code or zoned))


def date_order(file: FileProfile, columns: list[Entry]) -> list[Entry]:
    """Whether 03/04/2025 is in March or April: proved by other values of the column, else to be decided."""
    mapped = {str(entry.value) for entry in columns}
    slashed = [column for column in file.columns if column.name in mapped and column.shares["slashed"] > 0.02]
    if not slashed:
        return []
    *counts, proofs = zip(*map(day_evidence, slashed), strict=True)
    count, day_first, month_first = map(sum, counts)
    label = ", ".join(column.name for column in slashed)
    if bool(day_first) == bool(month_first):
        why = "its values prove both orders" if day_first else f"none of {count:,} values decides"
        doubt = f"'{label}' holds days like {slashed[0].values[0]}, and {why}: dmy or mdy?"
        return [Entry("date_order", "dmy", doubt=doubt)]
    proof = next(filter(None, proofs))
    why = f"{label}: {day_first or month_first:,} of {count:,} prove it, such as {proof}"
    return [
        Entry("date_order", "dmy" if day_first else "mdy", why, None if file.whole else "read off a part of the file")
    ]


def _of_signs(signs: list[str], is_chinese: bool) -> Entry:
    sign = signs[0]
    code = vocabulary("signs").get(sign) or ("CNY" if sign == "¥" and is_chinese else None)
    doubt = None if code else f"amounts carry {sign}, which several countries use"
    doubt = f"amounts carry {', '.join(signs)}; a run has one currency" if len(signs) > 1 else doubt
    likely = "CNY" if is_chinese else _AMBIGUOUS.get(sign)
    return Entry("currency", code or likely, "" if doubt else f"amounts carry {sign}", doubt)


def _country(files: Files) -> tuple[str | None, str]:
    """The currency of the country that most rows name, or of the language; and the evidence."""
    codes = {name: code for code, (_, *names) in vocabulary("countries").items() for name in names}
    counts: Counter = Counter()
    for column, score in (file.best("country") for file in files):
        for value, rows in column.common if score >= _SURE else ():
            counts.update({codes[value.casefold()]: rows} if value.casefold() in codes else {})
    if counts:
        return counts.most_common(1)[0][0], "guessed from the countries in the data"
    return ("CNY", "the data is Chinese") if _is_chinese(files) else (None, "")


def _is_chinese(files: Files) -> bool:
    """Whether many of the columns that are named in Chinese or hold words are Chinese."""
    worded = [
        column
        for file in files
        for column in file.columns
        if column.filled
        and (not column.name.isascii() or (column.shares["lettered"] > 0.8 and column.shares["digits"] < 0.8))
    ]
    chinese = sum(not column.name.isascii() or column.shares["chinese"] > 0.5 for column in worded)
    return bool(worded) and chinese >= _CHINESE * len(worded)
