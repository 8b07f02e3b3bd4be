"""The model's parameters, learnt without truth: how often a level occurs among matches and among strangers."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from playbook.integration.linkage.blocking import LARGEST_BLOCK, usable
from playbook.integration.linkage.random_pairs import among_strangers
from playbook.profile.linking import Linking
from playbook.tables.engine import Engine, Table, identifier

ROUNDS = 100
#: No level is so rare among matches that it proves the contrary alone.
LEAST_M = 2e-3
LEAST_PAIRS = 200
#: Training rules used at most: each measures what the others hold equal.
MOST_RULES = 3

Model = dict[str, Any]


class TrainingFailed(ValueError):
    """The model did not settle, or settled on the opposite of likeness; the message says on what and what would do."""


def train(engine: Engine, compared: Table, names: list[str], linking: Linking) -> Model | None:
    """The trained model for these comparisons as JSON; None where no training rule finds pairs to learn from.

    u by seeded random sampling; m by expectation maximisation on the pairs that
    each training rule finds. Raises `TrainingFailed` where that does not converge. Only comparisons that some rule
    measured are in the model.
    """
    rules = usable(compared.columns, linking.training)
    with _apart(engine, compared, rules, linking.training_records) as con:
        turns = [turn for turn in range(len(rules)) if _has_pairs(con, turn)][:MOST_RULES]
        if not turns:
            return None
        return _with_m(con, among_strangers(engine, compared, names, linking.training_pairs), rules, turns)


def settings(comparisons: list[dict], **more: Any) -> dict:
    """Settings of Splink for these comparisons."""
    plain = {"link_type": "dedupe_only", "unique_id_column_name": "record_no", "retain_matching_columns": False}
    return plain | {"comparisons": comparisons, "em_convergence": 1e-4, "max_iterations": ROUNDS} | more


def silent(api, table: str, given: dict):
    """A linker that keeps its progress to itself; what it would warn of is checked for here."""
    from splink import Linker

    return Linker(api.register(table), given, log_level=logging.CRITICAL)


@contextmanager
def _apart(engine: Engine, compared: Table, rules: list, most: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of one thread with a sample of the records in a fixed order: sums come out alike on any machine."""
    share = min(1.0, most / max(compared.count(), 1))
    keys = [f"case when {_key(rule)} is not null then {_key(rule)} end as t_{turn}" for turn, rule in enumerate(rules)]
    text = f"select *, {', '.join(keys) or 'null as t'} from {compared.name} where {_drawn(share)} order by record_no"
    sample = engine.con.sql(text).to_arrow_table()
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("create table sample as from sample")
        for turn in range(len(rules)):
            con.execute(_NO_CROWD.format(f"t_{turn}", LARGEST_BLOCK))
        del sample
        yield con


def _drawn(share: float) -> str:
    return f"hash(record_no) % 1000000 < {round(share * 1_000_000)}"


def _key(rule: list[str]) -> str:
    return " || '|' || ".join(f"cast({identifier(name)} as varchar)" for name in rule)


def _has_pairs(con, turn: int) -> bool:
    found = con.execute(
        f"select count(*) - count(distinct t_{turn}) from sample where t_{turn} is not null"
    ).fetchall()[0]
    return found[0] >= LEAST_PAIRS


def _with_m(con, comparisons: list[dict], rules: list[list[str]], turns: list[int]) -> Model:
    """The model with how often each level occurs among records of one person."""
    linker = _linker(con, "sample", settings(comparisons))
    for turn in turns:
        _settled(_session(linker, rules[turn], turn), rules[turn])
    trained = [_floored(c) for c in _comparisons(linker) if _is_measured(c)]
    return {"comparisons": _sensible(trained)}


def _session(linker, rule: list[str], turn: int):
    equal = " and ".join(f"l.{name} = r.{name}" for name in rule)
    return linker.training.estimate_parameters_using_expectation_maximisation(
        f"{equal} and l.t_{turn} = r.t_{turn}", estimate_without_term_frequencies=True
    )


def _settled(session, rule: list[str]) -> None:
    if len(session._core_model_settings_history) > ROUNDS:
        raise TrainingFailed(
            f"records with the same {' and '.join(rule)} do not fall into one person's and different people's within"
            f" {ROUNDS} rounds; take this rule out of 'linking.training' in the"
            " profile, or set 'linking.by_weight: false'."
        )


def _sensible(comparisons: list[dict]) -> list[dict]:
    """Those whose most alike level speaks for a match; where too few do, the two classes found are something else."""
    found = [comparison for comparison in comparisons if _speaks_for(comparison["comparison_levels"][1])]
    if len(comparisons) > 1 and len(found) < 2:
        names = ", ".join(c["output_column_name"] for c in comparisons if c not in found)
        raise TrainingFailed(
            f"{names}: these agree more often between different people than within one, as the records found by"
            " 'linking.training' in the profile are not mostly of one person. Choose narrower rules there, or set"
            " 'linking.by_weight: false'."
        )
    return found


def _speaks_for(level: dict) -> bool:
    return level["m_probability"] > level["u_probability"]


def _linker(con, table: str, given: dict):
    from splink.backends.duckdb import DuckDBAPI

    return silent(DuckDBAPI(connection=con), table, given)


def _comparisons(linker) -> list[dict]:
    return linker.misc.save_model_to_json()["comparisons"]


def _is_measured(comparison: dict) -> bool:
    return all("m_probability" in level for level in comparison["comparison_levels"][1:2])


def _floored(comparison: dict) -> dict:
    """No level impossible: what was never seen among matches is given the least, and all sum to one again."""
    unknown, *levels = comparison["comparison_levels"]
    values = [max(level.get("m_probability") or LEAST_M, LEAST_M) for level in levels]
    kept = [level | {"m_probability": round(v / sum(values), 9)} for level, v in zip(levels, values, strict=True)]
    return comparison | {"comparison_levels": [unknown, *kept]}


_NO_CROWD = """
update sample set {0} = null
where {0} in (select {0} from sample where {0} is not null group by {0} having count(*) > {1})
"""
