"""A table is read down its columns: one unit in each, the same in all, and no number that hides what it is."""

import pytest

from playbook.profile import models as profile
from playbook.report.text import words
from playbook.report.text.sheet import sheet

RETAIL = profile.load("retail")


def column(values, spec, name="revenue", language="en"):
    payload = {"key": "rfm_tiers", "columns": [name], "formats": {name: spec}, "rows": [[value] for value in values]}
    found = sheet(words(language, RETAIL, "CNY"), payload)
    return found.headings[0], [row[0] for row in found.rows]


def headings(language, *amounts):
    names = ("revenue", "net", "gross")[: len(amounts)]
    payload = {"key": "rfm_tiers", "columns": list(names), "formats": dict.fromkeys(names, "money"), "rows": [amounts]}
    found = sheet(words(language, RETAIL, "CNY"), payload)
    return [f"{heading} {text}" for heading, text in zip(found.headings, found.rows[0], strict=True)]


def test_large_amounts_of_a_table_stand_in_one_unit_and_small_ones_keep_theirs():
    assert headings("zh", 5_970_477, 419_198, 366.48) == [
        "销售额（万元） 597.0",
        "净额（万元） 41.9",
        "总额（元） 366.48",
    ]
    assert headings("zh", 419_198, 50_000) == ["销售额（元） 419,198", "净额（元） 50,000"]
    assert headings("en", 5_970_477, 366.48) == ["Revenue (¥) 5,970,477", "Net (¥) 366.48"]


@pytest.mark.parametrize(
    ("values", "spec", "written"),
    [
        ([-0.00008, 0.0002, 0.5, 0], "pct", ["≈ 0", "< 0.1%", "50.0%", "0.0%"]),
        ([0.0004, 0.25, 0], "num2", ["< 0.01", "0.25", "0.00"]),
        ([0.114, -0.033, 0], "points", ["+11.4", "−3.3", "0.0"]),
        ([0.749, -0.06], "change", ["+74.9%", "−6.0%"]),
        ([0.41, 365, 1.38, 12_345], ["pct", "int", "money", "money"], ["41.0%", "365", "¥1.38", "¥12,345"]),
    ],
)
def test_a_cell_says_what_its_value_is(values, spec, written):
    assert column(values, spec)[1] == written


def test_a_value_that_the_profile_names_is_shown_by_its_name_and_another_as_it_is():
    assert column(["web", "kiosk", "=1+1"], "text", "channel", "zh")[1] == ["网店", "kiosk", "'=1+1"]


def test_the_standard_columns_have_names_where_a_table_lists_them():
    assert column(["phone", "member_card"], "text", "column", "zh")[1] == ["电话", "会员卡号"]
