"""What a run keeps of its sources for the next one: the header of each file, its columns' fingerprints, its months."""

from typing import Any, NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.readers import database
from playbook.integration.readers.raw_table import Opened, Raw
from playbook.integration.sources.mapping import Mapping, missing
from playbook.integration.sources.models import FileSpec
from playbook.integration.types.column_profiler import Fingerprint, fingerprints, similarity
from playbook.integration.types.texts import folded

#: Columns this much alike are taken for one under two names, where no third one is nearly as much.
ALIKE, APART = 0.8, 0.02


class SchemaSnapshot(NamedTuple):
    """What one run keeps for the next: its day; by declaration header and columns; rows and money by month.

    Of each file: source, table, path, header, `required` (the columns that no row may lack), `columns` (name ->
    fingerprint), and `lacking`, the columns that the mapping names and only an earlier run had.
    """

    as_of: str
    files: list[dict[str, Any]]
    volumes: list[dict[str, Any]]

    @classmethod
    def of(cls, kept: dict | None) -> "SchemaSnapshot | None":
        """What an earlier run kept, if there was one."""
        return cls(**kept) if kept else None


def declared(spec: FileSpec) -> tuple[str, str, str]:
    """How a declaration is known again: source, table and path, with the sheet or the table of a database."""
    part = spec.sheet or spec.db_table
    return spec.source, spec.table, database.without_secrets(spec.path) + (f"#{part}" if part else "")


def earlier_columns(before: SchemaSnapshot | None, spec: FileSpec) -> dict[str, Fingerprint]:
    """The columns that a declaration had in the run before, and those it lacked there already."""
    files = [file for file in (before.files if before else []) if file_key(file) == declared(spec)]
    return {name: print_ for file in files for name, print_ in (file["lacking"] | file["columns"]).items()}


def file_key(file: dict) -> tuple[str, str, str]:
    """How the entry of a file is known again: as `declared` has it."""
    return file["source"], file["table"], file["path"]


def file_snapshot(
    con: DuckDBPyConnection, spec: FileSpec, loaded: list[tuple[Opened, Raw, Mapping]], earlier: dict[str, Fingerprint]
) -> dict[str, Any]:
    """What to keep of a declaration: the columns of its newest file that has rows."""
    opened, raw, mapping = next((file for file in reversed(loaded) if file[1].rows), loaded[-1])
    header = tuple(dict.fromkeys(name for file, *_ in loaded for name in file.header if name))
    lacking = set(map(folded, missing(spec, header)))
    columns = fingerprints(con, raw.table, raw.header, mapping.cells, mapping.personal_cells)
    if not set(map(folded, earlier)) <= set(map(folded, header)):
        columns |= new_columns(con, opened, earlier)
    return {
        **dict(zip(("source", "table", "path"), declared(spec), strict=True)),
        "header": list(header),
        "required": [c.expression.label for c in mapping.columns if c.is_required and c.expression.is_column],
        "columns": columns,
        "lacking": {name: print_ for name, print_ in earlier.items() if folded(name) in lacking},
    }


def new_columns(con: DuckDBPyConnection, opened: Opened, earlier: dict[str, Fingerprint]) -> dict[str, Fingerprint]:
    """The fingerprints of the columns that the run before did not read."""
    before = set(map(folded, earlier))
    new = {number for number, name in enumerate(opened.header) if name and folded(name) not in before}
    raw = opened.load(new)
    prints = fingerprints(con, raw.table, raw.header, new, personal=new)
    con.execute(f"drop table {raw.table}")
    return prints


def hint(con: DuckDBPyConnection, spec: FileSpec, opened: Opened, earlier: dict[str, Fingerprint]) -> str:
    """What became of a column that the mapping names and the file has no more, as far as its values tell."""
    lacking = set(map(folded, missing(spec, opened.header)))
    gone = next((name for name in earlier if folded(name) in lacking), None)
    if gone is None:
        return ""
    match = most_alike(earlier[gone], new_columns(con, opened, earlier))
    was = f" The last run still had '{gone}'"
    return f"{was}; what '{match}' holds now looks like it: map that column, if it is the same." if match else f"{was}."


def most_alike(wanted: Fingerprint, others: dict[str, Fingerprint]) -> str | None:
    """The one column that looks like another; None where none or several do."""
    ranked = sorted(((similarity(wanted, other), name) for name, other in others.items()), reverse=True)
    if not ranked or ranked[0][0] < ALIKE or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < APART):
        return None
    return ranked[0][1]
