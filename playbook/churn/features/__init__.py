"""Features at past days: what was known of each customer on a day, who left afterwards, and no leak between."""

from playbook.churn.features.contracts import contract_features, contract_labels
from playbook.churn.features.customer_features import KEYS, feature_names, features
from playbook.churn.features.labels import NotCovered, labels, origins_of
from playbook.churn.features.leakage import LeakError, all_time_orders, guard, joined
from playbook.churn.features.point_in_time import DEFAULT, FeatureSpec, Tables, snapshot, with_defaults

__all__ = [
    "DEFAULT",
    "KEYS",
    "FeatureSpec",
    "LeakError",
    "NotCovered",
    "Tables",
    "all_time_orders",
    "contract_features",
    "contract_labels",
    "feature_names",
    "features",
    "guard",
    "joined",
    "labels",
    "origins_of",
    "snapshot",
    "with_defaults",
]
