"""What leaving means here: silence or the end of a contract; and with it the features, the labels and the days."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.alive import likeliest
from playbook.churn.contracts import NAMES, contract_features, contract_labels
from playbook.churn.features import behaviour, features, names_of
from playbook.churn.label import labels, origins_of
from playbook.churn.sight import Sight, Tables, sight_of, tables_of


class Definition(NamedTuple):
    """One business's meaning of leaving, on its tables up to `as_of`."""

    tables: Tables
    sight: Sight
    as_of: date
    contractual: bool
    grace_days: int
    lost_after_days: int | None
    most_origins: int

    @property
    def names(self) -> list[str]:
        """The features of this definition."""
        return [*names_of(self.sight), *(NAMES if self.contractual else ())]

    @property
    def window_days(self) -> int:
        """Days after an origin that the data must cover for its label."""
        return self.sight.horizon_days + (self.grace_days if self.contractual else 0)

    def first_day(self) -> date | None:
        """The first day of a known customer's orders, or of contracts."""
        name, column = ("contracts", "started_on") if self.contractual else ("orders", "ordered_at")
        text = f"select cast(min({column}) as date) from t where customer_id is not null"
        return self.tables[name].engine.sql(text, t=self.tables[name]).scalar()

    def origins(self) -> list[date]:
        """The days that are learnt from, the last one to test on; none where the data do not cover two."""
        first = self.first_day()
        days = {"horizon_days": self.window_days, "most": self.most_origins}
        return origins_of(first, self.as_of, **days) if first else []

    def coverage(self) -> dict:
        """How many days there are, and how many two origins need."""
        first = self.first_day()
        return {"days": (self.as_of - first).days + 1 if first else 0, "needed": 3 * self.window_days}

    def features(self, origins: Sequence[date]) -> pd.DataFrame:
        """One row per origin and customer that the definition speaks of."""
        make = contract_features if self.contractual else features
        return make(self.tables, origins=origins, sight=self.sight)

    def labels(self, frame: pd.DataFrame) -> np.ndarray:
        """1 for who left within the horizon after the origin."""
        days = {"horizon_days": self.sight.horizon_days, "until": self.as_of}
        if self.contractual:
            return contract_labels(self.tables, frame, grace_days=self.grace_days, **days)
        return labels(self.tables, frame, **days)

    def outcome(self, origin: date, horizon_days: int, customer_ids: list[str]) -> np.ndarray:
        """1 for each of these customers who left within so many days after `origin`."""
        asked = pd.DataFrame({"origin": pd.Timestamp(origin), "customer_id": customer_ids})
        return self._replace(sight=self.sight._replace(horizon_days=horizon_days)).labels(asked)

    def holders(self) -> set[str]:
        """Customers who have or had a contract."""
        text = "select distinct customer_id from c where customer_id is not null and started_on <= $as_of"
        contracts = self.tables["contracts"]
        found = contracts.engine.sql(text, params={"as_of": self.as_of}, c=contracts).rows()
        return {key for (key,) in found}

    def some(self, most: int) -> "Definition":
        """The same for at most `most` customers or so, chosen by a hash of their ids: always the same ones."""
        orders = self.tables["orders"]
        total = orders.engine.sql(_COUNT, params={"as_of": self.as_of}, t=orders).scalar()
        if self.contractual or total <= most:
            return self
        return self._replace(tables=_sampled(self.tables, total // most))

    def with_model(self, origin: date) -> "Definition":
        """With the model of purchases that is the likeliest at an origin: the first, before all that is predicted."""
        seen = behaviour(self.tables, origins=[origin], sight=self.sight)
        return self._replace(sight=self.sight._replace(model=likeliest(seen, self.sight)))


def define(run) -> Definition:
    """As the profile of a run says."""
    profile, tables = run.profile, tables_of(run)
    contractual = profile.relationship == "contractual"
    lost = None if contractual else profile.rfm.lost_after_days
    churn = profile.churn
    return Definition(tables, sight_of(profile), run.as_of, contractual, churn.grace_days, lost, churn.origins)


_COUNT = """select count(*) from (select distinct customer_id from t
    where customer_id is not null and cast(ordered_at as date) <= $as_of)"""
#: Sixteen bits of a hash.
_PARTS = 16**4


def _sampled(tables: Tables, times: int) -> Tables:
    """About one in `times` customers, by powers of two, so that some more customers choose the same ones."""
    limit = f"{_PARTS >> min(times.bit_length(), 15):04x}"
    engine, kept = tables["orders"].engine, dict(tables)
    for name in ("orders", "events", "feedback"):
        text = "select * from t where substring(md5(customer_id), 1, 4) < $limit"
        kept[name] = engine.sql(text, params={"limit": limit}, t=tables[name]).materialise()
    return kept
