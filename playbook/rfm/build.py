"""The whole room in a row: from orders to tiers, their history and the lists."""

from collections.abc import Sequence
from datetime import date

from playbook.profile.measures import measure, tables_needed
from playbook.rfm.cuts import Cuts, fresh_cuts, frozen_cuts, set_by_profile
from playbook.rfm.history import history, month_ends
from playbook.rfm.review import baseline
from playbook.rfm.summary import summary
from playbook.rfm.tiers import assign, measures_used, score, write_lists
from playbook.tables.engine import Table
from playbook.tables.purchases import purchases


def build(run) -> None:
    """Make `rfm`, `rfm_history` and the lists of a run: today's tiers, and those that the frozen cuts and today's rules
    give at each month-end."""
    bought, customers = all_purchases(run), run.table("customers")
    profile, window = run.profile, run.profile.rfm.window_days
    behaviour = summary(bought, customers, as_of=run.as_of, window_days=window).materialise()
    cuts = frozen_cuts(run, behaviour)
    keep_baseline(run, behaviour, cuts)
    proposal = fresh_cuts(behaviour, profile.rfm, as_of=run.as_of)
    run.keep("rfm_proposal", proposal.record() | {"set_by_profile": set_by_profile(profile.rfm)})
    run.save("rfm", assign(score(behaviour, cuts), profile, measures_of(run), days=[run.as_of]))
    first_day = run.engine.sql("select min(day) from bought", bought=bought).scalar() or run.as_of
    ends = month_ends(run.as_of, first_day=first_day, window_days=window)
    past = score(history(bought, customers, ends=ends, window_days=window), cuts)
    past = assign(past, profile, measures_of(run, ends), days=ends)
    run.save("rfm_history", past, is_ordered=not measures_used(profile))
    write_lists(run)


def all_purchases(run) -> Table:
    """The purchases of a run with those of internal customers, who have rows in `rfm`, in a tier apart."""
    return purchases(run.table("orders"), run.table("customers"), as_of=run.as_of, internal=True)


def keep_baseline(run, summary: Table, cuts: Cuts) -> dict:
    """How buyers behaved when the cuts were fixed, as_of and measures: what later drift is measured against."""
    kept = run.state("rfm_baseline")
    if not kept or kept["as_of"] != cuts.as_of.isoformat():
        kept = {"as_of": cuts.as_of.isoformat(), "measures": baseline(summary)}
    run.keep("rfm_baseline", kept)
    return kept


def measures_of(run, days: Sequence[date] = ()) -> Table | None:
    """The measures where tiers or lifecycle depend on them, else None: the run's own table or, where `days` are given,
    one row per customer and day of the measures needed."""
    needed = {name: run.profile.measures[name] for name in measures_used(run.profile)}
    if not needed or not days:
        return run.table("measures") if needed else None
    tables = {name: run.table(name) for name in tables_needed(needed)}
    on_day = {f"m{n}": measure(run.engine, needed, as_of=day, **tables) for n, day in enumerate(days)}
    texts = [f"select date '{day}' as as_of, * from {name}" for name, day in zip(on_day, days, strict=True)]
    return run.engine.sql(" union all ".join(texts), **on_day)
