"""Which orders are purchases, on which day and for how much."""

from datetime import date

from shop import customers, orders

from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of

AS_OF = date(2026, 6, 30)


def counted(engine, *rows, people=(), **options):
    """Kind, amount and is_first by order."""
    table = purchases(orders(engine, *rows), customers(engine, *people), as_of=AS_OF, **options)
    return {row.order_id: (row.kind, float(row.amount), row.is_first) for row in table.df().itertuples()}


def test_the_columns_are_those_of_the_schema(engine):
    table = purchases(orders(engine, "o a 2026-06-01 purchase 5"), customers(engine), as_of=AS_OF)
    assert tuple(table.columns) == schema_of("purchases").names


def test_the_first_purchase_is_the_earliest_and_no_return_before_it(engine):
    rows = ["x a 2026-01-01 return -5", "o2 a 2026-02-02T09:00 purchase 2", "o1 a 2026-02-02T10:00 redemption 1"]
    assert counted(engine, *rows) == {
        "x": ("return", -5, False),
        "o2": ("purchase", 2, True),
        "o1": ("purchase", 1, False),
    }


def test_a_top_up_is_no_purchase_and_its_redemption_is(engine):
    rows = ["t a 2026-05-01 top_up 500", "r a 2026-06-01 redemption 80 t", "x a 2026-06-02 return -420 t"]
    assert counted(engine, *rows) == {"r": ("purchase", 80, True)}


def test_a_deposit_is_in_its_first_balance_and_the_second_is_an_instalment(engine):
    rows = ["d a 2026-06-01 deposit 50", "b1 a 2026-06-11 purchase 100 d", "b2 a 2026-06-21 redemption 150 d"]
    assert counted(engine, *rows) == {"b1": ("purchase", 150, True), "b2": ("instalment", 150, False)}


def test_a_redemption_that_pays_a_recorded_purchase_is_not_a_second_one(engine):
    assert counted(engine, "o a 2026-06-01 purchase 80", "r a 2026-06-01 redemption 80 o") == {
        "o": ("purchase", 80, True)
    }


def test_an_open_deposit_given_back_never_was_revenue_but_one_whose_balance_was_paid_was(engine):
    opened = ["d a 2026-06-01 deposit 50", "x a 2026-06-05 return -50 d"]
    assert counted(engine, *opened) == {}
    assert counted(engine, *opened, "b a 2026-06-03 purchase 100 d")["x"] == ("return", -50, False)


def test_nobody_known_and_nothing_after_the_day_is_in_it(engine):
    assert counted(engine, "o1 - 2026-06-01 purchase 5", "o2 a 2026-07-01 purchase 5") == {}


def test_an_order_without_money_is_a_purchase_of_nothing(engine):
    assert counted(engine, "o a 2026-06-30T23:59:59 purchase -") == {"o": ("purchase", 0, True)}


def test_internal_customers_are_out_unless_asked_for(engine):
    shop = {"people": ["staff 2026-01-01 internal", "a 2026-01-01"]}
    rows = ["o1 staff 2026-06-01 purchase 5", "o2 a 2026-06-01 purchase 5", "o3 unlisted 2026-06-01 purchase 5"]
    assert sorted(counted(engine, *rows, **shop)) == ["o2", "o3"]
    assert sorted(counted(engine, *rows, **shop, internal=True)) == ["o1", "o2", "o3"]
