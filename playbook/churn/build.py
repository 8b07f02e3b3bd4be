"""The whole room in a row: from orders and contracts to every customer's risk of leaving."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.churn.comparison import Comparison, compare
from playbook.churn.definition import Definition, define
from playbook.churn.drift import Drift, drift, kept_scores, spread
from playbook.churn.features import KEYS
from playbook.churn.horizon import Horizon, horizon
from playbook.churn.learning import LABEL, Learned, enough, learn
from playbook.churn.levels import at_risk, risk_levels
from playbook.churn.profit import Costs
from playbook.churn.signals import ordinary, signals

#: Customers that models learn from and are tested on, at each origin; more would only take longer.
MOST_CUSTOMERS = 25_000


class Problem(NamedTuple):
    """Why there are no probabilities: a code of `text/` and its values."""

    code: str
    values: dict


class Room(NamedTuple):
    """Everything that the steps of the room find, for the notebook. See `explore`."""

    definition: Definition
    horizon: Horizon
    origins: list[date]
    frame: pd.DataFrame
    problem: Problem | None
    costs: Costs | None
    comparison: Comparison | None
    learned: dict[str, Learned]
    scored: pd.DataFrame
    table: pd.DataFrame
    drift: Drift

    @property
    def chosen(self) -> str | None:
        """The name of the model in use; None where there is a problem."""
        return self.comparison.chosen if self.comparison else None

    @property
    def test(self) -> pd.DataFrame:
        """The rows of the newest origin, which the models compared had not seen."""
        return self.frame[self.frame.origin == pd.Timestamp(self.origins[-1])] if self.origins else self.frame

    @property
    def explained(self):
        """The logistic regression fitted to all origins, whatever model is chosen: what signals are read from."""
        return self.learned["logistic"].model if "logistic" in self.learned else None


def build(run) -> None:
    """Make `churn` of a run, and keep what the next run compares with."""
    save(run, explore(run))


def explore(run) -> Room:
    """All steps, nothing saved. Where something is missing `problem` says what, and nobody has a probability."""
    definition = define(run)
    seen = horizon(definition.tables, as_of=run.as_of, churn=run.profile.churn)
    origins, frame = definition.origins(), pd.DataFrame(columns=[*KEYS, LABEL])
    problem = _missing(definition, seen, origins)
    if not problem:
        some = definition.some(MOST_CUSTOMERS).with_model(origins[0])
        definition, frame = definition._replace(sight=some.sight), _learning_frame(some, origins)
        today = at_risk(definition.features([run.as_of]), definition.lost_after_days)
        problem = _unfit(frame, origins) or (Problem("nobody", {}) if today.empty else None)
    if problem:
        return _without(run, definition, seen, origins, frame, problem)
    costs = costs_of(run)
    tested = compare(learn(_before(frame, origins[-1]), definition.names), _on(frame, origins[-1]), costs)
    learned = learn(frame, definition.names)
    scored = today.assign(churn_probability=learned[tested.chosen].predict(today))
    table = _table(run, definition, scored, learned, frame[frame[LABEL] == 0][definition.names])
    moved = drift_of(run, definition, scored)
    return Room(definition, seen, origins, frame, None, costs, tested, learned, scored, table, moved)


def save(run, room: Room) -> None:
    """Hand the table on."""
    run.save("churn", room.table)
    definition, before = room.definition, run.state("churn_scores")
    if room.problem:
        run.keep("churn_scores", before or [])
        return
    days = {"horizon_days": definition.sight.horizon_days, "window_days": definition.window_days}
    run.keep("churn_scores", kept_scores(room.scored, before, as_of=run.as_of, **days))
    run.keep("churn_model", _record(run, room))


def costs_of(run) -> Costs | None:
    """The profile's costs; the value of one who stays from the forecast of future value where the profile gives none.

    It is the value given that the customer stays, of those of whom that is in doubt: sums of future value over sums of
    P(alive), weighted by 1 - P(alive). None where nothing says.
    """
    given = run.profile.churn.costs
    value = given.value or _value_if_alive(run)
    return Costs(given.alpha, given.beta, value, given.incentive, given.contact) if value else None


def drift_of(run, definition: Definition, scored: pd.DataFrame) -> Drift:
    """Scores against those of the run before, and earlier scores against what happened."""
    probability = scored.churn_probability.to_numpy()
    model, scores = run.state("churn_model"), run.state("churn_scores")
    return drift(probability, model, scores, definition.outcome, as_of=run.as_of)


def _missing(definition: Definition, seen: Horizon, origins: list[date]) -> Problem | None:
    """What is missing before anything is learnt."""
    if definition.contractual and definition.tables["contracts"].count() == 0:
        return Problem("no_contracts", {})
    if not definition.contractual and seen.gaps.empty:
        return Problem("nobody", {})
    if not definition.contractual and seen.gaps.returned.sum() == 0:
        return Problem("no_repeat", {"customers": int(seen.gaps.open.sum())})
    if len(origins) < 2:
        return Problem("not_covered", definition.coverage())
    return None


def _unfit(frame: pd.DataFrame, origins: list[date]) -> Problem | None:
    """Whether there is too little to learn from before the last origin, or to test on at it."""
    for part in (_before(frame, origins[-1]), _on(frame, origins[-1])):
        left, customers = part[LABEL].sum(), part.customer_id.nunique()
        if len(part) and left in (0, len(part)):
            return Problem("one_class", {"customers": customers, "left": bool(left)})
        if not enough(part):
            return Problem("too_few", {"customers": customers, "left": int(left)})
    return None


def _learning_frame(definition: Definition, origins: list[date]) -> pd.DataFrame:
    """Features and label of the customers at risk at every origin."""
    frame = at_risk(definition.features(origins), definition.lost_after_days)
    return frame.assign(**{LABEL: definition.labels(frame)})


def _table(
    run, definition: Definition, scored: pd.DataFrame, learned: dict[str, Learned], stayed: pd.DataFrame
) -> pd.DataFrame:
    """One row per customer: churn_probability, risk, signals."""
    people = _people(run, definition)
    place = pd.Index(scored.customer_id).get_indexer(people.customer_id)
    said = np.append(scored.churn_probability.to_numpy(float), np.nan)[place]
    people = people.assign(churn_probability=said)
    levels = risk_levels(people, run.profile.churn, lost_after_days=definition.lost_after_days)
    above = np.isin(levels.astype(str), list(run.profile.churn.levels)[:-1])
    keys = _signals(scored.iloc[place[above]], above, learned, stayed)
    people = people.assign(risk=levels, signals=keys)
    return people[["customer_id", "churn_probability", "risk", "signals"]]


def _people(run, definition: Definition) -> pd.DataFrame:
    window = run.profile.rfm.window_days
    tables = (rfm.all_purchases(run), run.table("customers"))
    frame = rfm.summary(*tables, as_of=run.as_of, window_days=window).df()
    holders = definition.holders()
    others = pd.DataFrame({"customer_id": sorted(holders - set(frame.customer_id)), "orders_ever": 0})
    both = pd.concat([frame, others.assign(is_internal=False)]) if len(others) else frame
    both = both.assign(had_contract=both.customer_id.isin(holders))
    return both.sort_values("customer_id", ignore_index=True)


def _signals(rows: pd.DataFrame, above: np.ndarray, learned, stayed) -> list[list[str]]:
    """The signals of the customers above the lowest level, against those who stayed; none for the others."""
    keys: list[list[str]] = [[]] * len(above)
    if "logistic" in learned and len(rows):
        model = learned["logistic"].model
        found = signals(rows[stayed.columns], model, ordinary(model, stayed))
        for place, named in zip(np.flatnonzero(above), found, strict=True):
            keys[place] = named
    return keys


def _without(run, definition, seen, origins, frame, problem) -> Room:
    nobody = pd.DataFrame({"customer_id": pd.Series(dtype=str), "churn_probability": pd.Series(dtype=float)})
    table = _table(run, definition, nobody, {}, frame)
    moved = drift(np.zeros(0), None, run.state("churn_scores"), definition.outcome, as_of=run.as_of)
    return Room(definition, seen, origins, frame, problem, None, None, {}, nobody, table, moved)


def _record(run, room: Room) -> dict:
    """What the next run compares with: the model, its measures on the test, and the spread of its scores."""
    row = room.comparison.table.set_index("model").loc[room.chosen].astype(float)
    return {
        "as_of": run.as_of.isoformat(),
        "horizon_days": room.definition.sight.horizon_days,
        "model": room.chosen,
        "calibration": room.learned[room.chosen].calibration.record(),
        "test": {name: None if np.isnan(value) else round(value, 9) for name, value in row.items()},
        "spread": spread(room.scored.churn_probability.to_numpy()),
    }


def _value_if_alive(run) -> float | None:
    text = """select sum((1 - p_alive) * future_value), sum((1 - p_alive) * p_alive) from ltv
        where p_alive is not null and value_tier <> 'internal'"""
    value, alive = run.engine.sql(text, ltv=run.table("ltv")).rows()[0]
    each = float(value) / alive if value is not None and alive else 0.0
    return each if each > 0 else None


def _before(frame: pd.DataFrame, origin: date) -> pd.DataFrame:
    return frame[frame.origin < pd.Timestamp(origin)]


def _on(frame: pd.DataFrame, origin: date) -> pd.DataFrame:
    return frame[frame.origin == pd.Timestamp(origin)]
