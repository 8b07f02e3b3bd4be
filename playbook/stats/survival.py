"""How long until something happens, where some have not been watched for long enough to say."""

import warnings

import numpy as np
import pandas as pd
import scipy

LEVEL = 0.90


def kaplan_meier(duration, event, *, level: float = LEVEL) -> pd.DataFrame:
    """Kaplan and Meier's curve: one row per distinct duration, of an event or of a row censored then.

    `event` is True where it happened, False where the watching ended first. Columns: duration, at_risk, events,
    survival (share without the event after it), low, high (Greenwood's interval on the log-log scale; survival itself
    where that is 0 or 1).

    >>> kaplan_meier([1, 2, 2, 3], [True, True, False, False]).survival.tolist()
    [0.75, 0.5, 0.5]
    """
    duration, event = np.asarray(duration, float), np.asarray(event, bool)
    times, place = np.unique(duration, return_inverse=True)
    events = np.bincount(place, event)
    at_risk = np.bincount(place)[::-1].cumsum()[::-1]
    function = scipy.stats.ecdf(scipy.stats.CensoredData.right_censored(duration, ~event)).sf
    survival = function.evaluate(times)
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # of the ends, which have no interval
        interval = function.confidence_interval(level, method="log-log")
    inner = (survival > 0) & (survival < 1)
    low, high = (np.where(inner, bound.evaluate(times), survival) for bound in interval)
    columns = {"duration": times, "at_risk": at_risk, "events": events, "survival": survival, "low": low, "high": high}
    return pd.DataFrame(columns)
