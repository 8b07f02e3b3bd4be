"""The review: drift is measured, nothing moves by itself, and accepting leaves a dated reason."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from playbook.rfm import review
from playbook.rfm.clusters import clusters
from playbook.rfm.cuts import decided, fresh_cuts

AS_OF = date(2026, 6, 30)


def base(engine, *, seed=1, spend=1.0, size=600):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{i:04d}" for i in range(size)],
            "recency_days": rng.integers(0, 300, size),
            "frequency": rng.geometric(0.3, size),
            "monetary": np.round(spend * rng.lognormal(5, 1, size), 2),
            "is_internal": False,
        }
    )
    frame = frame.assign(orders_ever=frame["frequency"], days_since_first=frame["recency_days"] + 90)
    return engine.frame(frame)


@pytest.fixture(scope="module")
def summary(engine):
    return base(engine)


@pytest.fixture(scope="module")
def cuts(summary, retail):
    return fresh_cuts(summary, retail.rfm, as_of=AS_OF)


def test_an_unchanged_base_has_not_drifted(summary):
    assert review.drift(summary, review.baseline(summary))["psi"].tolist() == [0, 0, 0]


def test_a_doubled_spend_is_drift_of_monetary_alone(engine, summary):
    found = review.drift(base(engine, seed=2, spend=2.5), review.baseline(summary)).set_index("measure")["verdict"]
    assert found.to_dict() == {"recency_days": "stable", "frequency": "stable", "monetary": "act"}


def test_psi_is_the_textbook_sum():
    values = np.repeat([1.0, 2.0], [30, 70])
    before = {"limits": [1.0], "shares": [0.5, 0.5]}
    assert review._psi(values, before) == pytest.approx(-0.2 * np.log(0.6) + 0.2 * np.log(1.4))


def test_accepting_what_already_holds_moves_nobody(summary, cuts, retail):
    found = review.propose(summary, cuts, retail, as_of=AS_OF)
    assert (found.customers, found.money) == (0, 0)


def test_moving_a_cut_says_how_many_customers_and_how_much_money_hang_on_it(summary, cuts, retail):
    found = review.sensitivity(summary, cuts, retail)
    assert len(found) == 6
    assert (found["customers"] > 0).any() and (found["money"] >= 0).all()


def test_a_decision_carries_its_day_and_reason_and_holds_from_that_day_on(cuts, tmp_path):
    path = review.accept(tmp_path, cuts, reason="prices rose by a tenth")
    assert path.name == "2026-06-30-rfm-cuts.yml"
    assert "prices rose by a tenth" in path.read_text(encoding="utf-8")
    assert decided(tmp_path, until=date(2026, 6, 29)) is None
    accepted = decided(tmp_path, until=AS_OF)
    assert (accepted.monetary, accepted.origin) == (cuts.monetary, "decision")


def test_a_decision_without_a_reason_is_refused(cuts, tmp_path):
    with pytest.raises(ValueError, match="needs a reason"):
        review.accept(tmp_path, cuts, reason=" ")


def test_shares_are_held_against_the_profiles_targets(engine, retail):
    rfm = engine.sql("select unnest(['high_value', 'regular', 'regular', 'regular', 'internal']) as tier")
    found = review.against_target(rfm, retail).set_index("tier")
    assert found.loc["high_value", "share"] == 0.25
    assert found.loc["high_value", "off_target"] == pytest.approx(0.25 - retail.tiers["high_value"].target)


def test_two_planted_groups_are_found_as_two_clusters():
    rng = np.random.default_rng(3)
    often = pd.DataFrame(
        {"recency_days": rng.integers(0, 9, 200), "frequency": rng.integers(20, 30, 200), "monetary": 9e3}
    )
    rarely = pd.DataFrame({"recency_days": rng.integers(200, 300, 200), "frequency": 1, "monetary": 50.0})
    rfm = pd.concat([often, rarely]).assign(customer_id=[f"c{i:03d}" for i in range(400)])
    rfm["monetary"] *= rng.uniform(0.9, 1.1, 400)
    found = clusters(rfm)
    assert found.labels.groupby(np.repeat(["often", "rarely"], 200)).nunique().tolist() == [1, 1]
    assert found.labels["c000"] == 0


def test_too_few_buyers_have_no_clusters():
    rfm = pd.DataFrame({"customer_id": ["a"], "recency_days": [1], "frequency": [1], "monetary": [1.0]})
    assert clusters(rfm) is None
