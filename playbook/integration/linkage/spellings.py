"""The values that link or liken records, each in one spelling: tables of every name, phone, place ... that occurs."""

from collections.abc import Callable, Sequence

import pandas as pd

from playbook.integration.linkage.normalise import Address, Company, Email, Name, address, company, email, name, phone
from playbook.integration.types.places import places
from playbook.tables.engine import Engine, Table, identifier

#: Columns of pandas that hold nothing yet are texts all the same.
_TYPES = {"extent": "int64", "address_words": "object"}


def spellings(engine: Engine, observed: Table, attributes: Table, region: str) -> dict[str, Table]:
    """`names`, `phones` and `emails` of the observed identifiers, `places`, `addresses` and `companies` of the records'
    attributes: one row per different value, with its fields as `normalise` has them. `region` (CN, DE, US) is whose
    phones need no country code."""

    def spelled(table: Table, column: str, parse: Callable, fields: Sequence[str]) -> Table:
        frame = pd.DataFrame([parse(value) for value in distinct(table, column)], columns=fields)
        return engine.frame(frame.astype({field: _TYPES.get(field, "str") for field in fields}))

    return {
        "names": spelled(observed, "name", name, Name._fields),
        "phones": spelled(observed, "phone", lambda text: (text, phone(text, region)), ("phone", "phone_key")),
        "emails": spelled(observed, "email", email, Email._fields),
        "places": engine.frame(places(distinct(attributes, "region", "city")).astype("str")),
        "addresses": spelled(attributes, "address", address, Address._fields),
        "companies": spelled(attributes, "company", company, Company._fields),
    }


def distinct(table: Table, *columns: str) -> list[str]:
    """The different values of some columns together, in order, without null."""
    parts = (f"select distinct {identifier(c)} as v from t where {identifier(c)} is not null" for c in columns)
    return [value for (value,) in table.engine.sql(f"{' union '.join(parts)} order by v", t=table).rows()]
