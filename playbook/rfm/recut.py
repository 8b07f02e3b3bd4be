"""The mistake of cutting anew: with fresh quintiles every month, the shares of the tiers can hardly move."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from playbook.rfm.cuts import Cuts, fresh_cuts
from playbook.rfm.tiers import assign, score
from playbook.tables.engine import Table


def cut_both_ways(
    history: Table, profile, *, ends: Sequence[date], cuts: Cuts, measures: Table | None = None
) -> pd.DataFrame:
    """One row per month-end and tier: as_of, tier, frozen and recut (shares of the customers who count in shares).

    `history` is `rfm.history(...)`; `frozen` holds the given cuts throughout, `recut` computes quintiles each month.
    """
    free = profile.rfm.model_copy(update={"cuts": type(profile.rfm.cuts)()})
    rows = []
    for end in ends:
        summary = _on(history, end)
        own = None if measures is None else _on(measures, end)
        recut = fresh_cuts(summary, free, as_of=end)
        frozen, anew = (_shares(summary, chosen, profile, own, end) for chosen in (cuts, recut))
        rows += [{"as_of": end, "tier": tier, "frozen": frozen[tier], "recut": anew[tier]} for tier in frozen.index]
    return pd.DataFrame(rows)


def _on(table: Table, end: date) -> Table:
    return table.engine.sql(
        "select * exclude (as_of) from t where as_of = $end", params={"end": end}, t=table
    ).materialise()


def _shares(summary: Table, cuts: Cuts, profile, measures: Table | None, end: date) -> pd.Series:
    tiered = assign(score(summary, cuts), profile, measures, days=[end])
    counts = summary.engine.sql("select tier, count(*) as n from t group by tier", t=tiered).df().set_index("tier")["n"]
    inside = [key for key, tier in profile.tiers.items() if not tier.apart]
    found = counts.reindex(inside, fill_value=0)
    return found / max(found.sum(), 1)
