"""Reads every file of a mapping: opened, checked against its header, typed and staged, what does not fit set aside."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from playbook.integration.ingest.date_formats import Undecided, day_format, epoch_format
from playbook.integration.ingest.schema_snapshot import Shape, file_shape, hint, known_columns
from playbook.integration.ingest.staging import Staged, text_of, unit_of
from playbook.integration.ingest.validation import Given, refuse
from playbook.integration.readers.database import is_server, open_postgres
from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.encoding import EncodingError
from playbook.integration.readers.headers import header_rows
from playbook.integration.readers.raw_table import Raw, drop, stored
from playbook.integration.readers.reader import Opened, open_file
from playbook.integration.sources import fields, units
from playbook.integration.sources.conditions import unmet
from playbook.integration.sources.folders import Note, every_column, folder_notes, widened
from playbook.integration.sources.locate import Located, SourcesError
from playbook.integration.sources.lookups import joined
from playbook.integration.sources.mapping import Mapped, Mapping, bind, missing
from playbook.integration.sources.models import FileSpec, Misplaced, Sources
from playbook.integration.types import texts
from playbook.integration.types.dates import DayFormat
from playbook.integration.types.expressions import Header
from playbook.run.data import digest
from playbook.tables.engine import Engine, Table, identifier, quoted

_DAYS = ("time", "day", "month")
_VALUE = re.compile(r"^\s*[-+¥$€£(]?[0-9]")
_MASK = {"[0-9]": "9", "[a-z]": "a", "[A-Z]": "A", "[^\\x00-\\x7F]": "某"}


class ReadFile(NamedTuple):
    """One file that was read: its number, how it was declared, what the reader and the mapping made of it."""

    number: int
    located: Located
    spec: FileSpec
    raw: Raw
    mapping: Mapping


class Reading(NamedTuple):
    """All files, their staged rows by table, and the values that did not fit: file_no, row_no, name, column, value."""

    files: list[ReadFile]
    staged: dict[str, Table]
    problems: Table
    notes: tuple[Note, ...] = ()
    shapes: tuple[dict, ...] = ()


def read(engine: Engine, sources: Sources, spill: Path, before: Shape | None = None) -> Reading:
    """Read all files of a mapping; `before` is what the last run kept of them.

    `SourcesError` names the file, the place in sources.yml and what would do.
    """
    files, staged, notes, shapes = [], {}, [], []
    texts.define(engine.con)
    for spec in sources.files:
        opened = {located: _open(engine, sources, spec, located, spill) for located in sources.located(spec)}
        notes += folder_notes(spec, {located.label: file for located, file in opened.items()})
        opened, known = widened(opened), known_columns(before, spec)
        found = [_load(engine, sources, spec, located, opened, known) for located in opened]
        loaded = [(opened[located], raw, mapping) for located, _, raw, mapping in found]
        notes += unmet(engine.con, spec, [(raw, mapping) for *_, raw, mapping in loaded])
        shapes.append(file_shape(engine.con, spec, loaded, known))
        files += [ReadFile(len(files) + number, *parts) for number, parts in enumerate(found)]
    _refuse_twins(files)
    for table in fields.TABLES:
        if mine := [file for file in files if file.spec.table == table]:
            staged[table] = _stage(engine, sources, table, mine)
    problems = _problems(engine, staged, files)
    given = [Given(file.number, file.located.label, *file[2:]) for file in files]
    refuse(engine, sources, given, staged, problems)
    notes += [note for file in files for note in _notes(file)]
    for file in files:
        drop(engine.con, file.raw)
    return Reading(files, staged, problems, tuple(notes), tuple(shapes))


def column_types(table: str, specs: list[FileSpec]) -> dict[str, str]:
    """The columns of the staged rows of a table, with their types."""
    from playbook.integration.types.values import kind

    every = {name: field for spec in specs for name, field in spec.fields.items()}
    return fields.STAGED | {name: kind(field.kind).type for name, field in every.items()}


def _open(engine: Engine, sources: Sources, spec: FileSpec, located: Located, spill: Path) -> Opened:
    with _blamed(sources, spec, located.label):
        if is_server(spec.path):
            return open_postgres(engine.con, spec, spill)
        return joined(engine.con, sources, spec, open_file(engine.con, located.path, spec, spill), spill)


def _load(engine: Engine, sources: Sources, spec: FileSpec, located: Located, others: dict[Located, Opened], known):
    """One file bound to its mapping and loaded: (located, spec, raw, mapping)."""
    opened = others[located]
    with _blamed(sources, spec, located.label):
        try:
            mapping = bind(spec, opened.header, (*every_column(others), *known))
        except Misplaced as error:
            more = _other_header(spec, opened) or hint(engine.con, spec, opened, known)
            raise Misplaced(f"{error}{more}", *error.inside) from None
        raw = opened.load(mapping.cells)
        if _are_respelled(spec, opened.header):
            raw = raw._replace(repairs=(*raw.repairs, "header_name"))
        if not raw.rows and not (opened.widen and len(others) > 1):  # the last page of an API is often empty
            raise LayoutError("it holds a header and no row; export it again, or take it out of sources.yml")
        return located, spec, raw, mapping


@contextlib.contextmanager
def _blamed(sources: Sources, spec: FileSpec, label: str) -> Iterator[None]:
    """Errors of a reader, with the file and the place in sources.yml."""
    try:
        yield
    except Misplaced as error:
        raise sources.error(spec, f"{label}: {error}", *error.inside) from None
    except (LayoutError, EncodingError, Undecided) as error:
        raise sources.error(spec, f"{label}: {error}") from None


def _other_header(spec: FileSpec, opened: Opened) -> str:
    """Where another row of the file looks like the header: titles above it must be declared."""
    for number, row in enumerate(opened.first_rows, 1):
        if number not in header_rows(spec.header) and len(row) > 1 and not missing(spec, tuple(row)):
            return f" Row {number} looks like the header: declare header: {number}."
    values = [name for name in opened.header if _VALUE.search(name)]
    is_narrow = len(opened.header) < len(spec.columns)  # a title, whatever it begins with
    if header_rows(spec.header) and not is_narrow and 2 * len(values) >= len(opened.header):
        return " Its first row looks like data: declare header: 0 and names: [...], one for each column."
    return ""


def _are_respelled(spec: FileSpec, names: tuple[str, ...]) -> bool:
    """Whether a column is found only because width, case and spaces of its name do not count."""
    asked = [*spec.columns.values(), *spec.attributes.values()]
    return any(text not in names and Header(names).find(text) is not None for text in asked)


def _notes(file: ReadFile) -> Iterator[Note]:
    """What to know about one file: what its reader saw, and columns whose names say a unit."""
    label = file.located.label
    yield from (Note(f"integration.flag.{key}", {"file": label} | values) for key, values in file.raw.notes)
    for column in file.mapping.columns:
        if column.name not in file.spec.units and (unit := unit_of(file.spec, column)):
            values = {"file": label, "column": column.expression.label, "factor": float(units.FACTORS[unit])}
            yield Note("integration.flag.header_unit", values)


def _refuse_twins(files: list[ReadFile]) -> None:
    seen: dict[tuple, str] = {}
    for file in files:
        checksum = file.raw.sha256 or _checksum(file, files)
        key = (checksum, file.spec.table, file.spec.sheet, file.spec.db_table, file.spec.query)
        if checksum and file.raw.rows and key in seen:
            raise SourcesError(f"{file.located.label} has the same content as {seen[key]}; take one of them out.")
        seen[key] = file.located.label


def _checksum(file: ReadFile, files: list[ReadFile]) -> str | None:
    """Of a workbook or Parquet file; only where another one has its size."""
    size = _size(file)
    twins = [other for other in files if other is not file and _size(other) == size]
    return digest(file.located.path) if size and twins else None


def _size(file: ReadFile) -> int:
    path = file.located.path
    return path.stat().st_size if path.is_file() else 0


def _stage(engine: Engine, sources: Sources, table: str, mine: list[ReadFile]) -> Table:
    parts = [_staged(engine, sources, alike, mine).sql for alike in _of_one_make(mine)]
    rows = stored(engine, "\nunion all by name\n".join(f"select * from ({part})" for part in parts))
    types = column_types(table, [file.spec for file in mine])
    whole = [identifier(n) if n in rows.columns else f"cast(null as {t}) as {identifier(n)}" for n, t in types.items()]
    return engine.sql(f"select {', '.join(whole)} from rows", rows=rows)


def _of_one_make(files: list[ReadFile]) -> Iterator[list[ReadFile]]:
    """Files of one declaration whose columns stand in one order are staged together."""
    left = files
    while left:
        first = left[0]
        alike = [file for file in left if file.spec is first.spec and file.mapping == first.mapping]
        left = [file for file in left if file.spec is not first.spec or file.mapping != first.mapping]
        yield alike


def _staged(engine: Engine, sources: Sources, alike: list[ReadFile], mine: list[ReadFile]) -> Staged:
    first = alike[0]
    kin = [file for file in mine if file.spec is first.spec]
    formats = {}
    for column in first.mapping.typed:
        if column.kind in _DAYS:
            with _blamed(sources, first.spec, first.located.label):
                formats[column.name] = _day_format(engine, sources, first.spec, column, kin)
    raws = {file.number: file.raw for file in alike}
    return Staged(raws, first.spec, first.mapping, formats, sources.currency, sources.rates)


def _day_format(engine: Engine, sources: Sources, spec: FileSpec, column: Mapped, kin: list[ReadFile]) -> DayFormat:
    if unit := spec.units.get(column.name):
        return epoch_format(column.expression.label, sources, unit)
    columns = [(file.raw, mapped) for file in kin if (mapped := file.mapping.column(column.name))]
    return day_format(engine.con, columns, sources, spec.date_order)


def _problems(engine: Engine, staged: dict[str, Table], files: list[ReadFile]) -> Table:
    """The values that did not fit, as the files have them; personal ones only by their shape."""
    parts = [_NO_PROBLEM]
    for rows in staged.values():
        found = engine.con.execute(_PROBLEM_NAMES.format(rows.name)).fetchall()
        parts += [_problem_values(files[number], rows, name) for number, name in sorted(found)]
    return stored(engine, "\nunion all\n".join(parts))


def _problem_values(file: ReadFile, rows: Table, name: str) -> str:
    expression = file.mapping.column(name).expression
    shown = _masked("g.value") if file.mapping.is_personal(expression) else "g.value"
    reason = f"regexp_extract(problem, {quoted(f'(?:^|;){name}=([a-z_]+)')}, 1)"
    given = f"select {file.raw.row} as row_no, {text_of(expression)} as value from {file.raw.table}"
    return (
        f"select {file.number}, r.row_no, {quoted(name)}, {quoted(expression.label)}, {shown}, {reason}"
        f" from {rows.name} as r join ({given}) as g on g.row_no = r.row_no"
        f" where r.file_no = {file.number} and r.problem <> '' and {reason} <> ''"
    )


def _masked(value: str) -> str:
    for pattern, shape in _MASK.items():
        value = f"regexp_replace({value}, {quoted(pattern)}, {quoted(shape)}, 'g')"
    return value


_NO_PROBLEM = (
    "select cast(null as integer) as file_no, cast(null as bigint) as row_no, cast(null as varchar) as name,"
    ' cast(null as varchar) as "column", cast(null as varchar) as value, cast(null as varchar) as reason where false'
)
_PROBLEM_NAMES = """
  select distinct file_no, unnest(regexp_extract_all(problem, '(?:^|;)([a-z_A-Z0-9]+)=', 1)) from {0}
  where problem <> ''
"""
