"""Connected components: which records a chain of links connects."""

import numpy as np
import pandas as pd

from playbook.tables.engine import Engine, Table

#: No link at all, as a query.
NO_LINKS = """
select
  cast(null as bigint) as record_no_a, cast(null as bigint) as record_no_b, cast(null as varchar) as rule,
  cast(null as double) as weight, cast(null as double) as probability, cast(null as bigint) as value_no
where false
"""


def connected(count: int, links: pd.DataFrame) -> np.ndarray:
    """For each node 0 to count - 1 the smallest node that a chain of links (record_no_a, record_no_b) connects it with.

    >>> connected(4, pd.DataFrame({"record_no_a": [0, 2], "record_no_b": [2, 3]})).tolist()
    [0, 1, 0, 0]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = (links["record_no_a"].to_numpy(np.int64), links["record_no_b"].to_numpy(np.int64))
    graph = coo_array((np.ones(len(links), dtype=bool), ends), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    return np.unique(labels, return_index=True)[1][labels] if count else labels


def connected_records(engine: Engine, records: Table, links: Table) -> Table:
    """One row per record: record_no and group_no, the smallest record number that links connect it with."""
    groups = connected(records.count(), links.df())
    return engine.frame(pd.DataFrame({"record_no": range(len(groups)), "group_no": groups}))
