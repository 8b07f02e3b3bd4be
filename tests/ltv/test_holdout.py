"""The holdout: nothing after the cut-off is seen, and what is said of the forecasts is right."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bench import AS_OF, orders, run_on, simulated

from playbook import ltv
from playbook.ltv.choice import candidates
from playbook.ltv.holdout import Backtest, capture, one_standard_error, rank_correlation
from playbook.ltv.messages import cautions
from playbook.profile.models import Ltv
from playbook.report.message import Message


def test_forecasts_do_not_change_with_what_came_after_the_cut_off(engine, fitted):
    run, result = fitted
    cutoff = result.backtest.cutoff
    text = """select order_id, related_order_id, customer_id, ordered_at, kind, channel,
        case when cast(ordered_at as date) > $cutoff then amount * 7 else amount end as amount from o"""
    changed = engine.sql(text, params={"cutoff": cutoff}, o=run.table("orders")).materialise()
    again = ltv.backtest(result.history, changed, run.table("customers"), ltv=run.profile.ltv)
    for method, forecast in result.backtest.forecasts.items():
        assert forecast.equals(again.forecasts[method]), method
    assert again.actual.value.sum() == pytest.approx(7 * result.backtest.actual.value.sum())


def test_naive_forecasts_and_a_learner_always_stand_beside_the_models(fitted):
    _, result = fitted
    assert {"last_period", "average_rate", "boosting"} <= set(result.backtest.scores.index)


def backtest_of(forecasts, actual):
    """A backtest in which only forecasts and outcomes count."""
    as_frame = {key: pd.DataFrame({"purchases": forecast, "value": forecast}) for key, forecast in forecasts.items()}
    actual = pd.DataFrame({"purchases": actual, "value": actual})
    return Backtest(None, actual, 90, dict.fromkeys(forecasts), as_frame, {})


def warned(run, result):
    """The warnings of a result: their values by key."""
    return {message.key: message.values for message in cautions(run, result)}


ONE, ACTUAL = np.ones(400), np.tile([0.0, 1.0, 1.0, 2.0], 100)


@pytest.mark.parametrize(
    ("forecasts", "first", "reason"),
    [
        ({"bg_nbd": ACTUAL + 0.1, "pareto_nbd": ONE, "mbg_cnbd_k": 2 * ONE}, "bg_nbd", "holdout"),
        ({"bg_nbd": ONE, "pareto_nbd": 1.02 * ONE, "mbg_cnbd_k": 1.01 * ONE}, "mbg_cnbd_k", "tie"),
        ({"bg_nbd": ONE, "pareto_nbd": 1.02 * ONE, "mbg_cnbd_k": 2 * ONE}, "pareto_nbd", "tie"),
    ],
)
def test_of_models_that_err_alike_one_with_early_leavers_and_the_nearest_total_goes_first(forecasts, first, reason):
    assert next(iter(candidates(backtest_of(forecasts, ACTUAL), Ltv()).items())) == (first, reason)


def test_where_the_best_model_cannot_be_fitted_on_everything_the_next_says_so():
    reasons = candidates(backtest_of({"bg_nbd": ACTUAL + 0.1, "mbg_cnbd_k": 2 * ONE}, ACTUAL), Ltv())
    assert reasons == {"bg_nbd": "holdout", "mbg_cnbd_k": "next", "pareto_nbd": "likelihood"}


def test_the_model_used_is_as_good_as_the_one_that_erred_least(fitted):
    _, result = fitted
    assert result.choice.key in one_standard_error(result.backtest) and result.choice.reason in ("holdout", "tie")


def test_another_model_than_in_the_run_before_is_told(fitted):
    run, result = fitted
    before = {"model": "pareto_nbd" if result.choice.key != "pareto_nbd" else "bg_nbd"}
    later = SimpleNamespace(**vars(run) | {"state": {"ltv_model": {"purchases": before}}.get})
    changed = Message("ltv.flag.model_changed", {"model": result.choice.key, "before": before["model"]})
    assert changed in cautions(later, result)
    assert changed.key not in warned(run, result)


def test_the_models_total_on_its_own_kind_of_data_is_within_a_sixth(fitted):
    _, result = fitted
    assert abs(result.backtest.scores.bias_orders[result.choice.key]) < 1 / 6


def test_tenths_hold_all_sales_and_groups_all_customers(fitted):
    _, result = fitted
    tenths = ltv.by_decile(result.backtest, result.choice.key)
    groups = ltv.by_purchases(result.backtest, result.choice.key)
    assert tenths.share.sum() == pytest.approx(1) and len(tenths) == 10
    assert groups.customers.sum() == len(result.backtest.actual)


def test_weeks_hold_all_repeat_purchases(fitted):
    run, result = fitted
    weeks = ltv.tracking(result.backtest, result.choice.key, run.table("orders"), run.table("customers"), as_of=AS_OF)
    total = result.backtest.history.frequency.sum() + result.backtest.actual.purchases.sum()
    assert total - 30 <= weeks.actual.sum() <= total  # the last, unfinished week is left out
    assert weeks.forecast.sum() == pytest.approx(weeks.actual.sum(), rel=0.15)


def test_a_short_history_spares_no_holdout_and_the_reader_is_told(engine):
    days = [(AS_OF - timedelta(days=n)).isoformat() for n in range(0, 60, 3)]
    rows = [f"c{n % 30} {days[(7 * n) % 20]} {10 + n % 5}" for n in range(90)]
    run = run_on(engine, {"orders": orders(engine, *rows)})
    result = ltv.fit(run)
    assert result.backtest is None
    assert {"ltv.flag.no_holdout", "ltv.flag.short_history"} <= set(warned(run, result))


def test_negative_values_and_missing_money_are_said(engine):
    rows = [f"c{n} 2026-0{1 + n % 5}-{1 + n % 27:02d} 0" for n in range(60)] + ["c1 2026-06-20 -5 return"]
    run = run_on(engine, {"orders": orders(engine, *rows)}, cost_to_serve=0.0)
    warnings = warned(run, ltv.fit(run))
    assert warnings["ltv.flag.negative"] == {"count": 1}
    assert warnings["ltv.flag.one_time"] == {"share": 1.0}


def test_dependence_of_value_on_frequency_is_found_and_its_absence_too(engine, fitted):
    _, result = fitted
    assert not ltv.independence(result.history).doubtful
    linked = result.history._replace(monetary=10.0 * result.history.frequency + 1)
    assert ltv.independence(linked).doubtful


def test_a_perfect_forecast_captures_the_most_and_ranks_at_one():
    actual = np.arange(100.0)
    assert capture(actual, actual) == pytest.approx(actual[90:].sum() / actual.sum())
    assert rank_correlation(actual**3, actual) == pytest.approx(1)
    assert np.isnan(rank_correlation(np.ones(5), np.arange(5)))


def test_simulated_orders_reach_the_day_of_the_run(engine):
    days = [row[0] for row in engine.sql("select max(ordered_at) from o", o=simulated(engine)).rows()]
    assert (AS_OF - days[0].date()).days < 5
