"""What the terminal shows while notebooks are executed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from playbook.report.runner import execute

Execute = Callable[[Path, Path, dict[str, Any], dict[str, str]], None]


@contextmanager
def progress(names: list[str], console: Console) -> Iterator[Execute]:
    """A function that executes a notebook (its path, where to, parameters, environment) and shows how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(), TextColumn("cells"))
    with Progress(SpinnerColumn(finished_text="✓"), *columns, TimeElapsedColumn(), console=console) as bars:

        def run(notebook: Path, out: Path, parameters: dict[str, Any], env: dict[str, str]) -> None:
            task = bars.add_task(notebook.stem.ljust(max(map(len, names), default=0)), total=None)

            def on_cell(done: int, of: int) -> None:
                bars.update(task, completed=done, total=of)

            execute(notebook, out, parameters, env=env, on_cell=on_cell)
            total = bars.tasks[task].total or 1
            bars.update(task, completed=total, total=total)

        yield run
