"""Where the files of a mapping lie."""

import os
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from playbook.tables.nearest import nearest

#: Folders that data may lie in, beside the folder of sources.yml.
ROOTS = "PLAYBOOK_DATA"

_SEARCHED_FILES = 2000


class SourcesError(ValueError):
    """A mapping or a file that cannot be used: the message names file, place, what was found and what would do."""


class Located(NamedTuple):
    """One file: the name that reports call it by, and its path."""

    label: str
    path: Path


def roots(folder: Path) -> list[Path]:
    """The folders that are searched, in order: that of sources.yml, then those of `PLAYBOOK_DATA`."""
    declared = os.environ.get(ROOTS, "").split(os.pathsep)
    return [folder, *(Path(root).resolve() for root in declared if root and Path(root).is_dir())]


def locate(folder: Path, pattern: str) -> list[Located]:
    """The files a path or glob stands for, sorted by name; those of the first folder that has any."""
    for root in roots(folder):
        if paths := sorted(path for path in root.glob(pattern) if path.is_file()):
            return [Located(path.relative_to(root).as_posix(), path) for path in paths]
    return []


def not_found(folder: Path, pattern: str, origin: str | None) -> str:
    """Why there is no file, in words."""
    searched = " nor ".join(str(root) for root in roots(folder))
    comes_from = f" The data comes from: {origin}" if origin else ""
    names = []
    for root in roots(folder):
        paths = (path for depth in ("*", "*/*", "*/*/*") for path in root.glob(depth) if path.is_file())
        names += [path.relative_to(root).as_posix() for path in islice(paths, _SEARCHED_FILES)]
    return (
        f"there is no file '{pattern}' in {searched}; {nearest(pattern, names)} Data that lies elsewhere is found"
        f" through the environment variable {ROOTS}.{comes_from}"
    )
