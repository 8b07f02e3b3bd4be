"""A wrong mapping is refused in words: file, line, key, and what was probably meant."""

import re
from pathlib import Path

import pytest
from exports import ORDERS, declare, folder, orders, read

from playbook.integration import SourcesError, read_sources

PLAIN = orders("1,a,2025-03-04,10")
ROOT = Path(__file__).resolve().parents[2]
FILLER = "  - {path: o.csv, source: other, table: orders, columns: {ordered_at: at}}\n"
CUSTOMERS = declare("o.csv", "customers", columns={"customer_key": "member"})


def refused(tmp_path, *declared, **top):
    with pytest.raises(SourcesError) as error:
        read(tmp_path, {"o.csv": PLAIN}, list(declared) or None, **top)
    return str(error.value)


def mapped(**columns):
    return declare("o.csv", columns=ORDERS | columns)


MISTAKES = [
    ("an unknown key", [declare("o.csv", colums={})], ["sources.yml, line", "'colums' is not a key", "'columns'"]),
    ("an unknown table", [declare("o.csv", table="order")], ["'order' is not a table", "did you mean 'orders'"]),
    ("an unknown standard column", [mapped(ammount="paid")], ["orders has no column 'ammount'", "'amount'"]),
    ("a column the file lacks", [mapped(amount="payed")], ["o.csv", "no column 'payed'", "did you mean 'paid'"]),
    ("a file that is not there", [declare("order.csv")], ["no file 'order.csv'", "did you mean 'o.csv'"]),
    ("a path that leaves the folder", [declare("../o.csv")], ["without '..'"]),
    ("a required column", [declare("o.csv", columns={"amount": "paid"})], ["orders needs ordered_at"]),
    ("an unknown kind", [declare("o.csv", kinds={"refund": "paid < 0"})], ["'refund' is not a kind", "'return'"]),
    ("values of what is not mapped", [declare("o.csv", values={"channel": {}})], ["'channel' is not mapped"]),
    ("lines without orders", [declare("o.csv", "order_lines", columns={"order_id": "no"})], ["have no orders"]),
    ("no orders at all", [CUSTOMERS], ["no file gives orders"]),
    ("what does not parse", [mapped(amount="paid * * 2")], ["'paid * * 2' is neither a column nor"]),
    ("a function", [mapped(amount="read_csv('x')")], ["READ_CSV('x')", "is not allowed"]),
    ("a subquery", [mapped(amount="(select 1)")], ["is not allowed"]),
    ("a statement", [mapped(amount="paid; drop table x")], ["is neither a column nor"]),
    ("a value as a condition", [declare("o.csv", internal="member")], ["is a value, not a condition"]),
    (
        "a source of numbers that is none",
        [declare("o.csv", key_source="Shop")],
        ["key_source", "no source 'Shop'", "'shop'?"],
    ),
    ("a column in a condition", [declare("o.csv", exclude={"x": "nr = '1'"})], ["exclude.x", "no column 'nr'"]),
]


@pytest.mark.parametrize(("mistake", "declared", "words"), MISTAKES, ids=[mistake[0] for mistake in MISTAKES])
def test_a_mistake_is_named_with_its_place_and_remedy(tmp_path, mistake, declared, words):
    message = refused(tmp_path, *declared)
    assert [word for word in ["sources.yml, line", *words] if word not in message] == []


def test_top_level_mistakes_are_named_too(tmp_path):
    assert "no time zone 'Shanghai'" in refused(tmp_path, time_zone="Shanghai")
    assert "no file of orders comes from 'shp'" in refused(tmp_path, control_totals=[{"source": "shp", "net": 1}])
    assert "curency" in refused(tmp_path, curency="CNY")


@pytest.mark.parametrize("day", ["2025-13-01", "2025-02-30", "31.08.2025", "20 May"])
def test_a_day_that_is_none_is_named_with_its_line_and_one_to_copy(tmp_path, day):
    (folder(tmp_path, {"o.csv": PLAIN}) / "sources.yml").open("a").write(f"as_of: {day}\n")
    with pytest.raises(
        SourcesError, match=f"line [0-9]+, as_of: '{day}' is not a day; write it as in as_of: 2025-08-31"
    ):
        read_sources(tmp_path)


@pytest.mark.parametrize("name", ["力源 gym", "../x", "a/b", "shop.2"])
def test_a_name_that_no_folder_of_runs_may_have_is_refused_by_the_mapping_already(tmp_path, name):
    assert f"'{name}' cannot name a run" in refused(tmp_path, name=name)


def test_words_and_numbers_are_names_as_they_are_written(tmp_path):
    """YAML takes no for False and 0123 for 83."""
    said = (
        "files:\n- {path: o.csv, source: 0123, table: orders, columns: {order_id: no, ordered_at: on, amount: 1_000}}\n"
    )
    (tmp_path / "sources.yml").write_text(said)
    [spec] = read_sources(tmp_path).files
    assert (spec.source, *spec.columns.values()) == ("0123", "no", "on", "1_000")


def test_every_mapping_that_the_documentation_shows_is_one(tmp_path):
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "sources.md").read_text(encoding="utf-8"), re.DOTALL)
    shown = [block for block in blocks if "path:" in block]
    assert len(shown) >= 5
    for block in shown:
        whole = block if "files:" in block else f"files:\n{block}{FILLER}"
        (tmp_path / "sources.yml").write_text(whole, encoding="utf-8")
        for spec in read_sources(tmp_path).files:
            assert {"true", "false"}.isdisjoint(str(name).lower() for name in spec.columns.values())


def test_a_missing_file_says_where_its_data_comes_from(tmp_path):
    message = refused(tmp_path, declare("x/o.parquet"), origin="https://example.org/data")
    assert "comes from: https://example.org/data" in message
    assert "PLAYBOOK_DATA" in message


def test_files_are_found_in_the_folder_that_the_environment_names(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    folder(elsewhere, {"big/o.csv": PLAIN})
    monkeypatch.setenv("PLAYBOOK_DATA", str(elsewhere))
    sources = read_sources(folder(tmp_path / "example", {}, [declare("big/*.csv")]))
    assert [path.name for path in sources.inputs()] == ["o.csv", "sources.yml"]


def test_names_are_found_whatever_their_width_case_and_spaces(tmp_path):
    text = PLAIN.replace("no,member,at,paid", "Ｎｏ, Member ,AT,paid")
    assert read(tmp_path, {"o.csv": text}).as_of.day.isoformat() == "2025-03-04"


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        (["03/04/2025", "25/04/2025"], {}, "2025-04-25"),
        (["03/04/2025", "04/25/2025"], {}, "2025-04-25"),
        (["03/04/2025", "05/06/2025"], {"date_order": "mdy"}, "2025-05-06"),
    ],
)
def test_the_order_of_day_and_month_is_proved_or_declared(tmp_path, text, declared, expected):
    days = orders(*(f"{n},a,{day},1" for n, day in enumerate(text)))
    found = read(tmp_path, {"o.csv": days}, [declare("o.csv", **declared)])
    assert found.as_of.day.isoformat() == expected


@pytest.mark.parametrize("days", [["03/04/2025"], ["25/04/2025", "04/25/2025"]])
def test_an_order_that_nothing_proves_is_asked_for(tmp_path, days):
    with pytest.raises(SourcesError, match=r"column 'at' .* declare date_order: dmy or date_order: mdy"):
        read(tmp_path, {"o.csv": orders(*(f"{n},a,{day},1" for n, day in enumerate(days)))})


def test_a_time_zone_on_some_rows_only_is_refused(tmp_path):
    text = orders("1,a,2025-03-04T10:00:00Z,1", "2,a,2025-03-04 11:00:00,1")
    with pytest.raises(SourcesError, match=r"names a time zone in 1 of its rows and none in 1"):
        read(tmp_path, {"o.csv": text}, time_zone="Asia/Shanghai")
