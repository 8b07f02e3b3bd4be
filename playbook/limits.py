"""How much memory a run may take, and how much of it its tables."""

import re

#: The environment variable that holds the limit, and hands it to kernels.
MEMORY = "PLAYBOOK_MEMORY"
#: The share of the limit that tables may take: Python and its libraries need the rest.
SHARE = 0.6


class LimitError(ValueError):
    """Something that is no amount of memory."""


def share_of_tables(limit: str) -> str:
    """What the engine may take of a limit such as 1GiB; `LimitError` where it is no amount."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]i?B)", limit.strip())
    if not found or not float(found[1]):
        raise LimitError(f"'{limit}' is not an amount of memory; write it as 1GiB or 800MiB.")
    return f"{float(found[1]) * SHARE:.3f}{found[2]}"
