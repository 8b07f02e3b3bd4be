"""How much memory a run may take, and how much of it its tables."""

import re

#: The environment variable that holds the limit, and hands it to kernels.
MEMORY = "PLAYBOOK_MEMORY"
#: The share of the limit that tables may take: Python and its libraries need the rest.
SHARE = 0.6


#: With less, not even the tables of a small business fit.
LEAST = "500MiB"
_BYTES = {"K": 1, "M": 2, "G": 3, "T": 4}


class LimitError(ValueError):
    """Something that is no amount of memory, or too small a one."""


def checked(limit: str) -> str:
    """A limit that a run can keep; `LimitError` where it is no amount, or less than a run needs."""
    share_of_tables(limit)
    if _bytes(limit) < _bytes(LEAST):
        raise LimitError(f"{limit} of memory is not enough for any run; give {LEAST} or more, as 1GiB.")
    return limit


def share_of_tables(limit: str) -> str:
    """What the engine may take of a limit such as 1GiB; `LimitError` where it is no amount."""
    found = _amount(limit)
    if not found or not float(found[1]):
        raise LimitError(f"'{limit}' is not an amount of memory; write it as 1GiB or 800MiB.")
    return f"{float(found[1]) * SHARE:.3f}{found[2]}"


def _amount(limit: str) -> re.Match | None:
    return re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]i?B)", limit.strip())


def _bytes(limit: str) -> float:
    number, unit = _amount(limit).groups()
    return float(number) * (1024 if "i" in unit else 1000) ** _BYTES[unit[0]]
