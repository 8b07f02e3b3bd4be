"""What columns mean, and which standard table a file holds: by the names, as far as the values agree with them."""

import itertools

import pandas as pd

from playbook.integration.sources import fields
from playbook.onboarding.file_profile import Candidate, ColumnRef, FileProfile, SemanticTypes, TableMatch
from playbook.onboarding.names import concepts, group, is_called, read_name, vocabulary, words

_FITS, _MAY, _HARDLY = 1.0, 0.7, 0.15  # how well values agree with a name
_LEAST = 0.2  # a meaning less sure than this is none
_ALONE = 0.55  # a meaning that values alone suggest
_PROOF = 0.3  # what values add to a name that is only a hint
_PROVEN = 0.97  # what they can make of it
_ENOUGH, _AHEAD = 6.0, 3.0  # points from which a table is sure, and how far the next one must be behind
_FEW = 2.0  # points below which a file is none of the tables
_IDENTITY = 3.0  # points of a key
_PURCHASE = 3.0  # points of somebody, a moment and money: a purchase at its plainest
_LACKS, _LACKS_CONSTANT = 5.0, 1.0  # points that a missing column takes


def semantic_types(columns: list[ColumnRef]) -> dict[str, SemanticTypes]:
    """Column -> what it may mean: concept -> how surely, from 0 to 1; nothing for an empty column."""
    if not columns:
        return {}
    evidence = _evidence(columns).to_dict("records")
    return {column.name: _types(column, row) for column, row in zip(columns, evidence, strict=True)}


def match_table(file: FileProfile) -> TableMatch:
    """The table with the most points; sure where it has enough of them and no other one is near."""
    if file.dialect.format == "weblog":
        return TableMatch("events", True)
    points = {table: _points(file, table) for table in fields.TABLES}
    best, second, *_ = ranked = sorted(points, key=lambda table: (-points[table], table))
    lacking = _lacking(file, best)
    if points[best] < _FEW:
        return TableMatch(None, False, (best,), lacking)
    is_sure = points[best] >= _ENOUGH and points[best] - points[second] >= _AHEAD and not lacking
    near = tuple(table for table in ranked[1:] if points[table] > max(_FEW, points[best] - _AHEAD))
    return TableMatch(best, is_sure, near, lacking)


def candidates(file: FileProfile, table: str, name: str, least: float = 0.3) -> list[Candidate]:
    """What may fill a standard column, best first; each column of the file once."""
    fits = words("tables")[table]["columns"].get(name, {})
    scored = [
        Candidate(round(score * fits[concept], 3), column, concept)
        for column, types in file.types.items()
        for concept, score in types.items()
        if concept in fits and score * fits[concept] >= least
    ]
    best: dict[str, Candidate] = {}
    for candidate in sorted(scored, key=lambda candidate: -candidate.score):
        best.setdefault(candidate.column, candidate)
    return list(best.values())


def constants(table: str) -> dict[str, str]:
    """The columns that a file may lack, with the text that then stands for all its rows."""
    return words("tables")[table].get("constants", {})


def is_list_of_products(file: FileProfile) -> bool:
    """Whether a file lists products once each: columns for the lines of orders to look up."""
    key = file.find("product_id")
    is_of_sales = any(file.best(concept)[1] >= 0.9 for concept in group("sales"))
    return bool(key and key.distinct == key.filled == file.rows and not is_of_sales)


def _evidence(columns: list[ColumnRef]) -> pd.DataFrame:
    """One row per column: whether each condition of forms.yml holds, by `proofs concept`, `hardly kind` and so on."""
    rules = words("forms")
    frame = pd.DataFrame([column.shares for column in columns])
    for name in ("filled", "distinct", "is_unique", "low", "high"):
        frame[name] = pd.Series([getattr(column, name) for column in columns], dtype=float)
    frame["has_unit"] = [read_name(column.name).unit is not None for column in columns]
    for name, key in rules["vocabularies"].items():
        listed = vocabulary(key)
        listed = set(itertools.chain(*listed.values()) if isinstance(listed, dict) else listed)
        frame[name] = [column.share_of(listed) for column in columns]
    for name, condition in rules["derived"].items():
        frame[name] = frame.eval(condition, engine="python")
    conditions = {
        f"{section} {name}": rules[section][name] for section in ("proofs", "alone") for name in rules[section]
    }
    conditions |= {f"{how} {kind}": text for kind, hows in rules["fits"].items() for how, text in hows.items()}
    results = {name: frame.eval(condition, engine="python") for name, condition in conditions.items()}
    return pd.DataFrame(results)


def _types(column: ColumnRef, evidence: dict[str, bool]) -> SemanticTypes:
    """What the name says as far as the values agree; where it says nothing, what the values look like."""
    if column.is_empty:
        return {}
    types: SemanticTypes = {}
    for concept, score in concepts(column.name).items():
        kind = words("names")["concepts"][concept]["holds"]
        is_hardly, is_maybe = evidence.get(f"hardly {kind}"), evidence.get(f"may {kind}")
        fit = _HARDLY if is_hardly else _MAY if is_maybe else _FITS
        if score < 1 and fit == _FITS and is_called(column.name, concept):
            score = min(_PROVEN, score + _PROOF * evidence.get(f"proofs {concept}", False))
        types[concept] = round(score * fit, 3)
    types = {concept: score for concept, score in types.items() if score >= _LEAST}
    if types or column.distinct < 2 or column.shares["clock_only"]:
        return types
    return {concept: _ALONE for concept in words("forms")["alone"] if evidence[f"alone {concept}"]}


def _lacking(file: FileProfile, table: str) -> tuple[str, ...]:
    """The columns that the table must have and for which the file shows no candidate."""
    required = fields.REQUIRED[table]
    return tuple(name for name in required if name not in constants(table) and not candidates(file, table, name))


def _points(file: FileProfile, table: str) -> float:
    """Points for the columns that tell a table, and for what its keys prove; fewer for what is missing."""
    tells = words("tables")[table]["tells"]
    scores = {concept: file.best(concept)[1] for concept in tells}
    named = sum(points * scores[concept] for concept, points in tells.items() if scores[concept] >= 0.5)
    without = sum(not candidates(file, table, name) for name in constants(table))
    missing = _LACKS * len(_lacking(file, table)) + _LACKS_CONSTANT * without
    return named + _points_of_keys(file, table) - missing


def _points_of_keys(file: FileProfile, table: str) -> float:
    """What the keys prove: a customer stands once in a list of customers, an order once in a list of orders."""
    customer, order = file.find("customer_key"), file.find("order_id")
    points = 0.0
    if table == "customers" and customer:
        is_repeated = file.find("updated_at") and customer.distinct > 0.7 * customer.filled
        points = _IDENTITY + 1 if customer.is_unique or is_repeated else -_IDENTITY
    elif table == "orders":
        money = max(file.best("paid")[1], file.best("amount")[1])
        is_purchase = min(money, file.best("customer_key")[1], file.best("day")[1]) >= 0.9
        of_order = (_IDENTITY if order.is_unique else -_IDENTITY) if order else 0.0
        points = of_order + _PURCHASE * is_purchase
    elif table == "order_lines" and order:
        is_of_goods = any(map(file.find, group("goods")))
        points = -_IDENTITY if not is_of_goods else 0.0 if order.is_unique else _IDENTITY
    return points
