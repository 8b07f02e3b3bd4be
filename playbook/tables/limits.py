"""How much memory a run may take, and how much of it its tables."""

import re

#: The environment variable that holds the limit, and hands it to kernels.
MEMORY = "PLAYBOOK_MEMORY"
#: The share of the limit that tables may take: Python and its libraries need the rest.
SHARE = 0.6
#: With less, not even the tables of a small business fit.
LEAST = "500MiB"

_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4}


class LimitError(ValueError):
    """Something that is no amount of memory, or too small a one."""


def checked(limit: str) -> str:
    """A limit that a run can keep; `LimitError` where it is no amount, or less than a run needs."""
    if _bytes(*_amount(limit)) < _bytes(*_amount(LEAST)):
        raise LimitError(f"{limit} of memory is not enough for any run; give {LEAST} or more, as 1GiB.")
    return limit


def share_of_tables(limit: str) -> str:
    """What the engine may take of a limit; `LimitError` where it is no amount.

    >>> share_of_tables("1GiB")
    '0.600GiB'
    """
    number, unit = _amount(limit)
    return f"{number * SHARE:.3f}{unit}"


def _amount(limit: str) -> tuple[float, str]:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]i?B)", limit.strip())
    if not match or not float(match[1]):
        raise LimitError(f"'{limit}' is not an amount of memory; write it as 1GiB or 800MiB.")
    return float(match[1]), match[2]


def _bytes(number: float, unit: str) -> float:
    return number * (1024 if "i" in unit else 1000) ** _POWERS[unit[0]]
