"""The golden record: the profile says whose value survives; what does not is kept with its origin."""

import random

import pytest
from exports import declare, folder, orders, rows

from playbook import profile
from playbook.engine import Engine
from playbook.integration import integrate, read_sources
from playbook.integration.build import Rules
from playbook.profile import ProfileError
from playbook.profile_golden import Survivorship

CRM = ["A,2024-01-01,上海,gold,Ann Lee,a@x.cn,8500,x", "B,2025-01-01,北京,,Ann Lee-Wood,a@x.cn,9000,y"]
LOYALTY = ["L,2023-06-01,北京,silver,Ann Lee,a@x.cn,,zz"]
HEAD = "key,joined,city,level,name,mail,points,hobby\n"
COLUMNS = {"customer_key": "key", "registered_on": "joined", "city": "city", "level": "level", "name": "name"}
COLUMNS |= {"email": "mail", "points": "points"}


def people(at, crm=CRM, **survivorship):
    """Three records of one person in two systems, tied by their e-mail."""
    files = {"m.csv": HEAD + "\n".join(crm), "l.csv": HEAD + "\n".join(LOYALTY), "o.csv": orders("1,z,2025-03-04,1")}
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


def test_the_order_of_the_rows_decides_nothing(tmp_path):
    alike = [f"{key},2024-01-01,{city},,,a@x.cn,,{key}" for key, city in zip("DCBA", "甲乙丙丁", strict=True)]
    found = [people(tmp_path / str(seed), random.Random(seed).sample(alike, 4)) for seed in range(2)]
    assert len({golden(each, "city, hobby") for each in found}) == 1


def test_a_profile_that_names_a_field_nobody_has_is_refused_with_the_nearest(tmp_path):
    own = tmp_path / "own.yml"
    own.write_text("extends: retail\nkey: own\nsurvivorship:\n  fields: {citty: newest}\n")
    with pytest.raises(ProfileError, match=r"own.yml, line 4.*'citty'.*'city'"):
        profile.load(own)
