"""The money: parts that add up, referrals that cancel, intervals that hold, tiers that stay."""

import numpy as np
import pandas as pd
import pytest
from bench import AS_OF, orders, run_on, simulated

from playbook import ltv
from playbook.ltv import Discounting
from playbook.ltv.messages import cautions
from playbook.ltv.value import value_tiers
from playbook.profile.churn import ChurnCosts


def cents(column):
    return (100 * column).round().astype("int64")


def test_the_parts_add_up_to_the_cent_and_referrals_to_nothing(engine):
    tables = {"orders": simulated(engine), "referrals": brought(engine, "c0000 c0001", "c0000 c0002", "c0003 c0003")}
    table = ltv.fit(run_on(engine, tables)).value.table
    parts = cents(table.past_value) + cents(table.future_value) + cents(table.referral_value)
    assert (parts == cents(table.ltv)).all()
    assert cents(table.referral_value).sum() == 0
    assert set(table.customer_id[table.referral_value != 0]) <= {"c0000", "c0001", "c0002"}
    assert table.set_index("customer_id").referral_value["c0000"] > 0


def test_amounts_of_the_profile_in_another_currency_than_the_data_are_cautioned_of(engine):
    run = run_on(engine, {"orders": orders(engine, *PAST)})
    result = ltv.fit(run)
    assert "ltv.flag.currency" not in warned(run, result)
    run.currency = "EUR"
    assert warned(run, result)["ltv.flag.currency"] == {"data": "EUR", "profile": "CNY"}
    free = ChurnCosts(incentive=0, contact=0)
    run.profile = run.profile.model_copy(update={"churn": run.profile.churn.model_copy(update={"costs": free})})
    lines = result._replace(economics=result.economics._replace(cost_from="costs"))
    assert "ltv.flag.currency" not in warned(run, lines)


def test_nobody_is_credited_twice_for_one_customer(engine):
    tables = {"orders": simulated(engine), "referrals": brought(engine, "c0004 c0002", "c0000 c0002")}
    moved = ltv.fit(run_on(engine, tables)).value.table.set_index("customer_id").referral_value
    assert moved["c0004"] == -moved["c0002"] > 0 and moved["c0000"] == 0


def test_margin_comes_from_line_costs_where_there_are_any(engine):
    sold = orders(engine, "anna 2026-06-01 100", "anna 2026-06-11 100")
    lines = engine.sql("select 'o0' as order_id, 1 as line, 100.0 as amount, 60.0 as cost")
    with_cost = ltv.unit_economics(run_on(engine, {"orders": sold, "order_lines": lines}))
    without = ltv.unit_economics(run_on(engine, {"orders": sold}, margin=0.25))
    assert (with_cost.margin, with_cost.margin_from) == (pytest.approx(0.4), "lines")
    assert (without.margin, without.margin_from) == (0.25, "profile")


def test_past_value_is_net_of_returns_times_margin_less_the_cost_to_serve(engine):
    run = run_on(engine, {"orders": orders(engine, *PAST)}, margin=0.5, cost_to_serve=3.0)
    table = ltv.fit(run).value.table.set_index("customer_id")
    assert table.past_value["anna"] == 50 * 0.5 - 3 and table.past_value["ben"] == -3


PAST = ["anna 2026-06-01 80", "anna 2026-06-05 -30 return", "ben 2026-06-01 10", "ben 2026-06-09 -10 return"]


def test_a_higher_discount_never_raises_value_and_a_longer_horizon_never_lowers_it(fitted):
    _, result = fitted
    pair = result.choice.purchases, result.choice.spending, result.history
    base, dear, long = (
        ltv.forecast(*pair, Discounting(days, 0.3, 0.0, rate)).future
        for days, rate in ((365, 0.1), (365, 0.2), (500, 0.1))
    )
    assert (dear <= base + 1e-9).all() and (long >= base - 1e-9).all()


def test_discounting_agrees_with_a_daily_sum(fitted):
    _, result = fitted
    pair = result.choice.purchases, result.choice.spending, result.history
    plain = np.array([ltv.forecast(*pair, Discounting(day, 1.0)).future for day in range(0, 366, 5)])
    middle = (np.arange(2.5, 365, 5)) / 365
    daily = (np.diff(plain, axis=0) * (1.1**-middle)[:, None]).sum(axis=0)
    assert ltv.forecast(*pair, Discounting(365, 1.0, 0.0, 0.1)).future == pytest.approx(daily, rel=2e-4)


def test_expected_value_lies_in_its_interval_and_the_total_in_its_own(fitted):
    _, result = fitted
    table, intervals = result.value.table, result.value.intervals
    assert ((table.ltv_low <= table.ltv) & (table.ltv <= table.ltv_high)).all()
    low, high = intervals.total()
    assert low < table.future_value.sum() < high


def test_spending_that_the_data_hardly_settle_still_gives_everybody_an_interval(fitted):
    _, result = fitted
    loose = ltv.GammaGamma().with_parameters(p=0.5, q=230.0, gamma=2.5e5)
    loose.log_covariance_ = np.array([[0.02, -0.6, -0.6], [-0.6, 67.6, 68.3], [-0.6, 68.3, 69.1]])
    arguments = result.choice.purchases, loose, result.history, Discounting(365, 0.35)
    intervals = ltv.prediction_intervals(*arguments)
    expected = ltv.forecast(*arguments).future.sum()
    assert np.isfinite(intervals.low).all() and np.isfinite(intervals.high).all()
    low, high = intervals.total()
    assert 0 < low < expected < high


def test_equal_future_value_has_an_equal_tier():
    frame = pd.DataFrame({"future": [5.0, 5.0, 1.0, np.nan, 5.0, 5.0], "orders_ever": [1, 1, 1, 1, 0, 3]})
    frame["is_internal"] = [False] * 5 + [True]
    cuts = {"top": 5.0, "high": 4.0, "middle": 2.0}
    assert value_tiers(frame, cuts).tolist() == ["top", "top", "low", "unknown", "never_bought", "internal"]


def test_value_cuts_are_frozen_by_the_run_before(engine, fitted):
    before, _ = fitted
    later = run_on(engine, {"orders": simulated(engine, seed=9)})
    later.state = before.kept.get
    ltv.fit(later)
    assert later.kept["ltv_cuts"] == before.kept["ltv_cuts"]


def test_the_same_orders_give_the_same_table_whatever_their_order(engine, fitted):
    _, result = fitted
    turned = engine.sql("select * from orders order by hash(order_id)", orders=simulated(engine)).materialise()
    again = ltv.fit(run_on(engine, {"orders": turned})).value.table
    pd.testing.assert_frame_equal(result.value.table, again, check_exact=True)


def test_the_reasons_add_up_to_the_change_of_every_customers_value(fitted):
    run, result = fitted
    history = ltv.value_history(run, result.history, result.choice, result.economics)
    ends = sorted(history.as_of.unique())
    moved = ltv.movement(history, ends[0], ends[-1])
    change = moved.recency + moved.frequency + moved.value
    assert change.to_numpy() == pytest.approx((moved.after - moved.before).to_numpy(), abs=1e-6)
    monthly = ltv.monthly_reasons(history)
    first = history.future_value[history.as_of == ends[0]].sum()
    explained = monthly[["recency", "frequency", "value", "new_customers"]].sum().sum()
    assert first + explained == pytest.approx(history.future_value[history.as_of == ends[-1]].sum(), abs=5)


def test_value_over_cost_is_counted_by_channel_for_the_last_twelve_months(engine):
    sold = simulated(engine)
    people = engine.sql(
        "select distinct customer_id, 'web' as acquisition_channel, false as is_internal from o", o=sold
    )
    costs = engine.sql("select date '2026-05-01' as month, 'web' as channel, 'acquisition' as kind, 500.0 as amount")
    run = run_on(engine, {"orders": sold, "customers": people.materialise(), "costs": costs})
    result = ltv.fit(run)
    table = ltv.acquisition(run, engine.frame(result.value.table), result.history)
    assert table.month.min() >= pd.Timestamp("2025-07-01")
    won = table[table.cost.notna()]
    assert ltv.channels(table).cac[0] == 500 / won.customers.sum()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["anna 2026-06-01 10", "anna 2026-06-11 10"], "too_few"),
        ([f"c{n} 2026-0{1 + n % 6}-01 10" for n in range(40)], "no_repeat"),
    ],
)
def test_too_little_data_is_said_and_past_value_stands(engine, rows, code):
    result = ltv.fit(run_on(engine, {"orders": orders(engine, *rows)}))
    assert result.choice.problems["bg_nbd"] == code
    assert result.value.table.future_value.isna().all() and (result.value.table.value_tier == "unknown").all()
    assert (result.value.table.past_value != 0).all()


def warned(run, result):
    """The warnings of a result: their values by key."""
    return {message.key: message.values for message in cautions(run, result)}


def brought(engine, *rows):
    pairs = [row.split() for row in rows]
    frame = pd.DataFrame(pairs, columns=["referrer_id", "referee_id"]).assign(
        referred_at=[pd.Timestamp(AS_OF) - pd.Timedelta(days=len(pairs) - n) for n in range(len(pairs))]
    )
    return engine.frame(frame)
