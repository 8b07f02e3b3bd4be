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


MEMBERS = File("members", "crm/members.csv", "gb18030", "\r\n")
SHOP_ORDERS = File("shop_orders", "shop/orders.csv")
SHOP_LINES = File("shop_lines", "shop/order_lines.csv")
RECEIPTS = File("receipts", "pos/receipts_{year}.csv", "utf-8-sig", "\r\n")
APP_EVENTS = File("app_events", "app/events.csv")
FEEDBACK = File("feedback", "service/feedback.csv", "utf-8-sig", "\r\n")
REFERRALS = File("referrals", "crm/referrals.csv", "utf-8-sig", "\r\n")
TREATMENTS = File("treatments", "marketing/campaigns.csv")
COSTS = File("costs", "finance/acquisition_costs.csv")


def write_exports(rng, folder: Path, r: Retailer) -> list[str]:
    """Write every export, `sources.yml` and `truth/dirt.json`; the order ids whose rows no reader can use."""
    dirt, lost = {}, []
    dirt |= _write(rng, folder, MEMBERS, *_with_older_versions(rng, exports.members(rng, r)))
    for file, source, write in ((SHOP_ORDERS, "shop", _write_shop_orders), (RECEIPTS, "pos", _write_receipts)):
        counts, marks = write(rng, folder, r)
        dirt |= counts
        lost += _lost(r.orders[r.orders.source == source], marks)
    for file, make in _OTHERS.items():
        dirt |= _write(rng, folder, file, make(r))
    _write_text(folder / "truth" / "dirt.json", json.dumps(dirt, ensure_ascii=False, indent=1, sort_keys=True))
    _write_text(folder / "sources.yml", _declaration(r))
    return lost


_OTHERS = {
    SHOP_LINES: exports.shop_lines,
    APP_EVENTS: exports.app_events,
    FEEDBACK: exports.feedback,
    REFERRALS: exports.referrals,
    TREATMENTS: exports.treatments,
    COSTS: exports.costs,
}
