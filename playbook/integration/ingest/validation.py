"""What files are refused for once their values are typed: columns that are empty throughout, or written in two ways."""

from playbook.integration.ingest.staging import MONEY, text_of
from playbook.integration.sources import currencies
from playbook.integration.sources.mapping import ReadFile
from playbook.integration.sources.models import Sources
from playbook.tables.engine import Engine, Table, identifier

#: 1.234,50 has one reading; 12,50 is taken for a number with a decimal comma where most of a column is written so.
_COMMAS, _COMMA = r"[-+(]?[^0-9]{0,3}[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,6}[^0-9]{0,3}", r"-?[0-9]+,[0-9]{1,2}"


def refuse(engine: Engine, sources: Sources, files: list[ReadFile], staged: dict[str, Table], problems: Table) -> None:
    """Raise `SourcesError`, with file, row and column, where a whole column cannot be what it is declared to be."""
    for number, name, column, missing, commas, comma, row, value in engine.sql(_PROBLEMS, problems=problems).rows():
        file = files[number]
        if name in file.spec.required and missing == file.raw.rows - len(file.raw.rejects):
            raise sources.error(
                file.spec,
                f"{file.label}: column '{column}' holds no value in any row ({missing:,} in all), and {name} is"
                " required; export it again, or map another column.",
                "columns",
                name,
            )
        if not file.spec.decimal and (commas or 2 * comma >= file.raw.rows):
            raise sources.error(
                file.spec,
                f"{file.label}: column '{column}' writes '{value}' in row {row:,}; if the comma stands before the"
                ' decimals, declare decimal: ",", else export it with a decimal point.',
                "columns",
                name,
            )
    for file in files:
        _refuse_unrated(engine, sources, file, staged[file.spec.table])


def _refuse_unrated(engine: Engine, sources: Sources, file: ReadFile, rows: Table) -> None:
    """A second currency without a rate would be added to the first one."""
    column, currency_rows = _currencies(engine, sources, file, rows)
    if not currency_rows:
        return
    per_code = f"select currency, min(row_no) from ({currency_rows}) group by 1 order by 2, 1"
    codes = [(code, row) for code, row in engine.con.execute(per_code).fetchall() if code]
    home = sources.currency or (codes[0][0] if codes else None)
    unrated = [(code, row) for code, row in codes if code != home and code not in sources.rates]
    if unrated:
        code, row = unrated[0]
        raise sources.error(
            file.spec,
            f"{file.label}: column '{column}' is in {code} in row {row:,}, and the run in {home}; declare what one"
            f" {code} is worth: rates: {{{code}: ...}}, beside currency: {home}.",
        )


def _currencies(engine: Engine, sources: Sources, file: ReadFile, rows: Table) -> tuple[str, str]:
    """A column that says currencies, and the SQL of the currency in each row; empty where none does."""
    rows_of = f"select {{}} as currency, {file.raw.row} as row_no from {file.raw.table}".format
    if expression := file.mapping.currency:
        return expression.label, rows_of(currencies.named(text_of(expression)))
    amounts = [c for c in file.mapping.columns if c.kind in MONEY and c.expression.kind != "number"]
    params = {"file_no": file.number}
    signed = [
        column
        for column in amounts
        if engine.sql(_SIGNED.format(identifier(column.name), column.name), params=params, rows=rows).scalar()
    ]
    parts = [rows_of(currencies.written(text_of(column.expression), sources.currency)) for column in signed]
    return (signed[0].expression.label if signed else ""), " union all ".join(parts)


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
