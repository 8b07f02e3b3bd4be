"""Files for people: CSV that a spreadsheet opens in the right encoding and never takes for a formula."""

import csv
from pathlib import Path

import pandas as pd
from pandas.api.types import is_numeric_dtype

from playbook.tables.safe import cell


def write_csv(path: Path, frame: pd.DataFrame) -> Path:
    """Write a frame as UTF-8 with a byte order mark; return the path.

    Text is quoted, so that no locale splits it, and what begins like a formula is set behind an apostrophe, inside a
    value joined by ';' too. Numbers stay numbers. The file appears under its name when it is complete.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    frame.apply(_harmless).to_csv(
        part, index=False, encoding="utf-8-sig", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n"
    )
    part.replace(path)
    return path


def _harmless(column: pd.Series) -> pd.Series:
    return column if is_numeric_dtype(column) else column.map(_joined, na_action="ignore")


def _joined(value: object) -> object:
    return ";".join(map(cell, value.split(";"))) if isinstance(value, str) else value
