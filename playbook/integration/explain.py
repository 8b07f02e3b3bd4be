"""Why these records are one customer: which records, which ties, what was decided, which ids it had before."""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.engine import Engine, Table
from playbook.integration.registry import follow, history
from playbook.profile_golden import CONTACT_FIELDS

_OF_CUSTOMER = (
    "identities", "links", "weak_links", "contacts", "field_conflicts", "proposed_internal", "customers"
)  # fmt: skip


class UnknownCustomer(LookupError):
    """No customer goes by that id, and none ever did; or the run holds no such table."""


class Explanation(NamedTuple):
    """One customer, explained; personal values are keyed hashes.

    `records`: source, source_key, since, rule, weight. `ties`: source_a, source_key_a, source_b, source_key_b, rule,
    weight, probability. `weak`: the doubtful ties that alone hold it together, with both halves. `contacts`: the hash
    of each personal value by field. `conflicts`: what its records disagree on. `history`: merges and splits.
    `decisions`: place, kind, reason, records. `proposed`: why it may be internal. `retired_on`: the day the id that
    was asked for went out of use, or None.
    """

    asked: str
    customer_id: str
    retired_on: date | None
    is_internal: bool
    records: pd.DataFrame
    ties: pd.DataFrame
    weak: pd.DataFrame
    contacts: dict[str, str]
    conflicts: pd.DataFrame
    history: pd.DataFrame
    decisions: pd.DataFrame
    proposed: pd.DataFrame


def explain(run: Any, customer_id: str) -> Explanation:
    """Explain a customer of a run, or of the folder of a published one; a record is asked for as `source:key`.

    An id that went out of use is followed. Raises `UnknownCustomer`.
    """
    if not isinstance(run, str | Path):
        return _explained(run.table, customer_id)
    with closing(Engine(threads=1)) as engine:
        return _explained(lambda name: _published(engine, Path(run), name), customer_id)


def _published(engine: Engine, folder: Path, name: str) -> Table:
    path = folder / "tables" / f"{name}.parquet"
    if not path.is_file():
        raise UnknownCustomer(f"there is no {path}; explain reads a published run: execute playbook run first.")
    return engine.read(path)


def _explained(table: Callable[[str], Table], asked: str) -> Explanation:
    log = table("identity_log").df()
    followed = follow(log, _named(table("identities"), asked))
    rows = {name: _rows(table(name), followed.customer_id) for name in _OF_CUSTOMER}
    if rows["identities"].empty:
        raise UnknownCustomer(
            f"no customer goes by '{asked}'. Ids are 16 hexadecimal digits, as in the column customer_id of the lists;"
            " a record is asked for as source:key, as in crm:M200017."
        )
    return Explanation(
        asked=asked,
        customer_id=followed.customer_id,
        retired_on=followed.since,
        is_internal=bool(rows["customers"]["is_internal"].any()),
        records=rows["identities"],
        ties=rows["links"],
        weak=rows["weak_links"],
        contacts=_contacts(rows["contacts"]),
        conflicts=rows["field_conflicts"],
        history=history(log, followed.customer_id),
        decisions=_decisions(table("decisions"), followed.customer_id),
        proposed=rows["proposed_internal"],
    )


def _named(identities: Table, asked: str) -> str:
    """The customer of a record asked for as source:key; else the id as it is."""
    source, _, key = asked.partition(":")
    found = identities.engine.sql(_OF_RECORD, params={"source": source, "key": key}, identities=identities).rows()
    return found[0][0] if found else asked


def _rows(table: Table, customer_id: str) -> pd.DataFrame:
    text = "select * from t where customer_id = $customer_id order by all"
    return table.engine.sql(text, params={"customer_id": customer_id}, t=table).df()


def _decisions(table: Table, customer_id: str) -> pd.DataFrame:
    """The decisions that name a record of a customer, with every record that they name."""
    return table.engine.sql(_DECIDED, params={"customer_id": customer_id}, decisions=table).df()


def _contacts(rows: pd.DataFrame) -> dict[str, str]:
    given = rows[list(CONTACT_FIELDS)].stack().dropna()
    return dict(zip(given.index.get_level_values(1), given, strict=True))


_OF_RECORD = "select customer_id from identities where source = $source and source_key = $key"
_DECIDED = """
select
  place, kind, min(reason) as reason,
  string_agg(concat(source, ' ', source_key), ', ' order by source, source_key) as records
from decisions
group by place, kind
having count(*) filter (where customer_id = $customer_id) > 0
order by place, kind
"""
