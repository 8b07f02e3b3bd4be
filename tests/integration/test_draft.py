"""The drafted sources.yml: right or marked, never wrong in silence; and it loads and runs."""

from pathlib import Path

import pytest
import yaml

from playbook.integration.draft import drafted, text
from tests.integration.drafts import Verdicts, judged

TRUTH = yaml.safe_load((Path(__file__).parent / "draft_truth.yml").read_text(encoding="utf-8"))
NOTHING = Verdicts([], [], [])


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_a_draft_of_public_data_is_right_or_marked_in_all_that_matters(name, public_data):
    verdicts = judged(text(drafted(public_data / name)), TRUTH[name])
    assert verdicts.wrong == []
    assert verdicts.settled >= 0.5  # marking everything would be no draft
