"""The books of the room: revenue beside finance's, repairs counted, quality measured, the same bytes every time."""

import random
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from exports import ORDERS, declare, folder, integrated, orders, read, rows

from playbook.integration.report import summary
from playbook.report import text
from playbook.tables.schema import TABLES


def test_net_revenue_stands_beside_what_finance_booked(tmp_path):
    text_ = "no,member,at,paid,off\n1,a,2025-03-04,90,10\n2,a,2025-03-05,-30,\n3,a,2025-04-01,50,\n"
    controls = [{"source": "shop", "month": "2025-03", "net": 61.0}, {"source": "shop", "net": 110}]
    declared = [declare("o.csv", columns=ORDERS | {"discount": "off"})]
    found = read(tmp_path, {"o.csv": text_}, declared, control_totals=controls)
    columns = "month, gross, discounts, returns, net, control_net, difference"
    assert rows(found, "reconciliation", columns, "month nulls last") == [
        (date(2025, 3, 1), 100, 10, -30, 60, 61, -1),
        (date(2025, 4, 1), 50, 0, 0, 50, None, None),
        (None, 150, 10, -30, 110, 110, 0),
    ]
    [flag] = [flag for flag in found.flags if flag.key == "integration.flag.difference"]
    assert flag.values["difference"] == pytest.approx(1.0)


def test_a_top_up_is_cash_and_its_redemption_revenue(tmp_path):
    kinds = {"top_up": "no like 'T%'", "redemption": "no like 'R%'"}
    text_ = orders("T1,a,2025-03-04,100", "R1,a,2025-03-05,60", "1,a,2025-03-05,1")
    found = read(tmp_path, {"o.csv": text_}, [declare("o.csv", kinds=kinds)])
    assert rows(found, "reconciliation", "net, top_ups") == [(61, 100)]


def test_every_repair_is_counted_by_column_and_kind(tmp_path):
    found = read(
        tmp_path, {"o.csv": orders("1,a,2025/3/4,¥1", " 2,a,2025-03-04,１", "3,a,2025-03-04,1.0").encode("utf-8-sig")}
    )
    assert rows(found, "repairs", '"column", repair, "values"', "1, 2") == [
        ("*", "byte_order_mark", 3),
        ("amount", "currency_sign", 1),
        ("amount", "full_width", 1),
        ("order_id", "spacing", 1),
        ("ordered_at", "date_format", 1),
    ]


def test_quality_says_how_full_and_how_valid_each_column_is(tmp_path):
    text_ = "no,member,at,paid,off\n1,a,2025-03-04,1,2\n2,,2025-03-04,1,x\n3,,2025-03-04,1,\n4,b,2025-03-04,1,\n"
    found = read(tmp_path, {"o.csv": text_}, [declare("o.csv", columns=ORDERS | {"discount": "off"})])
    measured = {row[0]: row[1:] for row in rows(found, "quality", '"column", filled, invalid, completeness, validity')}
    assert measured["customer_key"] == (2, 0, 0.5, 1.0)
    assert measured["discount"] == (1, 1, 0.25, 0.5)


def test_words_of_a_source_become_keys_and_unknown_ones_stay(tmp_path):
    declared = [declare("o.csv", columns=ORDERS | {"channel": "how"}, values={"channel": {"门店": "store"}})]
    text_ = "no,member,at,paid,how\n1,a,2025-03-04,1, 门店\n2,a,2025-03-04,1,网店\n"
    found = read(tmp_path, {"o.csv": text_}, declared)
    assert rows(found, "orders", "channel") == [("store",), ("网店",)]


def test_a_folder_of_orders_alone_gives_every_table_the_rest_empty(tmp_path):
    found = read(tmp_path, {"o.csv": orders("1,a,2025-03-04,1")})
    filled = {name for name, table in found.tables.items() if len(rows(found, name, "*"))}
    given = {"orders", "record_orders", "customers", "identities", "files", "row_status", "reconciliation"}
    assert filled == given | {"quality", "quality_checks", "quality_scores"}


def test_every_code_has_words_in_both_languages():
    codes = {
        "reason": """missing not_a_number overflow not_a_whole_number not_a_date impossible_date sentinel_date
            implausible_year not_a_yes_or_no scientific_id unknown_kind spreadsheet_error formula not_a_phone
            not_an_email placeholder_key wrong_width broken_quotes cell_too_long nul_byte two_contents two_customers
            line_without_order order_quarantined""",
        "repair": """encoding byte_order_mark spacing decimal_id full_width currency_sign thousands negative_sign
            ten_thousands date_format serial_date null_word placeholder phone_format email_case""",
    }
    wanted = {f"{family}.{code}" for family, listed in codes.items() for code in listed.split()}
    assert [key for language in text.LANGUAGES for key in sorted(wanted - text.load(language).keys())] == []


def saved(found, at):
    """The bytes of every saved table but those that number the rows of files."""
    engine = found.tables["orders"].engine
    for name, table in found.tables.items():
        handle = table if hasattr(table, "save") else engine.frame(table)
        handle.save(at / f"{name}.parquet", TABLES[name])
    return {path.name: path.read_bytes() for path in at.iterdir() if path.stem != "quarantine"}


def messy(shuffled):
    """The same messy rows, in another order."""
    rows_ = [f"{n % 40},m{n % 7},2025-03-{n % 28 + 1:02d},{n % 5}.5,p{n % 3}@x.cn" for n in range(200)]
    unnumbered = [f"m{n % 7},2025-03-{n % 9 + 1:02d},{n % 3},c{n % 2}" for n in range(200)]
    for each in (rows_, unnumbered):
        random.Random(shuffled).shuffle(each)
    files = {
        "o.csv": orders(*rows_, head="no,member,at,paid,mail\n"),
        "u.csv": orders(*unnumbered, head="member,at,paid,how\n"),
    }
    bare = {"customer_key": "member", "ordered_at": "at", "amount": "paid", "channel": "how"}
    return files, [declare("o.csv", columns=ORDERS | {"email": "mail"}), declare("u.csv", source="till", columns=bare)]


@pytest.mark.parametrize(("order", "threads"), [(1, 1), (2, 4)])
def test_the_order_of_rows_and_the_number_of_threads_change_no_byte(tmp_path, order, threads):
    expected = saved(integrated(folder(tmp_path / "a", *messy(0))), tmp_path / "saved_a")
    found = saved(integrated(folder(tmp_path / "b", *messy(order)), threads=threads), tmp_path / "saved_b")
    assert [name for name in expected if expected[name] != found[name]] == []


def test_money_is_exact_to_the_cent(tmp_path):
    found = read(tmp_path, {"o.csv": orders(*(f"{n},a,2025-03-04,0.1" for n in range(3)))})
    assert rows(found, "orders", "sum(amount)") == [(Decimal("0.30"),)]


def test_sales_of_nobody_known_are_net_of_their_returns(tmp_path):
    text_ = orders("1,a,2025-03-04,10", "2,,2025-03-04,8", "3,,2025-03-05,-3")
    found = read(tmp_path, {"o.csv": text_})
    [row] = summary.anonymous(found.tables["orders"]).itertuples(index=False)
    assert (row.orders, row.anonymous_orders, row.revenue, row.anonymous_revenue) == (2, 1, 15, 5)


def test_a_column_that_a_reader_sees_as_full_is_not_listed_among_those_with_gaps():
    shares = {"phone": (0.5, 1.0), "amount": (0.9996, 0.99999), "city": (1.0, 0.99), "day": (1.0, 1.0)}
    rows_ = [("shop", "orders", column, *found) for column, found in shares.items()]
    quality = pd.DataFrame(rows_, columns=["source", "table", "column", "completeness", "validity"])
    assert summary.least_filled(quality)["column"].tolist() == ["phone", "city"]
