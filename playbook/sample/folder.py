"""The data folder: each export in its file with its encoding and its dirt, the declaration beside, and dirt.json."""

import csv
import io
import json
from pathlib import Path
from string import Template
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.sample import exports
from playbook.sample.dirt import FILES, LOSES_ORDER, OLDER_VERSIONS, TEST_ORDERS, soil
from playbook.sample.exports import Retailer

OVERLAP_DAYS = 3  # a year's file of receipts goes on so far into the next year
CONTROL_MONTHS = 6
REVENUE = ("purchase", "redemption", "deposit", "return")


class Clean(NamedTuple):
    """An export before its dirt: the table, which rows are to be spared, and how many were planted beside true ones."""

    table: pd.DataFrame
    spared: np.ndarray
    planted: dict[str, int]  # kind of dirt: rows of it


def write_exports(rng, folder: Path, r: Retailer) -> list[str]:
    """Write every export, `sources.yml` and `truth/dirt.json`; return the ids of orders whose row no reader can use."""
    dirt, lost = {}, []
    for name, file in FILES.items():
        clean = _clean(rng, name, r)
        dirty, marks = soil(rng, name, clean.table, clean.spared)
        parts = _years(file, dirty, r) if "{year}" in file.path else [(file.path, dirty, clean.planted)]
        for path, rows, planted in parts:
            _write_csv(folder / path, file, rows, marks)
            kinds = marks.kind[marks.row.isin(rows.index)].value_counts().to_dict() | planted
            dirt[path] = {kind: int(count) for kind, count in kinds.items() if count}
        if file.orders_of:
            unusable = marks.row[marks.kind.isin(LOSES_ORDER)]
            lost += r.orders.order_id[r.orders.source == file.orders_of].iloc[unusable].tolist()
    _write_text(folder / "truth/dirt.json", json.dumps(dirt, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    template = Path(__file__).with_name("retail_sources.yml").read_text(encoding="utf-8")
    declaration = Template(template).substitute(control_totals="\n".join(_control_totals(r)))
    _write_text(folder / "sources.yml", declaration)
    return lost


def _clean(rng, name, r):
    table = getattr(exports, name)(rng, r)
    spared = np.zeros(len(table), dtype=bool)
    if name == "members":
        return _with_older_versions(rng, table)
    if source := FILES[name].orders_of:
        # the last day and what comes after, so that a source is known to reach it, and the days that two files hold
        days = _days_of(r, source)
        into_year = (days - days.astype("datetime64[Y]")).astype(int)
        spared = (days >= np.datetime64(r.horizon.end)) | (into_year < OVERLAP_DAYS)
    return _with_test_orders(rng, table, spared) if name == "shop_orders" else Clean(table, spared, {})


def _with_older_versions(rng, table):
    changed = np.sort(rng.permutation(len(table))[: max(1, round(OLDER_VERSIONS * len(table)))])
    older = table.iloc[changed].assign(会员等级="普通", 积分="0", 手机号="")
    older["更新时间"] = [f"{day} 00:05:00" for day in older.注册日期]
    both = pd.concat([older, table]).sort_index(kind="stable")
    is_older = both.index.isin(changed) & ~both.index.duplicated()
    return Clean(both.reset_index(drop=True), is_older, {"older_version": len(changed)})


def _with_test_orders(rng, table, spared):
    count = max(1, round(TEST_ORDERS * len(table)))
    tests = table.iloc[np.sort(rng.permutation(len(table))[:count])].assign(
        order_no=[f"TEST{number:04d}" for number in range(1, count + 1)],
        total_paid="0.01",
        discount="0.00",
        type="sale",
        related_order_no="",
        buyer_name="test",
    )
    both = pd.concat([table, tests], ignore_index=True)
    return Clean(both, np.concatenate([spared, np.ones(count, dtype=bool)]), {"test_order": count})


def _days_of(r, source):
    return r.orders["at"][r.orders.source == source].to_numpy().astype("datetime64[D]")


def _years(file, dirty, r):
    """(path, its rows, count of rows planted by kind) of each year's file of receipts."""
    days, first, end = _days_of(r, "pos")[dirty.index], r.horizon.start.year, r.horizon.end
    for year in range(first, end.year + 1):
        begin, after = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01") + OVERLAP_DAYS
        inside = (days >= begin) & (days < after)
        overlap = inside & (days < begin + OVERLAP_DAYS) & (year > first)
        later = inside & (days > np.datetime64(end))
        yield file.path.format(year=year), dirty[inside], {"overlap": int(overlap.sum()), "later": int(later.sum())}


def _write_csv(path, file, rows, marks):
    cells = list(zip(*(rows[column].tolist() for column in rows), strict=True))
    for turn, at in enumerate(np.flatnonzero(rows.index.isin(marks.row[marks.kind == "ragged"]))):
        cells[at] = cells[at][:-1] if turn % 2 else (*cells[at], "")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=file.newline)
    writer.writerow(rows.columns)
    writer.writerows(cells)
    _write_text(path, text.getvalue(), file.encoding)


def _write_text(path, text, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def _control_totals(r):
    """Net sales of the last whole months, as YAML lines."""
    booked = r.orders[r.orders.kind.isin(REVENUE)]
    net = booked.groupby([booked["at"].dt.to_period("M"), booked.source]).cents.sum().unstack(fill_value=0)
    whole = pd.period_range(end=pd.Period(r.horizon.end, "M"), periods=CONTROL_MONTHS + 1, freq="M")
    whole = whole[(whole.end_time.date <= r.horizon.end) & (whole.start_time.date >= r.horizon.start)][-CONTROL_MONTHS:]
    for (month, source), cents in net[net.index.isin(whole)].stack().items():
        yield f"  - {{source: {source}, month: {month}, net: {cents / 100:.2f}}}"
