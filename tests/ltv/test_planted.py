"""Planted truth, a small sample of what `benchmarks/ltv_planted.py` measures in full."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import ltv_planted


@pytest.mark.parametrize("key", ["bg_nbd", "pareto_nbd"])
def test_intervals_cover_and_the_forecast_ranks_better_than_last_years_spend(key):
    figures = ltv_planted.run(key, samples=16, count=600)
    parameters = [share for name, share in figures["covered"].items() if name not in ("total", "customer")]
    assert sum(parameters) / len(parameters) > 0.78  # 112 intervals at 90 %, correlated within a sample
    assert figures["covered"]["total"] >= 10 / 16  # at 90 % fewer would be seen once in 2,000 times
    assert 0.88 < figures["covered"]["customer"] < 0.99
    assert figures["forecast_ranks_better"] == 1
