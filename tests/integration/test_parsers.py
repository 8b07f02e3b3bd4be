"""Any text at all: a day, an amount, a phone, a header is read as what it says, or set aside with a reason.

PLAYBOOK_EXAMPLES says how many texts each property is tried on (10,000 by hand, fewer otherwise).
"""

import csv
import os
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbook.integration.readers import delimited, encoding
from playbook.integration.types import texts
from playbook.integration.types.expressions import ExpressionError, Header
from playbook.integration.types.field_types import DayFormat, field_type
from playbook.integration.types.texts import folded
from playbook.tables.engine import Engine, quoted

COLUMNS = {name: name for name in ("raw", "stripped", "prepared", "parsed")}
EXAMPLES = settings(
    max_examples=int(os.environ.get("PLAYBOOK_EXAMPLES", 60)),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
WRITTEN = st.text(st.sampled_from("0123456789.,-+()¥$万亿元 eE/:年月日T#=N/Aa\u3000\u200b（）％"), max_size=24)
ANYTHING = WRITTEN | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
ENGINE = Engine(threads=1)
texts.define(ENGINE.con)


def query(name: str, **options) -> str:
    kind = field_type(name, **options)
    steps = "(select $1::varchar as raw)"
    for column, sql in (("stripped", "half_width({raw})"), ("prepared", kind.prepared), ("parsed", kind.parsed)):
        steps = f"(select *, {sql.format(**COLUMNS)} as {column} from {steps})"
    value, reason = kind.typed.format(**COLUMNS), kind.reason.format(**COLUMNS)
    return (
        f"select prepared, {value}, case when prepared is not null and {value} is null then {reason} end from {steps}"
    )


QUERIES = {name: query(name) for name in ("money", "time", "phone", "id")}
QUERIES["epoch"] = query("time", day=DayFormat(zone="Asia/Shanghai", epoch="milliseconds"))
QUERIES["mixed"] = query("time", day=DayFormat(order="mdy", is_mixed=True))


for each, sql in QUERIES.items():
    ENGINE.con.execute(f"prepare read_{each} as {sql}")


def said(name: str, text: str) -> tuple:
    """What a text gives: the text prepared, the value, the reason why there is none."""
    return ENGINE.con.execute(f"execute read_{name}({quoted(text)})").fetchall()[0]


def pieces(amount: Decimal) -> str:
    return f"{amount:,.2f}"


STYLES = {
    "plain": str,
    "thousands": pieces,
    "signed": lambda amount: f"¥{pieces(amount)}",
    "worded": lambda amount: f"{amount} 元",
    "full width": lambda amount: pieces(amount).translate(FULL_WIDTH),
    "bookkeeper": lambda amount: f"({pieces(-amount)})" if amount < 0 else pieces(amount),
}
FORMS = (
    "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0.year}/{0.month}/{0.day}", "{0.year}年{0.month}月{0.day}日", "{0:%Y%m%d}",
    "{0:%d/%m/%Y}", "{0.year}.{0.month}.{0.day}", " {0:%Y-%m-%d}\u3000", "{0:%Y-%m-%d} 00:00:00",
)  # fmt: skip
SENTINELS = {date(1753, 1, 1), date(1970, 1, 1), date(1900, 1, 1)}


@EXAMPLES
@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from(sorted(STYLES)))
def test_an_amount_is_read_back_however_it_is_written(amount, style):
    assert said("money", STYLES[style](amount))[1:] == (amount, None)


@EXAMPLES
@given(st.dates(date(1950, 1, 1), date(2150, 12, 31)).filter(lambda day: day not in SENTINELS), st.sampled_from(FORMS))
def test_a_day_is_read_back_however_it_is_written(day, form):
    _, value, reason = said("time", form.format(day))
    assert (value and value.date(), reason) == (day, None)


@EXAMPLES
@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(("{}", "+86{}", "0086 {}", "{}.0", " {}", "86-{}")),
)
def test_a_mobile_number_is_read_back_however_it_is_written(number, form):
    spaced = form.format(number) if len(form) > 4 else form.format(f"{number[:3]} {number[3:7]}-{number[7:]}")
    assert said("phone", spaced)[1:] == (number, None)


@pytest.mark.parametrize("name", QUERIES)
def test_any_text_has_a_value_or_a_reason(name):
    @EXAMPLES
    @given(ANYTHING)
    def holds(text):
        prepared, value, reason = said(name, text)
        assert (value is None) == (prepared is None or reason is not None)
        assert name != "phone" or value is None or re.fullmatch(r"\+?[0-9]{7,15}", value)
        assert name not in ("time", "epoch", "mixed") or value is None or 1950 <= value.year <= 2150

    holds()


@EXAMPLES
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6), st.sampled_from(delimited.DELIMITERS))
def test_any_header_is_read_back_or_refused_in_words(tmp_path, names, delimiter):
    path = tmp_path / "o.csv"
    with open(path, "w", encoding="utf-8", newline="", errors="replace") as file:
        csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerow(names)
    try:
        scan = encoding.scan(path)
        found = delimited.layout(path, delimiter=delimiter, header=1, names=None).header
    except (delimited.LayoutError, encoding.EncodingError) as error:
        assert len(str(error)) > 20
        return
    assert scan.encoding in ("utf-8", "utf-8-sig", "gb18030")
    assert len(found) == len(names)
    for name in filter(None, found):
        try:
            assert folded(found[Header(found).find(f" {name.upper()}\u3000")]) == folded(name)
        except ExpressionError:
            assert sum(folded(other) == folded(name) for other in found) > 1
        except TypeError:
            assert folded(name.upper()) != folded(name)
