"""Orders as the models read them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from bench import AS_OF, orders

from playbook import ltv
from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of


@pytest.fixture
def nobody(engine):
    return engine.empty(schema_of("customers"))


def read(engine, nobody, *rows, unit="days", until=AS_OF):
    bought = purchases(orders(engine, *rows), nobody, as_of=until)
    history = ltv.customer_histories(bought, as_of=until, unit=unit)
    return {
        name: dict(zip(history.customer_id, getattr(history, name).tolist(), strict=True))
        for name in history._fields[3:9]
    }


def test_two_orders_of_a_day_are_one_purchase_of_both_values(engine, nobody):
    history = read(engine, nobody, "anna 2026-06-01 10", "anna 2026-06-11 20", "anna 2026-06-11 5")
    assert history["frequency"]["anna"] == 1 and history["monetary"]["anna"] == 25


def test_the_first_purchase_is_no_repeat_and_not_in_the_mean(engine, nobody):
    history = read(engine, nobody, "anna 2026-06-01 1000", "anna 2026-06-11 20", "anna 2026-06-21 40")
    assert (history["frequency"]["anna"], history["monetary"]["anna"], history["first_value"]["anna"]) == (2, 30, 1000)


def test_one_time_buyers_stay_with_nothing_repeated(engine, nobody):
    history = read(engine, nobody, "anna 2026-06-20 10")
    assert (history["frequency"]["anna"], history["recency"]["anna"], history["T"]["anna"]) == (0, 0, 10)


def test_returns_are_no_purchases_and_redemptions_are(engine, nobody):
    history = read(engine, nobody, "anna 2026-06-01 10", "anna 2026-06-05 -9 return", "anna 2026-06-11 8 redemption")
    assert history["frequency"]["anna"] == 1 and history["monetary"]["anna"] == pytest.approx(4)


def test_an_order_sent_back_whole_leaves_hardly_any_value(engine, nobody):
    rows = ["anna 2026-06-01 10", "anna 2026-06-11 990", "anna 2026-06-12 -990 return"]
    assert read(engine, nobody, *rows)["monetary"]["anna"] == pytest.approx(9.9)


def test_time_runs_from_the_first_purchase_in_the_profiles_unit(engine, nobody):
    history = read(engine, nobody, "anna 2026-06-02 10", "anna 2026-06-16 20", unit="weeks")
    assert (history["recency"]["anna"], history["T"]["anna"]) == (2, 4)


def test_what_lies_after_the_day_is_not_seen(engine, nobody):
    history = read(
        engine, nobody, "anna 2026-06-01 10", "anna 2026-06-11 20", "ben 2026-06-12 5", until=date(2026, 6, 10)
    )
    assert history["frequency"] == {"anna": 0}


def test_strangers_and_internal_accounts_are_left_out(engine):
    staff = engine.sql("select 'eve' as customer_id, true as is_internal")
    sold = orders(engine, "- 2026-06-01 10", "eve 2026-06-01 10", "anna 2026-06-01 10")
    history = ltv.customer_histories(purchases(sold, staff, as_of=AS_OF), as_of=AS_OF)
    assert history.customer_id.tolist() == ["anna"]


SALES = pd.DataFrame(
    {
        "who": ["anna", "anna", "anna", "anna", "ben", None],
        "at": pd.to_datetime(
            ["2026-06-02", "2026-06-16 09:00", "2026-06-16 18:00", "2026-06-23", "2026-06-09", "2026-06-09"],
            format="ISO8601",
        ),
        "spent": [1000, 20, 5, 35, 9, 9],
    }
)
NAMES = {"customer": "who", "date": "at", "value": "spent"}


def test_a_summary_has_one_purchase_a_day_and_the_mean_of_the_repeats():
    summary = ltv.summary(SALES, **NAMES, period="W", as_of="2026-06-30", gaps=True)
    assert summary.index.tolist() == ["anna", "ben"] and summary.index.name == "who"
    assert summary.loc["anna"].tolist() == pytest.approx([2, 3, 4, 30, np.log(2) + np.log(1)])
    assert summary.loc["ben"].tolist() == [0, 0, 3, 0, 0]


def test_a_summary_ends_with_its_day_and_by_default_with_the_data():
    assert ltv.summary(SALES, **NAMES, as_of="2026-06-10").loc["anna"].tolist() == [0, 0, 8, 0]
    assert ltv.summary(SALES, customer="who", date="at").loc["ben"].tolist() == [0, 0, 14]


@pytest.mark.parametrize(
    ("changed", "options", "message"),
    [
        ({}, {"customer": "buyer"}, r"lack column\(s\) \['buyer'\]; they have \['who', 'at', 'spent'\]"),
        ({"at": "soon"}, {}, "column 'at' has 5 value"),
        ({"spent": [1, np.nan, 1, 1, 1, 1]}, {}, "column 'spent' has 1 value"),
        ({"who": None}, {}, "no row has a customer in column 'who'"),
        ({}, {"period": "Q"}, "the period is D, W or M; it is 'Q'"),
    ],
)
def test_transactions_that_cannot_be_summed_up_are_refused_in_words(changed, options, message):
    with pytest.raises(ltv.InputError, match=message):
        ltv.summary(SALES.assign(**changed), **NAMES | options)
