"""The room on a folder of exports: orders alone are enough, it speaks both languages, and its lists are safe."""

import csv
import re
import warnings

import pandas as pd
import pytest

from playbook import open_run, rfm
from playbook.profile.models import LANGUAGES
from playbook.report import charts as style
from playbook.report import text
from playbook.rfm import charts, messages

SOURCES = """
name: corner-shop
currency: EUR
as_of: 2026-06-30
files:
  - path: orders.csv
    source: till
    table: orders
    columns: {order_id: id, customer_key: card, ordered_at: day, amount: total}
    kinds: {return: total < 0}
"""


def exports(folder, rows):
    folder.mkdir(parents=True)
    (folder / "sources.yml").write_text(SOURCES, encoding="utf-8")
    lines = [f"{n},{card},{day},{total}" for n, (card, day, total) in enumerate(rows)]
    (folder / "orders.csv").write_text("\n".join(["id,card,day,total", *lines, ""]), encoding="utf-8")
    return str(folder)


def months(first):
    return [f"{first + n // 12}-{1 + n % 12:02d}" for n in range(30)]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two and a half years of sixty cards: some loyal, some gone, one that looks like a formula."""
    folder = tmp_path_factory.mktemp("shop")
    rows = [
        ("=1+1" if card == 7 else f"card{card}", f"{month}-{1 + (card * n) % 28:02d}", f"{10 + card * card}.50")
        for card in range(60)
        for n, month in enumerate(months(2024))
        if n % (1 + card % 5) == 0 and (card % 4 or n < 14)
    ]
    rows.append(("card9", "2026-06-20", "-30.00"))
    found = open_run(data=exports(folder / "data", rows), out=str(folder / "runs"))
    rfm.build(found)
    return found


def test_there_is_one_list_per_tier_and_every_customer_is_on_one(run):
    lists = {path.stem: read(path) for path in (run.folder / "lists").glob("*.csv")}
    listed = sorted(row["customer_id"] for rows in lists.values() for row in rows)
    assert set(lists) == set(run.profile.tiers)
    assert listed == sorted(run.table("rfm").df()["customer_id"])


def test_a_list_names_the_sources_key_and_the_reason_in_both_languages_and_is_safe_in_a_spreadsheet(run):
    rows = [row for path in (run.folder / "lists").glob("*.csv") for row in read(path)]
    keys = {row["source_key"] for row in rows}
    assert {"'=1+1", "card9"} <= keys
    assert all(row["source"] == "till" and row["reason_en"] for row in rows)
    assert all(re.search("[一-鿿]", row["reason_zh"]) for row in rows)


def test_a_list_begins_with_the_largest_spend(run):
    spends = [float(row["monetary"]) for row in read(run.folder / "lists" / "lost.csv")]
    assert spends == sorted(spends, reverse=True) and len(spends) > 1


def read(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def said(run):
    """All that notebook 02 would say of this run, with the data behind its figures."""
    purchases, customers = rfm.all_purchases(run), run.table("customers")
    summary = rfm.summary(purchases, customers, as_of=run.as_of, window_days=365).materialise()
    tiers, rules = run.table("rfm"), rfm.tier_frame(run.engine, run.profile)
    table, spending = rfm.tier_profile(tiers, rules), rfm.spending(purchases, customers, as_of=run.as_of).materialise()
    history = run.table("rfm_history")
    return summary, table, spending, rfm.tier_shares(history, rules).df(), rfm.ends_of(history), rules


def test_every_sentence_can_be_said_in_both_languages(run):
    summary, table, spending, shares, ends, rules = said(run)
    best, cuts = messages.headline(table), rfm.frozen_cuts(run, summary)
    moves = rfm.migration(run.table("rfm_history"), rules, since=ends[0], until=ends[-1]).df()
    found = [
        messages.average(rfm.spend(summary), days=365), messages.concentrated(rfm.concentration(spending)), best,
        messages.absent(summary, days=365, covered=900), messages.movement(shares), messages.never_bought(summary),
        messages.course(shares, best.values["tier"]), messages.reshuffled(rfm.buyers(summary)["frequency"]),
        messages.stayed(moves, best.values["tier"], since=ends[0], until=ends[-1]),
    ]  # fmt: skip
    said_of_run = [message for message in (*found, *messages.cautions(run, summary, cuts)) if message]
    for language in LANGUAGES:
        words = text.words(language, run.profile, run.currency)
        assert all(
            "{" not in sentence and "–" not in sentence for sentence in (words(m.key, **m.values) for m in said_of_run)
        )


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ({"lost": (0.5, 0.2), "high_value": (0.1, 0.2), "regular": (0.4, 0.6)}, "high_value"),
        ({"lost": (0.5, 0.2), "high_value": (0.1, 0.11), "regular": (0.4, 0.69)}, "regular"),
        ({"lost": (0.5, 0.2), "high_value": (0.2, 0.4), "potential": (0.3, 0.4), "regular": (0, 0)}, "high_value"),
    ],
)
def test_everybody_else_is_the_headline_only_where_no_other_tier_brings_more_per_head(rows, named):
    table = pd.DataFrame(
        [
            {"tier": tier, "customers": 100 * n, "customers_share": n, "revenue_share": m}
            for tier, (n, m) in rows.items()
        ]
    )
    assert messages.headline(table).values["tier"] == named


def test_orders_alone_say_what_is_missing(run):
    summary = said(run)[0]
    keys = {message.key for message in messages.cautions(run, summary, rfm.frozen_cuts(run, summary))}
    assert {"rfm.flag.no_customers", "rfm.flag.no_lines"} <= keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_drawn_with_all_its_glyphs(run, language):
    summary, table, spending, shares, ends, rules = said(run)
    words, day, best = text.words(language, run.profile, "EUR"), run.as_of, messages.headline(table)
    moves = rfm.migration(run.table("rfm_history"), rules, since=ends[0], until=ends[-1]).df()
    fate = messages.stayed(moves, best.values["tier"], since=ends[0], until=ends[-1])
    spend, grid, cuts = rfm.spend(summary), rfm.score_grid(run.table("rfm"), rules), rfm.frozen_cuts(run, summary)
    purchases = run.table("purchases")
    cohorts, flow = rfm.cohorts(purchases, as_of=day), rfm.new_and_returning(purchases, as_of=day)
    curve, found = rfm.lorenz(spending), rfm.concentration(spending)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for draw, data, options in (
            (charts.spend_distribution, rfm.buyers(summary), {"spend": spend, "as_of": day, "days": 365}),
            (charts.lorenz, curve, {"concentration": found, "as_of": day}),
            (charts.tier_map, table, {"message": best, "as_of": day, "days": 365}),
            (charts.score_grid, grid, {"as_of": day}),
            (charts.tier_history, shares, {"message": messages.movement(shares), "cuts": cuts}),
            (charts.migration, moves, {"message": fate}),
            (charts.cohort_grid, cohorts, {"as_of": day}),
            (charts.new_or_returning, flow, {"message": messages.returning(flow), "as_of": day}),
        ):
            assert style.png(style.drawn(draw, data, words=words, **options))


def test_one_order_of_one_customer_is_too_little_to_speak_of_and_no_error(tmp_path):
    run = open_run(data=exports(tmp_path / "data", [("only", "2026-06-01", "10")]), out=str(tmp_path / "runs"))
    rfm.build(run)
    summary, table, spending, shares, ends, _ = said(run)
    keys = [messages.average(rfm.spend(summary), days=30).key, messages.concentrated(rfm.concentration(spending)).key]
    assert keys == ["rfm.average.few", "rfm.concentration.few"]
    assert (messages.headline(table).key, messages.movement(shares).key) == ("rfm.headline.one", "rfm.history.none")
    assert ends == [run.as_of]


def test_many_tiers_stand_in_a_panel_each_and_limits_of_the_profile_are_called_so(run):
    cuts = rfm.frozen_cuts(run, said(run)[0])._replace(origin="profile")
    tiers = [tier for tier in run.profile.tiers if not run.profile.tiers[tier].apart]
    frame = pd.DataFrame([(day, tier, 0.1) for day in ("2026-05-31", "2026-06-30") for tier in tiers])
    shares = frame.set_axis(["as_of", "tier", "customers_share"], axis=1).assign(customers=1)
    words, found = text.words("en", run.profile, "EUR"), messages.movement(said(run)[3])
    few, many = (style.drawn(charts.tier_history, rows, words=words, message=found, cuts=cuts) for rows in (
        shares, pd.concat([shares, shares.assign(tier="internal"), shares.assign(tier="never_bought")])
        .drop_duplicates(["as_of", "tier"])))  # fmt: skip
    assert (len(few.axes), sum(ax.axison for ax in many.axes)) == (1, len(tiers) + 2)
    assert "as set in the profile" in few.wording["caption"]
