"""Against the last run: what came, went, changed its name, kind or size is said; a required column is missed."""

import json

import pandas as pd
import pytest
from exports import declare, folder

from playbook.integration import SourcesError, read_sources
from playbook.integration.ingest.as_of import settle
from playbook.integration.ingest.change import compared, snapshot
from playbook.integration.ingest.reading import read
from playbook.integration.ingest.row_status import accept, file_table
from playbook.integration.ingest.schema_snapshot import SchemaSnapshot
from playbook.integration.quality.flags import change_flags
from playbook.integration.types.column_profiler import fingerprint, similarity
from playbook.tables.engine import Engine

MEMBERS = {"customer_key": "id", "name": "name", "phone": "tel", "level": "level", "registered_on": "since"}
SALES = {"order_id": "no", "customer_key": "member", "ordered_at": "at", "amount": "paid", "store": "shop"}
DECLARED = [declare("members.csv", "customers", "crm", MEMBERS), declare("sales_*.csv", columns=SALES)]
LEVELS = ("gold", "silver", "basic")


def members(n=60, **instead) -> list[dict]:
    return [
        {"id": f"K{i:04d}", "name": f"Name {i}", "tel": f"139{i:08d}", "level": LEVELS[i % 3], "since": "2023-05-17"}
        for i in range(n)
    ]


def sales(month: str, n=30) -> list[dict]:
    return [
        {
            "no": f"{month}-{i}",
            "member": f"K{i % 60:04d}",
            "at": f"{month}-{i % 28 + 1:02d}",
            "paid": 100 + i,
            "shop": "N",
        }
        for i in range(n)
    ]


def written(rows: list[dict]) -> str:
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    return "\n".join(lines) + "\n"


def renamed(rows: list[dict], **names: str) -> list[dict]:
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


def without(rows: list[dict], name: str) -> list[dict]:
    return [{key: value for key, value in row.items() if key != name} for row in rows]


def changed(rows: list[dict], name: str, make) -> list[dict]:
    return [row | {name: make(row[name])} for row in rows]


MONTHS = [f"2024-{month:02d}" for month in range(1, 9)]
BEFORE = {"members.csv": members()} | {f"sales_{month}.csv": sales(month) for month in MONTHS}


def run(at, tables: dict[str, list[dict]], kept=None, declared=DECLARED) -> tuple[pd.DataFrame, dict]:
    """What is different from `kept`, what the run before kept, and what this one keeps."""
    engine, before = Engine(threads=2), SchemaSnapshot.of(kept)
    sources = read_sources(folder(at, {name: written(rows) for name, rows in tables.items() if rows}, declared))
    reading = read(engine, sources, at, before)
    files = file_table(engine, reading.files)
    as_of = settle(engine, reading, files, asked=None, pinned=None).day
    accepted = accept(engine, reading, files, as_of=as_of)
    now = snapshot(engine, reading, accepted, as_of=as_of)
    found = compared(before, now, reading.files, accepted.counts)
    return found, json.loads(json.dumps(now._asdict()))


def kept_of(at, tables, *more) -> dict:
    return run(at, tables, *more)[1]


def said(at, tables, *more) -> list[tuple]:
    frame = run(at, tables, *more)[0].astype("object")
    return [tuple(row) for row in frame.where(frame.notna(), None)[["change", "name", "before", "now"]].to_numpy()]


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> dict:
    return kept_of(tmp_path_factory.mktemp("before"), BEFORE)


SEPTEMBER = {"sales_2024-09.csv": sales("2024-09")}
CARD = [row | {"card": f"C{i}"} for i, row in enumerate(members())]
CASES = {
    "nothing": ({}, []),
    "the next month as usual": (SEPTEMBER, []),
    "a new column": ({"members.csv": CARD}, [("column_new", "card", None, None)]),
    "a column gone": ({"members.csv": without(members(), "level")}, [("column_gone", "level", None, None)]),
    "a column renamed": (
        {"members.csv": renamed(members(), level="tier")},
        [("column_renamed", "level", "level", "tier")],
    ),
    "a phone renamed beside a new column": (
        {"members.csv": renamed(CARD, tel="mobile")},
        [("column_renamed", "tel", "tel", "mobile"), ("column_new", "card", None, None)],
    ),
    "a column retyped": (
        {"members.csv": changed(members(), "level", {"gold": 1, "silver": 2, "basic": 3}.get)},
        [("column_retyped", "level", "text", "whole")],
    ),
    "a column emptied": (
        {"members.csv": changed(members(), "tel", lambda tel: "")},
        [("column_emptied", "tel", "whole", "empty")],
    ),
    "fen for yuan": (
        SEPTEMBER | {"sales_2024-09.csv": changed(sales("2024-09"), "paid", lambda paid: paid * 100)},
        [("unit_changed", "paid", "115", "11500")],
    ),
    "a month cut off": (
        {"sales_2024-09.csv": sales("2024-09", 5) + sales("2024-10", 30)},
        [("new_rows", "2024-09", "30", "5"), ("new_money", "2024-09", "3435", "510")],
    ),
    "a month delivered twice under new numbers": (
        {"sales_2024-09.csv": sales("2024-09", 65) + sales("2024-10", 1)},
        [("new_rows", "2024-09", "30", "65"), ("new_money", "2024-09", "3435", "8580")],
    ),
    "a past month rewritten": (
        {"sales_2024-03.csv": sales("2024-03", 25)},
        [("past_rows", "2024-03", "30", "25"), ("past_money", "2024-03", "3435", "2800")],
    ),
    "a past month's sums rewritten": (
        {"sales_2024-03.csv": changed(sales("2024-03"), "paid", lambda paid: paid + 10)},
        [("past_money", "2024-03", "3435", "3735")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_difference_to_the_last_run_is_shown(tmp_path, before, case):
    tables, expected = CASES[case]
    assert said(tmp_path, BEFORE | tables, before) == expected


def test_each_difference_is_a_flag_in_words_of_both_languages(tmp_path, before):
    from playbook.profile import models as profile
    from playbook.report.text import words

    tables = BEFORE | {"members.csv": renamed(CARD, tel="mobile"), "sales_2024-03.csv": sales("2024-03", 25)}
    found = list(change_flags(run(tmp_path, tables, before)[0]))
    english, chinese = (words(language, profile.load("retail"), "CNY") for language in ("en", "zh"))
    assert "'tel' is gone, and what 'mobile' holds looks like it" in english(found[0].key, **found[0].values)
    assert "“tel”不见了" in chinese(found[0].key, **found[0].values)
    assert "now count 25 rows, 30 in the last run" in english(found[2].key, **found[2].values)
    assert "now come to ¥2,800, ¥3,435 in the last run" in english(found[3].key, **found[3].values)


LOST = {
    "gone": (without(sales("2024-08"), "at"), "The last run still had 'at'."),
    "renamed": (renamed(sales("2024-08"), at="day"), "'at'; what 'day' holds now looks like it: map that column"),
}


@pytest.mark.parametrize("case", LOST)
def test_a_required_column_that_went_is_an_error_with_what_became_of_it(tmp_path, before, case):
    rows, hint = LOST[case]
    with pytest.raises(SourcesError, match=r"columns.ordered_at: sales_2024-08.csv: there is no column 'at'") as error:
        run(tmp_path, {"members.csv": members(), "sales_2024-08.csv": rows}, before)
    assert hint in str(error.value)


def test_a_required_column_that_holds_something_else_stops_the_run(tmp_path, before):
    rows = changed(sales("2024-09"), "paid", lambda paid: "see invoice")
    with pytest.raises(
        SourcesError, match=r"sales_2024-09.csv: the column 'paid' held values of the kind whole .* 30 of 30"
    ):
        run(tmp_path, BEFORE | {"sales_2024-09.csv": rows}, before)


def test_an_optional_column_that_no_run_ever_had_is_an_error(tmp_path):
    with pytest.raises(SourcesError, match="there is no column 'level'"):
        run(tmp_path, BEFORE | {"members.csv": without(members(), "level")})


def test_a_column_stays_missed_until_the_mapping_says_otherwise(tmp_path, before):
    tables = BEFORE | {"members.csv": without(members(), "level")}
    kept = kept_of(tmp_path / "second", tables, before)
    assert said(tmp_path / "third", tables | SEPTEMBER, kept) == [("column_gone", "level", None, None)]
    told = {name: text for name, text in MEMBERS.items() if name != "level"}
    declared = [declare("members.csv", "customers", "crm", told), DECLARED[1]]
    assert kept_of(tmp_path / "fourth", tables, kept, declared)["files"][0]["lacking"] == {}


def test_a_file_that_comes_or_goes_is_said(tmp_path, before):
    points = declare("points.csv", "customers", "app", {"customer_key": "id"})
    tables = {name: rows for name, rows in BEFORE.items() if name != "members.csv"} | {"points.csv": [{"id": "K0001"}]}
    assert said(tmp_path, tables, before, [DECLARED[1], points]) == [
        ("file_gone", "*", None, None),
        ("file_new", "*", None, None),
    ]


def test_a_month_that_was_as_odd_a_year_ago_is_a_season(tmp_path):
    months = [f"2023-{month:02d}" for month in range(8, 13)] + MONTHS
    tables = {f"sales_{month}.csv": sales(month, 75 if month == "2023-09" else 30) for month in months}
    shops = [DECLARED[1]]
    kept = kept_of(tmp_path / "a", tables, None, shops)
    more = {"sales_2024-09.csv": sales("2024-09", 75), "sales_2024-10.csv": sales("2024-10", 1)}
    assert said(tmp_path / "b", tables | more, kept, shops) == []


def test_nothing_personal_is_kept_of_a_column(before):
    [file] = [file for file in before["files"] if file["table"] == "customers"]
    assert file["columns"]["tel"]["shapes"] == {"9": 1.0}
    assert file["columns"]["tel"]["values"] is None
    assert file["columns"]["level"]["values"] == sorted(file["columns"]["level"]["values"])


def test_a_column_is_most_like_itself_and_not_like_another_kind():
    days, cities = fingerprint(["2024-01-02"] * 9 + ["2024-02-03"]), fingerprint(["Paris", "Oslo"] * 5)
    assert similarity(days, days) == similarity(cities, cities) == 1
    assert similarity(days, cities) == 0
