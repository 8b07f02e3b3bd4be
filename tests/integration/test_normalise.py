"""One spelling for what is written in many ways."""

import pytest
from credit_codes import ALPHABET, check_sign, is_credit_code
from hypothesis import given
from hypothesis import strategies as st

from playbook.integration.linkage.normalise import (
    LETTERS,
    PART,
    SIGNS,
    address,
    company,
    email,
    name,
    phone,
    place,
)
from playbook.integration.types import texts
from playbook.integration.types.places import long_provinces
from playbook.tables.engine import Engine, quoted

ONE_NAME = [
    ("张伟", "zhang wei", "wei zhang"),
    ("欧阳娜娜", "ouyang nana", "na na ouyang"),
    ("曾志强", "zeng zhiqiang", "zhi qiang zeng"),
    ("吕布", "lv bu", "lu bu"),
    ("单雄信", "shan xiongxin"),
    ("bill smith", "smith william", "william j smith"),
    ("jürgen müller", "muller jurgen"),
]


@pytest.mark.parametrize("forms", ONE_NAME, ids=lambda forms: forms[0])
def test_a_name_has_one_key_in_signs_in_pinyin_in_any_order_and_in_short(forms):
    assert len({name(form).name_key for form in forms}) == 1


@pytest.mark.parametrize(
    ("text", "extent"), [("张伟", SIGNS), ("zhang wei", LETTERS), ("张", PART), ("w zhang", PART), ("anna", PART)]
)
def test_what_is_only_part_of_a_name_is_known_as_such(text, extent):
    assert name(text).extent == extent


@pytest.mark.parametrize(("one", "other"), [("张伟", "张薇薇"), ("李娜", "王娜"), ("ann lee", "anna lee")])
def test_other_names_have_other_keys(one, other):
    assert name(one).name_key != name(other).name_key


PHONES = [
    ("13912345678", "CN", "8613912345678"),
    ("+8613912345678", "US", "8613912345678"),
    ("008613912345678", "CN", "8613912345678"),
    ("013912345678", "CN", "8613912345678"),
    ("02168881234", "CN", "862168881234"),
    ("4155550123", "US", "14155550123"),
    ("14155550123", "US", "14155550123"),
    ("+442079460958", "CN", "442079460958"),
    ("02079460958", "GB", "442079460958"),
    ("123", "US", None),
]


@pytest.mark.parametrize(("text", "region", "key"), PHONES)
def test_a_phone_has_one_key_with_and_without_its_country(text, region, key):
    assert phone(text, region) == key


COMPANIES = [
    ("上海华联超市股份有限公司", "上海华联超市", ""),
    ("上海华联超市有限公司", "上海华联超市", ""),
    ("上海华联超市股份有限公司北京分公司", "上海华联超市", "北京"),
    ("上海云途科技有限公司(北京)", "上海云途科技", "北京"),
    ("上海云途科技有限公司（北京）分公司", "上海云途科技", "北京"),
    ("上海云途科技北京分公司", "上海云途科技", "北京"),
    ("云途科技昆山分公司", "云途科技", "昆山"),
    ("云途科技石家庄分公司", "云途科技", "石家庄"),
    ("云途集团华东区", "云途", "华东区"),
    ("云途科技有限公司硬件事业部", "云途科技", "硬件事业部"),
    ("华为技术有限公司深圳研究所", "华为技术", "深圳研究所"),
    ("麦当劳（中国）有限公司", "麦当劳中国", ""),
    ("麦当劳(中国)有限公司南京西路店", "麦当劳中国", "南京西路店"),
    ("云途企业管理有限公司（有限合伙）", "云途企业管理", ""),
    ("深圳 原子科技有限公司", "深圳原子科技", ""),
    ("北京布鞋店", "北京布鞋店", ""),
    ("招商银行股份有限公司上海分行", "招商银行", "上海分行"),
    ("华联超市（集团）有限公司", "华联超市", ""),
    ("Acme Ltd.", "acme", ""),
    ("ACME LIMITED", "acme", ""),
    ("Acme, Inc.", "acme", ""),
    ("Acme GmbH & Co. KG", "acme", ""),
    ("Acme Ltd. Berlin Branch", "acme", "berlin"),
    ("Acme Inc. (Shanghai)", "acme", "shanghai"),
    ("Acme (Shanghai) Ltd.", "acme shanghai", ""),
    ("Acme Hong Kong Branch", "acme", "hong kong"),
    ("Acme GmbH Niederlassung Köln", "acme", "koln"),
    ("The Olive Branch", "the olive branch", ""),
    ("公司", "公司", ""),
]


@pytest.mark.parametrize(("text", "key", "branch"), COMPANIES)
def test_a_company_is_known_without_its_legal_form_and_apart_from_its_branches(text, key, branch):
    found = company(text)
    assert (found.company_key, found.branch_key) == (key, branch)


#: 91350100M000100Y43 is the example that GB 32100-2015 prints.
CODES = [("91350100M000100Y43", True), ("91350100M000100Y44", False), ("91350100M000100Y4", False), ("", False)]


@pytest.mark.parametrize(("code", "is_right"), CODES)
def test_a_credit_code_is_right_where_its_check_sign_is(code, is_right):
    engine = Engine(threads=1)
    texts.define(engine.con)
    in_sql = engine.sql(f"select is_credit_code({quoted(code)})").scalar()
    assert (is_credit_code(code), in_sql) == (is_right, is_right)


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_sign_mistyped_is_always_found(body, at, other):
    code = body + check_sign(body)
    wrong = code[:at] + other + code[at + 1 :]
    assert is_credit_code(wrong) == (wrong == code)


@pytest.mark.parametrize(
    "forms",
    [("上海市", "Shanghai", "上海"), ("陕西省", "Shaanxi"), ("内蒙古自治区", "Inner Mongolia"), ("香港", "Hong Kong")],
)
def test_a_place_has_one_key(forms):
    assert len({place(form) for form in forms}) == 1


def test_provinces_that_sound_alike_stay_two():
    assert place("陕西") != place("山西")
    assert long_provinces()["广西壮族自治区"] == "广西"


def test_an_address_is_its_words_and_its_numbers():
    assert address("12 Main Street, Apt 03")[1:] == (address("apt 3, 12 Main St")[1], "12-3")
    assert address("上海市人民路12号301室").address_numbers == "12-301"


@pytest.mark.parametrize(
    ("text", "local", "core"),
    [("li.na+shop@x.cn", "lina", "lina"), ("wang_88@x.cn", "wang88", "88"), ("ann@x.cn", "ann", "ann")],
)
def test_an_email_is_known_without_dots_and_tags(text, local, core):
    assert email(text)[1:] == (local, core)


@given(st.text(max_size=12))
def test_any_text_can_be_a_name_a_phone_a_company_an_address_and_a_place(text):
    assert name(text).extent in (PART, LETTERS, SIGNS)
    assert company(text).company == text
    assert address(text).address == text
    assert isinstance(place(text), str)
    assert phone(text, "CN") is None or phone(text, "CN").isdigit()
