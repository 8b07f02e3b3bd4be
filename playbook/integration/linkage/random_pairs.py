"""How often two people who have nothing to do with each other agree, counted on random pairs."""

from playbook.integration.linkage.comparisons import COMPARISONS, described
from playbook.tables.engine import Engine, Table

SEED = 20260101
#: Unseen among so many random pairs, a level counts as half seen.
HALF = 0.5


def among_strangers(engine: Engine, compared: Table, names: list[str], most: int) -> list[dict]:
    """The comparisons as Splink takes them, each level with the share u of about `most` random pairs that reach it.

    Records are drawn up in a random order, one of each exact group, and each is compared with those that follow: the
    pairs are as good as random, the same in every run, and few are one person's. Few are still too many beside what
    hardly ever happens to strangers: pairs whose names agree are counted for the name alone.
    """
    drawn = engine.sql(_DRAWN, params={"seed": SEED}, compared=compared).materialise()
    people = drawn.count()
    steps = max(1, min(round(most / max(people, 1)), (people - 1) // 2))
    pairs = engine.sql(_FOLLOWING, params={"steps": steps, "people": people}, drawn=drawn)
    return with_shares(names, "u_probability", level_counts(engine, compared, pairs, names, apart=True))


def level_counts(
    engine: Engine, compared: Table, pairs: Table, names: list[str], *, apart: bool = False
) -> list[list[int]]:
    """For each comparison, how many of the pairs (record_no_a, record_no_b) reach each level, the most alike first.

    `apart`: of pairs whose names agree, the name alone is counted.
    """
    columns = sorted({column for name in names for column in COMPARISONS[name].columns})
    sides = ", ".join(f"l.{column} as {column}_l, r.{column} as {column}_r" for column in columns)
    levels = ", ".join(f"{_level(name)} as {name}" for name in names)
    strangers = _OTHER_NAMES if apart and "name" in names else "true"
    counts = ", ".join(f"[{_counts(name, strangers if name != 'name' else 'true')}] as {name}" for name in names)
    text = _COUNTED.format(sides=sides, levels=levels, counts=counts)
    return [list(found) for found in engine.sql(text, compared=compared, pairs=pairs).rows()[0]]


def with_shares(names: list[str], parameter: str, counts: list[list[int]]) -> list[dict]:
    """The comparisons as Splink takes them, each level with its share of the counts."""
    return [_with_shares(described(name), parameter, found) for name, found in zip(names, counts, strict=True)]


def _level(name: str) -> str:
    """The number of the level that a pair reaches, the most alike being 0; null where nothing can be said."""
    *levels, _ = COMPARISONS[name].levels
    whens = " ".join(f"when {level.condition} then {turn}" for turn, level in enumerate(levels))
    return f"case when {COMPARISONS[name].unknown} then null {whens} else {len(levels)} end"


def _counts(name: str, only: str) -> str:
    turns = range(len(COMPARISONS[name].levels))
    return ", ".join(f"count(case when {name} = {turn} and {only} then 1 end)" for turn in turns)


def _with_shares(comparison: dict, parameter: str, counts: list[int]) -> dict:
    unknown, *levels = comparison["comparison_levels"]
    shares = [round(min(max(count, HALF) / max(sum(counts), 1), 1.0), 12) for count in counts]
    kept = [level | {parameter: share} for level, share in zip(levels, shares, strict=True)]
    return comparison | {"comparison_levels": [unknown, *kept]}


_OTHER_NAMES = f"coalesce(name >= {len(COMPARISONS['name'].levels) - len(COMPARISONS['name'].never)}, true)"
_DRAWN = """
select record_no, row_number() over (order by hash(record_no + $seed), record_no) - 1 as place
from compared
where record_no = group_no
"""
_FOLLOWING = """
select l.record_no as record_no_a, r.record_no as record_no_b
from drawn as l
cross join range(1, $steps + 1) as s(step)
join drawn as r on r.place = (l.place + s.step) % $people
"""
_COUNTED = """
with paired as (
  select {sides}
  from pairs as p
  join compared as l on l.record_no = p.record_no_a
  join compared as r on r.record_no = p.record_no_b
),
levels as (select {levels} from paired)
select {counts} from levels
"""
