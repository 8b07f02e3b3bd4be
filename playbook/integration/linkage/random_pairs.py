"""How often two people who have nothing to do with each other agree (u), counted on random pairs."""

from playbook.integration.linkage.comparisons import COMPARISONS, described
from playbook.tables.engine import Engine, Table

SEED = 20260101
#: Unobserved among so many random pairs, a level counts as half observed.
HALF = 0.5


def u_probabilities(engine: Engine, compared: Table, names: list[str], most: int) -> list[dict]:
    """The comparisons as Splink takes them, each level with the share u of about `most` random pairs that reach it.

    Records are drawn up in a random order, one of each exact group, and each is compared with those that follow: the
    pairs are as good as random, the same in every run, and few are one person's. Few are still too many beside what
    hardly ever happens by chance: pairs whose names agree are counted for the name alone.
    """
    drawn = engine.sql(_DRAWN, params={"seed": SEED}, compared=compared).materialise()
    people = drawn.count()
    steps = max(1, min(round(most / max(people, 1)), (people - 1) // 2))
    pairs = engine.sql(_FOLLOWING, params={"steps": steps, "people": people}, drawn=drawn)
    counts = level_counts(engine, compared, pairs, names, other_names_only=True)
    return with_probabilities(names, "u_probability", counts)


def level_counts(
    engine: Engine, compared: Table, pairs: Table, names: list[str], *, other_names_only: bool = False
) -> list[list[int]]:
    """For each comparison, how many of the pairs (record_no_a, record_no_b) reach each level, the most alike first.

    `other_names_only`: of pairs whose names agree, the name alone is counted.
    """
    columns = sorted({column for name in names for column in COMPARISONS[name].columns})
    sides = ", ".join(f"l.{column} as {column}_l, r.{column} as {column}_r" for column in columns)
    levels, counts = [], []
    for name in names:
        *alike, _ = COMPARISONS[name].levels
        whens = " ".join(f"when {level.condition} then {turn}" for turn, level in enumerate(alike))
        levels.append(f"case when {COMPARISONS[name].unknown} then null {whens} else {len(alike)} end as {name}")
        only = _OTHER_NAMES if other_names_only and name != "name" and "name" in names else "true"
        each = (f"count(case when {name} = {turn} and {only} then 1 end)" for turn in range(len(alike) + 1))
        counts.append(f"[{', '.join(each)}] as {name}")
    text = _COUNTED.format(sides=sides, levels=", ".join(levels), counts=", ".join(counts))
    return [list(each) for each in engine.sql(text, compared=compared, pairs=pairs).rows()[0]]


def with_probabilities(names: list[str], parameter: str, counts: list[list[int]]) -> list[dict]:
    """The comparisons as Splink takes them, each level with its share of the counts as `u_` or `m_probability`."""
    comparisons = []
    for name, level_count in zip(names, counts, strict=True):
        comparison, whole = described(name), max(sum(level_count), 1)
        for level, count in zip(comparison["comparison_levels"][1:], level_count, strict=True):
            level[parameter] = round(min(max(count, HALF) / whole, 1.0), 12)
        comparisons.append(comparison)
    return comparisons


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
