"""RFM: how recently, how often and how much each customer buys, and the tier that follows from it.

    orders, customers -> summary -> cuts -> scores -> tier and lifecycle -> rfm, rfm_history, lists/

Each step is a function on tables; `build` is all of them in a row. The figures are in `playbook.rfm.charts`.
"""

from playbook.rfm.base import coverage, score_grid, spend, tier_profile
from playbook.rfm.build import build, build_history
from playbook.rfm.cautions import warn
from playbook.rfm.concentration import concentration, lorenz
from playbook.rfm.cuts import Cuts, fresh_cuts, frozen_cuts
from playbook.rfm.findings import absent, average, concentrated, headline, movement, say, stayed
from playbook.rfm.history import history, migration, month_ends, tier_shares
from playbook.rfm.lists import write_lists
from playbook.rfm.summary import counted, orders_of, spending, summary
from playbook.rfm.tiers import assign, score, tier_frame

__all__ = [
    "Cuts",
    "absent",
    "assign",
    "average",
    "build",
    "build_history",
    "concentrated",
    "concentration",
    "counted",
    "coverage",
    "fresh_cuts",
    "frozen_cuts",
    "headline",
    "history",
    "lorenz",
    "migration",
    "month_ends",
    "movement",
    "orders_of",
    "say",
    "score",
    "score_grid",
    "spend",
    "spending",
    "stayed",
    "summary",
    "tier_frame",
    "tier_profile",
    "tier_shares",
    "warn",
    "write_lists",
]
