"""Edges: ties between two records each, and which records a chain of them connects."""

import numpy as np
import pandas as pd

#: No edge at all, as a query.
NO_EDGES = """
select
  cast(null as bigint) as record_no_a, cast(null as bigint) as record_no_b, cast(null as varchar) as rule,
  cast(null as double) as weight, cast(null as double) as probability, cast(null as bigint) as value_no
where false
"""


def connected(count: int, edges: pd.DataFrame) -> np.ndarray:
    """For each node 0 to count - 1 the smallest node that a chain of edges connects it with."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = (edges["record_no_a"].to_numpy(np.int64), edges["record_no_b"].to_numpy(np.int64))
    graph = coo_array((np.ones(len(edges), dtype=bool), ends), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    return np.unique(labels, return_index=True)[1][labels] if count else labels
