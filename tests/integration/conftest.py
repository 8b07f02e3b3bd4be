"""A data folder that fits in the head, and what integration makes of it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def own_key(tmp_path_factory, monkeypatch):
    """A secret key of the tests' own: the user's configuration is left alone."""
    monkeypatch.setenv("PLAYBOOK_KEY_FILE", str(tmp_path_factory.getbasetemp() / "key"))


@pytest.fixture
def published(public_data, monkeypatch) -> Path:
    """The folder of public data sets, where the examples look for it."""
    monkeypatch.setenv("PLAYBOOK_DATA", str(public_data))
    return public_data
