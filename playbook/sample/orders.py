"""The clean orders: where each purchase happened, what it cost, what was returned, loaded and paid in advance."""

import numpy as np
import pandas as pd

from playbook.sample.names import pick, texts
from playbook.sample.people import SPEND_SPREAD, STORES
from playbook.sample.purchases import amounts, core_lift, order_noise
from playbook.sample.seasons import Horizon, everyday, moments, stamps

WALK_INS, GUESTS = 0.10, 0.03  # strangers' orders for each order of a known person, in the stores and in the web shop
LENT_DAYS, LENT_A_DAY = 8, 30  # on how many days a cashier lends the own card, and to how many strangers
RETURNS = {"shop": 0.045, "pos": 0.018}
DISCOUNTED = 0.35
PRESOLD, PRESALE_FROM = 0.3, 20_000  # share of the Double 11 web orders with a deposit before; smallest amount, cents
TOP_UPS = np.array([30_000, 50_000, 100_000, 200_000, 500_000])  # cents
WEB_CHANNELS = {"web": 0.4, "mini_program": 0.35, "app": 0.25}


def make_orders(rng, people: pd.DataFrame, bought: pd.DataFrame, h: Horizon) -> tuple[pd.DataFrame, float]:
    """All clean orders ordered in time, and the core customers' planted lift (log) of spend.

    `person` is who bought, `holder` whose card or account was used; -1 for a stranger and for none.
    """
    orders = pd.concat([_known(rng, people, bought, h), _strangers(rng, people, len(bought), h)], ignore_index=True)
    orders = _until_the_last_day(orders, h).assign(seq=lambda frame: np.arange(len(frame)), related=-1)
    orders = _timed(rng, _placed(rng, orders, people))
    orders = _with_returned_share(rng, orders, h)
    orders, lift = _priced(rng, orders, people)
    orders, deposits = _presold(rng, orders, people, h)
    rows = pd.concat([orders, deposits, *_loaded(orders), _returns(rng, orders)], ignore_index=True)
    return _numbered(rows, h), lift


def _known(rng, people, bought, h):
    person = bought.person.to_numpy()
    web = rng.random(len(bought)) < people.web_share.to_numpy()[person]
    orders = pd.DataFrame({"person": person, "holder": person, "day": bought.day, "web": web})
    orders["log_spend"] = people.log_spend.to_numpy()[person]
    orders["is_core"] = people.is_core.to_numpy()[person]
    return orders[(orders.day < h.days) | ~web]


def _strangers(rng, people, known, h):
    curve = everyday(h)
    walk_in = np.concatenate(
        [_days(rng, curve, WALK_INS * known, h.all_days), np.repeat(np.arange(h.days, h.all_days), 2)]
    )
    guest = _days(rng, curve, GUESTS * known, h.days)
    cashier, lent = _lent(rng, people, h)
    day = np.concatenate([walk_in, guest, lent])
    holder = np.concatenate([np.full(len(walk_in) + len(guest), -1), cashier])
    web = np.repeat([False, True, False], [len(walk_in), len(guest), len(lent)])
    spend = SPEND_SPREAD * rng.standard_normal(len(day)) - 0.3
    return pd.DataFrame({"person": -1, "holder": holder, "day": day, "web": web, "log_spend": spend, "is_core": False})


def _days(rng, curve, count, last):
    zero = np.zeros(round(count))
    return moments(rng, curve, zero, zero + last - 0.01)


def _lent(rng, people, h):
    cashiers = people.index[people.lends_card].to_numpy()
    days = rng.integers(0, h.days, (len(cashiers), LENT_DAYS))
    counts = 12 + rng.poisson(LENT_A_DAY - 12, days.shape)
    return np.repeat(cashiers, counts.sum(axis=1)), np.repeat(days.ravel(), counts.ravel()).astype(float)


def _until_the_last_day(orders, h):
    """The web shop's last order is moved to the last day when that day has none."""
    last = orders.day[orders.web].idxmax()
    orders.loc[last, "day"] = max(orders.day[last], h.days - 0.5)
    return orders


def _placed(rng, orders, people):
    holder, count = orders.holder.to_numpy(), len(orders)
    at_home = (holder >= 0) & ((rng.random(count) < 0.85) | (orders.person < 0))
    store = np.where(at_home, people.store.to_numpy()[holder], rng.integers(1, STORES + 1, count))
    channel = np.where(orders.web, pick(rng, list(WEB_CHANNELS), count, list(WEB_CHANNELS.values())), "store")
    by_card = ~orders.web & (holder >= 0) & (rng.random(count) < people.card_share.to_numpy()[holder])
    redeems = by_card & people.prepaid.to_numpy()[holder] & (holder == orders.person)
    return orders.assign(
        store=np.where(orders.web, 0, store),
        channel=channel,
        by_card=by_card | (~orders.web & (orders.person < 0) & (holder >= 0)),
        source=np.where(orders.web, "shop", "pos").astype(object),
        kind=np.where(redeems, "redemption", "purchase").astype(object),
    )


def _timed(rng, orders):
    return orders.assign(second=np.floor(orders.day).astype("int64") * 86_400 + _clock(rng, orders.web.to_numpy()))


def _clock(rng, web):
    evening = np.clip(rng.normal(19.5, 3.0, len(web)), 0.2, 23.9)
    return (3600 * np.where(web, evening, rng.uniform(10, 21.5, len(web)))).astype("int64")


def _with_returned_share(rng, orders, h):
    count = len(orders)
    share = np.where(rng.random(count) < 0.7, 1.0, rng.uniform(0.2, 0.8, count))
    days = rng.integers(1, 15, count)
    in_time = np.floor(orders.day) + days < np.where(orders.web, h.days, h.all_days)
    returned = in_time & (rng.random(count) < orders.source.map(RETURNS))
    return orders.assign(returned=np.where(returned, share, 0.0), return_days=days)


def _priced(rng, orders, people):
    orders["noise"], orders["kept"] = order_noise(rng, len(orders)), 1 - orders.returned
    customers = orders[(orders.person >= 0) & ~people.is_internal.to_numpy()[orders.person]]
    lift = core_lift(customers, customers.person.nunique())
    cents = amounts(orders, lift)
    cut = np.where(rng.random(len(orders)) < DISCOUNTED, rng.uniform(0.05, 0.3, len(orders)), 0.0)
    return orders.assign(cents=cents, discount=np.round(cents * cut / (1 - cut)).astype("int64"), advance=0), lift


def _presold(rng, orders, people, h):
    """Double 11: a deposit in October, the balance in November; the two are one order."""
    at = pd.DatetimeIndex(stamps(h, orders.second))
    season = (at.month == 11) & (at.day <= 11) & orders.web & (orders.person >= 0) & (orders.cents >= PRESALE_FROM)
    deposited = orders.day - 12 - np.floor(rng.random(len(orders)) * 10)
    known = deposited > np.maximum(people.joined.to_numpy()[orders.person], 0)
    which = season & known & (rng.random(len(orders)) < PRESOLD)
    advance = np.where(which, orders.cents // 10_000 * 1000, 0)
    deposits = orders[which].assign(kind="deposit", cents=advance[which], discount=0, returned=0.0)
    deposits["second"] -= 86_400 * np.floor(orders.day - deposited)[which].astype("int64")
    deposits["seq"] = len(orders) + np.arange(len(deposits))
    orders.loc[which, "related"] = deposits.seq
    return orders.assign(cents=orders.cents - advance, advance=advance), deposits


def _loaded(orders):
    """Top-ups, a few minutes before the purchase for which the balance would not do."""
    paid = orders[orders.kind == "redemption"].sort_values(["holder", "second", "seq"])
    if paid.empty:
        return []
    typical = paid.groupby("holder").cents.transform("median")
    load = TOP_UPS[np.minimum(np.searchsorted(TOP_UPS, 2 * typical), len(TOP_UPS) - 1)]
    spent = paid.groupby("holder").cents.cumsum()
    loads = -(-spent // load) + (paid.cents - spent) // load
    top_ups = paid.assign(kind="top_up", cents=loads * load, discount=0, returned=0.0, second=paid.second - 180)
    return [top_ups[loads > 0].assign(seq=lambda frame: 2 * len(orders) + np.arange(len(frame)))]


def _returns(rng, orders):
    back = orders[orders.returned > 0]
    cents = -np.maximum(np.round(back.cents * back.returned).astype("int64"), 1)
    back = back.assign(
        kind="return", cents=cents, discount=0, related=back.seq, day=np.floor(back.day) + back.return_days
    )
    return _timed(rng, back).assign(seq=3 * len(orders) + np.arange(len(back)))


def _numbered(rows, h):
    rows = rows.sort_values(["second", "seq"], ignore_index=True)
    rows["at"] = stamps(h, rows.second)
    day = _compact_days(rows["at"])
    number = texts(rows.groupby(["source", day]).cumcount() + 1, 5)
    prefix = np.where(rows.source == "shop", "W", texts(rows.store, 2))
    rows["order_id"] = prefix + day + number
    return rows.assign(related_order_id=rows.related.map(rows.set_index("seq").order_id).fillna(""))


def _compact_days(moments):
    days = np.datetime_as_string(moments.to_numpy(), "D").tolist()
    return np.array([day[2:4] + day[5:7] + day[8:] for day in days], dtype=object)
