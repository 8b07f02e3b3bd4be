"""Revenue: gross, discounts, returns and net by source and month, beside what finance booked."""

from pathlib import Path

from playbook.integration.sources.models import Sources
from playbook.tables.engine import Engine, Table, quoted

HERE = Path(__file__).parent


def reconcile(engine: Engine, orders: Table, sources: Sources) -> Table:
    """One row per source and month, and one per source where a control total names no month; see `schema.yml`."""
    rows = ["('', null, null, null, null)"]
    for total in sources.control_totals:
        month = f"date '{total.month}-01'" if total.month else "null"
        amounts = ("null" if amount is None else repr(amount) for amount in (total.gross, total.returns, total.net))
        rows.append(f"({', '.join([quoted(total.source), month, *amounts])})")
    controls = engine.sql(_CONTROLS.format(", ".join(rows)))
    return engine.run(HERE / "reconciliation.sql", orders=orders, controls=controls).materialise()


_CONTROLS = """
select
  source, cast(month as date) as month, cast(gross as decimal(18, 2)) as gross,
  cast(returns as decimal(18, 2)) as returns, cast(net as decimal(18, 2)) as net
from (values {}) as c (source, month, gross, returns, net)
where source <> ''
"""
