"""Linking as it is shown: one customer and its ties, customers before and after, and what wrong links would do."""

from datetime import date

import pandas as pd
import pytest
from exports import declare, folder, orders
from hypothesis import given, settings
from hypothesis import strategies as st

import playbook
from playbook.integration.linkage.clusters import RULES
from playbook.integration.quality import recount
from playbook.integration.report import report_tables
from playbook.report import text
from playbook.tables.engine import Engine

MEMBERS = "no,card,mail,name\nM200001,C1,ann@x.cn,Ann\nM200002,,bob@x.cn,Bob\nM200003,,cy@x.cn,Cy\n"
SHOP = """no,user,at,paid,mail
1,3100001,2025-03-01,10,ann@x.cn
2,3100001,2025-03-02,20,ann@x.cn
3,3100002,2025-03-02,5,bob@x.cn
4,,2025-03-03,7,
"""
TILL = "no,guest,at,paid,card\n9,K700001,2025-03-03,40,C1\n"
APP = "user,at,what\n3100001,2025-03-02 10:00,visit\n3100001,2025-03-03 10:00,visit\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Ann is known to the club, the shop, the till and the app, Bob to two of them, Cy to one, and a guest to none."""
    at = tmp_path_factory.mktemp("story")
    columns = {"order_id": "no", "ordered_at": "at", "amount": "paid"}
    member = {"customer_key": "no", "member_card": "card", "email": "mail", "name": "name"}
    declared = [
        declare("m.csv", "customers", "crm", member),
        declare("s.csv", source="shop", columns=columns | {"customer_key": "user", "email": "mail"}),
        declare("t.csv", source="till", columns=columns | {"customer_key": "guest", "member_card": "card"}),
        declare(
            "a.csv", "events", "app", {"customer_key": "user", "occurred_at": "at", "event": "what"}, key_source="shop"
        ),
    ]
    files = {"m.csv": MEMBERS, "s.csv": SHOP, "t.csv": TILL, "a.csv": APP}
    return playbook.open_run(data=str(folder(at / "data", files, declared, name="story")), out=str(at / "runs"))


def test_the_example_is_whom_most_systems_know_and_its_numbers_are_masked(run):
    found = report_tables.example(run)
    shown = found.systems.astype(object).where(found.systems.notna(), None)
    assert shown[["source", "known_as", "orders", "events"]].values.tolist() == [
        ["app", None, None, 2],
        ["crm", "M2***01", None, None],
        ["shop", "31***01", 2, None],
        ["till", "K7***01", 1, None],
    ]
    assert found.message.values == {"systems": 4, "records": 3, "orders": 3, "most": 2, "money": 70.0}


def test_each_tie_of_the_example_has_its_rule(run):
    links = report_tables.example(run).links
    assert sorted(zip(links.source_a, links.source_b, links.rule, strict=True)) == [
        ("crm", "shop", "email"),
        ("crm", "till", "member_card"),
    ]


def test_a_customer_who_never_ordered_is_an_example_where_nobody_did(tmp_path):
    member = {"customer_key": "no", "email": "mail"}
    files = {"a.csv": "no,mail\n1,a@x.cn\n", "b.csv": "no,mail\n2,a@x.cn\n", "o.csv": "no,at,paid\n1,2025-03-01,10\n"}
    declared = [declare(f"{name}.csv", "customers", name, member) for name in "ab"]
    declared.append(declare("o.csv", columns={"order_id": "no", "ordered_at": "at", "amount": "paid"}))
    quiet = playbook.open_run(
        data=str(folder(tmp_path / "data", files, declared, name="quiet")), out=str(tmp_path / "runs")
    )
    assert report_tables.example(quiet).message.values == {
        "systems": 2,
        "records": 2,
        "orders": 0,
        "most": 0,
        "money": 0.0,
    }


def test_where_nothing_ties_records_there_is_no_example(tmp_path):
    alone = folder(tmp_path / "data", {"o.csv": orders("1,a,2025-03-04,1")}, name="alone")
    assert report_tables.example(playbook.open_run(data=str(alone), out=str(tmp_path / "runs"))) is None


def test_records_and_the_unknown_hold_the_money_of_all_orders(run):
    sold, by_record, booked = report_tables.revenue_by_view(run)
    assert (sold, by_record, booked, report_tables.orphans(run)) == (82, 82, 82, 0)


def test_sizes_count_each_customer_once(run):
    sizes = report_tables.sizes(run)
    assert sizes[["size", "customers", "orders"]].values.tolist() == [["1", 1, 0], ["2", 1, 1], ["3", 1, 3]]
    assert (sizes.customers_share.iloc[0], sizes.revenue_share.sum()) == (pytest.approx(1 / 3), pytest.approx(1))


def table(frame):
    return Engine(threads=1).frame(frame)


def test_rules_come_strongest_first_and_say_whom_they_alone_tie():
    links = pd.DataFrame(
        [("x", "email"), ("x", "email"), ("y", "email"), ("y", "member_card")], columns=["customer_id", "rule"]
    )
    found = report_tables.links_by_rule(table(links.assign(probability=float("nan"))))
    assert found.values.tolist() == [["member_card", 1, 1, 0], ["email", 3, 2, 1]]


def test_wrong_ties_by_likeness_are_expected_as_often_as_the_model_says():
    links = pd.DataFrame({"rule": ["email", "probabilistic", "probabilistic"], "probability": [None, 0.99, 0.98]})
    assert report_tables.by_similarity(table(links)) == (2, pytest.approx(0.03))


def test_a_customer_with_two_doubtful_ties_is_counted_once():
    found = pd.DataFrame({"customer_id": ["x", "x", "y"], "revenue": [10.0, 10.0, 5.0]})
    assert report_tables.bridges_message(found).values == {"customers": 2, "money": 15.0}


def test_only_the_merges_and_splits_of_this_run_are_told():
    kinds = [("2025-01-31", "merge", "a", 2), ("2025-02-28", "merge", "b", 1), ("2025-02-28", "split", "c", 3)]
    log = pd.DataFrame(kinds, columns=["as_of", "kind", "old_id", "records"])
    assert report_tables.id_changes(table(log), as_of=date(2025, 2, 28)) == {"merged": 1, "divided": 1, "records": 4}


def test_the_kept_values_say_where_they_come_from():
    kept = ["x name crm", "y name crm", "y city crm", "z name crm"]
    lost = ["x name shop", "y name till", "y city till", "z name shop"]
    rows = [(*claim.split(), survives) for claims, survives in ((kept, True), (lost, False)) for claim in claims]
    conflicts = pd.DataFrame(rows, columns=["customer_id", "field", "source", "survives"]).assign(rule="newest")
    assert report_tables.survivors(table(conflicts)).values.tolist() == [
        ["name", 3, "newest", "crm", "shop", 3],
        ["city", 1, "newest", "crm", "till", 1],
    ]


def test_requests_come_with_most_money_first_and_name_the_emptiest_field():
    checks = [
        ("shop", "gaps", 10, 5, None),
        ("shop", "unlinked", 10, 1, 900),
        ("till", "values", 10, 2, 30),
        ("till", "rows", 9, 0, 0),
    ]
    columns = [("shop", "orders", "phone", 0.2), ("shop", "orders", "discount", 0.1), ("shop", "orders", "email", 0.9)]
    found = report_tables.asks(
        pd.DataFrame(checks, columns=["source", "check", "checked", "failed", "money"]),
        pd.DataFrame(columns, columns=["source", "table", "column", "completeness"]),
    )
    assert found[["ask", "failed"]].values.tolist() == [["unlinked", 1], ["values", 2], ["gaps", 5]]
    key, values, *_ = report_tables.ask_message(found)
    assert (key, values["money"], values["lacking"]) == ("integration.ask_field_money", 900, "phone")
    assert report_tables.ask_message(found[1:]).key == "integration.ask_money"
    assert found["lacking"].astype(object).where(found["lacking"].notna(), None).tolist() == ["phone", None, "discount"]


def test_everything_that_is_asked_shown_or_tied_has_words_in_both_languages():
    for language in text.LANGUAGES:
        known = text.load(language)
        checks = [key.removeprefix("check.") for key in known if key.startswith("check.")]
        wanted = {f"ask.{check}" for check in checks} | {f"rule.{rule}" for rule in RULES}
        wanted |= {f"mistake.{each}" for each in ("none", "split", "merge")} | {"way.records", "way.linked"}
        assert sorted(wanted - known.keys()) == []


def records(*rows):
    return pd.DataFrame(rows, columns=["customer_no", "orders", "net"])


def test_linking_divides_the_same_money_among_fewer_buyers():
    found = recount.before_and_after(records((0, 1, 10.0), (0, 2, 20.0), (1, 1, 30.0)))
    shown = found[["way", "buyers", "orders_per_buyer", "revenue_per_buyer", "repeat_rate", "revenue"]]
    assert shown.values.tolist() == [["records", 3, 4 / 3, 20.0, 1 / 3, 60.0], ["linked", 2, 2.0, 30.0, 0.5, 60.0]]


def test_a_best_customer_is_hidden_where_no_record_shows_it():
    known = [(number, 1, 1.0) for number in range(18)]
    assert recount.hidden(records(*known, (18, 1, 60.0), (19, 1, 40.0), (19, 1, 45.0))) == (2, 1)


buyers = st.lists(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 500)), min_size=1, max_size=3), min_size=20, max_size=60
)


@settings(max_examples=40)
@given(buyers)
def test_splits_lower_the_frequency_merges_raise_it_and_both_keep_the_money(drawn):
    rows = records(*((number, orders, float(net)) for number, own in enumerate(drawn) for orders, net in own))
    found = recount.mistakes(rows, shares=(0.0, 0.1, 0.2))
    assert (found.buyers * found.revenue_per_buyer - rows.net.sum()).abs().max() < 1e-6
    assert (found[found.mistake == "split"].frequency_change <= 0).all()
    assert (found[found.mistake == "merge"].frequency_change >= 0).all()
    assert not found[found.share == 0][["frequency_change", "revenue_change", "misjudged"]].any(axis=None)


def test_splitting_everybody_is_counting_every_record():
    rows = records(*((number, 2, 5.0 + number) for number in range(20) for _ in range(2)))
    split = recount.mistakes(rows, shares=(0.0, 1.0)).query("mistake == 'split' and share == 1").iloc[0]
    assert (split.buyers, split.orders_per_buyer, split.misjudged) == (40, 2.0, 1.0)


def test_merging_everybody_in_pairs_halves_the_buyers():
    rows = records(*((number, 1, 1.0) for number in range(20)))
    assert recount.mistakes(rows, shares=(0.0, 1.0)).query("share == 1").buyers.tolist() == [10]


def test_where_nobody_has_two_records_only_merges_are_spoken_of():
    rows = records(*((number, 1, 1.0) for number in range(40)))
    values = recount.mistakes_message(recount.spoken_of(recount.mistakes(rows))).values
    assert values.keys() == {"share", "orders", "merge", "merge_misjudged"}
    assert (values["share"], values["merge"]) == (0.1, pytest.approx(40 / 38 - 1))


def test_too_few_buyers_are_not_simulated():
    assert recount.mistakes(records((0, 1, 1.0), (1, 1, 1.0))).empty
