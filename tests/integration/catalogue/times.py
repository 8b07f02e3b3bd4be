"""Dates: every way to write a day, and the ways that only look like one."""

from exports import ORDERS, declare, orders

from catalogue.case import Case

SHOWN = "order_id, strftime(ordered_at, '%Y-%m-%d %H:%M')"
SHANGHAI = {"time_zone": "Asia/Shanghai"}


def _days(name, becomes, *says, days, rows=None, at=(), top=None, **declared):
    """The rows are numbered from 1; `rows` are the moments read, none for a day that was set aside."""
    text = orders(*(f"{n},a,{day},1" for n, day in enumerate(days, 1)))
    read = None if rows is None else tuple((str(n), moment) for n, moment in enumerate(rows, 1) if moment)
    return Case(
        "dates",
        name,
        {"o.csv": text},
        becomes,
        says,
        read,
        at,
        [declare("o.csv", columns=ORDERS, **declared)],
        top or {},
        SHOWN,
    )


def _set_aside(name, reason, day):
    return _days(name, "Q", reason, days=["2025-03-04", day], rows=["2025-03-04 00:00"], at=(3,))


CASES = (
    _days("03/04/2025 and nothing above 12", "E", "o.csv", "column 'at'", "(row 2)", "date_order", days=["03/04/2025"]),
    _days("03/04/2025, declared", "R", "date_format", days=["03/04/2025"], rows=["2025-03-04 00:00"], date_order="mdy"),
    _days(
        "03/04/2025, proved by another row",
        "R",
        "date_format",
        days=["03/04/2025", "25/04/2025"],
        rows=["2025-04-03 00:00", "2025-04-25 00:00"],
    ),
    _days(
        "both orders in one column",
        "Q",
        "mixed_date_order",
        days=["25/04/2025", "26/04/2025", "04/25/2025", "03/04/2025"],
        rows=["2025-04-25 00:00", "2025-04-26 00:00"],
        at=(4, 5),
    ),
    _days(
        "the other order than declared",
        "Q",
        "impossible_date",
        days=["25/04/2025", "04/25/2025"],
        rows=["2025-04-25 00:00"],
        at=(3,),
        date_order="dmy",
    ),
    _days(
        "2025年3月4日",
        "R",
        "date_format",
        days=["2025年3月4日", "2025年3月4日下午3时05分"],
        rows=["2025-03-04 00:00", "2025-03-04 15:05"],
    ),
    _days(
        "20250304",
        "R",
        "date_format",
        days=["20250304", "20250304110509"],
        rows=["2025-03-04 00:00", "2025-03-04 11:05"],
    ),
    _days(
        "2025/3/4 and 2025.3.4",
        "R",
        "date_format",
        days=["2025/3/4", "2025.3.4 9:05"],
        rows=["2025-03-04 00:00", "2025-03-04 09:05"],
    ),
    _days(
        "the serial number of a spreadsheet",
        "R",
        "serial_date",
        days=["45720", "45720.5"],
        rows=["2025-03-04 00:00", "2025-03-04 12:00"],
    ),
    _set_aside("2025-02-30", "impossible_date", "2025-02-30"),
    _set_aside("1900-01-01", "sentinel_date", "1900-01-01"),
    _set_aside("9999-12-31", "sentinel_date", "9999-12-31"),
    _set_aside("a year like 2608", "implausible_year", "2608-05-17"),
    _set_aside("no day at all", "not_a_date", "soon"),
    _set_aside("nothing", "missing", ""),
    _days(
        "after the as-of date",
        "future_dated",
        days=["2025-03-04", "2025-03-09"],
        rows=["2025-03-04 00:00"],
        top={"as_of": "2025-03-04"},
    ),
    _days(
        "a time zone on some rows only",
        "E",
        "o.csv",
        "column 'at'",
        "row 2 does, row 3 does not",
        days=["2025-03-04T10:00:00Z", "2025-03-04 11:00:00"],
        top=SHANGHAI,
    ),
    _days(
        "a time zone, and none of the business", "E", "o.csv", "column 'at'", "time_zone", days=["2025-03-04T10:00:00Z"]
    ),
    _days(
        "a time zone on every row",
        "K",
        days=["2025-03-04T23:00:00Z", "2025-03-04T23:00:00+0800"],
        rows=["2025-03-05 07:00", "2025-03-04 23:00"],
        top=SHANGHAI,
    ),
    _days(
        "seconds since 1970, declared",
        "R",
        "epoch",
        days=["1741100400", "1741100460.5"],
        rows=["2025-03-04 23:00", "2025-03-04 23:01"],
        top=SHANGHAI,
        units={"ordered_at": "seconds"},
    ),
    _days(
        "milliseconds since 1970, declared",
        "R",
        "epoch",
        days=["1741100400000"],
        rows=["2025-03-04 23:00"],
        top=SHANGHAI,
        units={"ordered_at": "milliseconds"},
    ),
    _days("seconds since 1970, not declared", "E", "no order could be read", "'at': not a date", days=["1741100400"]),
    _days(
        "seconds since 1970 without a zone",
        "E",
        "o.csv",
        "column 'at'",
        "time_zone",
        days=["1741100400"],
        units={"ordered_at": "seconds"},
    ),
    _days(
        "seconds declared where milliseconds stand",
        "Q",
        "implausible_year",
        days=["1741100400", "1741100400000"],
        rows=["2025-03-04 23:00"],
        at=(3,),
        top=SHANGHAI,
        units={"ordered_at": "seconds"},
    ),
    _days(
        "an unknown unit of time",
        "E",
        "'minutes' is no unit",
        "milliseconds",
        days=["1"],
        units={"ordered_at": "minutes"},
    ),
)
