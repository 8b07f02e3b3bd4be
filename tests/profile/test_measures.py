"""Measures: what a profile counts is what a person would count by hand."""

from datetime import date

import pytest

from playbook.profile.measures import Measure, measure, query
from playbook.tables.engine import Engine, EngineError

AS_OF = date(2026, 6, 30)

ORDERS = """
select * from (values
    ('o1', 'ann', timestamp '2026-06-30 23:59', 'purchase',   100.00, 'web'),
    ('o2', 'ann', timestamp '2026-06-01 00:00', 'redemption',  50.00, 'store'),
    ('o3', 'ann', timestamp '2026-05-31 23:59', 'purchase',   900.00, 'web'),
    ('o4', 'ann', timestamp '2026-06-15 12:00', 'return',     -20.00, 'web'),
    ('o5', 'ann', timestamp '2026-06-15 12:00', 'top_up',     500.00, 'store'),
    ('o6', 'ann', timestamp '2026-07-01 00:00', 'purchase',   777.00, 'web'),
    ('o7', null,  timestamp '2026-06-15 12:00', 'purchase',     5.00, 'store')
) as t(order_id, customer_id, ordered_at, kind, amount, channel)"""


@pytest.fixture
def measured():
    engine = Engine()
    orders = engine.sql(ORDERS)
    customers = engine.sql("select * from (values ('ann'), ('bob')) as t(customer_id)")

    def ask(**spec):
        table = measure(engine, {"x": Measure(**spec)}, as_of=AS_OF, orders=orders, customers=customers)
        return dict(table.rows())

    return ask


@pytest.mark.parametrize(
    ("spec", "ann", "bob"),
    [
        ({"count": "orders", "days": 30}, 2, 0),
        ({"count": "orders"}, 3, 0),
        ({"count": "returns", "days": 30}, 1, 0),
        ({"sum": "amount", "days": 30}, 150, 0),
        ({"mean": "amount", "days": 30}, 75, None),
        ({"sum": "amount", "days": 30, "where": "channel = 'web'"}, 100, 0),
        ({"distinct": "channel"}, 2, 0),
        ({"days_since": "orders"}, 0, None),
        ({"days_since": "top_ups"}, 15, None),
    ],
)
def test_a_measure_counts_uses_in_its_window_and_nothing_after_as_of(measured, spec, ann, bob):
    assert measured(**spec) == {"ann": ann, "bob": bob}


def test_all_measures_are_one_query():
    assert query({"a": Measure(count="orders"), "b": Measure(sum="amount", days=9)}).count("from orders") == 1


def test_a_filter_cannot_smuggle_in_a_query():
    with pytest.raises((ValueError, EngineError), match="not allowed"):
        Measure(count="orders", where="customer_id in (select customer_id from contacts)")
