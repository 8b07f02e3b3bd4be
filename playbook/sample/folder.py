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
from playbook.sample.dirt import LOSES_ORDER, OLDER_VERSIONS, TEST_ORDERS, soil
from playbook.sample.exports import Retailer

OVERLAP_DAYS = 3  # a year's file of receipts goes on so far into the next year
CONTROL_MONTHS = 6
REVENUE = ("purchase", "redemption", "deposit", "return")


class File(NamedTuple):
    """One export: the name its dirt is listed under, its path, its encoding and its line end."""

    name: str
    path: str
    encoding: str = "utf-8"
    newline: str = "\n"


class Clean(NamedTuple):
    """An export before its dirt: the table, which rows are to be spared, and how many were planted beside true ones."""

    table: pd.DataFrame
    spared: np.ndarray
    planted: dict[str, int]  # kind of dirt: rows of it


FILES = (
    File("members", "crm/members.csv", "gb18030", "\r\n"),
    File("referrals", "crm/referrals.csv", "utf-8-sig", "\r\n"),
    File("shop_orders", "shop/orders.csv"),
    File("shop_lines", "shop/order_lines.csv"),
    File("receipts", "pos/receipts_{year}.csv", "utf-8-sig", "\r\n"),
    File("app_events", "app/events.csv"),
    File("feedback", "service/feedback.csv", "utf-8-sig", "\r\n"),
    File("treatments", "marketing/campaigns.csv"),
    File("costs", "finance/acquisition_costs.csv"),
)


def write_exports(rng, folder: Path, r: Retailer) -> list[str]:
    """Write every export, `sources.yml` and `truth/dirt.json`; return the ids of orders whose row no reader can use."""
    dirt, lost = {}, []
    for file in FILES:
        clean = _clean(rng, file.name, r)
        dirty, marks = soil(rng, file.name, clean.table, clean.spared)
        for path, rows, planted in _parts(file, dirty, clean, r):
            _write_csv(folder / path, file, rows, marks)
            dirt[path] = _counts(rows, marks, planted)
        lost += _lost(file.name, marks, r)
    _write_text(folder / "truth/dirt.json", json.dumps(dirt, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    _write_text(folder / "sources.yml", _declaration(r))
    return lost


def _clean(rng, name, r):
    if name == "members":
        return _with_older_versions(rng, exports.members(rng, r))
    if name == "shop_orders":
        return _with_test_orders(rng, exports.shop_orders(rng, r), _spared(r, "shop"))
    if name == "receipts":
        return Clean(exports.receipts(rng, r), _spared(r, "pos"), {})
    table = getattr(exports, name)(r)
    return Clean(table, np.zeros(len(table), dtype=bool), {})


def _with_older_versions(rng, table):
    changed = np.sort(rng.permutation(len(table))[: max(1, round(OLDER_VERSIONS * len(table)))])
    older = table.iloc[changed].assign(会员等级="普通", 积分="0", 手机号="")
    older["更新时间"] = [f"{day} 00:05:00" for day in older.注册日期]
    position = np.insert(np.arange(len(table)), changed, -1)
    both = pd.concat([table, older]).iloc[np.where(position < 0, len(table) + np.cumsum(position < 0) - 1, position)]
    return Clean(both.reset_index(drop=True), position < 0, {"older_version": len(changed)})


def _with_test_orders(rng, table, spared):
    count = max(1, round(TEST_ORDERS * len(table)))
    tests = table.iloc[np.sort(rng.permutation(len(table))[:count])].assign(
        total_paid="0.01", discount="0.00", type="sale"
    )
    tests = tests.assign(
        order_no=[f"TEST{number:04d}" for number in range(1, count + 1)], related_order_no="", buyer_name="test"
    )
    both = pd.concat([table, tests], ignore_index=True)
    added = np.arange(len(both)) >= len(table)
    return Clean(both, np.concatenate([spared, added[added]]), {"test_order": count})


def _days_of(r, source):
    return r.orders["at"][r.orders.source == source].to_numpy().astype("datetime64[D]")


def _spared(r, source):
    """Rows of the last day and after it, so that a source is known to reach it, and of the days that two files hold."""
    days = _days_of(r, source)
    into_year = (days - days.astype("datetime64[Y]")).astype(int)
    return (days >= np.datetime64(r.horizon.end)) | (into_year < OVERLAP_DAYS)


def _parts(file, dirty, clean, r):
    """(path, its rows, count of rows planted by kind) of each file the export is cut into."""
    if file.name == "receipts":
        yield from _years(file, dirty, r)
    else:
        yield file.path, dirty, clean.planted


def _years(file, dirty, r):
    days, first, end = _days_of(r, "pos")[dirty.index], r.horizon.start.year, r.horizon.end
    for year in range(first, end.year + 1):
        begin, after = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01") + OVERLAP_DAYS
        inside = (days >= begin) & (days < after)
        overlap = inside & (days < begin + OVERLAP_DAYS) & (year > first)
        later = inside & (days > np.datetime64(end))
        yield file.path.format(year=year), dirty[inside], {"overlap": int(overlap.sum()), "later": int(later.sum())}


def _counts(rows, marks, planted):
    kinds = marks.kind[marks.row.isin(rows.index)].value_counts().to_dict()
    return {kind: int(count) for kind, count in (kinds | planted).items() if count}


def _lost(name, marks, r):
    if name not in ("shop_orders", "receipts"):
        return []
    rows = marks.row[marks.kind.isin(LOSES_ORDER)]
    return r.orders.order_id[r.orders.source == ("shop" if name == "shop_orders" else "pos")].iloc[rows].tolist()


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


def _declaration(r):
    template = Path(__file__).with_name("retail_sources.yml").read_text(encoding="utf-8")
    return Template(template).substitute(control_totals="\n".join(_control_totals(r)))


def _control_totals(r):
    """Net sales of the last whole months, as YAML lines."""
    booked = r.orders[r.orders.kind.isin(REVENUE)]
    net = booked.groupby([booked["at"].dt.to_period("M"), booked.source]).cents.sum().unstack(fill_value=0)
    whole = pd.period_range(end=pd.Period(r.horizon.end, "M"), periods=CONTROL_MONTHS + 1, freq="M")
    whole = whole[(whole.end_time.date <= r.horizon.end) & (whole.start_time.date >= r.horizon.start)][-CONTROL_MONTHS:]
    for month, sources in net[net.index.isin(whole)].iterrows():
        yield from (
            f"  - {{source: {name}, month: {month}, net: {cents / 100:.2f}}}" for name, cents in sources.items()
        )
