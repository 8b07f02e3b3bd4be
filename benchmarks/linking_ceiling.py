"""Registers read, linked and scored against their truth; and the model that knows the truth, for the ceiling."""

import tempfile
import time
from pathlib import Path

import pandas as pd
from linkage_data.score import score

from playbook.integration.ingest.reading import read
from playbook.integration.ingest.row_status import accept, file_table
from playbook.integration.linkage import matching
from playbook.integration.linkage.components import connected_records
from playbook.integration.linkage.link import LinkedRecords, link_records
from playbook.integration.linkage.random_pairs import level_counts, u_probabilities, with_probabilities
from playbook.integration.sources.models import read_sources
from playbook.profile.models import load
from playbook.tables.engine import Engine

TRUE_PAIRS = 8_000_000


class Bench:
    """A folder of registers, read once. `training` is how long the last training took, in seconds."""

    def __init__(self, folder: Path, *, threads: int, memory: str, as_of):
        self.engine, self.linking = Engine(threads=threads, memory=memory), load("retail").linking
        with tempfile.TemporaryDirectory() as scratch:
            reading = read(self.engine, read_sources(folder), Path(scratch))
        files = file_table(self.engine, reading.files)
        self.rows = accept(self.engine, reading, files, as_of=as_of).rows
        self.truth = pd.read_csv(folder / "truth.csv", dtype=str)
        self.training, self._compared = 0.0, None
        self._listen()

    def link(self, model=None) -> LinkedRecords:
        """The ties of the registers' records."""
        return link_records(self.engine, self.rows, linking=self.linking, model=model)

    def score(self, found: LinkedRecords, *, exact: bool = False):
        """The score of the connected components of all ties, or of the exact ones alone."""
        chosen = self.engine.sql(
            "select * from e where $all or weight is null", params={"all": not exact}, e=found.links
        )
        tied = connected_records(self.engine, found.records, chosen).df().sort_values("record_no").group_no
        return score(tied, self._people(found))

    def true_model(self, found: LinkedRecords) -> dict:
        """The model whose m is counted on all true pairs and whose u on random pairs of different people."""
        names = [comparison["output_column_name"] for comparison in found.model["comparisons"]]
        who = self.engine.frame(pd.DataFrame({"person": self._people(found)}).rename_axis("record_no").reset_index())
        pairs = self.engine.sql(_PAIRS, who=who).materialise()
        alone = self.engine.sql(_ALONE, compared=self._compared, who=who).materialise()
        random = u_probabilities(self.engine, alone, names, TRUE_PAIRS)
        matches = with_probabilities(names, "m_probability", level_counts(self.engine, self._compared, pairs, names))
        both = [_joined(m, u) for m, u in zip(matches, random, strict=True)]
        return {"comparisons": both, "asked": found.model["asked"]}

    def _people(self, found: LinkedRecords) -> list[str]:
        records = found.records.df().sort_values("record_no")
        known = self.truth.rename(columns={"source_key": "record_key"})
        return records.merge(known, how="left", on=["source", "record_key"]).person.tolist()

    def _listen(self) -> None:
        """Keep what is compared, and how long training takes."""
        matched, trained = matching.match, matching.train

        def match(engine, compared, *more):
            self._compared = compared
            return matched(engine, compared, *more)

        def train(*given):
            began = time.perf_counter()
            model = trained(*given)
            self.training = time.perf_counter() - began
            return model

        matching.match, matching.train = match, train


def _joined(matches: dict, random: dict) -> dict:
    levels = zip(matches["comparison_levels"], random["comparison_levels"], strict=True)
    return matches | {"comparison_levels": [m | u for m, u in levels]}


_PAIRS = """
select a.record_no as record_no_a, b.record_no as record_no_b
from who as a
join who as b on b.person = a.person and a.record_no < b.record_no
"""
_ALONE = """
with first as (select min(record_no) as record_no from who group by person)
select c.* replace (case when f.record_no is null then -1 else c.record_no end as group_no)
from compared as c
left join first as f on f.record_no = c.record_no
"""
