"""Contracts: renewals instead of purchases, the contract's amount instead of spending."""

from pathlib import Path
from typing import Self

import numpy as np

from playbook.ltv.choice import Choice
from playbook.ltv.inputs import Inputs
from playbook.ltv.likelihood import FitError
from playbook.ltv.sbg import SBG

HERE = Path(__file__).parent
#: The length of a period where no contract says when it ends.
USUAL_DAYS = 365.0


class Renewals(SBG):
    """The shifted-beta-geometric read as a model of purchases: x renewals made; T beyond t_x says that it ended."""

    def fit_inputs(self, found: Inputs) -> Self:
        """Fit to contracts as `contract_inputs` gives them."""
        return self.fit(found.x + 1, found.t_x < found.T)

    def p_alive(self, x, t_x, T) -> np.ndarray:
        """1 for a contract that runs, 0 for one that ended: here it is seen."""
        return np.where(np.asarray(T) > np.asarray(t_x), 0.0, 1.0)

    def expected_if_alive(self, horizon: float, x, t_x, T) -> np.ndarray:
        """Renewals expected within so many periods; of a part of a period, that part."""
        x, whole = np.asarray(x, float), int(np.floor(horizon))
        ahead = [self.survival(x + n) / self.survival(x) for n in range(1, whole + 2)]
        return sum(ahead[:whole], np.zeros(len(x))) + (horizon - whole) * ahead[whole]

    def expected_of_new(self, horizon) -> np.ndarray:
        """The same for a first contract."""
        zero = np.zeros(1)
        return np.array([self.expected_if_alive(h, zero, zero, zero)[0] for h in np.atleast_1d(horizon)])

    def draw(self, rng: np.random.Generator, horizon: float, x, t_x, T) -> np.ndarray:
        """One possible future; whether the last, partial period brings a renewal is drawn by its part."""
        periods = np.floor(horizon + rng.random(len(x)))
        leaving = np.maximum(rng.beta(self.values[0], self.values[1] + x), 1e-12)
        return self.p_alive(x, t_x, T) * np.minimum(rng.geometric(leaving) - 1, periods)


class ContractAmounts:
    """Each contract's own amount."""

    key = "contract_amount"

    def expected_value(self, x, mean_value) -> np.ndarray:
        """The amount of the last period."""
        return np.asarray(mean_value, float)

    def draw(self, rng, purchases, x, mean_value) -> np.ndarray:
        """So many renewals at that amount."""
        return np.asarray(purchases) * mean_value

    def resampled(self, rng) -> Self:
        """Itself: amounts are known."""
        return self

    def to_dict(self) -> dict:
        """No parameters."""
        return {"model": self.key, "parameters": {}}


def contract_inputs(run) -> Inputs:
    """One entry per customer with a contract; times in periods."""
    tables = {"contracts": run.table("contracts"), "customers": run.table("customers")}
    frame = run.engine.run(HERE / "contracts.sql", params={"as_of": run.as_of}, **tables).df()
    frame = frame.sort_values("customer_id", ignore_index=True)
    made, amount, ended = (frame[name].to_numpy(float) for name in ("periods", "amount", "ended"))
    days = frame.days[frame.days > 0].median()
    dates = [frame[name].to_numpy("datetime64[D]") for name in ("first_on", "last_on")]
    unit = float(days) if days == days else USUAL_DAYS
    numbers = (made - 1, made - 1, made - 1 + ended, amount, amount, np.zeros(len(frame)))
    return Inputs(frame.customer_id.to_numpy(object), *dates, *numbers, run.as_of, unit)


def choose_contracts(found: Inputs) -> Choice:
    """The contract model, or the words on why not."""
    try:
        return Choice(Renewals().fit_inputs(found), ContractAmounts(), "profile", [], {})
    except FitError as error:
        return Choice(None, ContractAmounts(), "none", [], {"sbg": error.code})
