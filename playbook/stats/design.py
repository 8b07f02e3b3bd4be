"""Is a test large enough to see the effect, and were its arms drawn as planned?"""

from typing import NamedTuple

import numpy as np
import scipy

from playbook.stats.effects import LEVEL

POWER = 0.8


class SampleSize(NamedTuple):
    """The size of a test: the rate of the control, the effect to be detected, and customers in each arm."""

    base: float
    effect: float
    power: float
    treated: int
    control: int


def sample_size(
    base: float, effect: float, *, control_share: float = 0.5, power: float = POWER, level: float = LEVEL
) -> SampleSize:
    """Customers in each arm for a two-sided test of two rates to detect `effect` over `base` with this power.

    Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, 4.14 and 4.18, without correction.
    Raises `ValueError` where no rate can be there (`base` + `effect` outside 0 to 1).

    >>> sample_size(0.10, 0.02).treated
    3841
    """
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    if not (0 <= base < 1 and 0 < base + effect <= 1 and effect and 0 < control_share < 1):
        raise ValueError(
            f"no test sees a rate go from {base} to {base + effect} with {control_share} as control share."
        )
    ratio = control_share / (1 - control_share)  # control customers for each one treated
    treated = samplesize_proportions_2indep_onetail(effect, base, power, ratio=ratio, alpha=1 - level)
    return SampleSize(base, effect, power, int(np.ceil(treated)), int(np.ceil(ratio * treated)))


def power(base: float, effect: float, n_treated: int, n_control: int, *, level: float = LEVEL) -> float:
    """The chance that a two-sided test of two rates with arms of these sizes detects `effect` over `base`.

    >>> round(power(0.10, 0.02, 3841, 3841), 3)
    0.8
    """
    from statsmodels.stats.proportion import power_proportions_2indep

    test = power_proportions_2indep(effect, base, n_treated, ratio=n_control / n_treated, alpha=1 - level)
    return float(test.power)


def detectable_effect(
    base: float, n_treated: int, n_control: int, *, power: float = POWER, level: float = LEVEL
) -> float:
    """The smallest rise of a rate over `base` that arms of these sizes detect with this power; 1 where none does.

    >>> round(detectable_effect(0.10, 3841, 3841), 5)
    0.02
    """
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail as size

    def missing(effect):
        return size(effect, base, power, ratio=n_control / n_treated, alpha=1 - level) - n_treated

    most = 1 - base
    if most <= 0 or missing(most) > 0:
        return 1.0
    return float(scipy.optimize.brentq(missing, 1e-9, most, xtol=1e-14))


def sample_ratio_p(counts, shares=None) -> float:
    """The p-value of a chi-square test that arms of these sizes were drawn with these shares (equal by default).

    Below .0005 the assignment is broken, and no effect of that test is to be believed.

    >>> round(sample_ratio_p([21306, 21307, 21387]), 3)
    0.904
    """
    counts = np.asarray(counts, float)
    shares = np.ones(len(counts)) if shares is None else np.asarray(shares, float)
    return float(scipy.stats.chisquare(counts, counts.sum() * shares / shares.sum()).pvalue)
