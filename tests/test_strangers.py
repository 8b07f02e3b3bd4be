"""Three profiles written from the documentation alone: they load, and their tiers are the ones a run gives."""

from pathlib import Path

import pytest

import playbook
from playbook.profile import models as profile

STRANGERS = sorted((Path(__file__).parent / "strangers").glob("*.yml"))


@pytest.mark.parametrize("path", STRANGERS, ids=lambda path: path.stem)
def test_profile_of_a_stranger_gives_only_tiers_of_its_own(path, tmp_path):
    tiers = profile.load(path).tiers
    run = playbook.open_run(industry=str(path), data="sample:300:1", out=str(tmp_path))
    found = set(run.table("rfm").df()["tier"])
    assert found and found <= set(tiers)
