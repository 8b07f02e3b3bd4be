"""The app's log: sessions of known and unknown visitors, most of them begun before login."""

import numpy as np
import pandas as pd

from playbook.sample.names import pick, words
from playbook.sample.seasons import Horizon, everyday, moments, stamps

LOG_DAYS = 365  # the app keeps a year
SESSIONS_A_YEAR, LIKENESS = 10.0, 1.2  # of a user, beside those that end in an order; shape of the gamma between users
LINGERS = 45  # days that a user still looks in after the last purchase
BEFORE_ORDER = 0.8  # sessions in the week before an order
UNKNOWN = 0.12  # sessions of visitors who never log in, for each session of a user
MORE_EVENTS = 4.0
LOGGED_IN, LOGS_IN = 0.35, 0.45  # share of the sessions with the user known from the start; with a login on the way
KINDS = {"browse": 0.6, "search": 0.2, "add_to_cart": 0.1, "favourite": 0.07, "service_contact": 0.03}
SERVICE_COST = 600  # cents per contact
DEVICES = {"ios": 0.38, "android": 0.47, "mini_program": 0.15}
PRODUCTS = 40  # of each category, the ones looked at


def make_events(rng, people: pd.DataFrame, orders: pd.DataFrame, records: pd.DataFrame, h: Horizon) -> pd.DataFrame:
    """One row per event, in time: session, visitor, user ('' before login), at, event, item, category, device, cost.

    Costs are cents; users are the web shop's.
    """
    in_app = (records.slot == "shop") & people.uses_app.to_numpy()[records.holder]
    users = records[in_app].set_index("holder").source_key
    sessions = _sessions(rng, people, orders, users, h)
    counts = 2 + rng.poisson(MORE_EVENTS, len(sessions))
    row = np.repeat(np.arange(len(sessions)), counts)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    events = sessions.iloc[row].reset_index(drop=True).assign(turn=turn, last=turn == counts[row] - 1)
    return _with_contents(rng, events, h)


def _sessions(rng, people, orders, users, h):
    """One row per session: holder (-1 unknown), second, buys, user, visitor, login (its turn; -1 before, 99 never)."""
    since = max(h.days - LOG_DAYS, 0)
    bought = orders[(orders.source == "shop") & (orders.kind == "purchase") & orders.holder.isin(users.index)]
    parts = [
        _idle(rng, people.loc[users.index], h, since),
        *_around_orders(rng, bought[bought.second >= 86_400 * since]),
    ]
    count = round(UNKNOWN * sum(map(len, parts)))
    days = moments(rng, everyday(h), np.full(count, since), np.full(count, h.days - 0.1))
    parts.append(pd.DataFrame({"holder": -1, "second": (days * 86_400).astype("int64"), "buys": False}))
    sessions = pd.concat(parts).sort_values(["second", "holder", "buys"], ignore_index=True)
    return sessions.assign(**_who(rng, sessions, users))


def _idle(rng, people, h, since):
    """The sessions of users that end in no order."""
    first = np.clip(people.joined, since, h.days - 0.1)
    last = np.clip(people.dropped_out.fillna(h.days) + LINGERS, first, h.days - 0.1)
    rate = SESSIONS_A_YEAR * rng.gamma(LIKENESS, 1 / LIKENESS, len(people)) / 365
    holder = people.index.repeat(rng.poisson(rate * (last - first)))
    days = moments(rng, everyday(h), first[holder], last[holder])
    second = np.clip(rng.normal(20, 3, len(days)) * 3600, 600, 84_000).astype("int64")
    return pd.DataFrame({"holder": holder, "second": np.floor(days).astype("int64") * 86_400 + second, "buys": False})


def _around_orders(rng, bought):
    """The sessions that end in an order, and those of the week before it."""
    looked = bought.loc[bought.index.repeat(rng.poisson(BEFORE_ORDER, len(bought)))]
    earlier = looked.second - rng.integers(3600, 7 * 86_400, len(looked))
    yield pd.DataFrame({"holder": bought.holder, "second": bought.second - 900, "buys": True})
    yield pd.DataFrame({"holder": looked.holder, "second": np.maximum(earlier, 0), "buys": False})


def _who(rng, sessions, users):
    holder, count, drawn = sessions.holder.to_numpy(), len(sessions), rng.random(len(sessions))
    login = np.select([drawn < LOGGED_IN, (drawn < LOGGED_IN + LOGS_IN) | sessions.buys], [-1, 1], 99)
    device = np.where(holder >= 0, 2 * holder + (rng.random(count) < 0.15), 2 * holder.max() + 2 + np.arange(count))
    scrambled = ((device.astype("uint64") * np.uint64(2_654_435_761)) % np.uint64(2**32)).tolist()
    return {
        "user": sessions.holder.map(users).fillna("").to_numpy(object),
        "visitor": np.array([f"v{number:08x}" for number in scrambled], dtype=object),
        "session": np.array([f"s{number:07d}" for number in range(1, count + 1)], dtype=object),
        "login": np.where(holder >= 0, login, 99),
        "device": pick(rng, list(DEVICES), count, list(DEVICES.values())),
    }


def _with_contents(rng, events, h):
    """The events with what happened in each: its kind, moment, item, category and cost."""
    count = len(events)
    kind = pick(rng, list(KINDS), count, list(KINDS.values()))
    kind = np.select([events.turn == events.login, events["last"] & events.buys], ["login", "checkout"], kind)
    second = events.second + events.turn * 45 + rng.integers(0, 40, count)
    category = pick(rng, list(words()["categories"]), count)
    search = pick(rng, words()["searches"], count)
    number = {name: f"SKU{place:02d}" for place, name in enumerate(words()["categories"], start=1)}
    sku = [number[c] + f"{p:04d}" for c, p in zip(category, rng.integers(0, PRODUCTS, count).tolist(), strict=True)]
    about = np.isin(kind.astype(object), ["browse", "add_to_cart", "favourite"])
    events = events.assign(
        event=kind,
        at=stamps(h, second),
        item=np.select([kind == "search", about], [search, np.array(sku, dtype=object)], ""),
        category=np.where(about, category, ""),
        user=np.where(events.turn >= events.login, events.user, ""),
        cost=np.where(kind == "service_contact", SERVICE_COST, 0),
    )
    return events.sort_values(["at", "session", "turn"], ignore_index=True)
