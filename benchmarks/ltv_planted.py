"""Do the intervals cover, and does the forecast rank better than last year's spend? Samples with a known truth.

    python benchmarks/ltv_planted.py [samples] [customers]

Every sample draws customers, their histories and their next year under known parameters, fits the models on the
histories alone, and looks whether the 90 % intervals hold the truth. 400 samples of 1,000 customers take some minutes.
"""

import json
import sys
from datetime import date

import numpy as np
from scipy.stats import spearmanr

from playbook.ltv.forecasts import MODELS, Discounting, fit_purchases, forecast, prediction_intervals
from playbook.ltv.histories import Histories
from playbook.ltv.models.estimation import FitError
from playbook.ltv.models.gamma_gamma import GammaGamma

TRUTH = {
    "bg_nbd": {"r": 0.8, "alpha": 5.0, "a": 0.8, "b": 3.0},
    "pareto_nbd": {"r": 0.8, "alpha": 5.0, "s": 0.8, "beta": 20.0},
}
SPENDING = {"p": 4.0, "q": 4.0, "gamma": 30.0}
WEEKS, AHEAD, YEAR = 104, 52, 52
TERMS = Discounting(horizon_days=7 * AHEAD, margin=0.4, cost=1.0)
MOST = 400  # purchases that are drawn for one customer


def sample(rng, key, count):
    """Histories of `count` customers, what each then bought and spent, and what each spent in the year before."""
    T = rng.integers(7 * 26, 7 * WEEKS + 1, count) / 7
    times = drawn_times(rng, TRUTH[key], key, count)
    values = rng.gamma(SPENDING["p"], 1 / rng.gamma(SPENDING["q"], 1 / SPENDING["gamma"], (count, 1)), times.shape)
    before, after = times <= T[:, None], (times > T[:, None]) & (times <= T[:, None] + AHEAD)
    last_year = (before & (times > T[:, None] - YEAR)) @ np.ones(MOST)
    spent = (values * (before & (times > T[:, None] - YEAR))).sum(axis=1)
    x = before.sum(axis=1)
    t_x = np.where(x > 0, np.where(before, times, 0).max(axis=1), 0)
    mean = np.where(x > 0, (values * before).sum(axis=1) / np.maximum(x, 1), 0)
    future = (values * after).sum(axis=1) * TERMS.margin - after.sum(axis=1) * TERMS.cost
    return histories_of(x, t_x, T, mean), future, spent + 0 * last_year


def drawn_times(rng, truth, key, count):
    """Moments of repeat purchases, infinite after the customer stopped; shape (count, MOST)."""
    gaps = rng.exponential(size=(count, MOST)) / rng.gamma(truth["r"], 1 / truth["alpha"], (count, 1))
    times = np.cumsum(gaps, axis=1)
    if key == "bg_nbd":
        last = rng.geometric(rng.beta(truth["a"], truth["b"], count))
        gone = np.arange(MOST)[None, :] >= last[:, None]
    else:
        life = rng.exponential(size=count) / rng.gamma(truth["s"], 1 / truth["beta"], count)
        gone = times > life[:, None]
    return np.where(gone, np.inf, times)


def histories_of(x, t_x, T, mean):
    none = np.zeros(len(x))
    ids = np.arange(len(x)).astype(object)
    days = np.zeros(len(x), "datetime64[D]")
    return Histories(ids, days, days, x.astype(float), t_x, T, mean, none, none, date(2026, 1, 1), 7.0)


def one(rng, key, count, seed):
    """Whether each interval covers, and both rank correlations with what came."""
    history, future, spent = sample(rng, key, count)
    model, spending = fit_purchases(key, history), GammaGamma().fit(history.frequency, history.monetary)
    truth = TRUTH[key] | SPENDING
    held = {}
    for name, (low, high) in (model.interval(0.9) | spending.interval(0.9)).items():
        held[name] = low <= truth[name] <= high
    intervals = prediction_intervals(model, spending, history, TERMS, seed=seed, draws=300)
    low, high = intervals.total(0.9)
    held["total"] = low <= future.sum() <= high
    held["customer"] = float(np.mean((intervals.low <= future) & (future <= intervals.high)))
    expected = forecast(model, spending, history, TERMS).future
    return held, spearmanr(expected, future)[0], spearmanr(spent, future)[0]


def run(key, samples, count, seed=1):
    """Shares of intervals that cover, and how the forecast ranks beside last year's spend."""
    rng, results, failed = np.random.default_rng([seed, len(key)]), [], 0
    while len(results) < samples:
        try:
            results.append(one(rng, key, count, len(results)))
        except FitError:
            failed += 1
            if failed > samples:
                raise
    held = {name: float(np.mean([r[0][name] for r in results])) for name in results[0][0]}
    ranks = np.array([r[1:] for r in results])
    return {
        "samples": samples,
        "customers": count,
        "no_fit": failed,
        "covered": held,
        "rank_of_forecast": float(ranks[:, 0].mean()),
        "rank_of_last_year": float(ranks[:, 1].mean()),
        "forecast_ranks_better": float((ranks[:, 0] > ranks[:, 1]).mean()),
    }


if __name__ == "__main__":
    samples, count = (int(text) for text in (*sys.argv[1:], "400", "1000")[:2]) if len(sys.argv) > 2 else (400, 1000)
    print(json.dumps({key: run(key, samples, count) for key in TRUTH if key in MODELS}, indent=1))
