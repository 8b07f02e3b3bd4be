"""Phones: one spelling for each number, +86 139 1234 5678 and 0086-13912345678 alike."""

import re
from functools import cache

CHINESE_MOBILE = r"1[3-9]\d{9}"


def phone(text: str, region: str) -> str | None:
    """The key of one number: its digits with the country's code and without a plus; None for what can be no number.

    `region` (CN, DE, US) is whose numbers need no country code. Raises `ValueError` where it is no country.

    >>> phone("0086-13912345678", "CN"), phone("123", "US")
    ('8613912345678', None)
    """
    import phonenumbers

    digits = re.sub(r"^00", "+", re.sub(r"[^\d+]", "", text))
    code, national = _national(region)
    if match := national.fullmatch(digits):
        return code + match[1]
    for written in (digits, "+" + digits.lstrip("+")):
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).lstrip("+")
    return None


@cache
def _national(region: str) -> tuple[str, re.Pattern]:
    """The country's code, and what its numbers look like at home."""
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise ValueError(f"there is no country '{region}' whose phones are known; write it as in CN, US or DE")
    pattern = CHINESE_MOBILE if region == "CN" else metadata.general_desc.national_number_pattern
    uncaptured = re.sub(r"\((?!\?)", "(?:", pattern)
    prefix = f"(?:{metadata.national_prefix})?" if metadata.national_prefix else ""
    return str(metadata.country_code), re.compile(f"{prefix}({uncaptured})")
