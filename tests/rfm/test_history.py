"""History: all month-ends at once say what each would have said on its own day."""

import random
from datetime import date

import pandas as pd
import pytest
from shop import bought, by_customer, customers, orders

from playbook.rfm import (
    assign,
    comparable,
    fresh_cuts,
    history,
    messages,
    migration,
    month_ends,
    score,
    summary,
    tier_frame,
    tier_shares,
)
from playbook.rfm.history import only_when_lost

AS_OF = date(2026, 6, 12)
WINDOW = 100


@pytest.fixture(scope="module")
def base(engine):
    """Forty customers, a year and a half of purchases, returns and deposits with balances, on random days."""
    draw = random.Random(7)
    rows = [
        f"o{n} c{draw.randrange(40)} {_day(draw)} {draw.choice(['purchase', 'purchase', 'return'])} {n}"
        for n in range(300)
    ]
    rows += [f"d{n} c{n} 2026-03-20 deposit 9" for n in range(9)] + [
        f"b{n} c{n} 2026-04-0{n + 1} purchase 90 d{n}" for n in range(9)
    ]
    people = [f"c{n} 2025-0{1 + n % 9}-15" for n in range(0, 50, 2)] + ["c1 - internal", "nobody -"]
    return orders(engine, *rows), customers(engine, *people)


def _day(draw) -> date:
    return date.fromordinal(date(2025, 1, 1).toordinal() + draw.randrange(528))


@pytest.fixture(scope="module")
def ends():
    return month_ends(AS_OF, first_day=date(2025, 1, 1), window_days=WINDOW)


def test_month_ends_are_today_and_the_twelve_before_it(ends):
    assert (ends[0], ends[-2:], len(ends)) == (date(2025, 6, 30), [date(2026, 5, 31), AS_OF], 13)


def test_month_ends_reach_back_only_as_far_as_the_window_is_filled():
    year = {"first_day": date(2025, 6, 1), "window_days": 365}
    assert month_ends(date(2026, 6, 30), **year) == [date(2026, 5, 31), date(2026, 6, 30)]
    assert month_ends(date(2026, 3, 31), **year) == [date(2026, 3, 31)]


def test_each_month_end_is_the_summary_of_that_day(engine, base, ends):
    shop, people = base
    found = history(bought(shop, people, as_of=AS_OF), people, ends=ends, window_days=WINDOW).materialise()
    for end in ends:
        then = by_customer(
            engine.sql("select * exclude (as_of) from found where as_of = $end", params={"end": end}, found=found)
        )
        alone = by_customer(summary(bought(shop, people, as_of=end), people, as_of=end, window_days=WINDOW))
        assert {who: row for who, row in alone.items() if who in then} == then


def test_a_customer_is_there_from_the_day_they_registered_or_first_bought(engine, ends):
    shop = orders(engine, "o1 early 2025-01-05 purchase 5", "o2 late 2026-06-05 purchase 5")
    people = customers(engine, "late 2026-05-03", "idle 2026-04-30", "undated -")
    found = history(bought(shop, people, as_of=AS_OF), people, ends=ends, window_days=WINDOW)
    counts = engine.sql("select customer_id, min(as_of) as since, count(*) as n from found group by 1", found=found)
    since = {who: (day, n) for who, day, n in counts.rows()}
    assert since == {
        "early": (ends[0], len(ends)),
        "late": (date(2026, 5, 31), 2),
        "idle": (date(2026, 4, 30), 3),
        "undated": (AS_OF, 1),
    }


def test_the_last_month_end_equals_the_tiers_of_today(engine, retail, base, ends):
    people = base[1]
    shop = bought(*base, as_of=AS_OF)
    now = summary(shop, people, as_of=AS_OF, window_days=WINDOW).materialise()
    cuts = fresh_cuts(now, retail.rfm, as_of=AS_OF)
    today = assign(score(now, cuts), retail)
    past = assign(score(history(shop, people, ends=ends, window_days=WINDOW), cuts), retail).materialise()
    last = engine.sql("select * exclude (as_of) from past where as_of = $end", params={"end": AS_OF}, past=past)
    assert by_customer(last) == by_customer(today)


def shares_of(*rows):
    """Shares from lines like '2025-06-30 lost 10'."""
    frame = pd.DataFrame([row.split() for row in rows], columns=["as_of", "tier", "customers"])
    frame = frame.assign(as_of=pd.to_datetime(frame.as_of), customers=frame.customers.astype(int))
    return frame.assign(customers_share=frame.customers / frame.groupby("as_of").customers.transform("sum"))


def test_lost_customers_are_left_out_while_they_only_become_visible(retail):
    shares = shares_of(
        "2025-06-30 high_value 20", "2025-06-30 regular 80",
        "2026-06-30 high_value 20", "2026-06-30 regular 80", "2026-06-30 lost 100",
    )  # fmt: skip
    young, apart = comparable(shares, retail, first_day=date(2024, 6, 30))
    assert apart == ["lost"] and messages.movement(young).key == "rfm.history.steady"
    told = messages.filling(apart, young, days=365)
    assert (told.values["tier"], told.values["since"]) == ("lost", pd.Timestamp("2025-06-30"))
    old, none = comparable(shares, retail, first_day=date(2023, 6, 30))
    assert none == [] and messages.movement(old).values["tier"] == "lost"
    assert messages.filling(none, old, days=365) is None


def test_tiers_that_only_the_lost_are_in_are_read_off_the_rules(retail):
    assert only_when_lost(retail) == ["lost"]
    longer = retail.tiers["lost"].model_copy(update={"rule": "recency_days > 200 or monetary < 0"})
    assert only_when_lost(retail.model_copy(update={"tiers": retail.tiers | {"lost": longer}})) == []


def test_shares_and_moves_add_up(engine, retail, base, ends):
    people = base[1]
    shop = bought(*base, as_of=AS_OF)
    now = summary(shop, people, as_of=AS_OF, window_days=WINDOW).materialise()
    scored = score(history(shop, people, ends=ends, window_days=WINDOW), fresh_cuts(now, retail.rfm, as_of=AS_OF))
    past, tiers = assign(scored, retail).materialise(), tier_frame(engine, retail)
    shares = tier_shares(past, tiers).df().groupby("as_of")["customers_share"].sum()
    moves = migration(past, tiers, since=ends[0], until=AS_OF).df()
    assert shares.tolist() == pytest.approx([1] * len(ends))
    assert moves.groupby("tier_before")["share"].sum().tolist() == pytest.approx([1] * moves["tier_before"].nunique())


def test_a_planted_loss_shows_with_frozen_cuts_and_hides_with_fresh_ones(engine, retail):
    months = [date(2025, 7, 31), date(2026, 6, 30)]
    rows = [f"a{n} c{n % 60} 2025-{4 + n % 4:02d}-{1 + n % 28:02d} purchase {50 + n}" for n in range(600)]
    rows += [
        f"b{n} c{n % 60} 2026-{3 + n % 4:02d}-{1 + n % 28:02d} purchase {(50 + n) / 5:.2f}" for n in range(0, 600, 3)
    ]
    people = customers(engine)
    shop = orders(engine, *rows)

    def high(as_of, cuts=None):
        found = summary(bought(shop, people, as_of=as_of), people, as_of=as_of, window_days=120).materialise()
        cuts = cuts or fresh_cuts(found, retail.rfm, as_of=as_of)
        scores = by_customer(score(found, cuts)).values()
        return sum(row["m_score"] >= 4 for row in scores) / len(scores), cuts

    before, cuts = high(months[0])
    frozen, _ = high(months[1], cuts)
    fresh, _ = high(months[1])
    assert (before > 0.3, frozen < 0.1, fresh > 0.1) == (True, True, True)


def test_a_history_comes_in_the_order_of_its_key(base, ends):
    people = base[1]
    rows = history(bought(*base, as_of=AS_OF), people, ends=ends, window_days=WINDOW).df()[["as_of", "customer_id"]]
    assert rows.values.tolist() == rows.sort_values(["as_of", "customer_id"]).values.tolist()
