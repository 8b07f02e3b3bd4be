"""Files for people: nothing in them is taken for a formula, and nothing is lost."""

import csv
from decimal import Decimal

import pandas as pd
import pytest

from playbook.tables.export import write_csv


def written(tmp_path, **columns):
    path = write_csv(tmp_path / "lists" / "x.csv", pd.DataFrame(columns))
    return path, list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-x", "@sum", "\t=1", "\r=1", " =1", "＝1+1", "＋1", "－1", "＠a"])
def test_a_cell_that_begins_like_a_formula_is_text(tmp_path, cell):
    _, [row] = written(tmp_path, owner=[cell])
    assert row["owner"].startswith("'")


def test_a_formula_inside_a_joined_value_is_text_too(tmp_path):
    _, [row] = written(tmp_path, source_key=["a1;=cmd|' /C calc'!A0"])
    assert row["source_key"] == "a1;'=cmd|' /C calc'!A0"


def test_numbers_stay_numbers_and_chinese_opens_in_the_right_encoding(tmp_path):
    path, [row] = written(tmp_path, owner=["王店长, 上海"], monetary=[-12.5], frequency=[3])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert row == {"owner": "王店长, 上海", "monetary": "-12.5", "frequency": "3"}


def test_money_is_written_as_it_is(tmp_path):
    _, rows = written(tmp_path, monetary=[Decimal("-1.10"), None], owner=[None, "a"])
    assert [tuple(row.values()) for row in rows] == [("-1.10", ""), ("", "a")]
