"""Damaged files: read with every row accounted for, or refused in words. PLAYBOOK_FILES says how many (300)."""

import os

import mutations


def test_no_damaged_file_crashes_hangs_or_loses_a_row():
    found = mutations.survive(int(os.environ.get("PLAYBOOK_FILES", 300)), seed=20)
    assert found.crashes == []
    assert found.counts[mutations.READ] and found.counts[mutations.REFUSED]
