"""The review: drift is measured, nothing moves by itself, and accepting leaves a dated reason."""

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from playbook.cli import app
from playbook.profile.models import Rfm
from playbook.rfm import messages, review
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


def test_limits_that_the_profile_sets_are_no_part_of_a_proposal(engine, summary, cuts, retail):
    own = {"frequency": (1, 2, 4, 8)}
    mine = retail.model_copy(update={"rfm": Rfm(cuts=own)})
    held = fresh_cuts(summary, mine.rfm, as_of=AS_OF)
    found = review.propose(base(engine, seed=5, spend=3), held, mine, as_of=AS_OF)
    assert found.cuts.frequency == own["frequency"] and found.partly
    assert [line.split(":")[0] for line in review.changes(held, found.cuts)] == ["recency_days", "monetary"]
    assert messages.proposed(found).key == "rfm.proposal.partly"


def state_of(tmp_path, now, proposal, **more):
    """A data folder, and a published run of it that holds cuts and has proposed others."""
    (tmp_path / "sources.yml").write_text("name: shop\n", encoding="utf-8")
    state = tmp_path / "runs" / "shop" / "latest" / "state"
    state.mkdir(parents=True)
    (state / "rfm_cuts.json").write_text(json.dumps(now.record()), encoding="utf-8")
    (state / "rfm_proposal.json").write_text(json.dumps(proposal.record() | more), encoding="utf-8")
    return CliRunner(), ["accept", str(tmp_path), "--reason", "prices rose", "--out", str(tmp_path / "runs")]


def test_accepting_prints_old_and_new_limits_and_what_the_profile_sets(cuts, tmp_path):
    newer = cuts._replace(monetary=(Decimal(10), Decimal(20), Decimal("30.5"), Decimal(1200)))
    runner, asked = state_of(tmp_path, cuts, newer, set_by_profile=["frequency"])
    said = runner.invoke(app, asked)
    assert "-> 10, 20, 30.5, 1,200" in said.output and "frequency: set by the profile" in said.output
    assert decided(tmp_path, until=AS_OF).monetary == newer.monetary


def test_where_nothing_new_is_proposed_accepting_says_so_and_writes_nothing(cuts, tmp_path):
    runner, asked = state_of(tmp_path, cuts, cuts)
    said = runner.invoke(app, asked)
    assert (said.exit_code, "nothing to accept" in said.output) == (0, True)
    assert not (tmp_path / "decisions").exists()


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
    assert found.groupby(np.repeat(["often", "rarely"], 200)).nunique().tolist() == [1, 1]
    assert found["c000"] == 0


def test_too_few_buyers_have_no_clusters():
    rfm = pd.DataFrame({"customer_id": ["a"], "recency_days": [1], "frequency": [1], "monetary": [1.0]})
    assert clusters(rfm) is None


CROSSED = pd.DataFrame({0: [60, 90, 50], 1: [0, 10, 50]}, index=["high_value", "potential", "regular"])


def test_a_tier_inside_a_larger_group_is_a_line_drawn_by_the_rules_alone():
    found = messages.grouped(CROSSED, "high_value")
    assert (found.key, found.values["agreement"], found.values["purity"]) == ("rfm.clusters.wider", 1, 0.3)
    assert messages.grouped(CROSSED, "regular").key == "rfm.clusters.no"
    assert messages.grouped(CROSSED.loc[["high_value"]], "high_value").key == "rfm.clusters.yes"


def test_the_tier_that_behaviour_splits_most_is_named():
    found = messages.divided(CROSSED)
    assert (found.values["tier"], found.n) == ("regular", 100)
    assert messages.divided(CROSSED.loc[["high_value", "potential"]]) is None


def test_the_tier_most_mixed_in_its_stages_is_named_and_small_tiers_are_not():
    rfm = pd.DataFrame({"tier": ["a"] * 40 + ["b"] * 40 + ["c"] * 4,
                        "lifecycle": ["active"] * 65 + ["dormant"] * 15 + ["active", "dormant"] * 2})  # fmt: skip
    found = messages.staged(rfm).values
    assert (found["tier"], found["stage"], found["share"], found["second_share"]) == ("b", "active", 0.625, 0.375)


def test_a_festival_is_spoken_of_only_where_it_moved():
    months = pd.DataFrame({"month": [date(2026, 2, 1), date(2026, 11, 1)], "season": ["spring_festival", "double_11"],
                           "plain_change": [0.7, 0.2], "aligned_change": [0.3, 0.2]})  # fmt: skip
    assert messages.calendar(months).values["month"] == date(2026, 2, 1)
    assert messages.calendar(months.tail(1)).key == "rfm.calendar.same"
    assert messages.calendar(months.assign(season=None)).key == "rfm.calendar.plain"


def test_recut_limits_tell_another_story_where_a_tiers_change_differs():
    shares = pd.DataFrame({"as_of": [date(2026, 5, 31), AS_OF], "tier": "a", "frozen": [0.2, 0.1]})
    assert messages.recut(shares.assign(recut=[0.2, 0.2]), "a").key == "rfm.recut"
    assert messages.recut(shares.assign(recut=[0.205, 0.1]), "a").key == "rfm.recut.same"


@pytest.mark.parametrize(
    ("verdict", "key"), [("stable", "rfm.drift.none"), ("watch", "rfm.drift.watch"), ("act", "rfm.drift")]
)
def test_a_review_is_called_for_only_where_the_verdict_asks_for_one(verdict, key):
    drift = pd.DataFrame({"measure": ["monetary"], "psi": [0.2], "verdict": [verdict]})
    assert messages.drifted(drift, day=AS_OF, n=9).key == key


def test_limits_of_the_profile_are_not_said_to_be_computed(cuts):
    assert messages.first_review(cuts).key == "rfm.review.first"
    assert messages.first_review(cuts._replace(origin="profile")).key == "rfm.review.first.profile"
