"""Visitors: whose the events are that happened while nobody was logged in."""

from pathlib import Path

from playbook.profile.linking import Linking
from playbook.tables.engine import Engine, Table

HERE = Path(__file__).parent


def stitched(engine: Engine, rows: Table, people: Table, linking: Linking) -> Table:
    """Accepted events, each with its customer_id; null where nobody logged in, or where it may be somebody else's."""
    limits = {name: getattr(linking, name) for name in ("most_holders", "visitor_days")}
    return engine.run(HERE / "visitors.sql", params=limits, rows=rows, people=people).materialise()
