"""What a result depends on beside its data: the sources that a step reaches, and the libraries that they use."""

import ast
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

PACKAGE = Path(__file__).parents[1]
#: The libraries that make numbers and figures: the name to import and the name to install.
LIBRARIES = {
    "babel": "babel", "duckdb": "duckdb", "holidays": "holidays", "matplotlib": "matplotlib", "networkx": "networkx",
    "numpy": "numpy", "openpyxl": "openpyxl", "pandas": "pandas", "phonenumbers": "phonenumbers",
    "pypinyin": "pypinyin", "scipy": "scipy", "seaborn": "seaborn", "sklearn": "scikit-learn", "splink": "splink",
    "sqlglot": "sqlglot", "statsmodels": "statsmodels",
}  # fmt: skip
#: What a step uses of these is noted while it runs (`profile.uses`), and the page is rendered in any case.
TRACED = ("industries", "report/text/en", "report/text/zh")
DATA = {".sql", ".yml"}
#: Python 3.11 cannot parse in two threads at once.
_PARSER = Lock()


def libraries(names: Iterable[str] | None = None) -> dict[str, str]:
    """The versions of the libraries that are imported by these names; of all that make numbers, for None."""
    return {LIBRARIES[name]: version(LIBRARIES[name]) for name in sorted(LIBRARIES if names is None else names)}


def reached(code: str) -> tuple[list[Path], dict[str, str]]:
    """The files of the package that a piece of Python reaches by its imports, and the libraries these use.

    A query or table of words belongs to the modules beside it. What a module imports only when it is asked for counts
    too; the rooms that a run calls by name do not: their tables are inputs.
    """
    modules, waiting, imported = set(), _modules(_imported(code)), _imported(code)
    while waiting:
        path = waiting.pop()
        modules.add(path)
        names = _imports_of(path)
        imported |= names
        waiting |= _modules(names) - modules
    folders = {path.parent for path in modules}
    beside = {path for path in _files() if path.suffix in DATA and path.parent in folders}
    used = {name.split(".")[0] for name in imported} & LIBRARIES.keys()
    return sorted(modules | beside), libraries(used)


def digest_of(files: Iterable[Path]) -> str:
    """A hash of files of the package, by name and content."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(PACKAGE)}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def fingerprint(*facts: Any, package: bool = False) -> str:
    """A hash of facts that can be said in JSON; with `package`, also of all sources and libraries."""
    everything = [digest_of(_files()), libraries()] if package else []
    return hashlib.sha256(json.dumps([*facts, *everything], sort_keys=True, default=str).encode()).hexdigest()


@cache
def _files() -> tuple[Path, ...]:
    kinds = {".py", ".j2", ".css"} | DATA
    paths = sorted(path for path in PACKAGE.rglob("*") if path.suffix in kinds)
    return tuple(path for path in paths if str(path.parent.relative_to(PACKAGE)) not in TRACED)


@cache
def _imports_of(path: Path) -> frozenset[str]:
    return frozenset(_imported(path.read_text(encoding="utf-8")))


def _imported(code: str) -> set[str]:
    names = set()
    with _PARSER:
        nodes = list(ast.walk(ast.parse(code)))
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _modules(names: Iterable[str]) -> set[Path]:
    """The files behind dotted names; a name within a module, or of another package, has none."""
    places = [PACKAGE.parent.joinpath(*name.split(".")) for name in names if name.startswith("playbook.")]
    files = [path for place in places for path in (place.with_suffix(".py"), place / "__init__.py")]
    return {path for path in files if path.is_file()}
