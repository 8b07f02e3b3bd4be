"""The measures against an oracle, calibration in time, and the comparison with the plain rule."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from playbook import churn
from playbook.churn.model.calibration import Calibration, calibrate
from playbook.churn.model.metrics import calibration_line, logit


def drawn(seed, count=4000, slope=1.0):
    """Probabilities in hundredths, and who left: with log odds `slope` times theirs."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(2, 2, count), 2).clip(0.01, 0.99)
    return p, (rng.random(count) < 1 / (1 + np.exp(-slope * logit(p)))).astype(float)


def test_the_measures_are_those_of_scikit_learn():
    p, left = drawn(1)
    found = churn.metrics(churn.score_counts(left, p))
    assert found["auc"] == pytest.approx(roc_auc_score(left, p))
    assert found["pr_auc"] == pytest.approx(average_precision_score(left, p))
    assert found["brier"] == pytest.approx(brier_score_loss(left, p))


def test_the_lift_of_a_perfect_ranking_is_the_most_there_can_be():
    left = np.repeat([1.0, 0.0], [40, 60])
    assert churn.metrics(churn.score_counts(left, left))["lift"] == pytest.approx(1 / 0.4)
    assert churn.metrics(churn.score_counts(left, np.full(100, 0.4)))["lift"] == pytest.approx(1)


def test_probabilities_too_extreme_by_half_have_slope_one_half():
    p, left = drawn(2, count=40_000, slope=0.5)
    assert calibration_line(churn.score_counts(left, p))[0] == pytest.approx(0.5, abs=0.03)


def test_calibration_repairs_the_slope_and_keeps_the_order():
    p, left = drawn(3, count=20_000, slope=0.5)
    said = calibrate(p, left).apply(p)
    assert calibration_line(churn.score_counts(left, said))[0] == pytest.approx(1, abs=0.03)
    assert (np.diff(said[np.argsort(p, kind="stable")]) >= 0).all()


def test_probabilities_that_come_true_are_left_alone():
    assert calibrate(*drawn(4)) == Calibration("none")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=40), st.randoms())
def test_row_order_changes_no_measure_and_profit_is_never_below_doing_nothing(rows, random):
    left = np.array([float(gone) for _, gone in rows])
    if 0 < left.sum() < len(left):
        p = np.array([score / 20 for score, _ in rows])
        order = random.sample(range(len(rows)), len(rows))
        found, shuffled = (
            churn.metrics(churn.score_counts(left[o], p[o]), churn.Costs()) for o in (slice(None), order)
        )
        assert found == pytest.approx(shuffled, nan_ok=True)
        assert found["empc"] >= 0 <= found["auc"] <= 1


def test_profit_by_share_contacted_begins_at_nothing_and_ends_with_everybody():
    p, left = drawn(5)
    costs = churn.Costs()
    curve = churn.profit_curve(*churn.score_counts(left, p), costs)
    all_contacted = left.mean() * (costs.acceptance * 190 - 1) - (1 - left.mean()) * 11
    assert curve.profit.iloc[[0, -1]].tolist() == pytest.approx([0, all_contacted])


def history(seed, signal):
    """Three origins of customers whose leaving depends on recency, and by `signal` on something else too."""
    rng = np.random.default_rng(seed)
    recency, other = rng.exponential(60, 3000), rng.standard_normal(3000)
    odds = 0.03 * (recency - 60) + signal * other
    left = (rng.random(3000) < 1 / (1 + np.exp(-odds))).astype(float)
    ids = [f"c{n:04d}" for n in range(1000)] * 3
    origin = pd.to_datetime(np.repeat(["2026-01-01", "2026-02-01", "2026-03-01"], 1000))
    columns = {"origin": origin, "customer_id": ids, "recency_days": recency, "gap_variation": other, "left": left}
    return pd.DataFrame(columns)


def compared(frame):
    last = frame.origin == frame.origin.max()
    models = churn.train(frame[~last], ["recency_days", "gap_variation"])
    return churn.compare(models, frame[last], churn.Costs(), resampled=100)


def test_the_plain_rule_is_used_where_nothing_else_says_more():
    found = compared(history(1, signal=0.0))
    assert (found.chosen, found.reason) == ("recency", "plain")


def test_a_model_that_sees_more_replaces_the_plain_rule():
    found = compared(history(1, signal=1.0))
    row = found.table.set_index("model").loc[found.chosen]
    assert (found.reason, row.auc_low > 0, row.auc_low < row.auc_gain < row.auc_high) == ("better", True, True)


def test_no_comparison_goes_without_the_recency_rule():
    frame = history(2, signal=1.0)
    models = churn.train(frame, ["recency_days", "gap_variation"])
    assert next(iter(models)) == "recency"
    with pytest.raises(ValueError, match="beside the recency rule only"):
        churn.compare({key: one for key, one in models.items() if key != "recency"}, frame, None)


def test_models_are_scikit_learn_estimators_that_only_store_until_they_are_fitted():
    frame = history(3, signal=1.0)
    for model in churn.train(frame, ["recency_days", "gap_variation"]).values():
        fresh = clone(model)
        assert set(fresh.get_params(deep=False)) == {"estimator"} and not hasattr(fresh, "model_")
        columns = list(model.feature_names_in_)
        again = fresh.fit(frame[columns], frame.left, frame.origin).predict_proba(frame)
        assert again.sum(axis=1) == pytest.approx(1) and (again == model.predict_proba(frame)).all()
