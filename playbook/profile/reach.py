"""Can every tier be reached? The rules are tried on every combination of values that could make a difference."""

import itertools
import math
from collections.abc import Callable

import numpy as np
from sqlglot import exp

MOST_COMBINATIONS = 400_000
SCORES = ("r_score", "f_score", "m_score")

#: Columns of whole numbers from 0; others may have any value.
WHOLE = ("frequency", "orders_ever", "recency_days", "days_since_first")
#: Columns that limit each other, and so are tried at each other's limits too.
KIN = ({"recency_days", "days_since_first"}, {"frequency", "orders_ever"})

Values = dict[str, np.ndarray]

_BINARY: dict[type, Callable] = {
    exp.And: np.logical_and, exp.Or: np.logical_or, exp.EQ: np.equal, exp.NEQ: np.not_equal, exp.GT: np.greater,
    exp.GTE: np.greater_equal, exp.LT: np.less, exp.LTE: np.less_equal, exp.Add: np.add, exp.Sub: np.subtract,
    exp.Mul: np.multiply, exp.Div: np.divide,
}  # fmt: skip


def unreached(trees: dict[str, exp.Expression]) -> dict[str, list[str]]:
    """The keys of rules that are never the first to hold, with the earlier rules that hold in their place.

    Exact while rules compare columns with constants and the combinations stay under `MOST_COMBINATIONS`; rules with
    functions are taken as reachable.
    """
    if not all(_can_try(tree) for tree in trees.values()):
        return {}
    values = _combinations(list(trees.values()))
    free = np.ones(len(next(iter(values.values()))), dtype=bool)
    holds = {key: np.broadcast_to(np.asarray(_truth(tree, values), bool), free.shape) for key, tree in trees.items()}
    return _never_first(holds, free)


def _never_first(holds: dict[str, np.ndarray], free: np.ndarray) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, (key, truth) in enumerate(holds.items()):
        if not (free & truth).any():
            found[key] = [earlier for earlier in list(holds)[:number] if (holds[earlier] & truth).any()]
        free = free & ~truth
    return found


def _can_try(tree: exp.Expression) -> bool:
    known = (*_BINARY, exp.Not, exp.Neg, exp.Paren, exp.Boolean, exp.Between, exp.In, exp.Column, exp.Identifier)
    texts = any(node.is_string for node in tree.find_all(exp.Literal))
    return not texts and all(isinstance(node, (*known, exp.Literal)) for node in tree.walk())


def _combinations(trees: list[exp.Expression]) -> Values:
    columns = sorted({column.name for tree in trees for column in tree.find_all(exp.Column)}) or ["monetary"]
    points = [_points(column, trees) for column in columns]
    if math.prod(map(len, points)) > MOST_COMBINATIONS:
        rng = np.random.default_rng(0)
        drawn = [rng.choice(point, MOST_COMBINATIONS) for point in points]
    else:
        drawn = np.array(list(itertools.product(*points)), dtype=float).T
    values = dict(zip(columns, drawn, strict=True))
    possible = _possible(values)
    return {column: value[possible] for column, value in values.items()}


def _points(column: str, trees: list[exp.Expression]) -> list[float]:
    if column in SCORES:
        return [1, 2, 3, 4, 5]
    if column.startswith("is_"):
        return [0, 1]
    limits = sorted({0.0, *(float(number.name) for tree in trees for number in _compared_with(column, tree))})
    if column in WHOLE:
        return sorted({limit + step for limit in limits for step in (-1, 0, 1) if limit + step >= 0})
    between = [(low + high) / 2 for low, high in itertools.pairwise(limits)]
    return sorted([limits[0] - 1, *limits, *between, limits[-1] + 1])


def _compared_with(column: str, tree: exp.Expression) -> list[exp.Literal]:
    kin = next((group for group in KIN if column in group), {column})
    comparisons = tree.find_all(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
    about = [node for node in comparisons if kin & {found.name for found in node.find_all(exp.Column)}]
    return [number for node in about for number in node.find_all(exp.Literal)]


def _possible(values: Values) -> np.ndarray:
    everything = np.ones(len(next(iter(values.values()))), dtype=bool)
    if {"days_since_first", "recency_days"} <= set(values):
        everything &= values["days_since_first"] >= values["recency_days"]
    if {"frequency", "orders_ever"} <= set(values):
        everything &= values["orders_ever"] >= values["frequency"]
    return everything


def _truth(node: exp.Expression, values: Values):
    if isinstance(node, exp.Column):
        return values[node.name]
    if isinstance(node, exp.Literal):
        return float(node.name)
    if isinstance(node, exp.Boolean):
        return np.bool_(node.this)
    if isinstance(node, exp.Between):
        return _between(node, values)
    if isinstance(node, exp.In):
        return np.isin(_truth(node.this, values), [_truth(choice, values) for choice in node.expressions])
    return _operation(node, values)


def _between(node: exp.Between, values: Values):
    value = _truth(node.this, values)
    return (value >= _truth(node.args["low"], values)) & (value <= _truth(node.args["high"], values))


def _operation(node: exp.Expression, values: Values):
    with np.errstate(all="ignore"):
        inner = _truth(node.this, values)
        if isinstance(node, exp.Paren):
            return inner
        if isinstance(node, exp.Not):
            return np.logical_not(inner)
        if isinstance(node, exp.Neg):
            return np.negative(inner)
        return _BINARY[type(node)](inner, _truth(node.expression, values))
