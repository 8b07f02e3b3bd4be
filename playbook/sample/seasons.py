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


def everyday(h: Horizon) -> np.ndarray:
    """Intensity of ordinary buying, accumulated at the start of each day; its mean over a day is 1."""
    dates = _dates(h)
    return _accumulated(WEEKDAYS[dates.day_of_week] * _promotion(dates) * _spring_festival(dates))


def promotions_only(h: Horizon) -> np.ndarray:
    """Intensity of those who wait for 618, Double 11 and the weeks before Spring Festival, accumulated likewise."""
    dates = _dates(h)
    season = (_promotion(dates) > 1) | (_spring_festival(dates) > 1)
    return _accumulated(np.where(season, 5.0, 0.1))


def moments(rng, curve: np.ndarray, first, last) -> np.ndarray:
    """One random moment in each interval [first, last] of days, likelier where the accumulated curve is steep."""
    low, high = reach(curve, first), reach(curve, last)
    return np.interp(low + (high - low) * rng.random(len(low)), curve, np.arange(len(curve)))


def reach(curve: np.ndarray, day) -> np.ndarray:
    """The intensity accumulated up to each moment."""
    return np.interp(day, np.arange(len(curve)), curve)


def _dates(h):
    return pd.date_range(h.start, periods=h.all_days)


def _accumulated(intensity):
    return np.concatenate([[0.0], np.cumsum(intensity / intensity.mean())])


def _promotion(dates):
    day, factor = dates.strftime("%m-%d").to_numpy(dtype=object), np.ones(len(dates))
    for first, last, more in PROMOTIONS.values():
        factor[(day >= first) & (day <= last)] = more
    return factor


def _spring_festival(dates):
    factor = np.ones(len(dates))
    for festival in _festivals(dates[0].year, dates[-1].year + 1):
        away = (dates - pd.Timestamp(festival)) // timedelta(days=1)
        factor[(away >= -18) & (away < 0)] = BEFORE_SPRING_FESTIVAL
        factor[(away >= 0) & (away < 7)] = AFTER_SPRING_FESTIVAL
    return factor


def _festivals(first_year, last_year):
    import holidays

    years = range(first_year, last_year + 1)
    days = [
        day for day, name in sorted(holidays.China(years=years, language="en_US").items()) if "Spring Festival" in name
    ]
    return [next(day for day in days if day.year == year) for year in years]
