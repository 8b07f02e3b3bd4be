"""RFM: how recently, how often and how much each customer buys, and the tier that follows from it.

    orders, customers -> summary -> cuts -> scores -> tier and lifecycle -> rfm, rfm_history, lists/

Each step is a function on tables; `build` is all of them in a row. The figures are in `playbook.rfm.charts`.
"""

from playbook.rfm.base import buyers, coverage, score_grid, spend, tier_profile
from playbook.rfm.build import build, build_history, keep_baseline, measures_of
from playbook.rfm.calendar import months_compared
from playbook.rfm.cautions import warn
from playbook.rfm.clusters import against_tiers, clusters
from playbook.rfm.concentration import concentration, lorenz
from playbook.rfm.cuts import Cuts, fresh_cuts, frozen_cuts
from playbook.rfm.findings import say
from playbook.rfm.history import comparable, ends_of, history, migration, month_ends, tier_shares
from playbook.rfm.lists import write_lists
from playbook.rfm.reading import (
    activity,
    bought,
    by_channel,
    categories,
    channels,
    cohorts,
    differences,
    gaps,
    inside,
    is_sparse,
    members,
    mix,
    new_and_returning,
    repeat_rates,
    simpson,
    telling,
    usual_gap,
)
from playbook.rfm.recut import cut_both_ways
from playbook.rfm.review import against_target, drift, propose, sensitivity
from playbook.rfm.summary import counted, of_people, orders_of, spending, summary
from playbook.rfm.tiers import assign, measures_used, score, tier_frame

__all__ = [
    "Cuts",
    "activity",
    "against_target",
    "against_tiers",
    "assign",
    "bought",
    "build",
    "build_history",
    "buyers",
    "by_channel",
    "categories",
    "channels",
    "clusters",
    "cohorts",
    "comparable",
    "concentration",
    "counted",
    "coverage",
    "cut_both_ways",
    "differences",
    "drift",
    "ends_of",
    "fresh_cuts",
    "frozen_cuts",
    "gaps",
    "history",
    "inside",
    "is_sparse",
    "keep_baseline",
    "lorenz",
    "measures_of",
    "measures_used",
    "members",
    "migration",
    "mix",
    "month_ends",
    "months_compared",
    "new_and_returning",
    "of_people",
    "orders_of",
    "propose",
    "repeat_rates",
    "say",
    "score",
    "score_grid",
    "sensitivity",
    "simpson",
    "spend",
    "spending",
    "summary",
    "telling",
    "tier_frame",
    "tier_profile",
    "tier_shares",
    "usual_gap",
    "warn",
    "write_lists",
]
