"""Profiles: what differs is all that is said, and every mistake is named with its line and its remedy."""

import re

import pytest

from playbook.profile import models as profile
from playbook.profile.models import LANGUAGES, ProfileError
from playbook.profile.uses import FILE, noted
from playbook.profile.vocabulary import in_own_words
from playbook.report import text

HEAD = "extends: retail\nkey: mine\n"

# fmt: off
#: A mistake, the line it stands in, and the words that say what would do.
MISTAKES = {
    "a misspelt key": ("rfm: {window_dayz: 90}", 3, "did you mean 'window_days'"),
    "a misspelt part": ("tears: {}", 3, "did you mean 'tiers'"),
    "a misspelt column": ("tiers:\n  silent: {rule: recency_day > 90}", 4, "did you mean 'recency_days'"),
    "a misspelt measure": ("tiers:\n  silent:\n    rule: orders_90 = 0", 5, "did you mean 'orders_90d'"),
    "half a rule": ("tiers:\n  silent: {rule: 'recency_days >'}", 4, "does not read as a condition"),
    "a rule that is a number": ("tiers:\n  silent: {rule: monetary}", 4, "compare it with something"),
    "a subquery": ("tiers:\n  silent: {rule: (select 1) = 1}", 4, "is not allowed in a rule"),
    "a function that reads files": (
        "tiers:\n  silent: {rule: \"read_text('x') = 'y'\"}", 4, "is not allowed in a rule"),
    "two statements": ("tiers:\n  silent: {rule: frequency > 1; drop table x}", 4, "must be one condition"),
    "a tier without a rule": (
        "tiers:\n  vip:\n    before: regular\n    name: {en: a, zh: b}", 4, "this key is missing"),
    "a tier without a name": ("tiers:\n  vip: {rule: monetary > 9, before: new}", 4, "this key is missing"),
    "a name in one language": ("vocabulary:\n  guest: {en: guest}", 4, "this key is missing"),
    "a tier nobody reaches": (
        "tiers:\n  silent: {rule: recency_days > 400}", 4, "'lost' (recency_days > lost_after_days)"),
    "a rule that never holds": ("tiers:\n  silent: {rule: r_score > 5}", 4, "it never holds"),
    "the same rule twice": (
        "tiers:\n  silent: {rule: days_since_first <= purchase_cycle_days}", 4, "already the rule of 'new'"),
    "nothing for the rest": ("tiers:\n  regular: {rule: monetary > 5}", 4, "must catch the rest"),
    "newcomers judged by frequency": ("tiers:\n  lost: {rule: frequency >= 9}", 4, "before one purchase cycle"),
    "cuts that fall": ("rfm:\n  cuts:\n    monetary: [4, 3, 2, 1]", 5, "four numbers that ascend"),
    "three cuts": ("rfm:\n  cuts:\n    frequency: [1, 2, 3]", 5, "four numbers that ascend"),
    "a window of no days": ("rfm:\n  window_days: 0", 4, "greater than 0"),
    "a window in words": ("rfm:\n  window_days: a year", 4, "must be a whole number, such as 30; found 'a year'"),
    "an unknown scheme": ("rfm:\n  scheme: six_tiers", 4, "did you mean 'five_tiers'"),
    "an unknown industry": ("extends: retial", 1, "did you mean 'retail'"),
    "a measure of nothing": ("measures:\n  x: {days: 30}", 4, "give one aggregate"),
    "a measure of two things": ("measures:\n  x: {count: orders, sum: amount}", 4, "give one aggregate"),
    "a measure of an unknown table": ("measures:\n  x: {count: order}", 4, "did you mean 'orders'"),
    "a measure of an unknown column": ("measures:\n  x: {sum: amont}", 4, "did you mean 'amount'"),
    "a key twice": ("currency: CNY\ncurrency: EUR", 4, "stands twice"),
    "a share above one": ("tiers:\n  silent: {target: 15}", 4, "must be at most 1; found 15"),
    "a place beside no tier": (
        "tiers:\n  vip:\n    before: highvalue\n    rule: monetary > 9", 5, "did you mean 'high_value'"),
    "a word no report uses": ("vocabulary:\n  shop: {en: a, zh: b}", 3, "no report speaks of 'shop'"),
    "a measure with a taken name": ("measures:\n  frequency: {count: orders}", 3, "already the name"),
    "dormant after lost": ("rfm:\n  dormant_after_days: 400", 4, "comes before lost"),
    "a day that is not": (
        "calendar:\n  seasons:\n    s: {name: {en: a, zh: b}, from: 02-30, to: 03-02}", 5, "not a day of every year"),
    "a season's unknown threshold": (
        "calendar:\n  seasons:\n    double_11: {thresholds: {cycle_days: 7}}", 5, "'purchase_cycle_days'"),
    "an unknown country": ("calendar:\n  country: XX", 3, "are not known"),
    "no such time zone": ("time_zone: Asia/Shangai", 3, "no time zone"),
    "own tiers that are not given": ("rfm: {scheme: own}", 3, "there are none"),
    "a currency in words": ("currency: yuan", 3, "three capital letters, as CNY; found 'yuan'"),
    "names of an unknown column": ("names:\n  chanel: {web: {en: a, zh: b}}", 3, "did you mean 'channel'"),
    "a name without its language": (
        "names:\n  channel: {web: Web shop}", 4, "as {en: ..., zh: ...}; found 'Web shop'"),
    "tiers in a list": ("tiers: [silent]", 3, "write each tier under its key"),
    "cuts in words": ("rfm:\n  cuts:\n    monetary: [1, 2, many, 4]", 5, "four numbers that ascend"),
    "a list too short": ("churn: {windows: [30, 60]}", 3, "ends before its value 3"),
    "a value that reads as false": ("names:\n  channel: {no: {en: a, zh: b}}", 3, "put quotes around"),
    "a tier in one word": ("tiers:\n  silent: quiet", 4, "must be keys with values"),
    "a share in words": ("tiers:\n  silent: {target: a lot}", 4, "must be a number, such as 0.5; found 'a lot'"),
    "a text with a word of no vocabulary": (
        "tiers:\n  silent:\n    action: {en: 'Call {custommers}.', zh: 致电。}", 5, "did you mean 'customers'"),
    "an unknown model": ("ltv: {model: magic}", 3, "must be one of 'auto', 'bg_nbd'"),
}


# fmt: on


def written(tmp_path, text):
    path = tmp_path / "mine.yml"
    path.write_text(HEAD + text if "extends" not in text else text, encoding="utf-8")
    return path


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_remedy(mistake, tmp_path):
    text, line, remedy = MISTAKES[mistake]
    with pytest.raises(ProfileError) as caught:
        profile.load(written(tmp_path, text))
    message = str(caught.value)
    assert re.search(rf"mine\.yml.*\b{line}\b", message)
    assert remedy in message


def test_to_check_a_profile_is_not_to_use_it(tmp_path, monkeypatch):
    monkeypatch.setenv(FILE, str(tmp_path / "uses"))
    mine = profile.load(written(tmp_path, "ltv: {margin: 0.5}"))
    assert noted(tmp_path / "uses") == []
    assert mine.ltv.margin == 0.5
    assert noted(tmp_path / "uses") == [["profile", "ltv"]]


def test_a_profile_says_only_what_differs(tmp_path):
    mine = profile.load(
        written(tmp_path, "tiers:\n  high_value: {rule: orders_90d >= 5 and average_order_value >= 100}")
    )
    retail = profile.load("retail")
    assert mine.tiers["high_value"].rule == "orders_90d >= 5 and average_order_value >= 100"
    assert mine.tiers["high_value"].name == retail.tiers["high_value"].name
    assert list(mine.tiers) == list(retail.tiers)


@pytest.mark.parametrize(
    ("vocabulary", "word", "names"),
    [
        ("orders: {en: payments, zh: 付款}", "order", ("payment", "付款")),
        ("order: {en: class, zh: 课}", "orders", ("classes", "课")),
        ("events: {en: activities, zh: 活动}", "event", ("activity", "活动")),
        ("customer: {en: company, zh: 公司}", "customers", ("companies", "公司")),
        ("orders: {en: visits, zh: 到店}\n  order: {en: call, zh: 访}", "order", ("call", "访")),
    ],
)
def test_one_of_a_pair_of_words_gives_the_other_unless_both_are_given(vocabulary, word, names, tmp_path):
    other = profile.load(written(tmp_path, f"vocabulary:\n  {vocabulary}")).vocabulary[word]
    assert (other.en, other.zh) == names


def test_texts_of_tiers_and_measures_speak_in_the_words_of_the_industry(tmp_path):
    words = "vocabulary:\n  customers: {en: members, zh: 会员}\n  orders: {en: bookings, zh: 约课}"
    mine = profile.load(written(tmp_path, words))
    assert mine.tiers["regular"].meaning.zh.startswith("其余会员")
    assert (mine.measures["orders_90d"].name.en, mine.measures["orders_90d"].name.zh) == (
        "Bookings in 90 days",
        "90天约课数",
    )


def test_events_have_a_word_of_their_own_even_where_a_profile_gives_none(tmp_path):
    mine = profile.load(written(tmp_path, "vocabulary:\n  events: {en: check-ins, zh: 签到}"))
    assert text.words("en", mine)("signal.left_app") == "had check-ins before, hardly any lately"
    assert text.words("zh", mine).column("events") == "签到"
    assert in_own_words({"vocabulary": {}})["vocabulary"]["events"]["en"] == "visits and clicks"


@pytest.mark.parametrize("off", ["calendar: {seasons: null}", "calendar: null"])
def test_all_seasons_are_switched_off_in_one_line(off, tmp_path):
    assert profile.load(written(tmp_path, off)).calendar.seasons == {}


def test_a_tier_of_ones_own_stands_where_it_says(tmp_path):
    text = "tiers:\n  vip: {rule: monetary >= 90000, before: high_value, name: {en: VIP, zh: 贵宾}}"
    tiers = list(profile.load(written(tmp_path, text)).tiers)
    assert tiers.index("vip") == tiers.index("high_value") - 1


def test_what_is_not_wanted_is_taken_out_with_null(tmp_path):
    mine = profile.load(
        written(tmp_path, "calendar:\n  seasons:\n    spring_festival: null\n    mid_year: null\n    double_11: null")
    )
    assert mine.calendar.seasons == {}


def test_null_looks_for_no_internal_customers(tmp_path):
    mine = profile.load(written(tmp_path, "internal: {purchases_a_day: 20, stores_a_day: null}")).internal
    assert (mine.purchases_a_day, mine.stores_a_day) == (20, None)


@pytest.mark.parametrize("scheme", profile.schemes())
def test_every_ready_scheme_fits_every_industry(scheme, tmp_path):
    for industry in profile.names():
        path = tmp_path / f"{industry}-{scheme}.yml"
        path.write_text(f"extends: {industry}\nkey: mine\nrfm: {{scheme: {scheme}}}")
        assert list(profile.load(path).tiers.values())[-1].rule == "true"


@pytest.mark.parametrize("industry", profile.names())
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_built_in_profile_explains_every_tier_in_both_languages(industry, language):
    tiers = profile.load(industry).tiers.values()
    texts = [part[language] for tier in tiers for part in (tier.name, tier.meaning, tier.action)]
    assert all(texts) and all(bool(re.search("[一-鿿]", text)) == (language == "zh") for text in texts)
