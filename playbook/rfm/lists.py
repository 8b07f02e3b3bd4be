"""Lists: who is in a tier, with the sources' own keys, in a file that a spreadsheet opens safely."""

from pathlib import Path

import pandas as pd

from playbook.report.text import LANGUAGES
from playbook.tables.engine import Table
from playbook.tables.export import write_csv

HERE = Path(__file__).parent


def write_lists(run) -> dict[str, Path]:
    """One CSV per tier of the profile in the run's `lists/`, the largest spend first; no personal data.

    The reason stands in both languages (`reason_en`, `reason_zh`): who reads a list is not who asked for the run.
    """
    keys = run.engine.run(HERE / "keys.sql", identities=run.table("identities")).materialise()
    return {tier: _write(run, tier, keys) for tier in run.profile.tiers}


def tier_list(rfm: Table, customers: Table, keys: Table, *, tier: str) -> pd.DataFrame:
    """One row per customer of a tier: customer_id, source, source_key (joined by ';'), owner and R, F, M."""
    tables = {"rfm": rfm, "customers": customers, "keys": keys}
    return rfm.engine.run(HERE / "list.sql", params={"tier": tier}, **tables).df()


def _write(run, tier: str, keys: Table) -> Path:
    found = tier_list(run.table("rfm"), run.table("customers"), keys, tier=tier)
    for place, language in enumerate(LANGUAGES, 4):
        found.insert(place, f"reason_{language}", _reason(run.profile.tiers[tier], language))
    return write_csv(run.folder / "lists" / f"{tier}.csv", found)


def _reason(tier, language: str) -> str:
    return (tier.meaning or tier.name)[language]
