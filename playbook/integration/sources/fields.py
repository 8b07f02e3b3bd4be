"""What a mapping may name in each standard table: the columns, how each is typed, which must not be empty."""

from collections.abc import Iterable
from typing import NamedTuple

from playbook.tables.schema import COUNT, DAY, FLAG, MONEY, REAL, SOURCE_TABLES, TIME

TABLES = (
    "customers", "orders", "order_lines", "events", "feedback", "referrals", "contracts", "treatments", "costs"
)  # fmt: skip

#: What recognises a person across systems. Names, phones and e-mails are personal data.
IDENTIFIERS = {
    "name": "name", "phone": "phone", "email": "email", "member_card": "id", "openid": "id", "unionid": "id",
    "credit_code": "credit_code",
}  # fmt: skip

#: What two records of people are compared by, beside the identifiers and the columns of the standard table.
COMPARED = {"birth_date": "day", "postcode": "postcode", "company": "text", "id_number": "id"}

_HOLDER = {"customer_key": "id"} | IDENTIFIERS
_KINDS = {MONEY: "money", TIME: "time", DAY: "day", COUNT: "whole", REAL: "real", FLAG: "flag"}
_OTHER_KINDS = {"birth_year": "year", "month": "month", "region": "region", "gender": "gender"}
_MADE_HERE = {"customer_id", "event_no", "answer_no", "source", "is_internal", "referrer_id", "referee_id", "consent"}
_ADDED = {
    "customers": _HOLDER | COMPARED | {"address": "text", "suppressed": "flag"},
    "orders": _HOLDER,
    "order_lines": _HOLDER
    | {"ordered_at": "time", "kind": "kind", "discount": "money", "channel": "text", "store": "text"}
    | {"related_order_id": "id"},
    "events": _HOLDER,
    "feedback": _HOLDER,
    "contracts": _HOLDER,
    "treatments": _HOLDER,
    "referrals": {"referrer_key": "id", "referee_key": "id"},
    "costs": {},
}

#: Without these columns a file cannot be this table; a row that lacks one of them is of no use.
REQUIRED = {
    "customers": ("customer_key",),
    "orders": ("ordered_at",),
    "order_lines": ("order_id",),
    "events": ("occurred_at", "event"),
    "feedback": ("answered_at",),
    "referrals": ("referrer_key", "referee_key", "referred_at"),
    "contracts": ("contract_id", "started_on"),
    "treatments": ("campaign_id", "customer_key", "arm", "treated_at"),
    "costs": ("month", "channel", "kind", "amount"),
}

#: Columns that need not be mapped, but where they are, a row without a value is of no use.
REQUIRED_WHERE_MAPPED = {"orders": ("order_id", "amount", "kind"), "order_lines": ("ordered_at",)}

#: The day a row belongs to: it is `future_dated` where that lies after the as-of date.
DAY_OF = {
    "customers": "registered_on",
    "orders": "ordered_at",
    "order_lines": "ordered_at",
    "events": "occurred_at",
    "feedback": "answered_at",
    "referrals": "referred_at",
    "contracts": "started_on",
    "treatments": "treated_at",
    "costs": "month",
}

#: What identifies a record of the source. Where a part is not mapped, its content and its occurrence do.
KEY_OF = {
    "customers": ("customer_key",),
    "orders": ("order_id",),
    "order_lines": ("order_id", "line"),
    "contracts": ("contract_id", "started_on"),
    "treatments": ("campaign_id", "customer_key"),
}

#: What every staged row carries beside the columns of its table; see `staging`.
STAGED = {
    "file_no": "INTEGER", "row_no": "BIGINT", "same": "UBIGINT", "excluded": "VARCHAR", "problem": "VARCHAR",
    "repair": "VARCHAR", "is_fatal": "BOOLEAN", "internal": "BOOLEAN", "holder": "VARCHAR", "record_key": "VARCHAR",
    "content": "UBIGINT", "duplicate_key": "UBIGINT", "day": "DATE", "updated_at": "TIMESTAMP",
}  # fmt: skip


class Field(NamedTuple):
    """One column that may be mapped: the kind of value it holds."""

    name: str
    kind: str


def fields(table: str, mapped: Iterable[str] = (), attributes: Iterable[str] = ()) -> dict[str, Field]:
    """All that a file of this table may map, by name; a file of customers names its consents and attributes."""
    own = {c.name: _kind(c.name, c.type, table) for c in SOURCE_TABLES[table].columns if c.name not in _MADE_HERE}
    consents = {name: "flag" for name in mapped if table == "customers" and name.startswith("consent_")}
    kinds = own | _ADDED[table] | consents | dict.fromkeys(attributes, "text")
    return {name: Field(name, kind) for name, kind in kinds.items()}


def required(table: str, mapped: tuple[str, ...]) -> set[str]:
    """The columns whose value a row of this file may not lack."""
    wanted = set(REQUIRED[table]) | {name for name in REQUIRED_WHERE_MAPPED.get(table, ()) if name in mapped}
    carries_orders = table == "order_lines" and "ordered_at" in mapped
    return wanted | ({"amount"} & set(mapped) if carries_orders else set())


def _kind(name: str, type_: str, table: str) -> str:
    if name == "kind" and table == "orders":
        return "kind"
    if name in _OTHER_KINDS:
        return _OTHER_KINDS[name]
    if type_.startswith("DECIMAL") and type_ != MONEY:
        return "quantity" if type_.endswith("3)") else "price"
    return _KINDS.get(type_) or ("id" if name.endswith("_id") else "text")
