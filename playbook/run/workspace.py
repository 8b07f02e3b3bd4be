"""Where runs live: a folder per name, immutable builds, a symlink per as-of date that is swapped when all is done."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout


class TargetBusy(RuntimeError):
    """Another run holds the target."""


class UnusableName(ValueError):
    """A name that no folder of runs may have."""


def run_name(name: str) -> str:
    """The name that runs go by, checked: it becomes a folder, and must not lead out of that of the runs."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise UnusableName(f"'{name}' cannot name a run; take letters, digits, - and _, as in my-shop.")
    return name


class Workspace:
    """The folder `out/name`: its builds, its published runs, its lock."""

    def __init__(self, out: str | Path, name: str):
        self.name = run_name(name)
        self.root = anchored(out) / name
        self.builds = self.root / ".builds"

    def new_build(self) -> Path:
        """An empty folder that nobody reads yet."""
        build = self.builds / uuid.uuid4().hex[:12]
        build.mkdir(parents=True)
        return build

    def published(self) -> dict[date, Path]:
        """The complete runs, by as-of date, earliest first."""
        links = [link for link in self.root.glob("????-??-??") if (link / "manifest.json").is_file()]
        return {date.fromisoformat(link.name): link.resolve() for link in sorted(links)}

    def predecessor(self, as_of: date) -> Path | None:
        """The latest complete run with an earlier as-of date: the only one whose state a run reads."""
        earlier = [path for day, path in self.published().items() if day < as_of]
        return earlier[-1] if earlier else None

    def publish(self, build: Path, as_of: date) -> Path:
        """Make a finished build the result of its as-of date, in one step; readers see the old one or the new one."""
        link = self.root / as_of.isoformat()
        replaced = link.resolve() if link.is_symlink() else None
        _flush(build)
        _point(link, build)
        _point(self.root / "latest", list(self.published().values())[-1])
        self.prune(keep={replaced})
        return link

    def prune(self, *, keep: set[Path | None]) -> None:
        """Remove builds that no published run points at."""
        kept = keep | set(self.published().values())
        for build in self.builds.iterdir():
            if build.is_dir() and build.resolve() not in kept:
                shutil.rmtree(build, ignore_errors=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the target, or raise `TargetBusy` with the process id of the run that does."""
        self.root.mkdir(parents=True, exist_ok=True)
        holder, lock = self.root / ".holder", FileLock(self.root / ".lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            process = holder.read_text(encoding="utf-8") if holder.is_file() else "unknown"
            raise TargetBusy(
                f"another run (process {process}) is working on {self.root.name}; wait for it, or give this one another"
                " --name."
            ) from None
        try:
            write_atomically(holder, str(os.getpid()))
            yield
        finally:
            lock.release()


def anchored(out: str | Path) -> Path:
    """The folder of runs: a relative one lies in the project, not in `notebooks/`, wherever a notebook was started."""
    here = Path.cwd()
    return (Path(here.parent if here.name == "notebooks" else here) / out).resolve()


def write_atomically(path: Path, text: str) -> None:
    """Write a text file that is either the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _point(link: Path, build: Path) -> None:
    new = link.with_name(f".{link.name}.{build.name}")
    new.unlink(missing_ok=True)
    new.symlink_to(os.path.relpath(build, link.parent), target_is_directory=True)
    os.replace(new, link)


def _flush(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
