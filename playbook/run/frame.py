"""From a DataFrame of transactions to tiers, future value and churn: a run in a folder of its own, without files."""

import shutil
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import yaml

from playbook.profile.models import load
from playbook.run import publish, steps
from playbook.run.data import find
from playbook.run.run import Run, open_run
from playbook.run.workspace import Workspace
from playbook.tables.nearest import nearest

#: The column of the standard tables behind each argument.
COLUMNS = {
    "customer": "customer_key", "date": "ordered_at", "amount": "amount", "order": "order_id", "channel": "channel",
    "store": "store", "category": "category",
}  # fmt: skip


def from_transactions(
    df: pd.DataFrame,
    *,
    customer: str,
    date: str,
    amount: str,
    order: str | None = None,
    kind: str | None = None,
    channel: str | None = None,
    category: str | None = None,
    store: str | None = None,
    industry: str = "retail",
    currency: str | None = None,
    as_of: str | date | None = None,
) -> "Shop":
    """Tiers, future value and churn of the customers in a DataFrame; each argument names one of its columns.

    df: one row per order, or per line of an order where `order` repeats. `customer`: its key, missing for anonymous
    sales. `date`: day or time, by the clock of its own zone. `amount`: money in one currency, negative for what was
    returned. `kind`: purchase, return, deposit, top_up or redemption, where that is known. `currency`: as EUR, by
    default the industry's.
    `as_of`: the last day that counts, by default the last plausible one of the data. The numbers are those of
    `playbook run` on the same rows.

    Raises ValueError where a column is not there, and SourcesError where its values cannot be read.

    >>> import pandas as pd, playbook
    >>> days = ["2025-01-03", "2025-02-01", "2025-03-01"]
    >>> sales = pd.DataFrame({"who": ["a", "b", "a"], "day": days, "paid": [9, 5, 7]})
    >>> shop = playbook.from_transactions(sales, customer="who", date="day", amount="paid")
    >>> shop.rfm[["who", "recency_days", "frequency", "monetary"]].values.tolist()
    [['a', 0, 2, 16.0], ['b', 28, 1, 5.0]]
    """
    asked = {"customer": customer, "date": date, "amount": amount, "order": order, "kind": kind}
    asked |= {"channel": channel, "category": category, "store": store}
    columns = {argument: name for argument, name in asked.items() if name is not None}
    for argument, name in columns.items():
        if name not in df.columns:
            there = [str(each) for each in df.columns]
            raise ValueError(f"{argument}='{name}': the frame has no such column; {nearest(str(name), there)}")
        if isinstance(df[name], pd.DataFrame):
            raise ValueError(
                f"{argument}='{name}': the frame has {df[name].shape[1]} columns of that name; rename them."
            )
    rows = df[list(columns.values())].set_axis(list(columns), axis=1)
    if isinstance(rows["date"].dtype, pd.DatetimeTZDtype):
        rows["date"] = rows["date"].dt.tz_localize(None)
    as_of = None if as_of is None else pd.Timestamp(as_of).date()
    return Shop(rows, customer, industry=industry, currency=currency or load(industry).currency, as_of=as_of)


class Shop:
    """A run on a DataFrame. Its tables are made when they are first asked for."""

    def __init__(self, rows: pd.DataFrame, key: str, *, industry: str, currency: str, as_of: date | None):
        self.rows, self.key, self.industry, self.currency, self.as_of = rows, key, industry, currency, as_of

    @cached_property
    def run(self) -> Run:
        """The run behind the tables: `shop.run.table("orders")`, `shop.run.engine`."""
        run = open_run(industry=self.industry, data=str(self._data), out=str(self._data / "runs"), as_of=self.as_of)
        run.keeps = self._folder  # the folder lives as long as whoever holds the run
        return run

    @property
    def rfm(self) -> pd.DataFrame:
        """One row per customer: recency_days, frequency, monetary, scores, tier, lifecycle."""
        return self._keyed("rfm")

    @property
    def ltv(self) -> pd.DataFrame:
        """One row per customer: p_alive, expected orders and value, ltv with its interval, value_tier."""
        return self._keyed("ltv")

    @property
    def churn(self) -> pd.DataFrame:
        """One row per customer: churn_probability, risk, signals."""
        return self._keyed("churn")

    def report(self, path: str | Path, language: str = "en") -> Path:
        """Execute the notebooks on the rows and write the report as one HTML file; return its path."""
        from playbook.report import execute

        data, path = find(str(self._data)), Path(path)
        workspace = Workspace(data.folder / "runs", data.name)
        plan = steps.Plan(self.industry, load(self.industry), data, self.as_of, workspace, language, steps.notebooks())
        published = publish.run(plan, lambda notebook, out, values, env: execute(notebook, out, values, env=env))
        shutil.copyfile(published.folder / f"report.{language}.html", path)
        return path

    def _keyed(self, table: str) -> pd.DataFrame:
        """A table with the customer's own key in front, under the name that it has in the frame; a column of the table
        that is called so, too, gets an underscore behind its name."""
        keys = self.run.table("identities").df().drop_duplicates("customer_id").set_index("customer_id")["source_key"]
        rows = self.run.table(table).df()
        own = rows["customer_id"].map(keys)
        rows = rows.rename(columns={self.key: f"{self.key}_"})
        rows.insert(0, self.key, own)
        return rows[own.notna()].sort_values(self.key, ignore_index=True)

    @cached_property
    def _folder(self) -> TemporaryDirectory:
        return TemporaryDirectory(prefix="playbook-")

    @cached_property
    def _data(self) -> Path:
        """The folder with the rows as a file and the mapping that says which column is which."""
        folder = Path(self._folder.name).resolve()
        self.rows.to_csv(folder / "transactions.csv", index=False)
        mapping = {"name": "transactions", "currency": self.currency, "files": [_mapped(self.rows)]}
        (folder / "sources.yml").write_text(yaml.safe_dump(mapping, allow_unicode=True), encoding="utf-8")
        return folder


def _mapped(rows: pd.DataFrame) -> Mapping:
    """The rows as orders; as lines of orders where an order has several, or a category of its own."""
    are_lines = "category" in rows or ("order" in rows and rows["order"].duplicated().any())
    columns = {column: argument for argument, column in COLUMNS.items() if argument in rows}
    kinds = sorted(set(rows["kind"].dropna()) - {"purchase"}) if "kind" in rows else []
    return {
        "path": "transactions.csv",
        "source": "shop",
        "table": "order_lines" if are_lines else "orders",
        "columns": {"channel": "'shop'"} | columns,
        "kinds": {kind: f"kind = '{kind}'" for kind in kinds},
    }
