"""Visitors: whose the events are that happened before anybody logged in."""

from pathlib import Path

from playbook.engine import Engine, Table

HERE = Path(__file__).parent


def stitched(engine: Engine, rows: Table, people: Table) -> Table:
    """Accepted events, each with its customer_id; null where nobody logged in, or where it may be somebody else's."""
    return engine.run(HERE / "visitors.sql", rows=rows, people=people).materialise()
