"""Revenue: gross, discounts, returns and net by source and month, beside what finance booked."""

from pathlib import Path

from playbook.integration.sources.models import ControlTotal, Sources
from playbook.tables.engine import Engine, Table, quoted

HERE = Path(__file__).parent


def reconcile(engine: Engine, orders: Table, sources: Sources) -> Table:
    """One row per source and month, and one per source where a control total names no month; see `schema.yml`."""
    controls = engine.sql(_controls(sources.control_totals))
    return engine.run(HERE / "reconciliation.sql", orders=orders, controls=controls).materialise()


def _controls(totals: list[ControlTotal]) -> str:
    """The control totals as a table: source, month, gross, returns, net."""
    rows = [_row(f"{total.source}", total.month, total.gross, total.returns, total.net) for total in totals]
    columns = "c(source, month, gross, returns, net)"
    return (
        f"select * from (values {', '.join([_row('', None, None, None, None), *rows])}) as {columns} where source <> ''"
    )


def _row(source: str, month: str | None, *amounts: float | None) -> str:
    first = f"date '{month}-01'" if month else "cast(null as date)"
    return f"({', '.join([quoted(source), first, *map(_money, amounts)])})"


def _money(amount: float | None) -> str:
    return f"cast({'null' if amount is None else repr(amount)} as decimal(18, 2))"
