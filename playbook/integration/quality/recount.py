"""The same orders counted anew: every record a buyer, records linked, and with links that went wrong."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.report.message import Message

SEED = 20
#: The shares of all buyers that a simulated mistake hits, and the one that the text speaks of.
SHARES, SPOKEN_OF = (0.0, 0.025, 0.05, 0.1, 0.15, 0.2), 0.1
#: Fewer buyers than this are too few for a tenth of them to be hit.
LEAST = 20
#: Who counts as a best customer: this share of the buyers, by net revenue.
BEST = 0.1
#: The columns of `spoken_of` that a reader compares.
COMPARED = [
    "mistake", "hit", "buyers", "orders_per_buyer", "revenue_per_buyer", "repeat_rate", "best_share", "misjudged"
]  # fmt: skip


class Buyers(NamedTuple):
    """Buyers as one way of counting has them: how many, orders and net revenue of each on average, the share with
    more than one order, and the revenue share of the best tenth."""

    buyers: int
    orders_per_buyer: float
    revenue_per_buyer: float
    repeat_rate: float
    best_share: float


def buyers(records: pd.DataFrame, group: np.ndarray) -> Buyers:
    """The buyers that a grouping makes of records (orders, net); `group` gives each record the number of its buyer."""
    orders, net = _summed(records, group)
    return Buyers(
        buyers=len(orders),
        orders_per_buyer=_share(orders.sum(), len(orders)),
        revenue_per_buyer=_share(net.sum(), len(orders)),
        repeat_rate=_share((orders > 1).sum(), len(orders)),
        best_share=_share(net[_best(net)].sum(), net.sum()),
    )


def before_and_after(records: pd.DataFrame) -> pd.DataFrame:
    """Two rows (way: records, linked): every record a buyer of its own, and linked; the fields of `Buyers`, and the
    revenue of all. `records` has one row per record: customer_no (0 to n - 1), orders, net."""
    ways = {"records": np.arange(len(records)), "linked": records["customer_no"].to_numpy()}
    frame = pd.DataFrame([{"way": way, **buyers(records, group)._asdict()} for way, group in ways.items()])
    return frame.assign(revenue=records["net"].sum())


def before_after_message(ways: pd.DataFrame) -> Message:
    """`before_and_after` in a sentence."""
    alone, linked = (ways[ways["way"] == way].iloc[0] for way in ("records", "linked"))
    values = {"alone": alone["orders_per_buyer"], "linked": linked["orders_per_buyer"]}
    values |= {"alone_money": alone["revenue_per_buyer"], "linked_money": linked["revenue_per_buyer"]}
    return Message("integration.before_after", values, n=int(linked["buyers"]), of="buyer")


def hidden(records: pd.DataFrame) -> tuple[int, int]:
    """How many the best customers are, and how many of them have no record that would count among the best."""
    net = _summed(records, records["customer_no"].to_numpy())[1]
    best = _best(net)
    largest = records.groupby("customer_no")["net"].max().sort_index().to_numpy()
    return len(best), int((largest[best] < net[best].min(initial=np.inf)).sum())


def mistakes(records: pd.DataFrame, shares: tuple[float, ...] = SHARES) -> pd.DataFrame:
    """What wrong links would do: one row per mistake ('split', 'merge') and share of the buyers that it hits.

    A split makes each record of a customer a buyer again, as far as customers have several; a merge makes one buyer
    of two picked at random. Who is hit is drawn once: a larger share hits the same and more. Columns: mistake, share,
    the fields of `Buyers`, frequency_change and revenue_change (relative), misjudged: the share of the best customers
    who are no longer among the best, or not with their own orders only. No rows where there are too few buyers.
    """
    truth = records["customer_no"].to_numpy()
    count, right = len(np.unique(truth)), buyers(records, truth)
    every = []
    for mistake, wrong in (("split", _split), ("merge", _merged)):
        rows = []
        for share in shares if count >= LEAST else ():
            if (group := wrong(truth, round(share * count))) is None:
                continue
            now = buyers(records, group)
            changes = {
                "frequency_change": _share(now.orders_per_buyer, right.orders_per_buyer) - 1,
                "revenue_change": _share(now.revenue_per_buyer, right.revenue_per_buyer) - 1,
                "misjudged": _misjudged(records, truth, group),
            }
            rows.append({"mistake": mistake, "share": share} | now._asdict() | changes)
        every += rows if len(rows) > 1 else []
    return pd.DataFrame(every)


def spoken_of(simulated: pd.DataFrame) -> pd.DataFrame:
    """The rows to speak of: nobody hit, and each mistake at the largest share, up to a tenth, that all reach."""
    reached = simulated.groupby("share")["mistake"].nunique() == simulated["mistake"].nunique()
    share = max(share for share, is_common in reached.items() if is_common and share <= SPOKEN_OF)
    right = simulated[simulated["share"] == 0].head(1).assign(mistake="none")
    rows = pd.concat([right, simulated[simulated["share"] == share]], ignore_index=True)
    return rows.assign(hit=rows["share"])


def mistakes_message(rows: pd.DataFrame) -> Message:
    """`spoken_of` in a sentence: share, orders per buyer as they are, and of each mistake the change of frequency and
    the best customers misjudged."""
    hit = rows[rows["mistake"] != "none"].set_index("mistake")
    values = {"share": float(hit["share"].max()), "orders": float(rows["orders_per_buyer"].iloc[0])}
    values |= hit["frequency_change"].to_dict()
    values |= {f"{mistake}_misjudged": share for mistake, share in hit["misjudged"].items()}
    return Message("integration.mistakes" if "split" in values else "integration.mistakes.merge", values)


def _split(truth: np.ndarray, hit: int) -> np.ndarray | None:
    """The records of so many customers with several, each a buyer of its own; None where there are not so many."""
    several = np.flatnonzero(np.bincount(truth) > 1)
    if hit > len(several):
        return None
    apart = np.isin(truth, np.random.default_rng(SEED).permutation(several)[:hit])
    return np.where(apart, truth.max() + 1 + np.arange(len(truth)), truth)


def _merged(truth: np.ndarray, hit: int) -> np.ndarray:
    """So many customers, in pairs at random, each pair one buyer."""
    into = np.arange(truth.max() + 1)
    pairs = np.random.default_rng(SEED).permutation(len(into))[: hit // 2 * 2].reshape(-1, 2)
    into[pairs[:, 1]] = pairs[:, 0]
    return into[truth]


def _misjudged(records: pd.DataFrame, truth: np.ndarray, group: np.ndarray) -> float:
    """The share of the best customers whose records are no longer one buyer's alone, or no longer among the best."""
    numbers = np.unique(group, return_inverse=True)[1]
    best, now = _best(_summed(records, truth)[1]), _summed(records, group)[1]
    pairs = pd.DataFrame({"customer": truth, "buyer": numbers}).drop_duplicates()
    whole = pairs[~pairs["customer"].duplicated(keep=False) & ~pairs["buyer"].duplicated(keep=False)]
    among = whole[whole["buyer"].isin(_best(now, len(best)))]
    return _share(len(best) - np.isin(best, among["customer"]).sum(), len(best))


def _summed(records: pd.DataFrame, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.unique(group, return_inverse=True)[1]
    return np.bincount(numbers, records["orders"]), np.bincount(numbers, records["net"]).round(2)


def _best(net: np.ndarray, most: int | None = None) -> np.ndarray:
    """The numbers of the buyers with most revenue, a tenth of all unless `most` says how many."""
    tenth = max(round(BEST * len(net)), 1)
    return np.argsort(-net, kind="stable")[: tenth if most is None else most]


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
