"""The leak canary: what lies after an origin changes no feature and no score, and who looks there is refused."""

from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from leavers import AS_OF, on, orders, simulated

from playbook import churn

ORIGINS = [AS_OF - timedelta(days=days) for days in (180, 90)]


@pytest.fixture(scope="module")
def tables(engine):
    """Orders with a deposit whose balance comes late, lines, events, answers; all of them go on after the origins."""
    bought = simulated(engine, count=250, seed=3)
    days = pd.date_range(AS_OF - timedelta(days=300), AS_OF, freq="6h")
    events = [
        {"event_no": 1, "customer_id": f"c{n % 250:04d}", "occurred_at": day, "event": _event(n), "source": "app"}
        for n, day in enumerate(days)
    ]
    answers = [
        {"answer_no": 1, "customer_id": f"c{n % 250:04d}", "answered_at": day, "score": float(n % 11)}
        for n, day in enumerate(days[::3])
    ]
    lines = engine.sql(
        """select order_id, 1 as line, 'p' as product_id, 'category ' || (length(order_id) % 3) as category,
        1 as quantity, amount as price, amount, amount as cost from o""", o=bought)  # fmt: skip
    deposits = engine.sql(_DEPOSIT, params={"on": ORIGINS[0]})
    both = engine.sql("select * from a union all by name select * from b", a=bought, b=deposits).materialise()
    return {
        "orders": both,
        "order_lines": lines,
        "events": on(engine, "events", events),
        "feedback": on(engine, "feedback", answers),
    }


_DEPOSIT = """
select 'd1' as order_id, cast(null as varchar) as related_order_id, 'c0001' as customer_id,
  cast($on as timestamp) - interval 20 day as ordered_at, 'deposit' as kind, cast(10 as decimal(18, 2)) as amount,
  cast(0 as decimal(18, 2)) as discount, 'shop' as channel, '' as store, 'shop' as source
union all
select 'd2', 'd1', 'c0001', cast($on as timestamp) - interval 5 day, 'return', -10, 0, 'shop', '', 'shop'
union all
select 'd3', 'd1', 'c0001', cast($on as timestamp) + interval 5 day, 'purchase', 90, 0, 'shop', '', 'shop'
"""


def _event(n):
    return "service_contact" if n % 7 == 0 else "browse"


def test_no_feature_changes_when_everything_after_its_day_is_taken_away(tables):
    assert len(churn.guard(churn.features, tables, origins=ORIGINS))


def test_no_feature_and_no_score_changes_with_another_future(engine, room):
    run, found = room
    other = engine.sql(
        """select * from o where cast(ordered_at as date) <= $day
        union all by name
        select * replace (ordered_at + interval 1 day as ordered_at, 3 * amount as amount, 'x' || order_id as order_id)
        from o where cast(ordered_at as date) > $day and customer_id < 'c0400'""",
        params={"day": found.history.origins[-1]},
        o=run.table("orders"),
    )  # fmt: skip
    then, rows = [_then(table, found) for table in (run.table("orders"), other.materialise())]
    pd.testing.assert_frame_equal(then, rows)


def _then(orders, found):
    """Features at the last origin and the scores a model gives that learnt from the origins before it."""
    past = found.history
    made = past.definition._replace(tables=past.definition.tables | {"orders": orders})
    before = made.features(past.origins[:-1])
    before["left"] = churn.labels(made.tables, before, horizon_days=90, until=past.origins[-1])
    rows = made.features(past.origins[-1:])
    return rows.assign(score=churn.train(before, made.names)["logistic"].predict_proba(rows)[:, 1])


def test_a_feature_that_looks_past_its_origin_is_refused_by_name(tables):
    with pytest.raises(churn.LeakError, match=f"'all_time_orders' looks past {ORIGINS[0]}: for .* customer"):
        churn.guard(churn.all_time_orders, tables, origins=ORIGINS)


def test_an_honest_feature_of_the_users_own_passes_and_is_joined(tables):
    def last_amount(tables, origins):
        text = """select o.origin, t.customer_id, cast(arg_max(t.amount, (t.ordered_at, t.order_id)) as double) as last
            from t join o on cast(t.ordered_at as date) <= o.origin where t.kind = 'purchase' group by all"""
        engine = tables["orders"].engine
        return engine.sql(text, t=tables["orders"], o=engine.frame(pd.DataFrame({"origin": origins}))).df()

    frame = churn.features(tables, origins=ORIGINS)
    assert churn.joined(frame, last_amount, tables)["last"].notna().all()


def test_what_the_customer_file_says_today_is_not_known_on_a_past_day(engine, tables):
    today = on(engine, "customers", [{"customer_id": "c0001", "points": 120, "is_internal": False}])

    def points(tables, origins):
        frame = tables["customers"].df()[["customer_id", "points"]]
        return pd.concat([frame.assign(origin=pd.Timestamp(origin)) for origin in origins])

    with pytest.raises(churn.LeakError, match="'points'"):
        churn.guard(points, tables | {"customers": today}, origins=ORIGINS)


def test_with_the_leak_a_model_looks_much_too_good(room):
    _, found = room
    honest = found.comparison.table.set_index("model").auc["boosting"]
    demo = churn.leakage_demo(found.history, honest)
    assert demo.with_leak > demo.honest + 0.05
    assert demo.refused.feature == "all_time_orders"


def test_a_label_that_the_data_do_not_cover_is_refused_in_words(engine):
    found = {"orders": orders(engine, "anna 2026-01-01 10", "anna 2026-06-30 10")}
    frame = pd.DataFrame({"origin": [pd.Timestamp(2026, 5, 1)], "customer_id": ["anna"]})
    with pytest.raises(churn.NotCovered, match="known on 2026-07-30; the data end on 2026-06-30"):
        churn.labels(found, frame, horizon_days=90, until=date(2026, 6, 30))


def test_who_buys_on_the_last_day_of_the_horizon_stayed_and_a_day_later_left(engine):
    found = {"orders": orders(engine, *(f"{who} 2026-01-01 10" for who in "ab"), "a 2026-04-01 5", "b 2026-04-02 5")}
    frame = pd.DataFrame({"origin": pd.Timestamp(2026, 1, 1), "customer_id": ["a", "b"]})
    assert churn.labels(found, frame, horizon_days=90, until=date(2026, 6, 30)).tolist() == [0, 1]


def test_the_origins_never_overlap_and_the_last_is_covered():
    days = churn.origins_of(date(2024, 7, 1), AS_OF, horizon_days=90, most=6)
    assert days[-1] + timedelta(days=90) == AS_OF
    assert {b - a for a, b in pairwise(days)} == {timedelta(days=90)}
    assert (days[0] - date(2024, 7, 1)).days + 1 >= 90
