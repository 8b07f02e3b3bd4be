"""Clusters: which records are one customer, a person's decisions first, and which hang together by one weak link."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.integration.linkage.bridges import weak_links
from playbook.integration.linkage.disjoint_set import Forest
from playbook.integration.linkage.links import connected
from playbook.profile.linking import CAP, REVIEW_BELOW

DECISION, PROBABILISTIC = "decision", "probabilistic"
#: What ties two records, the strongest first.
RULES = (
    DECISION, "id_number", "member_card", "openid", "unionid", "credit_code", "email", "phone_name", "phone",
    PROBABILISTIC,
)  # fmt: skip
#: Ties that yield to a proof of the contrary.
WEAK = ("email", "phone_name", "phone", PROBABILISTIC)
_ENDS = ["record_no_a", "record_no_b"]
_PROOF = ["record_no", "kind", "value"]
_EDGE = [*_ENDS, "rule", "weight", "probability", "value_no"]

Pair = tuple[int, int]


class Clusters(NamedTuple):
    """What the edges come to.

    `groups`: for each record number the smallest record number of its group. `edges`: the ties in force. `weak`: one
    row per probabilistic tie without which its group would fall into `half_a` and `half_b` (record numbers).
    `capped`: one row per cluster that was over the cap: record_no (its smallest), records, largest (its largest part
    now). `disputed`: how many clusters held records that are proven to be different, and were divided.
    """

    groups: np.ndarray
    edges: pd.DataFrame
    weak: pd.DataFrame
    capped: pd.DataFrame
    disputed: int


class Contradiction(ValueError):
    """Two decisions that cannot both hold: the positions of the one that ties and of the one that separates."""

    def __init__(self, same: int, different: int):
        super().__init__(f"same[{same}] contradicts different[{different}]")
        self.same, self.different = same, different


def clusters(
    count: int,
    edges: pd.DataFrame,
    *,
    same: Sequence[Pair] = (),
    different: Sequence[Pair] = (),
    proofs: pd.DataFrame | None = None,
    cap: int = CAP,
    review_below: float = REVIEW_BELOW,
) -> Clusters:
    """Group the records 0 to count - 1.

    1. Whatever a chain of ties connects is a cluster; a decision `same` is a tie like the others.
    2. A cluster that holds a pair decided `different`, contrary `proofs`, or more records than `cap`, is built up
       again, its strongest ties first: a tie that would join what must stay apart is dropped, a `WEAK` one that would
       join what is proven to be different, and a probabilistic one that would make the cluster larger than the cap.
    3. A tie less probable than `review_below` that alone holds two halves of a group together is listed.

    `edges` has record_no_a, record_no_b, rule (one of `RULES`), weight and probability (null where exact), value_no
    (the number of the shared identifier; null where probabilistic). `proofs` has record_no, kind and value: records
    with different values of one kind are different. Raises `Contradiction`.
    """
    ties = pd.concat([edges[_EDGE], _decided(same)], ignore_index=True)
    before = groups = connected(count, ties)
    large = np.flatnonzero(np.bincount(before, minlength=count) > cap)
    divided = [int(before[a]) for a, b in different if before[a] == before[b]]
    disputed = _disputed(before, proofs)
    if again := sorted({*divided, *large.tolist(), *disputed}):
        inside = np.isin(before[ties["record_no_a"]], again)
        pairs = _each_pair(ties[inside])
        groups = _joined(before, pairs, Forest(different, _of(proofs)), same, different, cap)
        ties = pd.concat([ties[~inside], _within(pairs, groups)], ignore_index=True)
    split = len(set(disputed) - set(_disputed(groups, proofs)))
    return Clusters(groups, ties, weak_links(groups, ties, review_below), _capped(large, before, groups), split)


def _of(proofs: pd.DataFrame | None) -> Iterable[tuple[int, str, str]]:
    return () if proofs is None else proofs[_PROOF].itertuples(index=False, name=None)


def _disputed(groups: np.ndarray, proofs: pd.DataFrame | None) -> list[int]:
    """The groups that hold two values of one kind of proof."""
    if proofs is None:
        return []
    held = proofs.assign(group_no=groups[proofs["record_no"].to_numpy(np.int64)])
    different = held[["group_no", "kind", "value"]].drop_duplicates()
    return sorted(set(different["group_no"][different.duplicated(["group_no", "kind"])].tolist()))


def _decided(same: Sequence[Pair]) -> pd.DataFrame:
    ends = np.array([sorted(pair) for pair in same], dtype=np.int64).reshape(-1, 2)
    frame = pd.DataFrame({"record_no_a": ends[:, 0], "record_no_b": ends[:, 1], "rule": DECISION})
    return frame.assign(weight=np.nan, probability=np.nan, value_no=np.nan)


def _joined(before: np.ndarray, pairs: pd.DataFrame, forest: Forest, same, different, cap: int) -> np.ndarray:
    groups = before.copy()
    _join_decided(forest, same, different)
    for a, b, rule in pairs[[*_ENDS, "rule"]].itertuples(index=False):
        forest.join(a, b, cap if rule == PROBABILISTIC else None, is_weak=rule in WEAK)
    for record in np.unique(pairs[_ENDS].to_numpy(np.int64)).tolist():
        groups[record] = forest.root(record)
    return groups


def _join_decided(forest: Forest, same, different) -> None:
    for number, (a, b) in enumerate(same):
        if not forest.join(a, b):
            ends = {forest.root(a), forest.root(b)}
            clashes = [other for other, pair in enumerate(different) if {*map(forest.root, pair)} == ends]
            raise Contradiction(number, clashes[0])


def _each_pair(ties: pd.DataFrame) -> pd.DataFrame:
    """The ties, strongest first; those of one identifier between each two of its records, not from one to all."""
    shared = ties["value_no"].notna()
    pairs = pd.DataFrame(_pairs(ties[shared]), columns=[*_ENDS, "rule", "value_no"])
    every = pd.concat([ties[~shared], pairs.assign(weight=np.nan, probability=np.nan)], ignore_index=True)
    ranked = every.assign(rank=every["rule"].map(RULES.index), light=-every["weight"].astype(float))
    ordered = ranked.sort_values(["rank", "light", *_ENDS, "value_no"], ignore_index=True)[_EDGE]
    return ordered.astype(dict.fromkeys(_ENDS, "int64"))


def _pairs(shared: pd.DataFrame) -> Iterator[tuple[int, int, str, int]]:
    held: dict[int, dict[int, int]] = defaultdict(dict)
    for a, b, rule, value in shared[[*_ENDS, "rule", "value_no"]].itertuples(index=False):
        for record in (a, b):
            held[value][record] = min(RULES.index(rule), held[value].get(record, len(RULES)))
    for value, ranks in held.items():
        for a, b in combinations(sorted(ranks), 2):
            yield a, b, RULES[max(ranks[a], ranks[b])], value


def _within(pairs: pd.DataFrame, groups: np.ndarray) -> pd.DataFrame:
    return pairs[groups[pairs["record_no_a"]] == groups[pairs["record_no_b"]]]


def _capped(large: np.ndarray, before: np.ndarray, after: np.ndarray) -> pd.DataFrame:
    parts = [np.unique(after[before == record], return_counts=True)[1] for record in large]
    sizes = {"records": [int(part.sum()) for part in parts], "largest": [int(part.max()) for part in parts]}
    return pd.DataFrame({"record_no": large} | sizes)
