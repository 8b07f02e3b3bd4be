"""Fixtures shared by the rooms."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("playbook", deadline=None)  # a busy machine is no finding
settings.load_profile("playbook")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public data sets, or a skip that says where it was looked for."""
    folder = Path(os.environ.get("PLAYBOOK_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not at {folder}; set PLAYBOOK_DATA to their folder")
    return folder
