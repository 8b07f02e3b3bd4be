"""Which records of a published run bear a number that was asked for without its source."""

from contextlib import closing
from pathlib import Path

from playbook.tables import privacy
from playbook.tables.engine import Engine


def suggested(folder: Path, asked: str) -> str:
    """The records meant, in words, as `explain` is asked for them; empty where no record bears the number."""
    path = folder / "tables" / "identities.parquet"
    if not path.is_file() or ":" in asked:
        return ""
    hashed = privacy.hashed(asked, "source_key") if privacy.key_path().is_file() else asked
    with closing(Engine(threads=1)) as engine:
        given = {"records": engine.read(path)}
        found = [source for (source,) in engine.sql(_OF_KEY, params={"key": asked, "hashed": hashed}, **given).rows()]
    return f" Did you mean {' or '.join(f'{source}:{asked}' for source in found)}?" if found else ""


_OF_KEY = "select distinct source from records where source_key in ($key, $hashed) order by source"
