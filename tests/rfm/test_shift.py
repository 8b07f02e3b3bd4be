"""A planted shift: frozen cuts show it, and cutting anew each month hides it."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from playbook.rfm import fresh_cuts, frozen_and_recut, history, month_ends, summary
from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of

AS_OF, FIRST = date(2026, 6, 30), date(2024, 7, 1)
SHIFT = date(2025, 6, 30)
PEOPLE = 2_000


def buyers(rng):
    """Half of the people buy often and for much; three in ten use the app."""
    loyal = rng.random(PEOPLE) < 0.5
    rate = np.where(loyal, rng.gamma(8, 4, PEOPLE), rng.gamma(2, 3, PEOPLE))
    names = [f"c{i:04d}" for i in range(PEOPLE)]
    return pd.DataFrame({"customer_id": names, "loyal": loyal, "rate": rate, "on_app": rng.random(PEOPLE) < 0.3})


def orders_of(engine, rng, people, left=None, pulled=None):
    """Two years of orders; `left` marks who stops buying at the shift, `pulled` moves the month after into it."""
    rows = people.loc[people.index.repeat(rng.poisson(people["rate"] * 2))]
    days = pd.Timestamp(FIRST) + pd.to_timedelta(rng.integers(0, (AS_OF - FIRST).days + 1, len(rows)), unit="D")
    spend = np.where(rows["loyal"], 300, 60) * rng.lognormal(0, 0.4, len(rows))
    frame = rows.assign(ordered_at=days, amount=spend.round(2), kind="purchase", related_order_id=None)
    if left is not None:
        frame = frame[~(frame["customer_id"].isin(left) & (frame["ordered_at"] > pd.Timestamp(SHIFT)))]
    if pulled:
        early = frame["ordered_at"].between(pd.Timestamp(SHIFT), pd.Timestamp(SHIFT) + timedelta(days=pulled))
        frame.loc[early, "ordered_at"] = pd.Timestamp(SHIFT) - timedelta(days=1)
    frame = frame.assign(order_id=[f"o{i:06d}" for i in range(len(frame))])
    return engine.frame(frame[["order_id", "customer_id", "ordered_at", "amount", "kind"]])


def shares(engine, retail, orders):
    text = "select *, cast(null as varchar) as related_order_id, 'app' as channel, 'shop' as source from o"
    nobody = engine.empty(schema_of("customers"))
    table = purchases(engine.sql(text, o=orders), nobody, as_of=AS_OF).materialise()
    ends = month_ends(AS_OF, first_day=FIRST, window_days=365)
    start = summary(table, nobody, as_of=SHIFT, window_days=365).materialise()
    cuts = fresh_cuts(start, retail.rfm, as_of=SHIFT)
    past = history(table, nobody, ends=ends, window_days=365).materialise()
    return frozen_and_recut(past, retail, ends=ends, cuts=cuts).set_index(["tier", "as_of"])


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(11)


def test_an_app_that_loses_its_best_customers_shows_with_frozen_cuts_only(engine, retail, rng):
    people = buyers(rng)
    left = people.loc[people["loyal"] & people["on_app"], "customer_id"]
    orders = orders_of(engine, rng, people, left=left)
    high = shares(engine, retail, orders).loc["high_value"]
    fallen = high.loc[date(2026, 6, 30)] / high.loc[SHIFT]
    print(f"high value a year on, as a share of before: frozen {fallen['frozen']:.2f}, cut anew {fallen['recut']:.2f}")
    assert fallen["frozen"] < 0.7
    assert fallen["recut"] > 0.85


def test_purchases_pulled_forward_show_in_the_following_month_with_frozen_cuts_only(engine, retail, rng):
    orders = orders_of(engine, rng, buyers(rng), pulled=45)
    found = shares(engine, retail, orders)
    recent = found.loc[["high_value", "potential"]].groupby("as_of").sum()
    fallen = recent.loc[date(2025, 7, 31)] / recent.loc[SHIFT]
    print(f"recent buyers a month after the promotion: frozen {fallen['frozen']:.2f}, cut anew {fallen['recut']:.2f}")
    assert fallen["frozen"] < 0.8
    assert abs(fallen["recut"] - 1) < abs(fallen["frozen"] - 1) / 2
