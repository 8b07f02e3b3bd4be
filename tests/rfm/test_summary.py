"""What counts as a purchase, when, and for how much."""

from datetime import date
from decimal import Decimal

from shop import bought, by_customer, customers, orders

from playbook.rfm import spending, summary

AS_OF = date(2026, 6, 30)


def measured(engine, *rows, people=(), window_days=365):
    shop, people = orders(engine, *rows), customers(engine, *people)
    return by_customer(summary(bought(shop, people, as_of=AS_OF), people, as_of=AS_OF, window_days=window_days))


def test_a_customer_who_bought_yesterday_has_recency_one(engine):
    assert measured(engine, "o1 anna 2026-06-29 purchase 20.00")["anna"]["recency_days"] == 1


def test_the_window_holds_its_first_and_its_last_day_and_no_other(engine):
    days = ["o1 a 2026-06-23T23:59:59 purchase 1", "o2 a 2026-06-24 purchase 2", "o3 a 2026-06-30T23:59:59 purchase 4"]
    found = measured(engine, *days, "o4 a 2026-07-01 purchase 8", window_days=7)["a"]
    assert (found["frequency"], found["monetary"], found["orders_ever"]) == (2, 6, 3)


def test_a_return_takes_money_and_is_no_purchase(engine):
    rows = ["o1 a 2026-06-01 purchase 50", "o2 a 2026-06-20 return -20 o1"]
    found = measured(engine, *rows)["a"]
    assert (found["frequency"], found["monetary"], found["recency_days"]) == (1, 30, 29)


def test_a_top_up_and_its_redemptions_count_once(engine):
    rows = ["t a 2026-05-01 top_up 500", "r1 a 2026-06-01 redemption 80 t", "r2 a 2026-06-10 redemption 20 t"]
    found = measured(engine, *rows)["a"]
    assert (found["frequency"], found["monetary"], found["recency_days"]) == (2, 100, 20)


def test_a_redemption_that_pays_a_recorded_purchase_is_that_purchase(engine):
    found = measured(engine, "o1 a 2026-06-01 purchase 80", "r1 a 2026-06-01 redemption 80 o1")["a"]
    assert (found["frequency"], found["monetary"]) == (1, 80)


def test_a_deposit_and_its_balance_are_one_order_on_the_day_of_the_balance(engine):
    rows = ["d a 2026-06-01 deposit 50", "b a 2026-06-11 purchase 250 d"]
    found = measured(engine, *rows)["a"]
    assert (found["frequency"], found["monetary"], found["recency_days"]) == (1, 300, 19)


def test_a_balance_in_two_instalments_carries_its_deposit_once(engine):
    rows = ["d a 2026-06-01 deposit 50", "b1 a 2026-06-11 purchase 100 d", "b2 a 2026-06-21 redemption 150 d"]
    found = measured(engine, *rows)["a"]
    assert (found["frequency"], found["monetary"]) == (1, 300)


def test_money_given_back_that_never_was_revenue_changes_nothing(engine):
    rows = ["t a 2026-05-01 top_up 500", "d a 2026-05-01 deposit 50", "o a 2026-05-02 purchase 10"]
    found = measured(engine, *rows, "x1 a 2026-06-01 return -500 t", "x2 a 2026-06-01 return -50 d")["a"]
    assert (found["frequency"], found["monetary"]) == (1, 10)


def test_visits_without_money_are_counted(engine):
    found = measured(engine, "o1 a 2026-06-01 purchase -", "o2 a 2026-06-02 purchase -")["a"]
    assert (found["frequency"], found["monetary"]) == (2, 0)


def test_everybody_is_there_whoever_they_are(engine):
    found = measured(
        engine,
        *["o1 known 2026-06-01 purchase 5", "o2 stranger 2026-06-01 purchase 5", "o3 - 2026-06-01 purchase 5"],
        people=["known 2026-01-01", "silent 2026-01-01", "staff 2026-01-01 internal"],
    )
    assert sorted(found) == ["known", "silent", "staff", "stranger"]
    assert (found["silent"]["orders_ever"], found["silent"]["recency_days"]) == (0, None)
    assert [key for key in sorted(found) if found[key]["is_internal"]] == ["staff"]


def test_the_joins_neither_lose_nor_multiply_a_cent(engine):
    shop = orders(
        engine,
        *[f"p{n} c{n % 7} 2025-0{1 + n % 9}-1{n % 10} purchase {n}.{n % 10}5" for n in range(200)],
        *[f"x{n} c{n % 7} 2026-01-1{n % 10} return -{n}.05 p{n}" for n in range(0, 200, 9)],
        *[f"y{n} c{n % 7} 2026-02-1{n % 10} return -0.01 p{n}" for n in range(0, 200, 18)],
    )
    [(money,)] = engine.sql("select sum(amount) from shop", shop=shop).rows()
    people = customers(engine, "c1 2025-01-01", "c9 2025-01-01")
    counting = bought(shop, people, as_of=AS_OF)
    found = spending(counting, people, as_of=AS_OF)
    assert sum(row["monetary"] for row in by_customer(found).values()) == money
    assert engine.sql("select sum(amount) from counting", counting=counting).scalar() == money


def test_a_deposit_without_a_balance_yet_is_no_revenue(engine):
    found = measured(engine, "d a 2026-06-20 deposit 50", "o a 2026-06-01 purchase 10")["a"]
    assert found["monetary"] == Decimal(10)


def test_what_comes_after_the_day_is_no_part_of_it(engine):
    shop, people = orders(engine, "o1 a 2026-06-01 purchase 5", "o2 a 2026-06-20 purchase 7"), customers(engine)
    earlier = date(2026, 6, 10)
    found = by_customer(summary(bought(shop, people, as_of=AS_OF), people, as_of=earlier, window_days=365))["a"]
    assert (found["recency_days"], found["frequency"], found["monetary"]) == (9, 1, 5)
