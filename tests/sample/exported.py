"""What is to be seen in the sample's files, read independently of how they were made."""

import csv
import io
import re
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pandas as pd

from playbook.sample.dirt import STAINS

PATHS = {
    "members": "crm/members.csv",
    "referrals": "crm/referrals.csv",
    "shop_orders": "shop/orders.csv",
    "shop_lines": "shop/order_lines.csv",
    "receipts": "pos/receipts_*.csv",
    "app_events": "app/events.csv",
    "feedback": "service/feedback.csv",
    "treatments": "marketing/campaigns.csv",
    "costs": "finance/acquisition_costs.csv",
}
PLACEHOLDER = "13800138000"
LOOKS = {  # how each kind is recognised in a cell, independently of how it was made
    "untypable_amount": r"免单|n/a|待定",
    "impossible_date": r"2025.02.30.*|1900.01.01.*|2608.*",
    "money_format": r"¥[\d,]+\.\d\d|¥-[\d,]+\.\d\d",
    "full_width": r".*[０-９].*",
    "padded_id": r"\s.*|.*\s|.*\u200b.*",
    "phone_format": r"(\+86 |0086)\d{11}|\d{3}[- ]\d{4}[- ]\d{4}",
    "placeholder_phone": PLACEHOLDER,
    "email_case": r".*[A-Z].*",
    "name_spaces": r".*\s|.*\s\s.*|[^a-z]+\s[^a-z]+",
    "text_na": r"NA|null",
    "formula": r"[=@].*",
}
DATES = {"注册日期": r"\d{4}-\d\d-\d\d", "placed_at": r"\d{4}-\d\d-\d\d .*", "交易时间": r"\d{4}/\d\d/\d\d .*"}


def table_of(path):
    encoding = "gb18030" if path.name == "members.csv" else "utf-8-sig"
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def rows_of(path):
    header, *rows = table_of(path)
    return [dict(zip(header, row, strict=False)) for row in rows]


def dirt_in(folder, path):
    """Counts of each kind of dirt that is there to be seen in one file."""
    header, *rows = table_of(folder / path)
    file = next(name for name, pattern in PATHS.items() if Path(path).match(pattern))
    counts = Counter(ragged=sum(len(row) != len(header) for row in rows))
    counts["duplicate"] = sum(before == row for before, row in pairwise(rows))
    distinct = [row for before, row in pairwise([None, *rows]) if row != before and len(row) == len(header)]
    for column, kind in {(stain.column, stain.kind) for stain in STAINS if stain.file == file and stain.column != "*"}:
        counts[kind] += sum(_shows(kind, column, dict(zip(header, row, strict=False))) for row in distinct)
    counts += _beside(folder, path, distinct)
    return dict(sorted((kind, count) for kind, count in counts.items() if count))


def _shows(kind, column, row):
    value = row[column]
    if kind in ("missing_key", "missing_order"):
        return value == "" and (column != "顾客号" or _somebody(row))
    if kind == "date_format":
        return not re.fullmatch(DATES[column], value)
    return bool(re.fullmatch(LOOKS[kind], value, re.DOTALL))


def _somebody(row):
    """Whether a receipt knows its buyer by anything else than the customer's number."""
    return any(row[name] not in ("", PLACEHOLDER) for name in ("会员卡号", "手机号", "顾客姓名"))


def _beside(folder, path, rows):
    """Rows planted beside the true ones: trials, older states, what two files hold, what came after the last day."""
    if path == PATHS["members"]:
        return Counter(older_version=len(rows) - len({tidy(row[1]) for row in rows}))
    if path == PATHS["shop_orders"]:
        return Counter(test_order=sum(row[0].startswith("TEST") for row in rows))
    if not Path(path).match(PATHS["receipts"]):
        return Counter()
    before = folder / f"pos/receipts_{int(path[-8:-4]) - 1}.csv"
    rows_before = {tuple(row) for row in table_of(before)} if before.exists() else set()
    later = sum(row[1].startswith("2026/07") for row in rows)
    return Counter(overlap=sum(tuple(row) in rows_before for row in rows), later=later)


def carriers(folder, stain):
    """Cells that could carry the dirt: all rows, known cells, or (placeholders) unknown ones."""
    rows = [row for path in sorted(folder.glob(PATHS[stain.file])) for row in rows_of(path)]
    if stain.column == "*":
        return len(rows)
    unknown = sum(row.get(stain.column, "") in ("", PLACEHOLDER) for row in rows)
    return unknown if stain.kind == "placeholder_phone" else len(rows) - unknown


_SHOP, _TILL = ("order_no", "user_id", "placed_at", "total_paid"), ("小票号", "顾客号", "交易时间", "实收金额")


def _exported_orders(folder):
    """Order id, customer key, time and amount of each exported order, as they stand there."""
    for path in [folder / PATHS["shop_orders"], *sorted(folder.glob(PATHS["receipts"]))]:
        for row in rows_of(path):
            yield [row[column] for column in (_SHOP if path.parent.name == "shop" else _TILL)]


def exported_amounts(folder):
    """Amount by order id, of the rows that can be read."""
    orders = ((tidy(key), cents(paid), placed) for key, _, placed, paid in _exported_orders(folder))
    usable = ((key, paid) for key, paid, placed in orders if not re.fullmatch(LOOKS["impossible_date"], placed))
    return {key: paid / 100 for key, paid in usable if key and paid is not None}


def exported_keys(folder):
    """The record each order was booked on, by order id; orders of nobody known left out."""
    rows = [(tidy(key), tidy(user)) for key, user, _, _ in _exported_orders(folder)]
    table = pd.DataFrame(rows, columns=["order_id", "key"]).drop_duplicates("order_id").set_index("order_id")
    return table[~table.key.isin(["", "0"])]


def tidy(text):
    return unicodedata.normalize("NFKC", text).replace("\u200b", "").strip()


def cents(text):
    try:
        return round(100 * float(re.sub("[¥,]", "", tidy(text))))
    except ValueError:
        return None
