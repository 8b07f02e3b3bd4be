"""What an arm did on average: effects with intervals against the named control, and the size a test would need."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

LEVEL, POWER = 0.95, 0.8


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


class Needed(NamedTuple):
    """The size of a test: returns without a recall, the effect to be seen, and customers in each arm."""

    base: float
    effect: float
    power: float
    treated: int
    control: int


def effect(treated, control, *, level: float = LEVEL) -> Effect:
    """The effect on an outcome: rates (0 and 1) by Newcombe's score interval, amounts by Welch's t.

    Newcombe (1998), Interval Estimation for the Difference between Independent Proportions, method 10.
    """
    treated, control = np.asarray(treated, float), np.asarray(control, float)
    if min(len(treated), len(control)) < 2:
        raise ValueError(f"an effect needs two customers in each arm; found {len(treated)} and {len(control)}.")
    is_rate = np.isin(treated, (0, 1)).all() and np.isin(control, (0, 1)).all()
    low, high, p_value = (_rates if is_rate else _amounts)(treated, control, level)
    a, b = float(treated.mean()), float(control.mean())
    return Effect(len(treated), len(control), a, b, a - b, _error(treated, control), low, high, p_value)


def stratified(parts: list[tuple], *, level: float = LEVEL) -> Effect:
    """The effect on a rate over several trials, (treated, control) of each compared within itself, never pooled.

    Mantel-Haenszel weights; variance of Greenland and Robins (1985), which holds where single trials are small.
    """
    if len(parts) == 1:
        return effect(*parts[0], level=level)
    counts = np.array([(len(t), len(c), np.sum(t), np.sum(c)) for t, c in parts], float)
    m, n, a, b = counts[(counts[:, 0] > 0) & (counts[:, 1] > 0)].T
    weight = m * n / (m + n)
    rates = [float(weight @ (came / size) / weight.sum()) for came, size in ((a, m), (b, n))]
    spread = (a * (m - a) * n**3 + b * (n - b) * m**3) / (m * n * (m + n) ** 2)
    error, gap = float(np.sqrt(spread.sum()) / weight.sum()), rates[0] - rates[1]
    half = stats.norm.ppf(0.5 + level / 2) * error
    p_value = float(2 * stats.norm.sf(abs(gap) / error)) if error > 0 else 1.0
    return Effect(int(m.sum()), int(n.sum()), *rates, gap, error, float(gap - half), float(gap + half), p_value)


def differ(effects, errors) -> float:
    """The p-value of Cochran's Q: whether effects differ by more than chance; NaN for fewer than two."""
    effects, errors = np.asarray(effects, float), np.asarray(errors, float)
    if len(effects) < 2 or not (errors > 0).all():
        return float("nan")
    weight = 1 / errors**2
    gaps = effects - weight @ effects / weight.sum()
    return float(stats.chi2.sf(weight @ gaps**2, len(effects) - 1))


def sample_ratio(counts, shares=None) -> float:
    """The p-value of a chi-square test that arms of these sizes were drawn with these shares (equal by default)."""
    counts = np.asarray(counts, float)
    shares = np.ones(len(counts)) if shares is None else np.asarray(shares, float)
    return float(stats.chisquare(counts, counts.sum() * shares / shares.sum()).pvalue)


def sample_size(
    base: float, effect: float, *, control_share: float = 0.5, power: float = POWER, level: float = LEVEL
) -> Needed:
    """Customers in each arm for a test of two proportions to see `effect` over `base` with this power.

    Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, 4.14 and 4.18, without correction.
    """
    raised = base + effect
    if not (0 <= base < 1 and 0 < raised <= 1 and effect and 0 < control_share < 1):
        raise ValueError(f"no test sees a rate go from {base} to {raised} with {control_share} as control share.")
    ratio = control_share / (1 - control_share)  # control customers for each one treated
    mean = (raised + ratio * base) / (1 + ratio)
    chance, seen = stats.norm.ppf(0.5 + level / 2), stats.norm.ppf(power)
    spread = chance * np.sqrt((1 + ratio) * mean * (1 - mean))
    spread += seen * np.sqrt(ratio * raised * (1 - raised) + base * (1 - base))
    treated = spread**2 / (ratio * effect**2)
    return Needed(base, effect, power, int(np.ceil(treated)), int(np.ceil(ratio * treated)))


def detectable(base: float, n_treated: int, n_control: int, *, power: float = POWER, level: float = LEVEL) -> float:
    """The smallest rise of a rate over `base` that arms of these sizes show with this power; 1 where none does."""
    share, low, high = n_control / (n_treated + n_control), 0.0, 1.0 - base
    for _ in range(50):
        middle = (low + high) / 2
        enough = sample_size(base, middle, control_share=share, power=power, level=level).treated <= n_treated
        low, high = (low, middle) if enough else (middle, high)
    return high if high < 1 - base - 1e-9 else 1.0


def holm(p_values) -> np.ndarray:
    """P-values corrected for their number by Holm's steps; missing ones stay missing."""
    given = pd.Series(p_values, dtype=float)
    ranked = given.dropna().sort_values(kind="stable")
    steps = np.maximum.accumulate(ranked.to_numpy() * np.arange(len(ranked), 0, -1))
    return pd.Series(np.minimum(steps, 1.0), index=ranked.index).reindex(given.index).to_numpy()


def _error(treated, control):
    return float(np.sqrt(treated.var(ddof=1) / len(treated) + control.var(ddof=1) / len(control)))


def _amounts(treated, control, level):
    error = _error(treated, control)
    if error == 0:
        gap = float(treated.mean() - control.mean())
        return gap, gap, float(gap == 0)
    found = stats.ttest_ind(treated, control, equal_var=False)
    interval = found.confidence_interval(level)
    return float(interval.low), float(interval.high), float(found.pvalue)


def _rates(treated, control, level):
    (a, a_low, a_high), (b, b_low, b_high) = _wilson(treated, level), _wilson(control, level)
    low = a - b - np.hypot(a - a_low, b_high - b)
    high = a - b + np.hypot(a_high - a, b - b_low)
    return float(low), float(high), _score_test(treated, control)


def _wilson(outcome, level):
    n, rate, z = len(outcome), outcome.mean(), stats.norm.ppf(0.5 + level / 2)
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return rate, middle - half, middle + half


def _score_test(treated, control):
    rate = np.concatenate([treated, control]).mean()
    error = np.sqrt(rate * (1 - rate) * (1 / len(treated) + 1 / len(control)))
    return float(2 * stats.norm.sf(abs(treated.mean() - control.mean()) / error)) if error > 0 else 1.0
