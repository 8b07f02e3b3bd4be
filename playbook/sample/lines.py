"""The web shop's order lines: products, quantities and costs that add up to each order."""

import numpy as np
import pandas as pd

from playbook.sample.names import words

MORE_LINES, MOST_LINES = 0.9, 6
FAVOURITE = 0.55  # share of the lines that come from the customer's favourite category
MOST_PIECES = 6
PRICE_SPREAD = 0.6


def make_lines(rng, orders: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """One row per line of a purchase or return in the web shop; a deposit is taken off by a line of its own.

    Money in cents: cents (the line's amount), cost (of one piece). Lines of an order add up to its amount.
    """
    sold = orders[(orders.source == "shop") & (orders.kind == "purchase")]
    goods = _goods(rng, sold, people)
    back = _taken_back(orders[(orders.source == "shop") & (orders.kind == "return")], goods)
    lines = pd.concat([goods, _advances(sold), back], ignore_index=True)
    return lines.sort_values(["position", "line"], ignore_index=True)


def _goods(rng, sold, people):
    counts = np.minimum(1 + rng.poisson(MORE_LINES, len(sold)), MOST_LINES)
    row = np.repeat(np.arange(len(sold)), counts)
    lines = pd.DataFrame({"order_id": sold.order_id.to_numpy()[row], "position": sold.index.to_numpy()[row]})
    lines["line"] = 1 + np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    lines["cents"] = _split(rng, (sold.cents + sold.advance).to_numpy(), counts, row)
    return lines.join(_products(rng, lines.cents, people.favourite.to_numpy()[sold.person.to_numpy()[row]]))


def _split(rng, totals, counts, row):
    weights = 0.2 + rng.random(len(row))
    parts = np.floor(totals[row] * weights / np.bincount(row, weights)[row]).astype("int64")
    first = np.cumsum(counts) - counts
    parts[first] += totals - np.bincount(row, parts).astype("int64")
    return parts


def _products(rng, cents, favourite):
    table = words()["categories"]
    sizes, prices, costs = (np.array(values) for values in zip(*table.values(), strict=True))
    count = len(cents)
    category = np.where(rng.random(count) < FAVOURITE, favourite, rng.integers(0, len(table), count))
    product = np.floor(sizes[category] * rng.random(count) ** 2).astype(int)
    price = 100 * prices[category] * np.exp(PRICE_SPREAD * np.sin(7.0 * product))
    pieces = np.clip(np.round(cents.to_numpy() / price), 1, MOST_PIECES).astype(int)
    cost = np.round(cents.to_numpy() / pieces * costs[category]).astype("int64")
    names = np.array(list(table), dtype=object)[category]
    sku = [f"SKU{1 + c:02d}{p:04d}" for c, p in zip(category.tolist(), product.tolist(), strict=True)]
    return pd.DataFrame({"sku": np.array(sku, dtype=object), "category": names, "pieces": pieces, "cost": cost})


def _advances(sold):
    paid = sold[sold.advance > 0]
    lines = pd.DataFrame({"order_id": paid.order_id, "position": paid.index, "cents": -paid.advance})
    return lines.assign(line=MOST_LINES + 1, sku="DEPOSIT", category="deposit", pieces=1, cost=0)


def _taken_back(returns, goods):
    first = goods[goods.line == 1].set_index("order_id").reindex(returns.related_order_id)
    back = pd.DataFrame({"order_id": returns.order_id, "position": returns.index, "cents": returns.cents})
    return back.assign(
        line=1, sku=first.sku.to_numpy(), category=first.category.to_numpy(), pieces=-1, cost=first.cost.to_numpy()
    )
