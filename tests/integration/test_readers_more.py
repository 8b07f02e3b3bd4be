"""JSON Lines, web logs, saved pages of an API, folders of monthly files, workbooks: every row is accounted for."""

import gzip
import io
import json

import openpyxl
import pytest
from exports import declare, orders
from hypothesis import given, settings
from hypothesis import strategies as st
from taken import taken

from playbook.integration import SourcesError
from playbook.integration.readers.json_rows import flat
from playbook.integration.readers.weblog import records as weblog_records
from playbook.integration.sources.folders import gaps

SHOP = {"order_id": "no", "customer_key": "buyer.id", "ordered_at": "at", "amount": "total"}
LINES = SHOP | {"product_id": "lines.sku", "quantity": "lines.n", "amount": "lines.paid"}
EVENTS = {"occurred_at": "time", "event": "path", "visitor_id": "query.vid", "customer_key": "cookie.uid"}
ANN = {"no": "1", "buyer": {"id": "a", "name": "Ann"}, "at": "2025-03-04", "total": 12.50}
BOB = {"no": "2", "buyer": {"id": "b", "tags": ["vip", "new"]}, "at": "2025-03-05", "total": 20}


def lines(*records) -> str:
    return "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)


def jsonl(at, text, columns=SHOP, table="orders", name="o.jsonl", **more):
    return taken(at, {name: text}, [declare(name, table, columns=columns, **more)])


def counted(found) -> tuple:
    """Rows, and what became of them, over all files: they add up in every case."""
    said = "rows, accepted, quarantined, duplicate, future_dated, excluded"
    every = found.rows("files", said, "source, file")
    assert all(row[0] == sum(row[1:]) for row in every)
    return tuple(sum(column) for column in zip(*every, strict=True))[:4]


# JSON Lines


def test_fields_within_fields_are_columns_by_their_dotted_path(tmp_path):
    found = jsonl(tmp_path, lines(ANN, BOB))
    assert found.rows("orders", "order_id, amount :: varchar") == [("1", "12.50"), ("2", "20.00")]
    assert found.rows("orders", "customer_key") == [("a",), ("b",)]


def test_numbers_of_json_lose_no_digit(tmp_path):
    found = jsonl(tmp_path, '{"no": 90071992547409931, "buyer": {"id": 1e5}, "at": "2025-03-04", "total": 0.10}\n')
    assert found.rows("orders", "order_id, amount :: varchar") == [("90071992547409931", "0.10")]


def test_an_exploded_list_gives_a_row_per_element_with_the_fields_around_it(tmp_path):
    first = ANN | {"lines": [{"sku": "tea", "n": 2, "paid": 4}, {"sku": "cup", "n": 1, "paid": 8.5}]}
    found = jsonl(tmp_path, lines(first, BOB | {"lines": []}), LINES, "order_lines", explode="lines")
    assert found.rows("order_lines", "product_id, quantity :: varchar") == [("cup", "1.000"), ("tea", "2.000")]
    assert found.rows("order_lines", "distinct order_id, customer_key") == [("1", "a")]
    assert found.rows("quarantine", '"row", value, reason') == [(3, "lines", "empty_list")]
    assert counted(found) == (3, 2, 1, 0)


BROKEN = {
    "broken_json": '{"no": "3", ',
    "not_an_object": '["3", "c"]',
    "field_twice": '{"no": "3", "no": "4"}',
    "missing": '{"no": "3", "at": "2025-03-04", "total": null}',
    "not_a_number": '{"no": "3", "at": "2025-03-04", "total": NaN}',
    "not_a_date": '{"no": "3", "at": {"day": 4}, "total": 1}',
    "nul_byte": '{"no": "3\\u0000", "at": "2025-03-04", "total": 1}',
    "cell_too_long": json.dumps({"no": "3", "at": "2025-03-04", "total": "9" * 1_000_001}),
    "deep": '{"a":' * 100_000 + "1" + "}" * 100_000,
}


@pytest.mark.parametrize("reason", BROKEN)
def test_a_line_that_is_no_record_is_set_aside_with_its_number(tmp_path, reason):
    found = jsonl(tmp_path, lines(ANN, "", BROKEN[reason], BOB))
    said = {"deep": "broken_json", "not_a_date": "missing"}.get(reason, reason)
    assert found.rows("quarantine", '"row", reason') == [(3, said)]
    assert counted(found) == (3, 2, 1, 0)


def test_a_line_in_another_encoding_is_set_aside_with_its_place(tmp_path):
    order = '{"no": "%s", "buyer": {"id": "c"}, "at": "2025-03-04", "total": 1, "店": "上海北京分店"}\n'
    found = jsonl(tmp_path, (order % 1).encode() + (order % 2).encode("gb18030") + (order % 3).encode())
    assert found.rows("quarantine", '"row", reason') == [(2, "other_encoding")]
    assert counted(found) == (3, 2, 1, 0)


def test_json_lines_are_read_compressed_and_in_chinese(tmp_path):
    columns = SHOP | {"store": "店"}
    text = "".join(json.dumps(order | {"店": "上海"}, ensure_ascii=False) + "\r\n" for order in (ANN, BOB))
    foreign = jsonl(tmp_path / "gb", text.encode("gb18030"), columns)
    assert foreign.rows("orders", "store") == [("上海",), ("上海",)]
    packed = jsonl(tmp_path / "gz", gzip.compress(text.encode()), columns, name="o.jsonl.gz")
    assert packed.rows("orders", "store") == [("上海",), ("上海",)]


def test_a_path_that_no_record_has_is_an_error_with_the_nearest(tmp_path):
    with pytest.raises(SourcesError, match=r"there is no column 'buyer.key'; did you mean .*'buyer.id'"):
        jsonl(tmp_path, lines(ANN, BOB), SHOP | {"customer_key": "buyer.key"})


# Web server logs

LOG = """\
10.0.0.1 - - [04/Mar/2025:23:59:59 +0800] "GET /tea?vid=v1&q=%E8 HTTP/1.1" 200 5 "-" "Firefox" "uid=a; theme=dark"
10.0.0.1 - - [05/Mar/2025:00:00:01 +0000] "GET /cart?vid=v1 HTTP/1.1" 302 - "https://x/\\"y\\"" "Fire\\"fox" "-"
10.0.0.2 - bob [05/Mar/2025:08:00:00 +0800] "POST /pay HTTP/2.0" 500 0
10.0.0.3 - - [05/Mar/2025:08:00:01 +0800] "\\x16\\x03\\x01" 400 150 "-" "-"
10.0.0.4 - - [31/Feb/2025:08:00:01 +0800] "GET /tea HTTP/1.1" 200 1 "-" "-"
rotated by hand
"""


def weblog(at, text=LOG, **more):
    log = declare("access.log", "events", "web", EVENTS, format="weblog", **more)
    files = {"access.log": text, "o.csv": orders("1,a,2025-03-05,10")}
    return taken(at, files, [log, declare("o.csv")], time_zone="Asia/Shanghai")


def test_a_web_log_gives_events_with_time_page_and_visitor(tmp_path):
    found = weblog(tmp_path)
    assert found.rows("events", "event, visitor_id, customer_key, occurred_at :: varchar", "occurred_at, event") == [
        ("/tea", "v1", "a", "2025-03-04 23:59:59"),
        ("/pay", None, None, "2025-03-05 08:00:00"),
        ("/cart", "v1", None, "2025-03-05 08:00:01"),
    ]
    assert found.rows("quarantine", '"row", reason', '"row"') == [
        (4, "missing"),
        (5, "impossible_date"),
        (6, "not_a_log_line"),
    ]
    assert counted(found) == (7, 4, 3, 0)


def test_answers_and_robots_are_left_out_by_rules_over_the_log(tmp_path):
    found = weblog(tmp_path, exclude={"failed": "status >= 400", "moved": "status = '302'"})
    left_out = found.rows(
        "row_status", "case when status = 'excluded' then reason end as rule, rows", "rule nulls last"
    )[:2]
    assert left_out == [("failed", 2), ("moved", 1)]


# Saved pages of an API


def page(*records, **around) -> str:
    return json.dumps({"code": 0, "data": {"page": around, "list": list(records)}})


def pages(at, files, **more):
    declared = declare("api/p*.json", columns=SHOP, items="data.list", **more)
    return taken(at, {f"api/{name}.json": text for name, text in files.items()}, [declared])


def test_pages_are_one_table_and_what_two_pages_share_counts_once(tmp_path):
    carl = ANN | {"no": "3", "total": None}
    found = pages(tmp_path, {"p1": page(ANN, BOB), "p2": page(BOB, carl, n=2), "p3": page()})
    assert found.rows("files", "file, rows, accepted, quarantined, duplicate", "file") == [
        ("api/p1.json", 2, 2, 0, 0),
        ("api/p2.json", 2, 0, 1, 1),
        ("api/p3.json", 0, 0, 0, 0),
    ]
    assert found.rows("quarantine", 'file, "row", reason') == [("api/p2.json", 2, "missing")]
    assert found.noted("missing_files") == []


def test_a_page_that_was_never_saved_is_missed(tmp_path):
    found = pages(tmp_path, {"p8": page(ANN), "p9": page(BOB), "p11": page(ANN | {"no": "4"})})
    assert [said["files"] for said in found.noted("missing_files")] == ["10"]


def test_a_missing_page_of_people_is_not_called_missing_sales(tmp_path):
    written = {f"u{n}.csv": f"member\nm{n}\n" for n in (1, 2, 4)} | {"o.csv": orders("1,m1,2025-01-04,10")}
    members = declare("u*.csv", "customers", columns={"customer_key": "member"})
    found = taken(tmp_path, written, [declare("o.csv"), members])
    assert [said["files"] for said in found.noted("missing_files_other")] == ["3"]
    assert found.noted("missing_files") == []


def test_records_that_an_api_counts_and_no_page_holds_are_missed(tmp_path):
    found = pages(tmp_path, {"p1": page(ANN, total=3), "p2": page(BOB, total=3)}, total="data.page.total")
    assert found.noted("fewer_than_total") == [{"source": "shop", "path": "api/p*.json", "rows": 2, "total": 3}]


REFUSED_PAGES = {
    "no list at items: data.list; did you mean 'data.lists'": '{"data": {"lists": []}}',
    "it is not JSON: .* in line 2, column": '{"data":\n',
    "has the field 'a' twice": '{"a": 1, "a": 2}',
    "lie too deep": "[" * 200_000,
}


@pytest.mark.parametrize("message", REFUSED_PAGES)
def test_a_page_that_cannot_be_used_is_refused_with_its_name(tmp_path, message):
    with pytest.raises(SourcesError, match=message) as error:
        pages(tmp_path, {"p1": page(ANN), "p2": REFUSED_PAGES[message]})
    assert "api/p2.json" in str(error.value)


def test_a_page_whose_list_is_not_declared_says_where_lists_are(tmp_path):
    with pytest.raises(SourcesError, match=r"such as items: data.list"):
        taken(tmp_path, {"a.json": page(ANN)}, [declare("a.json", columns=SHOP)])


# A folder of monthly files

MONTHLY = declare("m/*.csv", columns={"order_id": "no", "customer_key": "member", "ordered_at": "at", "amount": "paid",
                                      "store": "shop"})  # fmt: skip
WITH_SHOP = "no,member,at,paid,shop\n"


def test_months_that_overlap_count_once_and_a_month_that_is_missing_is_said(tmp_path):
    files = {
        "m/2025-01.csv": orders("1,a,2025-01-04,10,x", "2,b,2025-01-31,20,x", head=WITH_SHOP),
        "m/2025-02.csv": orders("2,b,2025-01-31,20,x", "3,c,2025-02-03,30,x", head=WITH_SHOP),
        "m/2025-04.csv": orders("4,d,2025-04-03,40,x", head=WITH_SHOP),
    }
    found = taken(tmp_path, files, [MONTHLY])
    assert counted(found) == (5, 4, 0, 1)
    assert [said["files"] for said in found.noted("missing_files")] == ["2025-03"]
    assert found.noted("columns_differ") == []


def test_a_column_that_some_months_lack_is_empty_there_and_said(tmp_path):
    files = {
        "m/2025-01.csv": orders("1,a,2025-01-04,10,x", head=WITH_SHOP),
        "m/2025-02.csv": orders("2,b,2025-02-04,20"),
        "m/2025-03.csv": orders("z,3,c,2025-03-03,30", head="shop,no,member,at,paid\n"),
    }
    found = taken(tmp_path, files, [MONTHLY])
    assert found.rows("orders", "order_id, store") == [("1", "x"), ("2", None), ("3", "z")]
    assert found.noted("columns_differ") == [{"file": "m/2025-02.csv", "columns": "shop"}]


def test_a_month_without_a_required_column_is_an_error(tmp_path):
    files = {
        "m/1.csv": orders("1,a,2025-01-04,10,x", head=WITH_SHOP),
        "m/2.csv": "no,member,day,paid,shop\n1,a,b,1,x\n",
    }
    with pytest.raises(SourcesError, match=r"m/2.csv: there is no column 'at'"):
        taken(tmp_path, files, [MONTHLY])


GAPS = {
    ("s_202411.csv", "s_202501.csv"): ["2024-12"],
    ("2024年11月.xlsx", "2025年2月.xlsx"): [],
    ("a_1.json", "a_2.json", "a_5.json"): ["3", "4"],
    ("a_1.json", "b_3.json"): [],
    ("20250228.csv", "20250301.csv"): [],
    ("north.csv", "south.csv"): [],
    ("only_2025-01.csv",): [],
}


@pytest.mark.parametrize("names", GAPS)
def test_gaps_are_found_in_the_names_of_files(names):
    assert gaps(names) == GAPS[names]


# Names over two rows


def test_a_header_over_two_rows_is_joined_as_its_merged_cells_show(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Report"],
        ["Order", None, "Paid", None],
        ["No", "Day", "Amount", "Points"],
        ["1", "2025-03-04", 5, 7],
    ):
        book.active.append(row)
    book.active.merge_cells("C2:D2")
    content = io.BytesIO()
    book.save(content)
    columns = {"order_id": "Order No", "ordered_at": "Order Day", "amount": "Paid Amount"}
    text = "Order,,Paid,\nNo,Day,Amount,Points\n1,2025-03-04,5,7\n"
    for name, written, header in (("o.xlsx", content.getvalue(), [2, 3]), ("o.csv", text, [1, 2])):
        found = taken(tmp_path / name, {name: written}, [declare(name, columns=columns, header=header)])
        assert found.rows("orders", "order_id, amount :: varchar") == [("1", "5.00")]
        assert counted(found) == (1, 1, 0, 0)


# Whatever a line holds


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=80), st.sampled_from(LOG.splitlines())), max_size=8))
def test_every_line_of_a_log_is_a_record_or_is_set_aside(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("log") / "a.log"
    path.write_text("\n".join(texts), encoding="utf-8", newline="")
    held = [line for line in "\n".join(texts).split("\n") if line.strip()]
    assert len(list(weblog_records(path))) == len(held)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_every_object_becomes_one_row_of_texts(record):
    flattened = flat(record)
    assert all(isinstance(text, str) for text in flattened.values())
    assert {name.split(".")[0] for name in flattened} == {name.split(".")[0] for name in record}
