"""What tiers buy, differences beyond chance, and totals that move against their parts."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from playbook.rfm import activity, differences, informative, is_sparse, messages, top_by_tier
from playbook.rfm.tier_mix import repeat_rates, simpson
from playbook.tables.engine import Engine


def test_a_planted_difference_is_found_and_noise_is_not():
    rng = np.random.default_rng(5)
    noise = {f"n{i}": rng.normal(size=400) for i in range(20)}
    high = pd.DataFrame({"visits": rng.poisson(6, 200)} | {k: v[:200] for k, v in noise.items()})
    low = pd.DataFrame({"visits": rng.poisson(3, 200)} | {k: v[200:] for k, v in noise.items()})
    found = differences(high, low)
    assert found.loc[found["significant"], "measure"].tolist() == ["visits"]


def test_a_measure_without_data_is_no_measure_in_which_customers_could_differ():
    people = {"customer_id": ["ann", "bob", "eve"]}
    measures = pd.DataFrame(people | {"app": 0, "score": np.nan, "orders": [1, 2, 2], "quiet": [3.0, np.nan, 3.0]})
    assert informative(measures) == ["orders", "quiet"]
    rfm = pd.DataFrame(people | {"frequency": [9, 1, 1], "f_score": [5, 1, 1]})
    lively, quiet = activity(measures, rfm)
    assert [*lively] == [*quiet] == ["customer_id", "orders", "quiet"]


def test_a_total_that_falls_while_every_part_rises_is_told():
    before = pd.DataFrame({"weight": [900, 100], "rate": [0.5, 0.1]}, index=["members", "guests"])
    after = pd.DataFrame({"weight": [500, 500], "rate": [0.52, 0.12]}, index=["members", "guests"])
    found = simpson(before, after)
    assert found.reversed and found.rate_part > 0 > found.mix_part
    assert found.rate_part + found.mix_part == pytest.approx(found.after - found.before)
    assert found.people == 1000


def test_a_base_that_buys_once_a_year_is_sparse():
    assert is_sparse(pd.DataFrame({"frequency": [1, 1, 1, 2, 0]}), window_days=365)
    assert not is_sparse(pd.DataFrame({"frequency": [1, 1, 1, 2, 0]}), window_days=90)


def test_what_tiers_buy_stands_in_the_profiles_order_without_the_tiers_apart(retail):
    engine = Engine()
    rfm = engine.sql(
        """select * from (values ('a', 'regular'), ('b', 'new'), ('c', 'internal')) as t(customer_id, tier)"""
    )
    bought = engine.sql("""select * from (values ('a', 'web', 10.00), ('a', 'store', 90.00), ('b', 'web', 5.00),
        ('c', 'web', 7.00)) as t(customer_id, trait, amount)""")
    found = top_by_tier(bought, rfm, retail, column="channel", most=1)
    assert found[["tier", "channel", "share"]].values.tolist() == [["new", "web", 1.0], ["regular", "store", 0.9]]


def test_a_rate_before_knows_no_later_channel():
    purchases = Engine().sql("""select * from (values ('a', 'store', 'purchase', date '2026-01-01'),
        ('a', 'web', 'purchase', date '2026-05-01'), ('a', 'web', 'purchase', date '2026-05-02'))
        as t(customer_id, channel, kind, day)""")
    rfm = pd.DataFrame({"customer_id": ["a"], "frequency": [1]})
    days = date(2026, 1, 31), date(2026, 6, 30)
    assert [list(repeat_rates(rfm, purchases, as_of=day).index) for day in days] == [["store"], ["web"]]


def test_each_measure_is_written_in_its_own_unit(retail):
    found = pd.DataFrame({"measure": ["spend_365d", "orders_90d", "lowest_score_365d", "average_order_value"],
                          "high": [1106.0, 2.0, 8.5, 138.0], "low": [154.3, 0.0, 8.0, 118.6]})  # fmt: skip
    assert messages.measure_formats(found, retail) == ["money", "int", "num1", "money"]
