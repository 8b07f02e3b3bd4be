"""A mid-size retailer made up from a seed: `generate(folder)` writes its exports and the planted truth beside them."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.sample.events import make_events
from playbook.sample.exports import Retailer
from playbook.sample.folder import write_exports
from playbook.sample.marketing import make_costs, make_feedback, make_referrals, run_campaigns
from playbook.sample.orders import make_lines, make_orders
from playbook.sample.people import make_people
from playbook.sample.purchases import purchase_moments
from playbook.sample.records import make_records
from playbook.sample.seasons import horizon
from playbook.sample.truth import write_truth

FEWEST_CUSTOMERS, FEWEST_MONTHS = 50, 6
STEPS = (
    "people", "purchases", "campaigns", "orders", "records", "lines", "events", "feedback", "referrals", "costs",
    "exports",
)  # fmt: skip


class Sample(NamedTuple):
    """Where a sample lies: the data folder (exports and sources.yml), and the truth in it (Parquet, dirt.json)."""

    folder: Path
    truth: Path


def generate(
    folder: str | Path, *, customers: int = 5000, months: int = 36, seed: int = 42, end: date = date(2026, 6, 30)
) -> Sample:
    """Write the retail sample into `folder`: `customers` people, staff and never-buyers among them, months up to `end`.

    The same arguments give the same bytes. `ValueError` for fewer than 50 customers or 6 months.
    """
    for name, value, least in (("customers", customers, FEWEST_CUSTOMERS), ("months", months, FEWEST_MONTHS)):
        if value < least:
            raise ValueError(f"{name} is {value}; a retail sample needs at least {least}.")
    # a random stream for each step, so that a change in one step leaves the others as they are
    rng = {step: np.random.default_rng([seed, number]) for number, step in enumerate(STEPS)}
    h = horizon(months, end)
    people = make_people(rng["people"], customers, h)
    bought = purchase_moments(rng["purchases"], people, h)
    campaigns = run_campaigns(rng["campaigns"], people, bought, h)
    bought = pd.concat([bought, campaigns.purchases], ignore_index=True)
    orders, lift = make_orders(rng["orders"], people, bought, h)
    records = make_records(rng["records"], people, orders)
    retailer = Retailer(
        people=people,
        orders=orders,
        records=records,
        lines=make_lines(rng["lines"], orders, people),
        events=make_events(rng["events"], people, orders, records, h),
        feedback=make_feedback(rng["feedback"], people, orders, h),
        referrals=make_referrals(rng["referrals"], people, h),
        costs=make_costs(rng["costs"], people, h),
        treatments=campaigns.treatments,
        horizon=h,
    )
    sample = Sample(Path(folder), Path(folder) / "truth")
    lost = write_exports(rng["exports"], sample.folder, retailer)
    write_truth(sample.truth, retailer, campaigns.effects, lift, lost)
    return sample
