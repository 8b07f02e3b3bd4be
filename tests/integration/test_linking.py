"""Whose record is it: what ties records together, and what never does."""

import pytest
from credit_codes import check_sign
from exports import ORDERS, declare, folder, integrated, orders, read, rows

from playbook.tables import privacy

HEAD = "no,member,at,paid,name,phone,email,card\n"
IDENTIFIERS = {"name": "name", "phone": "phone", "email": "email", "member_card": "card"}


def shop(tmp_path, *records, **more):
    """Orders of one source; each record is `member,name,phone,email,card`."""
    written = []
    for number, record in enumerate(records):
        member, *identifiers = record.split(",")
        written.append(f"{number},{member},2025-03-04,10,{','.join(identifiers)}")
    declared = [declare("o.csv", columns=ORDERS | IDENTIFIERS, **more)]
    return read(tmp_path, {"o.csv": orders(*written, head=HEAD)}, declared)


def groups(found):
    """The records of each customer."""
    together = rows(found, "identities", "string_agg(source_key, '' order by source_key)", "1")
    assert together
    engine = found.tables["identities"].engine
    text = "select string_agg(source_key, '' order by source_key) from t group by customer_id order by 1"
    return [row[0] for row in engine.sql(text, t=found.tables["identities"]).rows()]


PHONE = "13912345678"
TIES = {
    "one e-mail, whatever its case": (["a,,,Li@x.cn,", "b,,,li@X.cn,"], ["ab"]),
    "one member card": (["a,,,,K1", "b,,,, K1"], ["ab"]),
    "one phone and name": ([f"a,李娜,{PHONE},,", f"b,李 娜,+86 {PHONE},,"], ["ab"]),
    "a family's phone": ([f"a,李娜,{PHONE},,", f"b,王伟,{PHONE},,"], ["a", "b"]),
    "a nameless record joins the phone's only holder": ([f"a,李娜,{PHONE},,", f"b,,{PHONE},,"], ["ab"]),
    "a nameless record on a family's phone": (
        [f"a,李娜,{PHONE},,", f"b,王伟,{PHONE},,", f"c,,{PHONE},,"],
        ["a", "b", "c"],
    ),
    "a placeholder phone": (["a,李娜,13800138000,,", "b,李娜,13800138000,,"], ["a", "b"]),
    "a phone of one digit": (["a,李娜,00000000,,", "b,李娜,00000000,,"], ["a", "b"]),
    "a placeholder e-mail": (["a,,,test@test.com,", "b,,,test@test.com,"], ["a", "b"]),
    "a chain": ([f"a,李娜,{PHONE},,", f"b,李娜,{PHONE},li@x.cn,", "c,,,li@x.cn,"], ["abc"]),
    "an e-mail that a dozen records share": ([f"{key},,,desk@x.cn," for key in "abcdefghijkl"], list("abcdefghijkl")),
    "a card that a cashier uses for strangers": (
        [f"a,,1391234567{n},," for n in range(5)] + ["b,李娜,13912345670,,", "c,王伟,13912345671,,"],
        ["a", "b", "c"],
    ),
}


@pytest.mark.parametrize("case", TIES)
def test_records_are_tied_by_what_proves_one_person_only(tmp_path, case):
    records, expected = TIES[case]
    assert groups(shop(tmp_path, *records)) == expected


CODE = [body + check_sign(body) for body in ("91310000MA1K3XYA0", "91310000MA1K3XYA1")]
CARD = ["110101198003074472", "110101200503071235"]  # born in 1980 and in 2005
LANDLINE = "021-62870934"
PROVEN = {
    "an agent's e-mail": ([f"a,,,a@x.cn,{CODE[0]},", f"b,,,a@x.cn,{CODE[1]},"], ["a", "b"]),
    "the landline of an office building": ([f"a,,{LANDLINE},,{CODE[0]},", f"b,,{LANDLINE},,{CODE[1]},"], ["a", "b"]),
    "an account of either": ([f"a,,,a@x.cn,{CODE[0]},", f"b,,,a@x.cn,{CODE[1]},", "c,,,a@x.cn,,"], ["a", "b", "c"]),
    "an account between them": (
        [f"a,,,a@x.cn,{CODE[0]},", f"b,,{LANDLINE},,{CODE[1]},", f"c,,{LANDLINE},a@x.cn,,"],
        ["ac", "b"],
    ),
    "one company": ([f"a,,,a@x.cn,{CODE[0]},", f"b,,,a@x.cn,{CODE[0]},", "c,,,a@x.cn,,"], ["abc"]),
    "a father and his son": ([f"a,张伟,{PHONE},,,{CARD[0]}", f"b,张伟,{PHONE},,,{CARD[1]}"], ["a", "b"]),
    "a mother's e-mail, her accounts and her daughter's": (
        [f"a,李娜,,h@x.cn,,{CARD[0]}", "b,李娜,,h@x.cn,,", f"c,王雪,,h@x.cn,,{CARD[1]}", "d,,,h@x.cn,,"],
        ["ab", "c", "d"],
    ),
    "people born in different years": (
        ["a,李娜,,h@x.cn,,,1980-03-07", "b,李娜,,h@x.cn,,,", "c,王雪,,h@x.cn,,,2005-03-07"],
        ["ab", "c"],
    ),
    "one name, and a day of birth mistyped": (
        ["a,李娜,,h@x.cn,,,1980-03-07", "b,李娜,,h@x.cn,,,1981-03-07"],
        ["ab"],
    ),
    "a couple of whom one's birth is known": (
        ["a,李娜,,h@x.cn,,,1980-03-07", "b,王伟,,h@x.cn,,,"],
        ["ab"],
    ),
    "a number that nobody was given": ([f"a,张伟,{PHONE},,,{CARD[0]}", f"b,张伟,{PHONE},,,110101"], ["ab"]),
}


@pytest.mark.parametrize("case", PROVEN)
def test_no_e_mail_or_phone_ties_those_whose_numbers_prove_them_to_be_different(tmp_path, case):
    records, expected = PROVEN[case]
    columns = {"customer_key": "key", "credit_code": "code", "id_number": "id", "birth_date": "born"}
    columns |= {name: name for name in ("name", "phone", "email")}
    head = "key,name,phone,email,code,id,born"
    files = {
        "m.csv": "\n".join([head, *(record + "," * (head.count(",") - record.count(",")) for record in records)]),
        "o.csv": orders("1,a,2025-03-04,1"),
    }
    declared = [declare("m.csv", "customers", "shop", columns), declare("o.csv")]
    found = read(tmp_path, files, declared)
    assert groups(found) == expected
    keys = {f"integration.flag.{what}" for what in ("disputed_identifiers", "disputed_groups", "shared_identifiers")}
    assert len(keys & {flag.key for flag in found.flags}) == (len(expected) > 1)


@pytest.mark.parametrize("key", ["0", "00000", "游客", "Guest", ""])
def test_a_key_that_means_nobody_leaves_the_order_anonymous(tmp_path, key):
    found = shop(tmp_path, f"{key},,,,", "a,,,,")
    assert rows(found, "orders", "order_id, customer_id is null") == [("0", True), ("1", False)]


def test_rows_without_a_key_are_known_by_the_strongest_identifier_they_carry(tmp_path):
    found = shop(tmp_path, ",,,li@x.cn,", ",,,li@x.cn,", f",李娜,{PHONE},,", ",,,,")
    assert rows(found, "orders", "count(distinct customer_id), count(customer_id)") == [(2, 3)]


def test_a_declared_stranger_is_nobody_whatever_stands_beside(tmp_path):
    found = shop(tmp_path, "99999,,,li@x.cn,", "a,,,,", anonymous="member = '99999'")
    assert rows(found, "orders", "customer_id is null") == [(False,), (True,)]


def test_one_internal_record_makes_the_customer_internal(tmp_path):
    found = shop(tmp_path, "a,,,li@x.cn,", "b,,,li@x.cn,", "c,,,,", internal="member = 'b'")
    assert rows(found, "customers", "is_internal") == [(False,), (True,)]


def test_source_keys_that_are_phones_are_published_as_keyed_hashes(tmp_path):
    declared = [declare("o.csv", columns=ORDERS | {"phone": "member"})]
    found = read(tmp_path, {"o.csv": orders(f"1,{PHONE},2025-03-04,1")}, declared)
    assert rows(found, "identities", "source_key") == [(privacy.hashed(PHONE, "source_key"),)]
    assert rows(found, "contacts", "phone") == [(privacy.hashed(PHONE, "phone"),)]


def test_keys_that_look_like_phones_or_e_mails_are_taken_for_personal(tmp_path):
    found = read(tmp_path, {"o.csv": orders("1,li@x.cn,2025-03-04,1", "2,wu@x.cn,2025-03-04,1")})
    assert all("@" not in key for (key,) in rows(found, "identities", "source_key"))


def test_another_key_gives_other_hashes(tmp_path, monkeypatch):
    here = privacy.hashed(PHONE, "phone")
    monkeypatch.setenv("PLAYBOOK_KEY_FILE", str(tmp_path / "other"))
    assert privacy.hashed(PHONE, "phone") != here
    assert (tmp_path / "other").stat().st_mode & 0o077 == 0


def test_numbers_of_another_system_are_its_records(tmp_path):
    events = "user,when,what,visitor\na,2025-03-04 10:00:00,browse,v1\n,2025-03-04 09:59:00,browse,v1\n"
    columns = {"customer_key": "user", "occurred_at": "when", "event": "what", "visitor_id": "visitor"}
    declared = [declare("o.csv"), declare("e.csv", "events", "app", columns, key_source="shop")]
    found = read(tmp_path, {"o.csv": orders("1,a,2025-03-04,1"), "e.csv": events}, declared)
    assert rows(found, "identities", "source, source_key") == [("shop", "a")]
    assert rows(found, "events", "count(customer_id)") == [(2,)]


def test_the_newest_record_gives_each_field_and_the_oldest_the_registration(tmp_path):
    members = "key,city,level,joined,from,mail\nA,上海,gold,2024-01-01,store,x@x.cn\nB,北京,,2025-01-01,web,x@x.cn\n"
    columns = {"customer_key": "key", "city": "city", "level": "level", "registered_on": "joined"}
    columns |= {"acquisition_channel": "from", "email": "mail"}
    declared = [declare("m.csv", "customers", "crm", columns), declare("o.csv")]
    found = read(tmp_path, {"m.csv": members, "o.csv": orders("1,z,2025-03-04,1")}, declared)
    golden = rows(found, "customers", "city, level, cast(registered_on as varchar), acquisition_channel", "1")
    assert golden[0] == ("北京", "gold", "2024-01-01", "store")


def test_order_numbers_of_several_sources_never_collide_and_returns_find_their_purchase(tmp_path):
    head = "no,member,at,paid,of\n"
    files = {"a.csv": head + "1,a,2025-03-04,10,\nW2,a,2025-03-04,10,\n", "b.csv": head + "1,a,2025-03-04,-5,W2\n"}
    columns = ORDERS | {"related_order_id": "of"}
    declared = [declare("a.csv", columns=columns), declare("b.csv", source="till", columns=columns)]
    found = integrated(folder(tmp_path, files, declared))
    assert rows(found, "orders", "order_id, related_order_id") == [
        ("shop:1", None),
        ("shop:W2", None),
        ("till:1", "shop:W2"),
    ]


def test_branches_that_share_an_e_mail_with_their_parent_stay_customers_of_their_own(tmp_path):
    names = [
        "上海云途科技有限公司",
        "上海云途科技有限公司(北京)",
        "上海云途科技北京分公司",
        "云途集团华东区",
        "上海云途科技股份公司",
    ]
    members = "key,company,mail\n" + "".join(f"{key},{name},a@x.cn\n" for key, name in zip("abcde", names, strict=True))
    columns = {"customer_key": "key", "company": "company", "email": "mail"}
    declared = [declare("m.csv", "customers", "crm", columns), declare("o.csv")]
    found = read(tmp_path, {"m.csv": members, "o.csv": orders("1,z,2025-03-04,1")}, declared)
    assert groups(found) == ["ae", "bc", "d", "z"]
