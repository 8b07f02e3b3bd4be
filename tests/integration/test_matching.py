"""Likeness: records that no identifier ties are found to be one person's, without anybody telling which are."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml
from linkage_data.register_files import write_registers
from linkage_data.registers import make_registers
from linkage_data.score import score

from playbook.integration.ingest.reading import read
from playbook.integration.ingest.row_status import accept, file_table
from playbook.integration.linkage.components import connected_records
from playbook.integration.linkage.link import LinkedRecords, link_records
from playbook.integration.sources.models import read_sources
from playbook.profile.linking import Linking
from playbook.tables.engine import Engine

AS_OF = date(2026, 6, 30)

#: Febrl has no phone and no e-mail, mistakes in every field, and given names in the place of surnames. A pair is tied
#: that is more probably one person than not: no truth is needed to choose that.
PERSONS = Linking(
    region="AU", same_name=False, threshold=0.51, compare=("name", "birth", "residence", "id_number"),
    blocks=(
        ["name_key"], ["birth_date"], ["id_number"], ["surname_key", "postcode"], ["given_key", "postcode"],
        ["address_numbers", "postcode"], ["surname_key", "city_key"], ["given_key", "city_key"],
        ["address_numbers", "city_key"], ["given_key", "birth_year"], ["surname_key", "birth_year"],
    ),
    training=(["birth_date"], ["name_key"], ["id_number"]),
)  # fmt: skip
ORDERS = {name: name for name in ("order_id", "ordered_at", "amount")}
FEBRL = {
    "customer_key": "rec_id", "name": "who", "address": "street", "city": "suburb", "postcode": "postcode",
    "birth_date": "born", "id_number": "soc_sec_id",
}  # fmt: skip


def linked(folder, linking=PERSONS, **options):
    """The accepted records of a folder and the ties between them."""
    engine = Engine(threads=1)
    reading = read(engine, read_sources(folder), folder)
    rows = accept(engine, reading, file_table(engine, reading.files), as_of=AS_OF).rows
    return link_records(engine, rows, linking=linking, **options)


def customers(found, *, exact=False):
    """The customer of each record, by source and key."""
    engine = found.records.engine
    text = "select * from e where not $exact or weight is null"
    tied = connected_records(engine, found.records, engine.sql(text, params={"exact": exact}, e=found.links)).df()
    known = found.records.df().merge(tied, on="record_no")
    return known.set_index(["source", "record_key"]).group_no


@pytest.fixture
def persons(public_data, tmp_path):
    """Febrl's files as exports of registers, by the number of the data set."""

    def folder(*names):
        for name in names:
            rows = pd.read_csv(public_data / "febrl" / f"{name}.csv", dtype=str, skipinitialspace=True).fillna("")
            rows = rows.apply(lambda column: column.str.strip())
            rows["who"] = rows.given_name + " " + rows.surname
            rows["street"] = rows.street_number + " " + rows.address_1 + " " + rows.address_2
            rows["born"] = rows.date_of_birth.where(rows.date_of_birth != "").str.replace(
                r"(....)(..)(..)", r"\1-\2-\3", regex=True
            )
            rows[list(FEBRL.values())].to_csv(tmp_path / f"{name}.csv", index=False)
        files = [{"path": f"{name}.csv", "source": name, "table": "customers", "columns": FEBRL} for name in names]
        files.append({"path": "orders.csv", "source": "till", "table": "orders", "columns": ORDERS})
        (tmp_path / "orders.csv").write_text(f"order_id,ordered_at,amount\n1,{AS_OF},1.00\n")
        (tmp_path / "sources.yml").write_text(yaml.safe_dump({"name": "febrl", "currency": "AUD", "files": files}))
        return tmp_path

    return folder


def person(index) -> list[str]:
    return [key.split("-")[1] for _, key in index]


def test_febrl4_is_linked_with_an_f1_of_at_least_995(persons):
    found = customers(linked(persons("dataset4a", "dataset4b")))
    assert len(found) == 10_000
    assert score(found, person(found.index)).f1 >= 0.995


def test_febrl3_is_linked_with_an_f1_of_at_least_98(persons):
    found = customers(linked(persons("dataset3")))
    assert len(found) == 5_000
    assert score(found, person(found.index)).f1 >= 0.99


class Linked(NamedTuple):
    """Registers, where they lie, and their ties."""

    rows: pd.DataFrame
    folder: Path
    found: LinkedRecords


@pytest.fixture(scope="module", params=["en", "zh"])
def registers(request, tmp_path_factory):
    """Three registers of 6,000 records with the default dirt, in English and in Chinese, linked."""
    rows = make_registers(np.random.default_rng(5), 6_000, request.param)
    folder = write_registers(tmp_path_factory.mktemp(request.param), rows)
    return Linked(rows, folder, linked(folder, Linking()))


def test_registers_are_linked_precisely_and_better_than_by_identifiers_alone(registers):
    by_likeness, by_keys = (customers(registers.found, exact=exact) for exact in (False, True))
    truth = registers.rows.set_index(["source", "source_key"]).person.reindex(by_likeness.index)
    best, plain = score(by_likeness, truth), score(by_keys, truth)
    assert truth.isna().sum() <= 1  # nobody, of the order
    assert best.precision >= 0.99
    assert best.f1 >= plain.f1 + 0.03


def test_the_order_of_the_rows_changes_no_customer(registers, tmp_path):
    shuffled = write_registers(tmp_path, registers.rows.sample(frac=1, random_state=1))
    assert customers(linked(shuffled, Linking())).to_dict() == customers(registers.found).to_dict()


def test_a_kept_model_is_used_as_it_is(registers):
    kept = registers.found.model | {"note": "of the run before"}
    again = linked(registers.folder, Linking(), model=kept)
    assert again.model == kept
    assert customers(again).to_dict() == customers(registers.found).to_dict()
