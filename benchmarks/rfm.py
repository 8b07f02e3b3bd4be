"""RFM and tiers on generated order lines: the playbook against plain DuckDB SQL, polars and pandas.

    python benchmarks/rfm.py [lines] [rounds]        default: 10,000,000 lines, 5 rounds

Each contender runs in a process of its own, reads the same Parquet file and writes the same ordered one; the results
are compared row by row. The rounds are interleaved and the median counts, because other work on the machine comes in
spells. The result replaces the section of this size in docs/benchmarks.md. Above 20,000,000 lines pandas, which needs
six times the memory of the others, is left out.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import duckdb
from report import machine, table, write_section

FAST, SLOW = ("playbook", "duckdb", "polars"), ("pandas", "reading")
NAMES = {"playbook": "the playbook", "duckdb": "plain DuckDB SQL", "polars": "polars", "pandas": "pandas"}
LIMIT, AIM = 1.15, 1.05
#: More lines than this are not given to pandas.
MOST_FOR_PANDAS = 20_000_000

#: Lines of an order lie together, customers differ in how much they buy, three orders in a hundred are returns.
LINES = """
copy (
  with lines as (select i, i * 3 // 10 as o from range({lines}) as r(i)),
  drawn as (
    select i, o,
      hash(o * 2 + 1) / 18446744073709551616.0 as who,
      hash(o * 2 + 7) / 18446744073709551616.0 as moment,
      hash(i * 11 + 5) / 18446744073709551616.0 as size
    from lines
  )
  select
    'C' || lpad(cast(cast(floor(power(who, 1.6) * {lines} / 10) as bigint) as varchar), 8, '0') as customer_id,
    'A' || lpad(cast(o as varchar), 10, '0') as order_id,
    timestamp '2023-07-01' + to_seconds(cast(floor(moment * 1096 * 86400) as bigint)) as ordered_at,
    cast(case when o % 33 = 0 then -1 else 1 end * round(exp(1.5 + 2.2 * size), 2) as decimal(18, 2)) as amount
  from drawn order by i
) to '{path}' (format parquet, compression zstd)"""


def main(lines: int = 10_000_000, rounds: int = 5) -> None:
    """Generate, run, compare, write down."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "lines.parquet"
        duckdb.sql(LINES.format(lines=lines, path=source))
        slow = SLOW if lines <= MOST_FOR_PANDAS else SLOW[1:]
        runs = [_round(source, number, slow) for number in range(rounds)]
        differing = {name: _differing(source, name) for name in NAMES if name in runs[0] and name != "playbook"}
        customers = duckdb.sql(f"select count(*) from '{_out(source, 'playbook')}'").fetchall()[0][0]
    found = {name: _median([run[name] for run in runs]) for name in runs[0]}
    write_section("rfm" if lines == 10_000_000 else f"rfm_{lines}", _section(lines, customers, runs, found, differing))


def _round(source: Path, number: int, slow: tuple[str, ...]) -> dict[str, dict]:
    first = number % len(FAST)
    return {name: _run(source, name) for name in (*FAST[first:], *FAST[:first], *slow)}


def _run(source: Path, name: str) -> dict:
    command = [sys.executable, Path(__file__).with_name("rfm_contenders.py"), name, source, _out(source, name)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(f"{name:10} {said.strip()}", flush=True)
    return json.loads(said) | {"load": os.getloadavg()[0]}


def _out(source: Path, name: str) -> Path:
    return source.with_name(f"{name}.parquet")


def _differing(source: Path, name: str) -> int:
    from rfm_contenders import COLUMNS

    ours, theirs = (f"select {', '.join(COLUMNS)} from '{_out(source, who)}'" for who in ("playbook", name))
    both = f"(({ours}) except all ({theirs})) union all (({theirs}) except all ({ours}))"
    return duckdb.sql(f"select count(*) from ({both})").fetchall()[0][0]


def _median(runs: list[dict]) -> dict[str, float]:
    return {key: median(run[key] for run in runs) for key in runs[0]}


def _section(lines: int, customers: int, runs: list[dict], found: dict, differing: dict) -> str:
    best = min(("duckdb", "polars"), key=lambda name: found[name]["seconds"])
    ratio, work = (median(run["playbook"][key] / run[best][key] for run in runs) for key in ("seconds", "cpu_seconds"))
    read = found["reading"]["seconds"]
    rows = [_row(name, found[name], read, differing.get(name)) for name in NAMES if name in found]
    head = ["", "seconds", "processor seconds", "peak MiB", "share that is reading", "rows that differ from ours"]
    return "\n\n".join(
        [
            f"## RFM and tiers on {lines:,} lines",
            f"{lines:,} lines of {customers:,} customers, Parquet to ordered Parquet; {machine()}; medians of"
            f" {len(runs)} interleaved rounds, with {_others(runs):.1f} other processes at work. Lines are grouped by"
            " order, orders by customer; R, F and M are cut at their quintiles; tier and lifecycle by the retail rules."
            " Imports, and reading the profile, are left out.",
            table(head, rows),
            f"The playbook takes **{ratio:.2f} times** the faster of polars and DuckDB ({NAMES[best]}), and {work:.2f}"
            f" times its processor seconds (medians of the rounds' ratios); the limit is {LIMIT}, the aim {AIM}."
            f" Reading the four columns and doing nothing with them takes {read:.2f} s.",
            f"Repeat it with `python benchmarks/rfm.py {lines}`.",
        ]
    )


def _others(runs: list[dict]) -> float:
    """The load average while the three fast contenders ran, less what they are busy with themselves."""
    loads = [run[name]["load"] for run in runs for name in FAST]
    busy = [run[name]["cpu_seconds"] / run[name]["seconds"] for run in runs for name in FAST]
    return max(median(loads) - median(busy), 0)


def _row(name: str, run: dict, read: float, differing: int | None) -> list[str]:
    times = [f"{run[key]:.2f}" for key in ("seconds", "cpu_seconds")]
    share = f"{min(read / run['seconds'], 1):.0%}"
    return [NAMES[name], *times, f"{run['peak_mib']:,.0f}", share, "-" if differing is None else f"{differing:,}"]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
