"""Planted truth, a small sample of what `benchmarks/churn_planted.py` measures in full."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import churn_planted


def test_the_ranking_is_near_the_oracles_and_the_probabilities_come_true(engine):
    found = churn_planted.one(engine, 6000, seed=0)
    gap = found["auc"] - found["oracle, distributions"]
    assert -0.03 <= gap <= 0.005
    assert 0.9 <= found["slope"] <= 1.1
    assert found["auc"] > found["recency"]
