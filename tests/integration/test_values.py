"""Every way to write a value, and what becomes of it: a value, a reason, or a question."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from playbook.integration.types import texts
from playbook.integration.types.field_types import DayFormat, field_type
from playbook.tables.engine import Engine, quoted

COLUMNS = {name: name for name in ("raw", "stripped", "prepared", "parsed")}


@pytest.fixture(scope="module")
def con():
    engine = Engine(threads=1)
    texts.define(engine.con)
    return engine.con


def typed(con, name, text, **options):
    """The value of a text, or the code of why it has none."""
    kind = field_type(name, **options)
    steps = f"(select {quoted(text)} as raw)"
    for column, sql in (("stripped", "half_width({raw})"), ("prepared", kind.prepared), ("parsed", kind.parsed)):
        steps = f"(select *, {sql.format(**COLUMNS)} as {column} from {steps})"
    steps = f"(select *, {kind.typed.format(**COLUMNS)} as typed from {steps})"
    reason = f"case when prepared is not null and typed is null then {kind.reason.format(**COLUMNS)} end"
    value, code = con.execute(f"select typed, {reason} from {steps}").fetchall()[0]
    return code or value


SHANGHAI = DayFormat(zone="Asia/Shanghai")
DISPOSITIONS = [
    ("money", "1234.5", Decimal("1234.50")),
    ("money", "¥1,234.50", Decimal("1234.50")),
    ("money", "￥ 12元", Decimal("12.00")),
    ("money", "１，２３４.５", Decimal("1234.50")),
    ("money", "(120)", Decimal("-120.00")),
    ("money", "120-", Decimal("-120.00")),
    ("money", "1.2万", Decimal("12000.00")),
    ("money", "3亿", Decimal("300000000.00")),
    ("money", "2.345", Decimal("2.35")),
    ("money", "-2.345", Decimal("-2.35")),
    ("money", "1e5", Decimal("100000.00")),
    ("money", "NA", None),
    ("money", "-", None),
    ("money", "1.234,50", "not_a_number"),
    ("money", "12 34", "not_a_number"),
    ("money", "1_000", "not_a_number"),
    ("money", "免单", "not_a_number"),
    ("money", "nan", "not_a_number"),
    ("money", "inf", "not_a_number"),
    ("money", "#N/A", "spreadsheet_error"),
    ("money", "=A1*2", "formula"),
    ("money", "99999999999999999999", "overflow"),
    ("whole", "12.0", 12),
    ("whole", "1.5", "not_a_whole_number"),
    ("year", "1980", 1980),
    ("year", "980", "implausible_year"),
    ("quantity", "1.5", Decimal("1.500")),
    ("real", "４.５", 4.5),
    ("time", "2025-03-04", datetime(2025, 3, 4)),
    ("time", "2025-03-04T11:05:09", datetime(2025, 3, 4, 11, 5, 9)),
    ("time", "2025/3/4 11:05", datetime(2025, 3, 4, 11, 5)),
    ("time", "2025.3.4", datetime(2025, 3, 4)),
    ("time", "2025年3月4日", datetime(2025, 3, 4)),
    ("time", "2025年3月4日下午3时05分", datetime(2025, 3, 4, 15, 5)),
    ("time", "20250304", datetime(2025, 3, 4)),
    ("time", "20250304110509", datetime(2025, 3, 4, 11, 5, 9)),
    ("time", "２０２５-03-04", datetime(2025, 3, 4)),
    ("time", "45720.5", datetime(2025, 3, 4, 12)),
    ("time", "03/04/2025 11:05 PM", datetime(2025, 4, 3, 23, 5)),
    ("time", "", None),
    ("time", "NULL", None),
    ("time", "2025-02-30", "impossible_date"),
    ("time", "2025/13/01", "impossible_date"),
    ("time", "31/02/2025", "impossible_date"),
    ("time", "1900-01-01", "sentinel_date"),
    ("time", "9999-12-31", "sentinel_date"),
    ("time", "1970-01-01", "sentinel_date"),
    ("time", "2608-05-17", "implausible_year"),
    ("time", "soon", "not_a_date"),
    ("time", "12345", "not_a_date"),
    ("day", "2025-03-04 23:59:59", date(2025, 3, 4)),
    ("month", "2025-03", date(2025, 3, 1)),
    ("month", "2025年3月", date(2025, 3, 1)),
    ("month", "2025-03-17", date(2025, 3, 1)),
    ("id", "00123", "00123"),
    ("id", "123.0", "123"),
    ("id", " １2\u200b3 ", "123"),
    ("id", "1e5", "1e5"),
    ("id", "NA", None),
    ("id", "1.38E+10", "scientific_id"),
    ("phone", "+86 139-1234-5678", "13912345678"),
    ("phone", "００86 13912345678", "13912345678"),
    ("phone", "13912345678.0", "13912345678"),
    ("phone", "1.39E+10", "scientific_id"),
    ("phone", "12", "not_a_phone"),
    ("email", " Li.Na@Example.COM", "li.na@example.com"),
    ("email", "li.na", "not_an_email"),
    ("name", " 李　娜", "李娜"),
    ("name", "Mr. John  Smith", "john smith"),
    ("name", "李先生", "李"),
    ("name", "李**", None),
    ("flag", "是", True),
    ("flag", "N", False),
    ("flag", "maybe", "not_a_yes_or_no"),
    ("kind", "gift", "unknown_kind"),
    ("text", "NA", "NA"),
    ("text", "=1+1", "=1+1"),
    ("text", "　", None),
]


@pytest.mark.parametrize(("name", "text", "expected"), DISPOSITIONS, ids=lambda value: str(value))
def test_a_text_becomes_its_value_or_the_reason_why_not(con, name, text, expected):
    assert typed(con, name, text) == expected


def test_day_and_month_change_places_where_the_file_says_so(con):
    assert typed(con, "day", "03/04/2025", day=DayFormat(order="mdy")) == date(2025, 3, 4)


def test_a_time_that_names_its_zone_is_told_in_the_zone_of_the_business(con):
    assert typed(con, "time", "2025-03-04T23:30:00Z", day=SHANGHAI) == datetime(2025, 3, 5, 7, 30)
