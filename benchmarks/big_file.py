"""A file larger than memory: 2 GB of orders in GB18030 and in UTF-8, read and counted under a limit.

    python benchmarks/big_file.py [gigabytes] [memory]        default: 2, 1GiB

Each file is read in a process of its own, whose peak of memory is measured. The result replaces the section `big_file`
of docs/benchmarks-inputs.md.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ENCODINGS = ("utf-8", "gb18030")
BLOCK_ROWS = 50_000
SHOPS = ("上海人民广场店", "北京西单大悦城店", "广州天河路店", "深圳湾万象城店", "成都春熙路店")
GOODS = ("经典款纯棉圆领短袖上衣", "轻薄防晒连帽外套", "高腰直筒牛仔长裤", "真皮系带休闲鞋", "羊毛混纺针织围巾")
MAPPING = """
currency: CNY
files:
- path: orders.csv
  source: shop
  table: orders
  columns: {order_id: 订单号, customer_key: 会员号, ordered_at: 下单时间, amount: 实付金额, store: 门店}
"""


def main(gigabytes: float = 2, memory: str = "1GiB") -> None:
    """Read both files and write the section."""
    import report

    found = {encoding: _measured(encoding, gigabytes, memory) for encoding in ENCODINGS}
    times = found["gb18030"]["seconds"] / found["utf-8"]["seconds"]
    rows = [
        [name, f"{f['bytes'] / 1e9:.2f}", f"{f['rows']:,}", f"{f['seconds']:.0f}", f"{f['mib']:,.0f}"]
        for name, f in found.items()
    ]
    text = (
        f"## A file larger than memory\n\nOrders of {gigabytes:g} GB in five columns and one that nobody reads, under"
        f" `PLAYBOOK_MEMORY={memory}`, read, typed and counted by status; {report.machine()}.\n\n"
        f"{report.table(['encoding', 'GB', 'rows', 'seconds', 'peak MiB'], rows)}\n\n"
        f"GB18030 takes **{times:.2f} times** as long as UTF-8 (limit 2). Every row is accounted for:"
        f" {found['gb18030']['accepted']:,} accepted, {found['gb18030']['quarantined']:,} set aside.\n\n"
        "Repeat it with `python benchmarks/big_file.py`."
    )
    report.DOCUMENT = report.DOCUMENT.with_name("benchmarks-inputs.md")
    report.HEAD = report.HEAD.replace("# Benchmarks", "# Benchmarks: inputs")
    report.write_section("big_file", text)


def _measured(encoding: str, gigabytes: float, memory: str) -> dict:
    with tempfile.TemporaryDirectory(prefix="big-file-") as folder:
        size = _write(Path(folder), encoding, int(gigabytes * 1e9))
        command = [sys.executable, __file__, "--read", folder]
        environment = os.environ | {"PLAYBOOK_MEMORY": memory, "PLAYBOOK_KEY_FILE": str(Path(folder) / "key")}
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    print(encoding, done.stdout.strip(), flush=True)
    return json.loads(done.stdout.splitlines()[-1]) | {"bytes": size}


def _write(folder: Path, encoding: str, size: int) -> int:
    (folder / "sources.yml").write_text(MAPPING, encoding="utf-8")
    block = "".join(
        f"{{0:05d}}{n:05d},M{n * 7919 % 300_000:06d},2025-{n % 12 + 1:02d}-{n % 28 + 1:02d} {n % 24:02d}:00:00,"
        f"{n % 900 + 10}.{n % 100:02d},{SHOPS[n % 5]},{GOODS[n % 5]}（第{n % 97}批）\n"
        for n in range(BLOCK_ROWS)
    )
    written = 0
    with open(folder / "orders.csv", "wb") as file:
        written += file.write("订单号,会员号,下单时间,实付金额,门店,品名\n".encode(encoding))
        for number in range(10**5):
            written += file.write(block.replace("{0:05d}", f"{number:05d}").encode(encoding))
            if written >= size:
                return written
    return written


def _read(folder: Path) -> None:
    from playbook.integration import read_sources
    from playbook.integration.ingest.as_of import settle
    from playbook.integration.ingest.reading import read
    from playbook.integration.ingest.row_status import accept, file_table
    from playbook.tables.engine import Engine

    began = time.perf_counter()
    engine, sources = Engine(spill=folder / "spill"), read_sources(folder)
    reading = read(engine, sources, folder)
    files = file_table(engine, reading.files)
    day = settle(engine, reading, files, asked=None, pinned=None).day
    counts = accept(engine, reading, files, as_of=day).counts.groupby("status")["rows"].sum()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = {status: int(counts.get(status, 0)) for status in ("accepted", "quarantined")}
    print(json.dumps(said | {"rows": reading.files[0].raw.rows, "seconds": seconds, "mib": peak}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        _read(Path(sys.argv[2]))
    else:
        main(*(kind(text) for kind, text in zip((float, str), sys.argv[1:], strict=False)))
