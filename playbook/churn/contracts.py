"""Contracts: what was known of them on a day, and who had none any more at the end of the horizon."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from playbook.churn.features import KEYS, features, names_of
from playbook.churn.label import check_covered
from playbook.churn.sight import HERE, USUAL, Sight, Tables, cut_off, days_frame, whole

NAMES = (
    "contract_days_left", "contract_days", "contract_tenure_days", "contract_periods", "contracts_running",
    "contract_amount", "contract_units",
)  # fmt: skip


def contract_features(tables: Tables, *, origins: Sequence[date], sight: Sight = USUAL) -> pd.DataFrame:
    """One row per origin and customer with a contract that ran on that day: `names_of(sight)` and `NAMES`.

    Whether a period was renewed is known only where it had ended; recency counts the begin of a period as a sign of
    life.
    """
    full, engine = whole(tables), tables["orders"].engine
    frame = engine.run(HERE / "contracts.sql", contracts=_then(full, origins), customers=full["customers"]).df()
    bought = features(tables, origins=origins, sight=sight)
    made = frame.merge(bought.astype({"origin": frame.origin.dtype}), on=list(KEYS), how="left")
    made["recency_days"] = made[["recency_days", "contract_days"]].min(axis=1)
    ordered = made.sort_values(list(KEYS), ignore_index=True)[[*KEYS, *names_of(sight), *NAMES]]
    return ordered.astype(dict.fromkeys((*names_of(sight), *NAMES), float))


def contract_labels(
    tables: Tables, frame: pd.DataFrame, *, horizon_days: int, grace_days: int, until: date
) -> np.ndarray:
    """1 for each row of `frame` whose customer had no contract at the end of the horizon and began none in the grace.

    Raises `NotCovered` where horizon and grace reach beyond `until`.
    """
    if frame.empty:
        return np.zeros(0)
    origins = sorted({day.date() for day in frame.origin})
    check_covered(origins, horizon_days=horizon_days + grace_days, until=until)
    engine, params = tables["orders"].engine, {"horizon": horizon_days, "grace": grace_days}
    contracts = engine.sql("select * from c where started_on <= $until", params={"until": until}, c=tables["contracts"])
    days = days_frame(engine, origins)
    stayed = engine.run(HERE / "contract_label.sql", params=params, contracts=contracts, origins=days).df()
    stayed = stayed.astype({"origin": frame.origin.dtype}).assign(stayed=1.0)
    return 1 - frame[list(KEYS)].merge(stayed, how="left").stayed.fillna(0).to_numpy(float)


def _then(tables: Tables, origins: Sequence[date]):
    """The contract periods as each origin knew them: the columns of `contracts` and the origin."""
    engine = tables["orders"].engine
    past = {f"c{n}": cut_off(tables, at=origin)["contracts"] for n, origin in enumerate(sorted(origins))}
    text = " union all ".join(
        f"select date '{origin}' as origin, * from {name}" for name, origin in zip(past, sorted(origins), strict=True)
    )
    return engine.sql(text, **past)
