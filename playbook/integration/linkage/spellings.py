"""The values that tie or liken records, each in one spelling: tables of every name, phone, place ... that occurs."""

from collections.abc import Callable, Iterable

import pandas as pd

from playbook.integration.linkage import normalise
from playbook.tables.engine import Engine, Table, identifier

#: Columns of pandas that hold nothing yet are texts all the same.
_TYPES = {"extent": "int64", "address_words": "object"}


def of_sightings(engine: Engine, sightings: Table, region: str) -> dict[str, Table]:
    """`names`, `phones` and `emails` of the records seen: one row per different value."""
    return {
        "names": _spelled(engine, normalise.names, sightings, "name"),
        "phones": _spelled(engine, lambda given: normalise.phones(given, region), sightings, "phone"),
        "emails": _spelled(engine, normalise.emails, sightings, "email"),
    }


def of_attributes(engine: Engine, attributes: Table) -> dict[str, Table]:
    """`places`, `addresses` and `companies` of the records' attributes: one row per different value."""
    return {
        "places": _spelled(engine, normalise.places, attributes, "region", "city"),
        "addresses": _spelled(engine, normalise.addresses, attributes, "address"),
        "companies": _spelled(engine, normalise.companies, attributes, "company"),
    }


def _spelled(engine: Engine, spell: Callable[[Iterable[str]], pd.DataFrame], table: Table, *columns: str) -> Table:
    frame = spell(_values(table, columns))
    return engine.frame(frame.astype({name: _TYPES.get(name, "str") for name in frame.columns}))


def _values(table: Table, columns: tuple[str, ...]) -> list[str]:
    parts = (f"select {identifier(c)} from {table.name} where {identifier(c)} is not null" for c in columns)
    return [value for (value,) in table.engine.con.execute(" union ".join(parts)).fetchall()]
