"""What an analyst decides always wins, is read from a dated file, and is refused with file, line and remedy."""

import pytest
from exports import ORDERS, declare, folder, integrated, orders, rows

from playbook.integration.linkage.decisions import DecisionError, Record, read_decisions
from playbook.tables import privacy

HEAD = "no,member,at,paid,mail\n"
WRITTEN = ["1,a,2025-03-04,10,li@x.cn", "2,b,2025-03-04,10,li@x.cn", "3,0123,2025-03-04,10,", "4,d,2025-03-05,10,"]


def shop(at, written=WRITTEN, internal=None, **decisions):
    """Four accounts, two of them with one e-mail; decisions by the name of their file, without `.yml`."""
    files = {f"decisions/{name}.yml": text for name, text in decisions.items()}
    files["o.csv"] = orders(*written, head=HEAD)
    more = {"internal": internal} if internal else {}
    return folder(at, files, [declare("o.csv", columns=ORDERS | {"email": "mail"}, **more)])


def groups(found) -> list[str]:
    text = "select string_agg(source_key, ' ' order by source_key) from t group by customer_id order by 1"
    return [row[0] for row in found.tables["identities"].engine.sql(text, t=found.tables["identities"]).rows()]


def internal_customers(found) -> int:
    return rows(found, "customers", "count(*) filter (is_internal)", "1")[0][0]


def decided(at, *links, reason="they called"):
    text = f"reason: {reason}\nlinks:\n" + "".join(f"- {link}\n" for link in links)
    return integrated(shop(at, **{"2025-04-01-links": text}))


DECIDED = {
    "nothing": ([], ["0123", "a b", "d"]),
    "these two are one": (["same: [[shop, a], [shop, d]]"], ["0123", "a b d"]),
    "these two are not": (["different: [[shop, a], [shop, b]]"], ["0123", "a", "b", "d"]),
    "three are one": (["same: [[shop, a], [shop, d], [shop, 0123]]"], ["0123 a b d"]),
    "a key with a leading zero, without quotes": (["same: [[shop, 0123], [shop, d]]"], ["0123 d", "a b"]),
}


@pytest.mark.parametrize("case", DECIDED)
def test_a_decision_ties_or_separates_whatever_the_data_say(tmp_path, case):
    links, expected = DECIDED[case]
    assert groups(decided(tmp_path, *links) if links else integrated(shop(tmp_path))) == expected


def test_the_rule_of_a_decided_tie_is_said(tmp_path):
    found = decided(tmp_path, "same: [[shop, a], [shop, d]]")
    assert dict(rows(found, "identities", "source_key, rule"))["d"] == "decision"
    assert rows(found, "decisions", "kind, source_key, place", "2") == [
        ("same", "a", "decisions/2025-04-01-links.yml, line 3"),
        ("same", "d", "decisions/2025-04-01-links.yml, line 3"),
    ]


def test_a_later_decision_takes_an_earlier_one_back(tmp_path):
    apart = "reason: a call\nlinks:\n- different: [[shop, a], [shop, b]]\n"
    again = "reason: a second call\nlinks:\n- same: [[shop, b], [shop, a]]\n"
    found = integrated(shop(tmp_path, **{"2025-04-01-links": apart, "2025-05-01-links": again}))
    assert groups(found) == ["0123", "a b", "d"]


def test_a_personal_key_is_named_as_it_is_published_or_as_the_source_has_it(tmp_path):
    written = ["1,13912345678,2025-03-04,1,", "2,13912345679,2025-03-04,1,"]
    one, two = privacy.hashed("13912345678", "source_key"), "13912345679"
    text = f"reason: twins\nlinks:\n- same: [[shop, {one}], [shop, {two}]]\n"
    found = integrated(shop(tmp_path, written, **{"2025-04-01-links": text}))
    assert rows(found, "identities", "count(distinct customer_id)") == [(1,)]
    assert two not in str(rows(found, "decisions", "*"))


def test_a_decision_about_a_record_that_is_not_here_waits_and_is_said(tmp_path):
    found = decided(tmp_path, "same: [[shop, a], [shop, gone]]")
    [flag] = [flag for flag in found.flags if flag.key == "integration.flag.decision_without_record"]
    assert flag.values == {"place": "decisions/2025-04-01-links.yml, line 3", "records": 1}
    assert groups(found) == ["0123", "a b", "d"]


BUSY = [f"{n},k,2025-03-04,10," for n in range(14)] + ["99,d,2025-03-04,5,"]


def busy(at, **options):
    found = integrated(shop(at, BUSY, **options))
    proposed = rows(found, "proposed_internal", "pattern, found, source, source_key, orders, amount")
    internal = rows(found, "customers", "is_internal")
    return [is_internal for (is_internal,) in internal], proposed


def settled(kind):
    return {"2025-04-01-internal": f"{kind}:\n- {{source: shop, key: k, reason: asked the store}}\n"}


def test_a_card_used_like_nobody_uses_their_own_is_proposed_and_still_counts(tmp_path):
    assert busy(tmp_path) == ([False, False], [("purchases_a_day", 14, "shop", "k", 14, 140)])


def test_a_decision_makes_it_internal(tmp_path):
    assert busy(tmp_path, **settled("internal")) == ([False, True], [])


def test_a_decision_against_it_ends_the_proposal_and_overrules_the_mapping(tmp_path):
    assert busy(tmp_path, internal="member = 'k'", **settled("not_internal")) == ([False, False], [])


def test_other_decisions_are_left_to_those_who_read_them(tmp_path):
    assert read_decisions(shop(tmp_path, **{"2025-04-01-rfm-cuts": "decides: rfm-cuts\ncuts: {}\n"})) == {}


def test_each_decision_keeps_its_day_and_reason(tmp_path):
    text = "reason: both\nlinks:\n- same: [[shop, a], [shop, b]]\n  reason: only this\n"
    said = read_decisions(shop(tmp_path, **{"2025-04-01-links": text}))[Record("shop", "a"), Record("shop", "b")]
    assert (str(said.day), said.reason) == ("2025-04-01", "only this")


PAIR = "[[shop, a], [shop, b]]"


@pytest.mark.parametrize("day, expected", [("2025-03-01", 1), ("2025-05-01", 0)])
def test_of_two_verdicts_on_one_customer_the_later_one_holds_whichever_record_it_names(tmp_path, day, expected):
    staff = "internal: [{source: shop, key: a, reason: staff}]\n"
    left = "not_internal: [{source: shop, key: b, reason: left the company}]\n"
    found = integrated(shop(tmp_path, **{"2025-04-01-staff": staff, f"{day}-left": left}))
    assert internal_customers(found) == expected


SAME, DIFFERENT = (f"reason: x\nlinks:\n- {kind}: [[shop, a], [shop, b]]\n" for kind in ("same", "different"))
INTERNAL, NOT_INTERNAL = "reason: x\ninternal: [[shop, a]]\n", "reason: x\nnot_internal: [[shop, a]]\n"
OTHER = "reason: x\nnot_internal: [[shop, b]]\n"
CONTRARY = {
    "two files": (
        {"2025-04-01-a": SAME, "2025-04-01-b": DIFFERENT},
        "a.yml, line 3 .*b.yml, line 3.* of the same records",
    ),
    "one file": (
        {"2025-04-01-a": SAME + DIFFERENT.split("links:\n")[1]},
        "a.yml, line 3 .*a.yml, line 4.* of the same records",
    ),
    "a verdict": ({"2025-04-01-a": INTERNAL, "2025-04-01-b": NOT_INTERNAL}, "a.yml, line 2 .*b.yml, line 2.* records"),
    "a verdict on one customer": ({"2025-04-01-a": INTERNAL, "2025-04-01-b": OTHER}, "line 2.* of the same customer"),
}


@pytest.mark.parametrize("case", CONTRARY)
def test_contrary_decisions_of_one_day_are_refused_with_both_places(tmp_path, case):
    files, said = CONTRARY[case]
    with pytest.raises(DecisionError, match=f"{said}.*Both cannot hold"):
        integrated(shop(tmp_path, **files))


def test_contrary_decisions_of_one_day_are_no_matter_once_a_later_one_has_settled_it(tmp_path):
    files = {"2025-04-01-a": SAME, "2025-04-01-b": DIFFERENT, "2025-04-02-c": DIFFERENT}
    assert groups(integrated(shop(tmp_path, **files))) == ["0123", "a", "b", "d"]


@pytest.mark.parametrize("first, last, together", [("same", "different", 2), ("different", "same", 1)])
def test_a_later_decision_holds_where_the_earlier_one_named_the_record_by_its_hash(tmp_path, first, last, together):
    written = ["1,13912345678,2025-03-04,1,", "2,13912345679,2025-03-04,1,"]
    one = privacy.hashed("13912345678", "source_key")
    texts = {
        "2025-04-01-l": f"reason: x\nlinks:\n- {first}: [[shop, {one}], [shop, 13912345679]]\n",
        "2025-05-01-l": f"reason: y\nlinks:\n- {last}: [[shop, 13912345678], [shop, 13912345679]]\n",
    }
    found = integrated(shop(tmp_path, written, **texts))
    assert rows(found, "identities", "count(distinct customer_id)") == [(together,)]
    assert set(rows(found, "decisions", "kind, reason")) == {(last, "y")}


def test_a_file_may_end_in_yaml_and_name_records_as_explain_does(tmp_path):
    at = shop(tmp_path)
    (at / "decisions").mkdir()
    text = "reason: they called\nlinks:\n- same: [shop:a, 'shop:d']\ninternal: [shop:0123]\n"
    (at / "decisions" / "2025-04-01-links.yaml").write_text(text)
    found = integrated(at)
    assert groups(found) == ["0123", "a b d"]
    assert internal_customers(found) == 1


WRONG = {
    "an empty file": ("", "is empty; it needs `links:`"),
    "a list": (f"- same: {PAIR}\n", "begins with a list; it needs `links:`"),
    "a text": ("links\n", "holds a text only; it needs `links:`"),
    "an unknown decision": ("decides: linkz\nlinks: []\n", "line 1: nothing decides 'linkz'; did you mean 'links'"),
    "cuts under another name": ("decides: rfm-cuts\ncuts: {}\n", "line 1: .*named after its day.*rfm-cuts.yml"),
    "a list as a key": ("? [a, b]\n: c\n", "does not read as YAML"),
    "an unknown key": (f"reason: x\nlinks:\n- sane: {PAIR}\n", "line 3, key 'links.0.sane'.*did you mean 'same'"),
    "one record": ("reason: x\nlinks:\n- same: [[shop, a]]\n", "line 3.*two records or more"),
    "one record twice": ("reason: x\nlinks:\n- same: [[shop, a], [shop, a]]\n", "line 3.*each once"),
    "a record without source": ("reason: x\nlinks:\n- same: [a, [shop, b]]\n", r"line 3.*\[source, key\]"),
    "no list": (f"reason: x\nlinks:\n  same: {PAIR}\n", "line 2.*begins with '- '"),
    "no reason": (f"links:\n- same: {PAIR}\n", "line 2.*needs a reason"),
    "no YAML": ("links: [\n", "does not read as YAML"),
    "an unknown source": ("reason: x\nlinks:\n- same: [[shup, a], [shop, b]]\n", "line 3: there is no source 'shup'"),
    "a contradiction by way of another": (
        f"reason: x\nlinks:\n- same: [[shop, a], [shop, d]]\n- same: [[shop, d], [shop, b]]\n- different: {PAIR}\n",
        "line 4 says that two records are one customer, .*line 5 keeps them apart",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_decision_that_cannot_be_used_names_file_line_and_remedy(tmp_path, case):
    text, said = WRONG[case]
    with pytest.raises(DecisionError, match=f"2025-04-01-links.yml.*{said}"):
        integrated(shop(tmp_path, **{"2025-04-01-links": text}))


def test_a_file_without_a_date_is_refused(tmp_path):
    with pytest.raises(DecisionError, match=r"decisions/links\.yml: a decision is dated"):
        integrated(shop(tmp_path, links=f"reason: x\nlinks:\n- same: {PAIR}\n"))
