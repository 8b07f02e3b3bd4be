"""The catalogue of inputs: each file is read, repaired, flagged, set aside or refused, as it says beside it."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from catalogue import CASES
from catalogue.case import COUNTS, Case
from exports import folder, integrated

from playbook.integration import SourcesError, read_sources
from playbook.integration.ingest.as_of import settle
from playbook.integration.ingest.reading import read
from playbook.integration.ingest.row_status import accept, file_table, quarantined
from playbook.integration.quality.completeness import repairs
from playbook.report import text
from playbook.tables.engine import Engine
from playbook.tables.export import write_csv

GROUPS = (
    "encoding",
    "structure",
    "header",
    "types",
    "dates",
    "amounts",
    "ids",
    "duplicates",
    "references",
    "emptiness",
    "scale",
    "adversarial",
    "spreadsheets",
)


class Taken(NamedTuple):
    """What became of a case's files: the rows asked for, rows by status, codes of reasons, repairs, flags, places."""

    rows: tuple[tuple, ...]
    statuses: Counter
    codes: set[str]
    places: tuple[int, ...]
    files: int


def given(case: Case, at: Path) -> Path:
    """The folder of a case."""
    written = folder(at, case.files, case.declared, **{"currency": "CNY"} | dict(case.top))
    if "sources.yml" in case.files:
        (at / "sources.yml").write_text(case.files["sources.yml"], encoding="utf-8")
    return written


def taken(case: Case, at: Path) -> Taken:
    """Read a case's files up to the rows that are accepted; whole cases all the way to the standard tables."""
    engine, sources = Engine(threads=1), read_sources(given(case, at))
    (at / "spill").mkdir()
    reading = read(engine, sources, at / "spill")
    files = file_table(engine, reading.files)
    day = settle(engine, reading, files, asked=None, pinned=sources.as_of).day
    accepted = accept(engine, reading, files, as_of=day)
    aside = quarantined(engine, reading, accepted, files).df()
    codes = set(aside["reason"]) | set(aside["value"].dropna()) | set(repairs(engine, reading)["repair"])
    codes |= set(accepted.counts["reason"].dropna())
    codes |= {f"flag:{message.key.rsplit('.', 1)[-1]}" for message in reading.messages}
    statuses = Counter({status: int(rows) for status, rows in accepted.counts.groupby("status")["rows"].sum().items()})
    assert sum(statuses.values()) == sum(file.raw.rows for file in reading.files)
    table, found = case.table.removeprefix("staged "), accepted.rows
    if case.whole:
        made = integrated(at)
        table, found = case.table, made.tables
        codes |= {f"flag:{flag.key.rsplit('.', 1)[-1]}" for flag in made.flags}
        engine = found[table].engine
    rows = engine.sql(f"select {case.shown} from rows", rows=found[table]).rows()
    kept = aside[~aside["kept"]]
    return Taken(tuple(sorted(rows, key=str)), statuses, codes, tuple(sorted(set(kept["row"]))), len(reading.files))


def refused(case: Case, at: Path) -> str:
    """The words in which a case is refused."""
    with pytest.raises(SourcesError) as error:
        taken(case, at)
    return str(error.value)


ERRORS = [case for case in CASES if case.becomes == "E"]
READ = [case for case in CASES if case.becomes != "E"]


def _name(case: Case) -> str:
    return f"{case.group}: {case.name}"


@pytest.mark.parametrize("case", ERRORS, ids=_name)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(tmp_path, case):
    message = refused(case, tmp_path)
    assert [words for words in case.says if words not in message] == [], message
    assert any(name in message for name in (*case.files, "sources.yml", "no order could be read"))


@pytest.mark.parametrize("case", READ, ids=_name)
def test_a_file_is_read_repaired_flagged_or_its_rows_set_aside(tmp_path, case):
    found = taken(case, tmp_path)
    said = found.codes | {code.removeprefix("flag:") for code in found.codes}
    assert [code for code in case.says if code not in said] == [], sorted(found.codes)
    assert found.rows == tuple(sorted(case.rows, key=str))
    assert found.places == case.at
    status = {"Q": "quarantined", "future_dated": "future_dated", "duplicate": "duplicate"}.get(case.becomes)
    assert bool(found.statuses[status]) if status else not any(found.statuses[name] for name in COUNTS[1:])


def test_what_becomes_of_a_file_has_words_in_both_languages():
    families = ("reason.{}", "repair.{}", "integration.flag.{}")
    codes = {code.removeprefix("flag:") for case in READ for code in case.says if " " not in code}
    for language in text.LANGUAGES:
        keys = text.load(language).keys() | {"reason.older_state", "reason.same_record"}
        assert [code for code in sorted(codes) if not {family.format(code) for family in families} & keys] == []


def test_every_group_of_the_catalogue_has_its_cases():
    assert sorted({case.group for case in CASES}) == sorted(GROUPS)
    assert [_name(case) for case, times in Counter(map(_name, CASES)).items() if times > 1] == []


def test_what_is_odd_in_a_value_does_no_harm_in_a_list(tmp_path):
    case = next(case for case in CASES if case.group == "adversarial")
    made = integrated(given(case, tmp_path))
    written = write_csv(tmp_path / "list.csv", made.tables["orders"].df()).read_text(encoding="utf-8-sig")
    assert [sign for sign in (',"=1', ',"+SUM', ',"@cmd', "\x07", "\u202e") if sign in written] == []
