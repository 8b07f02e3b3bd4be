"""Are the planted reasons among the signals named? Customers who leave after something was seen to go wrong.

    python benchmarks/churn_signals.py [customers] [samples]

Customers buy at rates of their own. Most of those who leave do so after some months in which one thing changes: they
buy less, return more, answer worse, call the service, stop using the app, or live on discounts. Others leave from one
day to the next, and in one of five cases somebody stays in spite of the change.
"""

import sys
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from report import table

from playbook.churn.features import KEYS, FeatureSpec, features, labels, origins_of
from playbook.churn.model import signals
from playbook.churn.model.estimators import logistic
from playbook.tables.engine import Engine
from playbook.tables.schema import schema_of

AS_OF, DAYS = date(2026, 6, 30), 900
LOST, CALL = 120, "service_contact"
SPEC = FeatureSpec(horizon_days=90, model="bg_nbd")
AT_RISK = 0.3  # three times the usual share of leavers
REASONS = ("buys_less_often", "returns_goods", "low_feedback", "service_contacts", "left_app", "on_discount")
SUDDEN, STAYS = 0.25, 0.2
SHARE_LEAVING = 0.75  # of all customers within the 900 days


class Planted(NamedTuple):
    """The tables, and for each customer: the planted reason, the days it began and ended, when the customer left."""

    tables: dict
    people: pd.DataFrame


def planted(engine, rng, customers: int) -> Planted:
    """A shop of so many customers over 900 days."""
    people = _people(rng, customers)
    orders = _orders(rng, people)
    back, answers, events = _returns(rng, orders, people), _answers(rng, orders, people), _events(rng, people)
    tables = {
        "orders": _order_table(engine, orders, back),
        "customers": engine.empty(schema_of("customers")),
        "events": _event_table(engine, events),
        "feedback": _feedback_table(engine, answers),
    }
    shown = {"returns_goods": back, "low_feedback": answers, "service_contacts": events[events.event == CALL]}
    return Planted(tables, people.assign(affected=_affected(people, shown | {"on_discount": orders})))


def hits(sample: Planted) -> pd.DataFrame:
    """One row per affected customer: the planted reason, the probability of leaving, whether the reason is named.

    Everything is learnt from earlier origins, as in a run.
    """
    frame = features(sample.tables, origins=[*_origins(), AS_OF], spec=SPEC)
    frame = frame[frame.recency_days <= LOST]
    names = [name for name in frame if name not in KEYS]
    now, past = frame[frame.origin == pd.Timestamp(AS_OF)], frame[frame.origin < pd.Timestamp(AS_OF)]
    left = labels(sample.tables, past, horizon_days=SPEC.horizon_days, until=AS_OF)
    model = logistic().fit(past[names], left)
    rows = now.set_index("customer_id")[names]
    named = signals.signals(rows, model, signals.typical(model, past[names][left == 0]))
    people = sample.people.set_axis(ids(sample.people.index)).loc[rows.index]
    made = people[["reason"]].assign(probability=model.predict_proba(rows[names])[:, 1], named=named)
    made["hit"] = [reason in keys for reason, keys in zip(made.reason, named, strict=True)]
    return made[people.affected]


def _origins():
    first = AS_OF - timedelta(days=DAYS - 1)
    return origins_of(first, AS_OF, horizon_days=SPEC.horizon_days, most=6)


def _affected(people, shown):
    """Whose bad time has lasted two months and is not long over, with something of it to be seen in the data."""
    seen = np.isin(people.reason, ["buys_less_often", "left_app"]) & ((people.reason != "left_app") | people.uses_app)
    for reason, rows in shown.items():
        bad = rows.person[_in_bad_time(rows, people) & (rows.day < DAYS)]
        seen = seen | ((people.reason == reason) & people.index.isin(bad))
    return seen & (people.begins < DAYS - 60) & (people.ends > DAYS - 45)


def ids(persons):
    """The customers' ids, in their order."""
    return [f"c{person:07d}" for person in persons]


def _people(rng, count):
    first = rng.uniform(0, DAYS - 200, count)
    leaves = rng.random(count) < SHARE_LEAVING
    end = np.where(leaves, first + 60 + rng.exponential(500, count), np.inf)
    length = rng.uniform(100, 160, count)
    reason = np.where(rng.random(count) < SUDDEN, "none", np.array(REASONS, object)[rng.integers(0, 6, count)])
    stays = rng.random(count) < STAYS
    people = pd.DataFrame(
        {
            "rate": rng.gamma(4, 1 / 4, count) / 18,
            "first": first,
            "begins": np.where(reason == "none", np.inf, end - length),
            "ends": end,
            "left": np.where(stays & (reason != "none"), np.inf, end),
            "reason": reason,
            "uses_app": rng.random(count) < 0.8,
        }
    )
    return people


def _orders(rng, people):
    """One row per order: person, day, whether in the person's bad time, discount share, amount."""
    most = int(DAYS * people.rate.max() * 3) + 30
    gaps = rng.exponential(size=(len(people), most)) / people.rate.to_numpy()[:, None]
    day = people["first"].to_numpy()[:, None] + np.cumsum(np.column_stack([np.zeros(len(people)), gaps]), axis=1)
    person, turn = np.nonzero(day < np.minimum(people.left, DAYS).to_numpy()[:, None])
    orders = pd.DataFrame({"person": person, "day": day[person, turn]})
    bad = _in_bad_time(orders, people)
    reason = people.reason.to_numpy()[orders.person]
    kept = ~(bad & (reason == "buys_less_often")) | (rng.random(len(orders)) < 0.3)
    discount = rng.beta(1, 9, len(orders)) + 0.45 * (bad & (reason == "on_discount"))
    orders = orders.assign(bad=bad, discount=np.minimum(discount, 0.9), list_price=rng.gamma(4, 30, len(orders)))
    return orders[kept].reset_index(drop=True)


def _in_bad_time(rows, people):
    begins, ends = (people[name].to_numpy()[rows.person] for name in ("begins", "ends"))
    return ((rows.day >= begins) & (rows.day < ends)).to_numpy()


def _returns(rng, orders, people):
    bad = orders.bad & (people.reason.to_numpy()[orders.person] == "returns_goods")
    back = orders[rng.random(len(orders)) < np.where(bad, 0.6, 0.04)]
    return back.assign(day=back.day + rng.uniform(1, 8, len(back)))


def _answers(rng, orders, people):
    bad = orders.bad & (people.reason.to_numpy()[orders.person] == "low_feedback")
    score = np.clip(np.round(rng.normal(np.where(bad, 3.5, 8.3), 1.5)), 0, 10)
    asked = rng.random(len(orders)) < 0.3
    return orders.assign(score=score, day=orders.day + rng.uniform(0.2, 3, len(orders)))[asked]


def _events(rng, people):
    """App visits about every fifth day, and calls to the service."""
    visits = _poisson(rng, people, np.where(people.uses_app, 1 / 5, 0))
    bad = _in_bad_time(visits, people) & (people.reason.to_numpy()[visits.person] == "left_app")
    calls = _poisson(rng, people, np.full(len(people), 1 / 400))
    more = _poisson(rng, people, np.where(people.reason == "service_contacts", 1 / 30, 0))
    more = more[_in_bad_time(more, people)]
    contacts = pd.concat([calls, more]).assign(event=CALL)
    return pd.concat([visits[~bad].assign(event="view"), contacts], ignore_index=True)


def _poisson(rng, people, rate):
    until = np.minimum(people.left, DAYS) - people["first"]
    count = rng.poisson(np.maximum(until, 0) * rate)
    person = np.repeat(np.arange(len(people)), count)
    day = people["first"].to_numpy()[person] + rng.random(len(person)) * until.to_numpy()[person]
    return pd.DataFrame({"person": person, "day": day})


def _order_table(engine, orders, back):
    bought = orders.assign(kind="purchase", sign=1.0)
    both = pd.concat([bought, back.assign(kind="return", sign=-1.0)], ignore_index=True)
    both = both[both.day < DAYS].sort_values(["day", "person", "kind"], ignore_index=True)
    paid = np.round(both.list_price * (1 - both.discount), 2)
    off = np.round(both.list_price * both.discount, 2) * (both.sign > 0)
    frame = _stamped(both, "ordered_at").assign(n=range(len(both)), amount=paid * both.sign, discount=off)
    text = """select 'o' || n as order_id, cast(null as varchar) as related_order_id, customer_id, ordered_at, kind,
        cast(amount as decimal(18, 2)) as amount, cast(discount as decimal(18, 2)) as discount, 'shop' as channel,
        cast(null as varchar) as store, 'shop' as source from raw"""
    columns = ["n", "customer_id", "ordered_at", "kind", "amount", "discount"]
    return engine.sql(text, raw=engine.frame(frame[columns])).materialise()


def _event_table(engine, events):
    frame = _stamped(events[events.day < DAYS], "occurred_at")[["customer_id", "occurred_at", "event"]]
    return engine.sql("select * from raw", raw=engine.frame(frame)).materialise()


def _feedback_table(engine, answers):
    frame = _stamped(answers[answers.day < DAYS], "answered_at")[["customer_id", "answered_at", "score"]]
    frame = frame.assign(answer_no=range(1, len(frame) + 1))
    return engine.sql("select * from raw", raw=engine.frame(frame)).materialise()


def _stamped(rows, name):
    start = pd.Timestamp(AS_OF) - pd.Timedelta(days=DAYS - 1)
    at = (start + pd.to_timedelta(rows.day, unit="D")).dt.floor("s")
    return rows.assign(**{name: at}, customer_id=ids(rows.person))


def report(customers: int, samples: int) -> str:
    """The section of the document."""
    made = pd.concat(
        [hits(planted(Engine(threads=2), np.random.default_rng([7, n]), customers)) for n in range(samples)]
    )
    risky = made[made.probability >= AT_RISK]
    rows = [[reason, *_counted(made, reason), *_counted(risky, reason)] for reason in (*REASONS, "all")]
    head = ["planted", "affected", "named", f"affected, risk of at least {AT_RISK:.0%}", "named"]
    return f"""## Signals: planted reasons

{samples} samples of {customers:,} customers over {DAYS} days. Most of those who leave do so after some months in which
one thing changes; a quarter leaves from one day to the next, and a fifth of those with a change stays. Of those in the
middle of such a change, the share for whom it is among the (at most three) signals named:

{table(head, rows)}

Repeat it with `python benchmarks/churn_signals.py {customers} {samples}`; `tests/churn/test_signals.py` runs a smaller
one."""


def _counted(made, reason):
    rows = made if reason == "all" else made[made.reason == reason]
    return [f"{len(rows):,}", f"{rows.hit.mean():.1%}"]


if __name__ == "__main__":
    import report as document

    asked = [int(text) for text in sys.argv[1:]]
    customers, samples = asked if len(asked) == 2 else (10_000, 3)
    document.DOCUMENT = document.DOCUMENT.with_name("benchmarks-churn.md")
    document.write_section("churn_signals", report(customers, samples))
