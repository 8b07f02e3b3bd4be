"""Scores, tiers and lifecycle: what class each customer is in, by the profile's rules, and the list of each tier."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from playbook.profile import rules
from playbook.report.text import LANGUAGES
from playbook.rfm.cuts import Cuts
from playbook.tables.engine import Engine, Table
from playbook.tables.export import write_csv

HERE = Path(__file__).parent


def score(summary: Table, cuts: Cuts) -> Table:
    """The summary with r_score, f_score and m_score, 1 to 5 (5 is best; null for who never bought).

    A score is one more than the number of cuts strictly below the value (recency: mirrored), so equal behaviour gets an
    equal score, whatever the order of the rows.
    """
    return summary.engine.run(HERE / "scores.sql", params=cuts.params, summary=summary)


def assign(scored: Table, profile, measures: Table | None = None, *, days: Sequence[date] = ()) -> Table:
    """The scored customers with tier and lifecycle: the first of the profile's rules that holds.

    `days` are the as-of dates of `scored`: the profile's seasons may give some of them other thresholds. Without days
    the usual thresholds hold. `measures` (customer_id, and as_of where `scored` has it) is needed where rules speak of
    them.
    """
    columns = f"*, {_case(profile, 'tiers', days)} as tier, {_case(profile, 'lifecycle', days)} as lifecycle"
    if not measures_used(profile):
        return scored.engine.sql(f"select {columns} from scored", scored=scored)
    keys = ", ".join(key for key in ("as_of", "customer_id") if key in scored.columns)
    text = f"select {columns} from scored left join measures using ({keys})"
    return scored.engine.sql(text, scored=scored, measures=measures)


def measures_used(profile) -> list[str]:
    """The profile's measures that its tiers or lifecycle depend on."""
    ordered = [tier.rule for part in (profile.tiers, profile.lifecycle) for tier in part.values()]
    trees = [rules.condition(rule, profile.rule_columns, profile.constants) for rule in ordered]
    named = {column.name for tree in trees for column in tree.find_all(rules.exp.Column)}
    return [name for name in profile.measures if name in named]


def tier_frame(engine: Engine, profile) -> Table:
    """One row per tier of the profile: tier, place (its order), apart (outside all shares)."""
    rows = [(tier.key, place, tier.apart) for place, tier in enumerate(profile.tiers.values())]
    return engine.frame(pd.DataFrame(rows, columns=["tier", "place", "apart"]))


def scope(profile) -> list[str]:
    """The tiers whose customers count in shares, in the profile's order: all that do not stand apart."""
    return [key for key, tier in profile.tiers.items() if not tier.apart]


def in_scope(rfm: pd.DataFrame, profile) -> pd.DataFrame:
    """The rows of customers who count in shares. `rfm` has a column tier."""
    return rfm[rfm["tier"].isin(scope(profile))]


def write_lists(run) -> dict[str, Path]:
    """One CSV per tier of the profile in the run's `lists/`, by tier; the largest spend first, no personal data.

    Columns: customer_id, source and source_key (joined by ';'), owner, reason_en, reason_zh (who reads a list is not
    who asked for the run), recency_days, frequency, monetary.
    """
    tables = {name: run.table(name) for name in ("rfm", "customers")}
    tables["keys"] = run.engine.run(HERE / "keys.sql", identities=run.table("identities")).materialise()
    paths = {}
    for key, tier in run.profile.tiers.items():
        listed = run.engine.run(HERE / "tier_list.sql", params={"tier": key}, **tables).df()
        for place, language in enumerate(LANGUAGES, listed.columns.get_loc("owner") + 1):
            listed.insert(place, f"reason_{language}", (tier.meaning or tier.name)[language])
        paths[key] = write_csv(run.folder / "lists" / f"{key}.csv", listed)
    return paths


def _case(profile, part: str, days: Sequence[date]) -> str:
    """The rules of `tiers` or `lifecycle` in SQL: days with other thresholds have a case of their own."""
    cases: dict[str, list[str]] = {}
    for day in days or [None]:
        cases.setdefault(profile.case(part, day), []).append(f"date '{day}'")
    if len(cases) == 1:
        return next(iter(cases))
    whens = [f"when as_of in ({', '.join(on)}) then {case}" for case, on in cases.items()]
    return f"case {' '.join(whens)} end"
