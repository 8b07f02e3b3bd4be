"""What was typed only because something had to be: it names nobody, and what looks alike but is somebody's does."""

import pytest
from exports import ORDERS, declare, orders, read, rows

from playbook.integration.types import texts
from playbook.integration.types.field_types import placeholder
from playbook.tables.engine import Engine, quoted

MADE_UP = {
    "member_card": "无 无卡 暂无 没有 未知 非会员 123456 000000 n/a TEST",
    "openid": "无 undefined null",
    "email": """
        test@example.com test01@x.cn no@email.com noreply@shop.com no-reply@shop.com 1@qq.com 123456@qq.com
        11111111@qq.com
        xxx@xxx.com admin@admin.com a@b.c test@test.com none@none.com na@na.com a@a.com noemail@noemail.com 123@123.com
        li.na@none.com ann@shop.test
    """,
    "phone": """
        13000000000 13800000000 13512345678 13123456789 12312312312 13800138000 13888888888 13900000000 12345678901
        1234567 00000000 13131313131 +8600000000 13987654321
    """,
    "credit_code": "000000000000000000",
    "id_number": "无 111111111111111111 123456789012345678",
    "visitor_id": "0 unknown 00000000-0000-0000-0000-000000000000",
}  # fmt: skip
TRUE = {
    "member_card": "123457 K123456 5123456 888",
    "openid": "oT-x3mAbc",
    "email": """
        li@x.cn tess@example.com nora@email.com norah.ply@shop.com 1234567891@qq.com 52013145@qq.com user7@example.org
        xx@163.com latest@x.cn anna@na.com.cn a@b.cn li.na@x.com
    """,
    "phone": "13912345670 13800138001 02168881234 +14155550123 13810000020 13666668888 4008001234 18812181218",
    "id_number": "11010519491231002X",
    "visitor_id": "GA1.2.1234567890",
}  # fmt: skip
CASES = [
    (column, value, expected)
    for expected, values in ((True, MADE_UP), (False, TRUE))
    for column, listed in values.items()
    for value in listed.split()
]
NOBODY = [
    "0",
    "000",
    "99999",
    "无",
    "暂无",
    "非会员",
    "未登记",
    "13800138000",
    "13000000000",
    "Guest",
    "NA",
    "undefined",
    "-1",
]


@pytest.fixture(scope="module")
def says():
    engine = Engine(threads=1)
    texts.define(engine.con)
    return lambda sql: engine.sql(f"select {sql}").scalar()


@pytest.mark.parametrize(("column", "value", "expected"), CASES)
def test_an_identifier_is_a_placeholder_or_somebodys(says, column, value, expected):
    assert says(placeholder(column, quoted(value))) is expected


@pytest.mark.parametrize("key", NOBODY)
def test_a_key_for_nobody_is_known(says, key):
    assert says(f"is_nobody({quoted(key)})") is True


@pytest.mark.parametrize("key", ["1", "123456", "12345678", "K0", "13912345670", "100000", "88888", "无锡01"])
def test_a_key_that_a_customer_may_have_is_kept(says, key):
    assert says(f"is_nobody({quoted(key)})") is False


@pytest.mark.parametrize(("name", "expected"), [("无", True), ("匿名用户", True), ("no", False), ("nan", False)])
def test_a_name_that_somebody_may_bear_is_no_placeholder(says, name, expected):
    assert says(f"is_no_name({quoted(name)})") is expected


@pytest.mark.parametrize("key", ["无", "13800138000"])
def test_orders_of_nobody_have_no_customer_and_are_counted(tmp_path, key):
    found = read(tmp_path, {"o.csv": orders(f"1,{key},2025-03-04,1", f"2,{key},2025-03-05,1", "3,a,2025-03-05,1")})
    assert rows(found, "orders", "order_id, customer_id is null") == [("1", True), ("2", True), ("3", False)]
    assert rows(found, "repairs", '"column", repair, "values"') == [("customer_key", "placeholder", 2)]


def test_nobody_refers_nobody(tmp_path):
    columns = {"referrer_key": "by", "referee_key": "who", "referred_at": "at"}
    declared = [declare("o.csv", columns=ORDERS), declare("r.csv", "referrals", columns=columns)]
    files = {"o.csv": orders("1,a,2025-03-04,1"), "r.csv": "by,who,at\n无,a,2025-03-01\nb,a,2025-03-01\n"}
    found = read(tmp_path, files, declared)
    assert rows(found, "referrals", "count(*)") == [(1,)]
    assert rows(found, "identities", "source_key") == [("a",), ("b",)]


@pytest.mark.parametrize("word", ["无", "未填", "unknown"])
def test_a_word_in_place_of_a_phone_or_an_e_mail_is_nothing_and_no_mistake(tmp_path, word):
    columns = ORDERS | {"phone": "tel", "email": "mail"}
    text = f"no,member,at,paid,tel,mail\n1,a,2025-03-04,1,{word},{word}\n"
    found = read(tmp_path, {"o.csv": text}, [declare("o.csv", columns=columns)])
    assert rows(found, "quarantine", "count(*)") == [(0,)]
