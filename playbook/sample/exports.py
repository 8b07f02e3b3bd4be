"""The exports as each system writes them: its own columns, ids, date formats and words. All cells are texts.

Each export is a function of a random generator and the retailer, and gives the table that the system would write.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.sample.names import pick
from playbook.sample.records import record_of
from playbook.sample.seasons import Horizon, midnights

CHANNEL_WORDS = {
    "store": "门店", "wechat": "微信", "douyin": "抖音", "search_ads": "搜索广告", "referral": "老带新",
    "organic": "自然",
}  # fmt: skip
KIND_WORDS = {"purchase": "销售", "redemption": "销售", "return": "退货", "top_up": "充值"}
SHOP_TYPES = {"purchase": "sale", "return": "refund", "deposit": "presale_deposit"}
LEVELS = ["普通", "银卡", "金卡", "钻石"]
LEVEL_FROM = [2_000, 8_000, 30_000]  # points
TILL_PAYMENTS, WEB_PAYMENTS = ["微信", "支付宝", "银行卡", "现金"], ["wechat_pay", "alipay", "card"]


class Retailer(NamedTuple):
    """Everything true about the retailer, before anybody exports it; tables as the modules of this folder make them."""

    people: pd.DataFrame
    orders: pd.DataFrame
    records: pd.DataFrame
    lines: pd.DataFrame
    events: pd.DataFrame
    feedback: pd.DataFrame
    referrals: pd.DataFrame
    costs: pd.DataFrame
    treatments: pd.DataFrame
    horizon: Horizon


def members(rng, r: Retailer) -> pd.DataFrame:
    """The CRM's file of members: all who registered, those who never bought and the staff included."""
    records = r.records[r.records.slot == "crm"]
    people = r.people.loc[records.holder]
    spent = r.orders[r.orders.by_card & (r.orders.kind != "top_up")].groupby("holder").cents.sum()
    points = (records.holder.map(spent).fillna(0).clip(lower=0) // 100).astype("int64").to_numpy()
    registered = midnights(r.horizon, people.joined)
    # every second cashier who lends the own card is not marked as staff
    marked = people.is_internal & ~(people.lends_card & (people.lends_card.cumsum() % 2 == 0))
    table = {
        "会员编号": records.source_key,
        "会员卡号": records.card,
        "姓名": records.name,
        "性别": people.gender,
        "出生年份": people.birth_year.astype(str),
        "手机号": records.phone,
        "邮箱": records.email,
        "省份": people.region,
        "城市": people.city,
        "地址": people.address,
        "注册日期": _days(registered),
        "招募渠道": people.channel.map(CHANNEL_WORDS),
        "会员等级": np.array(LEVELS, dtype=object)[np.searchsorted(LEVEL_FROM, points, side="right")],
        "积分": points.astype(str),
        "会员类型": np.where(marked, "员工", "普通"),
        "归属门店": _stores(people.store),
        "营销授权": np.where(rng.random(len(people)) < 0.82, "是", "否"),
    }
    ago = rng.integers(3600, 86_400 * 200, len(people)).astype("timedelta64[s]")
    updated = np.maximum(np.datetime64(r.horizon.end, "s") - ago, registered + np.timedelta64(600, "s"))
    return _cells(table | {"更新时间": _times(updated)}).sort_values("会员编号", ignore_index=True)


def shop_orders(rng, r: Retailer) -> pd.DataFrame:
    """The web shop's orders; guests have the user id 0."""
    orders, record = _with_records(r, "shop")
    table = {
        "order_no": orders.order_id,
        "user_id": np.where(orders.holder < 0, "0", record["source_key"]),
        "placed_at": _times(orders["at"]),
        "type": orders.kind.map(SHOP_TYPES),
        "related_order_no": orders.related_order_id,
        "total_paid": _money(orders.cents.abs()),
        "discount": _money(orders.discount),
        "pay_method": pick(rng, WEB_PAYMENTS, len(orders)),
        "platform": orders.channel,
        "buyer_name": record["name"],
        "buyer_email": record["email"],
        "buyer_phone": record["phone"],
    }
    return _cells(table)


def shop_lines(_, r: Retailer) -> pd.DataFrame:
    """The web shop's order lines; returned pieces are negative."""
    lines = r.lines
    table = {
        "order_no": lines.order_id,
        "line_no": lines["line"].astype(str),
        "sku": lines.sku,
        "category": lines.category,
        "quantity": lines.pieces.astype(str),
        "unit_price": _money((lines.cents / lines.pieces).round().astype("int64")),
        "line_total": _money(lines.cents),
        "unit_cost": _money(lines.cost),
    }
    return _cells(table)


def receipts(rng, r: Retailer) -> pd.DataFrame:
    """The tills' receipts, ordered in time; a return is negative."""
    orders, record = _with_records(r, "pos")
    paid_by = np.where(orders.kind == "redemption", "余额", pick(rng, TILL_PAYMENTS, len(orders)))
    cashiers = zip(orders.store, rng.integers(1, 5, len(orders)), strict=True)
    table = {
        "小票号": orders.order_id,
        "交易时间": _times(orders["at"], "/"),
        "门店": _stores(orders.store),
        "收银员": [f"收银{store:02d}{number}" for store, number in cashiers],
        "交易类型": orders.kind.map(KIND_WORDS),
        "支付方式": paid_by,
        "原小票号": orders.related_order_id,
        "应收金额": _money(orders.cents + orders.discount),
        "优惠金额": _money(orders.discount),
        "实收金额": _money(orders.cents),
        "顾客号": record["source_key"],
        "会员卡号": record["card"],
        "手机号": record["phone"],
        "顾客姓名": record["name"],
    }
    return _cells(table)


def app_events(_, r: Retailer) -> pd.DataFrame:
    """The app's event log; user_id is the web shop's, and empty before login."""
    events = r.events
    table = {
        "ts": np.datetime_as_string(events["at"].to_numpy()),
        "visitor_id": events.visitor,
        "user_id": events.user,
        "session": events.session,
        "event": events.event,
        "item": events.item,
        "category": events.category,
        "os": events.device,
        "serving_cost": np.where(events.cost > 0, _money(events.cost), ""),
    }
    return _cells(table)


def feedback(_, r: Retailer) -> pd.DataFrame:
    """The service desk's answers, under member numbers."""
    answers = r.feedback
    table = {
        "会员编号": _member_keys(r, answers.person),
        "回访时间": _times(answers["at"]),
        "评分": answers.score.astype(str),
        "主题": answers.topic,
        "内容": answers.text,
    }
    return _cells(table)


def referrals(_, r: Retailer) -> pd.DataFrame:
    """The CRM's referrals, under member numbers; dates without separators."""
    table = {
        "推荐人": _member_keys(r, r.referrals.referrer),
        "被推荐人": _member_keys(r, r.referrals.referee),
        "推荐日期": _days(midnights(r.horizon, r.referrals.day), ""),
    }
    return _cells(table)


def treatments(_, r: Retailer) -> pd.DataFrame:
    """The marketing department's campaigns, under member numbers."""
    sent = r.treatments.sort_values(["day", "campaign", "person"])
    table = {
        "campaign": sent.campaign,
        "member": _member_keys(r, sent.person),
        "arm": sent.arm,
        "sent_on": _days(midnights(r.horizon, sent.day)),
        "channel": sent.channel,
        "cost_yuan": [f"{cost:.2f}" for cost in sent.cost],
    }
    return _cells(table)


def costs(_, r: Retailer) -> pd.DataFrame:
    """Finance's acquisition costs per month and channel."""
    month = r.costs.month.dt.start_time.dt.strftime("%Y-%m-%d")
    return _cells({"month": month, "channel": r.costs.channel, "spend": _money(r.costs.cents)})


def _with_records(r, source):
    """The orders of a source and, for each, the record it was booked on; empty texts where there is none."""
    orders = r.orders[r.orders.source == source]
    row = record_of(orders, r.records)
    fields = ("source_key", "name", "phone", "email", "card")
    return orders, {name: np.where(row < 0, "", r.records[name].to_numpy(dtype=object)[row]) for name in fields}


def _member_keys(r, persons):
    return persons.map(r.records[r.records.slot == "crm"].set_index("holder").source_key)


def _cells(table):
    return pd.DataFrame({name: np.asarray(values, dtype=object) for name, values in table.items()}, dtype=object)


def _money(cents):
    return np.array([f"{amount / 100:.2f}" for amount in cents.tolist()], dtype=object)


def _times(moments, separator="-"):
    texts = np.datetime_as_string(np.asarray(moments, dtype="datetime64[s]")).tolist()
    return [text.replace("T", " ").replace("-", separator) for text in texts]


def _days(moments, separator="-"):
    return [text.split(" ")[0] for text in _times(moments, separator)]


def _stores(numbers):
    return [f"{number:02d}号店" for number in numbers]
