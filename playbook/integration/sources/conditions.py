"""Conditions of a mapping that no row meets: what they name is seldom what the file writes."""

from collections.abc import Iterator

from duckdb import DuckDBPyConnection

from playbook.integration.readers.raw_table import Raw, cell
from playbook.integration.sources.folders import Note
from playbook.integration.sources.mapping import Mapping
from playbook.integration.sources.models import FileSpec
from playbook.integration.types.expressions import Expression

_SHOWN = 5  # values that are named

#: The files of one declaration: what the reader and the mapping made of each.
Loaded = list[tuple[Raw, Mapping]]


def unmet(con: DuckDBPyConnection, spec: FileSpec, loaded: Loaded) -> Iterator[Note]:
    """One note per condition of a declaration that holds for none of its rows, with what stands there instead."""
    rows = sum(raw.rows for raw, _ in loaded)
    for key, text in _written(spec).items():
        if rows and not any(_holds(con, raw, _conditions(mapping)[key]) for raw, mapping in loaded):
            said = {"path": spec.path, "setting": key, "condition": text, "rows": rows}
            values = _commonest(con, [(raw, mapping, _conditions(mapping)[key]) for raw, mapping in loaded])
            yield Note("integration.flag.unmet_shown" if values else "integration.flag.unmet", said | values)


def _written(spec: FileSpec) -> dict[str, str]:
    rules = {f"{group}.{name}": text for group in ("kinds", "exclude") for name, text in getattr(spec, group).items()}
    marks = {name: getattr(spec, name) for name in ("internal", "anonymous")}
    return rules | {name: text for name, text in marks.items() if text}


def _conditions(mapping: Mapping) -> dict[str, Expression]:
    rules = {
        f"{group}.{name}": made for group in ("kinds", "exclude") for name, made in getattr(mapping, group).items()
    }
    return rules | {"internal": mapping.internal, "anonymous": mapping.anonymous}


def _holds(con: DuckDBPyConnection, raw: Raw, condition: Expression) -> bool:
    return bool(con.execute(f"select 1 from {raw.table} where {condition.sql} limit 1").fetchall())


def _commonest(con: DuckDBPyConnection, asked: list[tuple[Raw, Mapping, Expression]]) -> dict[str, str]:
    """The commonest values of the one column that a condition reads; none where it is personal or says nothing."""
    if any(len(condition.columns) != 1 or mapping.is_personal(condition) for _, mapping, condition in asked):
        return {}
    cells = " union all ".join(
        f"select {cell(condition.columns[0])} as value from {raw.table}" for raw, _, condition in asked
    )
    found = con.execute(_COMMONEST.format(cells, _SHOWN)).fetchall()
    column = asked[0][0].header[asked[0][2].columns[0]]
    return {"column": column, "values": ", ".join(f"'{value}' ({count:,})" for value, count in found)} if found else {}


_COMMONEST = """
select value, count(*) as rows
from ({})
where trim(value) <> ''
group by value
having count(*) > 1
order by rows desc, value
limit {}
"""
