"""Concentration, against published figures and against cases that fit in the head."""

from datetime import date

import pandas as pd
import pytest
from shop import bought, customers, orders

from playbook.rfm import concentration, lorenz, spending

AS_OF = date(2026, 6, 30)


def spent(engine, *amounts, people=()):
    rows = [f"o{n} c{n} 2026-06-01 purchase {amount}" for n, amount in enumerate(amounts)]
    shop, people = orders(engine, *rows), customers(engine, *people)
    return spending(bought(shop, people, as_of=AS_OF), people, as_of=AS_OF).materialise()


def test_equal_spend_has_gini_zero_and_every_share_is_its_own(engine):
    found = concentration(spent(engine, *[7] * 50), shares=(0.08, 0.5))
    assert (found.gini, found.top) == (pytest.approx(0), {0.08: pytest.approx(0.08), 0.5: pytest.approx(0.5)})


def test_one_who_has_everything_among_a_hundred_has_gini_99_percent(engine):
    found = concentration(spent(engine, *[0] * 99, 1000), shares=(0.01,))
    assert (found.buyers, found.gini, found.top[0.01]) == (100, pytest.approx(0.99), 1.0)


def test_the_buyer_at_the_border_is_divided(engine):
    found = concentration(spent(engine, 60, 30, 10), shares=(0.5,))
    assert found.top[0.5] == pytest.approx(0.60 + 0.30 / 2)


def test_internal_accounts_and_people_who_never_bought_are_left_out(engine):
    people = ["c2 2026-01-01 internal", "idle 2026-01-01"]
    assert concentration(spent(engine, 60, 30, 900, people=people)).revenue == 90


def test_no_money_has_no_concentration(engine):
    found = concentration(spent(engine, 0, 0))
    assert (found.gini, set(found.top.values())) == (None, {None})


def test_the_lorenz_curve_ends_with_all_buyers_and_all_revenue_and_only_steepens(engine):
    curve = lorenz(spent(engine, *range(1, 251)))
    assert len(curve) == 100
    assert curve.iloc[-1].tolist() == [1, 1]
    slopes = curve["revenue_share"].diff() / curve["customers_share"].diff()
    assert slopes.dropna().is_monotonic_increasing


def test_cdnow_has_the_published_gini_and_top_20_percent_share(engine, public_data):
    path = public_data / "cdnow" / "CDNOW_master.txt"
    names = ["customer_id", "day", "cds", "amount"]
    raw = engine.frame(pd.read_csv(path, sep=r"\s+", skiprows=1, names=names, dtype=str).reset_index(names="n"))
    text = """select 'o' || n as order_id, cast(null as varchar) as related_order_id, customer_id,
        cast(null as varchar) as channel,
        strptime(day, '%Y%m%d') as ordered_at, 'purchase' as kind, cast(amount as decimal(18, 2)) as amount from raw"""
    shop = engine.sql(text, raw=raw).materialise()
    nobody, day = customers(engine), date(1998, 6, 30)
    found = concentration(spending(bought(shop, nobody, as_of=day), nobody, as_of=day).materialise())
    assert (shop.count(), found.buyers, found.revenue) == (69_659, 23_570, 2_500_315.63)
    assert found.gini == pytest.approx(0.6346, abs=1e-4)
    assert found.top[0.20] == pytest.approx(0.6778, abs=1e-4)
