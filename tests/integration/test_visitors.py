"""Visitors: whose the events are that happened while nobody was logged in."""

from datetime import datetime, timedelta

import pytest
from exports import declare, orders, read, rows

from playbook.integration.tables import stitch_visitors
from playbook.profile.linking import Linking
from playbook.tables.engine import Engine, quoted

START = datetime(2025, 1, 1, 12)
#: Events in time as `day visitor/session customer`, visitor `-` where the event has none, and whose
#: each is ('-': nobody's).
STITCHED = {
    "before the login": (["1 v", "2 v a"], "aa"),
    "after the login": (["1 v a", "2 v"], "aa"),
    "long before the login": (["1 v", "366 v", "731 v a"], "-aa"),
    "long after the last login": (["1 v a", "366 v", "367 v"], "aa-"),
    "long after one login and shortly before the next": (["1 v a", "600 v", "700 v a"], "aaa"),
    "an event without a visitor": (["1 -", "2 v a", "3 - a"], "-aa"),
    "another visitor": (["1 w", "2 v a"], "-a"),
    "nobody ever logs in": (["1 v", "2 v/s"], "--"),
    "between two logins of one": (["1 v a", "2 v", "3 v a", "4 v b"], "aaab"),
    "between logins of two": (["1 v a", "2 v", "3 v b"], "a-b"),
    "before the first and after the last login of two": (["1 v", "2 v a", "3 v b", "4 v"], "-ab-"),
    "at the moment of a login, between logins of two": (["1 v", "1 v a", "1 v b", "2 v"], "-ab-"),
    "between two logins that lie years apart": (["1 v a", "800 v", "1600 v a", "1601 v b"], "a-ab"),
    "in the session of a login": (["1 v/s", "2 v/s a", "3 v/t b", "4 v/t"], "aabb"),
    "in a session after logging out": (["1 v/s a", "2 v/s", "3 v/t", "4 v/t b"], "aabb"),
    "in a session in which two log in": (["1 v/s", "2 v/s a", "3 v/s b", "4 v/s"], "-ab-"),
    "a session of that name on another device": (["1 w/s", "2 v/s a", "3 w/t b", "4 w/t c"], "-abc"),
    "a shop's tablet": (["1 v a", "2 v", "3 v a", "4 v b", "5 v c", "6 v/s", "7 v/s d"], "a-abcdd"),
}


def row(number: int, event: str) -> str:
    """An event as a row of the accepted ones; what happened is its number."""
    day, visitor, customer = (*event.split(), "")[:3]
    name, _, session = visitor.partition("/")
    known = (quoted(text) if text not in ("", "-") else "null" for text in (customer, name, session))
    return f"({number}, timestamp {quoted(str(START + timedelta(days=int(day))))}, {', '.join(known)})"


def whose(written: list[str], **limits) -> str:
    """The customer of each event."""
    engine = Engine(threads=1)
    values = ", ".join(row(number, event) for number, event in enumerate(written))
    people = engine.sql(PEOPLE)
    found = stitch_visitors(engine, engine.sql(EVENTS.format(values)), people, Linking(**limits))
    told = engine.sql("select coalesce(customer_id, '-') from found order by event", found=found)
    return "".join(customer for (customer,) in told.rows())


PEOPLE = "select 'app' as source, unnest(['a', 'b', 'c', 'd']) as record_key, record_key as customer_id"
EVENTS = """
select
  0 as file_no, row_no, 'app' as source, 'app' as key_source, occurred_at, row_no as event,
  cast(holder as varchar) as holder, cast(visitor_id as varchar) as visitor_id,
  cast(session_id as varchar) as session_id,
  null as channel, null as item, null as category, null as cost
from (values {}) as given (row_no, occurred_at, holder, visitor_id, session_id)
"""


@pytest.mark.parametrize("case", STITCHED)
def test_an_event_is_a_customers_where_nobody_elses_it_can_be(case):
    written, expected = STITCHED[case]
    assert whose(written, most_holders=3) == expected


def test_the_order_of_the_rows_decides_nothing():
    written = ["1 v a", "1 v b", "1 v", "2 v", "2 v a"]
    assert whose(written) == "ab-" + "-a"
    turned = ["1 v b", "1 v a", "2 v", "2 v a", "1 v"]
    assert whose(turned) == "ba" + "-a" + "-"


@pytest.mark.parametrize("days", [30, 90])
def test_the_profile_says_for_how_long_a_device_speaks_for_its_customer(days):
    assert whose(["1 v", "61 v a"], visitor_days=days) == {30: "-a", 90: "aa"}[days]


PLACEHOLDERS = ["0", "00000000-0000-0000-0000-000000000000", "Unknown", "undefined", "(not set)", "null", "11111111"]


@pytest.mark.parametrize("visitor", PLACEHOLDERS)
def test_a_visitor_who_is_everybody_is_nobody(tmp_path, visitor):
    log = f"user,when,what,visitor\n,2025-03-04 09:59,look,{visitor}\na,2025-03-04 10:00,look,{visitor}\n"
    columns = {"customer_key": "user", "occurred_at": "when", "event": "what", "visitor_id": "visitor"}
    declared = [declare("o.csv"), declare("e.csv", "events", "app", columns)]
    found = read(tmp_path, {"o.csv": orders("1,z,2025-03-04,1"), "e.csv": log}, declared)
    assert rows(found, "events", "count(customer_id), count(visitor_id)") == [(1, 0)]
    assert rows(found, "repairs", "values", '"column"') == [(2,)]
