"""Contracts: renewals are seen, and a contract model without contracts says so."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from bench import AS_OF, run_on, simulated

from playbook import ltv
from playbook.ltv.contracts import Renewals, contract_histories
from playbook.ltv.messages import cautions
from playbook.report.message import Message


def signed(engine, count=400, seed=2):
    """Yearly contracts of 100 each, renewed with probabilities of their own, the first one up to five years back."""
    rng = np.random.default_rng(seed)
    leaves, begun, rows = rng.beta(1, 3, count), rng.integers(1, 6, count), []
    for n in range(count):
        periods = min(rng.geometric(leaves[n]), begun[n])
        for turn in range(periods):
            start = date(AS_OF.year - begun[n] + turn, 7, 1)
            renewed = True if turn < periods - 1 else (False if periods < begun[n] else None)
            rows.append((f"k{n}", f"c{n:03d}", start, date(start.year + 1, 7, 1), renewed, 100.0))
    names = ["contract_id", "customer_id", "started_on", "ends_on", "renewed", "amount"]
    return engine.frame(pd.DataFrame(rows, columns=names).astype({"renewed": object}))


@pytest.fixture(scope="module")
def insurer(engine):
    people = engine.sql("select distinct customer_id, false as is_internal from k", k=signed(engine)).materialise()
    tables = {"contracts": signed(engine), "customers": people}
    return run_on(engine, tables, model="sbg", margin=0.2, cost_to_serve=0.0, discount_rate=0.0)


def test_a_contract_that_runs_is_alive_and_one_that_ended_is_worth_nothing_more(insurer):
    result = ltv.fit(insurer)
    ended = result.history.recency < result.history.T
    assert (result.value.forecast.future[ended] == 0).all() and (result.value.forecast.future[~ended] > 0).all()


def test_future_value_is_renewals_times_amount_times_margin(insurer):
    result = ltv.fit(insurer)
    running = result.history.recency == result.history.T
    periods = insurer.profile.ltv.horizon_days / result.history.unit_days
    renewals = Renewals.expected_if_alive(result.choice.purchases, periods, *result.history.history)
    assert result.value.forecast.future[running] == pytest.approx(20 * renewals[running])
    low, high = result.value.intervals.total()
    assert low < result.value.forecast.future.sum() < high


def test_draws_of_renewals_have_the_expected_mean():
    model, rows = Renewals().with_parameters(alpha=0.7, beta=2.0), [np.full(100_000, 2.0)] * 3
    sampled = model.sample(np.random.default_rng(1), 2.5, *rows)
    assert sampled.mean() == pytest.approx(model.expected_if_alive(2.5, *rows)[0], abs=0.02)


def test_periods_are_counted_up_to_the_day(insurer):
    history = contract_histories(insurer.table("contracts"), insurer.table("customers"), as_of=AS_OF)
    assert history.frequency.max() == 4 and 364 < history.unit_days < 367


def test_without_contracts_the_reader_is_told_and_purchases_are_forecast_instead(engine):
    run = run_on(engine, {"orders": simulated(engine)}, model="sbg")
    result = ltv.fit(run)
    assert Message("ltv.flag.no_fit", {"model": "sbg", "problem": "no_contracts"}) in cautions(run, result)
    assert result.choice.reason == "holdout"
