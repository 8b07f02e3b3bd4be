"""The retailer's people: who they are, where they buy, how often, and when they stop."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.sample.names import DOMAINS, names, phones, pick, places, texts
from playbook.sample.seasons import Horizon, everyday, moments


class Segment(NamedTuple):
    """A way of buying: its share of the buyers, its orders per year, how alike its people are (shape of a gamma)."""

    share: float
    orders_per_year: float
    likeness: float


SEGMENTS = {
    "regular": Segment(0.20, 9.0, 6.0),  # near-clockwork gaps
    "irregular": Segment(0.40, 5.0, 1.2),  # a Poisson process each, with rates far apart
    "seasonal": Segment(0.14, 4.0, 4.0),  # waits for promotions and Spring Festival
    "lapsed": Segment(0.12, 8.0, 4.0),  # stopped long before the end
    "one_time": Segment(0.14, 0.0, 1.0),
}
NEVER_BOUGHT, STAFF = 0.09, 0.006  # shares of all people
APP_ONLY = 0.15  # of those who never bought: an app account and no membership
KNOWN_BEFORE = {
    "regular": 0.35,
    "irregular": 0.3,
    "seasonal": 0.3,
    "lapsed": 0.4,
    "staff": 1.0,
}  # joined before the horizon
YEARS_TO_DROP_OUT = 4.0
CORE = {"regular": 0.2, "irregular": 0.1}  # who spends several times more per order: 8 % of the buyers
SPEND_SPREAD = 0.6  # of log mean spend, from person to person
SHOPS_AT = {"store": 0.38, "web": 0.32, "both": 0.30}
MEMBERS = {"store": 0.85, "web": 0.45, "both": 0.9}
FAMILY_PHONES = 0.03  # people whose number is that of somebody else of the household
PREPAID = 0.06  # members who load money on their card
PHONE_AT_TILL = 0.25  # members who give their phone instead of the card every other time
CUSTOMERS_PER_CASHIER = 2500  # for each so many customers, one cashier lends strangers the own card
CHANNELS = {"store": 0.34, "wechat": 0.22, "douyin": 0.14, "search_ads": 0.12, "referral": 0.10, "organic": 0.08}
STORES = 12


def make_people(rng, count: int, h: Horizon) -> pd.DataFrame:
    """`count` people, one row each; moments in days from the horizon's start."""
    segment = pd.Series(_segments(rng, count), name="segment")
    lifetimes = _lifetimes(rng, segment, h)
    spend = pd.DataFrame(
        {
            "is_core": rng.random(count) < segment.map(CORE).fillna(0.0),
            "log_spend": SPEND_SPREAD * rng.standard_normal(count),
        }
    )
    return pd.concat([segment, lifetimes, spend, _habits(rng, segment), _identity(rng, count)], axis=1)


def _segments(rng, count):
    shares = {"never_bought": NEVER_BOUGHT, "staff": max(STAFF, min(2 / count, 0.1))}
    buyers = 1 - sum(shares.values())
    shares |= {name: segment.share * buyers for name, segment in SEGMENTS.items()}
    last = np.round(np.cumsum(list(shares.values())) * count)
    return rng.permutation(np.array(list(shares), dtype=object)[np.searchsorted(last, np.arange(count), side="right")])


def _lifetimes(rng, segment, h):
    """How often each person orders, and the moments of joining, of the first purchase and of the drop-out."""
    count = len(segment)
    kinds = SEGMENTS | {"staff": SEGMENTS["regular"], "never_bought": SEGMENTS["one_time"]}
    likeness = segment.map({name: kind.likeness for name, kind in kinds.items()}).to_numpy()
    rate = segment.map({name: kind.orders_per_year for name, kind in kinds.items()}).to_numpy()
    rate = rate * rng.gamma(likeness) / likeness

    last = np.where(segment == "lapsed", 0.2, 0.98) * h.days
    joined = moments(rng, everyday(h), np.zeros(count), last)
    known_before = rng.random(count) < segment.map(KNOWN_BEFORE).fillna(0.0)
    joined = np.where(known_before, -1.0 - rng.random(count) * 1000, joined)

    gap = 365 / np.maximum(rate, 2.5)
    first = np.where(joined < 0, rng.random(count) * np.minimum(gap, h.days / 4), joined)
    first = np.where(segment == "never_bought", np.nan, first)

    years = rng.exponential(size=count) * YEARS_TO_DROP_OUT / rng.gamma(2.0, 0.5, count)
    lapsed = (0.3 + 0.32 * rng.random(count)) * h.days
    dropped_out = np.where(segment == "lapsed", np.maximum(lapsed, first), first + years * 365)
    dropped_out = np.where(segment == "one_time", first, dropped_out)
    return pd.DataFrame({"orders_per_year": rate, "joined": joined, "first_at": first, "dropped_out": dropped_out})


def _habits(rng, segment):
    count = len(segment)
    shops_at = pick(rng, list(SHOPS_AT), count, list(SHOPS_AT.values()))
    never, staff = segment == "never_bought", segment == "staff"
    app_only = never & (rng.random(count) < APP_ONLY)
    member = rng.random(count) < pd.Series(shops_at).map(MEMBERS)
    member = (member | never | staff) & ~app_only
    web = np.select([shops_at == "store", shops_at == "web"], [0.0, 1.0], rng.beta(2, 2, count))
    return pd.DataFrame(
        {
            "is_internal": staff,
            "web_share": np.where(staff, 0.0, web),
            "is_member": member,
            "app_only": app_only,
            "uses_app": app_only | (rng.random(count) < 0.7),
            "card_share": np.where(member, np.where(rng.random(count) < PHONE_AT_TILL, 0.5, 1.0), 0.0),
            "prepaid": member & ~staff & (rng.random(count) < PREPAID),
            "store": rng.integers(1, STORES + 1, count),
            "favourite": rng.integers(0, 7, count),
            "channel": pick(rng, list(CHANNELS), count, list(CHANNELS.values())),
            "lends_card": staff & (staff.cumsum() <= max(2, count // CUSTOMERS_PER_CASHIER)),
        }
    )


def _identity(rng, count):
    people = pd.concat([names(rng, count), places(rng, count)], axis=1)
    people["gender"] = pick(rng, ["男", "女"], count, [0.42, 0.58])
    people["birth_year"] = np.clip(np.round(rng.normal(1988, 11, count)), 1945, 2008).astype(int)
    people["phone"] = phones(rng, count)
    people["card"] = texts(rng.choice(10**7, count, replace=False, shuffle=True), 10)
    _share_phones(rng, people)
    local = people.family_pinyin.str.lower() + people.given_pinyin + texts(100 + rng.permutation(count))
    return people.assign(email=(local + "@" + rng.choice(DOMAINS, count)).to_numpy(object))


def _share_phones(rng, people):
    """Give some people the number of another, and every second of them the family name besides."""
    pairs = rng.permutation(len(people))[: 2 * round(FAMILY_PHONES * len(people) / 2)].reshape(2, -1)
    for column, step in {"phone": 1, "family": 2, "family_pinyin": 2}.items():
        first, second = pairs[:, ::step]
        values = people[column].to_numpy(dtype=object).copy()
        values[second] = values[first]
        people[column] = values
    people["shares_phone"] = np.isin(np.arange(len(people)), pairs)
