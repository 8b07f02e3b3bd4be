"""Contracts: renewals instead of purchases, the contract's amount instead of spending."""

from datetime import date
from pathlib import Path

import numpy as np

from playbook.ltv.histories import Histories
from playbook.ltv.models.sbg import SBG
from playbook.tables.engine import Table

HERE = Path(__file__).parent
#: The length of a period where no contract says when it ends.
USUAL_DAYS = 365.0


class Renewals(SBG):
    """The shifted-beta-geometric with the interface of a model of purchases, for `contract_histories`."""

    def p_alive(self, frequency, recency, T) -> np.ndarray:
        """1 for a contract that runs, 0 for one that ended: here it is seen."""
        return np.where(np.asarray(T) > np.asarray(recency), 0.0, 1.0)

    def expected_if_alive(self, horizon: float, frequency, recency, T) -> np.ndarray:
        """Renewals expected within so many periods."""
        return self.predict(horizon, frequency)

    def sample(self, rng: np.random.Generator, horizon: float, frequency, recency, T) -> np.ndarray:
        """One possible future: renewals of each customer within so many periods."""
        return self.p_alive(frequency, recency, T) * super().sample(rng, horizon, frequency)


def contract_histories(contracts: Table, customers: Table, *, as_of: date) -> Histories:
    """One entry per customer with a contract begun up to `as_of`; times in periods, of the usual length of one."""
    tables = {"contracts": contracts, "customers": customers}
    frame = contracts.engine.run(HERE / "contracts.sql", params={"as_of": as_of}, **tables).df()
    frame = frame.sort_values("customer_id", ignore_index=True)
    periods, amount, ended = (frame[name].to_numpy(float) for name in ("periods", "amount", "ended"))
    dates = [frame[name].to_numpy("datetime64[D]") for name in ("first_on", "last_on")]
    days = frame.days[frame.days > 0].median()
    return Histories(
        frame.customer_id.to_numpy(object),
        *dates,
        frequency=periods - 1,
        recency=periods - 1,
        T=periods - 1 + ended,
        monetary=amount,
        first_value=amount,
        log_gaps=np.zeros(len(frame)),
        as_of=as_of,
        unit_days=float(days) if days == days else USUAL_DAYS,
        contractual=True,
    )
