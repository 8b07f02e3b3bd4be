"""The dirt in the exports: `exports.yml` says which kinds stain which columns at which rates; this spoils the cells."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml


class Stain(NamedTuple):
    """One kind of dirt in one column ('*': whole rows), as a share of the cells that could carry it."""

    file: str
    column: str
    kind: str
    rate: float


class File(NamedTuple):
    """One export: its path, encoding and line end, the source whose orders it holds, its stains without their file."""

    path: str
    stains: list[list]
    encoding: str = "utf-8"
    newline: str = "\n"
    orders_of: str | None = None


_DECLARED = yaml.safe_load(Path(__file__).with_name("exports.yml").read_text(encoding="utf-8"))
FILES = {name: File(**file) for name, file in _DECLARED["files"].items()}
STAINS = tuple(Stain(name, *stain) for name, file in FILES.items() for stain in file.stains)
KINDS: dict[str, str] = _DECLARED["kinds"]
LOSES_ORDER = ("untypable_amount", "impossible_date", "missing_order")  # in a file of orders: what no reader can repair
OLDER_VERSIONS, TEST_ORDERS = 0.008, 0.001  # shares of the members and of the web shop's orders
FULL_WIDTH = {ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)}


def soil(rng, file: str, clean: pd.DataFrame, spared) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The export with its stains, and (row, column, kind) of each; a row has one stain at most, `spared` rows none.

    Rows are labelled with their position in the clean export: a duplicate repeats the label.
    """
    free, dirty, marks = ~np.asarray(spared), clean.reset_index(drop=True), []
    for stain in (stain for stain in STAINS if stain.file == file):
        could = _carriers(clean, stain)
        wanted = max(1, round(stain.rate * could.sum()))
        rows = np.sort(rng.permutation(np.flatnonzero(could & free))[:wanted])
        free[rows] = False
        marks.append(pd.DataFrame({"row": rows, "column": stain.column, "kind": stain.kind}))
        if stain.column != "*":
            column = dirty.columns.get_loc(stain.column)
            dirty.iloc[rows, column] = _spoiled(rng, stain.kind, clean.iloc[rows, column])
    marks = pd.concat(marks, ignore_index=True)
    copies = np.ones(len(dirty), dtype=int)
    copies[marks.row[marks.kind == "duplicate"]] = 2
    return dirty.iloc[np.repeat(np.arange(len(dirty)), copies)], marks


def _carriers(clean, stain):
    """Placeholders go where nothing is known, whole-row dirt anywhere, everything else where something stands."""
    if stain.column == "*":
        return np.ones(len(clean), dtype=bool)
    return ((clean[stain.column] == "") == (stain.kind == "placeholder_phone")).to_numpy()


def _spoiled(rng, kind, values):
    """Each value as one of the spoilers of that kind leaves it, at random."""
    spoilers = SPOILERS[kind]
    turns = rng.integers(0, len(spoilers), len(values)).tolist()
    return np.array([spoilers[turn](value) for turn, value in zip(turns, values, strict=True)], dtype=object)


def _chinese_date(value):
    return f"{value[:4]}年{int(value[5:7])}月{int(value[8:10])}日{value[10:]}"


def _other_date(value):
    """Day and time with the other separator, as a spreadsheet writes it; a day alone without any."""
    separator = value[4]
    if len(value) == 10:
        return value.replace(separator, "")
    return value[:10].replace(separator, "/" if separator == "-" else "-") + value[10:]


def _misdated(day):
    return lambda value: day.replace("-", value[4]) + value[10:]


def _gapped(gap):
    return lambda value: value.replace(" ", 2 * gap) if value.isascii() else value[:1] + gap + value[1:]


#: How each kind spoils a value, one way or several.
SPOILERS = {
    "untypable_amount": (lambda _: "免单", lambda _: "n/a", lambda _: "待定"),
    "impossible_date": (_misdated("2025-02-30"), _misdated("1900-01-01"), lambda value: "2608" + value[4:]),
    "missing_key": (lambda _: "",),
    "missing_order": (lambda _: "",),
    "money_format": (lambda value: f"¥{float(value):,.2f}",),
    "full_width": (lambda value: value.translate(FULL_WIDTH),),
    "padded_id": (" {}".format, "{} ".format, "{}\u200b".format, lambda v: f"\u200b{v[:3]}\u200b{v[3:]}"),
    "date_format": (_chinese_date, _other_date),
    "phone_format": (
        "+86 {}".format,
        lambda v: f"{v[:3]}-{v[3:7]}-{v[7:]}",
        lambda v: f"{v[:3]} {v[3:7]} {v[7:]}",
        "0086{}".format,
    ),
    "placeholder_phone": (lambda _: "13800138000",),
    "email_case": (str.upper, str.capitalize, lambda v: v.replace("example", "Example")),
    "name_spaces": ("{} ".format, _gapped(" "), _gapped("\u3000")),
    "text_na": (lambda _: "NA", lambda _: "null"),
    "formula": (lambda _: "=1+1", lambda _: '=HYPERLINK("https://example.com")', lambda _: "@SUM(A1)"),
}
