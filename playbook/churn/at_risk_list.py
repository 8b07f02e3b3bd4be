"""The list of who is at risk, with the sources' own keys and the signals in words, safe to open in a spreadsheet."""

from pathlib import Path

import pandas as pd

from playbook import rfm
from playbook.report.text import LANGUAGES, words
from playbook.tables.export import write_csv

HERE = Path(__file__).parent
NAME = "at_risk"
#: The columns of the list, in order; no personal data.
COLUMNS = (
    "customer_id", "source", "source_key", "owner", "risk", "churn_probability", *(f"risk_{one}" for one in LANGUAGES),
    *(f"signals_{one}" for one in LANGUAGES), "at_stake", "tier", "recency_days", "frequency", "monetary",
)  # fmt: skip


def by_stake(scored: pd.DataFrame, levels) -> pd.DataFrame:
    """Everybody above the lowest level with `at_stake`, the probability times what was spent; the most comes first.

    `scored` is `report_tables.scored_customers(...)`.
    """
    above = scored[scored.risk != list(levels)[-1]]
    above = above.assign(at_stake=(above.churn_probability * above.monetary.clip(lower=0)).round(2))
    order = ["at_stake", "churn_probability", "customer_id"]
    return above.sort_values(order, ascending=[False, False, True], ignore_index=True)


def first_to_call(at_risk: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The first so many of `by_stake`, to be shown: customer_id, tier, risk, churn_probability, spent, signals."""
    shown = at_risk.head(most).rename(columns={"monetary": "spent"})
    names = ["customer_id", "tier", "risk", "churn_probability", "spent", "at_stake", "signals"]
    return shown.assign(signals=[";".join(keys) or "none" for keys in shown.signals])[names]


def write_list(run, at_risk: pd.DataFrame) -> Path:
    """Write `lists/at_risk.csv`: one row per customer of `by_stake(...)`, with the keys by which the sources know them.

    What is to be read stands in both languages: who reads a list is not who asked for the run.
    """
    keys = run.engine.run(Path(rfm.__file__).parent / "keys.sql", identities=run.table("identities"))
    tables = {"rfm": run.table("rfm"), "customers": run.table("customers"), "keys": keys}
    contact = run.engine.run(HERE / "at_risk.sql", **tables).df()
    rows = at_risk.drop(columns=["tier", "monetary"]).merge(contact, on="customer_id", how="left")
    for language in LANGUAGES:
        text = words(language, run.profile)
        rows[f"risk_{language}"] = [text.format(key, "risk") for key in rows.risk]
        rows[f"signals_{language}"] = [text.format(";".join(keys) or "none", "signals") for keys in rows.signals]
    rows = rows.assign(churn_probability=rows.churn_probability.round(3))[list(COLUMNS)]
    return write_csv(run.folder / "lists" / f"{NAME}.csv", rows)
