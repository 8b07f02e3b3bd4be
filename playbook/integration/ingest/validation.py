"""What files are refused for once their values are typed: columns that are empty throughout, or written in two ways."""

from collections.abc import Callable
from typing import NamedTuple

from playbook.integration.ingest.staging import text_of
from playbook.integration.readers.raw_table import Raw
from playbook.integration.sources import currencies
from playbook.integration.sources.mapping import Mapping
from playbook.integration.sources.models import FileSpec, Sources
from playbook.integration.types.expressions import Expression
from playbook.tables.engine import Engine, Table, identifier

#: 1.234,50 has one reading; 12,50 is taken for a number with a decimal comma where most of a column is written so.
_COMMAS, _COMMA = r"[-+(]?[^0-9]{0,3}[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,6}[^0-9]{0,3}", r"-?[0-9]+,[0-9]{1,2}"
_MONEY = ("money", "price")


class Given(NamedTuple):
    """One file as far as it is looked at here."""

    number: int
    label: str
    spec: FileSpec
    raw: Raw
    mapping: Mapping


Blame = Callable[..., Exception]


def refuse(engine: Engine, sources: Sources, files: list[Given], staged: dict[str, Table], problems: Table) -> None:
    """Raise `SourcesError`, with file, row and column, where a whole column cannot be what it is declared to be."""
    known = {file.number: file for file in files}
    for number, name, column, *found in engine.sql(_PROBLEMS, problems=problems).rows():
        _refuse_empty(sources, known[number], name, column, *found)
        _refuse_commas(sources, known[number], name, column, *found)
    for file in files:
        _refuse_unrated(engine, sources, file, staged[file.spec.table])


def _refuse_empty(sources, file: Given, name: str, column: str, missing: int, *_) -> None:
    if name in file.spec.required and missing == file.raw.rows - len(file.raw.rejects):
        raise sources.error(
            file.spec,
            f"{file.label}: column '{column}' holds no value in any row ({missing:,} in all), and {name} is required;"
            " export it again, or map another column.",
            "columns",
            name,
        )


def _refuse_commas(sources, file: Given, name: str, column: str, _, commas: int, comma: int, row: int, value: str):
    if not file.spec.decimal and (commas or 2 * comma >= file.raw.rows):
        raise sources.error(
            file.spec,
            f"{file.label}: column '{column}' writes '{value}' in row {row:,}; if the comma stands before the decimals,"
            ' declare decimal: ",", else export it with a decimal point.',
            "columns",
            name,
        )


def _refuse_unrated(engine: Engine, sources: Sources, file: Given, rows: Table) -> None:
    """A second currency without a rate would be added to the first one."""
    if found := _declared(file) or _written(engine, sources, file, rows):
        codes = engine.con.execute(
            f"select currency, min(row_no) from ({found[1]}) group by 1 order by 2, 1"
        ).fetchall()
        _refuse_codes(sources, file, found[0], [(code, row) for code, row in codes if code])


def _refuse_codes(sources: Sources, file: Given, column: str, codes: list[tuple[str, int]]) -> None:
    home = sources.currency or (codes[0][0] if codes else None)
    unrated = [(code, row) for code, row in codes if code != home and code not in sources.rates]
    if unrated:
        code, row = unrated[0]
        raise sources.error(
            file.spec,
            f"{file.label}: column '{column}' is in {code} in row {row:,}, and the run in {home}; declare what one"
            f" {code} is worth: rates: {{{code}: ...}}, beside currency: {home}.",
        )


def _declared(file: Given) -> tuple[str, str] | None:
    """The rows with the currencies that a column of the file names."""
    if not (expression := file.mapping.currency):
        return None
    return expression.label, _rows(file.raw, currencies.named(text_of(expression)))


def _written(engine: Engine, sources: Sources, file: Given, rows: Table) -> tuple[str, str] | None:
    """The rows with the currencies whose signs stand beside the amounts."""
    amounts = [c for c in file.mapping.columns if c.kind in _MONEY and c.expression.kind != "number"]
    signed = [column for column in amounts if _has_signs(engine, file, rows, column.name)]
    if not signed:
        return None
    parts = [_rows(file.raw, currencies.written(_plain(c.expression), sources.currency)) for c in signed]
    return signed[0].expression.label, " union all ".join(parts)


def _has_signs(engine: Engine, file: Given, rows: Table, name: str) -> bool:
    return engine.sql(_SIGNED.format(identifier(name), name), params={"file_no": file.number}, rows=rows).scalar()


def _plain(expression: Expression) -> str:
    return text_of(expression)


def _rows(raw: Raw, currency: str) -> str:
    return f"select {currency} as currency, {raw.row} as row_no from {raw.table}"


_SIGNED = """
select count(*) > 0 from rows
where file_no = $file_no and {0} is not null and contains(repair, '{1}=currency_sign')
"""
_PROBLEMS = f"""
with marked as (
  select *,
    regexp_full_match(trim(value), '{_COMMAS}') as has_commas, regexp_full_match(trim(value), '{_COMMA}') as has_comma
  from problems
  where reason in ('missing', 'not_a_number')
)
select
  file_no, name, "column",
  count(*) filter (reason = 'missing'),
  count(*) filter (reason = 'not_a_number' and has_commas),
  count(*) filter (reason = 'not_a_number' and has_comma),
  min(row_no) filter (reason = 'not_a_number' and (has_commas or has_comma)),
  arg_min(value, row_no) filter (reason = 'not_a_number' and (has_commas or has_comma))
from marked
group by file_no, name, "column"
order by file_no, name
"""
