"""Seasons of a Chinese retailer: the days observed, and how much more is bought on some of them than on others."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

DAYS_LATER = 3  # days that the tills still report after the last day of the web shop
PROMOTIONS = {
    "618": ("06-01", "06-20", 1.5),
    "Double 11": ("11-01", "11-11", 2.2),
    "Double 12": ("12-10", "12-12", 1.5),
}
WEEKDAYS = np.array([0.9, 0.85, 0.85, 0.9, 1.05, 1.3, 1.25])  # Monday first
BEFORE_SPRING_FESTIVAL, AFTER_SPRING_FESTIVAL = 1.8, 0.5


class Horizon(NamedTuple):
    """The days observed, first and last, both inclusive. Moments are floats: days since the first one's midnight."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Days from start to end."""
        return (self.end - self.start).days + 1

    @property
    def all_days(self) -> int:
        """Days from start to the last day of the tills."""
        return self.days + DAYS_LATER


def horizon(months: int, end: date) -> Horizon:
    """The `months` calendar months up to and including `end`."""
    after = pd.Timestamp(end) + pd.Timedelta(days=1)
    return Horizon((after - pd.DateOffset(months=months)).date(), end)


def stamps(h: Horizon, seconds) -> np.ndarray:
    """Seconds since the horizon's first midnight -> datetime64[s]."""
    return np.datetime64(h.start, "s") + np.asarray(seconds).astype("int64").astype("timedelta64[s]")


def midnights(h: Horizon, days) -> np.ndarray:
    """Moments in days -> datetime64[s] of the midnight before."""
    return stamps(h, np.floor(days) * 86_400)


def everyday(h: Horizon) -> np.ndarray:
    """Intensity of ordinary buying, accumulated at the start of each day; its mean over a day is 1."""
    dates, promotion, festival = _seasons(h)
    return _accumulated(WEEKDAYS[dates.day_of_week] * promotion * festival)


def promotions_only(h: Horizon) -> np.ndarray:
    """Intensity of those who wait for 618, Double 11 and the weeks before Spring Festival, accumulated likewise."""
    _, promotion, festival = _seasons(h)
    return _accumulated(np.where((promotion > 1) | (festival > 1), 5.0, 0.1))


def moments(rng, curve: np.ndarray, first, last) -> np.ndarray:
    """One random moment in each interval [first, last] of days, likelier where the accumulated curve is steep."""
    low, high = reach(curve, first), reach(curve, last)
    return np.interp(low + (high - low) * rng.random(len(low)), curve, np.arange(len(curve)))


def reach(curve: np.ndarray, day) -> np.ndarray:
    """The intensity accumulated up to each moment."""
    return np.interp(day, np.arange(len(curve)), curve)


def _accumulated(intensity):
    return np.concatenate([[0.0], np.cumsum(intensity / intensity.mean())])


def _seasons(h):
    """The dates, and by how much promotions and Spring Festival change what is bought on each."""
    import holidays

    dates = pd.date_range(h.start, periods=h.all_days)
    day, promotion, festival = dates.strftime("%m-%d").to_numpy(dtype=object), np.ones(len(dates)), np.ones(len(dates))
    for first, last, factor in PROMOTIONS.values():
        promotion[(day >= first) & (day <= last)] = factor
    for year in range(dates[0].year, dates[-1].year + 2):
        named = sorted(holidays.China(years=year, language="en_US").items())
        first = next(day for day, name in named if "Spring Festival" in name)
        away = (dates - pd.Timestamp(first)) // timedelta(days=1)
        festival[(away >= -18) & (away < 0)] = BEFORE_SPRING_FESTIVAL
        festival[(away >= 0) & (away < 7)] = AFTER_SPRING_FESTIVAL
    return dates, promotion, festival
