"""The industry's calendar: seasons with thresholds of their own, around fixed dates and moving holidays."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

from pydantic import Field, field_validator, model_validator

from playbook.profile.parts import Part, Words

#: What rules call by name, and seasons may change.
Threshold = Literal["purchase_cycle_days", "lost_after_days", "dormant_after_days"]
THRESHOLDS: tuple[str, ...] = get_args(Threshold)


class Season(Part):
    """A time of the year in which other thresholds hold: between two dates, or around a holiday of the country."""

    name: Words
    start: str | None = Field(default=None, alias="from")
    end: str | None = Field(default=None, alias="to")
    holiday: str | None = None
    days_before: int = Field(default=0, ge=0, le=180)
    days_after: int = Field(default=0, ge=0, le=180)
    thresholds: dict[Threshold, int] = Field(default_factory=dict)

    @field_validator("start", "end")
    @classmethod
    def _day_exists(cls, day: str | None) -> str | None:
        try:
            date.fromisoformat(f"2023-{day}") if day else None
        except ValueError:
            raise ValueError(f"'{day}' is not a day of every year; write month and day as 11-01") from None
        return day

    @model_validator(mode="after")
    def _dates_or_holiday(self) -> "Season":
        if bool(self.holiday) == bool(self.start and self.end):
            raise ValueError("give either 'from' and 'to' as 11-01, or 'holiday' with days_before and days_after")
        return self


class Calendar(Part):
    """The country whose holidays count, and the seasons in order; the first that covers a day holds."""

    country: str = Field(default="CN", pattern=r"^[A-Z]{2}$")
    seasons: dict[str, Season] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _holidays_exist(self) -> "Calendar":
        names = sorted({name for name, _ in _holidays(self.country, 2024)})
        for season in self.seasons.values():
            if season.holiday and not any(season.holiday in name for name in names):
                there_are = ", ".join(names)
                raise ValueError(f"'{season.holiday}' is no holiday of {self.country}; there are: {there_are}")
        return self


class Span(NamedTuple):
    """One occurrence of a season, both days inclusive."""

    season: str
    first: date
    last: date


def spans(calendar: Calendar, year: int) -> list[Span]:
    """When each season falls in a year, in the calendar's order; one over New Year belongs to the year it starts in."""
    return [Span(key, *_span(season, calendar.country, year)) for key, season in calendar.seasons.items()]


def season_within(calendar: Calendar, first: date, last: date) -> str | None:
    """The first season of the calendar that any day of a period falls into."""
    around = [span for year in range(first.year - 1, last.year + 2) for span in spans(calendar, year)]
    touching = {span.season for span in around if span.first <= last and first <= span.last}
    return next((key for key in calendar.seasons if key in touching), None)


def thresholds_on(calendar: Calendar, constants: Mapping[str, float], day: date) -> dict[str, float]:
    """The named thresholds as they hold on a day."""
    season = season_within(calendar, day, day)
    changed: Mapping[Any, float] = calendar.seasons[season].thresholds if season else {}
    return {**constants, **changed}


def a_year_before(calendar: Calendar, first: date, last: date) -> tuple[date, date]:
    """The days to compare a period with: a year earlier, moved with the festival that falls into or next to it.

    A month that holds Spring Festival is compared with the days that held it last year, not with the same dates.
    """
    for season in (season for season in calendar.seasons.values() if season.holiday):
        begins, ends = _span(season, calendar.country, first.year)
        if begins <= last and first <= ends:
            moved = begins - _span(season, calendar.country, first.year - 1)[0]
            return first - moved, last - moved
    return _year_earlier(first), _year_earlier(last)


def _span(season: Season, country: str, year: int) -> tuple[date, date]:
    if season.holiday:
        day = min(day for name, day in _holidays(country, year) if season.holiday in name)
        return day - timedelta(season.days_before), day + timedelta(season.days_after)
    first, last = (date.fromisoformat(f"{year}-{text}") for text in (season.start, season.end))
    return first, last if last >= first else last.replace(year=year + 1)


@cache
def _holidays(country: str, year: int) -> tuple[tuple[str, date], ...]:
    import holidays

    try:
        days = holidays.country_holidays(country, years=year, language="en_US")
    except NotImplementedError:
        raise ValueError(
            f"the holidays of '{country}' are not known; write the country's two letters, as in CN"
        ) from None
    named = [(name, day) for day, names in sorted(days.items()) for name in names.split("; ")]
    return tuple((name, day) for name, day in named if "(observed)" not in name and "Day off" not in name)


def _year_earlier(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
