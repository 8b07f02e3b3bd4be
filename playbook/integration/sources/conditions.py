"""Conditions of a mapping that no row meets: what they name is seldom what the file writes."""

from collections.abc import Iterator

from duckdb import DuckDBPyConnection

from playbook.integration.readers.raw_table import Raw, cell
from playbook.integration.sources.mapping import Mapping
from playbook.integration.sources.models import FileSpec
from playbook.integration.types.expressions import Expression
from playbook.report.message import Message

_SHOWN = 5  # values that are named


def unmet(con: DuckDBPyConnection, spec: FileSpec, loaded: list[tuple[Raw, Mapping]]) -> Iterator[Message]:
    """One message per condition of a declaration that holds for none of its rows, with what stands there instead.

    `loaded`: of each file of the declaration its rows and its mapping.
    """
    rows = sum(raw.rows for raw, _ in loaded)
    for key, text in _conditions(spec).items() if rows else ():
        tried = [(raw, mapping, _conditions(mapping)[key]) for raw, mapping in loaded]
        if not any(
            con.execute(f"select 1 from {raw.table} where {condition.sql} limit 1").fetchall()
            for raw, _, condition in tried
        ):
            column = _commonest(con, tried)
            values = {"path": spec.path, "setting": key, "condition": text, "rows": rows} | column
            yield Message("integration.flag.unmet_shown" if column else "integration.flag.unmet", values)


def _conditions(of: FileSpec | Mapping) -> dict[str, str] | dict[str, Expression]:
    """The conditions of a declaration as written, or of a mapping as compiled, by their place in sources.yml."""
    rules = {f"{group}.{name}": rule for group in ("kinds", "exclude") for name, rule in getattr(of, group).items()}
    return rules | {name: rule for name in ("internal", "anonymous") if (rule := getattr(of, name))}


def _commonest(con: DuckDBPyConnection, tried: list[tuple[Raw, Mapping, Expression]]) -> dict[str, str]:
    """The commonest values of the one column that a condition reads; none where it is personal or says nothing."""
    if any(len(condition.columns) != 1 or mapping.is_personal(condition) for _, mapping, condition in tried):
        return {}
    cells = " union all ".join(
        f"select {cell(condition.columns[0])} as value from {raw.table}" for raw, _, condition in tried
    )
    values = con.execute(_COMMONEST.format(cells, _SHOWN)).fetchall()
    listed = ", ".join(f"'{value}' ({count:,})" for value, count in values)
    return {"column": tried[0][0].header[tried[0][2].columns[0]], "values": listed} if values else {}


_COMMONEST = """
select value, count(*) as rows
from ({})
where trim(value) <> ''
group by value
having count(*) > 1
order by rows desc, value
limit {}
"""
