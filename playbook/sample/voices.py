"""What customers say, whom they bring, and what winning customers costs."""

import numpy as np
import pandas as pd

from playbook.sample.names import pick, words
from playbook.sample.people import CHANNELS
from playbook.sample.seasons import Horizon, stamps

ANSWERS = 0.05  # share of the members' purchases that are followed by an answer
LEAVERS_ANGER = 3.0  # by how much the score falls in the last months before a drop-out
COST_PER_CUSTOMER = {"store": 18, "wechat": 26, "douyin": 48, "search_ads": 62, "referral": 20, "organic": 4}  # yuan


def make_feedback(rng, people: pd.DataFrame, orders: pd.DataFrame, h: Horizon) -> pd.DataFrame:
    """One row per answer: person, at, score (0 to 10), topic, text."""
    asked = orders[orders.kind.isin(["purchase", "redemption"]) & (orders.person >= 0)]
    asked = asked[people.is_member.to_numpy()[asked.person] & (rng.random(len(asked)) < ANSWERS)]
    day = np.minimum(asked.second / 86_400 + rng.uniform(0.2, 3, len(asked)), h.days - 0.01)
    left = people.dropped_out.to_numpy()[asked.person] - day
    mean = 8.3 - LEAVERS_ANGER * ((left < 60) & (left > -60))
    score = np.clip(np.round(rng.normal(mean, 1.8)), 0, 10).astype(int)
    answers = pd.DataFrame({"person": asked.person, "at": stamps(h, day * 86_400), "score": score})
    answers["topic"] = pick(rng, list(words()["feedback"]), len(answers))
    return answers.assign(text=_sentences(answers)).sort_values(["at", "person"], ignore_index=True)


def make_referrals(rng, people: pd.DataFrame, h: Horizon) -> pd.DataFrame:
    """One row per member who came by referral: referrer, referee, day."""
    brought = people[people.is_member & (people.channel == "referral") & (people.joined >= 0) & ~people.is_internal]
    old = people[people.is_member & ~people.is_internal & (people.is_core | (people.joined < 0))]
    order = old.sort_values("joined")
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
    won = won.reindex(pd.period_range(h.start, h.end, freq="M"), fill_value=0).reindex(
        columns=list(CHANNELS), fill_value=0
    )
    costs = won.rename_axis("month").reset_index().melt("month", var_name="channel", value_name="won")
    paid = (costs.won + 2) * costs.channel.map(COST_PER_CUSTOMER) * rng.uniform(0.8, 1.3, len(costs))
    return costs.assign(cents=np.round(100 * paid).astype("int64")).sort_values(["month", "channel"], ignore_index=True)


def _sentences(answers):
    table = words()["feedback"]
    said = [table[topic][score < 7] for topic, score in zip(answers.topic, answers.score, strict=True)]
    return np.array(said, dtype=object)
