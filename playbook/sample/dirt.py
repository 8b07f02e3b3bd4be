"""The dirt in the exports: which kinds, in which columns, at which rates."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.sample.spoilers import SPOILERS

KINDS = {
    "duplicate": "the whole row once more, right below",
    "ragged": "a row with a cell too few or too many",
    "untypable_amount": "a word where an amount belongs",
    "impossible_date": "a day that never was, a sentinel, or a year mistyped",
    "missing_key": "a customer's key left empty",
    "missing_order": "an order's number left empty",
    "older_version": "an earlier state of the same record; its time of change says so",
    "test_order": "an order that somebody placed to try the shop",
    "overlap": "a row that the export before this one holds as well",
    "later": "a row after the last day of the web shop",
    "money_format": "an amount with its currency sign and commas: ¥1,234.50",
    "full_width": "full-width digits",
    "padded_id": "spaces or zero-width characters around an id",
    "date_format": "a date in one of the other formats that have one reading only",
    "phone_format": "a phone with country code, spaces or dashes",
    "placeholder_phone": "a placeholder typed where the phone is unknown",
    "email_case": "an e-mail in capitals",
    "name_spaces": "a name with spaces in it, before or after",
    "text_na": "the word NA or null as text",
    "formula": "a text that a spreadsheet would run",
}
LOSES_ORDER = ("untypable_amount", "impossible_date", "missing_order")  # in a file of orders: what no reader can repair


class Stain(NamedTuple):
    """One kind of dirt in one column ('*': whole rows), as a share of the cells that could carry it."""

    file: str
    column: str
    kind: str
    rate: float


OLDER_VERSIONS, TEST_ORDERS = 0.008, 0.001  # shares of the members and of the web shop's orders
STAINS = (
    Stain("members", "*", "duplicate", 0.002),
    Stain("members", "会员编号", "missing_key", 0.001),
    Stain("members", "注册日期", "impossible_date", 0.004),
    Stain("members", "积分", "untypable_amount", 0.003),
    Stain("members", "城市", "text_na", 0.004),
    Stain("members", "会员编号", "padded_id", 0.01),
    Stain("members", "会员卡号", "padded_id", 0.01),
    Stain("members", "注册日期", "date_format", 0.2),
    Stain("members", "手机号", "placeholder_phone", 0.5),
    Stain("members", "手机号", "phone_format", 0.12),
    Stain("members", "手机号", "full_width", 0.02),
    Stain("members", "邮箱", "email_case", 0.08),
    Stain("members", "姓名", "name_spaces", 0.04),
    Stain("shop_orders", "*", "duplicate", 0.002),
    Stain("shop_orders", "total_paid", "untypable_amount", 0.0015),
    Stain("shop_orders", "placed_at", "impossible_date", 0.0015),
    Stain("shop_orders", "order_no", "missing_order", 0.0005),
    Stain("shop_orders", "user_id", "missing_key", 0.001),
    Stain("shop_orders", "total_paid", "money_format", 0.02),
    Stain("shop_orders", "total_paid", "full_width", 0.01),
    Stain("shop_orders", "order_no", "padded_id", 0.005),
    Stain("shop_orders", "user_id", "padded_id", 0.005),
    Stain("shop_orders", "placed_at", "date_format", 0.03),
    Stain("shop_orders", "buyer_email", "email_case", 0.1),
    Stain("shop_orders", "buyer_phone", "phone_format", 0.1),
    Stain("shop_orders", "buyer_name", "name_spaces", 0.03),
    Stain("shop_lines", "*", "duplicate", 0.001),
    Stain("shop_lines", "line_total", "untypable_amount", 0.0005),
    Stain("shop_lines", "order_no", "missing_order", 0.0005),
    Stain("shop_lines", "order_no", "padded_id", 0.003),
    Stain("shop_lines", "quantity", "full_width", 0.005),
    Stain("shop_lines", "category", "text_na", 0.002),
    Stain("receipts", "*", "duplicate", 0.002),
    Stain("receipts", "实收金额", "untypable_amount", 0.0015),
    Stain("receipts", "交易时间", "impossible_date", 0.0015),
    Stain("receipts", "小票号", "missing_order", 0.0005),
    Stain("receipts", "顾客号", "missing_key", 0.001),
    Stain("receipts", "实收金额", "money_format", 0.02),
    Stain("receipts", "实收金额", "full_width", 0.01),
    Stain("receipts", "小票号", "padded_id", 0.005),
    Stain("receipts", "会员卡号", "padded_id", 0.01),
    Stain("receipts", "交易时间", "date_format", 0.03),
    Stain("receipts", "手机号", "placeholder_phone", 0.02),
    Stain("receipts", "手机号", "phone_format", 0.12),
    Stain("receipts", "顾客姓名", "name_spaces", 0.03),
    Stain("app_events", "*", "duplicate", 0.001),
    Stain("app_events", "*", "ragged", 0.0005),
    Stain("app_events", "ts", "impossible_date", 0.0005),
    Stain("app_events", "user_id", "padded_id", 0.002),
    Stain("feedback", "*", "ragged", 0.01),
    Stain("feedback", "会员编号", "missing_key", 0.005),
    Stain("feedback", "评分", "full_width", 0.03),
    Stain("feedback", "内容", "text_na", 0.01),
    Stain("feedback", "内容", "formula", 0.005),
    Stain("referrals", "被推荐人", "missing_key", 0.01),
    Stain("treatments", "member", "padded_id", 0.005),
    Stain("costs", "spend", "money_format", 0.1),
)


def soil(rng, file: str, clean: pd.DataFrame, spared) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The export with its stains, and (row, column, kind) of each; a row has one stain at most, `spared` rows none.

    Rows are labelled with their position in the clean export: a duplicate repeats the label.
    """
    free, dirty, marks = ~np.asarray(spared), clean.reset_index(drop=True), []
    for stain in (stain for stain in STAINS if stain.file == file):
        rows = _chosen(rng, clean, stain, free)
        free[rows] = False
        marks.append(pd.DataFrame({"row": rows, "column": stain.column, "kind": stain.kind}))
        if stain.column != "*":
            column = dirty.columns.get_loc(stain.column)
            dirty.iloc[rows, column] = SPOILERS[stain.kind](rng, clean.iloc[rows, column].to_numpy(dtype=object))
    marks = pd.concat(marks, ignore_index=True)
    return _repeated(dirty, marks), marks


def _chosen(rng, clean, stain, free):
    could = _carriers(clean, stain)
    wanted = max(1, round(stain.rate * could.sum()))
    return np.sort(rng.permutation(np.flatnonzero(could & free))[:wanted])


def _carriers(clean, stain):
    """Placeholders go where nothing is known, whole-row dirt anywhere, everything else where something stands."""
    if stain.column == "*":
        return np.ones(len(clean), dtype=bool)
    return ((clean[stain.column] == "") == (stain.kind == "placeholder_phone")).to_numpy()


def _repeated(dirty, marks):
    copies = np.ones(len(dirty), dtype=int)
    copies[marks.row[marks.kind == "duplicate"]] = 2
    return dirty.iloc[np.repeat(np.arange(len(dirty)), copies)]
