"""The list of who is at risk, with the sources' own keys and the signals in words, safe to open in a spreadsheet."""

from pathlib import Path

import pandas as pd

from playbook import rfm
from playbook.churn.build import Room
from playbook.report.text import LANGUAGES, words
from playbook.tables.export import write_csv

HERE = Path(__file__).parent
NAME = "at_risk"
#: The columns of the list, in order; no personal data.
COLUMNS = (
    "customer_id", "source", "source_key", "owner", "risk", "churn_probability", *(f"risk_{one}" for one in LANGUAGES),
    *(f"signals_{one}" for one in LANGUAGES), "at_stake", "tier", "recency_days", "frequency", "monetary",
)  # fmt: skip


def write_list(run, room: Room, above: pd.DataFrame) -> Path:
    """Write `lists/at_risk.csv`: one row per customer of `above`, as `story.endangered(...)` orders them.

    What is to be read stands in both languages: who reads a list is not who asked for the run.
    """
    return write_csv(run.folder / "lists" / f"{NAME}.csv", risk_list(run, room, above))


def risk_list(run, room: Room, above: pd.DataFrame) -> pd.DataFrame:
    """One row per customer above the lowest level of risk, with the keys by which the sources know them."""
    keys = run.engine.run(Path(rfm.__file__).parent / "keys.sql", identities=run.table("identities"))
    tables = {"rfm": run.table("rfm"), "customers": run.table("customers"), "keys": keys}
    known = run.engine.run(HERE / "at_risk.sql", **tables).df()
    found = above.drop(columns=["tier", "monetary"]).merge(known, on="customer_id", how="left")
    for language in LANGUAGES:
        said = words(language, run.profile)
        found[f"risk_{language}"] = [said.format(key, "risk") for key in found.risk]
        found[f"signals_{language}"] = [said.format(";".join(keys) or "none", "signals") for keys in found.signals]
    return found.assign(churn_probability=found.churn_probability.round(3))[list(COLUMNS)]
