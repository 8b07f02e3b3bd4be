"""How long the risk of a million customers takes: features, learning, comparing, scores and the table.

    python benchmarks/churn_speed.py [customers]        default: 1,000,000 customers

Orders of 24 months lie in a Parquet file; each task runs in a process of its own on two threads. The result replaces
the section `churn_speed` of docs/benchmarks-churn.md.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

AS_OF, DAYS, HORIZON = date(2026, 6, 30), 730, 90
TASKS = ("generate", "features", "room")
LIMITS = "limit 90 s and 6 GiB, aim 45 s and 4 GiB"

COPY = """
copy (
  select 'o' || n as order_id, cast(null as varchar) as related_order_id,
    'c' || lpad(cast(who as varchar), 8, '0') as customer_id,
    timestamp '2024-07-01' + to_seconds(cast(floor(day * 86400) as bigint)) as ordered_at, 'purchase' as kind,
    cast(amount as decimal(18, 2)) as amount, cast(0 as decimal(18, 2)) as discount,
    case when hash(n) % 3 = 0 then 'web' else 'store' end as channel, '' as store, 'pos' as source
  from bought
) to '{path}' (format parquet)"""


def main(customers: int = 1_000_000) -> None:
    """Run every task and write the section."""
    sys.path.insert(0, str(Path(__file__).parent))
    import report

    report.DOCUMENT = report.DOCUMENT.with_name("benchmarks-churn.md")
    with tempfile.TemporaryDirectory() as folder:
        found = {task: _run(task, folder, customers) for task in TASKS}
    head = ["task", "seconds", "processor seconds", "peak GiB"]
    rows = [
        [task, *(f"{found[task][key]:.1f}" for key in ("seconds", "cpu")), f"{found[task]['gib']:.2f}"]
        for task in TASKS[1:]
    ]
    text = (
        f"## Speed\n\n{customers:,} customers, {found['generate']['orders']:,} orders of 24 months; {report.machine()}."
        f" `features` is the frame of all customers on one day; `room` is everything: features at past days, learning,"
        f" comparing with {found['room']['resampled']} resamples, scores, levels and signals of all.\n\n"
        f"{report.table(head, rows)}\n\nWanted for features and scores: {LIMITS}.\n\n"
        "Repeat it with `python benchmarks/churn_speed.py`."
    )
    report.write_section("churn_speed", text)


def _run(task: str, folder: str, customers: int) -> dict:
    command = [sys.executable, __file__, "--task", task, folder, str(customers)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(f"{task:10} {said.strip()}", flush=True)
    return json.loads(said.splitlines()[-1])


def _task(task: str, folder: Path, customers: int) -> None:
    path, began, spent = folder / "orders.parquet", time.perf_counter(), time.process_time()
    if task == "generate":
        extra = {"orders": _generate(path, customers)}
    else:
        run = _run_on(path)
        began, spent = time.perf_counter(), time.process_time()
        extra = _features(run) if task == "features" else _room(run)
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu, peak = used.ru_utime + used.ru_stime - spent, used.ru_maxrss / 2**20
    print(json.dumps(extra | {"seconds": seconds, "cpu": cpu, "gib": peak}))


def _generate(path: Path, customers: int) -> int:
    """The customers of `churn_planted.py`: they buy at rates of their own until they stop."""
    import duckdb
    import numpy as np
    from churn_planted import world

    orders = world(np.random.default_rng(1), customers).orders
    con = duckdb.connect()
    con.from_df(orders.assign(n=range(len(orders)))).create_view("bought")
    con.execute(COPY.format(path=path))
    return len(orders)


def _features(run) -> dict:
    from playbook import churn

    made = churn.define(run)
    return {"rows": len(made.features([AS_OF - timedelta(days=HORIZON)]))}


def _room(run) -> dict:
    from playbook import churn

    result = churn.build(run)
    comparison = result.comparison
    row = comparison.table.set_index("model").loc[comparison.chosen]
    said = {"chosen": comparison.chosen, "auc": round(row.auc, 4), "slope": round(row.slope, 3)}
    return {"rows": len(result.table), "resampled": comparison.resampled, **said}


def _run_on(path: Path):
    """What the room asks of a run."""
    from types import SimpleNamespace

    from playbook.profile import models as profile
    from playbook.tables.engine import Engine
    from playbook.tables.purchases import purchases
    from playbook.tables.schema import schema_of

    engine, retail = Engine(threads=2, memory="3GB"), profile.load("retail")
    costs = retail.churn.costs.model_copy(update={"value": 200.0})
    made = {"orders": engine.read(path)}
    made["purchases"] = purchases(made["orders"], engine.empty(schema_of("customers")), as_of=AS_OF)
    table = lambda name: made.get(name) or engine.empty(schema_of(name))  # noqa: E731
    return SimpleNamespace(
        engine=engine,
        profile=retail.model_copy(update={"churn": retail.churn.model_copy(update={"costs": costs})}),
        as_of=AS_OF,
        table=table,
        state=lambda name: None,
        keep=lambda name, value: None,
        save=lambda name, rows: engine.frame(rows).save(path.with_name(f"{name}.parquet"), schema_of(name)),
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--task"]:
        _task(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main(*(int(text) for text in sys.argv[1:]))
