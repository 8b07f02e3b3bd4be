"""Customer histories as the models read them: how often, until when and for how long each customer has bought."""

from datetime import date as Date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from playbook.ltv.models.estimation import InputError
from playbook.tables.engine import Table

HERE = Path(__file__).parent
#: Days of a unit of time: as profiles say it, and as pandas does.
UNIT_DAYS = {"days": 1.0, "weeks": 7.0, "D": 1.0, "W": 7.0, "M": 365.25 / 12}


class Histories(NamedTuple):
    """One entry per customer, in the order of their ids; times in `unit_days`.

    frequency: purchase days after the first; recency: first to last; T: first to `as_of`; monetary: mean value of the
    repeat purchases (0: none), first_value: of the first, both net of returns; log_gaps: sum of the logarithms of the
    gaps. Where they are `contractual` a renewal stands for a purchase, and T beyond recency says that it ended.
    """

    customer_id: np.ndarray
    first_on: np.ndarray
    last_on: np.ndarray
    frequency: np.ndarray
    recency: np.ndarray
    T: np.ndarray
    monetary: np.ndarray
    first_value: np.ndarray
    log_gaps: np.ndarray
    as_of: Date
    unit_days: float
    contractual: bool = False

    @property
    def history(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(frequency, recency, T): what the models of purchases take."""
        return self.frequency, self.recency, self.T

    @property
    def first_day(self) -> Date:
        """The day of the first purchase of all; `as_of` where nobody bought."""
        return self.first_on.min().astype(object) if len(self.first_on) else self.as_of

    def units(self, days: float) -> float:
        """So many days in the unit of the models."""
        return days / self.unit_days


def customer_histories(purchases: Table, *, as_of: Date, unit: str = "weeks") -> Histories:
    """The histories of all customers who bought up to `as_of`, inclusive; one-time buyers kept.

    `purchases` is `playbook.tables.purchases(..., as_of=as_of)`; `unit` of time: weeks or days.
    """
    params = {"as_of": as_of, "unit_days": UNIT_DAYS[unit]}
    frame = purchases.engine.run(HERE / "histories.sql", params=params, purchases=purchases).df()
    frame = frame.sort_values("customer_id", ignore_index=True).rename(columns={"observed": "T"})
    days = {name: frame[name].to_numpy("datetime64[D]") for name in ("first_on", "last_on")}
    numbers = {name: frame[name].to_numpy(float) for name in Histories._fields[3:9]}
    return Histories(frame.customer_id.to_numpy(object), **days, **numbers, as_of=as_of, unit_days=UNIT_DAYS[unit])


def outcomes(purchases: Table, customer_id: np.ndarray, *, since: Date, until: Date) -> pd.DataFrame:
    """What these customers did after `since` and up to `until`: a row for each of them, `purchases` and `value`."""
    params = {"since": since, "until": until}
    frame = purchases.engine.run(HERE / "outcomes.sql", params=params, purchases=purchases).df()
    return frame.set_index("customer_id").reindex(customer_id, fill_value=0).astype(float)


def weekly_repeats(purchases: Table, history: Histories, *, since: Date, until: Date) -> np.ndarray:
    """Repeat purchases of these customers in each full week after `since`, shape (weeks,)."""
    engine = purchases.engine
    customers = engine.frame(pd.DataFrame({"customer_id": history.customer_id, "first_on": history.first_on}))
    tables = {"purchases": purchases, "histories": customers}
    frame = engine.run(HERE / "weekly_repeats.sql", params={"since": since}, **tables).df()
    weeks = range(1, (until - since).days // 7 + 1)
    return frame.set_index("week").purchases.reindex(weeks, fill_value=0).to_numpy(float)


def summary(
    transactions: pd.DataFrame,
    *,
    customer: str,
    date: str,
    value: str | None = None,
    period: str = "D",
    as_of: Any = None,
    gaps: bool = False,
) -> pd.DataFrame:
    """One row per customer, indexed by their ids: frequency, recency, T and monetary, all as floats.

    As `lifetimes.utils.summary_data_from_transaction_data(..., freq="D")`: transactions of one day are one purchase;
    frequency counts the purchases after the first; recency is the time from the first to the last, T that from the
    first to `as_of` (a date; by default the last day in the data), both in units of `period`: D, W (7 days) or M
    (365.25 / 12 days); monetary is the mean value of the repeat purchases, the first left out, and 0 without any.
    Rows without a customer and those after `as_of` are left out; rows with a negative value count like others, so
    take returns out before. `gaps` adds log_gaps, which `MBGCNBD` fits its regularity to.

    Raises `InputError` for a column that is missing, an unknown period, and a date or value that cannot be read.

    >>> sales = pd.DataFrame({"who": ["ann", "ann", "ann", "ben"], "spent": [9.0, 20.0, 30.0, 5.0]})
    >>> sales["day"] = ["1997-01-01", "1997-01-15", "1997-01-22", "1997-01-08"]
    >>> summary(sales, customer="who", date="day", value="spent", period="W", as_of="1997-01-29").loc["ann"].to_dict()
    {'frequency': 2.0, 'recency': 3.0, 'T': 4.0, 'monetary': 25.0}
    """
    if period not in ("D", "W", "M"):
        raise InputError(f"the period is D, W or M; it is {period!r}.")
    names = {"customer": customer, "day": date} | ({"value": value} if value else {})
    days, end = _purchase_days(transactions, names, as_of)
    unit, by_customer = pd.Timedelta(days=UNIT_DAYS[period]), days.groupby("customer")
    first, last = by_customer.day.min(), by_customer.day.max()
    frame = pd.DataFrame(
        {"frequency": by_customer.size() - 1.0, "recency": (last - first) / unit, "T": (end - first) / unit}
    )
    since = by_customer.day.diff() / unit  # NaN: the first purchase
    if value:
        repeats = days.value[since.notna()].groupby(days.customer).mean()
        frame["monetary"] = repeats.reindex(frame.index, fill_value=0.0)
    if gaps:
        frame["log_gaps"] = np.log(since).groupby(days.customer).sum()
    return frame.rename_axis(customer)


def _purchase_days(transactions, names, as_of):
    """One row per customer and day up to `as_of`, with the sum of values (0 without any); and that day."""
    if missing := [column for column in names.values() if column not in transactions]:
        raise InputError(f"transactions lack column(s) {missing}; they have {list(transactions.columns)}.")
    columns = pd.DataFrame({name: transactions[column] for name, column in names.items()}).dropna(subset="customer")
    days = pd.to_datetime(columns.day, errors="coerce").dt.tz_localize(None).dt.normalize()
    values = pd.to_numeric(columns.value, errors="coerce") if "value" in columns else 0.0
    rows = columns.assign(day=days, value=values)
    for name, column in names.items():
        if (wrong := rows[name].isna().to_numpy()).any():
            example = columns[name][wrong].iloc[0]
            raise InputError(f"column {column!r} has {wrong.sum()} value(s) that cannot be read, such as {example!r}.")
    if rows.empty:
        raise InputError(f"no row has a customer in column {names['customer']!r}.")
    end = rows.day.max() if as_of is None else pd.Timestamp(as_of)
    return rows[rows.day <= end].groupby(["customer", "day"], as_index=False).value.sum(), end
