"""Real exports, read as they are: the published figures."""

from decimal import Decimal

import pytest
from exports import EXAMPLES, integrated, one, rows

from playbook.integration import read_sources


@pytest.fixture(scope="module")
def online_retail(public_data, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYBOOK_DATA", str(public_data))
        patch.setenv("PLAYBOOK_KEY_FILE", str(tmp_path_factory.getbasetemp() / "key"))
        from playbook.integration import integrate
        from playbook.tables.engine import Engine

        yield integrate(Engine(), read_sources(EXAMPLES / "online_retail"))


def joined(found, condition, what="count(*)"):
    orders, lines = found.tables["orders"], found.tables["order_lines"]
    text = f"select {what} from lines join orders on orders.order_id = lines.order_id where {condition}"
    return orders.engine.sql(text, orders=orders, lines=lines).scalar()


GOOD = "kind = 'purchase' and customer_id is not null and quantity > 0 and price > 0"


def test_online_retail_reconciles_to_the_row(online_retail):
    [(read, accepted)] = rows(online_retail, "files", "rows, accepted")
    assert (read, accepted, one(online_retail, "order_lines", "count(*)")) == (541_909, 541_909, 541_909)


def test_online_retail_has_406829_lines_with_a_customer(online_retail):
    assert joined(online_retail, "customer_id is not null") == 406_829


def test_online_retail_has_397884_lines_of_4338_customers_with_positive_quantity_and_price(online_retail):
    assert joined(online_retail, GOOD) == 397_884
    assert joined(online_retail, GOOD, "count(distinct customer_id)") == 4_338


def test_online_retail_invoices_that_begin_with_c_are_returns(online_retail):
    assert rows(online_retail, "orders", "distinct kind", "1") == [("purchase",), ("return",)]
    cancelled = "count(*) filter (order_id like 'C%' and kind <> 'return')"
    assert one(online_retail, "orders", cancelled) == 0


def test_online_retail_orders_hold_the_money_of_their_lines_to_the_cent(online_retail):
    lines = one(online_retail, "order_lines", "sum(amount)")
    assert one(online_retail, "orders", "sum(amount)") == lines
    assert one(online_retail, "reconciliation", "sum(net)") == lines == Decimal("9747747.93")


def test_cdnow_keeps_its_identical_rows_and_flags_the_money_they_carry(published):
    found = integrated(EXAMPLES / "cdnow")
    totals = rows(found, "orders", "count(*), count(distinct customer_id), sum(amount)")
    assert totals == [(69_659, 23_570, Decimal("2500315.63"))]
    [flag] = [flag for flag in found.flags if flag.key == "integration.flag.identical_money"]
    assert flag.values["rows"] == 255


def test_cn_restaurant_is_read_as_it_is_and_shows_nobody(published, tmp_path):
    found = integrated(EXAMPLES / "cn_restaurant")
    assert rows(found, "files", "encoding, rows, accepted, excluded") == [
        ("gb18030", 945, 933, 12),
        ("utf-8-sig", 10_037, 9_942, 95),
    ]
    text = (published / "cn_restaurant" / "meal_order_info.csv").read_text(encoding="gb18030")
    personal = {value for line in text.splitlines()[1:] for value in line.split(",")[-2:]}
    shown = {str(value) for name in found.tables for row in rows(found, name, "*") for value in row}
    assert shown & personal == set()


def test_complete_journey_takes_the_category_from_the_list_of_products(published):
    found = integrated(EXAMPLES / "complete_journey")
    [(lines, later)] = rows(found, "files", "rows, future_dated", "rows desc")[:1]
    assert lines == 1_469_307
    assert one(found, "order_lines", "count(*)") == lines - later
    assert one(found, "order_lines", "count(category) / count(*)") > 0.99


def test_visits_carry_no_money_and_are_orders_all_the_same(published):
    found = integrated(EXAMPLES / "medical_no_show")
    assert rows(found, "orders", "count(*), count(amount)") == [(88_208, 0)]
