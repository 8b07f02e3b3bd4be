"""What is said keeps its raw values, and can be said in both languages, or is refused at once."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from playbook.profile import models as profile
from playbook.report import text
from playbook.report.outputs import Outputs
from playbook.report.text import MissingText


@pytest.fixture
def said(demo_texts, monkeypatch):
    monkeypatch.setattr(text, "FOLDER", demo_texts)
    said = []
    return said, Outputs(profile.load("retail"), said.append)


def test_a_takeaway_is_printed_in_english_and_kept_as_data(said, capsys):
    payloads, outputs = said
    outputs.takeaway("demo.share", n=np.int64(7), share=decimal.Decimal("0.25"), t="lost", who="us")
    assert capsys.readouterr().out == "25% of customers are Lost, says us.\n"
    values = {"n": 7, "quality": None, "share": 0.25, "t": "lost", "who": "us"}
    assert payloads == [
        {
            "kind": "takeaway",
            "key": "demo.share",
            "values": values,
            "n": 7,
            "of": "customer",
            "quality": None,
            "agrees": None,
            "detail": False,
        }
    ]


def test_a_tables_values_are_plain_json_with_a_format_for_every_column(said):
    payloads, outputs = said
    frame = pd.DataFrame({
        "rows": [1, 2],
        "share": [0.5, np.nan],
        "first_day": [datetime.date(2026, 6, 30), None],
        "last_day": pd.to_datetime(["2026-06-30", None]),
        "active": [True, False],
        "source": ["NA", None],
    })  # fmt: skip
    outputs.table("demo", frame, {"share": "pct"})
    assert payloads[0]["rows"] == [
        [1, 0.5, "2026-06-30", "2026-06-30", True, "NA"],
        [2, None, None, None, False, None],
    ]
    assert list(payloads[0]["formats"].values()) == ["int", "pct", "date", "date", "flag", "text"]


def test_a_table_too_long_to_read_is_refused(said):
    with pytest.raises(ValueError, match="the table 'demo' has 101 rows; a report shows at most 100"):
        said[1].table("demo", pd.DataFrame({"rows": range(101)}))


def test_a_format_for_a_column_that_is_not_there_is_refused(said):
    with pytest.raises(ValueError, match=r"has no column\(s\) \['share'\] to format; it has \['rows'\]"):
        said[1].table("demo", pd.DataFrame({"rows": [1]}), {"share": "pct"})


def test_a_heading_that_a_language_lacks_is_found_in_the_notebook(said):
    with pytest.raises(MissingText, match=r"no text 'column.nonsense' in 'en'"):
        said[1].table("demo", pd.DataFrame({"nonsense": [1]}))


def test_the_currency_is_asked_when_something_is_said(demo_texts, monkeypatch, capsys):
    monkeypatch.setattr(text, "FOLDER", demo_texts)
    known = {}
    outputs = Outputs(profile.load("retail"), currency=lambda: known["currency"])
    known["currency"] = "EUR"
    outputs.flag("demo.careful", amount=5)
    assert capsys.readouterr().out == "Careful with €5.00.\n"
