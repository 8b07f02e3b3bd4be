"""Published figures: the expected maximum profit of Verbraken, and recency alone on CDNOW."""

from datetime import date

import numpy as np
import pytest

from playbook import churn

ORIGINS = (date(1997, 4, 1), date(1997, 7, 1), date(1997, 9, 30))


def test_the_expected_maximum_profit_of_the_published_example():
    score, left = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9], np.array([0, 1, 0, 1, 0, 1, 0, 1])
    profit, share = churn.expected_maximum_profit(score, left, 1 - left)
    assert (profit, share) == (pytest.approx(23.875593418, abs=1e-6), pytest.approx(0.87437, abs=1e-6 + 5e-6))


def test_cdnow_is_ranked_as_well_as_published_and_shown_beside_recency(cdnow):
    spec = churn.FeatureSpec(horizon_days=90)
    frame = churn.features(cdnow, origins=ORIGINS, spec=spec)
    frame["left"] = churn.labels(cdnow, frame, horizon_days=90, until=date(1997, 12, 29))
    last = frame.origin == frame.origin.max()
    models = churn.train(frame[~last], churn.feature_names(spec))
    found = churn.compare(models, frame[last], churn.Costs(), resampled=40)
    table = found.table.set_index("model")
    assert (frame[last].customer_id.nunique(), table.index[0]) == (23_570, "recency")
    assert table.auc["recency"] == pytest.approx(0.763, abs=0.005)
    assert table.auc[found.chosen] >= 0.763
    assert found.chosen == "recency" or table.auc_low[found.chosen] > 0
