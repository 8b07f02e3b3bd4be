"""How good each source is, from 0 to 100, and what makes it so: the parts, their weights, and `quality.json`."""

import json
from typing import Any, NamedTuple

import pandas as pd

#: What each part weighs in the score of a source. Parts that could not be checked are left out, the others fill in.
WEIGHTS = {
    "completeness": 0.20, "validity": 0.20, "uniqueness": 0.15, "consistency": 0.15, "timeliness": 0.10,
    "integrity": 0.20,
}  # fmt: skip


class Verdict(NamedTuple):
    """The sources in a sentence: the least and the most of their scores, whose the least is, and its worst part."""

    least: float
    most: float
    source: str
    part: str


def scores(checks: pd.DataFrame, weights: dict[str, float] | None = None) -> pd.DataFrame:
    """One row per source: score (0 to 100), and each part (0 to 1; null where nothing could be checked).

    A part is as good as the worst of its checks; the score is the weighted mean of the parts.
    """
    weighed = pd.Series(weights or WEIGHTS)
    scored = checks[checks["part"].isin(weighed.index)]
    good = 1 - scored["failed"] / scored["checked"]
    by_part = good.groupby([scored["source"], scored["part"]]).min().unstack("part")
    parts = by_part.reindex(columns=weighed.index.tolist())
    score = (parts * weighed).sum(axis=1).div((parts.notna() * weighed).sum(axis=1)).mul(100)
    return score.rename("score").to_frame().join(parts).reset_index()


def worst(checks: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The checks that failed, those with most money behind them first: source, part, check, checked, failed, money."""
    failed = checks[(checks["failed"] > 0) & (checks["part"] != "coverage")]
    order = failed.assign(held=failed["money"].abs().fillna(0), share=failed["failed"] / failed["checked"])
    keys = ["held", "share", "source", "check"]
    return order.sort_values(keys, ascending=[False, False, True, True]).head(most)[list(checks.columns)]


def coverage(checks: pd.DataFrame) -> pd.DataFrame:
    """Sales to nobody known and customers that one source alone knows, most money first: columns as in `worst`."""
    part = checks[checks["part"] == "coverage"]
    return part.sort_values(["money", "source", "check"], ascending=[False, True, True])


def verdict(scored: pd.DataFrame) -> Verdict:
    """What to say first about the sources."""
    ordered = scored.sort_values(["score", "source"])
    lowest = ordered.iloc[0]
    parts = lowest[list(WEIGHTS)].astype("float64").dropna()
    costs = {part: WEIGHTS[part] * (1 - good) for part, good in parts.items()}
    return Verdict(lowest["score"], ordered["score"].iloc[-1], lowest["source"], max(costs, key=costs.get))


def report(scored: pd.DataFrame, checks: pd.DataFrame, columns: pd.DataFrame, changes: pd.DataFrame) -> dict[str, Any]:
    """What `quality.json` holds: weights, sources with their scores, every check, every column, what changed."""
    frames = {"sources": scored, "checks": checks, "columns": columns, "changes": changes}
    options = {"orient": "records", "date_format": "iso", "double_precision": 6, "force_ascii": False}
    return {"weights": WEIGHTS} | {name: json.loads(frame.to_json(**options)) for name, frame in frames.items()}
