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
    customer_id, since, left = old_id, None, -1
    while (merge := _last_merge(staged, customer_id, left)) is not None:
        customer_id, left = merge.new_id, merge.stage
        since = since or pd.Timestamp(merge.as_of).date()
    return Followed(customer_id, since)


def history(log: pd.DataFrame, customer_id: str) -> pd.DataFrame:
    """The merges and splits that led to a customer or took records from it, earliest first, ids merged into it too."""
    known, found = set(), {customer_id}
    while found - known:
        known |= found
        into = log[log["new_id"].isin(known) & (log["kind"] == "merge")]
        found = known | set(into["old_id"])
    told = log[log["old_id"].isin(known) | log["new_id"].isin(known)]
    return told.sort_values(["as_of", "turn", "old_id", "new_id"], ignore_index=True)


def _last_merge(log: pd.DataFrame, customer_id: str, after: int):
    """The merge that put an id out of use, unless later on records came to it: it is in use again."""
    merges = log[(log["kind"] == "merge") & (log["old_id"] == customer_id) & (log["stage"] > after)]
    if merges.empty:
        return None
    last = merges.sort_values("stage").iloc[-1]
    back = (log["new_id"] == customer_id) & (log["stage"] > last.stage)
    return None if back.any() else last
