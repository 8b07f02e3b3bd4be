"""Who comes back: cohorts, new and returning revenue, gaps."""

from datetime import date

import pandas as pd
import pytest

from playbook.rfm import cohorts, gaps, messages, new_and_returning
from playbook.tables.engine import Engine

BUYS = """
select * from (values
    ('ann', date '2026-01-05', 'purchase', 10.00), ('ann', date '2026-02-01', 'purchase', 20.00),
    ('ann', date '2026-02-01', 'purchase', 5.00), ('bob', date '2026-01-20', 'purchase', 40.00),
    ('bob', date '2026-03-21', 'purchase', 40.00), ('bob', date '2026-03-22', 'return', -40.00),
    ('eve', date '2026-02-11', 'purchase', 70.00)
) as t(customer_id, day, kind, amount)"""


@pytest.fixture(scope="module")
def purchases():
    return Engine().sql(BUYS)


def test_a_cohort_counts_who_came_back_in_each_month_since(purchases):
    found = cohorts(purchases, as_of=date(2026, 3, 31)).set_index(["cohort", "months_since"])["share"]
    january = pd.Timestamp("2026-01-01")
    assert [found[january, since] for since in (0, 1, 2)] == [1, 0.5, 0.5]


def test_a_month_that_is_not_over_is_left_out(purchases):
    found = cohorts(purchases, as_of=date(2026, 3, 30))
    assert found["months_since"].max() == 1


def test_new_and_returning_revenue_add_up_to_all(purchases):
    found = new_and_returning(purchases, as_of=date(2026, 3, 31))
    assert float((found["new_revenue"] + found["returning_revenue"]).sum()) == 145
    assert found["returning_revenue"].astype(float).tolist() == [0, 25, 0]


def test_two_orders_of_a_day_make_no_gap(purchases):
    assert sorted(gaps(purchases)["gap_days"]) == [27, 60]


def test_newcomers_too_young_for_a_month_are_not_asked_whether_they_came_back_in_it(purchases):
    found = messages.came_back(
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
