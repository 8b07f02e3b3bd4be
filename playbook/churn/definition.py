"""What leaving means here: silence or the end of a contract; and with it the features, the labels and the past days."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.features import (
    FeatureSpec,
    Tables,
    contract_features,
    contract_labels,
    feature_names,
    features,
    labels,
    origins_of,
    with_defaults,
)
from playbook.churn.features.contracts import CONTRACT_FEATURES
from playbook.churn.features.customer_features import KEYS, behaviour
from playbook.churn.features.p_alive import likeliest
from playbook.churn.features.point_in_time import READ
from playbook.churn.horizon import Horizon
from playbook.churn.model.risk_levels import at_risk
from playbook.churn.model.training import LABEL, enough
from playbook.report.message import Message

#: Customers that models learn from and are tested on, at each origin; more would only take longer.
MOST_CUSTOMERS = 25_000


class Definition(NamedTuple):
    """One business's meaning of leaving, on its tables up to `as_of`."""

    tables: Tables
    spec: FeatureSpec
    as_of: date
    contractual: bool
    grace_days: int
    lost_after_days: int | None
    most_origins: int

    @property
    def names(self) -> list[str]:
        """The features of this definition."""
        return [*feature_names(self.spec), *(CONTRACT_FEATURES if self.contractual else ())]

    @property
    def window_days(self) -> int:
        """Days after an origin that the data must cover for its label."""
        return self.spec.horizon_days + (self.grace_days if self.contractual else 0)

    def first_day(self) -> date | None:
        """The first day of a known customer's orders, or of contracts."""
        name, column = ("contracts", "started_on") if self.contractual else ("orders", "ordered_at")
        text = f"select cast(min({column}) as date) from t where customer_id is not null"
        return self.tables[name].engine.sql(text, t=self.tables[name]).scalar()

    def features(self, origins: Sequence[date]) -> pd.DataFrame:
        """One row per origin and customer that the definition speaks of."""
        make = contract_features if self.contractual else features
        return make(self.tables, origins=origins, spec=self.spec)

    def purchase_features(self, origins: Sequence[date]) -> pd.DataFrame:
        """One row per origin and customer who had bought by then, with a contract or not."""
        return features(self.tables, origins=origins, spec=self.spec)

    def labels(self, frame: pd.DataFrame) -> np.ndarray:
        """1 for who left within the horizon after the origin."""
        days = {"horizon_days": self.spec.horizon_days, "until": self.as_of}
        if self.contractual:
            return contract_labels(self.tables, frame, grace_days=self.grace_days, **days)
        return labels(self.tables, frame, **days)

    def outcome(self, origin: date, horizon_days: int, customer_ids: list[str]) -> np.ndarray:
        """1 for each of these customers who left within so many days after `origin`."""
        asked = pd.DataFrame({"origin": pd.Timestamp(origin), "customer_id": customer_ids})
        return self._replace(spec=self.spec._replace(horizon_days=horizon_days)).labels(asked)

    def sample(self, most: int = MOST_CUSTOMERS) -> "Definition":
        """The same for at most `most` customers or so, chosen by a hash of their ids: always the same ones."""
        orders = self.tables["orders"]
        count = """select count(*) from (select distinct customer_id from t
            where customer_id is not null and cast(ordered_at as date) <= $as_of)"""
        total = orders.engine.sql(count, params={"as_of": self.as_of}, t=orders).scalar()
        if self.contractual or total <= most:
            return self
        # one in so many, by powers of two of a hash of 16 bits, so that some more customers choose the same ones
        limit = {"limit": f"{16**4 >> min((total // most).bit_length(), 15):04x}"}
        text = "select * from t where substring(md5(customer_id), 1, 4) < $limit"
        kept = {
            name: orders.engine.sql(text, params=limit, t=self.tables[name]).materialise()
            for name in ("orders", "events", "feedback")
        }
        return self._replace(tables=self.tables | kept)


class History(NamedTuple):
    """Customers at risk on past days and today, in the features of `definition`; nothing is learnt from it yet.

    `definition` with the model of purchases behind P(alive) fixed; `origins`: the past days, the last one to test on;
    `frame`: origin, customer_id, features, `left`; `today`: the same without `left`; `problem` says what is missing for
    a model, and both are empty then.
    """

    definition: Definition
    origins: list[date]
    frame: pd.DataFrame
    today: pd.DataFrame
    problem: Message | None

    @property
    def train(self) -> pd.DataFrame:
        """The rows before the last origin."""
        return self.frame[self.frame.origin < pd.Timestamp(self.origins[-1])]

    @property
    def test(self) -> pd.DataFrame:
        """The rows of the last origin, which the models compared have not seen."""
        return self.frame[self.frame.origin == pd.Timestamp(self.origins[-1])]


def define(run) -> Definition:
    """As the profile of a run says."""
    profile, churn = run.profile, run.profile.churn
    tables = with_defaults({name: run.table(name) for name in READ}, ends_agreed=churn.ends_agreed)
    spec = FeatureSpec(tuple(churn.windows), churn.service_event, churn.horizon_days, profile.ltv.unit)
    contractual = profile.relationship == "contractual"
    lost = None if contractual else profile.rfm.lost_after_days
    return Definition(tables, spec, run.as_of, contractual, churn.grace_days, lost, churn.origins)


def history(definition: Definition, horizon: Horizon) -> History:
    """Features and outcomes of the customers at risk on past days one horizon apart, and their features today."""
    first, empty = definition.first_day(), pd.DataFrame(columns=[*KEYS, LABEL])
    days = {"horizon_days": definition.window_days, "most": definition.most_origins}
    origins = origins_of(first, definition.as_of, **days) if first else []
    if problem := _missing(definition, horizon, first, origins):
        return History(definition, origins, empty, empty, problem)
    some = definition.sample()
    bought = behaviour(some.tables, origins=origins[:1], spec=some.spec).df().sort_values(list(KEYS), ignore_index=True)
    spec = some.spec._replace(model=likeliest(bought, some.spec))
    some, definition = some._replace(spec=spec), definition._replace(spec=spec)
    frame = at_risk(some.features(origins), definition.lost_after_days)
    frame[LABEL] = some.labels(frame)
    today = at_risk(definition.features([definition.as_of]), definition.lost_after_days)
    past = History(definition, origins, frame, today, None)
    problem = _too_little(past) or (_problem("nobody", definition) if today.empty else None)
    return past._replace(problem=problem, today=empty if problem else today)


def _missing(definition: Definition, horizon: Horizon, first: date | None, origins: list[date]) -> Message | None:
    """What is missing before anything is learnt."""
    gaps = horizon.gaps
    if definition.contractual and definition.tables["contracts"].count() == 0:
        return _problem("no_contracts", definition)
    if not definition.contractual and gaps.empty:
        return _problem("nobody", definition)
    if not definition.contractual and gaps.returned.sum() == 0:
        return _problem("no_repeat", definition, customers=int(gaps.open.sum()))
    if len(origins) < 2:
        covered = (definition.as_of - first).days + 1 if first else 0
        return _problem("not_covered", definition, days=covered, needed=3 * definition.window_days)
    return None


def _too_little(past: History) -> Message | None:
    """Whether there is too little to learn from before the last origin, or to test on at it."""
    for part in (past.train, past.test):
        left, customers = int(part[LABEL].sum()), part.customer_id.nunique()
        if len(part) and left in (0, len(part)):
            return _problem(f"one_class.{'left' if left else 'stayed'}", past.definition, customers=customers)
        if not enough(part[LABEL]):
            return _problem("too_few", past.definition, customers=customers, left=left)
    return None


def _problem(code: str, definition: Definition, **values) -> Message:
    return Message(f"churn.problem.{code}", values | {"horizon": definition.spec.horizon_days}, 0)
