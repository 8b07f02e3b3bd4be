"""The standard tables of `schema.yml`: their columns, types, units and keys. Every step speaks these names."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

TEXT, MONEY, TIME, DAY = "VARCHAR", "DECIMAL(18, 2)", "TIMESTAMP", "DATE"
COUNT, REAL, FLAG, LIST = "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR[]"
#: What schema.yml calls the types of DuckDB.
TYPES = {
    "text": TEXT,
    "money": MONEY,
    "time": TIME,
    "day": DAY,
    "count": COUNT,
    "real": REAL,
    "flag": FLAG,
    "list": LIST,
}

ORDER_KINDS = ("purchase", "return", "deposit", "top_up", "redemption")


class Column(NamedTuple):
    """One column: its DuckDB type, whether it may be null, its unit in words, whether it is personal data."""

    name: str
    type: str
    required: bool = False
    unit: str = ""
    personal: bool = False


class TableSchema(NamedTuple):
    """One standard table: what a row is, its columns, and the total key that orders it when it is saved."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    open: bool = False  # whether a profile may add columns of its own

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the columns that may not be null."""
        return tuple(column.name for column in self.columns if column.required)


def _tables(declared: dict[str, Any]) -> dict[str, TableSchema]:
    tables = {}
    for name, table in declared.items():
        columns = [Column(column, **spec) for column, spec in table["columns"].items()]
        columns = [column._replace(type=TYPES.get(column.type, column.type)) for column in columns]
        tables[name] = TableSchema(name, table["row"], tuple(table["key"]), tuple(columns), table.get("open", False))
    return tables


_DECLARED = yaml.load(
    Path(__file__).with_name("schema.yml").read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)
SOURCE_TABLES = _tables(_DECLARED["sources"])
TABLES = SOURCE_TABLES | _tables(_DECLARED["steps"])
#: What a run keeps as tables for the runs to come.
STATE_TABLES = _tables(_DECLARED["state"]) | {"identity_log": TABLES["identity_log"]}


def schema_of(name: str) -> TableSchema:
    """The schema of a standard table; `ValueError` with the known names for any other.

    >>> schema_of("orders").key
    ('order_id',)
    """
    if name not in TABLES:
        raise ValueError(f"'{name}' is not a standard table; the standard tables are {', '.join(TABLES)}.")
    return TABLES[name]
