"""The exports as each system writes them: its own columns, ids, date formats and words. All cells are texts."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.sample.records import record_of
from playbook.sample.seasons import Horizon, stamps

CHANNEL_WORDS = {
    "store": "门店",
    "wechat": "微信",
    "douyin": "抖音",
    "search_ads": "搜索广告",
    "referral": "老带新",
    "organic": "自然",
}
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
    points = _points(r, records.holder)
    registered = _moment(r, people.joined)
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
        "会员类型": np.where(_marked(people), "员工", "普通"),
        "归属门店": _stores(people.store),
        "营销授权": np.where(rng.random(len(people)) < 0.82, "是", "否"),
        "更新时间": _times(_updated(rng, r, registered)),
    }
    return _cells(table).sort_values("会员编号", ignore_index=True)


def shop_orders(rng, r: Retailer) -> pd.DataFrame:
    """The web shop's orders; guests have the user id 0."""
    orders, record = _kept(r, "shop")
    table = {
        "order_no": orders.order_id,
        "user_id": np.where(orders.holder < 0, "0", record["source_key"]),
        "placed_at": _times(orders["at"]),
        "type": orders.kind.map(SHOP_TYPES),
        "related_order_no": orders.related_order_id,
        "total_paid": money(orders.cents.abs()),
        "discount": money(orders.discount),
        "pay_method": _any_of(rng, WEB_PAYMENTS, len(orders)),
        "platform": orders.channel,
        "buyer_name": record["name"],
        "buyer_email": record["email"],
        "buyer_phone": record["phone"],
    }
    return _cells(table)


def shop_lines(r: Retailer) -> pd.DataFrame:
    """The web shop's order lines; returned pieces are negative."""
    lines = r.lines
    table = {
        "order_no": lines.order_id,
        "line_no": lines["line"].astype(str),
        "sku": lines.sku,
        "category": lines.category,
        "quantity": lines.pieces.astype(str),
        "unit_price": money((lines.cents / lines.pieces).round().astype("int64")),
        "line_total": money(lines.cents),
        "unit_cost": money(lines.cost),
    }
    return _cells(table)


def receipts(rng, r: Retailer) -> pd.DataFrame:
    """The tills' receipts, ordered in time; a return is negative."""
    orders, record = _kept(r, "pos")
    balance, paid = orders.kind == "redemption", _any_of(rng, TILL_PAYMENTS, len(orders))
    table = {
        "小票号": orders.order_id,
        "交易时间": _times(orders["at"], "/"),
        "门店": _stores(orders.store),
        "收银员": [
            f"收银{store:02d}{turn}" for store, turn in zip(orders.store, rng.integers(1, 5, len(orders)), strict=True)
        ],
        "交易类型": orders.kind.map(KIND_WORDS),
        "支付方式": np.where(balance, "余额", paid),
        "原小票号": orders.related_order_id,
        "应收金额": money(orders.cents + orders.discount),
        "优惠金额": money(orders.discount),
        "实收金额": money(orders.cents),
        "顾客号": record["source_key"],
        "会员卡号": record["card"],
        "手机号": record["phone"],
        "顾客姓名": record["name"],
    }
    return _cells(table)


def app_events(r: Retailer) -> pd.DataFrame:
    """The app's event log; user_id is the web shop's, and empty before login."""
    events = r.events
    table = {
        "ts": np.datetime_as_string(events["at"].to_numpy()).astype(object),
        "visitor_id": events.visitor,
        "user_id": events.user,
        "session": events.session,
        "event": events.event,
        "item": events.item,
        "category": events.category,
        "os": events.device,
        "serving_cost": np.where(events.cost > 0, money(events.cost), ""),
    }
    return _cells(table)


def feedback(r: Retailer) -> pd.DataFrame:
    """The service desk's answers, under member numbers."""
    answers = r.feedback
    keys = _member_keys(r, answers.person)
    table = {
        "会员编号": keys,
        "回访时间": _times(answers["at"]),
        "评分": answers.score.astype(str),
        "主题": answers.topic,
        "内容": answers.text,
    }
    return _cells(table)


def referrals(r: Retailer) -> pd.DataFrame:
    """The CRM's referrals, under member numbers; dates without separators."""
    pairs = r.referrals
    day = _days(_moment(r, pairs.day), "")
    return _cells(
        {"推荐人": _member_keys(r, pairs.referrer), "被推荐人": _member_keys(r, pairs.referee), "推荐日期": day}
    )


def treatments(r: Retailer) -> pd.DataFrame:
    """The marketing department's campaigns, under member numbers."""
    sent = r.treatments.sort_values(["day", "campaign", "person"])
    day = _days(_moment(r, sent.day))
    table = {"campaign": sent.campaign, "member": _member_keys(r, sent.person), "arm": sent.arm, "sent_on": day}
    return _cells(table | {"channel": sent.channel, "cost_yuan": [f"{cost:.2f}" for cost in sent.cost]})


def costs(r: Retailer) -> pd.DataFrame:
    """Finance's acquisition costs per month and channel."""
    month = r.costs.month.dt.start_time.dt.strftime("%Y-%m-%d")
    return _cells({"month": month, "channel": r.costs.channel, "spend": money(r.costs.cents)})


def money(cents) -> np.ndarray:
    """Cents as texts of yuan with two decimals."""
    return np.array([f"{amount / 100:.2f}" for amount in np.asarray(cents).tolist()], dtype=object)


def _cells(table):
    return pd.DataFrame({name: np.asarray(values, dtype=object) for name, values in table.items()}, dtype=object)


def _kept(r, source):
    """The orders of a source and, for each, the record it was booked on; empty texts where there is none."""
    orders = r.orders[r.orders.source == source]
    row = record_of(orders, r.records)
    fields = ("source_key", "name", "phone", "email", "card")
    return orders, {name: np.where(row < 0, "", r.records[name].to_numpy(dtype=object)[row]) for name in fields}


def _member_keys(r, persons):
    members = r.records[r.records.slot == "crm"].set_index("holder").source_key
    return persons.map(members).to_numpy(dtype=object)


def _points(r, holders):
    spent = r.orders[r.orders.by_card & (r.orders.kind != "top_up")].groupby("holder").cents.sum()
    return (holders.map(spent).fillna(0).clip(lower=0) // 100).astype("int64").to_numpy()


def _marked(people):
    """Staff are marked, but every second cashier who lends the own card has an ordinary one."""
    return people.is_internal & ~(people.lends_card & (people.lends_card.cumsum() % 2 == 0))


def _updated(rng, r, registered):
    last = np.datetime64(r.horizon.end, "s") - rng.integers(3600, 86_400 * 200, len(registered)).astype(
        "timedelta64[s]"
    )
    return np.maximum(last, registered + np.timedelta64(600, "s"))


def _moment(r, days):
    return stamps(r.horizon, np.floor(days) * 86_400)


def _times(moments, separator="-"):
    texts = np.datetime_as_string(np.asarray(moments, dtype="datetime64[s]")).tolist()
    return [text.replace("T", " ").replace("-", separator) for text in texts]


def _days(moments, separator="-"):
    return [text[:10].strip() for text in _times(moments, separator)] if separator else _compact(moments)


def _compact(moments):
    return [text[:10].replace("-", "") for text in _times(moments)]


def _stores(numbers):
    return [f"{number:02d}号店" for number in numbers]


def _any_of(rng, values, count):
    return np.array(values, dtype=object)[rng.integers(0, len(values), count)]
