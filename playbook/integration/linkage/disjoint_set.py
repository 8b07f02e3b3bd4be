"""Joining records one tie at a time, never two that must stay apart, never more than a cap."""

from collections import defaultdict
from collections.abc import Iterable


class Forest:
    """Groups of records that grow by joining; each is named after its smallest record."""

    def __init__(self, apart: Iterable[tuple[int, int]] = (), proofs: Iterable[tuple[int, str, str]] = ()):
        self._parent: dict[int, int] = {}
        self._size: dict[int, int] = defaultdict(lambda: 1)
        self._apart: dict[int, set[int]] = defaultdict(set)
        self._proofs: dict[int, dict[str, set[str]]] = defaultdict(dict)
        for a, b in apart:
            self._apart[a].add(b)
            self._apart[b].add(a)
        for record, kind, value in proofs:
            self._proofs[record][kind] = {value}

    def root(self, record: int) -> int:
        """The smallest record of the group that a record is in."""
        parent = self._parent.setdefault(record, record)
        while parent != (above := self._parent[parent]):
            self._parent[record] = above
            record, parent = parent, above
        return parent

    def join(self, a: int, b: int, cap: int | None = None, *, is_weak: bool = False) -> bool:
        """Put two records' groups together, unless they must stay apart, would exceed the cap or, by a weak tie, are
        proven to be different; say whether they are in one group now."""
        a, b = sorted((self.root(a), self.root(b)))
        if a == b:
            return True
        if b in self._apart[a] or (cap and self._size[a] + self._size[b] > cap) or (is_weak and self._differ(a, b)):
            return False
        self._unite(a, b)
        return True

    def _differ(self, a: int, b: int) -> bool:
        one, other = self._proofs.get(a, {}), self._proofs.get(b, {})
        return any(one[kind].isdisjoint(other[kind]) for kind in one.keys() & other.keys())

    def _unite(self, a: int, b: int) -> None:
        self._parent[b] = a
        self._size[a] += self._size.pop(b, 1)
        for other in self._apart.pop(b, ()):
            self._apart[other].discard(b)
            self._apart[other].add(a)
            self._apart[a].add(other)
        for kind, values in self._proofs.pop(b, {}).items():
            self._proofs[a][kind] = self._proofs[a].get(kind, set()) | values
