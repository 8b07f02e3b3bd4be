"""CDNOW as it is published: one purchase per customer and day, 39 weeks to fit on, 39 weeks to check against."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from playbook import ltv
from playbook.tables.engine import Engine

sys.path.insert(0, str(Path(__file__).parent))

from bench import run_on, simulated

END = pd.Timestamp("1997-09-30")


@pytest.fixture(scope="session")
def purchases(public_data) -> pd.DataFrame:
    """One row per customer and day of the published sample: 6,696."""
    lines = pd.read_csv(
        public_data / "cdnow" / "CDNOW_sample.txt",
        sep=r"\s+",
        header=None,
        names=["master", "customer", "day", "quantity", "value"],
        parse_dates=["day"],
        date_format="%Y%m%d",
    )
    return lines.groupby(["customer", "day"], as_index=False).value.sum()


@pytest.fixture(scope="session")
def cdnow(purchases) -> SimpleNamespace:
    """Arrays over the 2,357 customers: x, t_x, T in weeks, mean value of repeat purchases, purchases in the holdout."""
    before, after = purchases[purchases.day <= END], purchases[purchases.day > END]
    days = before.groupby("customer").day.agg(["min", "max", "size"])
    repeats = before[before.day > before.customer.map(days["min"])].groupby("customer").value.mean()
    return SimpleNamespace(
        x=(days["size"] - 1).to_numpy(),
        t_x=((days["max"] - days["min"]).dt.days / 7).to_numpy(),
        T=((END - days["min"]).dt.days / 7).to_numpy(),
        value=repeats.reindex(days.index).fillna(0).to_numpy(),
        holdout=after.groupby("customer").size().reindex(days.index, fill_value=0).to_numpy(),
    )


@pytest.fixture(scope="session")
def donations(public_data) -> pd.DataFrame:
    """11,104 donors in 22 cells."""
    return pd.read_csv(public_data / "cdnow" / "donations.csv")


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(threads=2)


@pytest.fixture(scope="session")
def fitted(engine):
    """A run on simulated orders, and what every step gives."""
    run = run_on(engine, {"orders": simulated(engine)})
    return run, ltv.fit(run)
