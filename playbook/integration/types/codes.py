"""Numbers that check themselves: unified social credit codes of Chinese companies (GB 32100), numbers of identity cards
(GB 11643). Both have 18 signs, the last of which checks the others."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
WEIGHTS = tuple(3**place % 31 for place in range(17))
#: Region, day of birth, running number, check sign.
_CARD = "[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]"
_CARD_WEIGHTS = tuple(2**place % 11 for place in range(17, -1, -1))


def check_sign(body: str) -> str:
    """The 18th sign to 17 others (GB 32100-2015, formula 1)."""
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether a text is a credit code whose check sign is right."""
    return len(code) == 18 and set(code) <= set(ALPHABET) and check_sign(code[:17]) == code[17]


def is_credit_code_sql(code: str) -> str:
    """The same in SQL."""
    places = ", ".join(
        f"(strpos('{ALPHABET}', substring({code}, {place}, 1)) - 1) * {weight}"
        for place, weight in enumerate(WEIGHTS, 1)
    )
    total = f"list_sum([{places}])"
    checks = f"(strpos('{ALPHABET}', substring({code}, 18, 1)) - 1 + {total}) % 31 = 0"
    return f"(regexp_full_match({code}, '[{ALPHABET}]{{18}}') and {checks})"


def is_identity_card_sql(number: str) -> str:
    """The SQL of whether a text is the number of an identity card whose check sign is right (GB 11643, X counts 10)."""
    places = ", ".join(
        f"(strpos('0123456789X', substring({number}, {place}, 1)) - 1) * {weight}"
        for place, weight in enumerate(_CARD_WEIGHTS, 1)
    )
    return f"coalesce(regexp_full_match({number}, '{_CARD}') and list_sum([{places}]) % 11 = 1, false)"
