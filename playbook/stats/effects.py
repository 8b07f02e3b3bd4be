"""By how much two groups differ: effect, standard error, interval and p-value."""

from typing import NamedTuple

import numpy as np
import scipy

LEVEL = 0.95


class Effect(NamedTuple):
    """The mean of the treated less the mean of the control, with its standard error, interval and p-value."""

    n_treated: int
    n_control: int
    treated: float
    control: float
    effect: float
    error: float
    low: float
    high: float
    p_value: float


class Superiority(NamedTuple):
    """The chance that one of the first group exceeds one of the second, ties halved; Mann-Whitney's p-value."""

    probability: float
    p_value: float


def proportion_difference(treated, control, *, level: float = LEVEL) -> Effect:
    """Difference of two rates, given their outcomes (0 or 1): Newcombe's score interval, p-value of the pooled z-test.

    Newcombe (1998), Interval Estimation for the Difference between Independent Proportions, method 10.

    >>> difference = proportion_difference([1] * 56 + [0] * 14, [1] * 48 + [0] * 32)
    >>> [round(value, 4) for value in (difference.effect, difference.low, difference.high)]
    [0.2, 0.0524, 0.3339]
    """
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    treated, control = _two_groups(treated, control)
    counts, sizes = (treated.sum(), control.sum()), (len(treated), len(control))
    cells = (counts[0], sizes[0], counts[1], sizes[1])
    low, high = confint_proportions_2indep(*cells, method="newcomb", compare="diff", alpha=1 - level)
    varies = 0 < sum(counts) < sum(sizes)
    p_value = proportions_ztest(counts, sizes)[1] if varies else 1.0
    return _effect(treated, control, low, high, p_value)


def mean_difference(treated, control, *, level: float = LEVEL) -> Effect:
    """Difference of two means, by Welch's t; where nothing varies the interval is the difference itself.

    >>> round(mean_difference([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]).p_value, 4)
    0.2209
    """
    treated, control = _two_groups(treated, control)
    gap = treated.mean() - control.mean()
    if treated.var() == control.var() == 0:
        return _effect(treated, control, gap, gap, gap == 0)
    test = scipy.stats.ttest_ind(treated, control, equal_var=False)
    low, high = test.confidence_interval(level)
    return _effect(treated, control, low, high, test.pvalue)


def superiority(first, second) -> Superiority:
    """How often a value of the first group exceeds one of the second.

    >>> superiority([3, 4, 5], [1, 2, 3]).probability
    0.9444444444444444
    """
    test = scipy.stats.mannwhitneyu(np.asarray(first, float), np.asarray(second, float))
    return Superiority(float(test.statistic) / (len(first) * len(second)), float(test.pvalue))


def stratified_difference(strata: list[tuple], *, level: float = LEVEL) -> Effect:
    """Difference of rates over trials: the (treated, control) outcomes of each compared within itself, never pooled.

    Mantel-Haenszel weights; variance of Greenland and Robins (1985), which holds where single trials are small. One
    stratum gives `proportion_difference`.
    """
    if len(strata) == 1:
        return proportion_difference(*strata[0], level=level)
    counts = np.array([(len(t), len(c), np.sum(t), np.sum(c)) for t, c in strata if min(len(t), len(c))], float)
    m, n, a, b = counts.T
    weight = m * n / (m + n)
    treated, control = (float(weight @ (came / size) / weight.sum()) for came, size in ((a, m), (b, n)))
    variance = (a * (m - a) * n**3 + b * (n - b) * m**3) / (m * n * (m + n) ** 2)
    error, gap = float(np.sqrt(variance.sum()) / weight.sum()), treated - control
    low, high = normal_interval(gap, error, level=level)
    p_value = float(2 * scipy.stats.norm.sf(abs(gap) / error)) if error > 0 else 1.0
    return Effect(int(m.sum()), int(n.sum()), treated, control, gap, error, low, high, p_value)


def heterogeneity_p(effects, errors) -> float:
    """The p-value of Cochran's Q: whether effects differ by more than chance; NaN for fewer than two.

    >>> round(heterogeneity_p([0.1, 0.2, 0.4], [0.1, 0.1414213562, 0.1]), 4)
    0.1003
    """
    from statsmodels.stats.meta_analysis import combine_effects

    effects, errors = np.asarray(effects, float), np.asarray(errors, float)
    if len(effects) < 2 or not (errors > 0).all():
        return float("nan")
    return float(combine_effects(effects, errors**2, method_re="iterated").test_homogeneity().pvalue)


def normal_interval(estimate: float, error: float, *, level: float = LEVEL) -> tuple[float, float]:
    """(low, high) of an estimate that is normal around the truth with this standard error."""
    half = float(scipy.stats.norm.ppf(0.5 + level / 2)) * error
    return estimate - half, estimate + half


def _two_groups(treated, control):
    treated, control = np.asarray(treated, float), np.asarray(control, float)
    if min(len(treated), len(control)) < 2:
        raise ValueError(f"an effect needs two rows in each group; found {len(treated)} and {len(control)}.")
    return treated, control


def _effect(treated, control, low, high, p_value):
    a, b = float(treated.mean()), float(control.mean())
    error = float(np.sqrt(treated.var(ddof=1) / len(treated) + control.var(ddof=1) / len(control)))
    return Effect(len(treated), len(control), a, b, a - b, error, float(low), float(high), float(p_value))
