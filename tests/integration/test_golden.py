"""The golden record: the profile says whose value survives; what does not is kept with its origin."""

import random

import pytest
from exports import ORDERS, declare, folder, orders, rows

from playbook.integration import integrate, read_sources
from playbook.integration.build import Rules
from playbook.profile import models as profile
from playbook.profile.golden import Survivorship
from playbook.profile.models import ProfileError
from playbook.tables import privacy
from playbook.tables.engine import Engine

CRM = ["A,2024-01-01,上海,gold,Ann Lee,a@x.cn,8500,x", "B,2025-01-01,北京,,Ann Lee-Wood,a@x.cn,9000,y"]
LOYALTY = ["L,2023-06-01,北京,silver,Ann Lee,a@x.cn,,zz"]
HEAD = "key,joined,city,level,name,mail,points,hobby\n"
COLUMNS = {"customer_key": "key", "registered_on": "joined", "city": "city", "level": "level", "name": "name"}
COLUMNS |= {"email": "mail", "points": "points"}


def people(at, crm=CRM, loyalty=LOYALTY, **survivorship):
    """Three records of one person in two systems, tied by their e-mail."""
    files = {"m.csv": HEAD + "\n".join(crm), "l.csv": HEAD + "\n".join(loyalty), "o.csv": orders("1,z,2025-03-04,1")}
    declared = [declare("o.csv")]
    for path, source in (("m.csv", "crm"), ("l.csv", "loyalty")):
        declared.append(declare(path, "customers", source, COLUMNS, attributes={"hobby": "hobby"}))
    rules = Rules(survivorship=Survivorship(**survivorship))
    return integrate(Engine(threads=1), read_sources(folder(at, files, declared)), spill=at, rules=rules)


def golden(found, columns):
    return rows(found, "customers", f"{columns}", "registered_on nulls last")[0]


def test_by_default_the_newest_record_gives_each_field_and_the_oldest_the_registration(tmp_path):
    columns = "city, level, points, hobby, cast(registered_on as varchar)"
    assert golden(people(tmp_path), columns) == ("北京", "gold", 9000, "y", "2023-06-01")


LEVELS = {"A": "2023-01-01 vip", "C": "2023-07-01 gold", "D": "2024-01-01 gold", "E": "2024-02-01 platinum"}
LEVELS |= {"F": "2025-01-01 basic"}
CHOSEN = {"newest": "basic", "oldest": "vip", "most_frequent": "gold", "most_trusted": "silver", "longest": "platinum"}


@pytest.mark.parametrize("rule", CHOSEN)
def test_each_rule_chooses_its_value(tmp_path, rule):
    crm = [f"{key},{given.split()[0]},,{given.split()[1]},,a@x.cn,," for key, given in LEVELS.items()]
    found = people(tmp_path, crm, fields={"level": rule}, trusted=["loyalty"])
    assert golden(found, "level") == (CHOSEN[rule],)


def test_an_attribute_of_the_data_has_a_rule_of_its_own(tmp_path):
    assert golden(people(tmp_path, attributes={"hobby": "longest"}), "hobby") == ("zz",)


def test_values_that_do_not_survive_are_kept_with_their_origin(tmp_path):
    found = people(tmp_path, fields={"city": "most_frequent"})
    told = rows(found, "field_conflicts", "source, source_key, value, rule, survives", "all")
    cities = [row for row in told if row[3] == "most_frequent"]
    assert cities == [
        ("crm", "A", "上海", "most_frequent", False),
        ("crm", "B", "北京", "most_frequent", True),
        ("loyalty", "L", "北京", "most_frequent", True),
    ]


def test_fields_on_which_all_agree_are_no_conflict_and_personal_values_are_hashed(tmp_path):
    found = people(tmp_path)
    told = rows(found, "field_conflicts", "field, value", "all")
    assert {field for field, _ in told} == {"city", "level", "name", "points", "registered_on", "hobby"}
    assert "Ann" not in str(told)


SPELLED = {
    "spellings of one city": (["上海市", "上海市", "Shanghai", "上海"], "", "上海市", 0),
    "an equal count": (["shanghai", "上海"], "", "shanghai", 0),
    "what others write": (["上海", "Shanghai"], "上海市 上海市", "上海市", 0),
    "two cities": (["上海市", "北京", "Beijing"], "", "上海市", 3),
    "cities that sound alike": (["苏州市", "宿州"], "", "苏州市", 2),
    "letters that may mean either": (["苏州", "宿州", "Suzhou"], "", "苏州", 3),
    "letters that mean the only one known": (["苏州", "Suzhou"], "", "Suzhou", 0),
}


@pytest.mark.parametrize("case", SPELLED)
def test_a_place_has_the_spelling_that_most_records_use_and_spellings_are_no_conflict(tmp_path, case):
    cities, others, expected, conflicts = SPELLED[case]
    crm = [f"c{number},2024-01-{28 - number},{city},,,a@x.cn,," for number, city in enumerate(cities)]
    crm += [f"other{number},,{city},,,,," for number, city in enumerate(others.split())]
    found = people(tmp_path, crm, loyalty=["L,,,,,l@x.cn,,"])
    assert golden(found, "city") == (expected,)
    assert rows(found, "field_conflicts", "count(*) filter (field = 'city')") == [(conflicts,)]


def test_a_gender_is_one_word_whatever_the_systems_write_unless_the_mapping_says_otherwise(tmp_path):
    files = {
        "m.csv": "key,sex,mail\nA,女,a@x.cn\nB,1,b@x.cn\nC,保密,c@x.cn\nD,男,d@x.cn\n",
        "l.csv": "key,sex,mail\nA,F,a@x.cn\nB,Male,b@x.cn\nC,,c@x.cn\nD,M,d@x.cn\n",
        "o.csv": orders("1,A,2025-03-04,1"),
    }
    columns, declared = {"customer_key": "key", "gender": "sex", "email": "mail"}, [declare("o.csv", source="m")]
    for path, meant in (("m.csv", {"1": "male"}), ("l.csv", {"M": "mister"})):
        declared.append(declare(path, "customers", path[0], columns, values={"gender": meant}))
    found = integrate(Engine(threads=1), read_sources(folder(tmp_path, files, declared)))
    assert [gender for (gender,) in rows(found, "customers", "gender")] == ["female", "male", "mister", "保密"]
    assert rows(found, "field_conflicts", "value") == [("male",), ("mister",)]


def test_a_phone_that_orders_show_counts_where_no_list_of_customers_knows_one(tmp_path):
    shown = ["1,A,2025-03-04,1,13912345672", "2,B,2025-03-05,1,13912345674", "3,B,2025-03-04,1,13912345673"]
    files = {"m.csv": "key,joined,mobile\nA,2020-01-01,13912345671\nB,2020-01-01,\n"}
    files |= {"o.csv": orders(*shown, head="no,member,at,paid,mobile\n")}
    columns = {"customer_key": "key", "registered_on": "joined", "phone": "mobile"}
    declared = [declare("m.csv", "customers", columns=columns), declare("o.csv", columns=ORDERS | {"phone": "mobile"})]
    found = integrate(Engine(threads=1), read_sources(folder(tmp_path, files, declared)))
    expected = {privacy.hashed(f"1391234567{last}", "phone") for last in (1, 4)}
    assert {phone for (phone,) in rows(found, "contacts", "phone")} == expected


def test_the_order_of_the_rows_decides_nothing(tmp_path):
    alike = [f"{key},2024-01-01,{city},,,a@x.cn,,{key}" for key, city in zip("DCBA", "甲乙丙丁", strict=True)]
    found = [people(tmp_path / str(seed), random.Random(seed).sample(alike, 4)) for seed in range(2)]
    assert len({golden(each, "city, hobby") for each in found}) == 1


def test_a_profile_that_names_a_field_nobody_has_is_refused_with_the_nearest(tmp_path):
    own = tmp_path / "own.yml"
    own.write_text("extends: retail\nkey: own\nsurvivorship:\n  fields: {citty: newest}\n")
    with pytest.raises(ProfileError, match=r"own.yml, line 4.*'citty'.*'city'"):
        profile.load(own)
