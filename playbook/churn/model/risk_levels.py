"""Risk in business words: whose risk is told, and at which level."""

import numpy as np
import pandas as pd


def risk_levels(people: pd.DataFrame, churn, *, lost_after_days: int | None) -> np.ndarray:
    """The level of each customer, or why there is none: lost, ended, never_bought, internal, unknown.

    `people`: customer_id, is_internal, had_contract, orders_ever, recency_days, churn_probability (NaN: not scored).
    Without `lost_after_days` (contracts) somebody without a score whose contract is over has `ended`.
    """
    p = people.churn_probability.to_numpy(float)
    never_bought = people.orders_ever.fillna(0).to_numpy() == 0
    if lost_after_days is None:
        had_contract = people.had_contract.to_numpy(bool)
        gone, key = had_contract, "ended"
        never_bought = never_bought & ~had_contract
    else:
        gone, key = people.recency_days.to_numpy(float) > lost_after_days, "lost"
    keys, least = list(churn.levels), [level.least for level in churn.levels.values()]
    cases = [(people.is_internal.to_numpy(bool), "internal")]
    cases += [(p >= limit, name) for name, limit in zip(keys, least, strict=True)]
    cases += [(never_bought, "never_bought"), (gone, key)]
    return np.select([case for case, _ in cases], [name for _, name in cases], "unknown").astype(object)


def at_risk(frame: pd.DataFrame, lost_after_days: int | None) -> pd.DataFrame:
    """The rows of customers who are not lost already, in the sense of the profile: whom a prediction is about."""
    kept = frame if lost_after_days is None else frame[frame.recency_days <= lost_after_days]
    return kept.reset_index(drop=True)
