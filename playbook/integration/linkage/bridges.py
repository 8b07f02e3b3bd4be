"""Weak links: the doubtful ties without which a group of records would fall into two halves."""

from collections import defaultdict

import numpy as np
import pandas as pd

from playbook.integration.linkage.links import connected

Web = dict[int, list[tuple[int, int]]]


def weak_links(groups: np.ndarray, ties: pd.DataFrame, review_below: float) -> pd.DataFrame:
    """The ties less probable than `review_below` that alone hold a group together, with the halves' record numbers.

    1. All other ties make solid parts.
    2. A doubtful tie is alone when its two parts cannot reach each other by the remaining doubtful ones.
    """
    doubtful = (ties["probability"] < review_below).to_numpy()
    parts = connected(len(groups), ties[~doubtful])
    ends = parts[ties[["record_no_a", "record_no_b"]].to_numpy(np.int64)]
    between = ties[doubtful & (ends[:, 0] != ends[:, 1])].reset_index(drop=True)
    sides = _sides(parts[between[["record_no_a", "record_no_b"]].to_numpy(np.int64)].tolist())
    alone = between.loc[list(sides)].reset_index(drop=True)
    halves = _halves(groups, parts, alone["record_no_a"].to_numpy(np.int64), list(sides.values()))
    return alone.assign(half_a=[a for a, _ in halves], half_b=[b for _, b in halves])


def _sides(ends: list[list[int]]) -> dict[int, set[int]]:
    """By the number of each tie that stands alone: the parts on the side of its first end."""
    web: Web = defaultdict(list)
    for number, (a, b) in enumerate(ends):
        web[a].append((number, b))
        web[b].append((number, a))
    reached = {number: _reached(web, a, without=number) for number, (a, _) in enumerate(ends)}
    return {number: side for number, side in reached.items() if ends[number][1] not in side}


def _reached(web: Web, start: int, *, without: int) -> set[int]:
    found, open_ = {start}, [start]
    while open_:
        ahead = {part for number, part in web[open_.pop()] if number != without} - found
        found |= ahead
        open_ += sorted(ahead)
    return found


def _halves(groups: np.ndarray, parts: np.ndarray, ends: np.ndarray, sides: list[set[int]]) -> list[tuple[list, list]]:
    members: dict[int, list[int]] = defaultdict(list)
    for record in np.flatnonzero(np.isin(groups, groups[ends])).tolist():
        members[groups[record]].append(record)
    pairs = [(members[groups[end]], side) for end, side in zip(ends, sides, strict=True)]
    return [([r for r in mine if parts[r] in side], [r for r in mine if parts[r] not in side]) for mine, side in pairs]
