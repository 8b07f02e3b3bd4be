"""Phones: one spelling for each number, +86 139 1234 5678 and 0086-13912345678 alike."""

import re
from collections.abc import Iterable
from functools import cache

import pandas as pd

CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")


def phones(given: Iterable[str], region: str) -> pd.DataFrame:
    """One row per different number as integration reads it (digits, perhaps a plus): `phone` and its `phone_key`.

    The key is the number with its country's code and without a plus: 8613912345678. It is null for what can be no
    number of any country; `region` (CN, DE, US) is whose numbers need no country code.
    """
    texts = sorted(set(given))
    return pd.DataFrame({"phone": texts, "phone_key": [phone(text, region) for text in texts]}, dtype=object)


def phone(text: str, region: str) -> str | None:
    """The key of one number; see `phones`."""
    digits = re.sub(r"^00", "+", re.sub(r"[^\d+]", "", text))
    code, plain = _plain(region)
    if found := plain.fullmatch(digits):
        return code + found[1]
    return _parsed(digits, region) or _parsed("+" + digits.lstrip("+"), region)


@cache
def _plain(region: str) -> tuple[str, re.Pattern]:
    """The country's code, and what its numbers look like at home."""
    from phonenumbers import PhoneMetadata

    known = PhoneMetadata.metadata_for_region(region)
    if known is None:
        raise ValueError(f"there is no country '{region}' whose phones are known; write it as in CN, US or DE")
    own = CHINESE_MOBILE.pattern if region == "CN" else known.general_desc.national_number_pattern
    prefix = f"(?:{known.national_prefix})?" if known.national_prefix else ""
    return str(known.country_code), re.compile(rf"{prefix}({_uncaptured(own)})")


def _uncaptured(pattern: str) -> str:
    return re.sub(r"\((?!\?)", "(?:", pattern)


def _parsed(digits: str, region: str) -> str | None:
    import phonenumbers

    try:
        found = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164).lstrip("+")
