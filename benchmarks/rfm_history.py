"""History and scores at scale: a million customers' tiers at 24 month-ends, and three scores for 4.8 million.

    python benchmarks/rfm_history.py [customers] [rounds]        default: 1,000,000 customers, 3 rounds

Each task runs in a process of its own; rounds are interleaved and medians count. The result replaces the section
`rfm_history` of docs/benchmarks.md.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

AS_OF, FIRST, ORDERS_EACH = date(2026, 6, 30), date(2023, 7, 1), 12
TASKS = ("generate", "one month-end", "24 month-ends", "scores")
LIMITS = {"history": 3.0, "scores": 1.5}

ORDERS = """
copy (
  select 'o' || i as order_id, cast(null as varchar) as related_order_id, cast(null as varchar) as channel,
    'c' || lpad(
      cast(cast(floor(power(hash(i) / 18446744073709551616.0, 1.5) * {customers}) as bigint) as varchar), 8, '0'
    ) as customer_id,
    timestamp '2023-07-01' + to_seconds(cast(floor(hash(i * 3 + 1) / 18446744073709551616.0 * 1095 * 86400) as bigint))
      as ordered_at,
    'purchase' as kind,
    cast(round(exp(3 + 2.2 * (hash(i * 7 + 5) / 18446744073709551616.0)), 2) as decimal(18, 2)) as amount
  from range({orders}) as r(i)
) to '{path}' (format parquet)"""
SUMMARIES = """
select 'c' || i as customer_id, i * 7919 % 900 as recency_days, 1 + i * 31 % 40 as frequency,
  cast(i * 104729 % 900000 as decimal(18, 2)) / 100 as monetary, 1 as orders_ever
from range(4800000) as r(i)"""


def main(customers: int = 1_000_000, rounds: int = 3) -> None:
    """Run every task in rounds and write the section."""
    from report import machine, table, write_section

    with tempfile.TemporaryDirectory() as folder:
        runs = [{task: _run(task, folder, customers) for task in TASKS} for _ in range(rounds)]
    found = {task: {key: median(run[task][key] for run in runs) for key in runs[0][task]} for task in TASKS}
    rows = [[task, f"{found[task]['seconds']:.2f}", f"{found[task]['mib']:,.0f}"] for task in TASKS]
    times = found["24 month-ends"]["seconds"] / found["one month-end"]["seconds"]
    text = (
        f"## History and scores\n\n{customers:,} customers with {ORDERS_EACH} orders each, and scores by cuts for"
        f" 4,800,000 customers; {machine()}; medians of {rounds} interleaved rounds.\n\n"
        f"{table(['task', 'seconds', 'peak MiB'], rows)}\n\n24 month-ends, written, take **{times:.2f} times** one"
        f" (limit {LIMITS['history']:.0f}, aim 2); the scores take {found['scores']['seconds']:.2f} s (limit"
        f" {LIMITS['scores']}, aim 1.0).\n\nRepeat it with `python benchmarks/rfm_history.py`."
    )
    write_section("rfm_history", text)


def _run(task: str, folder: str, customers: int) -> dict:
    command = [sys.executable, __file__, "--task", task, folder, str(customers)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(f"{task:15} {said.strip()}", flush=True)
    return json.loads(said.splitlines()[-1])


def _task(task: str, folder: Path, customers: int) -> None:
    if task == "generate":
        import duckdb

        began = time.perf_counter()
        duckdb.sql(ORDERS.format(customers=customers, orders=customers * ORDERS_EACH, path=folder / "orders.parquet"))
    else:
        work = _prepared(task, folder)
        began = time.perf_counter()
        work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - began, "mib": peak}))


def _prepared(task: str, folder: Path):
    from playbook import rfm
    from playbook.profile import models as profile
    from playbook.rfm.cuts import recorded
    from playbook.tables.engine import Engine
    from playbook.tables.purchases import purchases
    from playbook.tables.schema import schema_of

    engine, retail = Engine(), profile.load("retail")
    limits = {"recency_days": [30, 60, 120, 240], "frequency": [1, 2, 4, 8], "monetary": [50, 100, 300, 900]}
    cuts = recorded(limits | {"as_of": AS_OF.isoformat(), "window_days": 365, "origin": "profile"})
    if task == "scores":
        summary = engine.sql(SUMMARIES).materialise()
        return lambda: rfm.score(summary, cuts).materialise()
    months = 0 if task == "one month-end" else 23
    ends = rfm.month_ends(AS_OF, first_day=FIRST, window_days=365, months=months)

    def tiers():
        orders, nobody = engine.read(folder / "orders.parquet"), engine.empty(schema_of("customers"))
        bought = purchases(orders, nobody, as_of=AS_OF)
        past = rfm.history(bought, nobody, ends=ends, window_days=365)
        tiers = rfm.assign(rfm.score(past, cuts), retail, days=ends)
        tiers.save(folder / "history.parquet", schema_of("rfm_history"), is_ordered=True)

    return tiers


if __name__ == "__main__":
    if sys.argv[1:2] == ["--task"]:
        _task(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main(*(int(text) for text in sys.argv[1:]))
