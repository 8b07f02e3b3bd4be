"""One task of one contender: prints seconds and peak memory as JSON. Started by `ltv_speed.py`."""

import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

TRUTH = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
ROOT = Path(__file__).resolve().parents[1]


def cdnow():
    """x, t_x, T in weeks of the 2,357 customers of the published sample, up to 1997-09-30."""
    folder = Path(os.environ.get("PLAYBOOK_DATA", ROOT.parent / "shared" / "data"))
    names = ["master", "customer", "day", "quantity", "value"]
    lines = pd.read_csv(folder / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", header=None, names=names)
    lines["day"] = pd.to_datetime(lines.day.astype(str))
    end = pd.Timestamp("1997-09-30")
    days = (
        lines[lines.day <= end].drop_duplicates(["customer", "day"]).groupby("customer").day.agg(["min", "max", "size"])
    )
    times = [(later - days["min"]).dt.days.to_numpy() / 7 for later in (days["max"], pd.Series(end, days.index))]
    return days["size"].to_numpy() - 1, *times


def customers(count, seed=0):
    """`count` histories under the truth, dates in whole days, times in weeks."""
    rng = np.random.default_rng(seed)
    T = rng.integers(27 * 7, 39 * 7 + 1, count) / 7
    rate, leaves = rng.gamma(TRUTH["r"], 1 / TRUTH["alpha"], count), rng.beta(TRUTH["a"], TRUTH["b"], count)
    x, t_x, now, here = np.zeros(count), np.zeros(count), np.zeros(count), np.arange(count)
    while len(here):
        now[here] += rng.exponential(size=len(here)) / np.maximum(rate[here], 1e-300)
        here = here[now[here] < T[here]]
        x[here] += 1
        t_x[here] = now[here]
        here = here[rng.random(len(here)) >= leaves[here]]
    return x, np.minimum(np.ceil(t_x * 7) / 7, T), T


def best(task, times=3):
    """Seconds of each run."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return {"seconds": round(min(seconds), 4), "first": round(seconds[0], 4)}


def ours(task, rows):
    from playbook.ltv import BGNBD, GammaGamma

    if task != "score":
        data = cdnow() if task == "fit_cdnow" else customers(1_000_000)
        return best(lambda: BGNBD().fit(*data), 20 if task == "fit_cdnow" else 3)
    data, spending = customers(rows), GammaGamma().with_parameters(p=6.25, q=3.74, gamma=15.45)
    mean, model = np.random.default_rng(1).gamma(4, 9, rows), BGNBD().with_parameters(**TRUTH)

    def score():
        alive, orders = model.p_alive(*data), model.predict(52, *data)
        return alive, orders, orders * spending.predict(data[0], mean)

    return best(score) | {"rows": rows}


def lifetimes(task, rows):
    import warnings

    from lifetimes import BetaGeoFitter, GammaGammaFitter

    warnings.simplefilter("ignore")
    data = cdnow() if task == "fit_cdnow" else customers(1_000_000)
    if task != "score_million":
        return best(lambda: BetaGeoFitter().fit(*data), 3 if task == "fit_cdnow" else 1)
    model, spending = BetaGeoFitter().fit(*cdnow()), GammaGammaFitter()
    spending.params_ = pd.Series({"p": 6.25, "q": 3.74, "v": 15.45})
    mean = pd.Series(np.random.default_rng(1).gamma(4, 9, len(data[0])))

    def score():
        alive = model.conditional_probability_alive(*data)
        orders = model.conditional_expected_number_of_purchases_up_to_time(52, *data)
        return alive, orders * spending.conditional_expected_average_profit(pd.Series(data[0]), mean)

    return best(score, 1) | {"rows": len(data[0])}


def pymc(task, rows):
    from pymc_marketing.clv import BetaGeoModel

    x, t_x, T = cdnow()
    frame = pd.DataFrame({"customer_id": np.arange(len(x)), "frequency": x, "recency": t_x, "T": T})

    def fit():
        model = BetaGeoModel(data=frame)
        model.fit(method="map")

    return best(fit)


if __name__ == "__main__":
    contender, task, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    figures = {"ours": ours, "lifetimes": lifetimes, "pymc": pymc}[contender](task, rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps(figures | {"peak_gib": round(peak, 2)}))
