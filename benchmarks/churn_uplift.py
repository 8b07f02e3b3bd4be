"""Does the playbook find who comes back because of a campaign? Customers with a known effect, and a public test.

    python benchmarks/churn_uplift.py [customers] [samples]

Every sample draws lapsed customers with their orders, contacts a random part of them, lets each return with a known
probability, and hands orders and treatments to the playbook as a company would.
"""

import os
import sys
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from report import table

from playbook.churn.features import FeatureSpec, features
from playbook.churn.uplift import CampaignSpec, Trial, WinbackResult, fit_uplift, winback
from playbook.stats.effects import mean_difference, proportion_difference
from playbook.stats.qini import qini_score
from playbook.tables.engine import Engine
from playbook.tables.purchases import purchases
from playbook.tables.schema import schema_of

AS_OF = date(2026, 6, 30)
TREATED_ON = AS_OF - timedelta(days=60)
SPEC = CampaignSpec(horizon_days=30, lapsed_days=180)
MOST_ORDERS = 12
FEATURES = FeatureSpec(model="pareto_nbd")


class Planted(NamedTuple):
    """The tables as a company has them, and beside them each customer's true effect, in the order of the ids."""

    tables: dict
    treatments: object
    effect: np.ndarray


def planted(engine, rng, customers: int, control_share: float = 0.5) -> Planted:
    """Customers silent for 181 to 720 days, one campaign, and what came of it.

    Whoever was silent for long seldom comes back; a campaign does most for frequent buyers some fourteen months silent.
    """
    count = 1 + np.minimum(rng.poisson(rng.gamma(1.5, 2.0, customers)), MOST_ORDERS - 1)
    silent = rng.integers(181, 721, customers)
    spend = np.exp(rng.normal(4.5, 0.6, customers))
    returns = 0.02 + 0.12 * np.exp(-(silent - 180) / 150)
    effect = 0.01 + 0.20 * (1 - np.exp(-count / 4)) * np.exp(-(((silent - 420) / 110) ** 2))
    control = rng.random(customers) < control_share
    came = rng.random(customers) < returns + effect * ~control
    bought = [_before(rng, count, silent, spend), _after(rng, came, spend), _active(rng, customers)]
    orders = pd.concat(bought, ignore_index=True)
    return Planted(_tables(engine, orders), _treatments(engine, control), effect)


def result_of(sample: Planted) -> WinbackResult:
    """What the playbook makes of the tables."""
    tables = sample.tables
    bought = purchases(tables["orders"], tables["customers"], as_of=AS_OF)
    features_on = partial(_features, tables)
    return winback(sample.treatments, bought, tables["customers"], as_of=AS_OF, spec=SPEC, features=features_on)


def rankings_in(result: WinbackResult, sample: Planted) -> pd.DataFrame:
    """One row per score: the learners', the naive rule's, the true effect, and a constant."""
    model = result.model
    scores = {"true_effect": sample.effect, "constant": np.ones(len(sample.effect))}
    rows = [{"score": key} | qini_score(score, model.outcomes)._asdict() for key, score in scores.items()]
    return pd.concat([model.rankings, pd.DataFrame(rows)], ignore_index=True)


def hillstrom(data: Path, arm: str) -> Trial:
    """One of the two e-mails of the public test against no e-mail; the other e-mail's customers are left out."""
    rows = pd.read_csv(data / "hillstrom" / "hillstrom.csv")
    rows = rows[rows.segment.isin([arm, "No E-Mail"])].reset_index(drop=True)
    numbers = rows[["recency", "history", "mens", "womens", "newbie"]].astype(float)
    features = numbers.join(pd.get_dummies(rows[["zip_code", "channel"]]).astype(float))
    outcomes = rows[["visit", "conversion", "spend"]].astype(float)
    rows = outcomes.assign(customer_id=ids(rows.index), treated=rows.segment == arm, returned=outcomes.visit)
    return Trial("hillstrom", arm, date(2008, 3, 1), rows, features)


def _features(tables, days):
    return features(tables, origins=days, spec=FEATURES)


def _before(rng, count, silent, spend):
    person = np.repeat(np.arange(len(count)), count)
    turn = np.arange(len(person)) - np.repeat(np.cumsum(count) - count, count)
    own = 40.0 / rng.gamma(2.0, 0.5, len(count))  # days between purchases, different from person to person
    gap = np.ceil(rng.exponential(own[person])).astype(int)
    back = pd.Series(np.where(turn == 0, 0, gap)).groupby(person).cumsum().to_numpy()
    day = np.datetime64(TREATED_ON) - silent[person] - back
    return pd.DataFrame({"person": person, "day": day, "amount": _amounts(rng, spend[person])})


def _active(rng, customers):
    """A third as many customers beside them who still buy; they are in no campaign."""
    n = customers // 3
    orders = _before(rng, 2 + rng.poisson(5, n), rng.integers(-50, 60, n), np.exp(rng.normal(4.5, 0.6, n)))
    return orders.assign(person=orders.person + customers)


def _after(rng, came, spend):
    person = np.flatnonzero(came)
    day = np.datetime64(TREATED_ON) + rng.integers(0, SPEC.horizon_days, len(person))
    return pd.DataFrame({"person": person, "day": day, "amount": _amounts(rng, spend[person])})


def _amounts(rng, mean):
    return np.round(mean * rng.gamma(4.0, 0.25, len(mean)) + 1, 2)


def _tables(engine, orders):
    text = """select 'o' || n as order_id, cast(null as varchar) as related_order_id, customer_id,
        cast(day as timestamp) as ordered_at, 'purchase' as kind, cast(amount as decimal(18, 2)) as amount,
        cast(0 as decimal(18, 2)) as discount, 'shop' as channel, cast(null as varchar) as store, 'shop' as source
        from raw"""
    raw = orders.assign(customer_id=ids(orders.person), n=range(len(orders)))[["customer_id", "day", "amount", "n"]]
    table = engine.sql(text, raw=engine.frame(raw)).materialise()
    return {"orders": table, "customers": engine.empty(schema_of("customers"))}


def _treatments(engine, control):
    frame = pd.DataFrame({"customer_id": ids(np.arange(len(control))), "arm": np.where(control, "control", "sms")})
    frame["cost"] = np.where(control, 0.0, 0.06)
    text = "select 'winback' as campaign_id, *, cast($day as timestamp) as treated_at, 'sms' as channel from raw"
    return engine.sql(text, params={"day": TREATED_ON}, raw=engine.frame(frame)).materialise()


def ids(persons):
    """Ids whose order is the persons' order."""
    return [f"c{person:07d}" for person in persons]


def report(customers: int, samples: int, data: Path) -> str:
    """The section of the document."""
    drawn = [planted(Engine(threads=2), np.random.default_rng([11, n]), customers) for n in range(samples)]
    frames = [rankings_in(result_of(sample), sample).assign(sample=n) for n, sample in enumerate(drawn)]
    planted_rows = list(_planted_rows(pd.concat(frames)))
    ranked = [row for arm in ARMS for row in _ranked(data, arm)]
    return f"""## Who comes back because of a campaign

{samples} samples of {customers:,} lapsed customers with a known effect each, half of them contacted. Area between the
Qini curve and the straight line, in returns per 1,000 customers: mean over the samples, and in how many of them the
interval lies above 0 (95 %, widened for three learners tried). Learners score rows they have not seen.

{table(["score", "Qini area", "best possible", "above 0"], planted_rows)}

The public e-mail test (Hillstrom), each e-mail against no e-mail, through the same code:

{table(["e-mail", "visits", "purchases", "spend"], [_effects(data, arm) for arm in ARMS])}

{table(["e-mail, visits", "score", "Qini area per 1,000", "interval"], ranked)}

On the men's e-mail the naive rule ranks no worse than the learners: there, who visits anyway is also moved most.

Repeat it with `python benchmarks/churn_uplift.py {customers} {samples}`; `tests/churn/test_uplift.py` runs one
sample."""


ARMS = ("Mens E-Mail", "Womens E-Mail")


def _planted_rows(frame):
    best = frame[frame.score == "true_effect"].set_index("sample").qini
    for key, rows in frame.groupby("score", sort=False):
        share = (rows.qini / best.loc[rows["sample"]].to_numpy()).mean()
        yield [key, f"{1000 * rows.qini.mean():.2f}", f"{share:.0%}", f"{(rows.qini_low > 0).sum()} of {len(rows)}"]


def _effects(data, arm):
    rows = hillstrom(data, arm).rows
    treated, control = rows[rows.treated], rows[~rows.treated]
    effects = [proportion_difference(treated[name], control[name]) for name in ("visit", "conversion")]
    effects.append(mean_difference(treated.spend, control.spend))
    return [arm, *(f"{one.effect:+.4f} ({one.low:.4f} to {one.high:.4f})" for one in effects)]


def _ranked(data, arm):
    for row in fit_uplift([hillstrom(data, arm)]).rankings.itertuples():
        yield [arm, row.score, f"{1000 * row.qini:.2f}", f"{1000 * row.qini_low:.2f} to {1000 * row.qini_high:.2f}"]


if __name__ == "__main__":
    import report as document

    asked = [int(text) for text in sys.argv[1:]]
    customers, samples = asked if len(asked) == 2 else (20_000, 5)
    public = Path(os.environ.get("PLAYBOOK_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    document.DOCUMENT = document.DOCUMENT.with_name("benchmarks-churn.md")
    document.write_section("churn_uplift", report(customers, samples, public))
