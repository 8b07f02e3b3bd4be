"""Why these records are one customer: which records, which links, what was decided, which ids it had before."""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.linkage.registry import follow, history
from playbook.profile.golden import CONTACT_FIELDS
from playbook.tables import privacy
from playbook.tables.engine import Engine, Table

_OF_CUSTOMER = (
    "identities", "links", "bridges", "contacts", "field_conflicts", "proposed_internal", "customers"
)  # fmt: skip


class UnknownCustomer(LookupError):
    """No customer goes by that id, and none ever did; or the run holds no such table."""


class Explanation(NamedTuple):
    """One customer, explained; personal values are keyed hashes.

    `records`: source, source_key, since, rule, weight. `links`: source_a, source_key_a, source_b, source_key_b, rule,
    weight, probability. `bridges`: the doubtful links that alone hold it together, with both halves. `contacts`: the
    hash of each personal value by field. `conflicts`: what its records disagree on. `history`: merges and splits.
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
    links: pd.DataFrame
    bridges: pd.DataFrame
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
        return _explained(run.engine, run.folder, run.table, customer_id)
    with closing(Engine(threads=1)) as engine:

        def published(name: str) -> Table:
            path = Path(run) / "tables" / f"{name}.parquet"
            if not path.is_file():
                raise UnknownCustomer(f"there is no {path}; explain reads a published run: execute playbook run first.")
            return engine.read(path)

        return _explained(engine, Path(run), published, customer_id)


def suggested(folder: Path, asked: str) -> str:
    """The records of a published run meant by a number without its source, in words, as `explain` is asked for them;
    empty where no record bears the number."""
    path = folder / "tables" / "identities.parquet"
    if not path.is_file() or ":" in asked:
        return ""
    with closing(Engine(threads=1)) as engine:
        keys = {"key": asked, "hashed": _hashed(asked)}
        sources = engine.sql(_OF_KEY, params=keys, records=engine.read(path)).rows()
    return f" Did you mean {' or '.join(f'{source}:{asked}' for (source,) in sources)}?" if sources else ""


def _explained(engine: Engine, folder: Path, table: Callable[[str], Table], asked: str) -> Explanation:
    log = table("identity_log").df()
    customer_id, away_since = _customer(engine, folder, table("identities"), asked)
    followed = follow(log, customer_id)
    params = {"customer_id": followed.customer_id}
    text = "select * from t where customer_id = $customer_id order by all"
    rows = {name: engine.sql(text, params=params, t=table(name)).df() for name in _OF_CUSTOMER}
    if rows["identities"].empty:
        raise UnknownCustomer(_UNKNOWN.format(asked) if away_since is None else _AWAY.format(asked, away_since))
    contacts = rows["contacts"][list(CONTACT_FIELDS)].stack().dropna()
    return Explanation(
        asked=asked,
        customer_id=followed.customer_id,
        retired_on=followed.since,
        known_since=away_since if customer_id != asked else None,
        is_internal=bool(rows["customers"]["is_internal"].any()),
        records=rows["identities"],
        links=rows["links"],
        bridges=rows["bridges"],
        contacts=dict(zip(contacts.index.get_level_values(1), contacts, strict=True)),
        conflicts=rows["field_conflicts"],
        history=history(log, followed.customer_id),
        decisions=engine.sql(_DECIDED, params=params, decisions=table("decisions")).df(),
        proposed=rows["proposed_internal"],
    )


def _customer(engine: Engine, folder: Path, identities: Table, asked: str) -> tuple[str, date | None]:
    """The customer of a record asked for as source:key, and, where the record or id is not in the data any more, since
    when it was known; what was asked for itself where no record bears it."""
    source, _, key = asked.partition(":")
    keys = {"source": source, "key": key, "hashed": _hashed(key)}
    if here := engine.sql(_OF_RECORD, params=keys, records=identities).rows():
        return here[0][0], None
    path = folder / "state" / "registry.parquet"
    if path.is_file():
        text = f"{_OF_RECORD} union all {_OF_ID} limit 1"
        if away := engine.sql(text, params=keys | {"asked": asked}, records=engine.read(path)).rows():
            return away[0]
    return asked, None


def _hashed(key: str) -> str:
    """The hash that stands for a key where keys are personal."""
    return privacy.hashed(key, "source_key") if key and privacy.key_path().is_file() else key


_AWAY = (
    "these data hold no record of '{}' any more; it was first seen on {:%Y-%m-%d}. The runs of earlier days explain it:"
    " give --as-of."
)
_UNKNOWN = (
    "no customer goes by '{}'. Ids are 16 hexadecimal digits, as in the column customer_id of the lists; a record is"
    " asked for as source:key, as in crm:M200017."
)
_OF_KEY = "select distinct source from records where source_key in ($key, $hashed) order by source"
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
