"""Statistics against published figures and tables, and by properties that hold for every input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.stats import qini
from playbook.stats.balance import auc_interval, balance
from playbook.stats.bootstrap import bootstrap_weights
from playbook.stats.design import detectable_effect, power, sample_ratio_p, sample_size
from playbook.stats.effects import (
    heterogeneity_p,
    mean_difference,
    proportion_difference,
    stratified_difference,
    superiority,
)
from playbook.stats.multiplicity import benjamini_hochberg, holm
from playbook.stats.psi import decile_bins, psi
from playbook.stats.survival import kaplan_meier

# Published


@pytest.fixture(scope="module")
def hillstrom(public_data):
    rows = pd.read_csv(public_data / "hillstrom" / "hillstrom.csv")
    return {segment: rows[rows.segment == segment] for segment in rows.segment.unique()}


@pytest.mark.parametrize(("arm", "lift", "error"), [("Mens E-Mail", 0.7698, 0.1452), ("Womens E-Mail", 0.4244, 0.1303)])
def test_hillstroms_spend_lift_and_its_standard_error(hillstrom, arm, lift, error):
    difference = mean_difference(hillstrom[arm].spend, hillstrom["No E-Mail"].spend)
    assert (difference.effect, difference.error) == pytest.approx((lift, error), abs=1e-3)
    assert difference.low > 0


def test_hillstroms_three_arms_have_the_planned_sizes(hillstrom):
    sizes = [len(rows) for rows in hillstrom.values()]
    assert sorted(sizes) == [21306, 21307, 21387]
    assert sample_ratio_p(sizes) == pytest.approx(0.904, abs=0.001)


def test_the_published_sample_ratio_mismatches():
    assert sample_ratio_p([821_588, 815_482]) == pytest.approx(1.8e-6, rel=0.05)
    assert sample_ratio_p([4_072, 2_035], [0.8, 0.2]) == pytest.approx(2.402e-149, rel=0.01)


def test_newcombes_interval_of_56_in_70_against_48_in_80_is_the_published_one():
    difference = proportion_difference([1] * 56 + [0] * 14, [1] * 48 + [0] * 32)
    assert (difference.effect, difference.low, difference.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_the_size_of_a_test_is_the_tabulated_one():
    assert sample_size(0.10, 0.02).treated == 3841
    assert sample_size(0.05, 0.05).treated == 435
    assert detectable_effect(0.10, 3841, 3841) == pytest.approx(0.02, abs=1e-5)


def test_a_test_of_the_proposed_size_has_the_promised_power():
    for share in (0.1, 0.5, 0.8):
        size = sample_size(0.10, 0.02, control_share=share)
        assert power(0.10, 0.02, size.treated, size.control) == pytest.approx(0.8, abs=1e-3)


def test_the_survival_of_freireichs_patients_on_6_mercaptopurine_is_the_published_one():
    """Freireich et al. (1963), the textbook example: weeks in remission."""
    relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = kaplan_meier(relapsed + censored, [True] * len(relapsed) + [False] * len(censored))
    steps = curve[curve.events > 0].set_index("duration")
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert steps.survival.to_dict() == pytest.approx(published, abs=5e-4)
    assert steps.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]


def test_holms_and_benjamini_and_hochbergs_corrections_of_four():
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.02, 0.04, 0.04, 0.02])


def test_missing_p_values_stay_missing_and_do_not_count():
    assert np.isnan(holm([np.nan, 0.04])[0]) and holm([np.nan, 0.04])[1] == 0.04
    assert holm([]).tolist() == [] and np.isnan(holm([np.nan])).all()


# Effects


def test_where_nothing_varies_the_difference_is_certain_or_nothing():
    assert mean_difference([1, 1], [1, 1])[4:] == (0, 0, 0, 0, 1)
    assert mean_difference([2, 2], [1, 1])[4:] == (1, 0, 1, 1, 0)
    assert proportion_difference([0, 0, 0], [0, 0, 0]).p_value == 1


def test_an_arm_of_one_has_no_effect():
    with pytest.raises(ValueError, match="two rows in each group; found 1 and 2"):
        mean_difference([1], [1, 2])


def test_trials_are_compared_within_themselves_and_not_pooled():
    """In both trials the rates are equal; pooled, the treated would look better because most are in the better one."""
    high, low = ([1, 0] * 90, [1, 0] * 10), ([1, 0, 0, 0, 0] * 4, [1, 0, 0, 0, 0] * 36)
    assert stratified_difference([high, low]).effect == pytest.approx(0)
    pooled = proportion_difference(*(high[arm] + low[arm] for arm in (0, 1)))
    assert pooled.low > 0.1


def test_effects_differ_by_more_than_chance_or_not():
    assert heterogeneity_p([0.10, 0.30], [0.02, 0.02]) < 1e-6
    assert heterogeneity_p([0.10, 0.11], [0.02, 0.02]) > 0.5
    assert np.isnan(heterogeneity_p([0.1], [0.02])) and np.isnan(heterogeneity_p([0.1, 0.2], [0.02, 0.0]))


def test_superiority_counts_pairs_and_halves_ties():
    assert superiority([1, 2], [1, 2]).probability == 0.5
    assert superiority([3, 3], [1, 2]).probability == 1.0


# Randomised or not


def test_the_auc_of_equal_scores_is_a_half_and_of_perfect_ones_is_1():
    assert auc_interval(np.ones(20), np.arange(20) < 5)[0] == 0.5
    assert auc_interval(np.arange(20), np.arange(20) > 9)[0] == 1.0


def test_randomised_arms_are_called_targeted_as_rarely_as_said():
    """At 1 in 2,000 none of 30 draws should be; at 5 % one or two would."""
    rng = np.random.default_rng(3)
    features = pd.DataFrame(rng.lognormal(size=(200, 5)))
    p_values = [balance(features, rng.random(200) < 0.4).p_value for _ in range(30)]
    assert min(p_values) > 0.0005 and 0.3 < np.mean(p_values) < 0.7


# Stability


def test_a_moved_distribution_has_a_higher_index_than_one_that_did_not_move():
    rng = np.random.default_rng(1)
    bins = decile_bins(rng.normal(size=5000))
    assert psi(rng.normal(size=5000), bins) < 0.01 and psi(rng.normal(0.5, 1, 5000), bins) > 0.2


def test_two_bins_by_hand():
    assert psi(np.array([1, 1, 3, 3]), {"limits": [2], "shares": [0.75, 0.25]}) == pytest.approx(0.25 * np.log(3))


# Bootstrap and Qini


def test_a_draw_takes_all_rows_of_a_customer_or_none():
    customer = np.array([0, 0, 1, 2, 2])
    for weight in bootstrap_weights(customer, draws=20, seed=4):
        assert weight[0] == weight[1] and weight[3] == weight[4]
        assert weight[0] + weight[2] + weight[3] == 3


trials = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), min_size=4, max_size=40
).filter(lambda rows: 0 < sum(treated for _, treated, _ in rows) < len(rows))  # fmt: skip


def columns(rows):
    score, treated, came = (np.array(column) for column in zip(*rows, strict=True))
    return score.astype(float), qini.outcomes(treated, came.astype(float))


@given(trials)
def test_a_constant_score_has_a_qini_of_exactly_0(rows):
    score, outcomes = columns(rows)
    assert qini.qini_curve(np.ones(len(score)), outcomes).qini == 0.0


@given(trials, st.randoms())
def test_rows_of_equal_score_give_the_same_curve_in_any_order(rows, random):
    mixed = random.sample(rows, len(rows))
    first, second = (qini.qini_curve(*columns(order)) for order in (rows, mixed))
    assert np.allclose(first.share, second.share) and np.allclose(first.gain, second.gain)


@given(trials)
def test_the_curve_ends_at_the_average_effect_whatever_the_score(rows):
    score, outcomes = columns(rows)
    effect = outcomes.outcome[outcomes.treated].mean() - outcomes.outcome[~outcomes.treated].mean()
    assert qini.qini_curve(score, outcomes).gain[-1] == pytest.approx(effect)


def test_the_curve_of_four_customers_is_the_one_drawn_by_hand():
    """Best scored: a treated one who came and a control who did not; then a control who came and a treated one not."""
    curve = qini.qini_curve([2, 2, 1, 1], qini.outcomes([True, False, True, False], [1, 0, 0, 1]))
    assert curve.share.tolist() == [0, 0.5, 1] and curve.gain.tolist() == [0, 0.5, 0.0]
    assert (curve.auuc, curve.qini) == (0.25, 0.25)


def test_bootstrap_draws_do_not_change_and_cover_the_chance_of_a_useless_score():
    rng = np.random.default_rng(0)
    outcomes = qini.outcomes(rng.random(2000) < 0.5, rng.random(2000) < 0.2)
    score = rng.random(2000)
    assert qini.qini_score(score, outcomes) == qini.qini_score(score, outcomes)
    assert qini.qini_score(score, outcomes).qini_low < 0 < qini.qini_score(score, outcomes).qini_high
