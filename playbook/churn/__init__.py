"""Churn: who is leaving, how sure that is, and how much better than a plain rule it was when it was tried.

    orders, events, feedback, contracts -> features and labels at past days -> train -> compare -> score -> churn

Everything is split by time: models learn on earlier days and are tried on a later one. `build` is all of it in a row.
"""

from playbook.churn.build import (
    ChurnResult,
    backtest,
    build,
    costs_of,
    drift_since,
    keep_state,
    risk_table,
    score_today,
)
from playbook.churn.definition import Definition, History, define, history
from playbook.churn.features import (
    FeatureSpec,
    LeakError,
    NotCovered,
    all_time_orders,
    contract_features,
    contract_labels,
    feature_names,
    features,
    guard,
    joined,
    labels,
    origins_of,
    snapshot,
)
from playbook.churn.horizon import Horizon, horizon, reactivation_curve
from playbook.churn.leakage_demo import LeakageDemo, leakage_demo
from playbook.churn.model.comparison import Comparison, compare
from playbook.churn.model.drift import Checked, Drift
from playbook.churn.model.leading_indicators import group_differences, leading_indicators
from playbook.churn.model.metrics import ScoreCounts, calibration_curve, metrics, score_counts
from playbook.churn.model.profit import Costs, expected_maximum_profit, profit_curve
from playbook.churn.model.training import CalibratedInTime, train
from playbook.churn.survival import curves, to_leaving, to_next_purchase

__all__ = [
    "CalibratedInTime",
    "Checked",
    "ChurnResult",
    "Comparison",
    "Costs",
    "Definition",
    "Drift",
    "FeatureSpec",
    "History",
    "Horizon",
    "LeakError",
    "LeakageDemo",
    "NotCovered",
    "ScoreCounts",
    "all_time_orders",
    "backtest",
    "build",
    "calibration_curve",
    "compare",
    "contract_features",
    "contract_labels",
    "costs_of",
    "curves",
    "define",
    "drift_since",
    "expected_maximum_profit",
    "feature_names",
    "features",
    "group_differences",
    "guard",
    "history",
    "horizon",
    "joined",
    "keep_state",
    "labels",
    "leading_indicators",
    "leakage_demo",
    "metrics",
    "origins_of",
    "profit_curve",
    "reactivation_curve",
    "risk_table",
    "score_counts",
    "score_today",
    "snapshot",
    "to_leaving",
    "to_next_purchase",
    "train",
]
