"""CDNOW as orders, and a room on simulated customers."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from playbook import churn
from playbook.tables.engine import Engine

sys.path.insert(0, str(Path(__file__).parent))

from leavers import run_on, simulated, standard


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(threads=2)


@pytest.fixture(scope="session")
def cdnow(public_data, engine) -> dict:
    """Every purchase of the CDNOW master data, as tables."""
    lines = pd.read_csv(
        public_data / "cdnow" / "CDNOW_master.txt",
        sep=r"\s+",
        header=None,
        skiprows=1,
        names=["customer_id", "day", "quantity", "amount"],
        dtype={"customer_id": str, "day": str},
    )
    return {"orders": standard(engine, lines.assign(day=pd.to_datetime(lines.day), kind="purchase"))}


@pytest.fixture(scope="session")
def room(engine):
    """A run on simulated orders, and everything the room finds in it."""
    run = run_on(engine, {"orders": simulated(engine)})
    return run, churn.build(run)
