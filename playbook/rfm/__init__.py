# ruff: noqa: F401
"""RFM: how recently, how often and how much each customer buys, and the tier that follows from it.

    purchases, customers -> summary -> cuts -> scores -> tier and lifecycle -> rfm, rfm_history, lists/

Each step is a function on tables; `build` is all of them in a row. The figures are in `playbook.rfm.charts`, what they
say in `playbook.rfm.messages`.
"""

from playbook.rfm.build import all_purchases, build, keep_baseline, measures_of
from playbook.rfm.clusters import against_tiers, clusters
from playbook.rfm.cohorts import cohorts, gaps, new_and_returning, usual_gap
from playbook.rfm.customer_base import (
    buyers,
    concentration,
    coverage,
    is_enough,
    lorenz,
    score_grid,
    spend,
    tier_profile,
)
from playbook.rfm.cuts import Cuts, fresh_cuts, frozen_cuts
from playbook.rfm.history import comparable, ends_of, history, migration, month_ends, tier_shares
from playbook.rfm.review import against_target, drift, frozen_and_recut, propose, sensitivity
from playbook.rfm.summary import spending, summary
from playbook.rfm.tier_mix import (
    activity,
    categories,
    channels,
    differences,
    informative,
    is_sparse,
    members,
    repeat_rate_change,
    top_by_tier,
)
from playbook.rfm.tiers import assign, in_scope, measures_used, score, tier_frame, write_lists
from playbook.rfm.year_on_year import months_compared
