"""Clusters: which records are one customer, a person's decisions first, and which hang together by a doubtful link."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.integration.linkage.bridges import bridges
from playbook.integration.linkage.components import connected
from playbook.profile.linking import CAP, REVIEW_BELOW

DECISION, PROBABILISTIC = "decision", "probabilistic"
#: What links two records, the strongest first.
RULES = (
    DECISION, "id_number", "member_card", "openid", "unionid", "credit_code", "email", "phone_name", "phone",
    PROBABILISTIC,
)  # fmt: skip
#: Links that yield to numbers which cannot be one person's.
WEAK = ("email", "phone_name", "phone", PROBABILISTIC)
_ENDS = ["record_no_a", "record_no_b"]
_LINK = [*_ENDS, "rule", "weight", "probability", "value_no"]

Pair = tuple[int, int]


class Clusters(NamedTuple):
    """What the links come to.

    `groups`: for each record number the smallest record number of its group. `links`: the links in force. `bridges`:
    one row per probabilistic link without which its group would fall into `half_a` and `half_b` (record numbers).
    `capped`: one row per cluster that was over the cap: record_no (its smallest), records, largest (its largest part
    now). `disputed`: how many clusters held records that cannot be linked, and were divided.
    """

    groups: np.ndarray
    links: pd.DataFrame
    bridges: pd.DataFrame
    capped: pd.DataFrame
    disputed: int


class Contradiction(ValueError):
    """Two decisions that cannot both hold: the positions of the one that links and of the one that separates."""

    def __init__(self, must_link: int, cannot_link: int):
        super().__init__(f"must_link[{must_link}] contradicts cannot_link[{cannot_link}]")
        self.must_link, self.cannot_link = must_link, cannot_link


def clusters(
    count: int,
    links: pd.DataFrame,
    *,
    must_link: Sequence[Pair] = (),
    cannot_link: Sequence[Pair] = (),
    numbers: pd.DataFrame | None = None,
    cap: int = CAP,
    review_below: float = REVIEW_BELOW,
) -> Clusters:
    """Group the records 0 to count - 1.

    1. Whatever a chain of links connects is a cluster; a decision `must_link` is a link like the others.
    2. A cluster that holds a pair decided `cannot_link`, different `numbers` of one kind, or more records than `cap`,
       is built up again, its strongest links first: a link that would join what must stay apart is dropped, a
       `WEAK` one that would join different numbers, and a probabilistic one that would make the cluster larger than
       the cap.
    3. A link less probable than `review_below` that alone holds two halves of a group together is a bridge.

    `links` has record_no_a, record_no_b, rule (one of `RULES`), weight and probability (null where exact), value_no
    (the number of the shared identifier; null where probabilistic). `numbers` has record_no, kind and value: records
    with different values of one kind are different. Raises `Contradiction`.
    """
    decided = pd.DataFrame([sorted(pair) for pair in must_link], columns=_ENDS, dtype=np.int64).assign(rule=DECISION)
    links = pd.concat([links[_LINK], decided.reindex(columns=_LINK)], ignore_index=True)
    before = groups = connected(count, links)
    large = np.flatnonzero(np.bincount(before, minlength=count) > cap)
    divided = {int(before[a]) for a, b in cannot_link if before[a] == before[b]}
    disputed = _disputed(before, numbers)
    if again := sorted({*divided, *large.tolist(), *disputed}):
        inside = np.isin(before[links["record_no_a"]], again)
        pairs = _pairs(links[inside])
        groups = _built_up(before, pairs, must_link, cannot_link, numbers, cap)
        kept = pairs[groups[pairs["record_no_a"]] == groups[pairs["record_no_b"]]]
        links = pd.concat([links[~inside], kept], ignore_index=True)
    sizes = [np.unique(groups[before == record], return_counts=True)[1] for record in large]
    capped = {"records": [int(size.sum()) for size in sizes], "largest": [int(size.max()) for size in sizes]}
    return Clusters(
        groups,
        links,
        bridges(groups, links, review_below),
        pd.DataFrame({"record_no": large} | capped),
        len(disputed - _disputed(groups, numbers)),
    )


class ConstrainedSets:
    """Disjoint sets of records that grow by joining: never two that `cannot_link` keeps apart, and by a weak link never
    two with different `numbers` (record_no, kind, value)."""

    def __init__(self, records: Iterable[int], cannot_link: Sequence[Pair], numbers: pd.DataFrame | None):
        from scipy.cluster.hierarchy import DisjointSet

        self.sets = DisjointSet(records)
        self._apart: dict[int, set[int]] = defaultdict(set)
        for a, b in cannot_link:
            self._apart[a].add(b)
            self._apart[b].add(a)
        self._numbers: dict[int, dict[str, set[str]]] = defaultdict(dict)
        rows = () if numbers is None else numbers[["record_no", "kind", "value"]].itertuples(index=False)
        for record, kind, value in rows:
            self._numbers[record][kind] = {value}

    def join(self, a: int, b: int, cap: int | None = None, *, is_weak: bool = False) -> bool:
        """Put two records' sets together unless a constraint forbids it or they would be more than `cap` records; say
        whether they are in one set now."""
        one, other = self.sets[a], self.sets[b]
        if one == other:
            return True
        size = self.sets.subset_size(one) + self.sets.subset_size(other)
        apart = any(record in self.sets and self.sets[record] == other for record in self._apart[one])
        kinds = self._numbers[one].keys() & self._numbers[other].keys() if is_weak else ()
        differ = any(self._numbers[one][kind].isdisjoint(self._numbers[other][kind]) for kind in kinds)
        if apart or differ or (cap and size > cap):
            return False
        self.sets.merge(one, other)
        root = self.sets[one]
        gone = other if root == one else one
        self._apart[root] |= self._apart.pop(gone, set())
        for kind, values in self._numbers.pop(gone, {}).items():
            self._numbers[root][kind] = self._numbers[root].get(kind, set()) | values
        return True


def _disputed(groups: np.ndarray, numbers: pd.DataFrame | None) -> set[int]:
    """The groups that hold two values of one kind of number."""
    if numbers is None:
        return set()
    grouped = numbers.assign(group_no=groups[numbers["record_no"].to_numpy(np.int64)])
    different = grouped[["group_no", "kind", "value"]].drop_duplicates()
    return set(different["group_no"][different.duplicated(["group_no", "kind"])].tolist())


def _built_up(
    before: np.ndarray,
    pairs: pd.DataFrame,
    must_link: Sequence[Pair],
    cannot_link: Sequence[Pair],
    numbers: pd.DataFrame | None,
    cap: int,
) -> np.ndarray:
    """The groups, those of the pairs' records built up anew from the pairs."""
    joined = ConstrainedSets(np.unique(pairs[_ENDS].to_numpy(np.int64)).tolist(), cannot_link, numbers)
    sets = joined.sets
    for position, (a, b) in enumerate(must_link):
        if a in sets and not joined.join(a, b):
            ends = {sets[a], sets[b]}
            clashes = (n for n, pair in enumerate(cannot_link) if {sets[r] for r in pair if r in sets} == ends)
            raise Contradiction(position, next(clashes))
    for a, b, rule in pairs[[*_ENDS, "rule"]].itertuples(index=False):
        joined.join(a, b, cap if rule == PROBABILISTIC else None, is_weak=rule in WEAK)
    groups = before.copy()
    for subset in sets.subsets():
        groups[list(subset)] = min(subset)
    return groups


def _pairs(links: pd.DataFrame) -> pd.DataFrame:
    """The links, strongest first; those of one identifier between each two of its records, not from one to all."""
    rank = {rule: position for position, rule in enumerate(RULES)}
    is_shared = links["value_no"].notna()
    by_value: dict[int, dict[int, int]] = defaultdict(dict)
    for a, b, rule, value in links.loc[is_shared, [*_ENDS, "rule", "value_no"]].itertuples(index=False):
        for record in (a, b):
            by_value[value][record] = min(rank[rule], by_value[value].get(record, len(RULES)))
    rows = [
        (a, b, RULES[max(ranks[a], ranks[b])], value)
        for value, ranks in by_value.items()
        for a, b in combinations(sorted(ranks), 2)
    ]
    shared = pd.DataFrame(rows, columns=[*_ENDS, "rule", "value_no"]).assign(weight=np.nan, probability=np.nan)
    every = pd.concat([links[~is_shared], shared], ignore_index=True)
    ranked = every.assign(rank=every["rule"].map(rank), light=-every["weight"].astype(float))
    ordered = ranked.sort_values(["rank", "light", *_ENDS, "value_no"], ignore_index=True)[_LINK]
    return ordered.astype(dict.fromkeys(_ENDS, "int64"))
