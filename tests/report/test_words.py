"""Both languages say the same, and say numbers as their readers write them."""

import re
from string import Formatter

import pytest

from playbook.profile import models as profile
from playbook.report import text
from playbook.report.text import MissingText, load, words
from playbook.tables.safe import cell, plain

EN, ZH = load("en"), load("zh")


def test_both_languages_hold_the_same_keys():
    assert EN.keys() == ZH.keys()


def test_everything_that_is_counted_has_a_plural_and_a_measure_word():
    specs = {spec for texts in (EN, ZH) for sentence in texts.values()
             for _, name, spec, _ in Formatter().parse(sentence) if name and spec.startswith("count ")}  # fmt: skip
    nouns = {f"noun.{spec.removeprefix('count ')}" for spec in specs}
    assert nouns - EN.keys() == set()
    assert [key for key in EN if key.startswith("noun.") and ("|" in EN[key]) == ("|" in ZH[key])] == []


def test_both_languages_ask_for_the_same_values():
    def said(sentence):
        specs = [(name, spec) for _, name, spec, _ in Formatter().parse(sentence) if name and spec]
        return {name for name, spec in specs if not spec.startswith("plural")}  # Chinese has no plural to choose

    assert {key for key in EN.keys() & ZH.keys() if said(EN[key]) != said(ZH[key])} == set()


def test_every_format_is_known_or_a_family_of_texts():
    specs = {spec.split()[0] for texts in (EN, ZH) for sentence in texts.values()
             for _, name, spec, _ in Formatter().parse(sentence) if name and spec}  # fmt: skip
    families = {key.split(".")[0] for key in EN}
    assert specs - text.FORMATS.keys() - text.ARGUED.keys() - families == set()


@pytest.mark.parametrize("industry", profile.names())
def test_every_word_of_the_trade_is_in_the_profiles_vocabulary(industry):
    spoken = {name.lower() for texts in (EN, ZH) for sentence in texts.values()
              for _, name, spec, _ in Formatter().parse(sentence) if name and not spec}  # fmt: skip
    assert spoken - profile.load(industry).vocabulary.keys() == set()


def test_chinese_is_chinese_and_english_is_english():
    ideograph = re.compile("[\u4e00-\u9fff]")
    assert [key for key, sentence in EN.items() if ideograph.search(sentence)] == []


@pytest.mark.parametrize(
    ("value", "spec", "english", "chinese"),
    [
        (69659, "int", "69,659", "69,659"),
        (-0.04, "num1", "about 0", "约0"),
        (0.0, "num1", "0.0", "0.0"),
        (0.003, "num2", "less than 0.01", "不足0.01"),
        (-0.0002, "pct", "about 0", "约0"),
        (0.039, "change", "+3.9%", "+3.9%"),
        (-0.114, "points", "−11.4", "−11.4"),
        (0.0, "change", "0%", "0%"),
        (-565, "money_change", "−£565", "−£565"),
        (-1234.5, "num1", "−1,234.5", "−1,234.5"),
        (0.598, "pct", "59.8%", "59.8%"),
        (0.08, "pct", "8%", "8%"),
        (0.9997, "pct", "more than 99.9%", "超过99.9%"),
        (0.0002, "pct", "less than 0.1%", "不足0.1%"),
        (0.996, "pct0", "more than 99%", "超过99%"),
        (1.0, "pct", "100%", "100%"),
        (23.4, "money", "£23.40", "£23.40"),
        (12345.6, "money", "£12,346", "£1.2万"),
        (-1_240_000, "money", "−£1.24\u00a0m", "−£124.0万"),
        (99_995_001, "money", "£100.0\u00a0m", "£1.00亿"),
        ("2026-06-30", "date", "30 June 2026", "2026年6月30日"),
        ("2026-06-30", "month", "June 2026", "2026年6月"),
        (1, "days", "1 day", "1天"),
        (2, "plural file|files", "files", "files"),
        (1, "count row", "1 row", "1行"),
        (1234, "count customer", "1,234 customers", "1,234位顾客"),
        (1, "count order", "1 order", "1笔订单"),
        ("web", "name channel", "Web shop", "网店"),
        ("kiosk", "name channel", "kiosk", "kiosk"),
        (None, "money", "–", "–"),
        (float("nan"), "int", "–", "–"),
        ("NA", "text", "NA", "NA"),
        ("high_value", "tier", "High value", "高价值"),
        ("revenue", "column", "Revenue", "销售额"),
    ],
)
def test_a_value_is_written_as_its_readers_write_it(value, spec, english, chinese):
    retail = profile.load("retail")
    assert [words(language, retail, "GBP").format(value, spec) for language in ("en", "zh")] == [english, chinese]


def test_a_text_that_is_not_there_is_named_with_its_language_and_the_nearest():
    with pytest.raises(MissingText, match=r"no text 'report.sumary' in 'zh'; did you mean 'report.summary'"):
        words("zh")("report.sumary")


def test_a_value_that_is_not_given_is_named():
    with pytest.raises(KeyError, match=r"The text 'report.checks' \(en\) needs 'n'; it was given \['m'\]"):
        words("en")("report.checks", m=1)


def test_a_word_the_trade_does_not_have_is_named_and_a_capital_is_kept():
    said = text.Words("en", {"a": "{Customers} and {custmers}", "b": "{Customers} first"}, profile.load("retail"))
    assert said("b") == "Customers first"
    with pytest.raises(MissingText, match="'custmers', which the profile's vocabulary does not have; did you mean"):
        said("a")


def test_a_count_is_set_off_and_the_verb_that_goes_with_it_is_not():
    said = text.Words("en", EN | {"a": "{n:count row} {n:plural was|were} kept."}, profile.load("retail"))
    assert [part.text for part in said.parts("a", {"n": 1}) if part.is_value] == ["1 row"]
    assert said("a", n=2) == "2 rows were kept."


def test_characters_that_act_are_shown_instead():
    assert plain("a\u202egnp.exe\x00") == "a\ufffdgnp.exe\ufffd"


@pytest.mark.parametrize("text", ["=1+1", "+86", "-2", "@x", "＝cmd", " =1", "\t=1", "\ufeff=1", "\u200b@x"])
def test_no_cell_begins_like_a_formula(text):
    assert cell(text)[0] in "'\ufffd"
