"""Reads every file of a mapping: opened, checked against its header, typed and staged, what does not fit set aside."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from playbook.integration.ingest.date_formats import Undecided, day_format, epoch_format
from playbook.integration.ingest.schema_snapshot import SchemaSnapshot, earlier_columns, file_snapshot, hint
from playbook.integration.ingest.staging import staged_sql, text_of, unit_of
from playbook.integration.ingest.validation import refuse
from playbook.integration.readers.database import is_server, open_database
from playbook.integration.readers.delimited import LayoutError
from playbook.integration.readers.encoding import EncodingError
from playbook.integration.readers.headers import header_rows
from playbook.integration.readers.raw_table import Opened, Raw, stored
from playbook.integration.readers.reader import open_file
from playbook.integration.sources import fields, units
from playbook.integration.sources.conditions import unmet
from playbook.integration.sources.folders import every_column, folder_messages, widened
from playbook.integration.sources.locate import Located, SourcesError
from playbook.integration.sources.lookups import joined
from playbook.integration.sources.mapping import Mapping, ReadFile, added_up, bind, missing
from playbook.integration.sources.models import FileSpec, Misplaced, Sources
from playbook.integration.types import texts
from playbook.integration.types.expressions import Header
from playbook.integration.types.field_types import DAY_TYPES, DayFormat, field_type
from playbook.report.message import Message
from playbook.run.data import digest
from playbook.tables.engine import Engine, Table, identifier, quoted

_MASK = {"[0-9]": "9", "[a-z]": "a", "[A-Z]": "A", "[^\\x00-\\x7F]": "某"}


class Reading(NamedTuple):
    """All files, their staged rows by table, and the values that did not fit: file_no, row_no, name, column, value."""

    files: list[ReadFile]
    staged: dict[str, Table]
    problems: Table
    messages: tuple[Message, ...] = ()
    snapshots: tuple[dict, ...] = ()


def read(engine: Engine, sources: Sources, spill: Path, before: SchemaSnapshot | None = None) -> Reading:
    """Read all files of a mapping; `before` is what the last run kept of them.

    `SourcesError` names the file, the place in sources.yml and what would do.
    """
    files, messages, snapshots = [], [], []
    texts.define(engine.con)
    for spec in sources.files:
        opened = {located: _open(engine, sources, spec, located, spill) for located in sources.located(spec)}
        messages += folder_messages(spec, {located.label: file for located, file in opened.items()})
        opened, earlier = widened(opened), earlier_columns(before, spec)
        loaded = {located: _load(engine, sources, spec, located, opened, earlier) for located in opened}
        messages += unmet(engine.con, spec, list(loaded.values()))
        of_spec = [(opened[located], *file) for located, file in loaded.items()]
        snapshots.append(file_snapshot(engine.con, spec, of_spec, earlier))
        files += [ReadFile(n, located, spec, *file) for n, (located, file) in enumerate(loaded.items(), len(files))]
    _refuse_copies(files)
    staged = {}
    for table in fields.TABLES:
        if mine := [file for file in files if file.spec.table == table]:
            staged[table] = _stage(engine, sources, table, mine)
    problems = _problems(engine, staged, files)
    refuse(engine, sources, files, staged, problems)
    messages += [message for file in files for message in _messages(file)]
    for file in files:
        engine.con.execute(f"drop table {file.raw.table}")
    return Reading(files, staged, problems, tuple(messages), tuple(snapshots))


def column_types(table: str, specs: list[FileSpec]) -> dict[str, str]:
    """The columns of the staged rows of a table, with their types."""
    every = {name: field for spec in specs for name, field in spec.fields.items()}
    return fields.STAGED | {name: field_type(field.kind).sql_type for name, field in every.items()}


def _open(engine: Engine, sources: Sources, spec: FileSpec, located: Located, spill: Path) -> Opened:
    with _placed(sources, spec, located.label):
        if is_server(spec.path):
            return open_database(engine.con, spec, spill)
        opened = open_file(engine.con, located.path, spec, spill, lambda header: added_up(spec, header))
        return joined(engine.con, sources, spec, opened, spill)


def _load(
    engine: Engine, sources: Sources, spec: FileSpec, located: Located, files: dict[Located, Opened], earlier: dict
) -> tuple[Raw, Mapping]:
    """One file loaded and bound to its mapping."""
    opened = files[located]
    with _placed(sources, spec, located.label):
        try:
            mapping = bind(spec, opened.header, (*every_column(files), *earlier))
        except Misplaced as error:
            more = _other_header(spec, opened) or hint(engine.con, spec, opened, earlier)
            raise Misplaced(f"{error}{more}", *error.inside) from None
        raw = opened.load(mapping.cells)
        if not raw.rows and not (opened.widen and len(files) > 1):  # the last page of an API is often empty
            raise LayoutError("it holds a header and no row; export it again, or take it out of sources.yml")
        header, names = Header(opened.header), [*spec.columns.values(), *spec.attributes.values()]
        if any(name not in opened.header and header.find(name) is not None for name in names):
            raw = raw._replace(repairs=(*raw.repairs, "header_name"))  # width, case and spaces do not count
        return raw, mapping


@contextlib.contextmanager
def _placed(sources: Sources, spec: FileSpec, label: str) -> Iterator[None]:
    """Errors of a reader, with the file and the place in sources.yml."""
    try:
        yield
    except (Misplaced, LayoutError, EncodingError, Undecided) as error:
        raise sources.error(spec, f"{label}: {error}", *getattr(error, "inside", ())) from None


def _other_header(spec: FileSpec, opened: Opened) -> str:
    """Where another row of the file looks like the header: titles above it must be declared."""
    for number, row in enumerate(opened.first_rows, 1):
        if number not in header_rows(spec.header) and len(row) > 1 and not missing(spec, tuple(row)):
            return f" Row {number} looks like the header: declare header: {number}."
    values = [name for name in opened.header if re.match(r"\s*[-+¥$€£(]?[0-9]", name)]
    is_narrow = len(opened.header) < len(spec.columns)  # a title, whatever it begins with
    if header_rows(spec.header) and not is_narrow and 2 * len(values) >= len(opened.header):
        return " Its first row looks like data: declare header: 0 and names: [...], one for each column."
    return ""


def _messages(file: ReadFile) -> Iterator[Message]:
    """What to know about one file: what its reader saw, and columns whose names say a unit."""
    yield from (Message(f"integration.flag.{key}", {"file": file.label} | values) for key, values in file.raw.notes)
    for column in file.mapping.columns:
        if column.name not in file.spec.units and (unit := unit_of(file.spec, column)):
            values = {"file": file.label, "column": column.expression.label, "factor": float(units.FACTORS[unit])}
            yield Message("integration.flag.header_unit", values)


def _refuse_copies(files: list[ReadFile]) -> None:
    """Refuse a file whose content another one has; one without a checksum is hashed where another has its size."""
    sizes = [file.located.path.stat().st_size if file.located.path.is_file() else 0 for file in files]
    labels: dict[tuple, str] = {}
    for file, size in zip(files, sizes, strict=True):
        checksum = file.raw.sha256 or (digest(file.located.path) if size and sizes.count(size) > 1 else None)
        key = (checksum, file.spec.table, file.spec.sheet, file.spec.db_table, file.spec.query)
        if checksum and file.raw.rows and key in labels:
            raise SourcesError(f"{file.label} has the same content as {labels[key]}; take one of them out.")
        labels[key] = file.label


def _stage(engine: Engine, sources: Sources, table: str, mine: list[ReadFile]) -> Table:
    """The rows of a table: files of one declaration whose columns stand in one order are staged together."""
    parts, left = [], mine
    while left:
        first = left[0]
        alike = [file for file in left if file.spec is first.spec and file.mapping == first.mapping]
        left = [file for file in left if file not in alike]
        formats = _day_formats(engine, sources, first, [file for file in mine if file.spec is first.spec])
        raws = {file.number: file.raw for file in alike}
        parts.append(staged_sql(raws, first.spec, first.mapping, formats, sources.currency, sources.rates))
    rows = stored(engine, "\nunion all by name\n".join(f"select * from ({part})" for part in parts))
    types = column_types(table, [file.spec for file in mine])
    columns = [
        identifier(n) if n in rows.columns else f"cast(null as {t}) as {identifier(n)}" for n, t in types.items()
    ]
    return engine.sql(f"select {', '.join(columns)} from rows", rows=rows)


def _day_formats(engine: Engine, sources: Sources, first: ReadFile, files: list[ReadFile]) -> dict[str, DayFormat]:
    """How each column of days of a declaration writes them, over all of its files."""
    formats, spec = {}, first.spec
    for column in first.mapping.typed:
        if column.kind not in DAY_TYPES:
            continue
        with _placed(sources, spec, first.label):
            if unit := spec.units.get(column.name):
                formats[column.name] = epoch_format(column.expression.label, sources, unit)
            else:
                columns = [(file.raw, mapped) for file in files if (mapped := file.mapping.column(column.name))]
                formats[column.name] = day_format(engine.con, columns, sources, spec.date_order)
    return formats


def _problems(engine: Engine, staged: dict[str, Table], files: list[ReadFile]) -> Table:
    """The values that did not fit, as the files have them; personal ones only by their shape."""
    parts = [_NO_PROBLEM]
    for rows in staged.values():
        columns = engine.con.execute(_PROBLEM_COLUMNS.format(rows.name)).fetchall()
        parts += [_problem_values(files[number], rows, name) for number, name in sorted(columns)]
    return stored(engine, "\nunion all\n".join(parts))


def _problem_values(file: ReadFile, rows: Table, name: str) -> str:
    expression, value = file.mapping.column(name).expression, "r.value"
    for pattern, shape in _MASK.items() if file.mapping.is_personal(expression) else ():
        value = f"regexp_replace({value}, {quoted(pattern)}, {quoted(shape)}, 'g')"
    reason = f"regexp_extract(problem, {quoted(f'(?:^|;){name}=([a-z_]+)')}, 1)"
    raw = f"select {file.raw.row} as row_no, {text_of(expression)} as value from {file.raw.table}"
    return (
        f"select {file.number}, s.row_no, {quoted(name)}, {quoted(expression.label)}, {value}, {reason}"
        f" from {rows.name} as s join ({raw}) as r on r.row_no = s.row_no"
        f" where s.file_no = {file.number} and s.problem <> '' and {reason} <> ''"
    )


_NO_PROBLEM = (
    "select cast(null as integer) as file_no, cast(null as bigint) as row_no, cast(null as varchar) as name,"
    ' cast(null as varchar) as "column", cast(null as varchar) as value, cast(null as varchar) as reason where false'
)
_PROBLEM_COLUMNS = """
  select distinct file_no, unnest(regexp_extract_all(problem, '(?:^|;)([a-z_A-Z0-9]+)=', 1)) from {0}
  where problem <> ''
"""
