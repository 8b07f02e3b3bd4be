"""What a run keeps of its sources for the next one: the header of each file, the looks of its columns, its months."""

from typing import Any, NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.ingest.column_profile import Sketch, likeness, sketches
from playbook.integration.readers import database
from playbook.integration.readers.raw_table import Opened, Raw, drop
from playbook.integration.sources.mapping import Mapping, missing
from playbook.integration.sources.models import FileSpec
from playbook.integration.types.expressions import alike

#: Columns this much alike are taken for one under two names, where no third one is nearly as much.
ALIKE, APART = 0.8, 0.02


class Shape(NamedTuple):
    """What one run keeps for the next: its day; by declaration header and columns; rows and money by month.

    Of each file: source, table, path, header, `required` (the columns that no row may lack), `columns` (name -> looks),
    and `lacking`, the columns that the mapping names and only an earlier run had (name -> looks then).
    """

    as_of: str
    files: list[dict[str, Any]]
    volumes: list[dict[str, Any]]

    @classmethod
    def of(cls, kept: dict | None) -> "Shape | None":
        """What an earlier run kept, if there was one."""
        return cls(**kept) if kept else None


def declared(spec: FileSpec) -> tuple[str, str, str]:
    """How a declaration is known again: source, table and path, with the sheet or the table of a database."""
    part = spec.sheet or spec.db_table
    return spec.source, spec.table, database.without_secrets(spec.path) + (f"#{part}" if part else "")


def known_columns(before: Shape | None, spec: FileSpec) -> dict[str, Sketch]:
    """The columns that a declaration had in the run before, and those it lacked there already."""
    files = before.files if before else []
    mine = [file for file in files if (file["source"], file["table"], file["path"]) == declared(spec)]
    return {name: look for file in mine for name, look in (file["lacking"] | file["columns"]).items()}


def file_shape(
    con: DuckDBPyConnection, spec: FileSpec, loaded: list[tuple[Opened, Raw, Mapping]], known: dict[str, Sketch]
) -> dict[str, Any]:
    """What to keep of a declaration: the looks of its newest file that has rows."""
    opened, raw, mapping = next((file for file in reversed(loaded) if file[1].rows), loaded[-1])
    header = tuple(dict.fromkeys(name for file, *_ in loaded for name in file.header if name))
    lacking = {name: look for name, look in known.items() if alike(name) in map(alike, missing(spec, header))}
    columns = dict(sketches(con, raw, mapping.cells, mapping.personal_cells))
    if any(alike(name) not in map(alike, header) for name in known):
        columns |= new_columns(con, opened, known)
    source, table, path = declared(spec)
    required = [c.expression.label for c in mapping.columns if c.is_required and c.expression.is_column]
    said = {"header": list(header), "required": required, "columns": columns, "lacking": lacking}
    return {"source": source, "table": table, "path": path} | said


def new_columns(con: DuckDBPyConnection, opened: Opened, known: dict[str, Sketch]) -> dict[str, Sketch]:
    """The looks of the columns that the run before did not read."""
    before = set(map(alike, known))
    new = {number for number, name in enumerate(opened.header) if name and alike(name) not in before}
    raw = opened.load(new)
    found = dict(sketches(con, raw, new, new))
    drop(con, raw)
    return found


def hint(con: DuckDBPyConnection, spec: FileSpec, opened: Opened, known: dict[str, Sketch]) -> str:
    """What became of a column that the mapping names and the file has no more, as far as its values tell."""
    gone = [name for name in known if alike(name) in map(alike, missing(spec, opened.header))]
    if not gone:
        return ""
    match = most_alike(known[gone[0]], new_columns(con, opened, known))
    was = f" The last run still had '{gone[0]}'"
    return f"{was}; what '{match}' holds now looks like it: map that column, if it is the same." if match else f"{was}."


def most_alike(wanted: Sketch, others: dict[str, Sketch]) -> str | None:
    """The one column that looks like another; None where none or several do."""
    found = sorted(((likeness(wanted, other), name) for name, other in others.items()), reverse=True)
    if not found or found[0][0] < ALIKE or (len(found) > 1 and found[0][0] - found[1][0] < APART):
        return None
    return found[0][1]
