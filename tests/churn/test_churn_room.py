"""The room as a whole on simulated customers: who is scored, at which level, and what the next run is told."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from leavers import AS_OF, orders, run_on

from playbook import churn
from playbook.churn.model.drift import kept_scores
from playbook.stats.psi import psi


def test_every_customer_has_one_row_and_those_at_risk_a_probability(room):
    run, found = room
    silent = found.table.merge(_recency(run), on="customer_id")
    assert found.table.customer_id.is_unique and len(silent) == len(found.table)
    assert (silent.churn_probability.notna() == (silent.recency_days <= 365)).all()
    assert set(silent.risk[silent.churn_probability.isna()]) == {"lost"}


def _recency(run):
    text = """select customer_id, date_diff('day', max(cast(ordered_at as date)), $as_of) as recency_days
        from o group by customer_id"""
    return run.engine.sql(text, params={"as_of": AS_OF}, o=run.table("orders")).df()


def test_levels_are_those_of_the_profile(room):
    run, found = room
    scored = found.table.dropna(subset="churn_probability")
    least = {key: level.least for key, level in run.profile.churn.levels.items()}
    assert (scored.churn_probability >= scored.risk.map(least)).all()
    assert (scored.churn_probability[scored.risk == "medium"] < least["high"]).all()


def test_the_order_of_the_rows_changes_no_feature(room):
    run, found = room
    shuffled = run.engine.sql("select * from o order by md5(order_id)", o=run.table("orders")).materialise()
    made, again = (
        churn.features({"orders": o}, origins=found.history.origins[-1:]) for o in (run.table("orders"), shuffled)
    )
    pd.testing.assert_frame_equal(made, again)


def test_features_of_a_history_that_fits_in_the_head(engine):
    found = {
        "orders": orders(engine, "a 2026-01-01 10", "a 2026-03-02 30", "a 2026-03-12 -10 return", "b 2025-01-01 5")
    }
    row = churn.features(found, origins=[date(2026, 4, 1)]).set_index("customer_id").loc["a"]
    assert row[["recency_days", "tenure_days", "orders_ever", "value_ever", "gap_mean"]].tolist() == [30, 90, 2, 30, 60]
    assert row[["orders_30", "orders_90", "value_90", "returns", "silence_ratio"]].tolist() == [0, 1, 20, 1, 0.5]
    assert row.return_share == pytest.approx(0.25)


def test_a_window_that_begins_before_the_data_is_unknown(engine):
    found = {"orders": orders(engine, "a 2026-01-01 10", "a 2026-03-02 30")}
    row = churn.features(found, origins=[date(2026, 4, 1)]).iloc[0]
    assert (row.orders_90, row.orders_180) == (1, pytest.approx(np.nan, nan_ok=True))


def test_a_later_run_checks_what_this_one_said(engine, room):
    run, found = room
    before = run_on(engine, {"orders": run.table("orders")}, as_of=found.history.origins[-1])
    then = churn.build(before)
    seen = churn.build(run_on(engine, {"orders": run.table("orders")}, state=before.kept)).drift
    assert (seen.before, seen.checked.as_of) == (found.history.origins[-1], found.history.origins[-1])
    assert seen.psi == pytest.approx(
        psi(found.scored.churn_probability, before.kept["churn_model"]["spread"]), abs=0.05
    )
    assert seen.checked.expected == pytest.approx(then.scored.churn_probability.mean(), abs=1e-5)
    assert seen.checked.left == pytest.approx(_left(run, then).mean())


def _left(run, then):
    return churn.labels({"orders": run.table("orders")}, then.scored, horizon_days=90, until=AS_OF)


def test_scores_wait_in_the_state_until_their_horizon_is_over():
    scored = pd.DataFrame({"customer_id": ["a"], "churn_probability": [0.25]})
    kept = []
    for day in pd.date_range("2026-01-31", "2026-06-30", freq="ME").date:
        kept = kept_scores(scored, kept, as_of=day, horizon_days=90, window_days=90)
    assert [one["as_of"] for one in kept] == ["2026-04-30", "2026-05-31", "2026-06-30"]


def test_the_reactivation_rate_is_the_share_of_silences_that_end_after_all():
    gaps = pd.DataFrame({"days": [20, 120, 500], "returned": [100.0, 30.0, 0.0], "open": [0.0, 0.0, 70.0]})
    curve = churn.reactivation_curve(gaps).set_index("horizon_days").rate
    assert curve[30] == pytest.approx(0.3)
    assert curve[135] == 0


def test_kaplan_and_meier_by_hand():
    curve = churn.curves(["a"] * 20, [1] * 10 + [2] * 5 + [3] * 5, [True] * 10 + [False] * 5 + [True] * 5)
    assert curve[["duration", "at_risk", "survival"]].to_numpy().tolist() == [[1, 20, 0.5], [2, 10, 0.5], [3, 5, 0.0]]
    assert (curve.low[0] < 0.5 < curve.high[0]) and curve.low[0] == pytest.approx(0.3078, abs=5e-4)
