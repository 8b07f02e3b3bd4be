"""BG/NBD: Poisson buying with gamma rates; after each purchase a customer stops with a beta-distributed probability.

Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2), 275-284. Equation numbers
are the paper's; P(alive) is from Fader, Hardie, Lee (2008), Computing P(alive) Using the BG/NBD Model.
"""

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln, hyp2f1, zeta

from playbook.ltv.models.base import BuyTillYouDie
from playbook.ltv.models.estimation import by_unique, histories, horizons


class BGNBD(BuyTillYouDie):
    """BG/NBD with rates gamma(r, alpha) and drop-out probabilities beta(a, b). One-time buyers have P(alive) 1.

    >>> customers = {"frequency": [0, 1, 2, 5, 1], "recency": [0, 9, 20, 31, 30], "T": [39, 39, 38, 35, 36]}
    >>> model = BGNBD().fit(**customers, weights=[60, 20, 9, 6, 5])
    >>> {name: round(value, 2) for name, value in model.parameters_.items()}
    {'r': 0.43, 'alpha': 16.76, 'a': 0.13, 'b': 0.22}
    >>> model.predict(52, **customers).round(1)  # purchases in the next 52 weeks
    array([0.3, 0.4, 1.7, 4.9, 0.8])
    """

    key = "bg_nbd"
    names = ("r", "alpha", "a", "b")
    timed = ("alpha",)
    starts = ((1, 1, 1, 1), (0.25, 0.15, 0.8, 2.5), (1, 0.2, 0.2, 2), (3, 0.5, 1, 10))

    def expected_purchases_new_customer(self, horizon) -> np.ndarray:
        """E[X(t)], eq. (9)."""
        t = horizons(horizon)
        return self._bracket(t, np.zeros_like(t), np.zeros_like(t))

    def sample(self, rng, horizon, frequency, recency, T) -> np.ndarray:
        """Alive with P(alive); then purchases come at a rate, until the one after which the customer stops."""
        r, alpha, a, b = self.values
        x, t_x, T = histories(frequency, recency, T)
        alive = rng.random(len(x)) < self._p_alive(x, t_x, T)
        purchases = rng.poisson(rng.gamma(r + x) / (alpha + T) * horizon)
        last = rng.geometric(np.maximum(rng.beta(a, b + x), 1e-12))
        return np.where(alive, np.minimum(purchases, last), 0)

    def _p_alive(self, x, t_x, T):
        return np.where(x > 0, expit(-_log_odds(self.values, np.maximum(x, 1), t_x, T)), 1.0)

    def _expected_if_alive(self, horizon, x, t_x, T):
        return by_unique(lambda x, T: self._bracket(horizon, x, T), x, T)

    def _bracket(self, t, x, T):
        """The numerator of eq. (10); with x = 0 and T = 0, eq. (9).

        Euler's transformation 2F1(A, B; C; z) = (1-z)^(C-A-B) 2F1(C-A, C-B; C; z) leaves a series whose first two
        arguments do not grow with x, so that a thousand purchases are no harder than two.
        """
        r, alpha, a, b = self.values
        a = a + 1e-7 if abs(a - 1) < 1e-7 else a
        c, z = a + b + x - 1, t / (alpha + T + t)
        series = hyp2f1(a + b - 1 - r, a - 1, c, z)
        return np.maximum(c / (a - 1) * (1 - (1 - z) ** (a - 1) * series), 0.0)

    @staticmethod
    def _likelihood(values, rows):
        """The logarithm of eq. (6) in three parts, each with its gradient."""
        r, alpha, a, b = values
        x, count = rows.counts  # what depends on x alone
        total, ends, start = count.sum(), digamma(a + b + x), digamma(a + b)
        value = count @ (gammaln(r + x) + betaln(a, b + x)) + total * (r * np.log(alpha) - gammaln(r) - betaln(a, b))
        slope_r = count @ digamma(r + x) + total * (np.log(alpha) - digamma(r))
        slope_b = count @ (digamma(b + x) - ends) + total * (start - digamma(b))
        gradient = np.array([slope_r, total * r / alpha, total * start - count @ ends, slope_b])

        (x, _, T), w = rows.columns, rows.weights  # (alpha+T)^-(r+x), taken out of both terms
        rate = alpha + T
        logs = np.log(rate)
        value -= w @ ((r + x) * logs)
        gradient -= [w @ logs, w @ ((r + x) / rate), 0, 0]

        (x, t_x, T), w = rows.repeaters.columns, rows.repeaters.weights  # 1 + odds of having stopped
        log_odds = _log_odds(values, x, t_x, T)
        value += w @ np.logaddexp(0, log_odds)
        return value, gradient + _odds_slopes(values, x, t_x, T) @ (w * expit(log_odds))

    @staticmethod
    def _hessian(values, rows):
        """The second derivatives of the same three parts; zeta(2, .) is the trigamma function."""
        r, alpha, a, b = values
        x, count = rows.counts
        total, hessian = count.sum(), np.zeros((4, 4))
        hessian[0, 0] = count @ zeta(2, r + x) - total * zeta(2, r)
        hessian[0, 1] = total / alpha
        hessian[1, 1] = -total * r / alpha**2
        hessian[2:, 2:] = total * zeta(2, a + b) - count @ zeta(2, a + b + x)
        hessian[3, 3] += count @ zeta(2, b + x) - total * zeta(2, b)

        (x, _, T), w = rows.columns, rows.weights
        hessian[0, 1] -= w @ (1 / (alpha + T))
        hessian[1, 1] += w @ ((r + x) / (alpha + T) ** 2)

        (x, t_x, T), w = rows.repeaters.columns, rows.repeaters.weights  # of log(1 + e^odds), by the chain rule
        stopped, slopes = expit(_log_odds(values, x, t_x, T)), _odds_slopes(values, x, t_x, T)
        before, now = 1 / (alpha + t_x), 1 / (alpha + T)
        w = w * stopped
        hessian[0, 1] += w @ (now - before)
        hessian[1, 1] += w @ ((r + x) * (before**2 - now**2))
        hessian[2, 2] -= w.sum() / a**2
        hessian[3, 3] += w @ (1 / (b + x - 1) ** 2)
        hessian[1, 0] = hessian[0, 1]
        return hessian + (slopes * (w * (1 - stopped))) @ slopes.T


def _log_odds(values, x, t_x, T):
    """The log of the odds that a repeater has stopped: (a / (b+x-1)) ((alpha+T) / (alpha+t_x))^(r+x), for x > 0."""
    r, alpha, a, b = values
    return np.log(a / (b + x - 1)) + (r + x) * np.log((alpha + T) / (alpha + t_x))


def _odds_slopes(values, x, t_x, T):
    """Derivatives of the log odds by each parameter, shape (4, rows)."""
    r, alpha, a, b = values
    by_alpha = (r + x) * (1 / (alpha + T) - 1 / (alpha + t_x))
    return np.array([np.log((alpha + T) / (alpha + t_x)), by_alpha, np.full(len(x), 1 / a), -1 / (b + x - 1)])
