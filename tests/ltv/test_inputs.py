"""Orders as the models read them."""

from datetime import date

import pytest
from bench import AS_OF, orders

from playbook.ltv import inputs
from playbook.tables.schema import schema_of


@pytest.fixture
def nobody(engine):
    return engine.empty(schema_of("customers"))


def read(engine, nobody, *rows, unit="days", until=AS_OF):
    found = inputs(orders(engine, *rows), nobody, until=until, unit=unit)
    return {
        name: dict(zip(found.customer_id, getattr(found, name).tolist(), strict=True)) for name in found._fields[3:9]
    }


def test_two_orders_of_a_day_are_one_purchase_of_both_values(engine, nobody):
    found = read(engine, nobody, "anna 2026-06-01 10", "anna 2026-06-11 20", "anna 2026-06-11 5")
    assert found["x"]["anna"] == 1 and found["mean_value"]["anna"] == 25


def test_the_first_purchase_is_no_repeat_and_not_in_the_mean(engine, nobody):
    found = read(engine, nobody, "anna 2026-06-01 1000", "anna 2026-06-11 20", "anna 2026-06-21 40")
    assert (found["x"]["anna"], found["mean_value"]["anna"], found["first_value"]["anna"]) == (2, 30, 1000)


def test_one_time_buyers_stay_with_nothing_repeated(engine, nobody):
    found = read(engine, nobody, "anna 2026-06-20 10")
    assert (found["x"]["anna"], found["t_x"]["anna"], found["T"]["anna"]) == (0, 0, 10)


def test_returns_are_no_purchases_and_redemptions_are(engine, nobody):
    found = read(engine, nobody, "anna 2026-06-01 10", "anna 2026-06-05 -9 return", "anna 2026-06-11 8 redemption")
    assert found["x"]["anna"] == 1 and found["mean_value"]["anna"] == pytest.approx(4)


def test_an_order_sent_back_whole_leaves_hardly_any_value(engine, nobody):
    rows = ["anna 2026-06-01 10", "anna 2026-06-11 990", "anna 2026-06-12 -990 return"]
    assert read(engine, nobody, *rows)["mean_value"]["anna"] == pytest.approx(9.9)


def test_time_runs_from_the_first_purchase_in_the_profiles_unit(engine, nobody):
    found = read(engine, nobody, "anna 2026-06-02 10", "anna 2026-06-16 20", unit="weeks")
    assert (found["t_x"]["anna"], found["T"]["anna"]) == (2, 4)


def test_what_lies_after_the_day_is_not_seen(engine, nobody):
    found = read(
        engine, nobody, "anna 2026-06-01 10", "anna 2026-06-11 20", "ben 2026-06-12 5", until=date(2026, 6, 10)
    )
    assert found["x"] == {"anna": 0}


def test_strangers_and_internal_accounts_are_left_out(engine):
    staff = engine.sql("select 'eve' as customer_id, true as is_internal")
    found = inputs(orders(engine, "- 2026-06-01 10", "eve 2026-06-01 10", "anna 2026-06-01 10"), staff, until=AS_OF)
    assert found.customer_id.tolist() == ["anna"]
