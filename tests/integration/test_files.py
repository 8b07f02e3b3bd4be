"""Formats and encodings: each is read without being asked, or refused in words."""

import gzip
import io
import zipfile
from datetime import datetime

import openpyxl
import pandas as pd
import pytest
from exports import HEAD, declare, folder, one, orders, read, rows

from playbook.integration import SourcesError, read_sources
from playbook.integration.readers import delimited
from playbook.integration.readers import reader as readers
from playbook.tables.engine import Engine

MEMBERS = {"customer_key": "会员号", "name": "姓名", "city": "城市"}
CHINESE = "会员号,姓名,城市\nM1,李娜,上海\nM2,王伟,北京\n"
TWO = [("1",), ("2",)]


def workbook(*rows_, title=None):
    book = openpyxl.Workbook()
    for row in ([[title]] if title else []) + list(rows_):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def zipped(name, content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def parquet(frame):
    content = io.BytesIO()
    frame.to_parquet(content)
    return content.getvalue()


PLAIN = orders("1,a,2025-03-04,10", "2,b,2025-03-05,20")
FRAME = pd.DataFrame(
    {"no": [1, 2], "member": [7.0, None], "at": [datetime(2025, 3, 4), datetime(2025, 3, 5)], "paid": [10.5, 20.0]}
)
FILES = {
    "plain.csv": PLAIN,
    "mark.csv": PLAIN.encode("utf-8-sig"),
    "wide.csv": PLAIN.encode("utf-16"),
    "bar.txt": PLAIN.replace(",", "|"),
    "tab.tsv": PLAIN.replace(",", "\t"),
    "semicolon.csv": PLAIN.replace(",", ";"),
    "old_mac.csv": PLAIN.replace("\n", "\r"),
    "windows.csv": PLAIN.replace("\n", "\r\n"),
    "no_last_end.csv": PLAIN[:-1],
    "packed.csv.gz": gzip.compress(PLAIN.encode()),
    "packed.zip": zipped("inside.csv", PLAIN),
    "book.xlsx": workbook(["no", "member", "at", "paid"], ["1", "a", datetime(2025, 3, 4), 10], [2, "b", 45721, "20"]),
    "columns.parquet": parquet(FRAME),
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_two_orders(tmp_path, name):
    found = read(tmp_path, {name: FILES[name]})
    assert rows(found, "orders", "order_id, cast(ordered_at as date) :: varchar") == [
        ("1", "2025-03-04"),
        ("2", "2025-03-05"),
    ]


def test_numbers_of_a_parquet_file_keep_no_decimal_point(tmp_path):
    found = read(tmp_path, {"columns.parquet": FILES["columns.parquet"]})
    assert rows(found, "identities", "source_key") == [("7",)]


def test_fixed_width_text_is_cut_where_the_mapping_says(tmp_path):
    text = "Customer  day\n0001 20250304  10\n0002 20250305  20\n"
    cut = {"no": [1, 4], "member": [1, 4], "at": [6, 13], "paid": [14, 17]}
    found = read(tmp_path, {"a.txt": text}, [declare("a.txt", fixed_width=cut, skip_rows=1)])
    assert rows(found, "orders", "order_id") == [("0001",), ("0002",)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_is_read_without_being_asked(tmp_path, encoding):
    declared = [declare("m.csv", "customers", columns=MEMBERS), declare("o.csv")]
    found = read(tmp_path, {"m.csv": CHINESE.encode(encoding), "o.csv": PLAIN}, declared)
    assert rows(found, "customers", "city", "city nulls last")[:2] == [("上海",), ("北京",)]


def test_gb18030_after_many_lines_of_ascii_is_noticed(tmp_path):
    head = "no,member,at,paid,shop\n"
    text = orders(*(f"{n},a,2025-03-04,1,x" for n in range(80_000)), "last,a,2025-03-04,1,上海店", head=head)
    columns = declare("o.csv")["columns"] | {"store": "shop"}
    found = read(tmp_path, {"o.csv": text.encode("gb18030")}, [declare("o.csv", columns=columns)])
    assert rows(found, "orders", "store", "order_id desc")[0] == ("上海店",)


@pytest.mark.parametrize("encoding", ["big5", "cp1252"])
def test_an_encoding_that_gb18030_would_read_as_nonsense_is_asked_for(tmp_path, encoding):
    text = {
        "big5": CHINESE.replace("张", "張"),
        "cp1252": "会员号".replace("会员号", "k") + ",name\n1,Zoë Müller-Größe née\n",
    }
    with pytest.raises(SourcesError, match="encoding: big5 or encoding: cp1252"):
        read(tmp_path, {"o.csv": text[encoding].encode(encoding, "ignore")})


def test_both_ways_of_reading_agree_on_a_clean_file(tmp_path):
    text = orders(*(f'{n},"m {n}",2025-03-04,{n}.5' for n in range(500)))
    engine, path = Engine(threads=2), folder(tmp_path, {"o.csv": text}) / "o.csv"
    laid = delimited.layout(path, delimiter=None, header=1, names=None)
    fast = delimited.read_fast(engine.con, path, laid, {0, 1, 2, 3}, lines=501)
    exact, exact_count, rejects = delimited.read_exact(engine.con, path, laid, {0, 1, 2, 3}, tmp_path)
    read_back = [f"select {row}, c0, c1, c2, c3 from {name}" for row, name in (("rowid + 2", fast), ("row_no", exact))]
    assert engine.con.execute(f"({read_back[0]}) except ({read_back[1]})").fetchall() == []
    [(count,)] = engine.con.execute(f"select count(*) from {fast}").fetchall()
    assert (count, rejects) == (exact_count, ()) == (500, ())


def test_rows_that_do_not_fit_are_set_aside_with_their_number_in_the_file(tmp_path):
    text = orders(
        "1,a,2025-03-04,10", "2,b,2025-03-04", "", '3,"c\nd",2025-03-04,1', "4,e,2025-03-04,1,2", '5,"e"f,x,1'
    )
    found = read(tmp_path, {"o.csv": text})
    assert rows(found, "quarantine", '"row", value, reason') == [
        (3, "3 / 4", "wrong_width"),
        (6, "5 / 4", "wrong_width"),
        (7, "", "broken_quotes"),
    ]
    assert rows(found, "files", "rows, accepted, quarantined") == [(5, 2, 3)]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_line_may_end_otherwise_inside_a_cell_than_in_the_file(tmp_path, end):
    found = read(tmp_path, {"o.csv": orders(f'1,"a{end}b",2025-03-04,10', f'2,b,2025-03-05,"{end}20"')})
    assert rows(found, "files", "rows, accepted") == [(2, 2)]
    assert one(found, "orders", "sum(amount)") == 30


def test_a_zip_with_a_nameless_file_is_refused_in_words(tmp_path):
    nameless = FILES["packed.zip"].replace(b"inside.csv", b"\0nside.csv")
    with pytest.raises(SourcesError, match=r"o\.zip: it holds a file without a name"):
        read(tmp_path, {"o.zip": nameless})


def test_titles_above_the_header_are_found_and_asked_for(tmp_path):
    text = "Orders of March\n\n" + PLAIN
    with pytest.raises(SourcesError, match="Row 3 looks like the header: declare header: 3"):
        read(tmp_path, {"o.csv": text})
    found = read(tmp_path, {"o.csv": text}, [declare("o.csv", header=3)])
    assert rows(found, "orders", "order_id") == TWO


def test_a_lookup_adds_its_columns_and_never_a_row(tmp_path):
    text = "no,member,at,sku,paid\n1,a,2025-03-04,S1,10\n1,a,2025-03-04,S9,10\n"
    columns = {"order_id": "no", "ordered_at": "at", "product_id": "sku", "amount": "paid", "category": "kind"}
    lines = declare("l.csv", "order_lines", columns=columns, lookup=[{"path": "p.csv", "key": "sku"}])
    found = read(tmp_path, {"l.csv": text, "p.csv": "sku,kind\nS1,tea\nS2,cup\n"}, [lines])
    assert rows(found, "order_lines", "product_id, category") == [("S1", "tea"), ("S9", None)]
    with pytest.raises(SourcesError, match="holds 'S1' more than once in 'sku'"):
        read(tmp_path, {"p.csv": "sku,kind\nS1,tea\nS1,cup\n"}, [lines])


REFUSED = {
    "it is empty": {"o.csv": ""},
    "a header and no row": {"o.csv": HEAD},
    "more than once": {"o.csv": "no,member,at,paid,paid\n1,a,2025-03-04,1,1\n"},
    "its content is zip": {"o.csv": FILES["book.xlsx"]},
    "its content is text": {"o.xlsx": PLAIN},
    "opens in row 3 .line 3. is never closed": {"o.csv": orders("1,a,2025-03-04,1", '2,"b,2025-03-04,1', "3,c,x,1")},
    "full-width comma": {"o.csv": PLAIN.replace(",", "，")},
    "has the same content as": {"o.csv": PLAIN, "p.csv": PLAIN},
    "there is no encoding 'gbk9'": {"o.csv": (PLAIN, {"encoding": "gbk9"})},
    "declared as ascii, which fails at byte 19": {"o.csv": (HEAD + "é,a,2025-03-04,1\n", {"encoding": "ascii"})},
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_its_name_and_the_reason(tmp_path, message):
    files = {
        name: content if isinstance(content, tuple) else (content, {}) for name, content in REFUSED[message].items()
    }
    declared = [declare(name, **more) for name, (_, more) in files.items()]
    with pytest.raises(SourcesError, match=message) as error:
        read(tmp_path, {name: content for name, (content, _) in files.items()}, declared)
    assert all(part in str(error.value) for part in ("o.",))


def test_a_workbook_with_several_sheets_asks_which_one(tmp_path):
    book = openpyxl.Workbook()
    book.create_sheet("March")
    book.save(tmp_path / "o.xlsx")
    dialect = read_sources(folder(tmp_path, {}, [declare("o.xlsx")])).files[0]
    with pytest.raises(delimited.LayoutError, match="say which one: sheet: Sheet"):
        readers.open_file(Engine().con, tmp_path / "o.xlsx", dialect, tmp_path)
