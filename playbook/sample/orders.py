"""The clean orders: where each purchase happened, what it cost, what was returned, loaded and paid in advance."""

import numpy as np
import pandas as pd

from playbook.sample.names import pick, texts, words
from playbook.sample.people import SPEND_SPREAD, STORES
from playbook.sample.purchases import MEDIAN_SPEND, ORDER_SPREAD, core_lift, relative_spend
from playbook.sample.seasons import Horizon, everyday, moments, stamps

WALK_INS, GUESTS = 0.10, 0.03  # strangers' orders for each order of a known person, in the stores and in the web shop
LENT_DAYS, LENT_A_DAY = 8, 30  # on how many days a cashier lends the own card, and to how many strangers
RETURNS = {"shop": 0.045, "pos": 0.018}
SMALLEST = 500  # cents
DISCOUNTED = 0.35
PRESOLD, PRESALE_FROM = 0.3, 20_000  # share of the Double 11 web orders with a deposit before; smallest amount, cents
TOP_UPS = np.array([30_000, 50_000, 100_000, 200_000, 500_000])  # cents
WEB_CHANNELS = {"web": 0.4, "mini_program": 0.35, "app": 0.25}
MORE_LINES, MOST_LINES = 0.9, 6
FAVOURITE = 0.55  # share of the lines that come from the customer's favourite category
MOST_PIECES = 6
PRICE_SPREAD = 0.6


def make_orders(rng, people: pd.DataFrame, bought: pd.DataFrame, h: Horizon) -> tuple[pd.DataFrame, float]:
    """All clean orders ordered in time, and the core customers' planted lift (log) of spend.

    `person` is who bought, `holder` whose card or account was used; -1 for a stranger and for none.
    """
    orders = pd.concat([_known(rng, people, bought, h), _strangers(rng, people, len(bought), h)], ignore_index=True)
    # the web shop's last order is moved to the last day when that day has none
    last = orders.day[orders.web].idxmax()
    orders.loc[last, "day"] = max(orders.day[last], h.days - 0.5)
    orders = orders.assign(seq=np.arange(len(orders)), related=-1)
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


def _strangers(rng, people, count, h):
    """Walk-ins and guests of the web shop, and strangers at the till to whom a cashier lends the own card."""
    curve, days = everyday(h), []
    for share, last in ((WALK_INS, h.all_days), (GUESTS, h.days)):
        zero = np.zeros(round(share * count))
        days.append(moments(rng, curve, zero, zero + last - 0.01))
    walk_in, guest = np.concatenate([days[0], np.repeat(np.arange(h.days, h.all_days), 2)]), days[1]
    cashiers = people.index[people.lends_card].to_numpy()
    lent_on = rng.integers(0, h.days, (len(cashiers), LENT_DAYS))
    times = 12 + rng.poisson(LENT_A_DAY - 12, lent_on.shape)
    lent = np.repeat(lent_on.ravel(), times.ravel()).astype(float)
    counts = [len(walk_in), len(guest), len(lent)]
    return pd.DataFrame(
        {
            "person": -1,
            "holder": np.concatenate([np.full(sum(counts[:2]), -1), np.repeat(cashiers, times.sum(axis=1))]),
            "day": np.concatenate([walk_in, guest, lent]),
            "web": np.repeat([False, True, False], counts),
            "log_spend": SPEND_SPREAD * rng.standard_normal(sum(counts)) - 0.3,
            "is_core": False,
        }
    )


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
    """With the second at which each order was placed: the web shop's in the evening, the tills' all day."""
    evening = np.clip(rng.normal(19.5, 3.0, len(orders)), 0.2, 23.9)
    hour = np.where(orders.web, evening, rng.uniform(10, 21.5, len(orders)))
    return orders.assign(second=np.floor(orders.day).astype("int64") * 86_400 + (3600 * hour).astype("int64"))


def _with_returned_share(rng, orders, h):
    count = len(orders)
    share = np.where(rng.random(count) < 0.7, 1.0, rng.uniform(0.2, 0.8, count))
    days = rng.integers(1, 15, count)
    in_time = np.floor(orders.day) + days < np.where(orders.web, h.days, h.all_days)
    returned = in_time & (rng.random(count) < orders.source.map(RETURNS))
    return orders.assign(returned=np.where(returned, share, 0.0), return_days=days)


def _priced(rng, orders, people):
    noise = np.exp(ORDER_SPREAD * rng.standard_normal(len(orders)))
    orders = orders.assign(noise=noise, kept=1 - orders.returned)
    customers = orders[(orders.person >= 0) & ~people.is_internal.to_numpy()[orders.person]]
    lift = core_lift(customers, customers.person.nunique())
    cents = np.maximum(np.round(100 * MEDIAN_SPEND * relative_spend(orders, lift)).astype("int64"), SMALLEST)
    cut = np.where(rng.random(len(orders)) < DISCOUNTED, rng.uniform(0.05, 0.3, len(orders)), 0.0)
    return orders.assign(cents=cents, discount=np.round(cents * cut / (1 - cut)).astype("int64"), advance=0), lift


def _presold(rng, orders, people, h):
    """Double 11: a deposit in October, the balance in November; the two are one order."""
    at = pd.DatetimeIndex(stamps(h, orders.second))
    season = (at.month == 11) & (at.day <= 11) & orders.web & (orders.person >= 0) & (orders.cents >= PRESALE_FROM)
    deposited = orders.day - 12 - np.floor(rng.random(len(orders)) * 10)
    is_member = deposited > np.maximum(people.joined.to_numpy()[orders.person], 0)
    which = season & is_member & (rng.random(len(orders)) < PRESOLD)
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
    days = np.datetime_as_string(rows["at"].to_numpy(), "D").tolist()
    day = np.array([day[2:].replace("-", "") for day in days], dtype=object)
    number = texts(rows.groupby(["source", day]).cumcount() + 1, 5)
    prefix = np.where(rows.source == "shop", "W", texts(rows.store, 2))
    rows["order_id"] = prefix + day + number
    return rows.assign(related_order_id=rows.related.map(rows.set_index("seq").order_id).fillna(""))


def make_lines(rng, orders: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """One row per line of a purchase or return in the web shop; a deposit is taken off by a line of its own.

    Money in cents: cents (the line's amount), cost (of one piece). Lines of an order add up to its amount.
    """
    in_shop = orders[orders.source == "shop"]
    goods = _goods(rng, in_shop[in_shop.kind == "purchase"], people)
    advances = in_shop[(in_shop.kind == "purchase") & (in_shop.advance > 0)]
    advances = _one_line(advances, -advances.advance, line=MOST_LINES + 1, pieces=1)
    returns = in_shop[in_shop.kind == "return"]
    first = goods[goods.line == 1].set_index("order_id").reindex(returns.related_order_id)[["sku", "category", "cost"]]
    returns = _one_line(returns, returns.cents, line=1, pieces=-1).assign(**{c: first[c].to_numpy() for c in first})
    return pd.concat([goods, advances, returns]).sort_values(["position", "line"], ignore_index=True)


def _one_line(orders, cents, *, line, pieces):
    lines = pd.DataFrame({"order_id": orders.order_id, "position": orders.index, "cents": cents})
    return lines.assign(line=line, pieces=pieces, sku="DEPOSIT", category="deposit", cost=0)


def _goods(rng, sold, people):
    counts = np.minimum(1 + rng.poisson(MORE_LINES, len(sold)), MOST_LINES)
    row, first = np.repeat(np.arange(len(sold)), counts), np.cumsum(counts) - counts
    lines = pd.DataFrame({"order_id": sold.order_id.to_numpy()[row], "position": sold.index.to_numpy()[row]})
    lines["line"] = 1 + np.arange(len(row)) - first[row]

    totals = (sold.cents + sold.advance).to_numpy()
    weights = 0.2 + rng.random(len(row))
    cents = np.floor(totals[row] * weights / np.bincount(row, weights)[row]).astype("int64")
    cents[first] += totals - np.bincount(row, cents).astype("int64")
    favourite = people.favourite.to_numpy()[sold.person.to_numpy()[row]]
    return lines.assign(cents=cents, **_products(rng, cents, favourite))


def _products(rng, cents, favourite):
    table = words()["categories"]
    sizes, prices, costs = (np.array(values) for values in zip(*table.values(), strict=True))
    count = len(cents)
    category = np.where(rng.random(count) < FAVOURITE, favourite, rng.integers(0, len(table), count))
    product = np.floor(sizes[category] * rng.random(count) ** 2).astype(int)
    price = 100 * prices[category] * np.exp(PRICE_SPREAD * np.sin(7.0 * product))
    pieces = np.clip(np.round(cents / price), 1, MOST_PIECES).astype(int)
    cost = np.round(cents / pieces * costs[category]).astype("int64")
    names = np.array(list(table), dtype=object)[category]
    sku = [f"SKU{1 + c:02d}{p:04d}" for c, p in zip(category.tolist(), product.tolist(), strict=True)]
    return {"sku": np.array(sku, dtype=object), "category": names, "pieces": pieces, "cost": cost}
