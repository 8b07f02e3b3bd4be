"""What a result depends on beside its data: our own sources and the libraries that compute."""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
SHARED = ("tables", "profile", "stats", "run", "report", "industries")
LIBRARIES = ("duckdb", "sqlglot", "pandas", "numpy", "scipy", "scikit-learn", "seaborn", "matplotlib", "holidays")


def libraries() -> dict[str, str]:
    """The versions of the libraries that make numbers and figures."""
    return {name: version(name) for name in LIBRARIES}


@cache
def sources_digest(*rooms: str) -> str:
    """A hash of the shared folders and of the named rooms' sources; of the whole package when none is named."""
    chosen = [path for path in _sources() if not rooms or path.parent == PACKAGE or _room(path) in (*SHARED, *rooms)]
    whole = hashlib.sha256()
    for path in chosen:
        whole.update(f"{path.relative_to(PACKAGE)}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def fingerprint(*facts: Any, package: bool = False) -> str:
    """A hash of facts that can be said in JSON, and of the package's sources if asked."""
    said = [*facts, libraries(), sources_digest() if package else ""]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".sql", ".yml", ".j2", ".css"})


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]
