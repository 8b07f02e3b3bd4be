"""One customer's explanation in words, as lines for the terminal."""

from collections.abc import Iterator

import pandas as pd

from playbook.integration.report.explain import Explanation
from playbook.profile.golden import CONTACT_FIELDS
from playbook.report.text import Words

_SHOWN = 8  # hexadecimal digits of a hash: enough to compare two by eye


def lines(explanation: Explanation, words: Words) -> Iterator[str]:
    """The lines of an explanation: records, links, doubts, decisions, disagreements, earlier ids."""
    yield from _head(explanation, words)
    for name, parts in _parts(explanation, words).items():
        if parts:
            yield from ["", words(f"explain.{name}"), *(f"  {line}" for line in parts)]


def _head(explanation: Explanation, words: Words) -> Iterator[str]:
    asked = {"asked": explanation.asked, "customer_id": explanation.customer_id}
    if explanation.retired_on:
        yield words("explain.retired", as_of=explanation.retired_on, **asked)
    if explanation.known_since:
        yield words("explain.away", since=explanation.known_since, **asked)
    counts = {"records": len(explanation.records), "sources": explanation.records["source"].nunique()}
    yield words("explain.head", customer_id=explanation.customer_id, **counts)
    if explanation.is_internal:
        yield words("explain.internal")


def _parts(explanation: Explanation, words: Words) -> dict[str, list[str]]:
    """The lines under each heading of `explain.*`."""

    def say(frame: pd.DataFrame, key: str) -> list[str]:
        """A line for each row; {} in the key is a value of the row, as {rule}."""
        return [words(f"explain.{key.format(**row)}", **row) for row in frame.to_dict("records")]

    records, links, bridges, conflicts = (
        getattr(explanation, name).copy() for name in ("records", "links", "bridges", "conflicts")
    )
    proposed = explanation.proposed.assign(record=_records(explanation.proposed))
    links = links.assign(a=_records(links, "_a"), b=_records(links, "_b"))
    links["likely"] = links["rule"].eq("probabilistic").map({True: "_likely", False: ""})
    bridges = bridges.assign(one=bridges["half_a"].map(", ".join), other=bridges["half_b"].map(", ".join))
    conflicts["record"] = _records(conflicts)
    conflicts["value"] = conflicts["value"].where(
        ~conflicts["field"].isin(CONTACT_FIELDS), conflicts["value"].str[:_SHOWN] + "…"
    )
    conflicts["kept"] = conflicts["survives"].map({True: "_kept", False: ""})
    contacts = explanation.contacts.items()
    return {
        "records": say(records.assign(record=_records(records)), "record"),
        "ties": say(links, "tie{likely}") or [words("explain.alone")],
        "weak": say(bridges, "half"),
        "proposed": say(proposed, "{pattern}"),
        "decisions": say(explanation.decisions, "decision_{kind}"),
        "contacts": [words("explain.contact", field=kind, value=f"{hash_[:_SHOWN]}…") for kind, hash_ in contacts],
        "conflicts": say(conflicts, "conflict{kept}"),
        "history": say(explanation.history, "{kind}"),
    }


def _records(frame: pd.DataFrame, side: str = "") -> pd.Series:
    """Records as a decision file names them."""
    return frame[f"source{side}"].astype(str) + " " + frame[f"source_key{side}"].astype(str)
