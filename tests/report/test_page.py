"""The page holds all that the notebook said, in both languages, and nothing that acts or loads."""

import base64
import hashlib
import re

import pytest

import playbook
from playbook.report import render, text
from playbook.report.text import MissingText

FILES = [
    {
        "source": "shop",
        "rows": 90,
        "accepted": 80,
        "quarantined": 10,
        "first_day": "2025-01-02",
        "last_day": "2026-06-29",
    },
    {
        "source": "shop",
        "rows": 10,
        "accepted": 10,
        "quarantined": 0,
        "first_day": "2024-12-31",
        "last_day": "2026-06-30",
    },
]
META = {
    "name": "shop & sons",
    "run_id": "abc123",
    "as_of": "2026-06-30",
    "currency": "GBP",
    "files": [file | {"duplicate": 0, "future_dated": 0, "excluded": 0} for file in FILES],
}


@pytest.fixture
def page(executed, demo_texts, monkeypatch):
    monkeypatch.setattr(text, "FOLDER", demo_texts)
    profile = playbook.load_profile("retail")
    return lambda language, meta=META: render([executed], language=language, profile=profile, meta=meta)


def said(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.split("<body>")[-1]))


def test_a_takeaway_is_said_in_the_words_of_each_language(page):
    assert "59.8% of customers are High value, says &lt;script&gt;x&lt;/script&gt;." in said(page("en"))
    assert "高价值层占顾客的59.8%" in said(page("zh"))


def test_a_takeaway_carries_what_it_rests_on(page):
    assert "based on 20 customers · data quality 97% · a second method agrees" in said(page("en"))


def test_values_of_the_data_cannot_act_in_the_page(page):
    for html in (page("en"), page("zh")):
        assert "<script" not in html and "onerror=alert(1)>" not in html
        assert "&lt;img src=x onerror=alert(1)&gt;" in html and "&lt;script&gt;y" in html


def test_values_of_the_data_cannot_act_in_a_spreadsheet_that_a_table_is_pasted_into(page):
    assert {"&#39;=1+1", "&#39;＝cmd"} <= set(re.findall("<td>([^<]*)</td>", page("en")))


def test_nothing_is_loaded_from_anywhere(page):
    html = page("en")
    targets = re.findall(r'(?:src|href|action|data|poster|srcset)\s*=\s*"([^"]*)"', html) + re.findall(
        r"url\(([^)]*)", html
    )
    assert targets and [target for target in targets if not target.startswith(("#", "data:image/"))] == []
    assert "@import" not in html and "//" not in re.sub(r"base64,[^\"]*", "", html)


def test_the_policy_allows_the_pages_own_style_and_pictures_alone(page):
    html = page("en")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    style = re.search(r"<style>(.*?)</style>", html, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; img-src data:; style-src 'sha256-{digest}';")
    assert " style=" not in html and "<script" not in html


def test_no_text_breaks_out_of_where_it_is_written(page):
    assert "<title>Customer report · shop &amp; sons · 30 June 2026</title>" in page("en")
    assert "First &lt;chapter&gt;" in page("en")


def test_the_chapter_keeps_the_notebooks_order(page):
    chapter = page("en").split('class="chapter"')[1]
    marks = ['class="takeaway"', "Table 1", "Figure 1", 'class="flag"', "An aside about"]
    assert sorted(marks, key=chapter.index) == marks


def test_a_detail_stays_out_of_the_summary_and_a_warning_does_not(page):
    summary = page("en").split('class="chapter"')[0]
    assert "An aside" not in summary and "Careful with <b>£1.25\u00a0m</b>" in summary


def test_each_language_has_its_own_picture(page):
    pictures = [
        re.search(r'<img src="data:image/svg\+xml;base64,([^"]*)" alt="([^"]*)"', page(x)) for x in ("en", "zh")
    ]
    assert [picture[2].split()[0] for picture in pictures] == ["Lost", "流失"]
    assert all(base64.b64decode(picture[1]).startswith(b"<?xml") for picture in pictures)


def test_the_foot_says_what_the_report_rests_on(page):
    foot = said(page("en").split("<footer")[1])
    assert "100 rows from 2 files of 1 source were read." in foot
    assert "your own rules leave out apart, 90% were accepted." in foot
    assert "31 Dec 2024" in foot and "30 Jun 2026" in foot and "Run abc123 of shop &amp; sons" in foot


def test_rows_that_own_rules_leave_out_and_repeats_are_not_held_against_a_source(page):
    left_out = {"rows": 140, "excluded": 30, "duplicate": 10, "future_dated": 10}
    meta = META | {"files": [META["files"][0] | left_out]}  # 80 accepted, 10 quarantined
    foot = said(page("en", meta).split("<footer")[1])
    assert "140 rows from 1 file of 1 source were read." in foot and "apart, 88.9% were accepted." in foot


def test_equal_input_gives_equal_bytes(page):
    assert page("zh") == page("zh")


def test_a_takeaway_that_one_language_cannot_say_is_an_error(executed, demo_texts, tmp_path, monkeypatch):
    (tmp_path / "zh").mkdir()
    for path in (demo_texts / "zh").glob("*.yml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        (tmp_path / "zh" / path.name).write_text("\n".join(x for x in lines if not x.startswith("demo.share")), "utf-8")
    monkeypatch.setattr(text, "FOLDER", tmp_path)
    with pytest.raises(MissingText, match=r"no text 'demo.share' in 'zh'"):
        render([executed], language="zh", profile=playbook.load_profile("retail"), meta=META)
