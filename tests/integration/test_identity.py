"""The id of a customer stays: whatever comes in later, every change of an id is a logged merge or split."""

import shutil
from datetime import date

import pandas as pd
import pytest
from exports import ORDERS, declare, folder, orders
from hypothesis import given, settings
from hypothesis import strategies as st
from records import Company, customers, groups, log

from playbook import sample
from playbook.integration import UnknownCustomer, explain, integrate, read_sources
from playbook.integration.linkage.decisions import Decision, Record
from playbook.integration.linkage.registry import follow
from playbook.integration.report.explain import suggested
from playbook.integration.report.explain_words import lines
from playbook.profile import models as profile
from playbook.report.text import words
from playbook.run import data as data_module
from playbook.run.run import Run
from playbook.run.workspace import Workspace
from playbook.tables.engine import Engine


def decided(kind):
    return Decision(kind, "decisions/2025-01-01-links.yml, line 3", date(2025, 1, 1), "they called")


A, B, C = Record("crm", "a"), Record("crm", "b"), Record("crm", "c")


@pytest.fixture
def company():
    return Company()


def logged(found) -> pd.DataFrame:
    return found.tables["identity_log"].df()


def test_the_same_records_keep_their_ids(company):
    first, second = (company.run("crm:a crm:b shop:1", "crm:a=email=shop:1") for _ in range(2))
    assert customers(first) == customers(second)
    assert log(second) == []


def test_a_new_record_joins_the_customer_it_is_tied_to_even_if_its_key_sorts_first(company):
    first = customers(company.run("crm:b", ""))
    second = customers(company.run("crm:a crm:b", "crm:a=email=crm:b"))
    assert set(second.values()) == set(first.values())


def test_when_two_customers_turn_out_to_be_one_the_elder_id_survives_and_the_merge_is_logged(company):
    elder = customers(company.run("crm:b"))["crm:b"]
    younger = customers(company.run("crm:a crm:b crm:c", "crm:a=email=crm:c"))["crm:a"]
    found = company.run("crm:a crm:b crm:c", "crm:a=email=crm:c crm:b=phone=crm:c")
    assert set(customers(found).values()) == {elder}
    assert log(found) == [("merge", younger, elder, 2, "phone")]
    assert follow(logged(found), younger).customer_id == elder


def test_when_one_customer_turns_out_to_be_two_the_larger_half_keeps_the_id(company):
    whole = customers(company.run("crm:a crm:b shop:1", "crm:a=email=shop:1 crm:b=email=shop:1"))["crm:a"]
    found = company.run("crm:a crm:b shop:1", "crm:b=email=shop:1")
    split = customers(found)
    assert (split["crm:b"], split["shop:1"]) == (whole, whole)
    assert log(found) == [("split", whole, split["crm:a"], 1, "no_tie")]


def test_a_split_off_half_never_gets_an_id_that_was_given_before(company):
    company.run("crm:a crm:b shop:1", "crm:a=email=shop:1 crm:b=email=shop:1")
    alone = customers(company.run("crm:a crm:b shop:1", "crm:b=email=shop:1"))["crm:a"]
    assert alone not in set(customers(Company().run("crm:a crm:b shop:1")).values())


def test_a_decision_that_undoes_a_merge_gives_the_old_id_back(company):
    before = customers(company.run("crm:a crm:b"))
    company.run("crm:a crm:b", "crm:a=0.95=crm:b")
    apart = {(A, B): decided("different")}
    found = company.run("crm:a crm:b", "crm:a=0.95=crm:b", apart)
    assert customers(found) == before
    assert [row[0] for row in log(found)] == ["merge", "split"]
    assert log(found)[1][4] == "decision"
    assert follow(logged(found), before["crm:b"]).since is None


def test_a_record_that_was_away_comes_back_to_its_customer(company):
    first = customers(company.run("crm:a crm:b", "crm:a=email=crm:b"))
    company.run("crm:a")
    assert customers(company.run("crm:a crm:b", "crm:a=email=crm:b")) == first


def test_a_record_that_is_away_follows_its_customer_into_a_merge(company):
    company.run("crm:a")
    company.run("crm:a crm:b crm:c", "crm:b=email=crm:c")
    merged = company.run("crm:a crm:b", "crm:a=email=crm:b")
    remembered = merged.registry.engine.sql("select source_key, customer_id from r", r=merged.registry).rows()
    assert dict(remembered)["c"] == customers(merged)["crm:a"]


def test_keys_that_are_hashed_from_now_on_and_no_longer_later_are_the_same_records(company):
    known = [company.run("crm:a crm:b", is_private=is_private) for is_private in (False, True, False)]
    assert len({frozenset(customers(found).values()) for found in known}) == 1
    assert [found.registry.count() for found in known] == [2, 2, 2]


def test_the_day_a_record_was_first_seen_is_remembered(company):
    company.run("crm:a")
    found = company.run("crm:a crm:b", "crm:a=email=crm:b")
    since = found.record_to_customer.engine.sql(
        "select source_key, since from p order by 1", p=found.record_to_customer
    ).rows()
    assert since == [("a", date(2025, 1, 28)), ("b", date(2025, 2, 28))]


def test_a_group_over_the_cap_is_said_to_be_built_again_or_to_stay_whole(company):
    names = " ".join(f"crm:{letter}" for letter in "abcd")
    whole = company.run(names, "crm:a=email=crm:b crm:b=email=crm:c", cap=2)
    divided = company.run(names, "crm:a=email=crm:b crm:b=0.95=crm:c", cap=2)
    keys = [[flag.key for flag in found.flags] for found in (whole, divided)]
    assert keys == [["integration.flag.over_cap"], ["integration.flag.capped"]]


ONE, TWO = {(A, B): decided("same")}, {(A, B): decided("different")}


def test_a_decision_between_two_runs_for_one_day_is_logged_against_what_was_published_that_day(company):
    before = customers(company.run("crm:a crm:b"))
    found = company.again("crm:a crm:b", decisions=ONE)
    assert log(found) == [("merge", before["crm:b"], before["crm:a"], 1, "decision")]
    assert follow(logged(found), before["crm:b"]) == (before["crm:a"], date(2025, 1, 28))
    again = company.again("crm:a crm:b", decisions=ONE)
    assert log(again) == log(found)


def test_a_decision_taken_back_on_the_day_leaves_its_trace_and_the_id_in_use(company):
    before = customers(company.run("crm:a crm:b"))
    company.again("crm:a crm:b", decisions=ONE)
    found = company.again("crm:a crm:b", decisions=TWO)
    assert customers(found) == before
    assert [row[0] for row in log(found)] == ["merge", "split"]
    assert follow(logged(found), before["crm:b"]) == (before["crm:b"], None)


def test_ids_are_inherited_from_the_run_of_an_earlier_day_only(company):
    elder = company.run("crm:a crm:b", "crm:a=email=crm:b")
    company.run("crm:a crm:b")
    assert customers(company.again("crm:a crm:b", "crm:a=email=crm:b")) == customers(elder)


NAMES = [f"crm:{letter}" for letter in "abcdef"]
TIE = st.tuples(st.sampled_from(NAMES), st.sampled_from(["email", "phone", "0.95"]), st.sampled_from(NAMES))
RUNS = st.lists(
    st.tuples(st.sets(st.sampled_from(NAMES), min_size=1), st.lists(TIE, max_size=5)), min_size=2, max_size=4
)


@settings(max_examples=10, deadline=None)
@given(runs=RUNS)
def test_whatever_happens_every_change_of_an_id_is_logged_once_and_no_two_customers_share_one(runs):
    company, last, entries = Company(), {}, []
    for records, ties in runs:
        held = [f"{a}={rule}={b}" for a, rule, b in ties if a < b and {a, b} <= records]
        found = company.run(" ".join(records), " ".join(held))
        now, told = customers(found), log(found)
        new = told[len(entries) :]
        moved = {(last[name], now[name]) for name in now.keys() & last.keys() if last[name] != now[name]}
        assert told[: len(entries)] == entries
        assert moved <= {(old, new) for _, old, new, *_ in new}
        assert all((old, into) in moved for _, old, into, *_ in new if old in last.values())
        assert len(groups(found)) == len(set(now.values()))
        entries, away = told, {name: follow(logged(found), old).customer_id for name, old in last.items()}
        last = away | now


TIED = st.lists(st.tuples(*[st.sampled_from("abcd")] * 2).filter(lambda tie: tie[0] < tie[1]), max_size=3)


@settings(max_examples=15, deadline=None)
@given(runs=st.lists(st.tuples(st.booleans(), TIED), min_size=2, max_size=5))
def test_every_id_that_was_ever_published_leads_to_a_customer_in_use(runs):
    company, shown, entries = Company(), set(), []
    for number, (again, ties) in enumerate(runs):
        run = company.again if again and number else company.run
        found = run("crm:a crm:b crm:c crm:d", " ".join(f"crm:{a}=email=crm:{b}" for a, b in ties))
        in_use, told = set(customers(found).values()), log(found)
        shown |= in_use
        followed = {old: follow(logged(found), old) for old in shown}
        assert told[: len(entries)] == entries
        assert {each.customer_id for each in followed.values()} == in_use
        assert {old for old, each in followed.items() if each.since is None} == in_use
        entries = told


def people_of(found) -> dict:
    text = "select concat(source, ':', source_key), customer_id from t"
    return dict(found.tables["identities"].engine.sql(text, t=found.tables["identities"]).rows())


@pytest.fixture(scope="module")
def retailer(tmp_path_factory):
    at = tmp_path_factory.mktemp("retailer") / "retail"
    sample.generate(at, customers=400, seed=5)
    return at


def without_every_tenth_member(at, into):
    shutil.copytree(at, into)
    members = into / "crm" / "members.csv"
    head, *rows = members.read_bytes().splitlines(keepends=True)
    members.write_bytes(head + b"".join(row for number, row in enumerate(rows) if number % 10))
    return into


def test_a_retailers_new_records_change_no_old_id_but_by_a_logged_merge_or_split(retailer, tmp_path):
    engine = Engine(threads=2)
    part = without_every_tenth_member(retailer, tmp_path / "part")
    first = integrate(engine, read_sources(part), as_of=date(2025, 12, 31), spill=tmp_path)
    kept = {"kept": lambda day, name: first.state.get(name), "spill": tmp_path}
    second = integrate(engine, read_sources(retailer), **kept)
    before, now = people_of(first), people_of(second)
    entries = second.tables["identity_log"].df()
    moved = {(before[name], now[name]) for name in before.keys() & now.keys() if before[name] != now[name]}
    assert len(now.keys() - before.keys()) >= 0.1 * len(before)
    assert moved == set(zip(entries["old_id"], entries["new_id"], strict=True))
    assert all(follow(entries, old).customer_id in set(now.values()) for old in set(before.values()))


MEMBERS = "key,name,phone,mail\nA,李娜,13912345678,li@x.cn\nB,王伟,13912345679,wu@x.cn\n"
COLUMNS = {"customer_key": "key", "name": "name", "phone": "phone", "email": "mail"}


CHANGES = [("merge", "email"), ("split", "decision")]


def shop(at, mails, decisions=""):
    """A CRM of two people, and two web accounts with their e-mails."""
    files = {"m.csv": MEMBERS, "o.csv": orders(*mails, head="no,member,at,paid,mail\n")}
    declared = [declare("m.csv", "customers", "crm", COLUMNS), declare("o.csv", columns=ORDERS | {"email": "mail"})]
    if decisions:
        files["decisions/2025-04-01-links.yml"] = decisions
    return folder(at, files, declared, name="shop")


def published(at, out, as_of):
    """A run as `playbook run` publishes it, without its notebooks."""
    found, workspace = data_module.find(str(at), out), Workspace(out, "shop")
    run = Run(profile.load("retail"), found, workspace, workspace.new_build(), date.fromisoformat(as_of))
    run.table("identities")
    (run.folder / "manifest.json").write_text("{}")
    return workspace.publish(run.folder, run.as_of)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """January: two customers. April: an e-mail ties both accounts to one; a decision takes the other out again."""
    at = tmp_path_factory.mktemp("runs")
    written = ["1,7,2025-01-04,10,li@x.cn", "2,8,2025-01-05,10,"]
    apart = "reason: they called\nlinks:\n- different: [[crm, A], [shop, '7']]\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYBOOK_KEY_FILE", str(at / "key"))
        january = published(shop(at / "a", written), at, "2025-01-31")
        return january, published(shop(at / "b", [*written, "3,8,2025-04-01,10,li@x.cn"], apart), at, "2025-04-30")


def test_a_run_reads_the_ids_of_the_one_before_and_explains_what_changed(runs):
    january, april = runs
    account, member = explain(january, "shop:8"), explain(april, "crm:A")
    assert explain(january, "shop:7").customer_id == explain(january, "crm:A").customer_id == member.customer_id
    assert explain(april, account.customer_id).customer_id == member.customer_id
    assert explain(april, account.customer_id).retired_on == date(2025, 4, 30)
    assert member.records[["source", "source_key"]].to_numpy().tolist() == [["crm", "A"], ["shop", "8"]]
    assert sorted(zip(member.history["kind"], member.history["reason"], strict=True)) == CHANGES


def test_a_number_without_its_source_is_answered_with_the_records_that_bear_it(runs):
    assert [suggested(runs[0], asked) for asked in ("A", "7")] == [" Did you mean crm:A?", " Did you mean shop:7?"]
    assert [suggested(runs[0], asked) for asked in ("Z", "crm:A", "crm:Z")] == ["", "", ""]


def test_an_id_published_earlier_on_the_day_is_explained_by_the_customer_it_became(tmp_path):
    written = ["1,7,2025-01-04,10,li@x.cn", "2,8,2025-01-05,10,"]
    run = published(shop(tmp_path / "a", written), tmp_path, "2025-01-31")
    morning = {record: explain(run, record).customer_id for record in ("crm:A", "shop:8")}
    hers = "reason: hers\nlinks:\n- same: [[crm, A], [shop, '8']]\n"
    evening = published(shop(tmp_path / "b", written, hers), tmp_path, "2025-01-31")
    found = explain(evening, morning["shop:8"])
    assert (found.customer_id, found.retired_on) == (morning["crm:A"], date(2025, 1, 31))


@pytest.fixture(scope="module")
def february(tmp_path_factory):
    """January: accounts of 李娜, of 王伟 and of nobody known, by phone; in February only the first is left."""
    at = tmp_path_factory.mktemp("later")
    accounts = ["7,2025-01-04,10,li@x.cn", "8,2025-01-05,10,wu@x.cn", "9,2025-01-05,9,"]
    written = [f"{number},1391234000{account}" for number, account in enumerate(accounts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYBOOK_KEY_FILE", str(at / "key"))
        published(shop(at / "a", written), at, "2025-01-31")
        return published(shop(at / "b", written[:1]), at, "2025-02-28")


@pytest.fixture
def later(february, monkeypatch):
    monkeypatch.setenv("PLAYBOOK_KEY_FILE", str(february.parents[1] / "key"))
    return february


def test_a_record_is_found_by_the_key_that_the_source_has_where_a_hash_is_published(later):
    found = explain(later, "shop:13912340007")
    assert (found.customer_id, found.known_since) == (explain(later, "crm:A").customer_id, None)


def test_a_record_that_is_not_in_the_data_any_more_leads_to_its_customer(later):
    found = explain(later, "shop:13912340008")
    assert (found.customer_id, found.known_since) == (explain(later, "crm:B").customer_id, date(2025, 1, 31))
    assert "known since 31 January 2025" in next(lines(found, words("en", profile.load("retail"))))


def test_a_customer_without_any_record_left_is_said_with_the_day_it_was_first_seen(later):
    with pytest.raises(
        UnknownCustomer, match="no record of 'shop:13912340009' any more; it was first seen on 2025-01-31"
    ):
        explain(later, "shop:13912340009")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_explanation_names_records_ties_and_decisions_and_no_personal_value(runs, language):
    said = "\n".join(lines(explain(runs[1], "crm:A"), words(language, profile.load("retail"))))
    assert all(word in said for word in ("crm A", "shop 8", "decisions/2025-04-01-links.yml, line 3", "they called"))
    assert not any(value in said for value in ("李娜", "13912345678", "li@x.cn"))


def test_an_unknown_customer_is_said_in_words(runs):
    with pytest.raises(UnknownCustomer, match=r"no customer goes by 'crm:Z'.*source:key"):
        explain(runs[0], "crm:Z")
