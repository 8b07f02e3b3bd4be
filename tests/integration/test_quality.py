"""How good each source is: what fails, the money behind it, and the score with its parts."""

import json

import pandas as pd
import pytest
from exports import declare, folder, orders, read

import playbook
from playbook import integration
from playbook.integration.ingest.change import KINDS
from playbook.integration.quality.checks import CHECKS
from playbook.integration.quality.score import WEIGHTS, report, scores, verdict, worst
from playbook.profile import models as profile
from playbook.report.text import words

MEMBERS = declare("m.csv", "customers", "crm", {"customer_key": "id", "phone": "tel", "city": "city"})
SHOP = declare("o*.csv", key_source="crm")
M = "id,tel,city\na,13900000001,X\nb,13900000001,\nc,13900000003,Y\nd,x,Z\n"
O1 = orders("1,a,2025-03-01,10", "2,b,2025-03-02,20", "3,e,2025-03-03,30", "4,,2025-03-04,40", "5,a,2025-02-30,50")
O2 = orders("2,b,2025-03-02,20", "6,c,2025-03-04,60", "7,c,2025-03-04,70", "7,d,2025-03-04,70")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return read(tmp_path_factory.mktemp("q"), {"m.csv": M, "o1.csv": O1, "o2.csv": O2}, [MEMBERS, SHOP])


def check(found, source, name):
    """Checked, failed, money of one check."""
    table = found.tables["quality_checks"]
    [row] = table[(table.source == source) & (table.check == name)].itertuples()
    return row.checked, row.failed, None if pd.isna(row.money) else row.money


EXPECTED = {
    ("crm", "gaps"): (12, 2, None),  # one phone that is none, one city
    ("crm", "values"): (11, 1, None),
    ("crm", "identifiers"): (3, 2, None),  # a and b share a phone
    ("shop", "values"): (20, 1, 50),  # 30 February, and the 50 that stand there
    ("shop", "repeated"): (6, 1, 20),
    ("shop", "contradictions"): (9, 2, 140),  # order 7 belongs to two people
    ("shop", "unknown_customers"): (4, 1, 30),  # nobody knows e
    ("shop", "anonymous"): (5, 1, 40),
}


@pytest.mark.parametrize("key", EXPECTED)
def test_what_failed_is_counted_with_the_money_behind_it(found, key):
    assert check(found, *key) == EXPECTED[key]


def test_lines_and_their_orders_are_held_against_each_other(tmp_path):
    head = {"order_id": "no", "ordered_at": "at", "amount": "paid", "kind": "kind", "related_order_id": "of"}
    head_row = "no,at,paid,kind,of\n"
    bought = ("1,2025-03-01,10,purchase,", "2,2025-03-02,20,purchase,")
    returned = ("3,2025-03-03,-25,return,2", "4,2025-03-03,-5,return,9")
    text = orders(*bought, *returned, head=head_row)
    lines = "no,sku,paid\n1,A,4\n1,B,6\n2,A,19\n8,A,7\n"
    columns = {"order_id": "no", "product_id": "sku", "amount": "paid"}
    declared = [declare("o.csv", columns=head), declare("l.csv", "order_lines", columns=columns)]
    found = read(tmp_path, {"o.csv": text, "l.csv": lines}, declared)
    assert check(found, "shop", "headers") == (2, 1, 1)
    assert check(found, "shop", "orphan_lines") == (4, 1, 7)
    assert check(found, "shop", "orphan_returns") == (2, 1, 5)
    assert check(found, "shop", "returns") == (1, 1, 5)


def test_a_late_source_costs_the_days_it_is_behind(tmp_path):
    early = orders(*(f"{n},a,2025-03-{n:02d},10" for n in range(1, 11)))
    late = orders(*(f"{n},b,2025-03-{n:02d},1" for n in range(1, 17)))
    declared = [declare("till.csv", source="till"), declare("web.csv", source="web")]
    found = read(tmp_path, {"till.csv": early, "web.csv": late}, declared)
    assert check(found, "till", "behind") == (30, 6, 60)
    assert check(found, "web", "behind") == (30, 0, 0)


def test_customers_that_no_other_source_knows_hold_this_much(tmp_path):
    columns = {"order_id": "no", "email": "member", "ordered_at": "at", "amount": "paid"}
    declared = [declare(f"{s}.csv", source=s, columns=columns) for s in ("till", "web")]
    web = orders("1,a@x.cn,2025-03-01,10", "2,b@x.cn,2025-03-01,20")
    found = read(tmp_path, {"web.csv": web, "till.csv": orders("1,a@x.cn,2025-03-01,5")}, declared)
    assert check(found, "web", "unlinked") == (2, 1, 20)
    assert check(found, "till", "unlinked") == (1, 0, 0)


def test_books_that_differ_are_counted_by_month(tmp_path):
    controls = [{"source": "shop", "month": "2025-03", "net": 100}, {"source": "shop", "month": "2025-04", "net": 50}]
    text = orders("1,a,2025-03-01,90", "2,b,2025-04-01,50")
    assert check(read(tmp_path, {"o.csv": text}, control_totals=controls), "shop", "books") == (2, 1, 10)


def checks(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["source", "part", "check", "checked", "failed", "money"])


def test_a_part_is_as_good_as_its_worst_check_and_unknown_parts_weigh_nothing():
    [row] = scores(
        checks(
            ("shop", "validity", "values", 100, 10, 1.0),
            ("shop", "validity", "rows", 100, 40, None),
            ("shop", "integrity", "orphan_lines", 10, 0, 0.0),
            ("shop", "coverage", "anonymous", 10, 10, 9.0),
        )
    ).itertuples()
    assert (row.validity, row.integrity) == (0.6, 1)
    assert row.score == pytest.approx(100 * (0.6 * 0.2 + 0.2) / 0.4)
    assert pd.isna(row.completeness)


def test_the_weights_sum_to_one_and_a_source_without_fault_has_a_hundred():
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert scores(checks(*(("s", part, "x", 5, 0, 0.0) for part in WEIGHTS)))["score"].item() == pytest.approx(100)


def test_the_verdict_names_the_lowest_source_and_the_part_that_costs_it_most():
    scored = scores(
        checks(("a", "validity", "v", 10, 1, 0.0), ("b", "validity", "v", 10, 2, 0), ("b", "timeliness", "t", 30, 9, 0))
    )
    told = verdict(scored)
    assert (told.source, told.part) == ("b", "validity")  # .2 * .2 weighs more than .1 * .3
    assert (told.least, told.most) == (scored["score"].min(), scored["score"].max())


def test_the_worst_comes_first_by_the_money_behind_it():
    found = checks(
        ("a", "x", "p", 10, 1, 5.0),
        ("b", "x", "q", 10, 9, None),
        ("c", "x", "r", 10, 1, -7.0),
        ("d", "x", "s", 9, 0, 0.0),
    )
    assert list(worst(found).source) == ["c", "a", "b"]


def test_quality_json_holds_scores_checks_columns_and_changes(found):
    names = ("quality_scores", "quality_checks", "quality", "changes")
    told = report(*(found.tables[name] for name in names))
    assert told["weights"] == WEIGHTS
    assert {source["source"] for source in told["sources"]} == {"crm", "shop"}
    assert all(0 <= source["score"] <= 100 for source in told["sources"])
    assert told["changes"] == []


def test_a_run_leaves_quality_json_and_what_the_next_run_compares_with(tmp_path):
    at = folder(tmp_path / "data", {"m.csv": M, "o1.csv": O1}, [MEMBERS, SHOP])
    run = playbook.open_run(data=str(at), out=str(tmp_path / "runs"))
    integration.build(run)
    told = json.loads((run.folder / "quality.json").read_text(encoding="utf-8"))
    assert (told["as_of"], len(told["sources"])) == ("2025-03-04", 2)
    kept = json.loads((run.folder / "state" / "sources.json").read_text(encoding="utf-8"))
    assert [file["header"] for file in kept["files"]] == [["id", "tel", "city"], ["no", "member", "at", "paid"]]


def test_every_part_check_and_change_has_its_words_in_both_languages():
    for language in ("en", "zh"):
        said = words(language, profile.load("retail"), "CNY")
        assert all(said(f"part.{part}") for part in CHECKS)
        assert all(said(f"check.{check}") for checks_ in CHECKS.values() for check in checks_)
        assert all(said(f"difference.{kind}") for kind in KINDS)


def test_every_check_that_is_made_is_a_known_one(found):
    made = found.tables["quality_checks"]
    assert all(row.check in CHECKS[row.part] for row in made.itertuples())
