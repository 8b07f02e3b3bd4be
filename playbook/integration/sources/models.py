"""sources.yml: which file holds which standard table, and which of its columns is which."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from playbook.integration.readers import database
from playbook.integration.readers.headers import Header, header_rows
from playbook.integration.sources import fields, queries, units
from playbook.integration.sources.locate import Located, SourcesError, locate, not_found
from playbook.profile.yaml_lines import AsWritten, Lines, read_yaml
from playbook.run.workspace import run_name
from playbook.tables.nearest import nearest
from playbook.tables.schema import ORDER_KINDS

FILE = "sources.yml"


class Misplaced(ValueError):
    """A problem with a key further inside than the part that was being checked."""

    def __init__(self, message: str, *inside: str):
        super().__init__(message)
        self.inside = inside


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"'{value}' is not a day; write it as in as_of: 2025-08-31.") from None


Day = Annotated[date, BeforeValidator(_day)]
DateOrder = Literal["ymd", "dmy", "mdy"]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ControlTotal(_Part):
    """What finance booked for a source, in one month or over all."""

    source: str
    month: str | None = Field(default=None, pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    gross: float | None = None
    returns: float | None = None
    net: float | None = None


class Lookup(_Part):
    """A second file whose columns the mapping may name as well, such as a list of products."""

    path: str
    key: str
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)


class FileSpec(_Part):
    """One file, or several of one make, and what its columns mean."""

    path: str
    source: str = Field(min_length=1, pattern=r"^[^|]+$")
    table: str
    columns: dict[str, str] = Field(min_length=1)
    attributes: dict[str, str] = {}
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    header: Header = 1
    names: list[str] | None = None
    fixed_width: dict[str, tuple[int, int]] | None = None
    skip_rows: int = Field(default=0, ge=0)
    sheet: str | None = None
    format: Literal["jsonl", "json", "weblog"] | None = None
    items: str | None = None
    explode: str | None = None
    total: str | None = None
    db_table: str | None = None
    query: str | None = None
    password_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    lookup: list[Lookup] = []
    key_source: str | None = None
    values: dict[str, dict[str, str]] = {}
    kinds: dict[str, str] = {}
    internal: str | None = None
    anonymous: str | None = None
    exclude: dict[str, str] = {}
    updated_at: str | None = None
    date_order: DateOrder | None = None
    units: dict[str, str] = {}
    decimal: Literal[".", ","] | None = None
    currency: str | None = None

    @property
    def numbering(self) -> str:
        """The source whose numbers the customer keys are."""
        return self.key_source or self.source

    @property
    def carries_orders(self) -> bool:
        """Whether orders are derived from this file of lines."""
        return self.table == "order_lines" and "ordered_at" in self.columns

    @property
    def fields(self) -> dict[str, fields.Field]:
        """All that this file may map."""
        return fields.fields(self.table, self.columns, self.attributes)

    @property
    def required(self) -> set[str]:
        """The columns whose value no row may lack."""
        return fields.required(self.table, tuple(self.columns)) - ({"kind"} if self.kinds else set())

    @model_validator(mode="after")
    def _is_whole(self) -> "FileSpec":
        for check in (_check_database, _check_columns, _check_units, _check_names, _check_layout):
            check(self)
        return self


class Sources(_Part):
    """A folder of exports, declared. Made by `read_sources`."""

    name: Annotated[str, AfterValidator(run_name)] | None = None
    industry: str | None = None
    currency: Currency | None = None
    rates: dict[Currency, Decimal] = {}
    time_zone: str | None = None
    as_of: Day | None = None
    date_order: DateOrder | None = None
    control_totals: list[ControlTotal] = []
    origin: str | None = None
    files: list[FileSpec]

    _folder: Path = PrivateAttr()
    _lines: Lines = PrivateAttr()

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, zone: str | None) -> str | None:
        try:
            return zone and ZoneInfo(zone).key
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"there is no time zone '{zone}'; write it as in Asia/Shanghai or UTC") from error

    @model_validator(mode="after")
    def _is_whole(self) -> "Sources":
        if self.rates and not self.currency:
            raise Misplaced("say into which currency: declare currency, such as currency: CNY.", "rates")
        sources = sorted({file.source for file in self.files})
        selling = sorted({file.source for file in self.files if file.table in ("orders", "order_lines")})
        with_orders = {file.source for file in self.files if file.table == "orders"}
        for number, control in enumerate(self.control_totals):
            message = f"no file of orders comes from '{control.source}'"
            _check_known(control.source, selling, message, "control_totals", str(number))
        for number, file in enumerate(self.files):
            message = f"there is no source '{file.key_source}'"
            _check_known(file.numbering, sources, message, "files", str(number), "key_source")
        for number, file in enumerate(self.files):
            if file.table == "order_lines" and not file.carries_orders and file.source not in with_orders:
                raise Misplaced(
                    f"the lines of '{file.source}' have no orders: declare its file with table: orders,"
                    " or map ordered_at, so that orders are derived from the lines.",
                    *("files", str(number)),
                )
        if not with_orders and not any(file.carries_orders for file in self.files):
            raise Misplaced("no file gives orders; one with table: orders is the least that is needed.", "files")
        return self

    @property
    def folder(self) -> Path:
        """The folder that sources.yml lies in."""
        return self._folder

    def located(self, spec: FileSpec) -> list[Located]:
        """The files a declaration stands for; `SourcesError` where there is none."""
        if database.is_server(spec.path):
            return [Located(database.label(spec, spec.path), Path())]
        files = self._files(spec, spec.path)
        if spec.db_table or spec.query:
            return [Located(database.label(spec, file.label), file.path) for file in files]
        return files

    def located_lookup(self, spec: FileSpec, lookup: Lookup) -> Located:
        """The one file a lookup stands for."""
        files = self._files(spec, lookup.path)
        if len(files) > 1:
            raise self.error(spec, f"the lookup '{lookup.path}' stands for {len(files)} files; name one of them.")
        return files[0]

    def inputs(self) -> list[Path]:
        """Every file a run reads, sources.yml among them; what a database's log has not yet given over to it, too."""
        local = [spec for spec in self.files if not database.is_server(spec.path)]
        files = [path for spec in local for file in self.located(spec) for path in database.with_log(file.path)]
        lookups = [self.located_lookup(spec, lookup).path for spec in self.files for lookup in spec.lookup]
        return sorted({self._folder / FILE, *files, *lookups})

    @property
    def is_live(self) -> bool:
        """Whether a database server is read: nobody can tell without asking it whether its rows are the same."""
        return any(database.is_server(spec.path) for spec in self.files)

    def error(self, spec: FileSpec, message: str, *key: str) -> SourcesError:
        """An error that names the place in sources.yml."""
        place = self._lines.place(("files", self.files.index(spec), *key))
        return SourcesError(f"{place}{', ' + '.'.join(key) if key else ''}: {message}")

    def _files(self, spec: FileSpec, path: str) -> list[Located]:
        if path.startswith(("/", "~")) or ".." in Path(path).parts:
            raise self.error(spec, f"'{path}' must be a path below the folder of {FILE}, without '..'.", "path")
        if not (files := locate(self._folder, path)):
            raise self.error(spec, not_found(self._folder, path, self.origin), "path")
        return files


def read_sources(path: str | Path) -> Sources:
    """The mapping of a folder (or of its sources.yml), checked.

    Raises `SourcesError` that names file, line, key and the nearest known name.
    """
    path = Path(path)
    path = path / FILE if path.is_dir() else path
    if not path.is_file():
        folder = path.name != FILE and path.suffix not in (".yml", ".yaml")
        what = f"there is no folder {path}" if folder else f"there is no {path}; it says which file holds which table"
        raise SourcesError(f"{what}. `playbook init FOLDER` drafts one for a folder of exports.")
    try:
        data, lines = read_yaml(path, AsWritten)
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError) as error:
        raise SourcesError(f"{path} does not read as YAML in UTF-8: {error}") from None
    try:
        sources = Sources.model_validate(data)
    except ValidationError as error:
        raise SourcesError("\n".join(_in_words(problem, lines) for problem in error.errors()[:10])) from None
    sources._folder, sources._lines = path.resolve().parent, lines
    return sources


def _in_words(problem: dict, lines: Lines) -> str:
    """A problem that pydantic has found, with its line and its place."""
    cause, last = problem.get("ctx", {}).get("error"), problem["loc"][-1] if problem["loc"] else ""
    inside = (int(key) if key.isdigit() else key for key in getattr(cause, "inside", ()))
    place = tuple(key for key in (*problem["loc"], *inside) if key != "[key]")
    message = str(cause) if cause else f"{problem['msg']}, found {problem['input']!r}."
    if problem["type"] == "extra_forbidden":
        owners = {"files": FileSpec, "control_totals": ControlTotal, "lookup": Lookup}
        owner = next((owners[key] for key in reversed(problem["loc"][:-1]) if key in owners), Sources)
        message = f"'{last}' is not a key here; {nearest(str(last), owner.model_fields)}"
    elif problem["type"] == "missing":
        message = "is missing."
    return f"{lines.place(place)}, {'.'.join(map(str, place)) or 'the file'}: {message}"


def _check_known(name: str, names: Iterable[str], message: str, *place: str) -> None:
    """Raise `Misplaced`, with the nearest of the known names, where a name is none of them."""
    if name not in names:
        raise Misplaced(f"{message}; {nearest(name, names)}", *place)


def _check_database(spec: FileSpec) -> None:
    is_server = database.is_server(spec.path)
    if is_server and database.holds_password(spec.path):
        raise Misplaced("take the password out: put it into an environment variable, named by password_env.", "path")
    if spec.db_table and spec.query:
        raise Misplaced("give db_table or query, not both.", "query")
    if is_server and not spec.db_table and not spec.query:
        raise Misplaced("is a database; say which table (db_table: sales.orders) or which query.", "path")
    if spec.query:
        try:
            queries.check(spec.query, "postgres" if is_server else "sqlite")
        except queries.QueryError as error:
            raise Misplaced(str(error), "query") from None


def _check_columns(spec: FileSpec) -> None:
    _check_known(spec.table, fields.TABLES, f"'{spec.table}' is not a table that is read", "table")
    columns = [*spec.fields, *(["consent_marketing"] if spec.table == "customers" else [])]
    for name in spec.columns:
        _check_known(name, columns, f"{spec.table} has no column '{name}'", "columns", name)
    if lacking := [name for name in fields.REQUIRED[spec.table] if name not in spec.columns]:
        raise Misplaced(f"{spec.table} needs {', '.join(lacking)}; map it to a column of {spec.path}.", "columns")


def _check_units(spec: FileSpec) -> None:
    for name, unit in spec.units.items():
        _check_known(name, spec.columns, f"'{name}' is not mapped in columns", "units", name)
        if not (allowed := units.allowed(spec.fields[name].kind)):
            raise Misplaced("has no unit: amounts, quantities, days and times have.", "units", name)
        _check_known(unit, allowed, f"'{unit}' is no unit of it", "units", name)


def _check_names(spec: FileSpec) -> None:
    if spec.attributes and spec.table != "customers":
        raise Misplaced("only customers have attributes of their own.", "attributes")
    if taken := sorted(set(spec.attributes) & {*fields.fields("customers"), *fields.STAGED, "customer_id"}):
        raise Misplaced("is a name that the playbook uses; choose another.", "attributes", taken[0])
    for name in spec.values:
        _check_known(name, spec.columns, f"'{name}' is not mapped in columns", "values", name)
    for kind in spec.kinds:
        _check_known(kind, ORDER_KINDS, f"'{kind}' is not a kind of order", "kinds", kind)


def _check_layout(spec: FileSpec) -> None:
    if not all(row >= 1 for row in header_rows(spec.header)):
        raise Misplaced("rows are counted from 1; header: 0 says that there are no names.", "header")
    if not header_rows(spec.header) and not spec.names and not spec.fixed_width:
        raise Misplaced("a file without a header needs names: [...], one for each column.", "header")
    if bad := [name for name, (first, last) in (spec.fixed_width or {}).items() if not 1 <= first <= last]:
        raise Misplaced("give the first and last character, counted from 1, as in [1, 6].", "fixed_width", bad[0])
