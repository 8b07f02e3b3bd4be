"""Seasons: thresholds move with the festival, and a month is compared with the days that held it last year."""

from datetime import date

import pytest

from playbook.profile.models import load
from playbook.profile.seasons import Calendar, Season, Span, a_year_before, season_within, spans, thresholds_on

CALENDAR = load("retail").calendar
SALE = {"en": "Sale", "zh": "促销"}
SPRING_FESTIVAL = {2024: date(2024, 2, 10), 2025: date(2025, 1, 29), 2026: date(2026, 2, 17)}


@pytest.mark.parametrize("year", SPRING_FESTIVAL)
def test_a_season_moves_with_its_holiday(year):
    span = next(span for span in spans(CALENDAR, year) if span.season == "spring_festival")
    assert ((SPRING_FESTIVAL[year] - span.first).days, (span.last - SPRING_FESTIVAL[year]).days) == (21, 21)


def test_other_thresholds_hold_inside_a_season_only():
    usual = {"purchase_cycle_days": 60, "lost_after_days": 365}
    assert thresholds_on(CALENDAR, usual, date(2025, 11, 11))["purchase_cycle_days"] == 75
    assert thresholds_on(CALENDAR, usual, date(2025, 8, 1)) == usual


def test_festival_weeks_are_compared_with_last_years_festival_weeks():
    first, _ = a_year_before(CALENDAR, date(2026, 2, 10), date(2026, 2, 23))
    assert (SPRING_FESTIVAL[2025] - first) == (SPRING_FESTIVAL[2026] - date(2026, 2, 10))


def test_other_weeks_are_compared_with_the_same_dates():
    assert a_year_before(CALENDAR, date(2026, 6, 1), date(2026, 6, 30)) == (date(2025, 6, 1), date(2025, 6, 30))


def test_a_season_may_run_over_new_year():
    winter = Calendar(country="GB", seasons={"sale": Season(name=SALE, **{"from": "12-20", "to": "01-10"})})
    assert spans(winter, 2025) == [Span("sale", date(2025, 12, 20), date(2026, 1, 10))]
    assert season_within(winter, date(2026, 1, 5), date(2026, 1, 5)) == "sale"
    assert season_within(winter, date(2026, 1, 11), date(2026, 12, 19)) is None


def test_an_unknown_holiday_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"no holiday of CN; there are: .*Spring Festival"):
        Calendar(country="CN", seasons={"x": Season(name=SALE, holiday="Thanksgiving")})
