"""Figures that were published about CDNOW and the donations, found again from the raw files."""

import numpy as np
import pytest

from playbook import ltv
from playbook.ltv import BGBB, BGNBD, SBG, GammaGamma, ParetoNBD

BEST = {"frequency": [26], "recency": [30.857], "T": [31]}


@pytest.fixture(scope="module")
def bg(cdnow):
    return BGNBD().fit(cdnow.x, cdnow.t_x, cdnow.T)


@pytest.fixture(scope="module")
def pareto(cdnow):
    return ParetoNBD().fit(cdnow.x, cdnow.t_x, cdnow.T)


@pytest.fixture(scope="module")
def gamma_gamma(cdnow):
    return GammaGamma().fit(cdnow.x, cdnow.value)


@pytest.fixture(scope="module")
def donors(donations):
    return BGBB().fit(donations.frequency, donations.recency, donations.periods, donations.weights)


def by_purchases(cdnow, values):
    group = np.minimum(cdnow.x, 7)
    return np.bincount(group, weights=values) / np.bincount(group)


def test_6919_rows_are_6696_purchases(purchases):
    assert len(purchases) == 6696


def test_customers_by_repeat_purchases(cdnow):
    assert np.bincount(np.minimum(cdnow.x, 7)).tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]


def test_bg_nbd_parameters(bg):
    assert bg.values == pytest.approx([0.2426, 4.4137, 0.7930, 2.4262], rel=1e-3)


def test_bg_nbd_log_likelihood(bg):
    assert bg.log_likelihood_ == pytest.approx(-9582.43, abs=0.05)


def test_pareto_nbd_parameters(pareto):
    assert pareto.values == pytest.approx([0.553, 10.578, 0.606, 11.669], rel=1e-3)


def test_pareto_nbd_log_likelihood(pareto):
    assert pareto.log_likelihood_ == pytest.approx(-9594.98, abs=0.05)


def test_purchases_of_a_new_customer_in_52_weeks(bg, pareto):
    assert [model.expected_purchases_new_customer(52)[0] for model in (bg, pareto)] == pytest.approx(
        [1.4440, 1.4734], abs=1e-3
    )


def test_purchases_of_the_best_customer_in_52_weeks(bg, pareto):
    expected = [model.predict(52, **BEST)[0] for model in (bg, pareto)]
    assert expected == pytest.approx([25.757, 25.456], abs=5e-3)


def test_the_best_customers_p_alive(bg, pareto):
    assert [model.p_alive(**BEST)[0] for model in (bg, pareto)] == pytest.approx([0.96885, 0.99787], abs=2e-4)


def test_conditional_expectation_over_39_weeks(bg):
    assert bg.predict(39, [2], [30.43], [38.86]) == pytest.approx([1.226], abs=1e-3)


def test_winning_back_is_worth_what_follows_a_return_not_what_is_expected_today(bg):
    lapsed = {"frequency": [5], "recency": [15], "T": [39]}
    expected = [bg.predict(39, **lapsed)[0], bg.expected_if_alive(39, **lapsed)[0]]
    assert expected == pytest.approx([0.40, 3.80], abs=0.005)


def test_holdout_total(cdnow):
    assert cdnow.holdout.sum() == 1882


def test_holdout_by_purchases(cdnow):
    published = [0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359]
    assert by_purchases(cdnow, cdnow.holdout) == pytest.approx(published, abs=1e-3)


def test_holdout_by_purchases_expected_by_bg_nbd(cdnow, bg):
    published = [0.225, 0.523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157]
    expected = by_purchases(cdnow, bg.predict(39, cdnow.x, cdnow.t_x, cdnow.T))
    assert expected == pytest.approx(published, abs=5e-3)


def test_holdout_by_purchases_expected_by_pareto_nbd(cdnow, pareto):
    published = [0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403]
    expected = by_purchases(cdnow, pareto.predict(39, cdnow.x, cdnow.t_x, cdnow.T))
    assert expected == pytest.approx(published, abs=5e-3)


def test_a_data_frame_of_transactions_gives_the_published_histories(purchases, cdnow):
    names = {"customer": "customer", "date": "day", "value": "value"}
    summary = ltv.summary(purchases, **names, period="W", as_of="1997-09-30")
    assert summary.columns.tolist() == ["frequency", "recency", "T", "monetary"]
    arrays = {"frequency": cdnow.x, "recency": cdnow.t_x, "T": cdnow.T, "monetary": cdnow.value}
    for name, array in arrays.items():
        assert summary[name].to_numpy() == pytest.approx(array, abs=1e-9), name
    model = BGNBD().fit(summary.frequency, summary.recency, summary["T"])
    assert model.values == pytest.approx([0.2426, 4.4137, 0.7930, 2.4262], rel=1e-3)


def test_gamma_gamma_parameters_of_946_repeat_buyers(cdnow, gamma_gamma):
    assert (cdnow.value > 0).sum() == 946
    assert gamma_gamma.values == pytest.approx([6.25, 3.74, 15.45], rel=0.01)


def test_gamma_gamma_log_likelihood(gamma_gamma):
    assert gamma_gamma.log_likelihood_ == pytest.approx(-4055.92, abs=0.05)


def test_correlation_of_frequency_and_value(cdnow):
    again = cdnow.x > 0
    but_one = again & (cdnow.value < cdnow.value.max())
    correlation = [np.corrcoef(cdnow.x[rows], cdnow.value[rows])[0, 1] for rows in (again, but_one)]
    assert correlation == pytest.approx([0.11, 0.06], abs=0.01)


def test_bg_bb_parameters_of_the_donations(donors):
    assert donors.values == pytest.approx([1.204, 0.750, 0.657, 2.783], rel=0.01)


def test_bg_bb_log_likelihood_of_the_donations(donors):
    assert donors.log_likelihood_ == pytest.approx(-33225.6, abs=0.1)


@pytest.mark.parametrize("x", [221, 254, 1000])
def test_p_alive_of_very_frequent_buyers(bg, pareto, x):
    for model in (bg, pareto):
        alive = model.p_alive([x] * 3, [30.8, 20.0, 0.1], [31, 31, 31])
        assert np.all((alive >= 0) & (alive <= 1)) and np.all(np.isfinite(alive))


@pytest.mark.parametrize(
    ("left", "parameters", "log_likelihood"),
    [
        ([1000, 631, 468, 382, 326, 289, 262, 241], [0.704, 1.182], -1680.27),
        ([1000, 869, 743, 653, 593, 551, 517, 491], [0.668, 3.806], -1611.16),
    ],
)
def test_retention_of_fader_and_hardies_two_segments(left, parameters, log_likelihood):
    periods = [*range(1, len(left)), len(left)]
    ended = [1] * (len(left) - 1) + [0]
    model = SBG().fit(periods, ended, [*-np.diff(left), left[-1]])
    assert model.values == pytest.approx(parameters, abs=1e-3)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=0.01)
