"""What a score is worth: the expected maximum profit of a campaign that keeps customers, and the profit by its reach.

Verbraken, Verbeke, Baesens (2013), A Novel Profit Maximizing Metric for Measuring Classification Performance of
Customer Churn Prediction Models, IEEE Transactions on Knowledge and Data Engineering 25(5), 961-973.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd


class Costs(NamedTuple):
    """Of would-be leavers who get an offer a share drawn from beta(alpha, beta) stays; `value` of one who stays,
    `incentive` for an offer, `contact` for each customer contacted, all three in one currency."""

    alpha: float = 6.0
    beta: float = 14.0
    value: float = 200.0
    incentive: float = 10.0
    contact: float = 1.0

    @property
    def acceptance(self) -> float:
        """The mean share that stays."""
        return self.alpha / (self.alpha + self.beta)


#: The defaults of the paper.
PUBLISHED = Costs()


def expected_maximum_profit(score, left, stayed, costs: Costs = PUBLISHED) -> tuple[float, float]:
    """EMPC, per customer, and the share of the customers contacted for it; `left` and `stayed` count by score.

    For every acceptance the best cut lies on the convex hull of the ROC curve; between two acceptances at which it
    moves along the hull the profit is linear in the acceptance, so that its mean under the beta distribution is exact.
    """
    from scipy.special import betainc

    f0, f1, churners, others = _hull(score, left, stayed)
    delta, phi = costs.incentive / costs.value, costs.contact / costs.value
    if delta >= 1:
        return 0.0, 0.0
    rise0, rise1 = np.diff(f0), np.diff(f1)
    with np.errstate(divide="ignore"):
        turns = (others * (delta + phi) * rise1 + churners * phi * rise0) / (churners * (1 - delta) * rise0)
    edges = np.concatenate([[0.0], np.minimum(turns, 1.0), [1.0]])
    a, b = costs.alpha, costs.beta
    chance = np.diff(betainc(a, b, edges))
    mean = np.diff(betainc(a + 1, b, edges)) * costs.acceptance
    gain = churners * (1 - delta) * f0 * mean
    cost = (phi * churners * f0 + (delta + phi) * others * f1) * chance
    reach = (churners * f0 + others * f1) * chance
    return float(costs.value * (gain - cost).sum()), float(reach.sum())


def profit_curve(score, left, stayed, costs: Costs) -> pd.DataFrame:
    """One row per share of customers contacted, the riskiest first, 0 to 1 by hundredths: share, profit per customer.

    At the mean acceptance; `profit` is over all customers, contacted or not.
    """
    order = np.argsort(np.asarray(score, float))[::-1]
    gone, kept = (np.concatenate([[0.0], np.cumsum(np.asarray(part, float)[order])]) for part in (left, stayed))
    total = gone[-1] + kept[-1]
    each = costs.acceptance * (costs.value - costs.incentive) - costs.contact
    profit = (gone * each - kept * (costs.incentive + costs.contact)) / total
    share = np.linspace(0, 1, 101)
    return pd.DataFrame({"share": share, "profit": np.interp(share, (gone + kept) / total, profit)})


def _hull(score, left, stayed):
    """The upper convex hull of the ROC curve: shares of leavers and stayers above each cut; and both classes' shares.

    Pooling neighbours whose rates are out of order is what isotonic regression does: its steps are the hull's sides.
    """
    from sklearn.isotonic import isotonic_regression

    order = np.argsort(np.asarray(score, float))
    left, stayed = (np.asarray(part, float)[order] for part in (left, stayed))
    n = left + stayed
    left, stayed, n = left[n > 0], stayed[n > 0], n[n > 0]
    rate = isotonic_regression(left / n, sample_weight=n)[::-1]
    side = np.concatenate([[0], np.cumsum(np.abs(np.diff(rate)) > 1e-12)])
    gone, kept = (np.bincount(side, part[::-1]) for part in (left, stayed))
    f0, f1 = (np.concatenate([[0.0], np.cumsum(part) / part.sum()]) for part in (gone, kept))
    churners = float(left.sum() / n.sum())
    return f0, f1, churners, 1 - churners
