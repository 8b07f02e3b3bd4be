"""`playbook init`: the draft of a folder's sources.yml, written where none is."""

from pathlib import Path
from typing import NamedTuple

from playbook.integration.sources.locate import SourcesError
from playbook.integration.sources.models import FILE, read_sources
from playbook.onboarding.drafting import drafted
from playbook.onboarding.look import NO_DATA
from playbook.onboarding.write import Draft, text
from playbook.run.workspace import write_atomically


class Written(NamedTuple):
    """The draft, where it was written, and why it does not load as it is (None: it does)."""

    path: Path
    draft: Draft
    problem: str | None


def init(folder: str | Path, *, industry: str = "retail") -> Written:
    """Write the draft of sources.yml into a folder of exports.

    Raises `FileExistsError` where one is already there, `SourcesError` where the folder holds no file of data.
    """
    path = Path(folder) / FILE
    if path.exists():
        raise FileExistsError(f"{path} is already there, and nothing was overwritten; rename it to have a new draft.")
    if not Path(folder).is_dir():
        raise SourcesError(f"there is no folder {folder}.")
    draft = drafted(Path(folder), industry=industry)
    if not (draft.files or draft.unplaced or any(unread.why != NO_DATA for unread in draft.unread)):
        raise SourcesError(
            f"{folder} holds no file of data: no CSV, text, Excel, JSON, Parquet or SQLite file, not even in its"
            " folders."
        )
    write_atomically(path, text(draft))
    return Written(path, draft, _problem(path))


def _problem(path: Path) -> str | None:
    try:
        read_sources(path)
    except SourcesError as error:
        return str(error)
    return None
