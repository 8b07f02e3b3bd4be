"""Past campaigns with a random control arm and what they truly did; feedback, referrals and acquisition costs."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.sample.names import pick, words
from playbook.sample.people import CHANNELS
from playbook.sample.seasons import Horizon, stamps

AUDIENCE, CONTROL = 0.4, 0.3  # share of the members who qualify; share of them left alone
EFFECT_DAYS = 30
#: Expected extra orders of a treated customer.
EFFECTS = {"regular": 0.01, "irregular": 0.08, "seasonal": 0.15, "lapsed": 0.10, "one_time": 0.02}
LIKENESS = 4.0  # shape of the gamma by which effects differ between persons
ANSWERS = 0.05  # share of the members' purchases that are followed by an answer
LEAVERS_ANGER = 3.0  # by how much the score falls in the last months before a drop-out
COST_PER_CUSTOMER = {"store": 18, "wechat": 26, "douyin": 48, "search_ads": 62, "referral": 20, "organic": 4}  # yuan


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


def run_campaigns(rng, people: pd.DataFrame, bought: pd.DataFrame, h: Horizon) -> Campaigns:
    """The campaigns that fit into the horizon, on customers who were members by then."""
    parts = [_run(rng, people, bought, c, h) for c in CAMPAIGNS if h.days - c.days_before_end > EFFECT_DAYS]
    if not parts:
        return Campaigns(*(frame.iloc[:0] for frame in _run(rng, people, bought, CAMPAIGNS[-1], h)))
    return Campaigns(*(pd.concat(frames, ignore_index=True) for frames in zip(*parts, strict=True)))


def _run(rng, people, bought, campaign, h):
    day = max(h.days - campaign.days_before_end, 0)
    last = bought[bought.day < day].groupby("person").day.max().reindex(people.index)
    fits = people.is_member & ~people.is_internal & (last < day - campaign.silent_days)
    audience = people[fits & (rng.random(len(people)) < AUDIENCE)]
    effect = audience.segment.map(EFFECTS).astype(float) * rng.gamma(LIKENESS, 1 / LIKENESS, len(audience))
    effect = np.minimum(effect, 0.9)
    control = rng.random(len(audience)) < CONTROL
    returned = (rng.random(len(audience)) < effect) & ~control
    person = audience.index.to_numpy()
    who = pd.DataFrame({"person": person})
    who["campaign"] = f"{pd.Timestamp(h.start) + pd.Timedelta(days=day):%Y-%m}-{campaign.name}"
    treatments = who.assign(
        arm=np.where(control, "control", "treatment"),
        cost=np.where(control, 0.0, campaign.cost),
        day=day,
        channel=campaign.channel,
    )
    brought = {"person": person[returned], "day": day + 0.6 + rng.random(returned.sum()) * EFFECT_DAYS}
    return treatments, who.assign(effect=effect.to_numpy().round(6)), pd.DataFrame(brought)


def make_feedback(rng, people: pd.DataFrame, orders: pd.DataFrame, h: Horizon) -> pd.DataFrame:
    """One row per answer: person, at, score (0 to 10), topic, text."""
    asked = orders[orders.kind.isin(["purchase", "redemption"]) & (orders.person >= 0)]
    asked = asked[people.is_member.to_numpy()[asked.person] & (rng.random(len(asked)) < ANSWERS)]
    day = np.minimum(asked.second / 86_400 + rng.uniform(0.2, 3, len(asked)), h.days - 0.01)
    left = people.dropped_out.to_numpy()[asked.person] - day
    mean = 8.3 - LEAVERS_ANGER * ((left < 60) & (left > -60))
    score = np.clip(np.round(rng.normal(mean, 1.8)), 0, 10).astype(int)
    answers = pd.DataFrame({"person": asked.person, "at": stamps(h, day * 86_400), "score": score})
    sentences = words()["feedback"]
    answers["topic"] = pick(rng, list(sentences), len(answers))
    answers["text"] = [sentences[topic][score < 7] for topic, score in zip(answers.topic, answers.score, strict=True)]
    return answers.sort_values(["at", "person"], ignore_index=True)


def make_referrals(rng, people: pd.DataFrame, h: Horizon) -> pd.DataFrame:
    """One row per member who came by referral: referrer, referee, day."""
    members = people[people.is_member & ~people.is_internal]
    brought = members[(members.channel == "referral") & (members.joined >= 0)]
    order = members[members.is_core | (members.joined < 0)].sort_values("joined")
    earlier = np.searchsorted(order.joined.to_numpy(), brought.joined.to_numpy())
    chosen = np.floor(rng.random(len(brought)) ** 1.5 * earlier).astype(int)
    pairs = pd.DataFrame(
        {"referrer": order.index.to_numpy()[chosen], "referee": brought.index, "day": np.floor(brought.joined)}
    )
    return pairs[earlier > 0].sort_values(["day", "referee"], ignore_index=True)


def make_costs(rng, people: pd.DataFrame, h: Horizon) -> pd.DataFrame:
    """One row per month and channel: month, channel, cents spent on winning customers."""
    new = people[(people.joined >= 0) & ~people.is_internal]
    month = pd.Series(stamps(h, new.joined * 86_400)).dt.to_period("M")
    won = pd.crosstab(month, new.channel.to_numpy())
    months = pd.period_range(h.start, h.end, freq="M", name="month")
    won = won.reindex(months, fill_value=0).reindex(columns=list(CHANNELS), fill_value=0)
    costs = won.reset_index().melt("month", var_name="channel", value_name="won")
    paid = (costs.won + 2) * costs.channel.map(COST_PER_CUSTOMER) * rng.uniform(0.8, 1.3, len(costs))
    return costs.assign(cents=np.round(100 * paid).astype("int64")).sort_values(["month", "channel"], ignore_index=True)
