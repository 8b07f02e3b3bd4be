"""Likeness: how probable it is that two records are one person's, where no identifier says so."""

import math
import re
from typing import Any, NamedTuple

import numpy as np

from playbook.integration.linkage.blocking import pairs, usable
from playbook.integration.linkage.comparisons import COMPARISONS
from playbook.integration.linkage.links import NO_EDGES
from playbook.integration.linkage.training import Model, settings, silent, train
from playbook.integration.quality.flags import Flag
from playbook.profile.linking import Linking
from playbook.tables.engine import Engine, Table

#: Below these bits of evidence a pair is not even counted among the possible matches.
LEAST_EVIDENCE = 8.0
PRIOR = 1e-4
NEVER = 1e-60


class Match(NamedTuple):
    """`edges`: one row per pair tied by likeness; the model that judged, None where there was nothing to compare."""

    edges: Table
    model: dict[str, Any] | None
    flags: tuple[Flag, ...]


def match(engine: Engine, compared: Table, linking: Linking, model: Model | None = None) -> Match:
    """Tie records by likeness.

    1. Records of different exact groups that share a block are candidates.
    2. A model is trained on the data without truth, unless one of the same comparisons is given.
    3. The share of matches among all pairs is what makes the sum of the probabilities agree with itself.
    4. A pair is tied where its probability reaches the threshold. Names with nothing in common are out of it.
    """
    names = _known(compared, linking)
    if not linking.by_weight or len(names) < 2:
        return _nothing(engine, "nothing_to_compare" if linking.by_weight and _has_sources(compared) else "")
    candidates = pairs(engine, compared, usable(compared.columns, linking.blocks))
    if candidates.count() == 0:
        return Match(engine.sql(NO_EDGES), model, ())
    if model is None or model.get("asked") != _asked(names, linking):
        model = train(engine, compared, names, linking)
        model = model and model | {"asked": _asked(names, linking)}
    if model is None or len(model["comparisons"]) < 2:
        return _nothing(engine, "too_few_to_learn" if _has_sources(compared) else "")
    return Match(_edges(engine, compared, candidates, model, linking), model, ())


def _known(compared: Table, linking: Linking) -> list[str]:
    """The comparisons that the profile wants and the values allow: of what two sources keep, or the only one."""
    wanted = [name for name in linking.compare if set(COMPARISONS[name].columns) <= set(compared.columns)]
    filled = ", ".join(f"count(distinct case when {_filled(name)} then source end)" for name in wanted)
    text = f"select least(count(distinct source), 2), {filled or 'null'} from compared"
    least, *sources = compared.engine.sql(text, compared=compared).rows()[0]
    return [name for name, count in zip(wanted, sources, strict=False) if count >= max(least, 1)]


def _filled(name: str) -> str:
    return f"not ({re.sub('_[lr] ', ' ', COMPARISONS[name].unknown)})"


def _asked(names: list[str], linking: Linking) -> dict[str, Any]:
    return {"comparisons": names, "training": [list(rule) for rule in linking.training]}


def _nothing(engine: Engine, flag: str) -> Match:
    return Match(engine.sql(NO_EDGES), None, (Flag(f"integration.flag.{flag}", {}),) if flag else ())


def _has_sources(compared: Table) -> bool:
    """Whether there is more than one source whose records somebody would expect to be tied."""
    return compared.engine.sql("select count(distinct source) > 1 from c", c=compared).scalar()


def _edges(engine: Engine, compared: Table, candidates: Table, model: Model, linking: Linking) -> Table:
    scored = _scored(engine, compared, candidates, model, linking)
    prior = _prior(scored, engine.sql(_EXACT, compared=compared).rows()[0])
    least = math.log2(linking.threshold / (1 - linking.threshold))
    return engine.sql(_TIED, params={"prior": prior, "least": least}, scored=scored).materialise()


def _scored(engine: Engine, compared: Table, candidates: Table, model: Model, linking: Linking) -> Table:
    """One row per candidate pair that may be one person: record_no_a, record_no_b, evidence in bits, without prior."""
    from splink.backends.duckdb import DuckDBAPI

    ruled = [_with_rules(comparison, linking) for comparison in model["comparisons"]]
    given = settings(ruled, probability_two_random_records_match=PRIOR)
    bits = math.log2(PRIOR / (1 - PRIOR))
    api = DuckDBAPI(connection=engine.con)
    linker = silent(api, compared.name, given)
    blocked = engine.sql(_BLOCKED, candidates=candidates)
    linker.table_management.register_blocked_pairs_for_predict(api.register(blocked.name))
    found = linker.inference.predict(threshold_match_weight=LEAST_EVIDENCE + bits, warning_mode="never")
    scored = engine.sql(_EVIDENCE.format(found.physical_name), params={"bits": bits}).materialise()
    linker.table_management.delete_tables_created_by_splink_from_db()
    return scored


def _with_rules(comparison: dict, linking: Linking) -> dict:
    """A comparison whose forbidden levels no other evidence can outweigh."""
    name = comparison["output_column_name"]
    never = () if name == "name" and not linking.same_name else COMPARISONS[name].never
    levels = [
        level | ({"m_probability": NEVER} if level["label_for_charts"] in never else {})
        for level in comparison["comparison_levels"]
    ]
    return comparison | {"comparison_levels": levels}


def _prior(scored: Table, counted: tuple[int, int]) -> float:
    """log2 of the odds that two records of different exact groups are one person's.

    The share p of matches solves p * pairs = sum of the probabilities of all candidates, given p.
    """
    records, tied = counted
    total = records * (records - 1) / 2 - tied
    evidence, count = (
        np.array(column, float) for column in zip(*scored.engine.sql(_COUNTS, s=scored).rows(), strict=True)
    )
    share = max(tied, 1) / total
    for _ in range(200):
        odds = share / (1 - share)
        chances = odds * np.exp2(evidence)
        new = min(max(float((count * chances / (1 + chances)).sum()) / total, 1 / total), 0.5)
        if abs(new - share) <= 1e-9 * share:
            break
        share = new
    return round(math.log2(share / (1 - share)), 6)


_BLOCKED = "select record_no_a as join_key_l, record_no_b as join_key_r, '0' as match_key from candidates"
_EVIDENCE = """
select
  least(record_no_l, record_no_r) as record_no_a, greatest(record_no_l, record_no_r) as record_no_b,
  round(match_weight - $bits, 6) as evidence
from {0}
"""
_COUNTS = "select round(evidence, 1) as evidence, count(*) as pairs from s group by round(evidence, 1) order by 1"
_EXACT = """
with sized as (select group_no, count(*) as size from compared group by group_no)
select cast(sum(size) as bigint), cast(sum(size * (size - 1) / 2) as bigint) from sized
"""
_TIED = """
select
  record_no_a, record_no_b, 'probabilistic' as rule, round(evidence + $prior, 6) as weight,
  round(1 / (1 + pow(2, -(evidence + $prior))), 9) as probability, cast(null as bigint) as value_no
from scored
where evidence + $prior >= $least
"""
