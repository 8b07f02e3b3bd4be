"""Reading the base: cohorts, gaps, differences beyond chance, and totals that move against their parts."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from playbook.rfm import reading, review_findings
from playbook.tables.engine import Engine

BUYS = """
select * from (values
    ('ann', date '2026-01-05', 1, 10.00), ('ann', date '2026-02-01', 1, 20.00), ('ann', date '2026-02-01', 1, 5.00),
    ('bob', date '2026-01-20', 1, 40.00), ('bob', date '2026-03-21', 1, 40.00), ('bob', date '2026-03-22', 0, -40.00),
    ('eve', date '2026-02-11', 1, 70.00)
) as t(customer_id, day, purchases, amount)"""


@pytest.fixture(scope="module")
def counted():
    return Engine().sql(BUYS)


def test_a_cohort_counts_who_came_back_in_each_month_since(counted):
    found = reading.cohorts(counted, as_of=date(2026, 3, 31)).set_index(["cohort", "months_since"])["share"]
    january = pd.Timestamp("2026-01-01")
    assert [found[january, since] for since in (0, 1, 2)] == [1, 0.5, 0.5]


def test_a_month_that_is_not_over_is_left_out(counted):
    found = reading.cohorts(counted, as_of=date(2026, 3, 30))
    assert found["months_since"].max() == 1


def test_new_and_returning_revenue_add_up_to_all(counted):
    found = reading.new_and_returning(counted, as_of=date(2026, 3, 31))
    assert float((found["new_revenue"] + found["returning_revenue"]).sum()) == 145
    assert found["returning_revenue"].astype(float).tolist() == [0, 25, 0]


def test_two_orders_of_a_day_make_no_gap(counted):
    assert sorted(reading.gaps(counted)["gap_days"]) == [27, 60]


def test_holm_corrects_as_by_hand():
    assert reading.holm(np.array([0.01, 0.04, 0.03])).tolist() == pytest.approx([0.03, 0.06, 0.06])


def test_a_planted_difference_is_found_and_noise_is_not():
    rng = np.random.default_rng(5)
    noise = {f"n{i}": rng.normal(size=400) for i in range(20)}
    high = pd.DataFrame({"visits": rng.poisson(6, 200)} | {k: v[:200] for k, v in noise.items()})
    low = pd.DataFrame({"visits": rng.poisson(3, 200)} | {k: v[200:] for k, v in noise.items()})
    found = reading.differences(high, low)
    assert found.loc[found["beyond_chance"], "measure"].tolist() == ["visits"]


def test_a_measure_without_data_is_no_measure_in_which_customers_could_differ():
    people = {"customer_id": ["ann", "bob", "eve"]}
    measures = pd.DataFrame(people | {"app": 0, "score": np.nan, "orders": [1, 2, 2], "quiet": [3.0, np.nan, 3.0]})
    assert reading.telling(measures) == ["orders", "quiet"]
    rfm = pd.DataFrame(people | {"frequency": [9, 1, 1], "f_score": [5, 1, 1]})
    lively, quiet = reading.activity(measures, rfm)
    assert [*lively] == [*quiet] == ["customer_id", "orders", "quiet"]


def test_a_total_that_falls_while_every_part_rises_is_told():
    before = pd.DataFrame({"weight": [900, 100], "rate": [0.5, 0.1]}, index=["members", "guests"])
    after = pd.DataFrame({"weight": [500, 500], "rate": [0.52, 0.12]}, index=["members", "guests"])
    found = reading.simpson(before, after)
    assert found.reversed and found.rate_part > 0 > found.mix_part
    assert found.rate_part + found.mix_part == pytest.approx(found.after - found.before)
    assert found.people == 1000


def test_a_base_that_buys_once_a_year_is_sparse():
    assert reading.is_sparse(pd.DataFrame({"frequency": [1, 1, 1, 2, 0]}), window_days=365)
    assert not reading.is_sparse(pd.DataFrame({"frequency": [1, 1, 1, 2, 0]}), window_days=90)


def test_newcomers_too_young_for_a_month_are_not_asked_whether_they_came_back_in_it(counted):
    found = review_findings.came_back(
        pd.DataFrame(
            [
                (m, n, 100, 100 if n == 0 else 30)
                for m, last in (("2026-01", 6), ("2026-06", 1))
                for n in range(last + 1)
            ],
            columns=["cohort", "months_since", "customers", "buyers"],
        ).assign(cohort=lambda t: pd.to_datetime(t["cohort"]))
    )
    assert (found.values["first"], found.values["sixth"]) == (0.3, 0.3)


def test_what_tiers_buy_stands_in_the_profiles_order_without_the_tiers_apart(retail):
    engine = Engine()
    rfm = engine.sql(
        """select * from (values ('a', 'regular'), ('b', 'new'), ('c', 'internal')) as t(customer_id, tier)"""
    )
    bought = engine.sql("""select * from (values ('a', 'web', 10.00), ('a', 'store', 90.00), ('b', 'web', 5.00),
        ('c', 'web', 7.00)) as t(customer_id, trait, amount)""")
    found = reading.bought(bought, rfm, retail, column="channel", most=1)
    assert found[["tier", "channel", "share"]].values.tolist() == [["new", "web", 1.0], ["regular", "store", 0.9]]


def test_a_rate_before_knows_no_later_channel():
    orders = Engine().sql("""select * from (values ('a', 'store', 'purchase', date '2026-01-01'),
        ('a', 'web', 'purchase', date '2026-05-01'), ('a', 'web', 'purchase', date '2026-05-02'))
        as t(customer_id, channel, kind, ordered_at)""")
    rfm = pd.DataFrame({"customer_id": ["a"], "frequency": [1]})
    days = date(2026, 1, 31), date(2026, 6, 30)
    assert [list(reading.repeat_rates(rfm, orders, as_of=day).index) for day in days] == [["store"], ["web"]]


def test_each_measure_is_written_in_its_own_unit(retail):
    found = pd.DataFrame({"measure": ["spend_365d", "orders_90d", "lowest_score_365d", "average_order_value"],
                          "high": [1106.0, 2.0, 8.5, 138.0], "low": [154.3, 0.0, 8.0, 118.6]})  # fmt: skip
    assert review_findings.measure_formats(found, retail) == ["money", "int", "num1", "money"]
