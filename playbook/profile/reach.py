"""Can every tier be reached? The rules are tried on every combination of values that could make a difference."""

import itertools
import math
from typing import Any

import numpy as np
from sqlglot import exp

from playbook.tables.expressions import ARITHMETIC, COMPARISONS, LOGIC

MOST_COMBINATIONS = 400_000
SCORES = ("r_score", "f_score", "m_score")

#: Columns of whole numbers from 0; others may have any value.
WHOLE = ("frequency", "orders_ever", "recency_days", "days_since_first")
#: Pairs of columns of which the first is never less than the second: each is tried at the other's limits too.
PAIRS = (("days_since_first", "recency_days"), ("orders_ever", "frequency"))

Values = dict[str, np.ndarray]

_TRIED = (*LOGIC, *COMPARISONS, *ARITHMETIC, exp.Column, exp.Identifier, exp.Literal)
_BINARY: dict[type, np.ufunc] = {
    exp.And: np.logical_and, exp.Or: np.logical_or, exp.EQ: np.equal, exp.NEQ: np.not_equal, exp.GT: np.greater,
    exp.GTE: np.greater_equal, exp.LT: np.less, exp.LTE: np.less_equal, exp.Add: np.add, exp.Sub: np.subtract,
    exp.Mul: np.multiply, exp.Div: np.divide,
}  # fmt: skip


def unreached(trees: dict[str, exp.Expression]) -> dict[str, list[str]]:
    """The keys of rules that are never the first to hold, with the earlier rules that hold in their place.

    Exact while rules compare columns with constants and the combinations stay under `MOST_COMBINATIONS`; rules with
    functions or texts are taken as reachable.
    """
    nodes = [node for tree in trees.values() for node in tree.walk()]
    if not all(isinstance(node, _TRIED) and not (isinstance(node, exp.Literal) and node.is_string) for node in nodes):
        return {}
    values = _combinations(list(trees.values()))
    free = np.ones(len(next(iter(values.values()))), dtype=bool)
    holds: dict[str, np.ndarray] = {}
    never_first: dict[str, list[str]] = {}
    for key, tree in trees.items():
        with np.errstate(all="ignore"):
            truth = np.broadcast_to(np.asarray(_value(tree, values), bool), free.shape)
        if not (free & truth).any():
            never_first[key] = [earlier for earlier, others in holds.items() if (others & truth).any()]
        holds[key] = truth
        free = free & ~truth
    return never_first


def _combinations(trees: list[exp.Expression]) -> Values:
    columns = sorted({column.name for tree in trees for column in tree.find_all(exp.Column)}) or ["monetary"]
    points = [_points(column, trees) for column in columns]
    if math.prod(map(len, points)) > MOST_COMBINATIONS:
        rng = np.random.default_rng(0)
        combined = [rng.choice(point, MOST_COMBINATIONS) for point in points]
    else:
        combined = [axis.ravel() for axis in np.meshgrid(*points, indexing="ij")]
    values = dict(zip(columns, combined, strict=True))
    possible = np.ones(len(combined[0]), dtype=bool)
    for more, less in PAIRS:
        if more in values and less in values:
            possible &= values[more] >= values[less]
    return {column: value[possible] for column, value in values.items()}


def _points(column: str, trees: list[exp.Expression]) -> list[float]:
    """The values of a column between which no rule can tell the difference."""
    if column in SCORES:
        return [1.0, 2.0, 3.0, 4.0, 5.0]
    if column.startswith("is_"):
        return [0.0, 1.0]
    akin = next((set(pair) for pair in PAIRS if column in pair), {column})
    comparisons = [node for tree in trees for node in tree.find_all(*COMPARISONS)]
    about = [node for node in comparisons if akin & {other.name for other in node.find_all(exp.Column)}]
    limits = sorted({0.0, *(float(number.name) for node in about for number in node.find_all(exp.Literal))})
    if column in WHOLE:
        return sorted({limit + step for limit in limits for step in (-1, 0, 1) if limit + step >= 0})
    between = [(low + high) / 2 for low, high in itertools.pairwise(limits)]
    return sorted([limits[0] - 1, *limits, *between, limits[-1] + 1])


def _value(node: exp.Expression, values: Values) -> Any:
    """What an expression comes to, for each combination of values."""
    if isinstance(node, exp.Column):
        return values[node.name]
    if isinstance(node, exp.Literal):
        return float(node.name)
    if isinstance(node, exp.Boolean):
        return np.bool_(node.this)
    this = _value(node.this, values)
    if isinstance(node, exp.Paren):
        return this
    if isinstance(node, exp.Not):
        return np.logical_not(this)
    if isinstance(node, exp.Neg):
        return np.negative(this)
    if isinstance(node, exp.Between):
        return (this >= _value(node.args["low"], values)) & (this <= _value(node.args["high"], values))
    if isinstance(node, exp.In):
        return np.isin(this, [_value(choice, values) for choice in node.expressions])
    return _BINARY[type(node)](this, _value(node.expression, values))
