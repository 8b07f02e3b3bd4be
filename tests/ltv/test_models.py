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
from sklearn.base import clone

from playbook.ltv import BGBB, BGNBD, MBGCNBD, SBG, FitError, GammaGamma, InputError, ParetoNBD
from playbook.ltv.models import mbg_cnbd_k
from playbook.ltv.models.estimation import unique_rows

BG = BGNBD().with_parameters(r=0.2426, alpha=4.4137, a=0.793, b=2.4262)
PARETO = ParetoNBD().with_parameters(r=0.553, alpha=10.578, s=0.606, beta=11.669)
REGULAR = MBGCNBD(k=3).with_parameters(r=0.8, alpha=1.5, a=0.9, b=3.0)
MODELS = [BG, PARETO, REGULAR]
ROWS = unique_rows((np.array([0, 1, 3, 12, 0]), np.array([0, 3, 20, 25, 0.0]), np.array([10, 30, 20, 26, 10.0])))

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
    nothing, some, more = (model.predict(h, *row)[0] for h in (0.0, horizon, 1.5 * horizon))
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
    model = MBGCNBD(k=1).with_parameters(r=r, alpha=alpha, a=a, b=b)
    assert model.expected_if_alive(t, [x], [20.0], [T])[0] == pytest.approx(closed, rel=1e-8)


def test_regular_buyers_expectation_is_the_mean_of_its_samples():
    rows = [np.full(200_000, value) for value in (6.0, 20.0, 22.0)]
    sampled = REGULAR.sample(np.random.default_rng(1), 30.0, *rows)
    expected = REGULAR.predict(30.0, [6], [20.0], [22.0])[0]
    assert sampled.mean() == pytest.approx(expected, abs=4 * sampled.std() / np.sqrt(len(sampled)))


@pytest.mark.parametrize("model", [BG, PARETO])
def test_draws_have_the_expected_mean(model):
    rows = [np.full(200_000, value) for value in (4.0, 20.0, 30.0)]
    sampled = model.sample(np.random.default_rng(2), 52.0, *rows)
    expected = model.predict(52.0, [4], [20.0], [30.0])[0]
    assert sampled.mean() == pytest.approx(expected, abs=4 * sampled.std() / np.sqrt(len(sampled)))


def test_bg_bb_expectation_is_eq_13():
    from scipy.special import gamma

    al, be, ga, de = 1.204, 0.750, 0.657, 2.783
    n, more = 6, 5
    bought = (al + n) / (al + be + n)  # x = t_x = n: alive at n, so the likelihood has one term
    ratio = gamma(1 + de + n) / gamma(ga + de + n) - gamma(1 + de + n + more) / gamma(ga + de + n + more)
    eq13 = bought * de / (ga - 1) * gamma(ga + de) / gamma(1 + de) * ratio
    eq13 /= gamma(ga + de) * gamma(de + n) / gamma(de) / gamma(ga + de + n)
    model = BGBB().with_parameters(alpha=al, beta=be, gamma=ga, delta=de)
    assert model.predict(more, [n], [n], [n])[0] == pytest.approx(eq13, rel=1e-9)


def test_residual_lifetime_is_the_discounted_sum_of_survival():
    model = SBG().with_parameters(alpha=0.668, beta=3.806)
    plain = sum(model.survival(4 + j) / model.survival(4) / 1.1 ** (j - 1) for j in range(1, 600))
    assert model.residual_lifetime(0.1, 4)[0] == pytest.approx(plain, rel=1e-9)


def test_gamma_gamma_expectation_lies_between_own_mean_and_that_of_all():
    model = GammaGamma().with_parameters(p=6.25, q=3.74, gamma=15.45)
    none, once, often = model.predict([0, 1, 50], [0.0, 80.0, 80.0])
    assert none == pytest.approx(model.mean) and model.mean < once < often < 80


def test_gamma_gamma_expectation_is_the_mean_over_scales():
    p, q, gamma = 6.25, 3.74, 15.45
    posterior = gamma_law(p * 3 + q, scale=1 / (gamma + 3 * 40.0))
    mean = quad(lambda nu: p / nu * posterior.pdf(nu), 0, 2)[0]
    assert GammaGamma().with_parameters(p=p, q=q, gamma=gamma).predict([3], [40.0])[0] == pytest.approx(mean, rel=1e-6)


SPENDING = unique_rows((np.array([1.0, 3, 9]), np.array([0.4, 2.0, 1.1])), [5, 2, 1])
DONORS = unique_rows((np.array([0, 2, 4]), np.array([0, 3, 6]), np.array([6, 6, 6])))
CONTRACTS = unique_rows((np.array([1, 0, 1]), np.array([1, 3, 4])))
LIKELIHOODS = {
    "bg_nbd": (BGNBD._likelihood, ROWS, [0.5, 3, 0.8, 2]),
    "pareto_nbd": (ParetoNBD._likelihood, ROWS, [0.5, 3, 0.8, 20]),
    "mbg_cnbd_3": (lambda values, rows: mbg_cnbd_k._likelihood(values, rows, 3), ROWS, [0.5, 3, 0.8, 2]),
    "bg_bb": (BGBB._likelihood, DONORS, [0.5, 3, 0.8, 2]),
    "sbg": (SBG._likelihood, CONTRACTS, [0.7, 3]),
    "gamma_gamma": (GammaGamma._likelihood, SPENDING, [0.5, 3, 0.8]),
}


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_analytic_gradients_are_those_of_the_likelihood(name):
    likelihood, rows, values = LIKELIHOODS[name]
    values = np.array(values, float)
    steps = 1e-5 * np.diag(values)
    slopes = [(likelihood(values + h, rows)[0] - likelihood(values - h, rows)[0]) / (2 * h.sum()) for h in steps]
    assert likelihood(values, rows)[1] == pytest.approx(slopes, rel=1e-6)


def test_bg_nbds_own_hessian_is_that_of_its_gradient():
    values = np.array([0.5, 3, 0.8, 2])
    steps = 1e-5 * np.diag(values)
    slopes = [
        (BGNBD._likelihood(values + h, ROWS)[1] - BGNBD._likelihood(values - h, ROWS)[1]) / (2 * h.sum()) for h in steps
    ]
    assert BGNBD._hessian(values, ROWS) == pytest.approx(np.array(slopes), rel=1e-5, abs=1e-7)


def test_the_order_and_the_grouping_of_customers_change_no_digit():
    rng = np.random.default_rng(3)
    x, t_x, T = simulated(rng, 2000)
    turned = rng.permutation(2000)
    plain, shuffled = BGNBD().fit(x, t_x, T), BGNBD().fit(x[turned], t_x[turned], T[turned])
    rows = unique_rows((x, t_x, T))
    assert plain.parameters_ == shuffled.parameters_ == BGNBD().fit(*rows.columns, rows.weights).parameters_


@pytest.mark.parametrize("model", [BGNBD(), ParetoNBD(), MBGCNBD(k=2)])
def test_the_unit_of_time_changes_the_scale_and_nothing_else(model):
    x, t_x, T = simulated(np.random.default_rng(4), 2000)
    gaps = even_gaps(x, t_x)
    in_weeks, in_days = ({"log_gaps": gaps}, {"log_gaps": gaps + x * np.log(7)}) if model.get_params() else ({}, {})
    weeks = model.fit(x, t_x, T, **in_weeks).p_alive(x, t_x, T)
    days = model.fit(x, 7 * t_x, 7 * T, **in_days).p_alive(x, 7 * t_x, 7 * T)
    assert days == pytest.approx(weeks, abs=1e-5)


def test_regularity_is_found():
    rng = np.random.default_rng(5)
    gaps = rng.gamma(4, 1 / rng.gamma(8, 1 / 8.0, (3000, 1)) / 4, (3000, 60)) * 3
    lived = rng.geometric(rng.beta(1, 9, 3000))
    times = np.cumsum(gaps, axis=1)
    x = np.minimum((times < 39).sum(axis=1), lived - 1)
    bought = np.arange(60) < x[:, None]
    t_x = np.where(x > 0, times[np.arange(3000), np.maximum(x - 1, 0)], 0.0)
    log_gaps = np.where(bought, np.log(gaps), 0).sum(axis=1)
    model = MBGCNBD().fit(x, t_x, np.full(3000, 39.0), log_gaps=log_gaps)
    assert model.k is None and model.k_ == 4


def test_parameters_survive_json():
    x, t_x, T = simulated(np.random.default_rng(6), 1000)
    fitted = MBGCNBD(k=2).fit(x, t_x, T, log_gaps=even_gaps(x, t_x))
    kept = json.loads(json.dumps(fitted.to_dict()))
    assert kept == fitted.to_dict() and isinstance(kept["parameters"]["r"], float)
    again = MBGCNBD(k=kept["k"]).with_parameters(**kept["parameters"])
    assert (again.p_alive(x, t_x, T) == fitted.p_alive(x, t_x, T)).all() and again.k_ == 2


@pytest.mark.parametrize("model", [BGNBD(), ParetoNBD(), MBGCNBD(k=1)])
def test_a_model_is_an_estimator_that_fits_the_same_again_from_a_clone(model):
    x, t_x, T = simulated(np.random.default_rng(4), 2000)
    again = clone(model).fit(x, t_x, T)
    assert again.get_params() == model.get_params() and not hasattr(model, "parameters_")
    assert clone(again).fit(x, t_x, T).parameters_ == again.parameters_


def test_regularity_needs_gaps_and_the_message_says_so():
    x, t_x, T = simulated(np.random.default_rng(6), 1000)
    for model in (MBGCNBD(k=2), MBGCNBD()):
        with pytest.raises(InputError, match="regularity is seen in the gaps: fit needs log_gaps"):
            model.fit(x, t_x, T)
    with pytest.raises(InputError, match="k is a whole number from 1 to 12"):
        MBGCNBD(k=0).fit(x, t_x, T)


@pytest.mark.parametrize(
    ("weights", "message"), [([1, np.nan], "must be numbers"), ([1, -1], "so 0 or more"), ([1], "one length")]
)
def test_weights_that_cannot_be_are_refused(weights, message):
    with pytest.raises(InputError, match=message):
        BGNBD().fit([1, 2], [1, 1], [4, 4], weights=weights)


@pytest.mark.parametrize("model", MODELS)
def test_a_negative_horizon_is_refused(model):
    with pytest.raises(InputError, match="a horizon is a time from now on"):
        model.predict(-1, [1], [1], [4])
    with pytest.raises(InputError, match="a horizon is a time from now on"):
        model.expected_purchases_new_customer([1, -1])


def test_occasions_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="row 1 has frequency=4, recency=3, n=6"):
        BGBB().fit([1, 4], [1, 3], [6, 6])


def test_intervals_shrink_with_the_root_of_the_customers():
    x, t_x, T = simulated(np.random.default_rng(7), 4000)
    once, four = BGNBD().fit(x, t_x, T), BGNBD().fit(x, t_x, T, weights=np.full(4000, 4.0))
    widths = [np.log(np.divide(*model.interval()["r"][::-1])) for model in (once, four)]
    assert widths[0] == pytest.approx(2 * widths[1], rel=1e-3)


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
    ("row", "message"),
    [
        (([1], [5.0], [4.0]), "must lie between 0 and T"),
        (([1], [0.0], [4.0]), "one purchase per customer and day"),
        (([1.5], [1.0], [4.0]), "counts repeat purchases"),
        (([np.nan], [1.0], [4.0]), "must be numbers"),
        (([1, 2], [1.0], [4.0]), "must be of one length"),
    ],
)
def test_histories_that_cannot_be_are_refused(row, message):
    with pytest.raises(InputError, match=message):
        BG.p_alive(*row)


def even_gaps(x, t_x):
    """The sum of the logarithms of the gaps of customers whose gaps are all alike."""
    return np.where(x > 0, x * np.log(np.maximum(t_x, 1e-9) / np.maximum(x, 1)), 0.0)


def simulated(rng, count, weeks=39):
    """Histories under known rates, gamma(.8, rate 4), and drop-out probabilities, beta(1, 4)."""
    T = rng.integers(weeks * 4, weeks * 7 + 1, count) / 7
    gaps = rng.exponential(size=(count, 200)) / rng.gamma(0.8, 1 / 4, (count, 1))
    times = np.cumsum(gaps, axis=1)
    x = np.minimum((times < T[:, None]).sum(axis=1), rng.geometric(rng.beta(1, 4, count)))
    last = np.where(x > 0, times[np.arange(count), np.maximum(x - 1, 0)], 0.0)
    return x, np.minimum(np.ceil(last * 7) / 7, T), T
