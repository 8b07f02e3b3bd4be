"""From a folder of files to the draft of its sources.yml."""

import re
import tempfile
from pathlib import Path

from duckdb import DuckDBPyConnection

from playbook.onboarding import context, declared, leftovers
from playbook.onboarding.entries import Entry
from playbook.onboarding.fill import Filled, fill
from playbook.onboarding.links import Given, Links, linked
from playbook.onboarding.look import looked_over
from playbook.onboarding.marks import Marks, marks
from playbook.onboarding.tables import choose, meant
from playbook.onboarding.write import Draft, FileDraft
from playbook.tables.engine import Engine


def drafted(folder: str | Path, *, industry: str = "retail") -> Draft:
    """Look at all files below a folder and propose what they hold. The same files give the same draft."""
    folder = Path(folder).resolve()
    with tempfile.TemporaryDirectory(prefix="draft-") as spill:
        engine = Engine(spill=Path(spill))
        try:
            return _drafted(engine, folder, Path(spill), industry)
        finally:
            engine.close()


def _drafted(engine: Engine, folder: Path, spill: Path, industry: str) -> Draft:
    """Look, tell the tables, link the files by their keys, fill the columns."""
    looks, unread = looked_over(engine, folder, spill)
    files = [Given(file := meant(look), choose(file)) for look in looks]
    links = linked(engine.con, files, folder.name)
    placed = [file for file in files if file.chosen.table]
    drafts = [_file(engine.con, file, links, placed) for file in placed]
    return Draft(
        _settings(engine.con, folder, industry, placed or files), drafts, leftovers.unplaced(files, links), unread
    )


def _settings(con: DuckDBPyConnection, folder: Path, industry: str, files: list[Given]) -> list[Entry]:
    name = re.sub(r"[^\w-]+", "-", folder.name).strip("-_") or "data"
    known = [Entry("name", name), Entry("industry", industry)]
    return [*known, context.currency(con, files), context.time_zone(files)]


def _file(con: DuckDBPyConnection, file: Given, links: Links, files: list[Given]) -> FileDraft:
    filled = fill(con, file, links, files)
    found = marks(con, file, filled.entries)
    return FileDraft(
        path=file.meant.look.path,
        head=declared.head(file),
        top=declared.top(con, file, links, filled.entries),
        columns=_columns(file, filled, links, files),
        rules={"kinds": found.kinds, "exclude": found.exclude},
        singles=_singles(file, found),
        values=found.values,
        left_out=leftovers.columns(file, filled, found),
        active=not file.chosen.lacking,
    )


def _columns(file: Given, filled: Filled, links: Links, files: list[Given]) -> list[Entry]:
    """All columns, each once: what another file or the file's own name gives stands for what would be a guess."""
    looked_up = declared.category(file, links)
    own = [entry for entry in filled.entries if entry.key not in {other.key for other in looked_up}]
    have = {entry.key for entry in own}
    added = [*declared.channel(file, links, files), *declared.missing(file)]
    return [*own, *looked_up, *(entry for entry in added if entry.key not in have)]


def _singles(file: Given, found: Marks) -> list[Entry]:
    entries = [entry for entry in (found.internal, found.anonymous, found.updated_at) if entry]
    return entries + leftovers.attributes(file)
