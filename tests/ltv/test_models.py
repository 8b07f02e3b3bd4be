"""The models against oracles that are slow and plain, and what must hold for every history."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import hyp2f1
from scipy.stats import beta as beta_law
from scipy.stats import gamma as gamma_law

from playbook.ltv import gamma_gamma, mbg_cnbd_k, sbg
from playbook.ltv.bg_bb import BGBB
from playbook.ltv.bg_bb import _likelihood as bg_bb_likelihood
from playbook.ltv.bg_nbd import BGNBD
from playbook.ltv.gamma_gamma import GammaGamma
from playbook.ltv.likelihood import FitError
from playbook.ltv.mbg_cnbd_k import MBGCNBD
from playbook.ltv.pareto_nbd import ParetoNBD
from playbook.ltv.rows import InputError, unique_rows
from playbook.ltv.sbg import SBG

BG = BGNBD(r=0.2426, alpha=4.4137, a=0.793, b=2.4262)
PARETO = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669)
REGULAR = MBGCNBD(k=3, r=0.8, alpha=1.5, a=0.9, b=3.0)
MODELS = [BG, PARETO, REGULAR]
ROWS = unique_rows(np.array([0, 1, 3, 12, 0]), np.array([0, 3, 20, 25, 0.0]), np.array([10, 30, 20, 26, 10.0]))

history = st.tuples(st.integers(0, 1000), st.floats(0.01, 1), st.floats(0.5, 500)).map(
    lambda h: (h[0], h[1] * h[2] if h[0] else 0.0, h[2])
)


@settings(max_examples=60, deadline=None)
@given(history, st.sampled_from(MODELS))
def test_p_alive_is_a_probability(row, model):
    assert 0 <= model.p_alive(*([value] for value in row))[0] <= 1


@settings(max_examples=40, deadline=None)
@given(history, st.sampled_from(MODELS), st.floats(0.1, 100))
def test_expected_purchases_are_none_in_no_time_and_never_fall_with_the_horizon(row, model, horizon):
    row = [[value] for value in row]
    nothing, some, more = (model.expected_purchases(h, *row)[0] for h in (0.0, horizon, 1.5 * horizon))
    assert nothing == 0
    assert 0 <= some <= more * (1 + 1e-9) + 1e-12


def test_bg_nbd_expectation_is_the_mean_over_all_rates_and_drop_out_probabilities():
    r, alpha, a, b = BG.values
    x, T, t = 5, 30.0, 40.0

    def mean(p):
        return (1 - ((alpha + T) / (alpha + T + p * t)) ** (r + x)) / p * beta_law.pdf(p, a, b + x)

    assert BG.expected_if_alive(t, [x], [20.0], [T])[0] == pytest.approx(quad(mean, 0, 1)[0], rel=1e-7)


def test_pareto_nbd_p_alive_is_schmittleins_hypergeometric():
    r, alpha, s, beta = PARETO.values
    x, t_x, T = 4, 12.0, 39.0
    gap, low, total = beta - alpha, beta, r + s + x

    def part(t):
        return hyp2f1(total, r + x, total + 1, gap / (low + t)) / (low + t) ** total

    stopped = s / total * (part(t_x) - part(T)) * (alpha + T) ** (r + x) * (beta + T) ** s
    assert PARETO.p_alive([x], [t_x], [T])[0] == pytest.approx(1 / (1 + stopped), rel=1e-9)


def test_mbg_with_k_one_is_the_closed_form_of_mbg_nbd():
    r, alpha, a, b = 0.5, 6.0, 0.9, 1.6
    x, T, t = 3, 30.0, 20.0
    series = hyp2f1(r + x, b + x + 1, a + b + x, t / (alpha + T + t))
    closed = (a + b + x) / (a - 1) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * series)
    model = MBGCNBD(k=1, r=r, alpha=alpha, a=a, b=b)
    assert model.expected_if_alive(t, [x], [20.0], [T])[0] == pytest.approx(closed, rel=1e-8)


def test_regular_buyers_expectation_is_the_mean_of_its_draws():
    rows = [np.full(200_000, value) for value in (6.0, 20.0, 22.0)]
    drawn = REGULAR.draw(np.random.default_rng(1), 30.0, *rows)
    expected = REGULAR.expected_purchases(30.0, [6], [20.0], [22.0])[0]
    assert drawn.mean() == pytest.approx(expected, abs=4 * drawn.std() / np.sqrt(len(drawn)))


@pytest.mark.parametrize("model", [BG, PARETO])
def test_draws_have_the_expected_mean(model):
    rows = [np.full(200_000, value) for value in (4.0, 20.0, 30.0)]
    drawn = model.draw(np.random.default_rng(2), 52.0, *rows)
    expected = model.expected_purchases(52.0, [4], [20.0], [30.0])[0]
    assert drawn.mean() == pytest.approx(expected, abs=4 * drawn.std() / np.sqrt(len(drawn)))


def test_bg_bb_expectation_is_eq_13():
    from scipy.special import gamma

    al, be, ga, de = 1.204, 0.750, 0.657, 2.783
    n, more = 6, 5
    bought = (al + n) / (al + be + n)  # x = t_x = n: alive at n, so the likelihood has one term
    ratio = gamma(1 + de + n) / gamma(ga + de + n) - gamma(1 + de + n + more) / gamma(ga + de + n + more)
    eq13 = bought * de / (ga - 1) * gamma(ga + de) / gamma(1 + de) * ratio
    eq13 /= gamma(ga + de) * gamma(de + n) / gamma(de) / gamma(ga + de + n)
    model = BGBB(alpha=al, beta=be, gamma=ga, delta=de)
    assert model.expected_purchases(more, [n], [n], [n])[0] == pytest.approx(eq13, rel=1e-9)


def test_residual_lifetime_is_the_discounted_sum_of_survival():
    model = SBG(alpha=0.668, beta=3.806)
    plain = sum(model.survival(4 + j) / model.survival(4) / 1.1 ** (j - 1) for j in range(1, 600))
    assert model.residual_lifetime(0.1, 4)[0] == pytest.approx(plain, rel=1e-9)


def test_gamma_gamma_expectation_lies_between_own_mean_and_that_of_all():
    model = GammaGamma(p=6.25, q=3.74, gamma=15.45)
    found = model.expected_value([0, 1, 50], [0.0, 80.0, 80.0])
    assert found[0] == pytest.approx(model.mean) and model.mean < found[1] < found[2] < 80


def test_gamma_gamma_expectation_is_the_mean_over_scales():
    p, q, gamma = 6.25, 3.74, 15.45
    posterior = gamma_law(p * 3 + q, scale=1 / (gamma + 3 * 40.0))
    mean = quad(lambda nu: p / nu * posterior.pdf(nu), 0, 2)[0]
    assert GammaGamma(p=p, q=q, gamma=gamma).expected_value([3], [40.0])[0] == pytest.approx(mean, rel=1e-6)


SPENDING = gamma_gamma.Spending(np.array([1.0, 3, 9]), np.array([0.4, 2.0, 1.1]), np.array([5.0, 2, 1]))
DONORS = unique_rows(np.array([0, 2, 4]), np.array([0, 3, 6]), np.array([6, 6, 6]))
CONTRACTS = unique_rows(np.array([1, 0, 1]), np.zeros(3), np.array([1, 3, 4]))
LIKELIHOODS = {
    "bg_nbd": (BGNBD()._likelihood, BGNBD()._prepared(ROWS), [0.5, 3, 0.8, 2]),
    "pareto_nbd": (ParetoNBD()._likelihood, ROWS, [0.5, 3, 0.8, 20]),
    "mbg_cnbd_3": (lambda values, rows: mbg_cnbd_k._likelihood(values, rows, 3), ROWS, [0.5, 3, 0.8, 2]),
    "bg_bb": (bg_bb_likelihood, DONORS, [0.5, 3, 0.8, 2]),
    "sbg": (sbg._likelihood, CONTRACTS, [0.7, 3]),
    "gamma_gamma": (gamma_gamma._likelihood, SPENDING, [0.5, 3, 0.8]),
}


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_analytic_gradients_are_those_of_the_likelihood(name):
    likelihood, rows, values = LIKELIHOODS[name]
    values = np.array(values, float)
    steps = 1e-5 * np.diag(values)
    slopes = [(likelihood(values + h, rows)[0] - likelihood(values - h, rows)[0]) / (2 * h.sum()) for h in steps]
    assert likelihood(values, rows)[1] == pytest.approx(slopes, rel=1e-6)


def test_bg_nbds_own_curvature_is_that_of_its_gradient():
    model, rows, values = BGNBD(), BGNBD()._prepared(ROWS), np.array([0.5, 3, 0.8, 2])
    steps = 1e-5 * np.diag(values)
    slopes = [
        (model._likelihood(values + h, rows)[1] - model._likelihood(values - h, rows)[1]) / (2 * h.sum()) for h in steps
    ]
    assert model._curvature(values, rows) == pytest.approx(np.array(slopes), rel=1e-5, abs=1e-7)


def test_the_order_and_the_grouping_of_customers_change_no_digit():
    rng = np.random.default_rng(3)
    x, t_x, T = simulated(rng, 2000)
    turned = rng.permutation(2000)
    plain, shuffled = BGNBD().fit(x, t_x, T), BGNBD().fit(x[turned], t_x[turned], T[turned])
    rows = unique_rows(x, t_x, T)
    assert plain.parameters == shuffled.parameters == BGNBD().fit(*rows).parameters


@pytest.mark.parametrize("model", [BGNBD(), ParetoNBD(), MBGCNBD(k=2)])
def test_the_unit_of_time_changes_the_scale_and_nothing_else(model):
    x, t_x, T = simulated(np.random.default_rng(4), 2000)
    weeks = model.fit(x, t_x, T).p_alive(x, t_x, T)
    days = model.fit(x, 7 * t_x, 7 * T).p_alive(x, 7 * t_x, 7 * T)
    assert days == pytest.approx(weeks, abs=1e-5)


def test_regularity_is_found():
    rng = np.random.default_rng(5)
    gaps = rng.gamma(4, 1 / rng.gamma(8, 1 / 8.0, (3000, 1)) / 4, (3000, 60)) * 3
    lived = rng.geometric(rng.beta(1, 9, 3000))
    times = np.cumsum(gaps, axis=1)
    x = np.minimum((times < 39).sum(axis=1), lived - 1)
    seen = np.arange(60) < x[:, None]
    t_x = np.where(x > 0, times[np.arange(3000), np.maximum(x - 1, 0)], 0.0)
    model = MBGCNBD().fit(x, t_x, np.full(3000, 39.0), log_gaps=float(np.log(gaps[seen]).sum()))
    assert model.k == 4


def test_parameters_survive_json():
    x, t_x, T = simulated(np.random.default_rng(6), 1000)
    fitted = MBGCNBD(k=2).fit(x, t_x, T)
    again = MBGCNBD.from_json(fitted.to_json())
    assert again.to_dict() == fitted.to_dict() and again.k == 2
    assert isinstance(json.loads(fitted.to_json())["parameters"]["r"], float)


def test_standard_errors_shrink_with_the_root_of_the_customers():
    x, t_x, T = simulated(np.random.default_rng(7), 4000)
    once, four = BGNBD().fit(x, t_x, T), BGNBD().fit(x, t_x, T, weights=np.full(4000, 4.0))
    assert once.standard_errors["r"] == pytest.approx(2 * four.standard_errors["r"], rel=1e-3)


def test_one_time_buyers_alone_fit_nothing_and_the_message_says_so():
    with pytest.raises(FitError, match="nobody bought a second time"):
        BGNBD().fit([0] * 50, [0.0] * 50, np.arange(1, 51))


def test_one_customer_is_too_few():
    with pytest.raises(FitError, match="too few"):
        ParetoNBD().fit([3], [10.0], [20.0])


def test_customers_who_never_stop_are_told_to_take_a_simpler_model():
    rng = np.random.default_rng(8)
    x = 1 + rng.poisson(20 * rng.gamma(5, 0.2, 800))
    with pytest.raises(FitError, match="Take a longer history, or a simpler model"):
        BGNBD().fit(x, np.full(800, 39.0), np.full(800, 39.0))


def test_negative_mean_values_leave_too_few_for_gamma_gamma():
    with pytest.raises(FitError, match="only 0 of 20 customers have a repeat purchase of positive value"):
        GammaGamma().fit(np.ones(20), np.full(20, -5.0))


def test_a_contract_model_without_contracts_says_so():
    with pytest.raises(FitError, match="there are no contracts"):
        SBG().fit([], [])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (([1], [5.0], [4.0]), "must lie between 0 and T"),
        (([1], [0.0], [4.0]), "one purchase per customer and day"),
        (([1.5], [1.0], [4.0]), "counts repeat purchases"),
        (([np.nan], [1.0], [4.0]), "must be numbers"),
        (([1, 2], [1.0], [4.0]), "must be of one length"),
    ],
)
def test_histories_that_cannot_be_are_refused(row, said):
    with pytest.raises(InputError, match=said):
        BG.p_alive(*row)


def simulated(rng, count, weeks=39):
    """Histories under known rates, gamma(.8, rate 4), and drop-out probabilities, beta(1, 4)."""
    T = rng.integers(weeks * 4, weeks * 7 + 1, count) / 7
    gaps = rng.exponential(size=(count, 200)) / rng.gamma(0.8, 1 / 4, (count, 1))
    times = np.cumsum(gaps, axis=1)
    x = np.minimum((times < T[:, None]).sum(axis=1), rng.geometric(rng.beta(1, 4, count)))
    last = np.where(x > 0, times[np.arange(count), np.maximum(x - 1, 0)], 0.0)
    return x, np.minimum(np.ceil(last * 7) / 7, T), T
