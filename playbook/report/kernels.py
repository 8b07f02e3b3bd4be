"""Kernels forked from one warm process: the libraries are imported once, for all notebooks of a run."""

import multiprocessing
import os
import signal
import threading
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path
from subprocess import Popen
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import LocalProvisioner

#: What the warm process imports before the first notebook asks for a kernel.
WARM = "playbook.report.warm"


class KernelManager(AsyncKernelManager):
    """A kernel of the Python that runs this program, whichever one the machine has registered under that name."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        if can_fork():
            self.provisioner = _ForkingProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


def can_fork() -> bool:
    """Whether this system forks processes; elsewhere each kernel starts, and imports, on its own."""
    return "forkserver" in multiprocessing.get_all_start_methods()


def warm_up() -> None:
    """Start the process that kernels are forked from, where it does not run yet; it imports while others work."""
    if can_fork():
        forkserver.set_forkserver_preload([WARM])
        forkserver.ensure_running()


def _serve(connection_file: str, environment: dict[str, str], folder: str) -> None:
    """The kernel itself, in the forked process, with a session and an environment of its own."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    from ipykernel.kernelapp import IPKernelApp

    threading.Thread(target=_end_with_the_runner, daemon=True).start()
    IPKernelApp.launch_instance(argv=["-f", connection_file, "--log-level=CRITICAL"])


def _end_with_the_runner() -> None:
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


class _Fork:
    """A forked process with the methods of `subprocess.Popen` that a provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, process: multiprocessing.Process):
        self.process, self.pid = process, process.pid

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self) -> int | None:
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class _ForkingProvisioner(LocalProvisioner):
    process: _Fork | Popen | None

    async def launch_kernel(self, cmd: list[str], **options: Any):
        warm_up()
        where = (self.parent.connection_file, dict(options["env"]), str(options.get("cwd") or Path.cwd()))
        process = multiprocessing.get_context("forkserver").Process(target=_serve, args=where, daemon=True)
        process.start()
        self.process = _Fork(process)
        self.pid = self.pgid = process.pid
        self.cwd = where[-1]
        return self.connection_info
