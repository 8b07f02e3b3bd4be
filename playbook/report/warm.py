"""What every kernel of a run needs, imported once in the process that they are forked from."""

import atexit
import gc
import os
import sys
from importlib import import_module

for _name in (
    "ipykernel.ipkernel", "ipykernel.kernelapp", "IPython.core.completer", "playbook.run.run", "playbook.report.charts",
    "playbook.integration", "playbook.rfm", "playbook.ltv.api", "playbook.churn", "sklearn.linear_model", "splink",
):  # fmt: skip
    import_module(_name)

if any("multiprocessing.forkserver" in part for part in sys.orig_argv):
    atexit.register(os._exit, 0)  # DuckDB warns of leaks where an interpreter ends beside living threads
gc.freeze()  # a forked kernel shares these objects as long as its collector leaves them alone
