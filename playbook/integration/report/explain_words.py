"""One customer's explanation in words, as lines for the terminal."""

from collections.abc import Iterator

import pandas as pd

from playbook.integration.report.explain import Explanation
from playbook.profile.golden import CONTACT_FIELDS
from playbook.report.text import Words

_SHOWN = 8  # hexadecimal digits of a hash: enough to compare two by eye


def lines(found: Explanation, words: Words) -> Iterator[str]:
    """The lines of an explanation: records, ties, doubts, decisions, disagreements, earlier ids."""
    yield from _head(found, words)
    ties = list(_ties(found.ties, words)) or [words("explain.alone")]
    parts = {
        "records": [words("explain.record", record=_record(row), **row) for row in _dicts(found.records)],
        "ties": ties,
        "weak": [_half(row, words) for row in _dicts(found.weak)],
        "proposed": [words(f"explain.{row['pattern']}", record=_record(row), **row) for row in _dicts(found.proposed)],
        "decisions": [words(f"explain.decision_{row['kind']}", **row) for row in _dicts(found.decisions)],
        "contacts": [
            words("explain.contact", field=kind, value=_short(value)) for kind, value in found.contacts.items()
        ],
        "conflicts": [_conflict(row, words) for row in _dicts(found.conflicts)],
        "history": [words(f"explain.{row['kind']}", **row) for row in _dicts(found.history)],
    }
    for name, said in parts.items():
        if said:
            yield from ["", words(f"explain.{name}"), *(f"  {line}" for line in said)]


def _head(found: Explanation, words: Words) -> Iterator[str]:
    if found.retired_on:
        yield words("explain.retired", asked=found.asked, as_of=found.retired_on, customer_id=found.customer_id)
    if found.known_since:
        values = {"asked": found.asked, "since": found.known_since, "customer_id": found.customer_id}
        yield words("explain.away", **values)
    counts = {"records": len(found.records), "sources": found.records["source"].nunique()}
    yield words("explain.head", customer_id=found.customer_id, **counts)
    if found.is_internal:
        yield words("explain.internal")


def _ties(ties: pd.DataFrame, words: Words) -> Iterator[str]:
    for row in _dicts(ties):
        ends = {side: _record(row, f"_{side}") for side in "ab"}
        likely = row["rule"] == "probabilistic"
        yield words("explain.tie_likely" if likely else "explain.tie", **ends, **row)


def _half(row: dict, words: Words) -> str:
    return words("explain.half", one=", ".join(row["half_a"]), other=", ".join(row["half_b"]))


def _conflict(row: dict, words: Words) -> str:
    value = _short(row["value"]) if row["field"] in CONTACT_FIELDS else row["value"]
    said = row | {"value": value, "record": _record(row)}
    return words("explain.conflict_kept" if row["survives"] else "explain.conflict", **said)


def _record(row: dict, side: str = "") -> str:
    """A record as a decision file names it."""
    return f"{row[f'source{side}']} {row[f'source_key{side}']}"


def _short(value: str) -> str:
    return f"{value[:_SHOWN]}…"


def _dicts(frame: pd.DataFrame) -> list[dict]:
    return frame.to_dict("records")
