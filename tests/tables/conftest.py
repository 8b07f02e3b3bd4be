"""One engine for the tests of the tables, and the hand-made shop of `tests/rfm`."""

import sys
from pathlib import Path

import pytest

from playbook.tables.engine import Engine

sys.path.insert(0, str(Path(__file__).parents[1] / "rfm"))


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(threads=2)
