"""Planted truth: what dirt and split identities do to tiers."""

import json

import pytest

from playbook import open_run
from playbook.rfm import assign, score, summary
from playbook.rfm.cuts import recorded
from playbook.tables.purchases import purchases

CUSTOMERS, SEED = 20_000, 7

#: People all of whose source records came together in one customer.
WHOLE = """
select t.person, min(i.customer_id) as customer_id
from truth as t
left join identities as i on i.source = t.source and i.source_key = t.source_key
group by t.person
having count(distinct i.customer_id) = 1 and count(*) = count(i.customer_id)
"""
SAME = """
select avg(case when found.tier = clean.tier then 1.0 else 0.0 end) as same, count(*) as people
from whole
join clean on clean.customer_id = whole.person
join found on found.customer_id = whole.customer_id
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = open_run(data=f"sample:{CUSTOMERS}:{SEED}", out=str(tmp_path_factory.mktemp("runs")))
    run.table("rfm")
    return run


def clean_tiers(run):
    """The tiers that the same rules and cuts give on the clean orders of the true people."""
    truth = run.data / "truth"
    orders = run.engine.sql("select *, person as customer_id from o", o=run.engine.read(truth / "orders.parquet"))
    people = run.engine.read(truth / "customers.parquet")
    text = "select cast(person as varchar) as customer_id, joined_on as registered_on, is_internal from people"
    customers = run.engine.sql(text, people=people)
    orders = run.engine.sql("select * replace (cast(customer_id as varchar) as customer_id) from o", o=orders)
    cuts = recorded(json.loads((run.folder / "state" / "rfm_cuts.json").read_text()))
    bought = purchases(orders, customers, as_of=run.as_of, internal=True)
    found = summary(bought, customers, as_of=run.as_of, window_days=run.profile.rfm.window_days)
    return assign(score(found.materialise(), cuts), run.profile).materialise()


def test_ninety_five_in_a_hundred_whole_customers_have_their_true_tier(run):
    read = run.engine.read(run.data / "truth" / "identities.parquet")
    truth = run.engine.sql("select source, source_key, cast(person as varchar) as person from t", t=read)
    whole = run.engine.sql(WHOLE, truth=truth, identities=run.table("identities"))
    tables = {"whole": whole, "clean": clean_tiers(run), "found": run.table("rfm")}
    same, people = run.engine.sql(SAME, **tables).rows()[0]
    print(f"{people:,} people whose records were all linked; {same:.2%} have their true tier")
    assert people > 0.8 * CUSTOMERS
    assert same >= 0.95
