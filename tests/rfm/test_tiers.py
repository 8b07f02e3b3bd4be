"""Scores, cuts and tiers: properties that hold for every base of customers."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop import bought, by_customer, customers, orders

from playbook.rfm import assign, fresh_cuts, frozen_cuts, score, summary
from playbook.rfm.cuts import MEASURES
from playbook.rfm.tiers import measures_used

AS_OF = date(2026, 6, 30)

purchases = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 28), st.sampled_from([10, 10, 25, 400]))
bases = st.lists(purchases, min_size=1, max_size=60)


def shop_of(engine, base):
    rows = [
        f"o{n} c{who} 2026-0{min(month, 6)}-{day:02d} purchase {money}"
        for n, (who, month, day, money) in enumerate(base)
    ]
    return orders(engine, *rows)


def tiered(engine, retail, base):
    people = customers(engine, "idle -", "staff - internal")
    shop = bought(shop_of(engine, base), people, as_of=AS_OF)
    found = summary(shop, people, as_of=AS_OF, window_days=90).materialise()
    return by_customer(assign(score(found, fresh_cuts(found, retail.rfm, as_of=AS_OF)), retail))


@settings(max_examples=25, deadline=None)
@given(base=bases, random=st.randoms(use_true_random=False))
def test_shuffled_rows_change_no_score_and_no_tier(engine, retail, base, random):
    shuffled = random.sample(base, len(base))
    assert tiered(engine, retail, base) == tiered(engine, retail, shuffled)


@settings(max_examples=25, deadline=None)
@given(base=bases)
def test_equal_behaviour_gets_equal_scores_and_better_behaviour_never_a_lower_one(engine, retail, base):
    people = [row for row in tiered(engine, retail, base).values() if row["orders_ever"]]
    for measure, name, best_first in zip(
        MEASURES, ("r_score", "f_score", "m_score"), (True, False, False), strict=True
    ):
        scores = defaultdict(set)
        for row in people:
            scores[row[measure]].add(row[name])
        ordered = [scores[value] for value in sorted(scores, reverse=best_first)]
        assert all(len(found) == 1 for found in ordered)
        assert [max(found) for found in ordered] == sorted(max(found) for found in ordered)


@settings(max_examples=25, deadline=None)
@given(base=bases)
def test_every_customer_has_exactly_one_tier_of_the_profile(engine, retail, base):
    found = tiered(engine, retail, base)
    assert len(found) == len({who for who, *_ in base}) + 2
    assert {row["tier"] for row in found.values()} <= set(retail.tiers)
    assert (found["staff"]["tier"], found["idle"]["tier"]) == ("internal", "never_bought")
    assert found["idle"]["r_score"] is None


def test_a_value_on_a_cut_belongs_to_the_lower_score_and_recency_is_mirrored(engine, retail):
    cuts = {"recency_days": [10, 20, 30, 40], "frequency": [1, 2, 3, 4], "monetary": [10, 20, 30, 40]}
    own = retail.rfm.model_copy(update={"cuts": SimpleNamespace(**cuts)})
    rows = [
        "o1 on 2026-06-20 purchase 10", "o2 above 2026-06-19 purchase 10.01", "o3 far 2026-01-01 purchase 99",
    ]  # fmt: skip
    nobody = customers(engine)
    shop = bought(orders(engine, *rows), nobody, as_of=AS_OF)
    found = summary(shop, nobody, as_of=AS_OF, window_days=365).materialise()
    scores = by_customer(score(found, fresh_cuts(found, own, as_of=AS_OF)))
    assert [(scores[key]["r_score"], scores[key]["m_score"]) for key in ("on", "above", "far")] == [
        (5, 1),
        (4, 2),
        (1, 5),
    ]


class Kept:
    """A run as `frozen_cuts` sees it: a profile, a day, a folder without decisions, and the state of the run before."""

    data = Path("no-such-folder")

    def __init__(self, rfm, as_of, before=None):
        self.profile, self.as_of, self.before, self.kept = SimpleNamespace(rfm=rfm), as_of, before, {}

    def state(self, name):
        return self.before and self.before[name]

    def keep(self, name, value):
        self.kept[name] = value


@pytest.fixture
def two_years(engine):
    return orders(engine, *[f"o{n} c{n} 2025-{1 + n % 12:02d}-10 purchase {n}" for n in range(40)],
                  *[f"p{n} c{n} 2026-0{1 + n % 6}-10 purchase {10 * n}" for n in range(40)])  # fmt: skip


def frozen(engine, retail, shop, as_of, before=None, **changes):
    rfm = retail.rfm.model_copy(update=changes)
    run = Kept(rfm, as_of, before)
    nobody = customers(engine)
    counting = bought(shop, nobody, as_of=as_of)
    found = summary(counting, nobody, as_of=as_of, window_days=rfm.window_days).materialise()
    return frozen_cuts(run, found), run.kept


def test_cuts_are_those_of_the_run_before(engine, retail, two_years):
    first, state = frozen(engine, retail, two_years, date(2025, 12, 31))
    later, kept = frozen(engine, retail, two_years, AS_OF, state)
    again, _ = frozen(engine, retail, two_years, AS_OF)
    assert (later, kept) == (first, state)
    assert again.monetary != first.monetary


def test_cuts_of_another_window_are_not_taken_over(engine, retail, two_years):
    _, state = frozen(engine, retail, two_years, date(2025, 12, 31))
    changed, _ = frozen(engine, retail, two_years, AS_OF, state, window_days=60)
    assert (changed.as_of, changed.window_days) == (AS_OF, 60)


def test_only_the_measures_that_rules_speak_of_are_needed(retail):
    lively = retail.tiers["high_value"].model_copy(update={"rule": "orders_90d >= 5"})
    assert measures_used(retail) == []
    assert measures_used(retail.model_copy(update={"tiers": {"lively": lively}})) == ["orders_90d"]
