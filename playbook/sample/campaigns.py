"""Past campaigns with a random control arm: who was treated, and what it truly did to each."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.sample.seasons import Horizon


class Campaign(NamedTuple):
    """One campaign; `silent_days` asks for so many days without a purchase before it (0: everybody)."""

    name: str
    days_before_end: int
    channel: str
    cost: float  # yuan per customer treated
    silent_days: int


class Campaigns(NamedTuple):
    """Treatments (campaign, person, arm, day, channel, cost), true effects, and the purchases they brought."""

    treatments: pd.DataFrame
    effects: pd.DataFrame
    purchases: pd.DataFrame


CAMPAIGNS = (
    Campaign("recall", 290, "sms", 0.06, 180),
    Campaign("spring-voucher", 165, "wechat", 0.02, 0),
    Campaign("winback-call", 100, "phone", 4.5, 270),
)
AUDIENCE, CONTROL = 0.4, 0.3  # share of the members who qualify; share of them left alone
EFFECT_DAYS = 30
EFFECTS = {
    "regular": 0.01,
    "irregular": 0.08,
    "seasonal": 0.15,
    "lapsed": 0.10,
    "one_time": 0.02,
}  # expected extra orders
LIKENESS = 4.0  # shape of the gamma by which effects differ between persons


def run_campaigns(rng, people: pd.DataFrame, bought: pd.DataFrame, h: Horizon) -> Campaigns:
    """The campaigns that fit into the horizon, on customers who were members by then."""
    parts = [_run(rng, people, bought, c, h) for c in CAMPAIGNS if h.days - c.days_before_end > EFFECT_DAYS]
    if not parts:
        return Campaigns(*(frame.iloc[:0] for frame in _run(rng, people, bought, CAMPAIGNS[-1], h)))
    return Campaigns(*(pd.concat(frames, ignore_index=True) for frames in zip(*parts, strict=True)))


def _run(rng, people, bought, campaign, h):
    day = max(h.days - campaign.days_before_end, 0)
    audience = _audience(rng, people, bought, campaign, day)
    effect = np.minimum(
        audience.segment.map(EFFECTS).astype(float) * rng.gamma(LIKENESS, 1 / LIKENESS, len(audience)), 0.9
    )
    control = rng.random(len(audience)) < CONTROL
    answered = (rng.random(len(audience)) < effect) & ~control
    later = day + 0.6 + rng.random(answered.sum()) * EFFECT_DAYS
    name = f"{pd.Timestamp(h.start) + pd.Timedelta(days=day):%Y-%m}-{campaign.name}"
    person = audience.index.to_numpy()
    return (
        _treatments(name, campaign, person, control, day),
        pd.DataFrame({"person": person, "campaign": name, "effect": effect.to_numpy().round(6)}),
        pd.DataFrame({"person": person[answered], "day": later}),
    )


def _audience(rng, people, bought, campaign, day):
    last = bought[bought.day < day].groupby("person").day.max().reindex(people.index)
    fits = people.is_member & ~people.is_internal & (last < day - campaign.silent_days)
    return people[fits & (rng.random(len(people)) < AUDIENCE)]


def _treatments(name, campaign, person, control, day):
    cost = np.where(control, 0.0, campaign.cost)
    arm = np.where(control, "control", "treatment").astype(object)
    frame = pd.DataFrame({"campaign": name, "person": person, "arm": arm, "cost": cost})
    return frame.assign(day=day, channel=campaign.channel)
