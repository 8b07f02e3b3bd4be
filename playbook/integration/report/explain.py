"""Why these records are one customer: which records, which ties, what was decided, which ids it had before."""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.linkage.registry import follow, history
from playbook.profile.golden import CONTACT_FIELDS
from playbook.tables import privacy
from playbook.tables.engine import Engine, Table

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
    was asked for went out of use, or None. `known_since`: of a record asked for that these data do not hold any more,
    the day it was first seen; else None.
    """

    asked: str
    customer_id: str
    retired_on: date | None
    known_since: date | None
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

    A record is named by its published key or the source's own, and found where it once was in the data. An id that went
    out of use is followed. Raises `UnknownCustomer`.
    """
    if not isinstance(run, str | Path):
        return _explained(run.table, partial(_registry, run.engine, run.folder), customer_id)
    with closing(Engine(threads=1)) as engine:
        known = partial(_published, engine, Path(run)), partial(_registry, engine, Path(run))
        return _explained(*known, customer_id)


def _published(engine: Engine, folder: Path, name: str) -> Table:
    path = folder / "tables" / f"{name}.parquet"
    if not path.is_file():
        raise UnknownCustomer(f"there is no {path}; explain reads a published run: execute playbook run first.")
    return engine.read(path)


def _registry(engine: Engine, folder: Path) -> Table | None:
    path = folder / "state" / "registry.parquet"
    return engine.read(path) if path.is_file() else None


def _explained(table: Callable[[str], Table], registry: Callable[[], Table | None], asked: str) -> Explanation:
    log = table("identity_log").df()
    named = _named(table("identities"), asked) or _away(registry(), asked) or _Named(asked)
    followed = follow(log, named.customer_id)
    rows = {name: _rows(table(name), followed.customer_id) for name in _OF_CUSTOMER}
    if rows["identities"].empty:
        raise UnknownCustomer(_unknown(asked, named))
    return Explanation(
        asked=asked,
        customer_id=followed.customer_id,
        retired_on=followed.since,
        known_since=named.known_since if named.customer_id != asked else None,
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


class _Named(NamedTuple):
    """A customer, and since when the record is known by which it was found, where that is not in the data."""

    customer_id: str
    known_since: date | None = None


def _named(identities: Table, asked: str) -> _Named | None:
    """The customer of a record asked for as source:key."""
    found = identities.engine.sql(_OF_RECORD, params=_keys(asked), records=identities).rows()
    return _Named(found[0][0]) if found else None


def _away(registry: Table | None, asked: str) -> _Named | None:
    """The customer that a record, or an id, belonged to when it was last in the data."""
    if registry is None:
        return None
    text = f"{_OF_RECORD} union all {_OF_ID} limit 1"
    found = registry.engine.sql(text, params=_keys(asked) | {"asked": asked}, records=registry).rows()
    return _Named(*found[0]) if found else None


def _keys(asked: str) -> dict[str, str]:
    """A record asked for as source:key, under that key and the hash that stands for it where keys are personal."""
    source, _, key = asked.partition(":")
    hashed = privacy.hashed(key, "source_key") if key and privacy.key_path().is_file() else key
    return {"source": source, "key": key, "hashed": hashed}


def _unknown(asked: str, named: _Named) -> str:
    if named.known_since:
        return (
            f"these data hold no record of '{asked}' any more; it was first seen on {named.known_since:%Y-%m-%d}. The"
            " runs of earlier days explain it: give --as-of."
        )
    return (
        f"no customer goes by '{asked}'. Ids are 16 hexadecimal digits, as in the column customer_id of the lists; a"
        " record is asked for as source:key, as in crm:M200017."
    )


def _rows(table: Table, customer_id: str) -> pd.DataFrame:
    text = "select * from t where customer_id = $customer_id order by all"
    return table.engine.sql(text, params={"customer_id": customer_id}, t=table).df()


def _decisions(table: Table, customer_id: str) -> pd.DataFrame:
    """The decisions that name a record of a customer, with every record that they name."""
    return table.engine.sql(_DECIDED, params={"customer_id": customer_id}, decisions=table).df()


def _contacts(rows: pd.DataFrame) -> dict[str, str]:
    given = rows[list(CONTACT_FIELDS)].stack().dropna()
    return dict(zip(given.index.get_level_values(1), given, strict=True))


_OF_RECORD = "select customer_id, since from records where source = $source and source_key in ($key, $hashed)"
_OF_ID = "select customer_id, min(since) from records where customer_id = $asked group by customer_id"
_DECIDED = """
select
  place, kind, min(reason) as reason,
  string_agg(concat(source, ' ', source_key), ', ' order by source, source_key) as records
from decisions
group by place, kind
having count(*) filter (where customer_id = $customer_id) > 0
order by place, kind
"""
