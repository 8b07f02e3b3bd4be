"""Cautions: what a reader of future values should know before trusting them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from playbook.ltv.build import Room
from playbook.ltv.choice import independence
from playbook.ltv.forecast import MODELS
from playbook.ltv.holdout import scores

#: From this share of one-time buyers on, it is said that the average speaks for them.
MANY_ONCE = 0.5

Caution = tuple[str, dict[str, Any]]


def warn(run, room: Room) -> None:
    """Raise the flags that apply to this run's values."""
    for key, values in cautions(run, room):
        run.flag(f"ltv.flag.{key}", **values)


def cautions(run, room: Room) -> list[Caution]:
    """The cautions that apply, as text keys with their values."""
    return [
        *_of_models(room),
        *_of_change(run, room),
        *_of_sums(room),
        *_of_history(run, room),
        *_of_customers(room),
        *_of_money(run, room),
    ]


def _of_models(room: Room) -> Iterator[Caution]:
    for key, code in sorted(room.choice.problems.items()):
        if room.choice.purchases is None or key not in MODELS:
            yield "no_fit", {"model": key, "problem": code}
    if room.choice.purchases is None:
        yield "no_model", {}
    for method in room.choice.beaten_by:
        table = scores(room.checked).set_index("method")["rank"]
        yield "beaten", {"method": method, "theirs": table[method], "ours": table[room.choice.key]}


def _of_change(run, room: Room) -> Iterator[Caution]:
    before = ((run.state("ltv_model") or {}).get("purchases") or {}).get("model")
    if before and room.choice.purchases and before != room.choice.key:
        yield "model_changed", {"model": room.choice.key, "before": before}


def _of_sums(room: Room) -> Iterator[Caution]:
    """Whether the total was further off on the holdout than its interval is wide: then the model itself is in doubt."""
    if room.valued.ranges is None or room.checked is None or room.choice.key not in room.checked.forecasts:
        return
    bias = scores(room.checked).set_index("method").bias_value[room.choice.key]
    low, high = room.valued.ranges.total()
    half = (high - low) / 2 / max(abs(room.valued.table.future_value.sum()), 1e-9)
    if abs(bias) > half:
        yield "interval", {"bias": abs(bias), "half": half, "side": "above" if bias >= 0 else "below"}


def _of_history(run, room: Room) -> Iterator[Caution]:
    if room.choice.key == "sbg":
        yield "contracts", {"periods": int(room.found.T.max())}
        return
    days = _days(run, room)
    horizon = run.profile.ltv.horizon_days
    if room.checked is None:
        yield "no_holdout", {"days": days}
    if days < horizon:
        yield "short_history", {"days": days, "horizon": horizon}
    elif room.choice.purchases and room.checked and room.checked.days < horizon:
        yield "short_holdout", {"days": room.checked.days, "horizon": horizon}


def _of_customers(room: Room) -> Iterator[Caution]:
    x = room.found.x if room.choice.key != "sbg" else np.ones(1)
    once = float((x == 0).mean()) if len(x) else 0.0
    if once >= MANY_ONCE:
        yield "one_time", {"share": once}
    found = independence(room.found)
    if found.doubtful:
        yield "dependent", {"correlation": found.correlation, "without": found.without_largest}
    if below := int((room.valued.table.past_value < 0).sum()):
        yield "negative", {"count": below}


def _of_money(run, room: Room) -> Iterator[Caution]:
    means = room.economics
    if not room.valued.table.past_value.any():
        yield "no_money", {}
    if means.margin_from == "profile":
        yield "margin", {"margin": means.margin}
    if means.cost_from == "profile":
        yield "cost", {"cost": means.cost}
    if run.currency != run.profile.currency and _from_profile(run, means) > 0:
        yield "currency", {"data": run.currency, "profile": run.profile.currency}
    if not run.has("referrals"):
        yield "no_referrals", {}
    if not run.has("costs"):
        yield "no_costs", {}


def _from_profile(run, means) -> float:
    """The amounts of money that the profile gives: what serving, an offer and a message cost."""
    costs = run.profile.churn.costs
    return costs.incentive + costs.contact + (means.cost if means.cost_from == "profile" else 0)


def _days(run, room: Room) -> int:
    if not len(room.found.x):
        return 0
    return int((np.datetime64(run.as_of) - room.found.first_on.min()).astype(int)) + 1
