"""Unified social credit codes of Chinese companies (GB 32100): 18 signs, the last of which checks the others."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
WEIGHTS = tuple(3**place % 31 for place in range(17))


def check_sign(body: str) -> str:
    """The 18th sign to 17 others (GB 32100-2015, formula 1)."""
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether a text is a credit code whose check sign is right."""
    return len(code) == 18 and set(code) <= set(ALPHABET) and check_sign(code[:17]) == code[17]
