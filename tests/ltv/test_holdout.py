"""The holdout: nothing after the cut-off is seen, and what is said of the forecasts is right."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bench import AS_OF, orders, run_on, simulated

from playbook import ltv
from playbook.ltv import choice
from playbook.ltv.cautions import cautions
from playbook.ltv.holdout import Holdout, as_good, capture, rank_correlation
from playbook.profile.models import Ltv


def test_forecasts_do_not_change_with_what_came_after_the_cut_off(engine, room):
    run, found = room
    cutoff = found.checked.cutoff
    text = """select order_id, related_order_id, customer_id, ordered_at, kind,
        case when cast(ordered_at as date) > $cutoff then amount * 7 else amount end as amount from o"""
    changed = engine.sql(text, params={"cutoff": cutoff}, o=run.table("orders")).materialise()
    again = ltv.holdout(changed, run.table("customers"), as_of=AS_OF, ltv=run.profile.ltv)
    for method, made in found.checked.forecasts.items():
        assert made.equals(again.forecasts[method]), method
    assert again.actual.value.sum() == pytest.approx(7 * found.checked.actual.value.sum())


def test_naive_forecasts_and_a_learner_always_stand_beside_the_models(room):
    _, found = room
    assert {"last_period", "average_rate", "boosting"} <= set(ltv.scores(found.checked).method)


def judged(forecasts, came):
    """A holdout in which only forecasts and outcomes count."""
    as_frame = {key: pd.DataFrame({"purchases": made, "value": made}) for key, made in forecasts.items()}
    actual = pd.DataFrame({"purchases": came, "value": came})
    return Holdout(None, actual, 90, dict.fromkeys(forecasts), as_frame, {})


ONE, CAME = np.ones(400), np.tile([0.0, 1.0, 1.0, 2.0], 100)


@pytest.mark.parametrize(
    ("forecasts", "first", "reason"),
    [
        ({"bg_nbd": CAME + 0.1, "pareto_nbd": ONE, "mbg_cnbd_k": 2 * ONE}, "bg_nbd", "holdout"),
        ({"bg_nbd": ONE, "pareto_nbd": 1.02 * ONE, "mbg_cnbd_k": 1.01 * ONE}, "mbg_cnbd_k", "tie"),
        ({"bg_nbd": ONE, "pareto_nbd": 1.02 * ONE, "mbg_cnbd_k": 2 * ONE}, "pareto_nbd", "tie"),
    ],
)
def test_of_models_that_err_alike_one_with_early_leavers_and_the_nearest_total_goes_first(forecasts, first, reason):
    found = judged(forecasts, CAME)
    auto = Ltv()
    assert choice._order(found, auto)[0] == first
    assert choice._reason(found, auto, first) == reason


def test_where_the_best_model_cannot_be_fitted_on_everything_the_next_says_so():
    found = judged({"bg_nbd": CAME + 0.1, "mbg_cnbd_k": 2 * ONE}, CAME)
    assert choice._reason(found, Ltv(), "mbg_cnbd_k") == "next"
    assert choice._reason(found, Ltv(), "pareto_nbd") == "likelihood"


def test_the_model_used_is_as_good_as_the_one_that_erred_least(room):
    _, found = room
    assert found.choice.key in as_good(found.checked) and found.choice.reason in ("holdout", "tie")


def test_another_model_than_in_the_run_before_is_told(room):
    run, found = room
    before = {"model": "pareto_nbd" if found.choice.key != "pareto_nbd" else "bg_nbd"}
    later = SimpleNamespace(**vars(run) | {"state": {"ltv_model": {"purchases": before}}.get})
    assert ("model_changed", {"model": found.choice.key, "before": before["model"]}) in cautions(later, found)
    assert "model_changed" not in dict(cautions(run, found))


def test_the_models_total_on_its_own_kind_of_data_is_within_a_sixth(room):
    _, found = room
    table = ltv.scores(found.checked).set_index("method")
    assert abs(table.bias_orders[found.choice.key]) < 1 / 6


def test_tenths_hold_all_sales_and_groups_all_customers(room):
    _, found = room
    tenths = ltv.by_decile(found.checked, found.choice.key)
    groups = ltv.by_purchases(found.checked, found.choice.key)
    assert tenths.share.sum() == pytest.approx(1) and len(tenths) == 10
    assert groups.customers.sum() == len(found.checked.found.x)


def test_weeks_hold_all_repeat_purchases(room):
    run, found = room
    weeks = ltv.tracking(run.table("orders"), run.table("customers"), found.checked, found.choice.key, as_of=AS_OF)
    seen = found.checked.found.x.sum() + found.checked.actual.purchases.sum()
    assert seen - 30 <= weeks.actual.sum() <= seen  # the last, unfinished week is left out
    assert weeks.forecast.sum() == pytest.approx(weeks.actual.sum(), rel=0.15)


def test_a_short_history_spares_no_holdout_and_the_reader_is_told(engine):
    days = [(AS_OF - timedelta(days=n)).isoformat() for n in range(0, 60, 3)]
    rows = [f"c{n % 30} {days[(7 * n) % 20]} {10 + n % 5}" for n in range(90)]
    run = run_on(engine, {"orders": orders(engine, *rows)})
    found = ltv.explore(run)
    assert found.checked is None
    assert {"no_holdout", "short_history"} <= {key for key, _ in cautions(run, found)}


def test_negative_values_and_missing_money_are_said(engine):
    rows = [f"c{n} 2026-0{1 + n % 5}-{1 + n % 27:02d} 0" for n in range(60)] + ["c1 2026-06-20 -5 return"]
    run = run_on(engine, {"orders": orders(engine, *rows)}, cost_to_serve=0.0)
    said = dict(cautions(run, ltv.explore(run)))
    assert said["negative"] == {"count": 1}
    assert said["one_time"] == {"share": 1.0}


def test_dependence_of_value_on_frequency_is_found_and_its_absence_too(engine, room):
    _, found = room
    assert not ltv.independence(found.found).doubtful
    linked = found.found._replace(mean_value=10.0 * found.found.x + 1)
    assert ltv.independence(linked).doubtful


def test_a_perfect_forecast_captures_the_most_and_ranks_at_one():
    came = np.arange(100.0)
    assert capture(came, came) == pytest.approx(came[90:].sum() / came.sum())
    assert rank_correlation(came**3, came) == pytest.approx(1)
    assert np.isnan(rank_correlation(np.ones(5), np.arange(5)))


def test_simulated_orders_reach_the_day_of_the_run(engine):
    days = [row[0] for row in engine.sql("select max(ordered_at) from o", o=simulated(engine)).rows()]
    assert (AS_OF - days[0].date()).days < 5
