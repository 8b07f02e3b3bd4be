"""The golden record: of each field the value that survives, and the values that did not, with their origin."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.integration.linkage.spellings import distinct
from playbook.integration.readers.raw_table import stored
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
    engine: Engine,
    own: Table,
    observed: Table,
    record_to_customer: Table,
    *,
    rules: Survivorship,
    attributes: list[str],
) -> Golden:
    """Choose each customer's values.

    1. Every record claims values: master records those of their file (`own`), all records
       what they were `observed` with.
    2. A place has the spelling that most records use, so that spellings alone are no conflict.
    3. Where the records of a customer differ, the rule of the field chooses.
    """
    records = {"record_to_customer": record_to_customer}
    observed_rows = engine.run(HERE / "golden_seen.sql", observed=observed, **records).materialise()
    fields = [*GOLDEN_FIELDS, *attributes]
    parts = [_claim(field, "own", "key_source", "age_rank", "first_rank") for field in fields]
    parts += [_claim(field, "observed", "source", "newest", "oldest") for field in ("name", "phone", "email")]
    written = engine.sql("\nunion all\n".join(parts), own=own, observed=observed_rows).materialise()
    named = engine.sql("select value from c where field in ('region', 'city')", c=written)
    spelled = engine.frame(places(distinct(named, "value")).astype("str"))
    claims = engine.run(HERE / "golden_places.sql", claims=written, places=spelled).materialise()
    sources = distinct(record_to_customer, "source")
    trusted = [source for source in rules.trusted if source in sources]
    ordered = [*trusted, *(source for source in sources if source not in trusted)]
    trust = pd.DataFrame({"source": ordered, "turn": range(len(ordered))}).astype({"source": "str"})
    by_field = pd.DataFrame({"field": fields, "rule": [rules.rule(field) for field in fields]})
    chosen = engine.run(
        HERE / "golden.sql", claims=claims, trust=engine.frame(trust), rules=engine.frame(by_field)
    ).materialise()
    differing = engine.run(HERE / "golden_conflicts.sql", claims=claims, golden=chosen)
    return Golden(engine.sql("select * from g where survives", g=chosen), _hashed(engine, differing))


def _claim(field: str, table: str, source: str, newest: str, oldest: str) -> str:
    return f"""
        select customer_id, {source} as source, source_key, {quoted(field)} as field,
          cast({identifier(field)} as varchar) as value, {newest} as newest, {oldest} as oldest
        from {table}
        where {identifier(field)} is not null"""


def _hashed(engine: Engine, conflicts: Table) -> Table:
    """Personal values as the keyed hashes that `contacts` has."""
    cases = " ".join(f"when field = '{kind}' then {privacy.hashed_sql('value', kind)}" for kind in CONTACT_FIELDS)
    text = f"select * replace (case {cases} else value end as value) from {conflicts.name}"
    return stored(engine, text, {"secret": privacy.key()})
