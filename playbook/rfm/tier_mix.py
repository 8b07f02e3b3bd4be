"""What the tiers buy and through which channels, who is behind the revenue, and how active buyers differ."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.rfm.summary import window_start
from playbook.rfm.tiers import in_scope
from playbook.stats.effects import superiority
from playbook.stats.multiplicity import holm
from playbook.tables.engine import Table

HERE = Path(__file__).parent

#: Fewer purchases a year than this, for the usual buyer, and frequency says nothing.
SPARSE_PURCHASES_A_YEAR = 1.5
#: Below this corrected probability a difference between groups is called significant.
SIGNIFICANT = 0.05
FEWEST_PER_GROUP = 30
#: Kinds of buyers, in the order they are shown.
BUYER_KINDS = ("member", "known", "unknown")


class RateChange(NamedTuple):
    """A change of a total rate, split: what the groups' own rates did, and what the mix of the groups did; `people`
    are those of the later time."""

    before: float
    after: float
    rate_part: float
    mix_part: float
    reversed: bool
    people: int


def channels(purchases: Table, *, as_of: date, window_days: int) -> Table:
    """The purchases of the window with their channel as trait: customer_id, trait, amount, for `top_by_tier`."""
    text = """select customer_id, channel as trait, amount from purchases
        where kind = 'purchase' and channel is not null and day between $since and $as_of"""
    params = {"as_of": as_of, "since": window_start(as_of, window_days)}
    return purchases.engine.sql(text, params=params, purchases=purchases)


def categories(purchases: Table, lines: Table, *, as_of: date, window_days: int) -> Table:
    """The lines of the window's purchases with their category as trait, as `channels`."""
    text = """select p.customer_id, l.category as trait, l.amount
        from lines as l join purchases as p on p.order_id = l.order_id
        where p.kind = 'purchase' and l.category is not null and p.day between $since and $as_of"""
    params = {"as_of": as_of, "since": window_start(as_of, window_days)}
    return purchases.engine.sql(text, params=params, purchases=purchases, lines=lines)


def top_by_tier(traits: Table, rfm: Table, profile, *, column: str, most: int) -> pd.DataFrame:
    """The `most` largest values of a trait in each tier that counts in shares, tiers in the profile's order: tier,
    `column`, purchases, revenue, share of the tier's revenue."""
    mix = in_scope(rfm.engine.run(HERE / "tier_mix.sql", traits=traits, rfm=rfm).df(), profile)
    places = mix["tier"].map({key: place for place, key in enumerate(profile.tiers)})
    ordered = mix.loc[places.sort_values(kind="stable").index].rename(columns={"trait": column})
    return ordered.groupby("tier", sort=False).head(most)


def members(orders: Table, customers: Table, *, as_of: date, window_days: int) -> pd.DataFrame:
    """Who bought in the window, one row per kind (member, known, unknown): orders, revenue, revenue_share."""
    params = {"as_of": as_of, "window_start": window_start(as_of, window_days)}
    kinds = orders.engine.run(HERE / "members.sql", params=params, orders=orders, customers=customers).df()
    kinds = kinds.sort_values("buyer_kind", key=lambda column: column.map(BUYER_KINDS.index), ignore_index=True)
    return kinds.assign(revenue_share=kinds["revenue"].astype(float) / (float(kinds["revenue"].sum()) or 1.0))


def repeat_rate_change(past: Table, purchases: Table, days: tuple[date, date]) -> RateChange | None:
    """What moved the repeat rate between two days: the channels, or their mix. `past` is `rfm.history(...)`.

    None where one of the days has no buyers with a channel.
    """
    text = "select customer_id, frequency from past where as_of = $day and not is_internal order by customer_id"
    customers = [past.engine.sql(text, params={"day": day}, past=past).df() for day in days]
    rates = [repeat_rates(rfm, purchases, as_of=day) for rfm, day in zip(customers, days, strict=True)]
    return simpson(*rates) if all(len(each) for each in rates) else None


def repeat_rates(rfm: pd.DataFrame, purchases: Table, *, as_of: date) -> pd.DataFrame:
    """One row per main channel of the buyers: weight (buyers) and rate (share who bought twice): for `simpson`.

    `rfm` holds customer_id and the frequency as of that day; the main channel is that of most purchases up to it.
    """
    text = """select customer_id, mode(channel order by channel) as channel from purchases
        where channel is not null and kind = 'purchase' and day <= $as_of group by customer_id"""
    main = purchases.engine.sql(text, params={"as_of": as_of}, purchases=purchases).df()
    buyers = rfm[rfm["frequency"] > 0].merge(main, on="customer_id")
    grouped = buyers.assign(repeat=buyers["frequency"] > 1).groupby("channel")["repeat"]
    return grouped.agg(weight="size", rate="mean")


def simpson(before: pd.DataFrame, after: pd.DataFrame) -> RateChange:
    """Whether a total rate moves against its parts. Both frames: index group, columns `weight` (people) and `rate`.

    The change of the total is `rate_part` (the groups' rates, at the average mix) plus `mix_part` (the mix, at the
    average rates). `reversed` where every group moves one way and the total the other.

    >>> first = pd.DataFrame({"weight": [900, 100], "rate": [0.5, 0.1]}, index=["members", "guests"])
    >>> simpson(first, first.assign(weight=[500, 500], rate=[0.52, 0.12])).reversed
    True
    """
    before, after = before.align(after, join="outer", axis=0, fill_value=0)
    mixes = [frame["weight"] / frame["weight"].sum() for frame in (before, after)]
    totals = [float((mix * frame["rate"]).sum()) for mix, frame in zip(mixes, (before, after), strict=True)]
    rise, change = after["rate"] - before["rate"], totals[1] - totals[0]
    rate_part = float((rise * sum(mixes) / 2).sum())
    directions = np.sign(rise[(before["weight"] > 0) & (after["weight"] > 0)])
    against = len(directions) > 0 and change != 0 and bool((directions == -np.sign(change)).all())
    return RateChange(*totals, rate_part, change - rate_part, against, int(after["weight"].sum()))


def activity(measures: pd.DataFrame, rfm: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The measures of the active (F score 4 and 5) and of the inactive buyers of the window (F score 1 and 2)."""
    scores = rfm.loc[rfm["frequency"] > 0, ["customer_id", "f_score"]]
    scored = measures[["customer_id", *informative(measures)]].merge(scores, on="customer_id")
    active, inactive = scored[scored["f_score"] >= 4], scored[scored["f_score"] <= 2]
    return active.drop(columns="f_score"), inactive.drop(columns="f_score")


def informative(measures: pd.DataFrame) -> list[str]:
    """The measures that distinguish customers at all: one whose table has no rows is the same for everybody."""
    return [name for name in measures.columns.drop("customer_id") if measures[name].nunique(dropna=False) > 1]


def differences(high: pd.DataFrame, low: pd.DataFrame) -> pd.DataFrame:
    """In which measures two groups differ by more than chance: one row per shared numeric column.

    Columns: measure, high and low (medians), superiority (the chance that one of `high` exceeds one of `low`, ties
    halved), p_value (Mann-Whitney, Holm-corrected over all measures), significant. Largest difference first. A measure
    with fewer than 30 values in a group is left out.
    """
    pairs = {name: (high[name].dropna(), low[name].dropna()) for name in high.select_dtypes("number") if name in low}
    rows = [
        (name, float(ours.median()), float(theirs.median()), *superiority(ours, theirs))
        for name, (ours, theirs) in pairs.items()
        if min(len(ours), len(theirs)) >= FEWEST_PER_GROUP
    ]
    frame = pd.DataFrame(rows, columns=["measure", "high", "low", "superiority", "p_value"])
    frame = frame.assign(p_value=holm(frame["p_value"]), distance=(frame["superiority"] - 0.5).abs())
    ordered = frame.sort_values(["distance", "measure"], ascending=[False, True], ignore_index=True)
    return ordered.drop(columns="distance").assign(significant=lambda rows: rows["p_value"] < SIGNIFICANT)


def is_sparse(rfm: pd.DataFrame, *, window_days: int) -> bool:
    """Whether frequency says nothing because the usual buyer buys about once a year; other measures are then needed.

    >>> is_sparse(pd.DataFrame({"frequency": [1, 1, 1, 2, 0]}), window_days=365)
    True
    """
    buyers = rfm.loc[rfm["frequency"] > 0, "frequency"]
    return bool(len(buyers)) and float(buyers.mean()) * 365 / min(window_days, 365) < SPARSE_PURCHASES_A_YEAR
