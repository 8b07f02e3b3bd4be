"""Similarity: how probable it is that two records are one person's, where no identifier says so."""

import math
import re
from typing import Any, NamedTuple

import numpy as np

from playbook.integration.linkage.blocking import pairs, usable
from playbook.integration.linkage.comparisons import COMPARISONS
from playbook.integration.linkage.components import NO_LINKS
from playbook.integration.linkage.training import Model, linker, train
from playbook.profile.linking import Linking
from playbook.report.message import Message
from playbook.tables.engine import Engine, Table

#: Below these bits of evidence a pair is not even counted among the possible matches.
LEAST_EVIDENCE = 8.0
PRIOR = 1e-4
NEVER = 1e-60


class Match(NamedTuple):
    """`links`: one row per pair linked by similarity; the model that judged, None where nothing was to compare."""

    links: Table
    model: dict[str, Any] | None
    flags: tuple[Message, ...] = ()


def match(engine: Engine, compared: Table, linking: Linking, model: Model | None = None) -> Match:
    """Link records by similarity.

    1. Records of different exact groups that share a block are candidates.
    2. A model is trained on the data without truth, unless one of the same comparisons is passed.
    3. The share of matches among all pairs is what makes the sum of the probabilities agree with itself.
    4. A pair is linked where its probability reaches the threshold. Names with nothing in common are out of it.
    """
    names, sources = _comparable(compared, linking)
    nothing = Match(engine.sql(NO_LINKS), None)
    if not linking.by_weight:
        return nothing
    if len(names) < 2:
        return nothing._replace(flags=(Message("integration.flag.nothing_to_compare"),) if sources > 1 else ())
    candidates = pairs(engine, compared, usable(compared.columns, linking.blocks))
    if candidates.count() == 0:
        return nothing._replace(model=model)
    asked = {"comparisons": names, "training": [list(rule) for rule in linking.training]}
    if model is None or model.get("asked") != asked:
        model = train(engine, compared, names, linking)
        model = model and model | {"asked": asked}
    if model is None or len(model["comparisons"]) < 2:
        return nothing._replace(flags=(Message("integration.flag.too_few_to_learn"),) if sources > 1 else ())
    scored = _scored(engine, compared, candidates, model, linking)
    least = math.log2(linking.threshold / (1 - linking.threshold))
    params = {"prior": _prior(scored, *engine.sql(_EXACT, compared=compared).rows()[0]), "least": least}
    return Match(engine.sql(_LINKED, params=params, scored=scored).materialise(), model)


def _comparable(compared: Table, linking: Linking) -> tuple[list[str], int]:
    """The comparisons that the profile wants and the values allow, of what two sources keep, or the only one; and how
    many sources there are."""
    wanted = [name for name in linking.compare if set(COMPARISONS[name].columns) <= set(compared.columns)]
    unknown = (re.sub("_[lr] ", " ", COMPARISONS[name].unknown) for name in wanted)
    filled = ", ".join(f"count(distinct case when not ({each}) then source end)" for each in unknown)
    text = f"select count(distinct source), {filled or 'null'} from compared"
    sources, *counts = compared.engine.sql(text, compared=compared).rows()[0]
    least = max(min(sources, 2), 1)
    return [name for name, count in zip(wanted, counts, strict=False) if count >= least], sources


def _scored(engine: Engine, compared: Table, candidates: Table, model: Model, linking: Linking) -> Table:
    """One row per candidate pair that may be one person: record_no_a, record_no_b, evidence in bits, without prior.

    A level that links nobody is made so improbable among matches that no other evidence outweighs it.
    """
    comparisons = []
    for comparison in model["comparisons"]:
        name = comparison["output_column_name"]
        never = () if name == "name" and not linking.same_name else COMPARISONS[name].never
        levels = [
            level | ({"m_probability": NEVER} if level["label_for_charts"] in never else {})
            for level in comparison["comparison_levels"]
        ]
        comparisons.append(comparison | {"comparison_levels": levels})
    bits = math.log2(PRIOR / (1 - PRIOR))
    api, trained = linker(engine.con, compared.name, comparisons, probability_two_random_records_match=PRIOR)
    blocked = api.register(engine.sql(_BLOCKED, candidates=candidates).name)
    trained.table_management.register_blocked_pairs_for_predict(blocked)
    predicted = trained.inference.predict(threshold_match_weight=LEAST_EVIDENCE + bits, warning_mode="never")
    scored = engine.sql(_EVIDENCE.format(predicted.physical_name), params={"bits": bits}).materialise()
    trained.table_management.delete_tables_created_by_splink_from_db()
    return scored


def _prior(scored: Table, records: int, linked: int) -> float:
    """log2 of the odds that two of so many records, of different exact groups, are one person's.

    The share p of matches solves p * pairs = sum of the probabilities of all candidates, given p; `linked` pairs of the
    exact groups are not among them.
    """
    total = records * (records - 1) / 2 - linked
    rows = scored.engine.sql(_COUNTS, s=scored).rows()
    evidence, count = (np.array(column, float) for column in zip(*rows, strict=True))
    share = max(linked, 1) / total
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
_LINKED = """
select
  record_no_a, record_no_b, 'probabilistic' as rule, round(evidence + $prior, 6) as weight,
  round(1 / (1 + pow(2, -(evidence + $prior))), 9) as probability, cast(null as bigint) as value_no
from scored
where evidence + $prior >= $least
"""
