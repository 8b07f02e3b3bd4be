"""One message: a sentence of `text/` by its key, with its values and how many it rests on."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Message(NamedTuple):
    """What is said or warned of: the key of a text, its values, how many it rests on, and what those are.

    >>> Message("rfm.absent", {"gone": 12, "days": 365}, n=80).values["gone"]
    12
    """

    key: str
    values: Mapping[str, Any] = MappingProxyType({})
    n: int | None = None
    of: str = "customer"
