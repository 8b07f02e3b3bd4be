"""Unique rows and their weights: millions of customers are a few thousand different histories."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd


class InputError(ValueError):
    """Histories that cannot be; the message says which and what would do."""


class Rows(NamedTuple):
    """Different histories, in ascending order, and how many customers share each."""

    x: np.ndarray
    t_x: np.ndarray
    T: np.ndarray
    weights: np.ndarray

    def thin(self, limit: int) -> "Rows":
        """At most about `limit` rows, evenly spaced: enough to start from."""
        every = -(-len(self.x) // limit)
        return self if every <= 1 else Rows(*(column[::every] for column in self))

    def where(self, keep: np.ndarray) -> "Rows":
        """The rows for which `keep` holds."""
        return Rows(*(column[keep] for column in self))


def histories(x, t_x, T) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeat purchases, time of the last and time observed as float arrays of one shape, checked.

    Raises `InputError` for lengths that differ, missing or negative values, a fraction of a purchase, a last purchase
    after the end, and a repeat purchase at time 0.
    """
    x, t_x, T = (np.atleast_1d(np.asarray(column, float)) for column in (x, t_x, T))
    if not len(x) == len(t_x) == len(T):
        raise InputError(f"x, t_x and T must be of one length; they have {len(x)}, {len(t_x)} and {len(T)} values.")
    for wrong, what in _impossible(x, t_x, T):
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(f"{what}; row {row} has x={x[row]:g}, t_x={t_x[row]:g}, T={T[row]:g}.")
    return x, t_x, T


def unique_rows(x, t_x, T, weights=None) -> Rows:
    """The different histories among checked ones, with the sum of weights of each."""
    index, (x, t_x, T) = _unique(x, t_x, T)
    count = np.bincount(index, weights=None if weights is None else np.asarray(weights, float), minlength=len(x))
    return Rows(x, t_x, T, count.astype(float))


def by_unique(function: Callable[..., np.ndarray], *columns: np.ndarray) -> np.ndarray:
    """`function(*columns)`, computed once for each different row."""
    index, different = _unique(*columns)
    return function(*different)[index]


def _impossible(x, t_x, T):
    yield ~(np.isfinite(x) & np.isfinite(t_x) & np.isfinite(T)), "x, t_x and T must be numbers"
    yield (x < 0) | (x != np.floor(x)), "x counts repeat purchases: 0, 1, 2, ..."
    yield (t_x < 0) | (t_x > T * (1 + 1e-12)), "the last purchase t_x must lie between 0 and T"
    yield (x > 0) & (t_x == 0), "a repeat purchase needs time after the first; count one purchase per customer and day"


def _unique(*columns):
    codes, values = zip(*(_coded(column) for column in columns), strict=True)
    combined, sizes = codes[0], [len(value) for value in values]
    for code, size in zip(codes[1:], sizes[1:], strict=True):
        combined = combined * size + code
    index, different = _coded(combined)
    places = _split(different, sizes)
    return index, tuple(value[place] for value, place in zip(values, places, strict=True))


def _coded(column):
    codes, values = pd.factorize(np.asarray(column))
    order = np.argsort(values, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[codes], values[order]


def _split(combined, sizes):
    places = []
    for size in reversed(sizes[1:]):
        combined, place = np.divmod(combined, size)
        places.append(place)
    return [combined, *reversed(places)]
