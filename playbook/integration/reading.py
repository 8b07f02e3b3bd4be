"""Reads every file of a mapping: opened, checked against its header, typed and staged, what does not fit set aside."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from playbook.engine import Engine, Table, identifier, quoted
from playbook.integration import fields, texts
from playbook.integration.dayformats import Undecided, day_format
from playbook.integration.delimited import LayoutError
from playbook.integration.encoding import EncodingError
from playbook.integration.locate import Located, SourcesError
from playbook.integration.lookups import joined
from playbook.integration.mapping import Mapping, bind, missing
from playbook.integration.raw import Raw, drop, stored
from playbook.integration.readers import Opened, open_file
from playbook.integration.sources import FileSpec, Misplaced, Sources
from playbook.integration.staging import Staged, text_of

_DAYS = ("time", "day", "month")
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


def read(engine: Engine, sources: Sources, spill: Path) -> Reading:
    """Read all files of a mapping. `SourcesError` names the file, the place in sources.yml and what would do."""
    files, staged = [], {}
    texts.define(engine.con)
    for spec in sources.files:
        found = [_open(engine, sources, spec, located, spill) for located in sources.located(spec)]
        files += [ReadFile(len(files) + number, *parts) for number, parts in enumerate(found)]
    _refuse_twins(files)
    for table in fields.TABLES:
        if mine := [file for file in files if file.spec.table == table]:
            staged[table] = _stage(engine, sources, table, mine)
    problems = _problems(engine, staged, files)
    for file in files:
        drop(engine.con, file.raw)
    return Reading(files, staged, problems)


def column_types(table: str, specs: list[FileSpec]) -> dict[str, str]:
    """The columns of the staged rows of a table, with their types."""
    from playbook.integration.values import kind

    every = {name: field for spec in specs for name, field in spec.fields.items()}
    return fields.STAGED | {name: kind(field.kind).type for name, field in every.items()}


def _open(engine: Engine, sources: Sources, spec: FileSpec, located: Located, spill: Path):
    """One file opened, bound to its mapping and loaded: (located, spec, raw, mapping)."""
    with _blamed(sources, spec, located.label):
        opened = joined(engine.con, sources, spec, open_file(engine.con, located.path, spec, spill), spill)
        try:
            mapping = bind(spec, opened.header)
        except Misplaced as error:
            raise Misplaced(f"{error}{_other_header(spec, opened)}", *error.inside) from None
        raw = opened.load(mapping.cells)
        if not raw.rows:
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
        if number != spec.header and len(row) > 1 and not missing(spec, tuple(row)):
            return f" Row {number} looks like the header: declare header: {number}."
    return ""


def _refuse_twins(files: list[ReadFile]) -> None:
    seen: dict[tuple, str] = {}
    for file in files:
        key = (file.raw.sha256, file.spec.table, file.spec.sheet)
        if file.raw.sha256 and key in seen:
            raise SourcesError(f"{file.located.label} has the same content as {seen[key]}; take one of them out.")
        seen[key] = file.located.label


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
                columns = [(file.raw, file.mapping.column(column.name)) for file in kin]
                formats[column.name] = day_format(engine.con, columns, sources, first.spec.date_order)
    return Staged({file.number: file.raw for file in alike}, first.spec, first.mapping, formats)


def _problems(engine: Engine, staged: dict[str, Table], files: list[ReadFile]) -> Table:
    """The values that did not fit, as the files have them; personal ones only by their shape."""
    parts = [_NO_PROBLEM]
    for file in files:
        rows = staged[file.spec.table]
        found = engine.con.execute(_PROBLEM_NAMES.format(rows.name, file.number)).fetchall()
        parts += [_problem_values(file, rows, name) for name in sorted({name for (name,) in found})]
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
  select distinct unnest(regexp_extract_all(problem, '(?:^|;)([a-z_A-Z0-9]+)=', 1)) from {0}
  where file_no = {1} and problem <> ''
"""
