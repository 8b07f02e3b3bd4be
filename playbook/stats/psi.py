"""Population stability index: has a distribution moved since the bins were set?"""

import numpy as np

#: Below the first limit a distribution lies as it did, from the second on it is another one.
WATCH, ACT = 0.10, 0.25
FLOOR = 1e-4


def decile_bins(values: np.ndarray) -> dict[str, list[float]]:
    """`limits` between the deciles of the values and the `shares` of the values between them; plain lists, for JSON.

    >>> decile_bins(np.array([1.0, 1.0, 1.0, 2.0]))
    {'limits': [1.0, 2.0], 'shares': [0.75, 0.25, 0.0]}
    """
    limits = np.unique(np.quantile(values, np.linspace(0.1, 0.9, 9), method="inverted_cdf"))
    return {"limits": limits.tolist(), "shares": _shares(values, limits).tolist()}


def psi(values: np.ndarray, baseline: dict[str, list[float]]) -> float:
    """The population stability index of values against the `decile_bins` of earlier ones; 0: nothing moved.

    >>> psi(np.array([1.0, 1.0, 1.0, 2.0]), decile_bins(np.array([1.0, 1.0, 1.0, 2.0])))
    0.0
    """
    expected = np.maximum(np.array(baseline["shares"]), FLOOR)
    actual = np.maximum(_shares(values, np.array(baseline["limits"])), FLOOR)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def verdict(index: float) -> str:
    """What a population stability index asks for: stable, watch or act.

    >>> [verdict(index) for index in (0.02, 0.1, 0.3)]
    ['stable', 'watch', 'act']
    """
    return "act" if index >= ACT else "watch" if index >= WATCH else "stable"


def _shares(values, limits):
    return np.bincount(np.searchsorted(limits, values), minlength=len(limits) + 1) / len(values)
