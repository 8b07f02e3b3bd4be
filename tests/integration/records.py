"""Records and ties that fit in the head, and the customers they become from run to run."""

from datetime import date

import pandas as pd

from playbook.integration.linkage.identity import Identities, identify, past
from playbook.integration.linkage.link import LinkedRecords
from playbook.tables.engine import Engine

LINK = ["record_no_a", "record_no_b", "rule", "weight", "probability", "value_no"]


class Company:
    """One company's runs: each knows the registry and the log of the one before."""

    def __init__(self):
        self.engine, self.kept, self.runs = Engine(threads=1), {}, 0

    def again(self, *given, **options) -> Identities:
        """A run for the day of the last one, which has been published."""
        self.runs -= 1
        return self.run(*given, **options)

    def run(self, records: str, ties: str = "", decisions=None, is_private=False, **options) -> Identities:
        """Records as 'crm:a crm:b'; ties as 'crm:a=email=crm:b', a probability in place of a rule for doubtful ones."""
        names, self.runs = sorted(records.split()), self.runs + 1
        as_of = date(2025, self.runs, 28)
        tied = links([_tie(tie, names) for tie in ties.split()])
        linked = LinkedRecords(self.engine.frame(_records(names, is_private)), None, self.engine.frame(tied))
        before, shown = (past(self.engine, *self.kept.get(run, ())) for run in (self.runs - 1, self.runs))
        found = identify(self.engine, linked, before=before, shown=shown, decisions=decisions, as_of=as_of, **options)
        self.kept[self.runs] = found.registry, found.tables["identity_log"]
        return found


def customers(found: Identities) -> dict[str, str]:
    """The customer of each record."""
    text = "select concat(source, ':', source_key), customer_id from people order by 1"
    return dict(found.record_to_customer.engine.sql(text, people=found.record_to_customer).rows())


def groups(found: Identities) -> set[str]:
    """The records of each customer, as 'crm:a crm:b'."""
    by_customer = pd.Series(customers(found)).reset_index().groupby(0)["index"]
    return {" ".join(records) for _, records in by_customer}


def log(found: Identities) -> list[tuple]:
    """kind, old id, new id, records, reason of each change so far, in order."""
    text = "select kind, old_id, new_id, records, reason from log order by as_of, turn, old_id, new_id"
    return found.record_to_customer.engine.sql(text, log=found.tables["identity_log"]).rows()


def links(rows: list[tuple]) -> pd.DataFrame:
    """Links from (a, b, rule or probability)."""
    return pd.DataFrame([_link(number, *row) for number, row in enumerate(rows)], columns=LINK).astype(
        {"record_no_a": "int64", "record_no_b": "int64", "rule": "str"}
        | dict.fromkeys(["weight", "probability", "value_no"], "float")
    )


def _link(number, a, b, tie):
    if isinstance(tie, float):
        return min(a, b), max(a, b), "probabilistic", round(tie * 10, 6), tie, None
    return min(a, b), max(a, b), tie, None, None, number


def _tie(written, names):
    a, rule, b = written.split("=")
    return names.index(a), names.index(b), float(rule) if rule.startswith("0.") else rule


def _records(names, is_private):
    parts = [name.split(":") for name in names]
    frame = pd.DataFrame(parts, columns=["source", "record_key"])
    return frame.assign(record_no=range(len(names)), is_internal=False, is_private=is_private)
