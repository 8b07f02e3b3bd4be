"""Edge cases end in words: a problem with its code, and a table in which nobody has a probability."""

from datetime import date, timedelta

import pandas as pd
import pytest
from leavers import AS_OF, DAYS, on, orders, run_on, simulated, standard

from playbook import churn

CONTRACT_DAYS = 730


def explored(engine, found, **options):
    result = churn.build(run_on(engine, {"orders": found}, **options))
    assert result.table.churn_probability.isna().all()
    assert result.history.problem.values["horizon"] == 90
    return result


def problem(result):
    """The key of the problem after `churn.problem.`, and its values but for the horizon."""
    key, values, *_ = result.history.problem
    return key.removeprefix("churn.problem."), {name: value for name, value in values.items() if name != "horizon"}


def every(engine, days, customers=60, start=DAYS):
    """Orders of customers who all buy every so many days."""
    at = [AS_OF - timedelta(days=back) for back in range(start, -1, -days)]
    rows = [
        {"customer_id": f"c{n:03d}", "day": pd.Timestamp(day), "amount": 10.0} for n in range(customers) for day in at
    ]
    return standard(engine, pd.DataFrame(rows).assign(kind="purchase"))


def test_everybody_stays_is_one_class(engine):
    assert problem(explored(engine, every(engine, 30))) == ("one_class.stayed", {"customers": 60})


def test_two_customers_are_too_few(engine):
    found = explored(engine, orders(engine, "a 2025-01-05 9", "a 2026-02-01 9", "b 2025-07-01 9", "b 2026-04-20 9"))
    assert problem(found)[0] == "too_few"
    assert set(found.table.risk) == {"unknown"}


def test_without_a_repeat_buyer_nobodys_silence_says_anything(engine):
    found = explored(engine, orders(engine, "a 2025-01-05 9", "b 2026-02-01 9", "c 2026-06-01 9"))
    assert problem(found) == ("no_repeat", {"customers": 3})
    assert found.table.risk.tolist() == ["lost", "unknown", "unknown"]


def test_a_history_shorter_than_three_horizons_covers_no_label(engine):
    found = explored(engine, every(engine, 20, start=199))
    assert problem(found) == ("not_covered", {"days": 200, "needed": 270})


def test_contracts_without_contracts_are_missed_in_words(engine):
    assert problem(explored(engine, every(engine, 30), relationship="contractual")) == ("no_contracts", {})


def test_no_orders_at_all(engine):
    found = explored(engine, engine.sql("select * from o where false", o=orders(engine, "a 2026-01-01 1")))
    assert (problem(found)[0], len(found.table)) == ("nobody", 0)


def test_everybody_came_after_the_last_day_that_could_be_learnt_from(engine):
    old = [f"- 2024-0{month}-01 5" for month in range(1, 10)]
    found = explored(engine, orders(engine, *old, "a 2026-06-01 9", "a 2026-06-20 9", "b 2026-06-25 9"))
    assert problem(found) == ("not_covered", {"days": 30, "needed": 270})


def test_a_problem_is_saved_like_a_result(engine):
    run = run_on(engine, {"orders": orders(engine, "a 2026-01-01 1")})
    churn.build(run)
    assert run.saved["churn"].columns.tolist() == ["customer_id", "churn_probability", "risk", "signals"]


@pytest.fixture(scope="module")
def renewing(engine):
    """Yearly contracts of 600 customers from every day of the year; every second one leaves after some years."""
    rows = []
    for n in range(600):
        start, years = date(2022, 1, 1) + timedelta(days=n * 365 // 600), (1 + n // 2 % 5 if n % 2 == 0 else 6)
        rows += [_period(n, start + timedelta(days=365 * year), year + 1 < years) for year in range(years)]
    return on(engine, "contracts", [row for row in rows if row["started_on"] <= AS_OF])


def _period(n, start, renewed):
    end = start + timedelta(days=364)
    known = {"renewed": renewed} if end <= AS_OF else {"renewed": None}
    return {"contract_id": f"k{n:03d}", "customer_id": f"c{n:03d}", "started_on": start, "ends_on": end, **known}


def test_contracts_that_end_soon_are_where_leaving_is(engine, renewing):
    run = run_on(
        engine, {"orders": simulated(engine, count=5), "contracts": renewing}, relationship="contractual", origins=6
    )
    found = churn.build(run)
    assert found.history.problem is None
    soon = found.scored.contract_days_left <= 90
    assert found.scored.churn_probability[soon].mean() > 3 * found.scored.churn_probability[~soon].mean()
    ended = set(renewing.df().customer_id) - set(found.scored.customer_id)
    assert found.table.set_index("customer_id").risk[sorted(ended)].eq("ended").all()


def test_a_contract_renewed_within_the_grace_has_not_been_left(engine):
    rows = [
        {"contract_id": who, "customer_id": who, "started_on": start, "ends_on": end}
        for who, start, end in (
            ("late", date(2025, 1, 1), date(2026, 1, 31)),
            ("late", date(2026, 2, 20), date(2027, 2, 20)),
            ("gone", date(2025, 1, 1), date(2026, 1, 31)),
        )
    ]
    tables = {"orders": orders(engine, "x 2025-01-01 1"), "contracts": on(engine, "contracts", rows)}
    frame = pd.DataFrame({"origin": pd.Timestamp(2026, 1, 1), "customer_id": ["gone", "late"]})
    left = churn.contract_labels(tables, frame, horizon_days=31, grace_days=30, until=AS_OF)
    assert left.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("ends", "known"),
    [
        ({"open": None, "gone": date(2026, 3, 1)}, False),  # written down when somebody leaves
        ({"gone": date(2026, 3, 1), "left": date(2026, 5, 1)}, False),  # everybody has left: nothing lies ahead
        ({"year": date(2026, 12, 31), "gone": date(2026, 3, 1)}, False),  # cut short
        ({"year": date(2026, 12, 31), "over": date(2026, 1, 2)}, True),
        ({"year": date(2026, 12, 31), "over": date(2026, 1, 2), "open": None}, True),
    ],
)
def test_an_end_that_was_not_agreed_beforehand_is_not_known_before_it_comes(engine, ends, known):
    rows = [
        {"contract_id": who, "customer_id": who, "started_on": _begun(end, who == "gone"), "ends_on": end}
        for who, end in ends.items()
    ]
    tables = {"orders": orders(engine, "x 2026-06-30 1"), "contracts": on(engine, "contracts", rows)}
    origin = date(2026, 1, 1)
    frame = churn.guard(churn.contract_features, tables, origins=[origin]).set_index("customer_id")
    assert frame.contract_days_left.drop("open", errors="ignore").notna().all() == known
    assert frame.contract_days_left.drop("open", errors="ignore").isna().all() != known


def _begun(end, is_short):
    return date(2025, 12, 1) if end is None else end - timedelta(days=100 if is_short else 365)
