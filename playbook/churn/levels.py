"""Risk in business words: whose risk is told, and at which level."""

import numpy as np
import pandas as pd


def risk_levels(people: pd.DataFrame, churn, *, lost_after_days: int | None) -> np.ndarray:
    """The level of each customer, or why there is none.

    `people`: customer_id, is_internal, orders_ever, recency_days, churn_probability (NaN: not scored). Without
    `lost_after_days` (contracts) somebody without a score whose contract is over has `ended`.
    """
    p = people.churn_probability.to_numpy(float)
    rungs = list(churn.levels.items())
    level = np.select([p >= rung.least for _, rung in rungs[:-1]], [key for key, _ in rungs[:-1]], rungs[-1][0])
    gone = np.full(len(people), "unknown", object)
    if lost_after_days is None:
        gone[people.had_contract.to_numpy(bool)] = "ended"
        never = ~people.had_contract.to_numpy(bool) & (people.orders_ever.fillna(0).to_numpy() == 0)
    else:
        gone[people.recency_days.to_numpy(float) > lost_after_days] = "lost"
        never = people.orders_ever.fillna(0).to_numpy() == 0
    found = np.where(np.isnan(p), np.where(never, "never_bought", gone), level)
    return np.where(people.is_internal.to_numpy(bool), "internal", found).astype(object)


def at_risk(frame: pd.DataFrame, lost_after_days: int | None) -> pd.DataFrame:
    """The rows of customers who are not lost already, in the sense of the profile: whom a prediction is about."""
    kept = frame if lost_after_days is None else frame[frame.recency_days <= lost_after_days]
    return kept.reset_index(drop=True)
