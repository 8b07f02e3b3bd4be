"""Cautions: what a reader of the tiers should know before trusting them."""

from collections.abc import Iterator
from typing import Any

from playbook.rfm.base import Coverage, Spend, coverage, spend, tier_profile
from playbook.rfm.cuts import Cuts, overruled
from playbook.rfm.tiers import tier_frame

#: From this share of one-time buyers on, frequency tells customers apart no longer.
MOST_ONCE = 0.8

Caution = tuple[str, dict[str, Any]]


def warn(run, summary, cuts: Cuts) -> None:
    """Raise the flags that apply to this run's tiers."""
    for key, values in cautions(run, summary, cuts):
        run.flag(f"rfm.flag.{key}", **values)


def cautions(run, summary, cuts: Cuts) -> list[Caution]:
    """The cautions that apply, as text keys with their values."""
    window = run.profile.rfm.window_days
    covered = coverage(run.table("orders"), as_of=run.as_of, window_days=window)
    return [
        *_of_data(run, covered, window),
        *_of_buyers(covered, spend(summary)),
        *_of_cuts(run, cuts),
        *_of_tiers(run),
    ]


def _of_data(run, covered: Coverage, window: int) -> Iterator[Caution]:
    if 0 < covered.days < window:
        yield "short_history", {"days": covered.days, "window": window}
    if not _was_sent(run, "customers"):
        yield "no_customers", {}
    if not run.has("order_lines"):
        yield "no_lines", {}


def _of_buyers(covered: Coverage, found: Spend) -> Iterator[Caution]:
    if not found.buyers:
        yield "no_buyers", {}
    elif not covered.priced:
        yield "no_money", {}
    if found.buyers and found.once >= MOST_ONCE:
        yield "one_purchase", {"share": found.once}


def _of_cuts(run, cuts: Cuts) -> Iterator[Caution]:
    record = run.state("rfm_cuts")
    if record and record["window_days"] != cuts.window_days:
        yield "window_changed", {"before": record["window_days"], "window": cuts.window_days}
    elif overruled(cuts, run.profile.rfm):
        yield "cuts_overruled", {"day": cuts.as_of}


def _of_tiers(run) -> Iterator[Caution]:
    table = tier_profile(run.table("rfm"), tier_frame(run.engine, run.profile))
    inside = table[[not run.profile.tiers[tier].apart for tier in table["tier"]]]
    held = inside.loc[inside["customers"] > 0, "tier"].tolist()
    if len(held) == 1:
        yield "one_tier", {"tier": held[0], "rule": run.profile.tiers[held[0]].rule}
    else:
        for tier in inside.loc[inside["customers"] == 0, "tier"]:
            yield "empty_tier", {"tier": tier, "rule": run.profile.tiers[tier].rule}


def _was_sent(run, table: str) -> bool:
    """Whether a file of the sources held this table; what the orders alone gave does not count."""
    text = 'select count(*) from files where "table" = $table'
    return run.engine.sql(text, params={"table": table}, files=run.table("files")).scalar() > 0
