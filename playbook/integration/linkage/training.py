"""The model's parameters, learnt without truth: how often a level occurs among matches and among random pairs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from playbook.integration.linkage.blocking import LARGEST_BLOCK, block_key, usable
from playbook.integration.linkage.random_pairs import u_probabilities
from playbook.profile.linking import Linking
from playbook.tables.engine import Engine, Table

ROUNDS = 100
#: No level is so rare among matches that it alone speaks against one.
LEAST_M = 2e-3
LEAST_PAIRS = 200
#: Training rules used at most: each measures what the others hold equal.
MOST_RULES = 3

Model = dict[str, Any]


class TrainingFailed(ValueError):
    """The model did not settle, or settled on the opposite of similarity; says on what, and what would do."""


def train(engine: Engine, compared: Table, names: list[str], linking: Linking) -> Model | None:
    """The trained model for these comparisons as JSON; None where no training rule finds pairs to learn from.

    1. u is counted on random pairs.
    2. m is estimated by expectation maximisation on the pairs that each training rule finds, on a sample in a
       connection of one thread. Only comparisons that some rule measured are in the model.
    3. No level is impossible, and the most alike level of a comparison must speak for a match.

    Raises `TrainingFailed` where that does not converge.
    """
    rules = usable(compared.columns, linking.training)
    with _sample(engine, compared, rules, linking.training_records) as (con, pairs):
        turns = [turn for turn, count in enumerate(pairs) if count >= LEAST_PAIRS][:MOST_RULES]
        if not turns:
            return None
        _, trained = linker(con, "sample", u_probabilities(engine, compared, names, linking.training_pairs))
        for turn in turns:
            equal = " and ".join(f"l.{name} = r.{name}" for name in rules[turn])
            session = trained.training.estimate_parameters_using_expectation_maximisation(
                f"{equal} and l.t_{turn} = r.t_{turn}", estimate_without_term_frequencies=True
            )
            if len(session._core_model_settings_history) > ROUNDS:
                raise TrainingFailed(
                    f"records with the same {' and '.join(rules[turn])} do not fall into one person's and different"
                    f" people's within {ROUNDS} rounds; take this rule out of 'linking.training' in the profile, or set"
                    " 'linking.by_weight: false'."
                )
        comparisons = trained.misc.save_model_to_json()["comparisons"]
    measured = [each for each in comparisons if "m_probability" in each["comparison_levels"][1]]
    return {"comparisons": _speaking_for_a_match([_floored(comparison) for comparison in measured])}


def linker(con: duckdb.DuckDBPyConnection, table: str, comparisons: list[dict], **more: Any) -> tuple[Any, Any]:
    """Splink's database and linker, which keeps its progress to itself; what it would warn of is checked for here."""
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    plain = {"link_type": "dedupe_only", "unique_id_column_name": "record_no", "retain_matching_columns": False}
    settings = plain | {"comparisons": comparisons, "em_convergence": 1e-4, "max_iterations": ROUNDS} | more
    api = DuckDBAPI(connection=con)
    return api, Linker(api.register(table), settings, log_level=logging.CRITICAL, validate_settings=False)


@contextmanager
def _sample(
    engine: Engine, compared: Table, rules: list[list[str]], most: int
) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[int]]]:
    """A connection of one thread with a sample of the records in a fixed order, so that sums come out alike on any
    machine; and for each rule how many of its records share a key (column t_0, t_1 ...) that is no crowd's."""
    share = round(min(1.0, most / max(compared.count(), 1)) * 1_000_000)
    keys = [f"case when {key} is not null then {key} end as t_{turn}" for turn, key in enumerate(map(block_key, rules))]
    columns, drawn = ", ".join(keys) or "null as t", f"hash(record_no) % 1000000 < {share}"
    text = f"select *, {columns} from c where {drawn} order by record_no"
    sample = engine.sql(text, c=compared).relation.to_arrow_table()
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("create table sample as from sample")
        pairs = []
        for turn in range(len(rules)):
            con.execute(_NO_CROWD.format(f"t_{turn}", LARGEST_BLOCK))
            pairs += con.execute(f"select count(t_{turn}) - count(distinct t_{turn}) from sample").fetchall()[0]
        del sample
        yield con, pairs


def _floored(comparison: dict) -> dict:
    """What was never observed among matches is given the least, and all sum to one again."""
    unknown, *levels = comparison["comparison_levels"]
    values = [max(level.get("m_probability") or LEAST_M, LEAST_M) for level in levels]
    floored = [level | {"m_probability": round(v / sum(values), 9)} for level, v in zip(levels, values, strict=True)]
    return comparison | {"comparison_levels": [unknown, *floored]}


def _speaking_for_a_match(comparisons: list[dict]) -> list[dict]:
    """Those whose most alike level does; where too few do, the two classes learnt are something else."""
    speaking, others = [], []
    for comparison in comparisons:
        most_alike = comparison["comparison_levels"][1]
        fits = most_alike["m_probability"] > most_alike["u_probability"]
        (speaking if fits else others).append(comparison)
    if len(comparisons) > 1 and len(speaking) < 2:
        names = ", ".join(comparison["output_column_name"] for comparison in others)
        raise TrainingFailed(
            f"{names}: these agree more often between different people than within one, as the records found by"
            " 'linking.training' in the profile are not mostly of one person. Choose narrower rules there, or set"
            " 'linking.by_weight: false'."
        )
    return speaking


_NO_CROWD = """
update sample set {0} = null
where {0} in (select {0} from sample where {0} is not null group by {0} having count(*) > {1})
"""
