"""What becomes of every row: the five counts of each file, and why."""

from datetime import date
from decimal import Decimal

import pytest
from exports import HEAD, ORDERS, declare, folder, integrated, orders, read, rows

from playbook.integration import SourcesError
from playbook.integration.build import Rules
from playbook.profile.golden import Survivorship

COUNTS = "rows, accepted, quarantined, duplicate, future_dated, excluded"


def test_the_counts_of_a_file_with_everything_in_it_add_up(tmp_path):
    text = orders(
        "1,a,2025-03-04,10", "1,a,2025-03-04,10", "2,a,2025-03-04,free", "3,a,2025-03-05,1", "TEST,a,2025-03-04,1", "x",
        *(f"n{n},a,2025-03-04,1" for n in range(9)),
    )  # fmt: skip
    declared = [declare("o.csv", exclude={"tests": "no like 'TEST%'"})]
    found = read(tmp_path, {"o.csv": text}, declared, as_of="2025-03-04")
    assert rows(found, "files", COUNTS) == [(15, 10, 2, 1, 1, 1)]
    assert ("excluded", "tests", 1) in rows(found, "row_status", "status, reason, rows")


def test_overlapping_exports_give_each_order_once(tmp_path):
    files = {
        "a.csv": orders("1,a,2025-03-04,10", "2,a,2025-03-04,5"),
        "b.csv": orders("2,a,2025/3/4,5.00", "3,a,2025-03-04,1"),
    }
    found = read(tmp_path, files)
    assert rows(found, "orders", "order_id, amount") == [("1", 10), ("2", 5), ("3", 1)]
    assert rows(found, "files", "file, duplicate") == [("a.csv", 0), ("b.csv", 1)]


def test_one_order_number_with_two_contents_is_nobodys_truth(tmp_path):
    found = read(tmp_path, {"o.csv": orders("1,a,2025-03-04,10", "1,a,2025-03-04,11", "2,a,2025-03-04,1")})
    assert rows(found, "orders", "order_id") == [("2",)]
    assert rows(found, "quarantine", '"row", reason, kept') == [(2, "two_contents", False), (3, "two_contents", False)]


def test_the_newest_state_wins_where_the_source_says_when_it_changed(tmp_path):
    text = "no,member,at,paid,changed\n1,a,2025-03-04,10,2025-03-05\n1,a,2025-03-04,11,2025-03-06\n"
    found = read(tmp_path, {"o.csv": text}, [declare("o.csv", updated_at="changed")])
    assert rows(found, "orders", "amount") == [(11,)]
    assert rows(found, "row_status", "status, reason") == [("accepted", None), ("duplicate", "older_state")]


def test_orders_without_a_number_are_kept_each_and_flagged_with_their_money(tmp_path):
    columns = {name: column for name, column in ORDERS.items() if name != "order_id"}
    text = orders("a,2025-03-04,10", "a,2025-03-04,10", "a,2025-03-04,10", "b,2025-03-04,10", head="member,at,paid\n")
    found = read(tmp_path, {"o.csv": text}, [declare("o.csv", columns=columns)])
    assert rows(found, "orders", "count(distinct order_id)") == [(4,)]
    [flag] = [flag for flag in found.flags if "identical" in flag.key]
    assert (flag.key, flag.values["rows"], flag.values["money"]) == ("integration.flag.identical_money", 2, 20)


def test_an_optional_value_that_cannot_be_read_is_noted_and_the_row_stays(tmp_path):
    text = "no,member,at,paid,off\n1,a,2025-03-04,10,much\n"
    found = read(tmp_path, {"o.csv": text}, [declare("o.csv", columns=ORDERS | {"discount": "off"})])
    assert rows(found, "orders", "amount, discount") == [(10, None)]
    assert rows(found, "quarantine", '"row", "column", value, reason, kept') == [
        (2, "off", "much", "not_a_number", True)
    ]
    assert rows(found, "files", COUNTS) == [(1, 1, 0, 0, 0, 0)]


def test_the_quarantine_shows_the_shape_of_a_personal_value_only(tmp_path):
    text = "no,member,at,paid,phone\n1,a,2025-03-04,10,139-Li娜\n"
    found = read(tmp_path, {"o.csv": text}, [declare("o.csv", columns=ORDERS | {"phone": "phone"})])
    assert rows(found, "quarantine", "value, reason") == [("999-Aa某", "not_a_phone")]


def lines(tmp_path, text, head="no,sku,sum\n", **files):
    declared = [
        declare("o.csv", exclude={"tests": "no like 'TEST%'"}),
        declare("l.csv", "order_lines", columns={"order_id": "no", "product_id": "sku", "amount": "sum"}),
    ]
    given = orders("1,a,2025-03-04,10", "2,a,soon,5", "TEST,a,2025-03-04,1")
    return read(tmp_path, {"o.csv": given, "l.csv": head + text}, declared)


def test_a_line_shares_the_status_of_its_order(tmp_path):
    found = lines(tmp_path, "1,S1,4\n1,S2,6\n2,S1,5\n9,S1,1\nTEST,S1,1\n")
    assert rows(found, "order_lines", "order_id, line, product_id, amount") == [("1", 1, "S1", 4), ("1", 2, "S2", 6)]
    reasons = rows(found, "row_status", "status, reason, rows", "status, reason")
    assert {("quarantined", "line_without_order", 1), ("quarantined", "order_quarantined", 1)} < set(reasons)
    assert ("excluded", "tests", 1) in reasons


def test_orders_whose_lines_sum_to_something_else_are_flagged(tmp_path):
    found = lines(tmp_path, "1,S1,4\n1,S2,5\n")
    assert [flag.values for flag in found.flags if flag.key.endswith("header_differs")] == [
        {"orders": 1, "difference": 1.0}
    ]


def derived(tmp_path, *rows_, **more):
    columns = {
        "order_id": "no",
        "customer_key": "member",
        "ordered_at": "at",
        "amount": "pieces * price",
        "quantity": "pieces",
    }
    text = orders(*rows_, head="no,member,at,pieces,price\n")
    return read(tmp_path, {"l.csv": text}, [declare("l.csv", "order_lines", columns=columns, **more)])


def test_orders_are_derived_from_lines_rounded_to_cents_half_away_from_zero(tmp_path):
    found = derived(tmp_path, "1,a,2025-03-04 10:00,1,0.125", "1,a,2025-03-04 10:01,1,0.125", "2,a,2025-03-04,-1,0.125")
    assert rows(found, "orders", "order_id, kind, amount, strftime(ordered_at, '%H:%M')") == [
        ("1", "purchase", Decimal("0.26"), "10:00"),
        ("2", "return", Decimal("-0.13"), "00:00"),
    ]


def test_lines_of_one_order_that_name_two_customers_are_set_aside(tmp_path):
    found = derived(tmp_path, "1,a,2025-03-04,1,1", "1,b,2025-03-04,1,1", "2,a,2025-03-04,1,1")
    assert rows(found, "orders", "order_id") == [("2",)]
    assert rows(found, "quarantine", "reason") == [("two_customers",), ("two_customers",)]


@pytest.mark.parametrize(
    ("paid", "kinds"), [("-5", {}), ("5", {"return": "no like 'R%'"}), ("-5", {"return": "no like 'R%'"})]
)
def test_the_amount_of_a_return_is_negative_however_the_source_writes_it(tmp_path, paid, kinds):
    text = orders("1,a,2025-03-04,10", f"R1,a,2025-03-04,{paid}")
    found = read(tmp_path, {"o.csv": text}, [declare("o.csv", kinds=kinds)])
    assert rows(found, "orders", "kind, amount") == [("purchase", 10), ("return", -5)]


def days(source, first, last, each=3):
    span = range(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal() + 1)
    return [f"{source}{day}{n},a,{date.fromordinal(day)},1" for day in span for n in range(each)]


def two_sources(tmp_path, first, second):
    return read(
        tmp_path,
        {"a.csv": orders(*first), "b.csv": orders(*second)},
        [declare("a.csv"), declare("b.csv", source="till")],
    )


def test_a_mistyped_day_is_not_the_present(tmp_path):
    found = read(tmp_path, {"o.csv": orders(*days("s", "2025-01-01", "2025-03-04"), "x,a,2025-12-04,1")})
    assert found.as_of.day == date(2025, 3, 4)
    assert rows(found, "files", "future_dated") == [(1,)]


def test_the_as_of_day_is_one_that_every_active_source_has_reached(tmp_path):
    found = two_sources(tmp_path, days("s", "2025-01-01", "2025-03-09"), days("t", "2025-01-01", "2025-03-04"))
    assert found.as_of.day == date(2025, 3, 4)
    assert rows(found, "files", "source, future_dated") == [("shop", 15), ("till", 0)]


def test_a_source_long_silent_holds_nothing_back_and_is_flagged(tmp_path):
    found = two_sources(tmp_path, days("s", "2025-01-01", "2025-03-09"), days("t", "2024-01-01", "2024-10-01"))
    assert found.as_of.day == date(2025, 3, 9)
    assert rows(found, "files", "source, active") == [("shop", True), ("till", False)]
    assert "integration.flag.silent" in {flag.key for flag in found.flags}


def test_a_day_that_was_asked_for_wins_over_one_that_is_pinned(tmp_path):
    from exports import folder, integrated

    at = folder(tmp_path, {"o.csv": orders(*days("s", "2025-01-01", "2025-03-09"))}, as_of="2025-02-01")
    assert integrated(at).as_of.day == date(2025, 2, 1)
    assert integrated(at, as_of=date(2025, 1, 15)).as_of.day == date(2025, 1, 15)


def test_a_last_day_that_looks_cut_off_is_flagged(tmp_path):
    found = read(tmp_path, {"o.csv": orders(*days("s", "2025-01-01", "2025-03-08"), "x,a,2025-03-09,1")})
    assert "integration.flag.incomplete_day" in {flag.key for flag in found.flags}


def test_where_no_order_can_be_read_the_run_says_so(tmp_path):
    with pytest.raises(SourcesError, match=r"no order could be read.*'at': not a date \(1 row\)"):
        read(tmp_path, {"o.csv": HEAD + "1,a,soon,1\n"})


@pytest.mark.parametrize(
    ("day", "where"), [("2025-03-03", "as_of in sources.yml"), ("1999-01-01", "as_of in sources.yml")]
)
def test_a_day_before_the_first_order_is_refused_with_the_day_the_data_begin(tmp_path, day, where):
    with pytest.raises(SourcesError, match=f"the orders begin on 2025-03-04; {where} says {day}: choose a later day"):
        read(tmp_path, {"o.csv": orders("1,a,2025-03-04,10", "2,b,2025-03-05,10")}, as_of=day)


def test_a_day_that_no_source_reaches_is_said_with_the_last_day_of_the_data(tmp_path):
    found = read(tmp_path, {"o.csv": orders("1,a,2025-03-04,10")}, as_of="2025-05-04")
    said = {flag.key.split(".")[-1]: flag.values for flag in found.flags}
    assert said["beyond"] == {"as_of": date(2025, 5, 4), "last_day": date(2025, 3, 4), "days": 61}
    assert "behind" not in said


STRANGERS = orders(
    "1,a,2025-03-04,10,散客", "2,b,2025-03-04,10,散客", "3,c,2025-03-04,10,会员", head="no,member,at,paid,类型\n"
)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"anonymous": "类型 = '散户'"}, ["anonymous"]),
        ({"anonymous": "类型 = '散客'"}, []),
        ({"kinds": {"return": "类型 = '退货'"}}, ["kinds.return"]),
        ({"exclude": {"test": "no like 'T%'", "first": "no = '1'"}}, ["exclude.test"]),
        ({"internal": "类型 = '员工'"}, ["internal"]),
    ],
)
def test_a_condition_that_no_row_meets_is_said_with_what_stands_there(tmp_path, setting, expected):
    found = read(tmp_path, {"o.csv": STRANGERS}, [declare("o.csv", **setting)])
    flags = [flag for flag in found.flags if ".unmet" in flag.key]
    assert [flag.values["setting"] for flag in flags] == expected
    assert all(flag.values["rows"] == 3 for flag in flags)
    assert [flag.values["values"] for flag in flags if flag.values.get("column") == "类型"] == ["'散客' (2)"] * (
        len(flags) - ("exclude" in setting)
    )


def test_a_condition_that_one_of_several_files_meets_is_not_held_against_the_others(tmp_path):
    given = {"o1.csv": orders("1,a,2025-03-04,10"), "o2.csv": orders("T2,b,2025-03-05,10")}
    found = read(tmp_path, given, [declare("o*.csv", exclude={"test": "no like 'T%'"})])
    assert [flag for flag in found.flags if ".unmet" in flag.key] == []


def test_a_trusted_source_that_is_none_is_said(tmp_path):
    at = folder(tmp_path, {"o.csv": orders("1,a,2025-03-04,10")})
    rules = Rules(survivorship=Survivorship(trusted=("crm", "shop")))
    said = [flag.values for flag in integrated(at, rules=rules).flags if "trusted" in flag.key]
    assert said == [{"source": "crm", "known": "shop"}]
