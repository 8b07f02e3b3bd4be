"""Writes small exports with their sources.yml, and integrates them."""

from pathlib import Path

import pandas as pd
import yaml

from playbook.integration import integrate, read_sources
from playbook.tables.engine import Engine

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ORDERS = {"order_id": "no", "customer_key": "member", "ordered_at": "at", "amount": "paid"}
HEAD = "no,member,at,paid\n"


def declare(path: str, table: str = "orders", source: str = "shop", columns: dict | None = None, **more) -> dict:
    return {"path": path, "source": source, "table": table, "columns": columns or ORDERS} | more


def orders(*rows: str, head: str = HEAD) -> str:
    return head + "".join(row + "\n" for row in rows)


def folder(at: Path, files: dict[str, str | bytes], declared: list[dict] | None = None, **top) -> Path:
    """Write files, and a sources.yml that declares each as orders unless told otherwise."""
    at.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_bytes(content.encode() if isinstance(content, str) else content)
    mapping = {"currency": "CNY", "files": declared or [declare(name) for name in files]} | top
    (at / "sources.yml").write_text(yaml.safe_dump(mapping, allow_unicode=True), encoding="utf-8")
    return at


def integrated(at: Path, threads: int = 2, **options):
    return integrate(Engine(threads=threads), read_sources(at), spill=at, **options)


def read(at: Path, files: dict[str, str | bytes], declared: list[dict] | None = None, **top):
    return integrated(folder(at, files, declared, **top))


def rows(found, table: str, columns: str, order: str = "1") -> list[tuple]:
    """Rows of a table of the result, as tuples."""
    made = found.tables[table]
    engine = found.tables["orders"].engine
    made = engine.frame(made) if isinstance(made, pd.DataFrame) else made
    return engine.sql(f"select {columns} from made order by {order}", made=made).rows()


def one(found, table: str, expression: str):
    """One value over a whole table."""
    return rows(found, table, expression)[0][0]
