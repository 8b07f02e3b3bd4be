"""The chapter: every shop gets one that can be read, in both languages, and a list that can be acted on."""

import csv
import json
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from leavers import on, orders, run_on

from playbook import churn
from playbook.churn import messages, report_tables
from playbook.churn.horizon import Horizon
from playbook.profile import models as profile
from playbook.report.text import words

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "04_churn.ipynb"
GYM = "extends: retail\nkey: gym\nname: {en: Gym, zh: 健身房}\nrelationship: contractual\n"
SOURCES = """name: shop
currency: EUR
time_zone: Europe/Berlin
files:
  - path: orders.csv
    source: shop
    table: orders
    columns: {customer_key: who, ordered_at: day, amount: amount}
"""


def spoken(capsys, out: Path, data: str, industry: str = "retail") -> tuple[str, dict]:
    """What the notebook says in English on some data (what Chinese could not say is an error), and its variables."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    asked = f"industry, data, out = {industry!r}, {data!r}, {str(out / 'runs')!r}"
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    known = {}
    for source in (code[0], asked, *code[1:]):
        exec(compile(source, NOTEBOOK.name, "exec"), known)
    return capsys.readouterr().out, known


def shop(folder: Path, days_of: dict[str, list[int]]) -> str:
    """A folder with one file of orders: customers and the days after New Year 2025 on which they bought."""
    folder.mkdir()
    start = pd.Timestamp("2025-01-01")
    rows = [f"{who},{(start + timedelta(days=day)).date()},20" for who, days in days_of.items() for day in days]
    (folder / "orders.csv").write_text("\n".join(["who,day,amount", *rows]) + "\n")
    (folder / "sources.yml").write_text(SOURCES)
    return str(folder)


SHOPS = {
    "not_covered": {"anna": [0, 60], "bob": [30, 140]},
    "no_repeat": {f"c{n}": [5 * n] for n in range(80)},
    "one_class.stayed": {f"c{n}": list(range(n % 20, 500, 25)) for n in range(60)},
    "too_few": {"anna": [0, 40, 410], "bob": [10, 250, 500]},
    "no_contracts": {f"c{n}": list(range(n % 20, 400, 50)) for n in range(20)},
}


@pytest.mark.parametrize("code", SHOPS)
def test_a_shop_without_enough_data_is_told_why_and_the_chapter_goes_on(code, tmp_path, capsys):
    industry = tmp_path / "gym.yml"
    industry.write_text(GYM, encoding="utf-8")
    asked = str(industry) if code == "no_contracts" else "retail"
    said, known = spoken(capsys, tmp_path, shop(tmp_path / "data", SHOPS[code]), asked)
    problem, table = known["past"].problem, known["table"]
    assert problem.key == f"churn.problem.{code}"
    assert words("en", profile.load("retail"))(problem.key, **problem.values) in said
    assert words("en")("churn.winback.no_campaign") in said
    assert table.churn_probability.isna().all() and len(table) == len(SHOPS[code])


def test_the_list_has_everybody_at_risk_with_their_keys_and_the_most_at_stake_first(tmp_path, capsys):
    _, known = spoken(capsys, tmp_path, "sample:900:1")
    run, above = known["run"], known["above"]
    rows = list(csv.DictReader((run.folder / "lists" / "at_risk.csv").open(encoding="utf-8-sig")))
    at_risk = known["table"].query("risk in ['high', 'medium']")
    assert {row["customer_id"] for row in rows} == set(at_risk.customer_id) == set(above.customer_id)
    assert all(row["source_key"] for row in rows)
    stakes = [float(row["at_stake"]) for row in rows]
    assert stakes == sorted(stakes, reverse=True)
    assert {row["risk_zh"] for row in rows} <= {"高风险", "中风险"}


def test_who_says_the_same_of_everybody_is_as_right_as_leaving_is_common_and_ranks_nobody(room):
    table = report_tables.ways_to_name_leavers(room[1].history, room[1].comparison).set_index("named_by")
    assert table.accuracy["nobody"] + table.accuracy["everybody"] == pytest.approx(1)
    assert (table.auc["nobody"], table.auc["everybody"], table.leavers_found["nobody"]) == (0.5, 0.5, 0)


def test_the_lost_make_the_naive_forecast_look_better(room):
    past = room[1].history
    assert report_tables.everybody(past).mean() > past.test.left.mean()


def test_who_came_back_after_a_long_silence_has_left_like_who_has_not_yet(engine):
    back = [f"b{n} {day} 9" for n in range(20) for day in ("2025-01-10", "2025-02-10", "2025-09-01")]
    gone = [f"g{n} {day} 9" for n in range(20) for day in ("2025-04-10", "2025-05-11")]
    run = run_on(engine, {"orders": orders(engine, *back, *gone, "z 2026-06-30 9")})
    curves = churn.to_leaving(run, days=90).set_index("group")
    assert [(month, curves.duration[month], curves.survival[month]) for month in ("2025-01", "2025-04")] == [
        ("2025-01", 31, 0),
        ("2025-04", 31, 0),
    ]


def test_a_customer_stays_from_contract_to_contract_until_a_gap_that_is_longer_than_the_grace(engine):
    kept = [("2025-01-10", "2025-07-10"), ("2025-07-20", None)]
    gone = [("2025-01-20", "2025-04-20"), ("2025-09-01", "2026-09-01")]
    rows = [
        {"contract_id": f"{who}{n}-{turn}", "customer_id": f"{who}{n}", "started_on": begun, "ends_on": ended}
        for who, periods in (("kept", kept), ("gone", gone))
        for n in range(10)
        for turn, (begun, ended) in enumerate(periods)
    ]
    run = run_on(engine, {"contracts": on(engine, "contracts", rows)}, relationship="contractual")
    curve = churn.to_leaving(run, days=30, contractual=True)
    assert list(zip(curve.group, curve.duration, curve.survival, strict=True))[0:1] == [("2025-01", 90, 0.5)]
    assert curve.survival.min() == 0.5


def test_the_future_changes_no_feature_of_the_test(room):
    assert report_tables.future_changes_nothing(room[1].history)


@pytest.mark.parametrize(
    ("by_reactivation", "rate", "kind"),
    [
        (90, 0.2, "agrees"),
        (300, 0.6, "longer"),
        (45, 0.05, "shorter"),
        (None, 0.6, "early"),
        (None, None, "gaps"),
    ],
)
def test_the_horizon_in_use_is_set_beside_the_one_that_the_data_propose(room, by_reactivation, rate, kind):
    gaps = pd.DataFrame({"days": [20], "returned": [40.0], "open": [5.0]})
    curve = pd.DataFrame([] if rate is None else [(30, 3, rate), (365, 3, rate)])
    names = ["horizon_days", "silences", "rate"]
    curve = curve.set_axis(names, axis=1) if len(curve) else room[1].horizon.reactivation[:0]
    silences = Horizon(90, gaps, curve, 20, by_reactivation)
    found = messages.horizon(room[1].history.definition, silences, room[0].profile.churn)
    assert found.key == f"churn.horizon.{kind}"
    assert [words(one, room[0].profile)(found.key, **found.values) for one in ("en", "zh")]
