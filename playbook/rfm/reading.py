"""Reading the base: who comes back, how long they take, what each tier buys, and where an average misleads."""

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.rfm.summary import window_start
from playbook.tables.engine import Table

HERE = Path(__file__).parent

#: Fewer purchases a year than this, for the usual buyer, and frequency says nothing.
SPARSE_PURCHASES_A_YEAR = 1.5
#: Below this corrected probability a difference between groups is called more than chance.
CHANCE = 0.05
FEWEST_PER_GROUP = 30
#: Kinds of buyers, in the order they are shown.
KINDS = ("member", "known", "unknown")


class Gaps(NamedTuple):
    """Days between two purchases of one customer: how many gaps, the median, nine in ten, and the usual cycle."""

    gaps: int
    median: float | None
    ninth_decile: float | None


class Simpson(NamedTuple):
    """A change of a total rate, split: what the groups' own rates did, and what the mix of the groups did; `people`
    are those of the later time."""

    before: float
    after: float
    rate_part: float
    mix_part: float
    reversed: bool
    people: int


def cohorts(counted: Table, *, as_of: date) -> pd.DataFrame:
    """One row per month of first purchase (`cohort`) and `months_since`: customers, buyers, share who bought."""
    last_month = (as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    params = {"last_month": last_month.replace(day=1)}
    return counted.engine.run(HERE / "cohorts.sql", params=params, counted=counted).df()


def new_and_returning(counted: Table, *, as_of: date) -> pd.DataFrame:
    """One row per month: revenue and buyers, split into new and returning customers."""
    return counted.engine.run(HERE / "new_returning.sql", params={"as_of": as_of}, counted=counted).df()


def gaps(counted: Table) -> pd.DataFrame:
    """One row per gap between two purchase days of a customer: customer_id, day, gap_days."""
    return counted.engine.run(HERE / "gaps.sql", counted=counted).df()


def usual_gap(found: pd.DataFrame) -> Gaps:
    """The median gap and the one that nine in ten stay under; None where nobody bought twice."""
    if found.empty:
        return Gaps(0, None, None)
    days = found["gap_days"]
    return Gaps(len(found), float(days.median()), float(days.quantile(0.9, interpolation="lower")))


def mix(traits: Table, rfm: Table) -> pd.DataFrame:
    """What each tier buys: one row per tier and trait. `traits` holds customer_id, trait, amount."""
    return rfm.engine.run(HERE / "mix.sql", traits=traits, rfm=rfm).df()


def bought(traits: Table, rfm: Table, profile, *, column: str, most: int) -> pd.DataFrame:
    """The `most` largest values of a trait in each tier that counts in shares, tiers in the profile's order: tier,
    `column`, purchases, revenue, share of the tier's revenue."""
    found = inside(mix(traits, rfm), profile)
    places = found["tier"].map({key: place for place, key in enumerate(profile.tiers)})
    ordered = found.loc[places.sort_values(kind="stable").index].rename(columns={"trait": column})
    return ordered.groupby("tier", sort=False).head(most)


def members(orders: Table, customers: Table, *, as_of: date, window_days: int) -> pd.DataFrame:
    """Who bought in the window, one row per kind (member, known, unknown): orders, revenue, revenue_share."""
    params = {"as_of": as_of, "window_start": window_start(as_of, window_days)}
    found = orders.engine.run(HERE / "members.sql", params=params, orders=orders, customers=customers).df()
    found = found.sort_values("buyer_kind", key=lambda kinds: kinds.map(KINDS.index), ignore_index=True)
    return found.assign(revenue_share=found["revenue"].astype(float) / (float(found["revenue"].sum()) or 1.0))


def channels(orders: Table, *, as_of: date, window_days: int) -> Table:
    """The purchases of the window with their channel as trait: what `mix` needs."""
    text = """select customer_id, channel as trait, amount from orders
        where kind in ('purchase', 'redemption') and customer_id is not null and channel is not null
          and cast(ordered_at as date) between $since and $as_of"""
    return orders.engine.sql(text, params={"as_of": as_of, "since": window_start(as_of, window_days)}, orders=orders)


def categories(orders: Table, lines: Table, *, as_of: date, window_days: int) -> Table:
    """The lines of the window with their category as trait: what `mix` needs."""
    text = """select o.customer_id, l.category as trait, l.amount
        from lines as l join orders as o on o.order_id = l.order_id
        where o.kind in ('purchase', 'redemption') and o.customer_id is not null and l.category is not null
          and cast(o.ordered_at as date) between $since and $as_of"""
    params = {"as_of": as_of, "since": window_start(as_of, window_days)}
    return orders.engine.sql(text, params=params, orders=orders, lines=lines)


def activity(measures: pd.DataFrame, rfm: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The measures of the lively (F score 4 and 5) and of the less lively half of the buyers of the window."""
    scores = rfm.loc[rfm["frequency"] > 0, ["customer_id", "f_score"]]
    known = measures[["customer_id", *telling(measures)]].merge(scores, on="customer_id")
    return known[known["f_score"] >= 4].drop(columns="f_score"), known[known["f_score"] <= 2].drop(columns="f_score")


def telling(measures: pd.DataFrame) -> list[str]:
    """The measures that tell customers apart at all: one whose table has no rows is the same for everybody."""
    names = [name for name in measures if name != "customer_id"]
    return [name for name in names if measures[name].nunique(dropna=False) > 1]


def repeat_rates(rfm: pd.DataFrame, orders: Table, *, as_of: date) -> pd.DataFrame:
    """One row per main channel of the buyers: weight (buyers) and rate (share who bought twice): for `simpson`.

    `rfm` holds customer_id and the frequency as of that day; the main channel is that of most purchases up to it.
    """
    text = """select customer_id, mode(channel order by channel) as channel from orders
        where customer_id is not null and channel is not null and kind in ('purchase', 'redemption')
          and cast(ordered_at as date) <= $as_of
        group by customer_id"""
    main = orders.engine.sql(text, params={"as_of": as_of}, orders=orders).df()
    buyers = rfm[rfm["frequency"] > 0].merge(main, on="customer_id")
    grouped = buyers.assign(repeat=buyers["frequency"] > 1).groupby("channel")["repeat"]
    return grouped.agg(weight="size", rate="mean")


def inside(rfm: pd.DataFrame, profile) -> pd.DataFrame:
    """The customers who count in shares: those of tiers that do not stand apart."""
    apart = [key for key, tier in profile.tiers.items() if tier.apart]
    return rfm[~rfm["tier"].isin(apart)]


def by_channel(past: Table, orders: Table, days: tuple[date, date]) -> Simpson | None:
    """What moved the repeat rate between two days: the channels, or their mix. `past` is `rfm.history(...)`.

    None where one of the days has no buyers with a channel.
    """
    text = "select customer_id, frequency from past where as_of = $day and not is_internal order by customer_id"
    found = [past.engine.sql(text, params={"day": day}, past=past).df() for day in days]
    rates = [repeat_rates(rfm, orders, as_of=day) for rfm, day in zip(found, days, strict=True)]
    return simpson(*rates) if all(len(each) for each in rates) else None


def is_sparse(rfm: pd.DataFrame, *, window_days: int) -> bool:
    """Whether frequency says nothing because the usual buyer buys about once a year; other measures are then needed."""
    buyers = rfm.loc[rfm["frequency"] > 0, "frequency"]
    a_year = 365 / min(window_days, 365)
    return bool(len(buyers)) and float(buyers.mean()) * a_year < SPARSE_PURCHASES_A_YEAR


def differences(high: pd.DataFrame, low: pd.DataFrame) -> pd.DataFrame:
    """In which measures two groups differ by more than chance: one row per shared numeric column.

    Columns: measure, high and low (medians), superiority (the chance that one of `high` exceeds one of `low`, ties
    halved), p_value (Mann-Whitney, Holm-corrected over all measures), beyond_chance. Largest difference first.
    """
    shared = [name for name in high.select_dtypes("number") if name in low]
    rows = [_difference(name, high[name].dropna(), low[name].dropna()) for name in shared]
    frame = pd.DataFrame([row for row in rows if row])
    if frame.empty:
        return frame
    frame["p_value"] = holm(frame["p_value"].to_numpy())
    frame["beyond_chance"] = frame["p_value"] < CHANCE
    return frame.sort_values(["superiority", "measure"], key=_distance, ascending=[False, True], ignore_index=True)


def holm(p_values: np.ndarray) -> np.ndarray:
    """Holm's step-down correction: the chance of any false alarm among all stays below the level."""
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    corrected = np.empty_like(stepped)
    corrected[order] = np.minimum(stepped, 1)
    return corrected


def simpson(before: pd.DataFrame, after: pd.DataFrame) -> Simpson:
    """Whether a total rate moves against its parts. Both frames: index group, columns `weight` (people) and `rate`.

    The change of the total is `rate_part` (the groups' rates, at the average mix) plus `mix_part` (the mix, at the
    average rates). `reversed` where every group moves one way and the total the other.
    """
    before, after = before.align(after, join="outer", axis=0, fill_value=0)
    share_before, share_after = (frame["weight"] / frame["weight"].sum() for frame in (before, after))
    totals = [float((share * frame["rate"]).sum()) for share, frame in ((share_before, before), (share_after, after))]
    rate_part = float(((after["rate"] - before["rate"]) * (share_before + share_after) / 2).sum())
    change = totals[1] - totals[0]
    moves = np.sign((after["rate"] - before["rate"])[(before["weight"] > 0) & (after["weight"] > 0)])
    against = bool(len(moves)) and bool((moves == -np.sign(change)).all()) and change != 0
    return Simpson(*totals, rate_part, change - rate_part, against, int(after["weight"].sum()))


def _difference(name: str, high: pd.Series, low: pd.Series) -> dict | None:
    from scipy.stats import mannwhitneyu

    if min(len(high), len(low)) < FEWEST_PER_GROUP:
        return None
    test = mannwhitneyu(high.astype(float), low.astype(float))
    return {
        "measure": name,
        "high": float(high.median()),
        "low": float(low.median()),
        "superiority": float(test.statistic) / (len(high) * len(low)),
        "p_value": float(test.pvalue),
    }


def _distance(column: pd.Series) -> pd.Series:
    return (column - 0.5).abs() if column.name == "superiority" else column
