"""Identifiers: which of them tie two records, when a shared one does not, and how long a phone is one person's."""

import pandas as pd
import pytest
from exports import ORDERS, declare, orders, read, rows

from playbook.integration.linkage.components import connected_records
from playbook.integration.linkage.link import link_records
from playbook.integration.types import texts
from playbook.profile.linking import Linking
from playbook.tables.engine import Engine, quoted

PHONE = "13912345670"
CODE, OTHER_CODE = "91350100M000100Y43", "91310000607378327K"
CARD, OTHER_CARD = "11010519491231002X", "34052419800101001X"
TEXTS = (
    "source", "key_source", "holder", "name", "phone", "email", "member_card", "openid", "unionid", "credit_code",
    "gender", "region", "city", "postcode", "address", "company", "id_number",
)  # fmt: skip
DAYS = ("day", "updated_at", "registered_on", "birth_date")
EXACT = Linking(by_weight=False)


def table(engine, *records):
    """Records as 'a phone=1 on=2018-01-01': `a` is the key of one source, `b:2` that of another."""
    found = [dict(part.split("=") for part in record.split()[1:]) | _named(record.split()[0]) for record in records]
    frame = pd.DataFrame(found).rename(columns={"on": "day"}).reindex(columns=[*TEXTS, *DAYS])
    typed = [f"cast({name} as varchar) as {name}" for name in TEXTS]
    typed += [f"cast({name} as timestamp) as {name}" for name in DAYS]
    plain = (
        "false as private_keys, false as internal, cast(null as bigint) as birth_year, cast(0 as ubigint) as content"
    )
    return engine.sql(f"select {', '.join(typed)}, {plain} from f", f=engine.frame(frame.astype("str"))).materialise()


def _named(key):
    source, _, holder = key.rpartition(":")
    return {"source": source or "shop", "key_source": source or "shop", "holder": holder}


def tied(*records, linking=EXACT, kind="orders"):
    """The records that exact rules tie into one, and what was said about them."""
    engine = Engine(threads=1)
    texts.define(engine.con)
    found = link_records(engine, {kind: table(engine, *records)}, linking=linking)
    known = found.records.df().merge(connected_records(engine, found.records, found.links).df(), on="record_no")
    together = known.sort_values("record_key").groupby("group_no").record_key.agg("".join)
    return sorted(together), found.flags


MEMBERS = {
    "one openid": (["openid=o1", "openid=o1"], ["ab"]),
    "one unionid": (["unionid=u1", "unionid=u1"], ["ab"]),
    "one credit code": ([f"credit_code={CODE}", f"credit_code={CODE}"], ["ab"]),
    "one credit code, names of one company": (
        [f"credit_code={CODE} company=云途有限公司", f"credit_code={CODE} company=云途股份有限公司"],
        ["ab"],
    ),
    "a credit code that a branch gives for its parent's": (
        [f"credit_code={CODE} company=云途有限公司", f"credit_code={CODE} company=云途有限公司北京分公司"],
        ["a", "b"],
    ),
    "an openid equal to a unionid": (["openid=o1", "unionid=o1"], ["a", "b"]),
    "one identity card": ([f"id_number={CARD}", f"id_number={CARD.lower()}"], ["ab"]),
    "two identity cards": ([f"id_number={CARD}", f"id_number={OTHER_CARD}"], ["a", "b"]),
    "a number that is no identity card": (["id_number=110105194912310021", "id_number=110105194912310021"], ["a", "b"]),
}


@pytest.mark.parametrize("case", MEMBERS)
def test_strong_identifiers_tie_and_companies_keep_their_branches_apart(case):
    said, expected = MEMBERS[case]
    assert tied(*(f"{key} {text}" for key, text in zip("ab", said, strict=True)), kind="customers")[0] == expected


def test_every_strong_identifier_of_a_file_ties(tmp_path):
    columns = {"customer_key": "key", "openid": "wx", "unionid": "u", "credit_code": "code", "id_number": "id"}
    pairs = [("o1", "", "", ""), ("", "u1", "", ""), ("", "", CODE, ""), ("", "", "", CARD)]
    written = [",".join([key, *pairs[turn // 2]]) for turn, key in enumerate("abcdefgh")]
    nobody = ["i,无,未知,000000000000000000,无", "j,无,未知,000000000000000000,无"]
    files = {"m.csv": "\n".join(["key,wx,u,code,id", *written, *nobody, ""]), "o.csv": orders("1,z,2025-03-04,1")}
    declared = [declare("m.csv", "customers", "crm", columns), declare("o.csv", columns=ORDERS)]
    text = "select string_agg(source_key, '' order by source_key) from t group by customer_id order by 1"
    found = read(tmp_path, files, declared).tables["identities"]
    assert [row[0] for row in found.engine.sql(text, t=found).rows()] == ["ab", "cd", "ef", "gh", "i", "j", "z"]


def test_the_rule_and_not_only_the_tie_is_told(tmp_path):
    members = f"key,id\na,{CARD}\nb,{CARD}\n"
    declared = [declare("m.csv", "customers", "crm", {"customer_key": "key", "id_number": "id"}), declare("o.csv")]
    found = read(tmp_path, {"m.csv": members, "o.csv": orders("1,z,2025-03-04,1")}, declared)
    assert rows(found, "links", "rule") == [("id_number",)]


#: The number of GB 11643's own example, and one of them mistyped in each way.
NUMBERS = [
    (CARD, True), (OTHER_CARD, True), ("110105194912310021", False), ("11010519491231020X", False),
    ("11010519491331002X", False), ("11010519491231002", False), ("111111111111111111", False),
]  # fmt: skip


@pytest.mark.parametrize(("number", "is_right"), NUMBERS)
def test_an_identity_card_is_right_where_its_day_and_its_check_sign_are(number, is_right):
    engine = Engine(threads=1)
    texts.define(engine.con)
    assert engine.sql(f"select is_identity_card({quoted(number)})").scalar() is is_right


PERIODS = {
    "two nameless records of one year": (["a on=2018-01-01", "b:b on=2018-12-01"], ["ab"]),
    "two nameless records, the second after a reissue": (["a on=2018-01-01", "b:b on=2025-01-01"], ["a", "b"]),
    "on the last day that still counts": (["a on=2018-01-01", "b on=2019-01-01"], ["ab"]),
    "on the first day that counts no longer": (["a on=2018-01-01", "b on=2019-01-02"], ["a", "b"]),
    "each within a year of the one before": (["a on=2018-01-01", "b on=2018-10-01", "c on=2019-07-01"], ["abc"]),
    "the later owners find each other": (["a on=2018-01-01", "b on=2025-01-01", "c on=2025-03-01"], ["a", "bc"]),
    "seen for years by one source": (["a on=2018-01-01", "a on=2025-01-01", "b on=2021-06-01"], ["ab"]),
    "one name, years apart": (["a on=2018-01-01 name=李娜", "b on=2025-01-01 name=李娜"], ["ab"]),
    "nameless long after the named": (["a on=2018-01-01 name=李娜", "b on=2025-01-01"], ["a", "b"]),
    "nameless between two of one name": (
        ["a on=2018-01-01 name=李娜", "b on=2025-01-01 name=李娜", "c on=2021-06-01"],
        ["abc"],
    ),
    "nameless long before the named, one of whose days nobody knows": (
        ["a on=2020-01-01 name=李娜", "a name=李娜", "b on=2010-01-01"],
        ["a", "b"],
    ),
    "nameless on a day that nobody knows": (["a on=2018-01-01", "b"], ["ab"]),
}


@pytest.mark.parametrize("case", PERIODS)
def test_a_phone_is_one_persons_as_long_as_it_is_used(case):
    records, expected = PERIODS[case]
    found, _ = tied(*(record + f" phone={PHONE}" for record in records))
    assert found == expected


def test_a_record_with_more_values_than_one_person_has_ties_by_none_of_them():
    cards = [f"a member_card=K{n}" for n in range(4)]
    assert tied(*cards, "b member_card=K0")[0] == ["a", "b"]
    assert tied(*cards[1:], "b member_card=K1")[0] == ["ab"]


NAMES = {
    "two spellings, perhaps": (["张伟", "章玮玮"], ["ab"]),
    "three people": (["张伟", "李娜", "王芳"], ["a", "b", "c"]),
    "three people, one of them twice": (["张伟", "李娜", "王芳", "李娜"], ["a", "bd", "c"]),
    "three people and a nameless record": (["张伟", "李娜", "王芳", ""], ["a", "b", "c", "d"]),
    "three people and two nameless records": (["张伟", "李娜", "王芳", "", ""], ["a", "b", "c", "d", "e"]),
    "three people and a family name that fits two": (["张伟", "张丽", "王芳", "张"], ["a", "b", "c", "d"]),
    "three people and a family name that fits one": (["张伟", "李娜", "王芳", "张"], ["ad", "b", "c"]),
    "ten clerks": ([f"n{n}x" for n in range(10)], list("abcdefghij")),
}


@pytest.mark.parametrize("kind", ["email", "member_card"])
@pytest.mark.parametrize("case", NAMES)
def test_what_several_people_use_ties_equal_names_only(case, kind):
    names, expected = NAMES[case]
    value = {"email": "desk@x.cn", "member_card": "K1"}[kind]
    bearing = [
        f"{key} {kind}={value}" + (f" name={name}" if name else "")
        for key, name in zip("abcdefghij", names, strict=False)
    ]
    found, flags = tied(*bearing)
    assert found == expected
    assert [flag.key for flag in flags] == ([] if len(names) == 2 else ["integration.flag.shared_identifiers"])


def test_names_that_one_record_bears_are_no_crowd():
    receivers = [f"a email=li@x.cn name={name}" for name in ("李娜", "张伟", "王芳")]
    assert tied(*receivers, "b email=li@x.cn")[0] == ["ab"]


def test_the_profile_says_how_many_names_are_several():
    records = ["a email=home@x.cn name=张伟", "b email=home@x.cn name=李娜"]
    assert tied(*records)[0] == ["ab"]
    assert tied(*records, linking=Linking(by_weight=False, most_names=1))[0] == ["a", "b"]
