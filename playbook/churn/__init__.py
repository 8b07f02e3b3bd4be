"""Churn: who is leaving, how sure that is, and how much better than a plain rule it was when it was tried.

    orders, events, feedback, contracts -> features and labels at past days -> learn -> compare -> churn

Everything is split by time: models learn on earlier days and are tried on a later one. `build` is all of it in a row.
"""

from playbook.churn.accuracy import Tally, calibration_curve, measures, tally
from playbook.churn.build import Problem, Room, build, costs_of, explore, save
from playbook.churn.comparison import Comparison, compare
from playbook.churn.contracts import contract_features, contract_labels
from playbook.churn.definition import Definition, define
from playbook.churn.drift import Checked, Drift
from playbook.churn.features import family, features, names_of
from playbook.churn.guard import LeakError, all_time_orders, guard, joined
from playbook.churn.horizon import Horizon, horizon, regret_curve
from playbook.churn.label import NotCovered, labels, origins_of
from playbook.churn.leak import Tempted, tempted
from playbook.churn.learning import Learned, learn
from playbook.churn.profit import Costs, expected_maximum_profit, profit_curve
from playbook.churn.sight import Sight, cut_off, sight_of, tables_of
from playbook.churn.signals_whole import precedes, tell_apart
from playbook.churn.survival import curves, to_leaving, to_next_purchase

__all__ = [
    "Checked",
    "Comparison",
    "Costs",
    "Definition",
    "Drift",
    "Horizon",
    "LeakError",
    "Learned",
    "NotCovered",
    "Problem",
    "Room",
    "Sight",
    "Tally",
    "Tempted",
    "all_time_orders",
    "build",
    "calibration_curve",
    "compare",
    "contract_features",
    "contract_labels",
    "costs_of",
    "curves",
    "cut_off",
    "define",
    "expected_maximum_profit",
    "explore",
    "family",
    "features",
    "guard",
    "horizon",
    "joined",
    "labels",
    "learn",
    "measures",
    "names_of",
    "origins_of",
    "precedes",
    "profit_curve",
    "regret_curve",
    "save",
    "sight_of",
    "tables_of",
    "tally",
    "tell_apart",
    "tempted",
    "to_leaving",
    "to_next_purchase",
]
