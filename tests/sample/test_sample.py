"""The sample keeps its promises: the planted concentration, the dirt at its rates, the truth beside, the same bytes."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml
from exported import PATHS, carriers, cents, dirt_in, exported_amounts, exported_keys, rows_of, table_of, tidy

from playbook.sample import generate
from playbook.sample.dirt import KINDS, STAINS
from playbook.tables.schema import SOURCE_TABLES

PLANTED_BESIDE = {"overlap", "later", "older_version", "test_order"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return generate(tmp_path_factory.mktemp("sample"), customers=1000)


@pytest.mark.parametrize(("customers", "seed"), [(5000, 42), (1000, 1), (1000, 2)])
def test_8_percent_of_the_buyers_bring_60_percent_of_the_revenue(tmp_path, customers, seed):
    truth = generate(tmp_path, customers=customers, seed=seed).truth
    people, orders = (pd.read_parquet(truth / f"{name}.parquet") for name in ("customers", "orders"))
    buyers = people.person[~people.is_internal]
    sold = orders[(orders.kind != "top_up") & orders.person.isin(buyers)]
    spent = sold.groupby("person").amount.sum().astype(float).sort_values()
    share = spent.tail(round(0.08 * len(spent))).sum() / spent.sum()
    assert 0.57 < share < 0.63


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed_and_another_seed_does_not(tmp_path):
    code = "import sys; from playbook.sample import generate; generate(sys.argv[1], customers=150)"
    env = os.environ | {"PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1", "TZ": "America/New_York"}
    subprocess.run([sys.executable, "-c", code, tmp_path / "there"], check=True, env=env)
    generate(tmp_path / "here", customers=150)
    generate(tmp_path / "other", customers=150, seed=43)
    assert _digests(tmp_path / "here") == _digests(tmp_path / "there")
    assert _digests(tmp_path / "here")["shop/orders.csv"] != _digests(tmp_path / "other")["shop/orders.csv"]


def test_the_dirt_found_in_every_file_is_the_dirt_stated_in_the_truth(sample):
    stated = json.loads((sample.truth / "dirt.json").read_text())
    assert {path: dirt_in(sample.folder, path) for path in stated} == stated


@pytest.mark.parametrize("file", PATHS)
def test_the_dirt_comes_at_its_stated_rates(sample, file):
    stated = json.loads((sample.truth / "dirt.json").read_text())
    planted = sum((Counter(stated[path]) for path in stated if Path(path).match(PATHS[file])), Counter())
    wanted = Counter()
    for stain in (stain for stain in STAINS if stain.file == file):
        wanted[stain.kind] += max(1, round(stain.rate * carriers(sample.folder, stain)))
    assert set(planted) - PLANTED_BESIDE == set(wanted) <= set(KINDS)
    for kind, count in wanted.items():
        assert planted[kind] == pytest.approx(count, rel=0.05, abs=2)


def test_the_true_orders_are_the_exported_ones(sample):
    orders = pd.read_parquet(sample.truth / "orders.parquet")
    exported = exported_amounts(sample.folder)
    readable = orders[orders.readable]
    assert set(readable.order_id) == set(exported) - {key for key in exported if key.startswith("TEST")}
    assert (readable.amount.astype(float).abs().round(2) == readable.order_id.map(exported).abs()).all()
    assert 0.99 < orders.readable.mean() < 1


def test_the_records_orders_were_booked_on_belong_to_who_bought_except_for_lent_cards(sample):
    people, orders, records = (
        pd.read_parquet(sample.truth / f"{n}.parquet") for n in ("customers", "orders", "identities")
    )
    persons = records.set_index(["source", "source_key"]).person
    booked = exported_keys(sample.folder).join(orders.set_index("order_id"), how="inner")
    holders = persons.reindex(pd.MultiIndex.from_frame(booked[["source", "key"]])).to_numpy()
    other = booked.assign(holder=holders)[holders != booked.person.to_numpy()]
    assert set(other.holder) <= set(people.person[people.is_internal])
    bought = other[other.kind == "purchase"]
    assert bought.groupby(["holder", bought.ordered_at.dt.date]).size().min() >= 12


def test_the_web_shops_lines_add_up_to_its_orders(sample):
    orders = pd.read_parquet(sample.truth / "orders.parquet")
    lines = pd.DataFrame(rows_of(sample.folder / PATHS["shop_lines"])).astype(object)
    lines["paid"] = [cents(text) for text in lines.line_total]
    sums = lines[lines.paid.notna()].groupby(lines.order_no.map(tidy)).paid.sum()
    sold = orders[(orders.source == "shop") & (orders.kind != "deposit")].set_index("order_id")
    same = sums.reindex(sold.index) == (100 * sold.amount.astype(float)).round()
    assert same.mean() > 0.995


def test_80_to_90_percent_of_the_people_with_several_records_are_linkable_by_exact_keys(sample):
    records = pd.read_parquet(sample.truth / "identities.parquet")
    people = records.groupby("person").linkable.agg(["size", "all"])
    assert 0.8 < people["all"][people["size"] > 1].mean() < 0.9
    assert people["all"][people["size"] == 1].all()


def test_the_web_shop_ends_on_the_last_day_and_the_tills_a_few_days_later(sample):
    last = pd.read_parquet(sample.truth / "orders.parquet").groupby("source").ordered_at.max().dt.date
    assert last.to_dict() == {"shop": date(2026, 6, 30), "pos": date(2026, 7, 3)}


def test_every_column_that_sources_yml_maps_is_in_its_file(sample):
    declared = yaml.safe_load((sample.folder / "sources.yml").read_text(encoding="utf-8"))
    for file in declared["files"]:
        assert file["table"] in SOURCE_TABLES
        for path in sorted(sample.folder.glob(file["path"])):
            header = table_of(path)[0]
            mapped = {column for column in file["columns"].values() if re.fullmatch(r"\w+", column)}
            assert mapped <= set(header)
    assert len(declared["control_totals"]) == 12


def _digests(folder):
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
