"""What became of a customer's id: the log of merges and splits, followed to the id in use today."""

from datetime import date
from typing import NamedTuple

import pandas as pd


class Followed(NamedTuple):
    """The id in use for an earlier one, and the day of the merge that put the earlier one out of use (None: it is)."""

    customer_id: str
    since: date | None


def follow(log: pd.DataFrame, old_id: str) -> Followed:
    """Follow an id through the log of merges and splits (`identity_log`) to the one in use."""
    staged = log.assign(stage=log.groupby(["as_of", "turn"]).ngroup())
    merges = staged[staged["kind"] == "merge"].sort_values("stage", kind="stable")
    customer_id, since, left = old_id, None, -1
    while not (later := merges[(merges["old_id"] == customer_id) & (merges["stage"] > left)]).empty:
        merge = later.iloc[-1]
        if ((staged["new_id"] == customer_id) & (staged["stage"] > merge.stage)).any():  # records came back to it
            break
        customer_id, left = merge.new_id, merge.stage
        since = since or pd.Timestamp(merge.as_of).date()
    return Followed(customer_id, since)


def history(log: pd.DataFrame, customer_id: str) -> pd.DataFrame:
    """The merges and splits that led to a customer or took records from it, earliest first, ids merged into it too."""
    ids: set[str] = set()
    grown = {customer_id}
    while grown - ids:
        ids |= grown
        grown = ids | set(log.loc[log["new_id"].isin(ids) & (log["kind"] == "merge"), "old_id"])
    entries = log[log["old_id"].isin(ids) | log["new_id"].isin(ids)]
    return entries.sort_values(["as_of", "turn", "old_id", "new_id"], ignore_index=True)
