"""Registers as files that a reader of exports finds: one CSV for each system, `sources.yml`, and the truth beside."""

from pathlib import Path

import pandas as pd
import yaml

COLUMNS = {
    "customer_key": "source_key", "name": "name", "phone": "phone", "email": "email", "birth_date": "birth_date",
    "gender": "gender", "city": "city", "postcode": "postcode", "address": "address", "member_card": "card",
}  # fmt: skip
ORDERS = {name: name for name in ("order_id", "ordered_at", "amount")}
AS_OF = "2026-06-30"


def write_registers(folder: Path, registers: pd.DataFrame) -> Path:
    """Write the registers' files into a folder; `truth.csv` says whose record each is. One order of
    nobody is there because a business has orders."""
    folder.mkdir(parents=True, exist_ok=True)
    for source, rows in registers.groupby("source"):
        rows[list(COLUMNS.values())].to_csv(folder / f"{source}.csv", index=False)
    registers[["source", "source_key", "person"]].to_csv(folder / "truth.csv", index=False)
    files = [
        {"path": f"{source}.csv", "source": source, "table": "customers", "columns": COLUMNS}
        for source in sorted(registers.source.unique())
    ]
    files.append({"path": "orders.csv", "source": "pos", "table": "orders", "columns": ORDERS})
    (folder / "orders.csv").write_text(f"order_id,ordered_at,amount\n1,{AS_OF},1.00\n", encoding="utf-8")
    declared = {"name": "registers", "currency": "CNY", "as_of": AS_OF, "files": files}
    (folder / "sources.yml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    return folder
