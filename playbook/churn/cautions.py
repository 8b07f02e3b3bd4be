"""Cautions: what a reader of risks should know before acting on them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from playbook.churn.build import Room

#: Outside these, probabilities are too extreme, or not extreme enough, to be read as they stand.
SLOPES = (0.8, 1.25)
#: A score that ranks no better than this is no help.
CHANCE = 0.55
#: A share of leavers this far from the one foreseen says that times have changed.
GAP = 0.1
#: Customers on the test below whom intervals are wide.
FEW = 300
Caution = tuple[str, dict[str, Any]]


def warn(run, room: Room) -> None:
    """Raise the flags that apply to this run's risks."""
    for key, values in cautions(run, room):
        run.flag(f"churn.flag.{key}", **values)


def cautions(run, room: Room) -> list[Caution]:
    """The cautions that apply, as text keys with their values."""
    return [*_of_meaning(run, room), *_of_models(room), *_of_drift(room), *_of_money(run, room)]


def _of_meaning(run, room: Room) -> Iterator[Caution]:
    regret, allowed = room.horizon.regret_of_used, run.profile.churn.regret
    if not room.definition.contractual and np.isfinite(regret) and regret > allowed:
        yield "regret", {"days": room.horizon.used, "regret": regret, "allowed": allowed}
    if not room.definition.contractual and np.isnan(regret) and len(room.horizon.gaps):
        yield "no_regret", {"days": room.horizon.used}


def _of_models(room: Room) -> Iterator[Caution]:
    if room.comparison is None:
        return
    row = room.comparison.table.set_index("model").loc[room.chosen]
    if row.auc < CHANCE:
        yield "chance", {"auc": row.auc}
    else:
        yield from _of_figures(room, row)
    if len(room.origins) < 3:
        yield "one_origin", {}
    if row.n < FEW:
        yield "few", {"customers": int(row.n)}
    if room.comparison.reason == "plain":
        yield "plain", {}


def _of_figures(room: Room, row) -> Iterator[Caution]:
    """Whether the order is to be trusted more than the figures."""
    if np.isfinite(row.slope) and not SLOPES[0] <= row.slope <= SLOPES[1]:
        yield "slope.low" if row.slope < SLOPES[0] else "slope.high", {"slope": row.slope}
    said = float(room.comparison.said[room.chosen].mean())
    if abs(said - row.left) > GAP:
        yield "season", {"said": said, "left": row.left, "test": room.origins[-1]}


def _of_drift(room: Room) -> Iterator[Caution]:
    if room.drift.verdict == "act":
        yield "drift", {"psi": room.drift.psi, "before": room.drift.before}


def _of_money(run, room: Room) -> Iterator[Caution]:
    if room.costs is None or room.comparison is None:
        return
    yield "assumed", {"acceptance": room.costs.acceptance, "incentive": room.costs.incentive}
    if run.profile.churn.costs.value is None:
        yield "value", {"value": room.costs.value}
