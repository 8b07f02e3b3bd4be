"""Executing one notebook: Papermill, in a kernel of its own that is reached through socket files, never the network."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError, strip_color
from traitlets.config import Config

from playbook.report.kernels import KernelManager
from playbook.tables.nearest import nearest

#: Called after each cell with the number of cells done and the number of all.
OnCell = Callable[[int, int], None]

ENGINE = "playbook"
#: So many bytes may the path of a socket have on every system.
LONGEST_SOCKET = 103


#: Errors that speak to whoever gave the data or the profile: where in the code they arose is of no use to them.
_IN_WORDS = {"SourcesError", "DecisionError", "ProfileError", "DataError", "CheckFailed", "UnusableKey", "NotCovered"}
_TOO_LITTLE = "the tables need more memory than --memory (or PLAYBOOK_MEMORY) allows; allow more, or set no limit."


class UnknownParameter(ValueError):
    """A parameter that the notebook's parameters cell does not have."""


class NotebookFailed(RuntimeError):
    """A cell failed. `cell_number` is its number in the executed notebook's In [..], None where no cell is to blame."""

    def __init__(self, notebook: str, cell_number: int | None, ename: str, evalue: str, traceback: str = ""):
        self.notebook, self.cell_number = notebook, cell_number
        self.ename, self.evalue, self.traceback = ename, evalue, traceback
        where = f"{notebook}, cell {cell_number}" if cell_number else notebook
        super().__init__(_said(where, ename, evalue, traceback))


def _said(where: str, ename: str, evalue: str, traceback: str) -> str:
    if ename == "OutOfMemoryException":
        return f"{where}: {_TOO_LITTLE}"
    if ename in _IN_WORDS:
        return f"{where}: {evalue}"
    return f"{where} failed with {ename}: {evalue}\n{traceback}".rstrip()


def execute(
    notebook: str | Path,
    out: str | Path,
    parameters: dict[str, Any],
    *,
    env: dict[str, str] | None = None,
    on_cell: OnCell | None = None,
    timeout: int | None = None,
) -> None:
    """Execute a notebook and write it, with its outputs, to `out`; after a failing cell, as far as it came.

    `env` is added to the kernel's environment, `timeout` is seconds per cell. Raises `UnknownParameter` before anything
    runs, `NotebookFailed` when a cell fails or the kernel dies.
    """
    notebook, out = Path(notebook), Path(out)
    _check_parameters(notebook, parameters)
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _failure_of(notebook.name), tempfile.TemporaryDirectory(prefix="pb-", dir=_short_folder()) as sockets:
            options = {"sockets": sockets, "env": env or {}, "on_cell": on_cell, "timeout": timeout}
            _papermill(notebook, out, parameters, options)
    finally:
        _forget_the_machine(out)


def _check_parameters(notebook: Path, parameters: dict[str, Any]) -> None:
    """Papermill runs the names as code, and only warns about unknown ones."""
    known = papermill.inspect_notebook(_literal(notebook))
    for name in parameters:
        if name not in known:
            raise UnknownParameter(f"{notebook.name} has no parameter '{name}'; {nearest(str(name), known)}")


def _papermill(notebook: Path, out: Path, parameters: dict[str, Any], options: dict[str, Any]) -> None:
    papermill_engines.register(ENGINE, _Engine)
    papermill.execute_notebook(
        _literal(notebook),
        _literal(out),
        parameters,
        engine_name=ENGINE,
        kernel_name="python3",
        progress_bar=False,
        request_save_on_cell_execute=False,
        **options,
    )


def _literal(path: Path) -> str:
    """Papermill formats paths with the parameters; a brace in a folder's name must survive that."""
    return str(path).replace("{", "{{").replace("}", "}}")


@contextmanager
def _failure_of(notebook: str) -> Iterator[None]:
    try:
        yield
    except PapermillExecutionError as error:
        traceback = strip_color("\n".join(error.traceback))
        raise NotebookFailed(notebook, error.exec_count, error.ename, error.evalue, traceback) from None
    except CellTimeoutError as error:
        raise NotebookFailed(notebook, None, "Timeout", str(error).splitlines()[0]) from None
    except DeadKernelError:
        reason = "its Python process was ended from outside, most often for want of memory."
        raise NotebookFailed(notebook, None, "KernelDied", reason) from None


def _forget_the_machine(out: Path) -> None:
    """Take the paths, times and random ids that Papermill notes out of the executed notebook."""
    if not out.is_file():
        return
    made = nbformat.read(out, as_version=4)
    made.metadata.pop("papermill", None)
    for number, cell in enumerate(made.cells):
        cell.metadata.pop("papermill", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell["id"] = f"injected-{number}"
    nbformat.write(made, out)


class _Engine(NBClientEngine):
    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, sockets, env, on_cell, timeout, **_) -> None:
        client = PapermillNotebookClient(
            nb_man,
            config=Config(KernelManager=_connection(sockets)),
            kernel_manager_class=KernelManager,
            kernel_name=kernel_name,
            timeout=timeout,
            startup_timeout=120,
            record_timing=False,
            shutdown_kernel="immediate",  # nothing is left to do, and a busy kernel would not hear a polite request
        )
        if on_cell:
            client.on_cell_complete = lambda cell, cell_index: on_cell(cell_index + 1, len(nb_man.nb.cells))
        client.execute(env=os.environ | env)


def _connection(sockets: str) -> dict[str, str]:
    file = f"{sockets}/k.json"
    fits = sys.platform != "win32" and len(os.fsencode(f"{sockets}/k-ipc-99")) <= LONGEST_SOCKET
    return {"transport": "ipc" if fits else "tcp", "connection_file": file}


def _short_folder() -> str | None:
    """Where sockets fit: the system's folder for temporary files, or /tmp where that one's path is too long."""
    too_long = len(os.fsencode(tempfile.gettempdir())) > LONGEST_SOCKET - 25
    return "/tmp" if too_long and os.access("/tmp", os.W_OK) else None
