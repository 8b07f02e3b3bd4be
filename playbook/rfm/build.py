"""The whole room in a row: from orders to tiers, their history and the lists."""

from datetime import date

from playbook.profile.measures import measure, tables_needed
from playbook.rfm.cuts import Cuts, fresh_cuts, frozen_cuts, given
from playbook.rfm.history import history, month_ends
from playbook.rfm.lists import write_lists
from playbook.rfm.review import baseline
from playbook.rfm.summary import counted, summary
from playbook.rfm.tiers import assign, measures_used, score
from playbook.tables.engine import Table


def build(run) -> None:
    """Make `rfm`, `rfm_history` and the lists of a run."""
    orders, customers = run.table("orders"), run.table("customers")
    window = run.profile.rfm.window_days
    found = summary(orders, customers, as_of=run.as_of, window_days=window).materialise()
    cuts = frozen_cuts(run, found)
    keep_baseline(run, found, cuts)
    keep_proposal(run, found)
    run.save("rfm", assign(score(found, cuts), run.profile, measures_of(run), days=[run.as_of]))
    run.save("rfm_history", build_history(run, cuts), is_ordered=not measures_used(run.profile))
    write_lists(run)


def build_history(run, cuts: Cuts) -> Table:
    """One row per customer and month-end: the tier and lifecycle that the frozen cuts and today's rules give."""
    orders, window = run.table("orders"), run.profile.rfm.window_days
    ends = month_ends(run.as_of, first_day=first_day(orders, run.as_of), window_days=window)
    found = history(orders, run.table("customers"), ends=ends, window_days=window)
    return assign(score(found, cuts), run.profile, _measures_of(run, ends), days=ends)


def keep_baseline(run, summary: Table, cuts: Cuts) -> dict:
    """How buyers behaved when the cuts were fixed: what later drift is measured against."""
    before = run.state("rfm_baseline")
    fits = before and before["as_of"] == cuts.as_of.isoformat()
    found = before if fits else {"as_of": cuts.as_of.isoformat(), "measures": baseline(summary)}
    run.keep("rfm_baseline", found)
    return found


def keep_proposal(run, summary: Table) -> None:
    """The limits that accepting would bring: today's quintiles, but where the profile sets its own."""
    fresh = fresh_cuts(summary, run.profile.rfm, as_of=run.as_of)
    run.keep("rfm_proposal", fresh.record() | {"set_by_profile": given(run.profile.rfm)})


def first_day(orders: Table, as_of: date) -> date:
    """The day of the first order that counts; `as_of` where there is none."""
    counts = counted(orders, as_of=as_of)
    return orders.engine.sql("select min(day) as day from counted", counted=counts).scalar() or as_of


def measures_of(run) -> Table | None:
    """The table of measures, where tiers or lifecycle depend on them."""
    return run.table("measures") if measures_used(run.profile) else None


def _measures_of(run, ends: list[date]) -> Table | None:
    chosen = {name: run.profile.measures[name] for name in measures_used(run.profile)}
    if not chosen:
        return None
    tables = {name: run.table(name) for name in tables_needed(chosen)}
    days = {f"m{n}": measure(run.engine, chosen, as_of=end, **tables) for n, end in enumerate(ends)}
    text = " union all ".join(
        f"select date '{end}' as as_of, * from {name}" for name, end in zip(days, ends, strict=True)
    )
    return run.engine.sql(text, **days)
