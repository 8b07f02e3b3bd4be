"""P-values corrected for their number; missing ones stay missing and do not count."""

import numpy as np


def holm(p_values) -> np.ndarray:
    """Holm's step-down correction: the chance of any false alarm among all stays below the level.

    >>> holm([0.01, 0.04, np.nan, 0.03])
    array([0.03, 0.06,  nan, 0.06])
    """
    return _corrected(p_values, "holm")


def benjamini_hochberg(p_values) -> np.ndarray:
    """The false discovery rate: of what is called an effect at the level, at most that share is false on average.

    >>> benjamini_hochberg([0.01, 0.04, np.nan, 0.03])
    array([0.03, 0.04,  nan, 0.04])
    """
    return _corrected(p_values, "fdr_bh")


def _corrected(p_values, method):
    from statsmodels.stats.multitest import multipletests

    corrected = np.array(p_values, float)
    present = ~np.isnan(corrected)
    if present.any():
        corrected[present] = multipletests(corrected[present], method=method)[1]
    return corrected
