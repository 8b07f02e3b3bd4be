"""Bridges: the doubtful links without which a group of records would fall into two halves."""

from collections import defaultdict

import numpy as np
import pandas as pd

from playbook.integration.linkage.components import connected

_ENDS = ["record_no_a", "record_no_b"]


def bridges(groups: np.ndarray, links: pd.DataFrame, review_below: float) -> pd.DataFrame:
    """The links less probable than `review_below` that alone hold a group together: the columns of `links`, and the
    record numbers of both halves, half_a and half_b.

    1. All other links make solid parts.
    2. A doubtful link is a bridge where its two parts cannot reach each other by the remaining doubtful ones.
    """
    doubtful = (links["probability"] < review_below).to_numpy()
    parts = connected(len(groups), links[~doubtful])
    ends = parts[links[_ENDS].to_numpy(np.int64)]
    between = links[doubtful & (ends[:, 0] != ends[:, 1])].reset_index(drop=True)
    sides = _sides(parts[between[_ENDS].to_numpy(np.int64)].tolist())
    alone = between.loc[list(sides)].reset_index(drop=True)
    members = defaultdict(list)
    for record in np.flatnonzero(np.isin(groups, groups[alone["record_no_a"].to_numpy(np.int64)])).tolist():
        members[groups[record]].append(record)
    own = [members[groups[record]] for record in alone["record_no_a"]]
    halves = {
        half: [
            [r for r in mine if (parts[r] in side) is is_near] for mine, side in zip(own, sides.values(), strict=True)
        ]
        for half, is_near in (("half_a", True), ("half_b", False))
    }
    return alone.assign(**halves)


def _sides(ends: list[list[int]]) -> dict[int, set[int]]:
    """By the position of each link that is a bridge: the parts on the side of its first end."""
    if not ends:
        return {}
    import networkx

    graph = networkx.MultiGraph()
    graph.add_edges_from((a, b, position) for position, (a, b) in enumerate(ends))
    positions = sorted(position for a, b in networkx.bridges(graph) for position in graph[a][b])
    sides = {}
    for position in positions:
        a, b = ends[position]
        graph.remove_edge(a, b, position)
        sides[position] = set(networkx.node_connected_component(graph, a))
        graph.add_edge(a, b, position)
    return sides
