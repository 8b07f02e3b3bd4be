"""Clusters: what a chain of ties connects, what decisions and the cap keep apart, what hangs by one thread."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import links

from playbook.integration.linkage.clusters import Contradiction, clusters

NUMBER = ["record_no", "kind", "value"]
RULES = st.one_of(st.sampled_from(["email", "phone_name", "phone"]), st.sampled_from([0.91, 0.95, 0.999]))
RECORDS = 8
ENDS = st.lists(st.integers(0, RECORDS - 1), min_size=2, max_size=2, unique=True)
TIES = st.lists(st.tuples(ENDS, RULES).map(lambda tie: (*tie[0], tie[1])), max_size=12)
PAIRS = st.lists(ENDS.map(tuple), max_size=3)


def parts(groups) -> str:
    """Groups of records 0 to 9 as '012 3'."""
    labels = np.asarray(groups)
    return " ".join("".join(map(str, np.flatnonzero(labels == label))) for label in np.unique(labels))


def grouped(count, *ties, **options):
    return clusters(count, links(list(ties)), **options)


CHAIN = ((0, 1, "email"), (1, 2, 0.95), (2, 3, "phone"))
CASES = {
    "a chain of ties is one": (CHAIN, {}, "0123"),
    "whoever nothing ties stays alone": (CHAIN[:1], {}, "01 2 3"),
    "a decision ties": ((), {"must_link": [(3, 0)]}, "03 1 2"),
    "a decision separates even who shares an identifier": (
        ((0, 1, "member_card"),),
        {"cannot_link": [(1, 0)]},
        "0 1 2 3",
    ),
    "the weakest tie between them gives way": (CHAIN, {"cannot_link": [(0, 3)]}, "01 23"),
    "of two exact ties the weaker gives way": (
        ((0, 1, "email"), (1, 2, "phone")),
        {"cannot_link": [(0, 2)]},
        "01 2 3",
    ),
    "a cluster over the cap falls apart at its doubtful tie": (CHAIN, {"cap": 2}, "01 23"),
    "exact ties hold whatever the cap": (((0, 1, "email"), (1, 2, "email")), {"cap": 2}, "012 3"),
    "a decision holds whatever the cap": (CHAIN, {"cap": 2, "must_link": [(1, 2)]}, "0123"),
}


@pytest.mark.parametrize("case", CASES)
def test_ties_decisions_and_the_cap_make_the_groups(case):
    ties, options, expected = CASES[case]
    assert parts(grouped(4, *ties, **options).groups) == expected


def test_holders_of_one_identifier_stay_together_when_its_first_holder_is_taken_out():
    shared = links([(0, 1, "email"), (0, 2, "email")]).assign(value_no=7.0)
    found = clusters(3, shared, cannot_link=[(0, 1), (0, 2)])
    assert parts(found.groups) == "0 12"


def test_decisions_that_contradict_each_other_by_way_of_others_are_named():
    with pytest.raises(Contradiction) as clash:
        grouped(3, must_link=[(0, 1), (1, 2)], cannot_link=[(0, 2)])
    assert (clash.value.must_link, clash.value.cannot_link) == (1, 0)


AGENT = ((0, 1, "email"), (1, 2, "phone"), (2, 3, 0.999))
PROVEN = {
    "different companies by way of an account of neither": (AGENT, "0A 2B", {}, "01 23", 1),
    "the same company": (AGENT, "0A 2A", {}, "0123", 0),
    "one of them unknown": (AGENT, "0A", {}, "0123", 0),
    "alike, but another": (AGENT, "2A 3B", {}, "012 3", 1),
    "one card outweighs it": (((0, 1, "member_card"), (1, 2, "email")), "0A 1B 2B", {}, "012 3", 0),
    "a decision outweighs it": (AGENT, "0A 2B", {"must_link": [(0, 2)]}, "0123", 0),
}


@pytest.mark.parametrize("case", PROVEN)
def test_weak_ties_never_join_what_numbers_prove_to_be_different(case):
    ties, proven, options, expected, disputed = PROVEN[case]
    numbers = pd.DataFrame([(int(at), "credit_code", value) for at, value in proven.split()], columns=NUMBER)
    found = grouped(4, *ties, numbers=numbers, **options)
    assert (parts(found.groups), found.disputed) == (expected, disputed)


def test_a_split_cluster_is_reported_with_its_size_before_and_after():
    [row] = grouped(4, *CHAIN, cap=3).capped.to_dict("records")
    assert (row["records"], row["largest"]) == (4, 2)


WEAK = {
    "one doubtful tie between two halves": (CHAIN, [([0, 1], [2, 3])]),
    "one that is sure enough": (((0, 1, 0.995),), []),
    "two doubtful ties between the same halves": (((0, 1, "email"), (0, 2, 0.95), (1, 2, 0.95)), []),
    "a doubtful tie beside an exact one": (((0, 1, 0.95), (0, 1, "email")), []),
    "each doubtful tie of a chain": (((0, 1, 0.95), (1, 2, 0.95)), [([0], [1, 2]), ([0, 1], [2])]),
}


@pytest.mark.parametrize("case", WEAK)
def test_a_doubtful_tie_that_alone_holds_two_halves_is_for_review(case):
    ties, expected = WEAK[case]
    bridges = grouped(4, *ties, review_below=0.99).bridges
    assert list(zip(bridges["half_a"], bridges["half_b"], strict=True)) == expected


@settings(max_examples=40, deadline=None)
@given(ties=TIES)
def test_the_bridges_are_those_whose_loss_breaks_a_group(ties):
    found = grouped(RECORDS, *ties, review_below=0.99)
    whole = len(set(found.groups))
    breaks = [n for n, tie in enumerate(ties) if tie[2] in (0.91, 0.95) and _pieces(ties[:n] + ties[n + 1 :]) > whole]
    assert len(found.bridges) == len(breaks)


def _pieces(ties):
    return len(set(grouped(RECORDS, *ties).groups))


@settings(max_examples=40, deadline=None)
@given(ties=TIES, same=PAIRS, different=PAIRS, cap=st.integers(2, 8))
def test_decisions_always_win_and_doubtful_ties_never_exceed_the_cap(ties, same, different, cap):
    try:
        found = grouped(RECORDS, *ties, must_link=same, cannot_link=different, cap=cap)
    except Contradiction:
        return
    assert all(found.groups[a] == found.groups[b] for a, b in same)
    assert all(found.groups[a] != found.groups[b] for a, b in different)
    sure = grouped(RECORDS, *(tie for tie in ties if isinstance(tie[2], str)), must_link=same, cannot_link=different)
    most = max(cap, np.bincount(sure.groups).max())
    assert np.bincount(found.groups).max() <= most


@settings(max_examples=40, deadline=None)
@given(ties=TIES, different=PAIRS, cap=st.integers(2, 8), chance=st.randoms(use_true_random=False))
def test_shuffled_ties_make_the_same_groups(ties, different, cap, chance):
    rows = links(ties)
    order = chance.sample(range(len(rows)), len(rows))
    found = [clusters(RECORDS, each, cannot_link=different, cap=cap) for each in (rows, rows.iloc[order])]
    assert found[0].groups.tolist() == found[1].groups.tolist()
