"""What a step uses of the profile and of the texts: noted while it runs; only a change of that makes it anew."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: The file in which a kernel notes what it uses; set by the runner.
FILE = "PLAYBOOK_USES"
_noted: set[str] = set()
_paused = False


def note(kind: str, name: str) -> None:
    """Note that a part of the profile, or a text of a language, was used; the same only once."""
    path, line = os.environ.get(FILE), f"{kind} {name}"
    if path and not _paused and line not in _noted:
        _noted.add(line)
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


@contextmanager
def unnoted() -> Iterator[None]:
    """What is read in here is checked, not used."""
    global _paused
    _paused = True
    try:
        yield
    finally:
        _paused = False


def noted(path: Path) -> list[list[str]]:
    """What the step behind a file used: pairs of kind and name, in order."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [line.split(" ", 1) for line in sorted(set(lines))]
