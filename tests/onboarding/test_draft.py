"""The drafted sources.yml: right or marked for a decision, never wrong in silence; it loads, and it runs."""

import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest
import strange
import yaml
from drafts import Verdicts, judged

from playbook.integration import SourcesError, integrate, read_sources
from playbook.integration.sources import fields
from playbook.integration.sources.models import ControlTotal, FileSpec, Sources
from playbook.integration.types.expressions import Header, compile_condition, compile_value
from playbook.onboarding import check, drafted, excerpt, init, layout, text
from playbook.onboarding.names import concepts
from playbook.profile import models as profile
from playbook.sample import generate
from playbook.tables.engine import Engine

ROOT = Path(__file__).resolve().parents[2]
LOGGED = '10.0.0.1 - - [04/Mar/2025:10:00:{0:02d} +0800] "GET /p/{0} HTTP/1.1" 200 512 "-" "Mozilla"\n'
TRUTH = yaml.safe_load((Path(__file__).parent / "draft_truth.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The generated retail exports as a company has them: without a mapping and without the truth."""
    folder = tmp_path_factory.mktemp("retail")
    generate(folder, customers=600, seed=1)
    shutil.rmtree(folder / "truth")
    (folder / "sources.yml").rename(folder.parent / "retail_sources.yml")
    return folder


def specs(folder):
    """File and sheet -> what the draft declares of it."""
    return {(spec["path"], spec.get("sheet")): spec for spec in yaml.safe_load(text(drafted(folder)))["files"] or ()}


def only(folder):
    """What the draft declares of the one file."""
    [spec] = specs(folder).values()
    return spec


def marks(folder):
    """What the draft leaves to a decision."""
    return [line.strip() for line in text(drafted(folder)).splitlines() if "# DECIDE:" in line]


def orders(folder, header, row, count=60, **how):
    """A file of orders; `row` makes one of a number and a moment."""
    rows = [
        row(number, moment) for number, moment in enumerate(strange.moments(count, how.pop("form", "%Y-%m-%d %H:%M")))
    ]
    strange.write(folder / "orders.csv", header, rows, **how)
    return folder


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_a_draft_of_public_data_is_never_wrong_in_silence(name, public_data):
    verdicts = judged(text(drafted(public_data / name)), TRUTH[name])
    assert verdicts.wrong == []


def test_of_all_public_columns_that_matter_nearly_all_are_right_or_marked_and_most_need_no_decision(public_data):
    verdicts = sum((judged(text(drafted(public_data / name)), TRUTH[name]) for name in TRUTH), Verdicts([], [], []))
    assert verdicts.caught >= 0.97
    assert verdicts.settled >= 0.65


def test_a_draft_of_the_retail_sample_is_the_mapping_its_author_wrote(sample):
    verdicts = judged(text(drafted(sample)), as_truth(sample.parent / "retail_sources.yml"))
    assert verdicts.wrong == []
    assert verdicts.settled >= 0.95


def as_truth(path):
    """A mapping as the truth of a draft; of the words for values only the genders, the others are a matter of taste."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    keys = ("table", "key_source", "columns", "kinds", "exclude", "internal", "anonymous", "updated_at")
    files = {spec["path"]: {key: spec[key] for key in keys if key in spec} for spec in content["files"]}
    for spec in content["files"]:
        files[spec["path"]]["values"] = {
            key: declared for key, declared in spec.get("values", {}).items() if key == "gender"
        }
        files[spec["path"]]["also"] = {"encoding": spec.get("encoding"), "price": "unit_price"}
    return {"settings": {key: content[key] for key in ("currency", "time_zone")}, **files}


def test_a_draft_loads_and_its_rows_reconcile_before_anything_was_decided(sample, tmp_path):
    folder = shutil.copytree(sample, tmp_path / "copy")
    assert init(folder).problem is None
    files = integrate(Engine(), read_sources(folder), spill=tmp_path).tables["files"]
    statuses = files[["accepted", "quarantined", "duplicate", "future_dated", "excluded"]].sum(axis=1)
    assert (statuses == files["rows"]).all() and files["quarantined"].sum() < 0.01 * files["rows"].sum()


def test_the_same_files_give_the_same_draft(sample):
    assert text(drafted(sample)) == text(drafted(sample))


def test_no_draft_replaces_a_mapping(sample, tmp_path):
    folder = shutil.copytree(sample, tmp_path / "copy")
    (folder / "sources.yml").write_text("name: mine\n")
    with pytest.raises(FileExistsError, match="nothing was overwritten"):
        init(folder)
    assert (folder / "sources.yml").read_text() == "name: mine\n"


def test_a_folder_without_data_is_said_to_be_one(tmp_path):
    with pytest.raises(SourcesError, match="holds no file of data"):
        init(tmp_path)


def test_a_gym_is_mapped_without_help(tmp_path):
    strange.gym(tmp_path)
    declared = specs(tmp_path)
    members, visits = declared["members.csv", None], declared["checkins.csv", None]
    assert members["table"] == "customers" and members["delimiter"] == ";" and members["date_order"] == "dmy"
    assert members["columns"] == {
        "customer_key": "Member #",
        "registered_on": "Join Date",
        "birth_year": "right(DOB, 4)",
        "level": "Membership Type",
        "owner": "Home Club",
        "name": 'concat("First Name", "Last Name")',
        "phone": "Mobile",
        "consent_marketing": "Marketing opt-in",
    }
    assert visits["columns"] == {"customer_key": "Member #", "ordered_at": "Check-in", "store": "Club"}
    assert any("visits are read as orders" in mark for mark in marks(tmp_path))


def test_a_chinese_bookshop_is_mapped_without_help(tmp_path):
    strange.bookshop(tmp_path)
    declared = only(tmp_path)
    assert declared["encoding"] == "gb18030" and declared["table"] == "order_lines"
    assert declared["columns"] == {
        "order_id": "销售单号",
        "product_id": "ISBN",
        "category": "图书分类",
        "quantity": "册数",
        "amount": "实洋",
        "ordered_at": "销售时间",
        "customer_key": "会员编号",
    }
    assert declared["kinds"] == {"return": "单据类型 = '退货'"} and declared["anonymous"] == "会员编号 = '散客'"


def test_a_wholesalers_workbook_is_mapped_sheet_by_sheet_below_its_titles(tmp_path):
    strange.wholesaler(tmp_path)
    declared = specs(tmp_path)
    lines, customers = declared["orders.xlsx", "Order lines"], declared["orders.xlsx", "Customers"]
    assert lines["header"] == 3 and lines["source"] == customers["source"]
    assert lines["columns"] == {
        "order_id": "Doc No",
        "line": "Line No",
        "product_id": "Material",
        "quantity": "Order Qty",
        "amount": "Net value (EUR)",
        "price": "Net price per unit",
        "ordered_at": "Posting Date",
        "customer_key": "Sold-to party",
    }
    assert (
        customers["columns"]["customer_key"] == "Customer No"
        and customers["columns"]["registered_on"] == "Customer since"
    )
    assert yaml.safe_load(text(drafted(tmp_path)))["currency"] == "EUR"


@pytest.mark.parametrize("make", [strange.gym, strange.bookshop, strange.wholesaler])
def test_a_draft_of_a_strange_folder_runs_undecided(make, tmp_path):
    make(tmp_path / "data")
    assert init(tmp_path / "data").problem is None
    tables = integrate(Engine(), read_sources(tmp_path / "data"), spill=tmp_path).tables
    assert tables["orders"].count() > 200 and tables["files"]["quarantined"].sum() == 0


def test_days_that_no_value_decides_are_left_to_a_decision(tmp_path):
    both = orders(
        tmp_path,
        ["order id", "customer id", "order date", "total"],
        lambda n, m: [f"A{n}", f"K{n % 9}", "03/04/2025", n],
    )
    assert any("date_order" in mark and "dmy or mdy" in mark for mark in marks(both))


def test_an_amount_that_is_the_price_of_one_piece_is_found_by_the_totals_of_the_orders(tmp_path):
    """The trap of a column called amount beside a quantity."""
    prices = [5 + n % 7 for n in range(240)]
    lines = [[f"A{n // 3}", f"P{n % 7}", n % 4 + 1, prices[n]] for n in range(240)]
    strange.write(tmp_path / "lines.csv", ["order id", "product id", "quantity", "amount"], lines)
    totals = [sum(quantity * price for _, _, quantity, price in lines[3 * n : 3 * n + 3]) for n in range(80)]
    orders(
        tmp_path,
        ["order id", "customer id", "order date", "total paid"],
        lambda n, m: [f"A{n}", f"K{n % 9}", m, totals[n]],
        80,
    )
    assert specs(tmp_path)["lines.csv", None]["columns"]["amount"] == "quantity * amount"
    assert not any("amount" in mark for mark in marks(tmp_path))


def test_an_amount_that_counts_pieces_is_marked(tmp_path):
    folder = orders(
        tmp_path,
        ["customer id", "date", "amount", "sales price"],
        lambda n, m: [f"K{n % 9}", m, max(1, n % 5 - 2), n * 7 % 90],
    )
    assert any("number of pieces" in mark for mark in marks(folder))


def test_a_customers_number_that_every_order_has_its_own_of_is_marked(tmp_path):
    folder = orders(
        tmp_path, ["order id", "customer id", "order date", "total"], lambda n, m: [f"A{n}", f"K{n}", m, n], 250
    )
    assert any("no value of 'customer id' stands twice" in mark for mark in marks(folder))


def test_a_column_called_phone_that_holds_none_is_not_mapped(tmp_path):
    folder = orders(
        tmp_path, ["order id", "order date", "total", "phone"], lambda n, m: [f"A{n}", m, n, "red" if n % 2 else "blue"]
    )
    assert "phone" not in only(folder)["columns"]
    assert any(mark.startswith("# DECIDE: phone:") for mark in marks(folder))


def test_a_total_of_the_order_that_stands_on_each_of_its_lines_is_marked(tmp_path):
    header = ["order id", "customer id", "order date", "sku", "qty", "order total"]
    folder = orders(
        tmp_path, header, lambda n, m: [f"A{n // 3}", f"K{n // 3 % 9}", m, f"S{n % 7}", 1, n // 3 * 11 + 5], 90
    )
    assert any("the same on all lines of an order" in mark for mark in marks(folder))


def test_order_numbers_that_start_again_every_day_are_marked(tmp_path):
    header = ["ticket no", "customer id", "date", "sku", "qty", "amount"]
    folder = orders(tmp_path, header, lambda n, m: [n % 30, f"K{n % 47}", m, f"S{n % 7}", 1, n + 0.5], 300)
    assert any("start again every day" in mark for mark in marks(folder))


def test_the_year_of_a_birthday_with_two_digits_is_not_guessed(tmp_path):
    strange.write(
        tmp_path / "members.csv",
        ["member id", "gender", "dob"],
        [[f"M{n}", "FM"[n % 2], f"0{n % 9 + 1}/02/{60 + n % 40}"] for n in range(60)],
    )
    assert "birth_year" not in only(tmp_path)["columns"]


def test_of_a_large_file_only_a_part_is_looked_at(tmp_path, monkeypatch):
    folder = orders(
        tmp_path, ["order id", "customer id", "order date", "total"], lambda n, m: [f"A{n}", f"K{n % 99}", m, n], 3000
    )
    whole = only(folder)
    monkeypatch.setattr(excerpt, "LARGE", 60_000)
    monkeypatch.setattr(excerpt, "HEAD", 20_000)
    monkeypatch.setattr(excerpt, "BLOCK", 2_000)
    assert only(folder) == whole
    assert "a part was looked at" in text(drafted(folder))


def test_tax_and_shipping_are_no_revenue(tmp_path):
    header = ["order id", "customer id", "order date", "tax amount", "shipping fee", "运费", "退款金额"]
    folder = orders(tmp_path, header, lambda n, m: [f"A{n}", f"K{n % 9}", m, n, n / 3, n, n])
    assert "amount" not in only(folder)["columns"]


def test_an_order_cancelled_before_it_was_paid_is_put_to_the_user(tmp_path):
    header = ["订单编号", "客户编号", "下单时间", "实付金额", "订单状态"]
    folder = orders(tmp_path, header, lambda n, m: [f"A{n}", f"K{n % 9}", m, n, "已取消" if n % 9 == 0 else "已完成"])
    assert only(folder)["exclude"] == {"not_final": "订单状态 = '已取消'"}
    assert any("leave these out" in mark for mark in marks(folder))


def test_a_text_in_windows_1252_is_declared_and_marked(tmp_path):
    header = ["order id", "customer name", "order date", "total"]
    folder = orders(
        tmp_path, header, lambda n, m: [f"A{n}", f"Zoë Müller {'abcdefghij'[n % 10]}", m, n], encoding="cp1252"
    )
    assert only(folder)["encoding"] == "cp1252"
    assert any(mark.startswith("# DECIDE: encoding:") for mark in marks(folder))


def test_what_is_no_standard_table_is_listed_with_the_reason(tmp_path):
    strange.write(tmp_path / "parameters.csv", ["frequency", "recency", "weights"], [[1, 2, 30], [2, 3, 40]])
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "empty.csv").touch()
    content = text(drafted(tmp_path))
    assert "parameters.csv: nearest is" in content and "its columns: frequency, recency, weights" in content
    assert "old.xls: .xls files are not read" in content and "empty.csv: it is empty" in content


def test_no_personal_value_stands_in_a_draft(tmp_path):
    strange.gym(tmp_path)
    content = text(drafted(tmp_path))
    assert "7700" not in content and not any(
        first + letter in content for first in strange.FIRST for letter in "abcdefgh"
    )


def test_personal_data_in_disguise_is_not_shown_either(tmp_path):
    folder = orders(
        tmp_path, ["订单编号", "下单时间", "实付金额", "联系手机"], lambda n, m: [f"A{n}", m, n, f"'1380013{n:04d}"]
    )
    assert "1380013" not in text(drafted(folder))


def test_a_till_that_uses_the_numbers_of_the_customer_file_says_so(tmp_path):
    strange.write(
        tmp_path / "crm" / "members.csv", ["会员编号", "性别"], [[f"M{7 * n:05d}", "男女"[n % 2]] for n in range(80)]
    )
    orders(
        tmp_path / "pos",
        ["小票号", "会员编号", "交易时间", "实收金额"],
        lambda n, m: [f"T{n}", f"M{7 * (n % 50):05d}", m, n],
    )
    orders(tmp_path / "app", ["event", "user id", "event time"], lambda n, m: ["view", f"M{7 * (n % 60):05d}", m])
    declared = {spec["source"]: spec.get("key_source") for spec in specs(tmp_path).values()}
    assert declared == {"crm": None, "pos": "crm", "app": "crm"}


def test_numbers_that_every_system_counts_up_from_one_prove_nothing(tmp_path):
    strange.write(tmp_path / "crm" / "members.csv", ["member id", "gender"], [[n + 1, "MF"[n % 2]] for n in range(80)])
    orders(tmp_path / "web", ["order id", "user id", "order date", "total"], lambda n, m: [f"A{n}", n % 50 + 1, m, n])
    assert "key_source" not in specs(tmp_path)["web/orders.csv", None]
    assert any("may agree by chance" in mark for mark in marks(tmp_path))


def test_a_copy_of_another_file_is_pointed_out(tmp_path):
    rows = [[f"K{n % 40}", moment, n * 3 % 70 + 0.5] for n, moment in enumerate(strange.moments(300, "%Y-%m-%d %H:%M"))]
    strange.write(tmp_path / "all.csv", ["customer id", "date", "amount"], rows)
    strange.write(tmp_path / "some.csv", ["customer id", "date", "amount"], rows[:120])
    assert any("nearly all of its rows stand in all.csv too" in mark for mark in marks(tmp_path))


NAMES = """
    customer_key: CustomerID, cust_no, 客户编号, 會員編號, kehu_bianhao, Custmer ID
    order_id: Order Number, ORD_NBR, 销售单号, Booking Ref
    ordered_at: Purchase Date, 下单日期, txn_ts, placed_at
    paid: Net Amount (EUR), 实付金额（元）
    quantity: qty, Units Sold, 数量
    unit_price: Unit Price, 单价
    phone: 会员手机号, mobile_no
    registered_on: 注册时间, Member since
    other: Tracking Number, 快递单号
    shipping_fee: 运费, Freight Value
    tax: 税额, VAT
"""


@pytest.mark.parametrize(("concept", "names"), [line.split(": ") for line in NAMES.strip().splitlines()])
def test_a_name_means_the_same_however_it_is_written(concept, names):
    best = {name: max(concepts(name), key=concepts(name).get) for name in names.split(", ")}
    assert set(best.values()) == {concept.strip()}


def test_a_name_that_only_shares_a_word_with_a_meaning_is_not_sure():
    assert max(concepts("cashier customer desk phone").values()) < 0.9


def test_a_check_counts_the_rows_and_names_the_repairs_worth_most(sample, tmp_path):
    folder = shutil.copytree(sample, tmp_path / "copy")
    init(folder)
    checked = check(folder, profile=profile.load("retail"))
    assert len(checked.repairs) == 3 and checked.repairs[0].money >= checked.repairs[1].money > 0
    assert (
        checked.files["rows"].sum()
        == checked.files[["accepted", "quarantined", "duplicate", "future_dated", "excluded"]].sum().sum()
    )
    assert checked.undecided == 3


def test_files_of_records_are_drafted_like_tables(tmp_path):
    """An API's pages, JSON Lines, a database and a log: where their records lie is told, and the draft loads."""
    days = [moment for _, moment in zip(range(60), strange.moments(60, "%Y-%m-%d %H:%M"), strict=False)]
    buyer = lambda number: {"id": f"U{number % 20}", "email": f"u{number % 20}@x.cn"}  # noqa: E731
    written = [
        {
            "order_id": f"A{number:03d}",
            "order_date": day,
            "buyer": buyer(number),
            "amount": 10 + number,
            "lines": [{"sku": 1}],
        }
        for number, day in enumerate(days)
    ]
    (tmp_path / "orders.jsonl").write_text("".join(json.dumps(record) + "\n" for record in written))
    users = [{"user_id": f"U{number}", "phone": f"139{10_000_000 + number}"} for number in range(20)]
    (tmp_path / "users.json").write_text(json.dumps({"code": 0, "data": {"list": users}}))
    (tmp_path / "access.log").write_text("".join(LOGGED.format(number) for number in range(60)))
    (tmp_path / "app.log").write_text("started\n")
    with sqlite3.connect(tmp_path / "erp.db") as db:
        db.execute("create table sales (order_no text, customer_id text, order_date text, total_amount real)")
        db.executemany(
            "insert into sales values (?, ?, ?, ?)", [(f"B{n}", f"C{n % 9}", d, n + 1) for n, d in enumerate(days)]
        )
    assert init(tmp_path).problem is None
    content = {spec["path"]: spec for spec in yaml.safe_load((tmp_path / "sources.yml").read_text())["files"]}
    assert {path: spec["table"] for path, spec in content.items()} == {
        "orders.jsonl": "orders", "users.json": "customers", "access.log": "events", "erp.db": "orders",
    }  # fmt: skip
    assert content["orders.jsonl"]["columns"]["customer_key"] == "buyer.id"
    assert (content["users.json"]["items"], content["erp.db"]["db_table"]) == ("data.list", "sales")
    assert content["access.log"]["format"] == "weblog" and content["access.log"]["columns"]["occurred_at"] == "time"
    assert "# explode: lines" in (tmp_path / "sources.yml").read_text()


@pytest.mark.parametrize(
    ("upper", "lower", "header"),
    [
        (",,本月,,累计,", "单号,会员号,数量,金额,数量,金额", [2, 3]),
        (",,销售,,,", "单号,会员号,下单时间,实付金额,数量,门店", 3),
        (",,,,,", "单号,会员号,下单时间,实付金额,数量,门店", 3),
    ],
)
def test_names_spread_over_two_rows_are_proposed_as_such(upper, lower, header):
    rows = [line.split(",") for line in ("销售报表,,,,,", upper, lower, *["A1,M1,2025-03-04,10,1,2"] * 3)]
    laid = layout.of_rows(rows)
    assert laid.header == header
    assert ("header" in laid.doubts) == (header != 3)


def test_an_upper_row_that_may_belong_to_the_names_is_left_to_a_decision():
    rows = [
        line.split(",")
        for line in (",,订单,,金额,", "单号,会员号,下单时间,门店,实付,应付", *["A1,M1,2025-03-04,2,10,11"] * 3)
    ]
    assert "[1, 2]" in layout.of_rows(rows).doubts["header"]


def test_every_file_that_is_not_mapped_is_listed_and_a_draft_without_any_is_still_a_mapping(tmp_path):
    (tmp_path / "app.log").write_text("started\n")
    (tmp_path / "read.me").write_text("hello")
    (tmp_path / "settings.json").write_text('{"a": 1}')
    written = init(tmp_path)
    assert [unread.path for unread in written.draft.unread] == ["app.log", "read.me", "settings.json"]
    assert yaml.safe_load((tmp_path / "sources.yml").read_text())["files"] == []
    assert "no file gives orders" in written.problem


def test_the_documentation_explains_every_key_and_every_column():
    content = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    keys = {key for part in (Sources, FileSpec, ControlTotal) for key in part.model_fields}
    columns = {name for table in fields.TABLES for name in fields.fields(table)}
    assert [name for name in sorted(keys | columns | set(fields.TABLES)) if f"`{name}`" not in content] == []


def test_what_the_documentation_recommends_is_read(tmp_path):
    """Every expression of its table of strange data sets is one that a mapping accepts."""
    content = (
        (ROOT / "docs" / "sources.md").read_text(encoding="utf-8").split("## Strange data sets")[1].split("\n## ")[0]
    )
    names = """quantity price gross discount list_total rate amount_fen sales profit type invoice status order_no member
        支付方式 member_type store date first_name last_name birthday dob event_time"""
    header = Header((*names.split(), "ticket no", "销售 金额"))
    values = re.findall(r"`(?:amount|discount|cost|order_id|name|birth_year|occurred_at): ([^`]+)`", content)
    conditions = re.findall(r"(?:return|refunded|cancelled|test|redemption|anonymous|internal): \"([^\"]+)\"", content)
    assert len([compile_value(text, header) for text in values]) >= 8
    assert len([compile_condition(text, header) for text in conditions]) >= 7
