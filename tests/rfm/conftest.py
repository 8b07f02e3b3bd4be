"""One engine for the tests of this room; handles never collide."""

import sys
from pathlib import Path

import pytest

from playbook.profile import models as profile
from playbook.tables.engine import Engine

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(threads=2)


@pytest.fixture(scope="session")
def retail() -> profile.Profile:
    return profile.load("retail")
