"""RFM: how recently, how often and how much each customer buys, and the tier that follows from it.

    orders, customers -> summary -> cuts -> scores -> tier and lifecycle -> rfm, rfm_history, lists/

Each step is a function on tables; `build` is all of them in a row. The figures are in `playbook.rfm.charts`.
"""

from playbook.rfm.base import buyers, coverage, score_grid, spend, tier_profile
from playbook.rfm.build import build, build_history, measures_of
from playbook.rfm.cautions import warn
from playbook.rfm.concentration import concentration, lorenz
from playbook.rfm.cuts import Cuts, fresh_cuts, frozen_cuts
from playbook.rfm.findings import say
from playbook.rfm.history import ends_of, history, migration, month_ends, tier_shares
from playbook.rfm.lists import write_lists
from playbook.rfm.summary import counted, orders_of, spending, summary
from playbook.rfm.tiers import assign, score, tier_frame

__all__ = [
    "Cuts",
    "assign",
    "build",
    "build_history",
    "buyers",
    "concentration",
    "counted",
    "coverage",
    "ends_of",
    "fresh_cuts",
    "frozen_cuts",
    "history",
    "lorenz",
    "measures_of",
    "migration",
    "month_ends",
    "orders_of",
    "say",
    "score",
    "score_grid",
    "spend",
    "spending",
    "summary",
    "tier_frame",
    "tier_profile",
    "tier_shares",
    "warn",
    "write_lists",
]
