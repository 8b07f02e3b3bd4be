"""What is different from the last run: columns that came, went, changed their name or kind, months that are far off."""

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pandas as pd

from playbook.integration.ingest.reading import ReadFile, Reading
from playbook.integration.ingest.row_status import Accepted
from playbook.integration.ingest.schema_snapshot import SchemaSnapshot, declared, file_key, most_alike
from playbook.integration.sources.locate import SourcesError
from playbook.integration.types.texts import folded
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


def snapshot(engine: Engine, reading: Reading, accepted: Accepted, *, as_of: date) -> SchemaSnapshot:
    """What to keep of this run's sources for the next one."""
    volumes = []
    for table, rows in accepted.rows.items():
        has_money = table in ("orders", "order_lines")
        money = "kind, amount" if has_money else "null as kind, cast(null as decimal(18, 2)) as amount"
        dated = engine.sql(f"select source, day, {money} from rows", rows=rows)
        for source, month, count, amount in engine.run(HERE / "change_volumes.sql", rows=dated).rows():
            money_or_none = None if amount is None else float(amount)
            entry = {"table": table, "source": source, "month": month.isoformat(), "rows": count}
            volumes.append(entry | {"money": money_or_none})
    volumes.sort(key=lambda entry: (entry["table"], entry["source"], entry["month"]))
    return SchemaSnapshot(as_of.isoformat(), list(reading.snapshots), volumes)


def compared(
    before: SchemaSnapshot | None, now: SchemaSnapshot, files: list[ReadFile], counts: pd.DataFrame
) -> pd.DataFrame:
    """One row per difference: source, table, file, change, name, before, now; none where there is no run before.

    `SourcesError` where what a run cannot do without went, or cannot be read any more.
    """
    _refuse_unknown(before, now)
    differences = [*_columns(before, now), *_volumes(before, now)] if before else []
    frame = pd.DataFrame(differences, columns=Change._fields, dtype="str")
    _refuse_unreadable(frame, now, files, counts)
    return frame


def _refuse_unknown(before: SchemaSnapshot | None, now: SchemaSnapshot) -> None:
    """A mapped column that no file has may be missed only where the run before had it; else its name is a mistake."""
    earlier = {file_key(file): file["lacking"] | file["columns"] for file in (before.files if before else [])}
    for file in now.files:
        for name in file["lacking"]:
            if name not in earlier.get(file_key(file), {}):
                raise SourcesError(
                    f"{file['path']}: there is no column '{name}', nor did the run before this one have it;"
                    f" {nearest(name, file['header'])}"
                )


def _refuse_unreadable(changed: pd.DataFrame, now: SchemaSnapshot, files: list[ReadFile], counts: pd.DataFrame) -> None:
    """A required column that holds something else than in the last run, so that most rows are lost, stops the run."""
    required = {(*file_key(file), name) for file in now.files for name in file["required"]}
    lost = counts[counts.status == "quarantined"].groupby("file_no")["rows"].sum()
    for row in changed[changed.change.isin(["column_retyped", "column_emptied"])].itertuples():
        key = (row.source, row.table, row.file)
        file = [file for file in files if declared(file.spec) == key][-1]
        rows, gone = file.raw.rows, int(lost.get(file.number, 0))
        if (*key, row.name) in required and gone > UNREADABLE * rows:
            raise SourcesError(
                f"{file.located.label}: the column '{row.name}' held values of the kind {row.before} in the last"
                f" run and holds {row.now} now, so that {gone:,} of {rows:,} rows cannot be used; map the column that"
                " holds them today, or ask for the export as it was."
            )


def _columns(before: SchemaSnapshot, now: SchemaSnapshot) -> Iterator[Change]:
    earlier, here = ({file_key(file): file for file in each.files} for each in (before, now))
    for key in sorted(earlier.keys() - here.keys()):
        yield Change(*key, "file_gone", "*")
    for key in sorted(here.keys() - earlier.keys()):
        yield Change(*key, "file_new", "*")
    for key in sorted(earlier.keys() & here.keys()):
        yield from (Change(*key, *change) for change in _of_file(earlier[key], here[key]))


def _of_file(before: dict, now: dict) -> Iterator[tuple]:
    """What happened to the columns of one declaration: change, name, before, now."""
    earlier = before["lacking"] | before["columns"]
    was = {folded(name): name for name in (*before["header"], *before["lacking"])}
    is_ = {folded(name): name for name in now["header"]}
    gone = [was[name] for name in was if name not in is_]
    new = [is_[name] for name in is_ if name not in was]
    # A column is renamed where what a new one holds looks like what it held, and like no other one's that is gone.
    candidates = {name: now["columns"][name] for name in new if name in now["columns"]}
    matches = {name: most_alike(earlier[name], candidates) for name in gone if name in earlier}
    chosen = list(matches.values())
    renamed = {old: name for old, name in matches.items() if name and chosen.count(name) == 1}
    yield from (("column_renamed", old, old, name) for old, name in sorted(renamed.items()))
    yield from (("column_gone", name) for name in sorted(gone) if name not in renamed)
    yield from (("column_new", name) for name in sorted(new) if name not in renamed.values())
    for name in sorted(before["columns"].keys() & now["columns"].keys()):
        then, today = before["columns"][name], now["columns"][name]
        sizes = then["usual"], today["usual"]
        if then["kind"] != today["kind"]:
            change = "column_emptied" if today["kind"] == "empty" else "column_retyped"
            yield change, name, then["kind"], today["kind"]
        elif all(sizes) and not 1 / UNIT_JUMP < sizes[1] / sizes[0] < UNIT_JUMP:
            yield "unit_changed", name, *(f"{size:.10g}" for size in sizes)


def _volumes(before: SchemaSnapshot, now: SchemaSnapshot) -> Iterator[Change]:
    """Months that had been settled and are no longer what they were; new ones far from the usual."""
    was, is_ = _by_table(before), _by_table(now)
    settled = before.as_of[:7]
    incomplete = str(pd.Timestamp(now.as_of) + pd.Timedelta(days=1))[:7]
    new = pd.date_range(f"{settled}-01", f"{incomplete}-01", freq="MS", inclusive="left")
    for key in sorted(was.keys() & is_.keys()):
        past = {month: was[key][month] for month in sorted(was[key]) if month[:7] < settled}
        for month, volume in past.items():
            for name, change in _rewritten(volume, is_[key].get(month, _NOTHING)):
                yield Change(*key, "*", name, month[:7], *change)
        usual = list(past.values())[1:][-USUAL_MONTHS:]
        for month in [str(day.date()) for day in new] if len(usual) >= 3 else []:
            last_year = is_[key].get(f"{int(month[:4]) - 1}{month[4:]}")
            for name, change in _unusual(usual, is_[key].get(month, _NOTHING), last_year):
                yield Change(*key, "*", name, month[:7], *change)


def _rewritten(was: dict, is_: dict) -> Iterator[tuple[str, tuple[str, str]]]:
    for what in ("rows", "money"):
        one, other = was[what] or 0, is_[what] or 0
        if abs(other - one) > SETTLED * abs(one):
            yield f"past_{what}", (f"{one:.10g}", f"{other:.10g}")


def _unusual(usual: list[dict], is_: dict, last_year: dict | None) -> Iterator[tuple[str, tuple[str, str]]]:
    for what in ("rows", "money"):
        expected, actual = median(entry[what] or 0 for entry in usual), is_[what] or 0
        is_chance = what == "rows" and abs(actual - expected) <= CHANCE * math.sqrt(expected)
        is_season = last_year and not _is_far(actual, last_year[what] or 0)
        if _is_far(actual, expected) and not is_chance and not is_season:
            yield f"new_{what}", (f"{expected:.10g}", f"{actual:.10g}")


def _is_far(actual: float, expected: float) -> bool:
    return expected > 0 and not FAR_OFF <= actual / expected <= 1 / FAR_OFF


def _by_table(snapshot: SchemaSnapshot) -> dict[tuple[str, str], dict[str, dict]]:
    """The volumes by source and table, then by month."""
    volumes: dict[tuple[str, str], dict[str, dict]] = {}
    for entry in snapshot.volumes:
        volumes.setdefault((entry["source"], entry["table"]), {})[entry["month"]] = entry
    return volumes


_NOTHING = {"rows": 0, "money": 0.0}
