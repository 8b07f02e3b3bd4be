"""The industry's calendar: seasons with thresholds of their own, around fixed dates and moving holidays."""

from datetime import date, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from playbook.profile.bilingual import Words

THRESHOLDS = ("purchase_cycle_days", "lost_after_days", "dormant_after_days")


class Season(BaseModel):
    """A time of the year in which other thresholds hold: between two dates, or around a holiday of the country."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: Words
    start: str | None = Field(default=None, alias="from")
    end: str | None = Field(default=None, alias="to")
    holiday: str | None = None
    days_before: int = Field(default=0, ge=0, le=180)
    days_after: int = Field(default=0, ge=0, le=180)
    thresholds: dict[Literal["purchase_cycle_days", "lost_after_days", "dormant_after_days"], int] = {}

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


class Calendar(BaseModel):
    """The country whose holidays count, and the seasons in order; the first that covers a day holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: str = Field(default="CN", pattern=r"^[A-Z]{2}$")
    seasons: dict[str, Season] = {}

    @model_validator(mode="after")
    def _holidays_exist(self) -> "Calendar":
        known = {name for name, _ in _holidays(self.country, 2024)}
        for season in self.seasons.values():
            if season.holiday and not any(season.holiday in name for name in known):
                there_are = ", ".join(sorted(known))
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


def season_on(calendar: Calendar, day: date) -> Span | None:
    """The season that covers a day, or None."""
    around = [span for year in (day.year - 1, day.year, day.year + 1) for span in spans(calendar, year)]
    order = list(calendar.seasons)
    covering = [span for span in around if span.first <= day <= span.last]
    return min(covering, key=lambda span: order.index(span.season), default=None)


def season_within(calendar: Calendar, first: date, last: date) -> str | None:
    """The first season of the calendar that any day of a period falls into."""
    around = [span for year in range(first.year - 1, last.year + 2) for span in spans(calendar, year)]
    touching = {span.season for span in around if span.first <= last and first <= span.last}
    return next((key for key in calendar.seasons if key in touching), None)


def thresholds_on(calendar: Calendar, constants: dict[str, Any], day: date) -> dict[str, Any]:
    """The named thresholds as they hold on a day."""
    span = season_on(calendar, day)
    return constants | (calendar.seasons[span.season].thresholds if span else {})


def a_year_before(calendar: Calendar, first: date, last: date) -> tuple[date, date]:
    """The days to compare a period with: a year earlier, moved with the festival that falls into or next to it.

    A month that holds Spring Festival is compared with the days that held it last year, not with the same dates.
    """
    for season in (season for season in calendar.seasons.values() if season.holiday):
        begins, ends = _span(season, calendar.country, first.year)
        if begins <= last and first <= ends:
            moved = _holiday(calendar.country, season.holiday, first.year) - _holiday(
                calendar.country, season.holiday, first.year - 1
            )
            return first - moved, last - moved
    return _year_earlier(first), _year_earlier(last)


def _span(season: Season, country: str, year: int) -> tuple[date, date]:
    if season.holiday:
        day = _holiday(country, season.holiday, year)
        return day - timedelta(season.days_before), day + timedelta(season.days_after)
    first, last = (date.fromisoformat(f"{year}-{text}") for text in (season.start, season.end))
    return first, last if last >= first else last.replace(year=year + 1)


def _holiday(country: str, name: str, year: int) -> date:
    return min(day for found, day in _holidays(country, year) if name in found)


@cache
def _holidays(country: str, year: int) -> tuple[tuple[str, date], ...]:
    import holidays

    try:
        found = holidays.country_holidays(country, years=year, language="en_US")
    except NotImplementedError:
        raise ValueError(
            f"the holidays of '{country}' are not known; write the country's two letters, as in CN"
        ) from None
    named = [(part, day) for day, names in sorted(found.items()) for part in names.split("; ")]
    return tuple((name, day) for name, day in named if "(observed)" not in name and "Day off" not in name)


def _year_earlier(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
