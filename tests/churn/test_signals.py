"""Signals: each is true of its customer, planted reasons are named, and the order of the rows changes nothing."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from playbook.churn.model import signals as named
from playbook.churn.model.estimators import logistic
from playbook.churn.model.leading_indicators import group_differences, leading_indicators
from playbook.churn.model.signals import KEYS, flags, signals, strengths, typical
from playbook.tables.engine import Engine

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import churn_signals

NAMES = ["recency_days", "silence_ratio", "orders_ever", "orders_trend_30", "orders_trend_90", "feedback_last",
         "returns", "return_share", "service_contacts_180"]  # fmt: skip


def customers(rng, count):
    """Features in which each of silence, fewer orders, bad answers, returns and calls is drawn on its own."""
    made = {
        "recency_days": rng.integers(1, 90, count),
        "silence_ratio": rng.gamma(2, 0.5, count),
        "orders_ever": rng.integers(2, 20, count),
        "orders_trend_30": rng.normal(0, 0.4, count),
        "orders_trend_90": rng.normal(0, 0.4, count),
        "feedback_last": np.where(rng.random(count) < 0.5, np.nan, rng.integers(0, 11, count)),
        "returns": rng.poisson(0.3, count),
        "service_contacts_180": rng.poisson(0.2, count),
    }
    frame = pd.DataFrame(made).astype(float).assign(return_share=lambda rows: rows["returns"] / rows["orders_ever"])
    return frame[NAMES].set_axis([f"c{n:04d}" for n in range(count)])


@pytest.fixture(scope="module")
def known():
    """3,000 customers, the model of their leaving, what is usual."""
    rng = np.random.default_rng(4)
    rows = customers(rng, 3000)
    odds = -3 + rows.silence_ratio - 1.5 * rows.orders_trend_90 + 0.8 * rows["returns"] + rows.service_contacts_180
    odds = odds + 0.3 * (8 - rows.feedback_last.fillna(8))
    left = (rng.random(3000) < 1 / (1 + np.exp(-odds))).astype(float)
    model = logistic().fit(rows, left)
    return rows, left, model, typical(model, rows[left == 0])


def test_planted_reasons_are_named_for_four_in_five_of_the_affected_and_nine_in_ten_at_risk():
    sample = churn_signals.planted(Engine(threads=2), np.random.default_rng([7, 0]), 8000)
    found = churn_signals.hits(sample)
    risky = found[found.probability >= churn_signals.AT_RISK]
    assert len(risky) > 80
    assert found.hit.mean() >= 0.80
    assert risky.hit.mean() >= 0.90


def test_signals_are_the_same_whatever_the_order_of_the_rows_and_whoever_else_is_asked_about(known):
    rows, _, model, usual = known
    found = signals(rows, model, usual)
    shuffled = signals(rows.sample(frac=1, random_state=3), model, usual).loc[rows.index]
    alone = pd.concat([signals(rows.iloc[[n]], model, usual) for n in range(40)])
    assert found.tolist() == shuffled.tolist()
    assert found.iloc[:40].tolist() == alone.tolist()


def test_at_most_three_are_named_strongest_first_and_each_is_true_and_goes_with_the_risk(known):
    rows, _, model, usual = known
    found, strong, true = signals(rows, model, usual), strengths(rows, model, usual), flags(rows, usual)
    assert 2 in found.map(len).values and found.map(len).max() == 3
    for customer, keys in found.iloc[:300].items():
        said = strong.loc[customer, keys]
        assert (said >= named.LEAST_STRENGTH).all() and (true.loc[customer, keys] == 1).all()
        assert said.iloc[:-1].is_monotonic_decreasing


def test_what_a_customer_met_with_keeps_the_last_place():
    met, fading = KEYS.index("returns_goods"), [KEYS.index(key) for key in ("silent", "buys_less_often", "left_app")]
    row = np.full(len(KEYS), -np.inf)
    row[fading], row[met] = [0.9, 0.8, 0.7], 0.2
    assert named._strongest(row, 3) == ["silent", "buys_less_often", "returns_goods"]


def test_what_makes_leaving_less_likely_is_no_signal(known):
    rows, _, model, usual = known
    best = rows.iloc[[0]].assign(silence_ratio=0.1, orders_trend_90=1.0, orders_trend_30=1.0, returns=0.0,
                                 return_share=0.0, service_contacts_180=0.0, feedback_last=10.0)  # fmt: skip
    assert signals(best, model, usual).iloc[0] == []


def test_nobody_is_called_unhappy_who_never_answered(known):
    rows, _, model, usual = known
    silent = rows.assign(feedback_last=np.nan)
    assert not signals(silent, model, usual).map(lambda keys: "low_feedback" in keys).any()
    assert flags(silent, usual)["low_feedback"].isna().all()


def beforehand(seed):
    """Complaints planted before leaving, more of them among high-value customers; irregular buying planted nowhere."""
    rng = np.random.default_rng(seed)
    best, left = rng.random(3000) < 0.3, rng.random(3000) < 0.3
    complained = rng.random(3000) < np.where(left, np.where(best, 0.5, 0.2), 0.1)
    both = pd.DataFrame({"low_feedback": complained, "irregular": rng.random(3000) < 0.4}).astype(float)
    table = leading_indicators(both, left, best)
    return table.set_index(["group", "signal"]), group_differences(table).set_index("signal")


def test_what_precedes_leaving_is_found_in_both_groups_and_more_so_where_it_was_planted():
    table, apart = beforehand(1)
    assert table.loc[("high_value", "low_feedback"), "difference"] == pytest.approx(0.4, abs=0.06)
    assert (table.loc[(slice(None), "low_feedback"), "p_holm"] < 0.001).all()
    assert apart.low["low_feedback"] > 0.15


def test_chance_is_seldom_taken_for_what_precedes_leaving():
    """At 5 %, more than 8 of 40 would be seen once in 10,000 times."""
    found = [beforehand(seed) for seed in range(40)]
    alarms = sum(apart.p_holm["irregular"] < 0.05 for _, apart in found)
    assert alarms <= 8
    assert sum((table.loc[(slice(None), "irregular"), "p_holm"] < 0.05).any() for table, _ in found) <= 8


def test_a_group_too_small_says_nothing():
    one = pd.DataFrame({"low_feedback": [1.0, 0.0] * 30})
    table = leading_indicators(one, np.arange(60) < 30, np.arange(60) % 30 < 5)
    assert set(table.group) == {"others"}
