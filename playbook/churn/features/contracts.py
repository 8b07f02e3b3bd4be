"""Contracts: what was known of them on a day, and who had none any more at the end of the horizon."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from playbook.churn.features.customer_features import KEYS, feature_names, features
from playbook.churn.features.labels import covered_origins
from playbook.churn.features.point_in_time import (
    DEFAULT,
    HERE,
    FeatureSpec,
    Tables,
    by_origin,
    origins_table,
    snapshot,
    with_defaults,
)

CONTRACT_FEATURES = (
    "contract_days_left", "contract_days", "contract_tenure_days", "contract_periods", "contracts_running",
    "contract_amount", "contract_units",
)  # fmt: skip


def contract_features(tables: Tables, *, origins: Sequence[date], spec: FeatureSpec = DEFAULT) -> pd.DataFrame:
    """One row per origin and customer with a contract that ran on that day: `feature_names(spec)` and
    `CONTRACT_FEATURES`.

    Whether a period was renewed is known only where it had ended; recency counts the begin of a period as a sign of
    life.
    """
    full = with_defaults(tables)
    engine = full["orders"].engine
    known_then = by_origin({origin: snapshot(full, as_of=origin)["contracts"] for origin in origins})
    running = engine.run(HERE / "contracts.sql", contracts=known_then, customers=full["customers"]).df()
    bought = features(tables, origins=origins, spec=spec).astype({"origin": running.origin.dtype})
    rows = running.merge(bought, on=list(KEYS), how="left")
    rows["recency_days"] = rows[["recency_days", "contract_days"]].min(axis=1)
    names = [*feature_names(spec), *CONTRACT_FEATURES]
    return rows.sort_values(list(KEYS), ignore_index=True)[[*KEYS, *names]].astype(dict.fromkeys(names, float))


def contract_labels(
    tables: Tables, frame: pd.DataFrame, *, horizon_days: int, grace_days: int, until: date
) -> np.ndarray:
    """1 for each row of `frame` whose customer had no contract at the end of the horizon and began none in the grace.

    Raises `NotCovered` where horizon and grace reach beyond `until`.
    """
    if frame.empty:
        return np.zeros(0)
    origins = covered_origins(frame, horizon_days=horizon_days + grace_days, until=until)
    engine, params = tables["orders"].engine, {"horizon": horizon_days, "grace": grace_days}
    contracts = engine.sql("select * from c where started_on <= $until", params={"until": until}, c=tables["contracts"])
    days = origins_table(engine, origins)
    stayed = engine.run(HERE / "contract_label.sql", params=params, contracts=contracts, origins=days).df()
    stayed = stayed.astype({"origin": frame.origin.dtype}).assign(stayed=1.0)
    return 1 - frame[list(KEYS)].merge(stayed, how="left").stayed.fillna(0).to_numpy(float)
