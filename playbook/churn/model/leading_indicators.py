"""Leading indicators: what was seen beforehand of those who then left, against those who stayed."""

import numpy as np
import pandas as pd
from scipy import stats

from playbook.churn.model.signals import KEYS
from playbook.stats.effects import proportion_difference
from playbook.stats.multiplicity import holm

#: Leavers and stayers of whom something is known, without whom a difference says nothing.
LEAST = 10
GROUPS = ("high_value", "others")
COLUMNS = [
    "group", "signal", "n_left", "n_stayed", "left", "stayed", "difference", "low", "high", "effect_size", "p_value",
    "p_holm",
]  # fmt: skip


def leading_indicators(flags: pd.DataFrame, left, high_value) -> pd.DataFrame:
    """One row per group (high_value, others) and signal: how often it was there before leaving and before staying.

    `flags`: one row per customer at one past day (1 true, 0 not, NaN not known), `left` what came after, `high_value`
    who belonged to them on that day. Shares are of those of whom it is known. `effect_size` is Cohen's h (.2 small,
    .5 middling, .8 large); `p_holm` is corrected over all rows. Rows of fewer than ten leavers or stayers are dropped.
    """
    left, best = np.asarray(left, bool), np.asarray(high_value, bool)
    rows = []
    for group, members in zip(GROUPS, (best, ~best), strict=True):
        for key in (key for key in KEYS if key in flags):
            flag = flags[key].to_numpy(float)
            present = members & ~np.isnan(flag)
            gone, here = flag[present & left], flag[present & ~left]
            if min(len(gone), len(here)) >= LEAST and np.ptp(flag[present]) > 0:
                rows.append({"group": group, "signal": key} | _compared(gone, here))
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "p_holm"])
    return table.assign(p_holm=holm(table["p_value"]))[COLUMNS]


def group_differences(indicators: pd.DataFrame) -> pd.DataFrame:
    """One row per signal seen in both groups: how much more it goes with leaving among high-value customers.

    `more` is the difference of the differences with its 95 % interval, `p_holm` corrected for the number of signals.
    """
    best, others = (indicators[indicators["group"] == group].set_index("signal") for group in GROUPS)
    both = [key for key in best.index if key in others.index]
    best, others = best.loc[both], others.loc[both]
    variance = sum(
        rows[name] * (1 - rows[name]) / rows[f"n_{name}"] for rows in (best, others) for name in ("left", "stayed")
    )
    more, error = best["difference"] - others["difference"], np.sqrt(variance)
    half = stats.norm.ppf(0.975) * error
    p_value = 2 * stats.norm.sf((more / error.where(error > 0)).abs())
    frame = pd.DataFrame({"more": more, "low": more - half, "high": more + half, "p_value": p_value})
    return frame.assign(p_holm=holm(frame["p_value"].to_numpy())).reset_index()


def _compared(gone: np.ndarray, here: np.ndarray) -> dict[str, float]:
    rates = proportion_difference(gone, here)
    size = 2 * (np.arcsin(np.sqrt(rates.treated)) - np.arcsin(np.sqrt(rates.control)))
    counts = {"n_left": len(gone), "n_stayed": len(here), "left": rates.treated, "stayed": rates.control}
    interval = {"difference": rates.effect, "low": rates.low, "high": rates.high}
    return counts | interval | {"effect_size": float(size), "p_value": rates.p_value}
