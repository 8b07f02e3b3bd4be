"""What is different from the last run: columns that came, went, changed their name or kind, months that are far off."""

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pandas as pd

from playbook.integration.ingest.column_profile import Sketch
from playbook.integration.ingest.reading import ReadFile, Reading
from playbook.integration.ingest.row_status import Accepted
from playbook.integration.ingest.schema_snapshot import Shape, declared, most_alike
from playbook.integration.sources.locate import SourcesError
from playbook.integration.types.expressions import alike
from playbook.tables.engine import Engine
from playbook.tables.nearest import nearest

HERE = Path(__file__).parent

#: Numbers this much larger or smaller than they were are in another unit: fen for yuan.
UNIT_JUMP = 50
#: A past month may differ by this share: late returns are normal.
SETTLED = 0.01
#: A new month below this share of the usual one, or above its inverse, is far off.
FAR_OFF = 0.5
#: Fewer rows than this many standard deviations of a count away from the usual are chance.
CHANCE = 4
USUAL_MONTHS = 6
#: A required column that changed and costs more than this share of the rows stops the run.
UNREADABLE = 0.5


#: What can have changed, of files, of columns, of months.
KINDS = (
    "file_new", "file_gone", "column_new", "column_gone", "column_renamed", "column_retyped", "column_emptied",
    "unit_changed", "past_rows", "past_money", "new_rows", "new_money",
)  # fmt: skip


class Change(NamedTuple):
    """One difference: where, what, of which column or month, how it was and how it is."""

    source: str
    table: str
    file: str
    change: str
    name: str
    before: str | None = None
    now: str | None = None


def shape_of(engine: Engine, reading: Reading, accepted: Accepted, *, as_of: date) -> Shape:
    """What to keep of this run's sources for the next one."""
    return Shape(as_of.isoformat(), list(reading.shapes), _volumes_of(engine, accepted))


def compared(before: Shape | None, now: Shape, files: list[ReadFile], counts: pd.DataFrame) -> pd.DataFrame:
    """What `changes` finds. `SourcesError` where what a run cannot do without went, or cannot be read any more."""
    _refuse_unknown(before, now)
    found = changes(before, now)
    _refuse_unreadable(found, now, files, counts)
    return found


def changes(before: Shape | None, now: Shape) -> pd.DataFrame:
    """One row per difference: source, table, file, change, name, before, now; none where there is no run before."""
    made = [*_columns(before, now), *_volumes(before, now)] if before else []
    return pd.DataFrame(made, columns=Change._fields, dtype="str")


def _volumes_of(engine: Engine, accepted: Accepted) -> list[dict]:
    """One entry per source, table and month: rows, and the money of orders."""
    found = []
    for table, rows in accepted.rows.items():
        money = (
            "kind, amount"
            if table in ("orders", "order_lines")
            else "null as kind, cast(null as decimal(18, 2)) as amount"
        )
        dated = engine.sql(f"select source, day, {money} from rows", rows=rows)
        found += [(table, *row) for row in engine.run(HERE / "change_volumes.sql", rows=dated).rows()]
    keys = ("table", "source", "month", "rows", "money")
    return [dict(zip(keys, _plain(row), strict=True)) for row in sorted(found, key=lambda row: row[:3])]


def _refuse_unknown(before: Shape | None, now: Shape) -> None:
    """A mapped column that no file has may be missed only where the run before had it; else its name is a mistake."""
    known = {_key(file): file["lacking"] | file["columns"] for file in (before.files if before else [])}
    for file in now.files:
        for name in file["lacking"]:
            if name not in known.get(_key(file), {}):
                raise SourcesError(
                    f"{file['path']}: there is no column '{name}', nor did the run before this one have it;"
                    f" {nearest(name, file['header'])}"
                )


def _refuse_unreadable(changed: pd.DataFrame, now: Shape, files: list[ReadFile], counts: pd.DataFrame) -> None:
    """A required column that holds something else than in the last run, so that most rows are lost, stops the run."""
    required = {(*_key(file), name) for file in now.files for name in file["required"]}
    lost = counts[counts.fate == "quarantined"].groupby("file_no")["rows"].sum()
    for row in changed[changed.change.isin(["column_retyped", "column_emptied"])].itertuples():
        mine = [file for file in files if declared(file.spec) == (row.source, row.table, row.file)]
        rows, gone = mine[-1].raw.rows, int(lost.get(mine[-1].number, 0))
        if (row.source, row.table, row.file, row.name) in required and gone > UNREADABLE * rows:
            raise SourcesError(
                f"{mine[-1].located.label}: the column '{row.name}' held values of the kind {row.before} in the last"
                f" run and holds {row.now} now, so that {gone:,} of {rows:,} rows cannot be used; map the column that"
                " holds them today, or ask for the export as it was."
            )


def _columns(before: Shape, now: Shape) -> Iterator[Change]:
    earlier, here = {_key(file): file for file in before.files}, {_key(file): file for file in now.files}
    for key in sorted(earlier.keys() - here.keys()):
        yield Change(*key, "file_gone", "*")
    for key in sorted(here.keys() - earlier.keys()):
        yield Change(*key, "file_new", "*")
    for key in sorted(earlier.keys() & here.keys()):
        yield from (Change(*key, *change) for change in _of_file(earlier[key], here[key]))


def _of_file(before: dict, now: dict) -> Iterator[tuple]:
    """What happened to the columns of one declaration: change, name, before, now."""
    looked = before["lacking"] | before["columns"]
    was, is_ = {alike(n): n for n in (*before["header"], *before["lacking"])}, {alike(n): n for n in now["header"]}
    gone = [was[name] for name in was if name not in is_]
    new = [is_[name] for name in is_ if name not in was]
    renamed = _renamed(looked, now["columns"], gone, new)
    yield from (("column_renamed", old, old, name) for old, name in sorted(renamed.items()))
    yield from (("column_gone", name, None, None) for name in sorted(gone) if name not in renamed)
    yield from (("column_new", name, None, None) for name in sorted(new) if name not in renamed.values())
    for name in sorted(before["columns"].keys() & now["columns"].keys()):
        yield from _retyped(name, before["columns"][name], now["columns"][name])


def _renamed(before: dict[str, Sketch], now: dict[str, Sketch], gone: list[str], new: list[str]) -> dict[str, str]:
    """Old name -> new name, where what the new column holds looks like what the old one held."""
    looks = {name: now[name] for name in new if name in now}
    matched = {name: most_alike(before[name], looks) for name in gone if name in before}
    found = {name: match for name, match in matched.items() if match}
    return {old: name for old, name in found.items() if list(found.values()).count(name) == 1}


def _retyped(name: str, before: Sketch, now: Sketch) -> Iterator[tuple]:
    if before["kind"] != now["kind"]:
        yield ("column_emptied" if now["kind"] == "empty" else "column_retyped", name, before["kind"], now["kind"])
    elif before["usual"] and now["usual"] and not 1 / UNIT_JUMP < now["usual"] / before["usual"] < UNIT_JUMP:
        yield "unit_changed", name, f"{before['usual']:.10g}", f"{now['usual']:.10g}"


def _volumes(before: Shape, now: Shape) -> Iterator[Change]:
    """Months that had been settled and are no longer what they were; new ones far from the usual."""
    was, is_ = _by_table(before), _by_table(now)
    settled, done = before.as_of[:7], _month_after(now.as_of)
    for source, table in sorted(was.keys() & is_.keys()):
        past, present = was[source, table], is_[source, table]
        for month in sorted(m for m in past if m[:7] < settled):
            yield from _rewritten(source, table, month, past[month], present.get(month, _NOTHING))
        usual = [past[month] for month in sorted(past) if month[:7] < settled][1:][-USUAL_MONTHS:]
        for month in _months(settled, done) if len(usual) >= 3 else ():
            yield from _unusual(
                source, table, month, usual, present.get(month, _NOTHING), present.get(_year_before(month))
            )


def _rewritten(source: str, table: str, month: str, was: dict, is_: dict) -> Iterator[Change]:
    for what in ("rows", "money"):
        one, other = was[what] or 0, is_[what] or 0
        if abs(other - one) > SETTLED * abs(one):
            yield Change(source, table, "*", f"past_{what}", month[:7], f"{one:.10g}", f"{other:.10g}")


def _unusual(
    source: str, table: str, month: str, usual: list[dict], is_: dict, last_year: dict | None
) -> Iterator[Change]:
    for what in ("rows", "money"):
        expected, found = median(entry[what] or 0 for entry in usual), is_[what] or 0
        is_chance = what == "rows" and abs(found - expected) <= CHANCE * math.sqrt(expected)
        is_season = last_year and not _is_far(found, last_year[what] or 0)
        if _is_far(found, expected) and not is_chance and not is_season:
            yield Change(source, table, "*", f"new_{what}", month[:7], f"{expected:.10g}", f"{found:.10g}")


def _is_far(found: float, expected: float) -> bool:
    return expected > 0 and not FAR_OFF <= found / expected <= 1 / FAR_OFF


def _by_table(shape: Shape) -> dict[tuple[str, str], dict[str, dict]]:
    found: dict[tuple[str, str], dict[str, dict]] = {}
    for entry in shape.volumes:
        found.setdefault((entry["source"], entry["table"]), {})[entry["month"]] = entry
    return found


def _months(first: str, beyond: str) -> list[str]:
    """The months from one to before another, as first days."""
    return [str(day.date()) for day in pd.date_range(f"{first}-01", f"{beyond}-01", freq="MS", inclusive="left")]


def _month_after(day: str) -> str:
    """The month from which on nothing is complete yet."""
    return str(pd.Timestamp(day) + pd.Timedelta(days=1))[:7]


def _year_before(month: str) -> str:
    return f"{int(month[:4]) - 1}{month[4:]}"


def _key(file: dict) -> tuple[str, str, str]:
    return file["source"], file["table"], file["path"]


def _plain(row: tuple) -> tuple[Any, ...]:
    table, source, month, rows, money = row
    return (
        table,
        source,
        month.isoformat() if isinstance(month, date) else month,
        rows,
        None if money is None else float(money),
    )


_NOTHING = {"rows": 0, "money": 0.0}
