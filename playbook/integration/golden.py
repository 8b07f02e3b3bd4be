"""The golden record: of each field the value that survives, and the values that did not, with their origin."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.integration.types.places import places
from playbook.profile.golden import CONTACT_FIELDS, GOLDEN_FIELDS, Survivorship
from playbook.tables import privacy
from playbook.tables.engine import Engine, Table, identifier, quoted

HERE = Path(__file__).parent


class Golden(NamedTuple):
    """`surviving`: one row per customer and field, personal values as they are; `conflicts`: what records disagree on,
    personal values hashed."""

    surviving: Table
    conflicts: Table


def golden(
    engine: Engine, own: Table, sightings: Table, people: Table, *, rules: Survivorship, attributes: list[str]
) -> Golden:
    """Choose each customer's values.

    1. Every record claims values: master records those of their file (`own`), all records what they were seen with.
    2. A place is told in the spelling that most records use, so that spellings alone are no conflict.
    3. Where the records of a customer differ, the rule of the field chooses.
    """
    seen = engine.run(HERE / "golden_seen.sql", sightings=sightings, people=people).materialise()
    fields = [*GOLDEN_FIELDS, *attributes]
    given = engine.sql("\nunion all\n".join(_claims(fields)), own=own, seen=seen).materialise()
    claims = engine.run(HERE / "golden_places.sql", claims=given, places=_places(engine, given)).materialise()
    given = {"trust": _trust(engine, people, rules), "rules": _rules(engine, fields, rules)}
    chosen = engine.run(HERE / "golden.sql", claims=claims, **given).materialise()
    differing = engine.run(HERE / "golden_conflicts.sql", claims=claims, golden=chosen)
    return Golden(engine.sql("select * from g where survives", g=chosen), _hashed(engine, differing))


def _claims(fields: list[str]) -> Iterator[str]:
    for name in fields:
        yield _claim(name, of="own", source="key_source", newest="age_rank", oldest="first_rank")
    for name in ("name", "phone", "email"):
        yield _claim(name, of="seen", source="source", newest="newest", oldest="oldest")


def _places(engine: Engine, claims: Table) -> Table:
    named = engine.sql("select distinct value from c where field in ('region', 'city')", c=claims).rows()
    return engine.frame(places(value for (value,) in named).astype("str"))


def _claim(name: str, *, of: str, source: str, newest: str, oldest: str) -> str:
    return f"""
        select customer_id, {source} as source, source_key, {quoted(name)} as field,
          cast({identifier(name)} as varchar) as value, {newest} as newest, {oldest} as oldest
        from {of}
        where {identifier(name)} is not null"""


def _trust(engine: Engine, people: Table, rules: Survivorship) -> Table:
    known = [source for (source,) in engine.sql("select distinct source from p order by 1", p=people).rows()]
    named = [source for source in rules.trusted if source in known]
    ordered = [*named, *(source for source in known if source not in named)]
    return engine.frame(pd.DataFrame({"source": ordered, "turn": range(len(ordered))}).astype({"source": "str"}))


def _rules(engine: Engine, fields: list[str], rules: Survivorship) -> Table:
    return engine.frame(pd.DataFrame({"field": fields, "rule": [rules.rule(name) for name in fields]}))


def _hashed(engine: Engine, conflicts: Table) -> Table:
    """Personal values as the keyed hashes that `contacts` has."""
    name = f"{conflicts.name}_hashed"
    cases = " ".join(f"when field = '{kind}' then {privacy.hashed_sql('value', kind)}" for kind in CONTACT_FIELDS)
    engine.con.execute(
        f"create temp table {name} as select * replace (case {cases} else value end as value) from {conflicts.name}",
        {"secret": privacy.key()},
    )
    return engine.sql(f"select * from {name}")
