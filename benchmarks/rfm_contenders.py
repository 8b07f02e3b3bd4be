"""RFM and tiers from order lines, four ways: each reads the same Parquet file and writes the same ordered one.

    python benchmarks/rfm_contenders.py polars lines.parquet out.parquet

prints seconds (imports left out), processor seconds and peak memory as JSON. All of them group lines by order first
and orders by customer then, cut R, F and M at the quintiles of the window's buyers, and give tier and lifecycle by the
retail rules.
"""

import json
import resource
import sys
import time
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

AS_OF, WINDOW_START, WINDOW_DAYS = date(2026, 6, 30), date(2025, 7, 1), 365
QUINTILES = (0.2, 0.4, 0.6, 0.8)
CYCLE_DAYS, DORMANT_DAYS, LOST_DAYS = 60, 180, 365
#: The lines of an order added up, grouped by customer and order first, so that no order counts twice.
ORDERS = """
select
  order_id,
  cast(null as varchar) as related_order_id,
  customer_id,
  min(ordered_at) as ordered_at,
  case when sum(amount) < 0 then 'return' else 'purchase' end as kind,
  sum(amount) as amount,
  cast(null as varchar) as channel
from lines
group by customer_id, order_id"""


def playbook(lines: Path, out: Path) -> None:
    """The playbook's own path: the functions that a run calls."""
    from playbook import rfm
    from playbook.tables.engine import Engine
    from playbook.tables.purchases import purchases
    from playbook.tables.schema import schema_of

    engine, profile = Engine(), retail()
    orders = engine.sql(ORDERS, lines=engine.read(lines))
    nobody = engine.empty(schema_of("customers"))
    summary = rfm.summary(
        purchases(orders, nobody, as_of=AS_OF), nobody, as_of=AS_OF, window_days=WINDOW_DAYS
    ).materialise()
    cuts = rfm.fresh_cuts(summary, profile.rfm, as_of=AS_OF)
    rfm.assign(rfm.score(summary, cuts), profile).save(out, schema_of("rfm"))


def duckdb(lines: Path, out: Path) -> None:
    """Plain DuckDB SQL, written for this file alone."""
    import duckdb as db

    con = db.connect()
    con.execute(f"""
        create temp table summary as
        with per_order as (
          select customer_id, cast(min(ordered_at) as date) as day, sum(amount) as amount
          from '{lines}' where ordered_at < date '2026-07-01' group by customer_id, order_id
        )
        select customer_id,
          min(day) filter (amount >= 0) as first_ordered_on,
          date_diff('day', max(day) filter (amount >= 0), date '{AS_OF}') as recency_days,
          count(*) filter (amount >= 0 and day >= date '{WINDOW_START}') as frequency,
          coalesce(sum(amount) filter (day >= date '{WINDOW_START}'), 0) as monetary,
          count(*) filter (amount >= 0) as orders_ever
        from per_order group by customer_id""")
    [(r, f, m)] = con.execute(f"""
        select quantile_disc(recency_days, {list(QUINTILES)}), quantile_disc(frequency, {list(QUINTILES)}),
          quantile_disc(monetary, {list(QUINTILES)}) from summary where frequency > 0""").fetchall()
    con.execute(f"""
        copy (
          with scored as (
            select *,
              case when orders_ever > 0 then 5 - {_above("recency_days", r)} end as r_score,
              case when orders_ever > 0 then 1 + {_above("frequency", f)} end as f_score,
              case when orders_ever > 0 then 1 + {_above("monetary", m)} end as m_score,
              date_diff('day', first_ordered_on, date '{AS_OF}') as days_since_first
            from summary
          )
          select customer_id, first_ordered_on, recency_days, frequency, monetary::decimal(18, 2) as monetary,
            orders_ever, r_score, f_score, m_score,
            case when orders_ever = 0 then 'never_bought' when recency_days > {LOST_DAYS} then 'lost'
              when days_since_first <= {CYCLE_DAYS} then 'new'
              when r_score >= 4 and f_score >= 4 and m_score >= 4 then 'high_value'
              when r_score >= 4 and f_score >= 2 and m_score >= 2 then 'potential'
              when r_score <= 2 and f_score <= 2 and m_score <= 2 then 'silent' else 'regular' end as tier,
            case when orders_ever = 0 then 'never_bought' when recency_days > {LOST_DAYS} then 'lost'
              when recency_days > {DORMANT_DAYS} then 'dormant' when days_since_first <= {CYCLE_DAYS} then 'new'
              else 'active' end as lifecycle
          from scored order by customer_id
        ) to '{out}' (format parquet, compression zstd)""")


def polars(lines: Path, out: Path) -> None:
    """Polars, lazy until the quintiles are needed."""
    import polars as pl

    bought, inside = pl.col("amount") >= 0, pl.col("day") >= WINDOW_START
    summary = (
        pl.scan_parquet(lines)
        .filter(pl.col("ordered_at") < pl.datetime(2026, 7, 1))
        .group_by("customer_id", "order_id")
        .agg(pl.col("ordered_at").min().dt.date().alias("day"), pl.col("amount").sum())
        .group_by("customer_id")
        .agg(
            pl.col("day").filter(bought).min().alias("first_ordered_on"),
            pl.col("day").filter(bought).max().alias("last_ordered_on"),
            (bought & inside).sum().cast(pl.Int64).alias("frequency"),
            pl.col("amount").filter(inside).sum().alias("monetary"),
            bought.sum().cast(pl.Int64).alias("orders_ever"),
        )
        .with_columns(
            (pl.lit(AS_OF) - pl.col("last_ordered_on")).dt.total_days().alias("recency_days"),
            (pl.lit(AS_OF) - pl.col("first_ordered_on")).dt.total_days().alias("days_since_first"),
        )
        .collect(engine="streaming")
    )
    buyers = summary.filter(pl.col("frequency") > 0)
    ever, recency, first = pl.col("orders_ever") > 0, pl.col("recency_days"), pl.col("days_since_first")

    def above(name: str) -> pl.Expr:
        limits = [buyers[name].sort()[_place(q, len(buyers))] for q in QUINTILES]
        return sum((pl.col(name) > limit).cast(pl.Int64) for limit in limits)

    def scores(least: int) -> pl.Expr:
        return (pl.col("f_score") >= least) & (pl.col("m_score") >= least)

    r, low = pl.col("r_score"), (pl.col("f_score") <= 2) & (pl.col("m_score") <= 2)
    tier = pl.when(~ever).then(pl.lit("never_bought")).when(recency > LOST_DAYS).then(pl.lit("lost"))
    tier = tier.when(first <= CYCLE_DAYS).then(pl.lit("new")).when((r >= 4) & scores(4)).then(pl.lit("high_value"))
    tier = tier.when((r >= 4) & scores(2)).then(pl.lit("potential")).when((r <= 2) & low).then(pl.lit("silent"))
    stage = pl.when(~ever).then(pl.lit("never_bought")).when(recency > LOST_DAYS).then(pl.lit("lost"))
    stage = stage.when(recency > DORMANT_DAYS).then(pl.lit("dormant")).when(first <= CYCLE_DAYS).then(pl.lit("new"))
    scored = summary.lazy().with_columns(
        pl.when(ever).then(5 - above("recency_days")).alias("r_score"),
        pl.when(ever).then(1 + above("frequency")).alias("f_score"),
        pl.when(ever).then(1 + above("monetary")).alias("m_score"),
    )
    tiers = tier.otherwise(pl.lit("regular")).alias("tier"), stage.otherwise(pl.lit("active")).alias("lifecycle")
    scored.with_columns(*tiers).select(COLUMNS).sort("customer_id").collect().write_parquet(out, compression="zstd")


def pandas(lines: Path, out: Path) -> None:
    """pandas on Arrow columns; money in whole cents, because its decimals are Python objects."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    read = pq.read_table(lines, columns=["customer_id", "order_id", "ordered_at", "amount"])
    cents = pc.cast(pc.multiply(pc.cast(read["amount"], pa.decimal128(16, 2)), pa.scalar(Decimal(100))), pa.int64())
    frame = read.set_column(3, "amount", cents).to_pandas()
    del read, cents
    frame = frame[frame["ordered_at"] < pd.Timestamp("2026-07-01")]
    orders = frame.groupby(["customer_id", "order_id"], sort=False).agg(
        day=("ordered_at", "min"), amount=("amount", "sum")
    )
    del frame
    orders = orders.reset_index("customer_id")
    orders["day"] = orders["day"].dt.normalize()
    orders["bought"] = orders["amount"] >= 0
    orders["inside"] = orders["day"] >= pd.Timestamp(WINDOW_START)
    orders["window"] = orders["bought"] & orders["inside"]
    orders["money"] = orders["amount"].where(orders["inside"], 0)
    orders["purchase"] = orders["day"].where(orders["bought"])
    found = orders.groupby("customer_id", sort=True).agg(
        first_ordered_on=("purchase", "min"),
        last=("purchase", "max"),
        frequency=("window", "sum"),
        monetary=("money", "sum"),
        orders_ever=("bought", "sum"),
    )
    del orders
    recency, first = ((pd.Timestamp(AS_OF) - found[day]).dt.days for day in ("last", "first_ordered_on"))
    found["recency_days"] = recency.astype("Int64")
    buyers, ever = found[found["frequency"] > 0], found["orders_ever"] > 0

    def above(name: str) -> pd.Series:
        ordered = np.sort(buyers[name].to_numpy(dtype="int64"))
        return sum((found[name] > ordered[_place(q, len(ordered))]).astype("Int64") for q in QUINTILES)

    r, f, m = (5 - above("recency_days"), 1 + above("frequency"), 1 + above("monetary"))
    for name, score in (("r_score", r), ("f_score", f), ("m_score", m)):
        found[name] = score.where(ever)
    r, f, m = (found[name].fillna(0).to_numpy() for name in ("r_score", "f_score", "m_score"))
    never, lost, new = ~ever.to_numpy(), (recency > LOST_DAYS).to_numpy(), (first <= CYCLE_DAYS).to_numpy()
    high, middle, low = (r >= 4) & (f >= 4) & (m >= 4), (r >= 4) & (f >= 2) & (m >= 2), (r <= 2) & (f <= 2) & (m <= 2)
    tiers = {"never_bought": never, "lost": lost, "new": new, "high_value": high, "potential": middle, "silent": low}
    stages = {"never_bought": never, "lost": lost, "dormant": (recency > DORMANT_DAYS).to_numpy(), "new": new}
    found["tier"] = np.select(list(tiers.values()), list(tiers), "regular")
    found["lifecycle"] = np.select(list(stages.values()), list(stages), "active")
    table = pa.Table.from_pandas(found.reset_index()[COLUMNS], preserve_index=False)
    money = pc.divide(pc.cast(table["monetary"], pa.decimal128(21, 2)), pa.scalar(Decimal(100)))
    table = table.set_column(COLUMNS.index("monetary"), "monetary", pc.cast(money, pa.decimal128(18, 2)))
    pq.write_table(table, out, compression="zstd")


def reading(lines: Path, out: Path) -> None:
    """No contender: what it costs DuckDB to read the four columns and do nothing with them."""
    import duckdb as db

    query = f"select max(customer_id), max(order_id), max(ordered_at), sum(amount) from '{lines}'"
    out.write_text(str(db.connect().execute(query).fetchall()))


COLUMNS = [
    "customer_id", "first_ordered_on", "recency_days", "frequency", "monetary", "orders_ever",
    "r_score", "f_score", "m_score", "tier", "lifecycle",
]  # fmt: skip
CONTENDERS = {do.__name__: do for do in (playbook, duckdb, polars, pandas, reading)}
IMPORTS = {
    "playbook": ["playbook.rfm", "playbook.tables.engine", "playbook.profile.models"],
    "pandas": ["numpy", "pandas", "pyarrow.compute", "pyarrow.parquet"],
    "reading": ["duckdb"],
}


@cache
def retail():
    """The playbook's retail profile; the others have its rules in their code."""
    from playbook.profile.models import load

    return load("retail")


def main(name: str, lines: str, out: str) -> None:
    """Run one contender and print what it took, imports and profile left out."""
    for module in IMPORTS.get(name, [name]):
        __import__(module)
    if name == "playbook":
        retail()
    started, worked = time.perf_counter(), time.process_time()
    CONTENDERS[name](Path(lines), Path(out))
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    print(json.dumps({"seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3), "peak_mib": round(_peak_mib())}))


def _peak_mib() -> float:
    """The most memory this process ever held: of its own, where Linux tells (ru_maxrss starts at the parent's)."""
    status = Path("/proc/self/status")
    if status.is_file():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _above(name: str, limits: list) -> str:
    return "(" + " + ".join(f"({name} > {limit})::int" for limit in limits) + ")"


def _place(share: float, number: int) -> int:
    """Where the discrete quantile of so many ordered values stands."""
    return max(1, number - int(number - number * share)) - 1


if __name__ == "__main__":
    main(*sys.argv[1:])
