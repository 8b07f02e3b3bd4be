"""Intervals by drawing again: units (customers, households) with replacement, all rows of a unit together."""

from collections.abc import Iterator

import numpy as np

DRAWS = 500


def bootstrap_weights(unit: np.ndarray, *, draws: int = DRAWS, seed: int) -> Iterator[np.ndarray]:
    """For each draw, how often each row was drawn. `unit`: a code 0..n-1 for each row; the seed fixes the draws.

    >>> [int(weight.sum()) for weight in bootstrap_weights(np.arange(5), draws=2, seed=1)]
    [5, 5]
    """
    rng, count = np.random.default_rng(seed), unit.max() + 1
    for _ in range(draws):
        yield np.bincount(rng.integers(0, count, count), minlength=count)[unit]


def percentile_interval(draws, *, level: float) -> tuple[np.ndarray, np.ndarray]:
    """(low, high) of bootstrap draws, (draws,) or (draws, n): the middle `level` of them.

    >>> [round(float(end), 9) for end in percentile_interval(np.arange(101), level=0.9)]
    [5.0, 95.0]
    """
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return low, high
