"""What every kernel of a run needs, imported once in the process that they are forked from."""

import atexit
import gc
import os
import sys

if any("multiprocessing.forkserver" in part for part in sys.orig_argv):
    atexit.register(os._exit, 0)  # DuckDB warns of leaks where an interpreter ends beside living threads
gc.freeze()  # a forked kernel shares these objects as long as its collector leaves them alone
