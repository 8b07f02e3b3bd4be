"""How long fits and scoring take beside `lifetimes` and `pymc-marketing`: each contender in its own process.

    python benchmarks/ltv_speed.py [--lifetimes PYTHON] [--pymc PYTHON] [--rows N]

PYTHON is the interpreter of an environment that has the package. Without it the contender is installed into a new
environment in a temporary folder (pip), which takes a while for pymc-marketing. Every figure is the best of three runs
in a fresh process, without reading and importing; pymc-marketing compiles in its first fit and not in later ones, so
the first is printed too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

TASKS = Path(__file__).with_name("ltv_speed_tasks.py")
CONTENDERS = {
    "ours": ("fit_cdnow", "fit_million", "score"),
    "lifetimes": ("fit_cdnow", "fit_million", "score_million"),
    "pymc": ("fit_cdnow",),
}
PACKAGES = {"lifetimes": ["lifetimes==0.11.3"], "pymc": ["pymc-marketing"]}


def main():
    asked = arguments()
    pythons = {"ours": sys.executable, "lifetimes": asked.lifetimes, "pymc": asked.pymc}
    with tempfile.TemporaryDirectory() as folder:
        for contender, tasks in CONTENDERS.items():
            python = pythons[contender] or installed(contender, Path(folder))
            for task in tasks:
                print(json.dumps(measured(python, contender, task, asked.rows)), flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lifetimes"), parser.add_argument("--pymc")
    parser.add_argument("--rows", type=int, default=10_000_000)
    return parser.parse_args()


def installed(contender, folder):
    """The interpreter of a new environment with the contender in it."""
    place = folder / contender
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES[contender]], check=True)
    return python


def measured(python, contender, task, rows):
    """What one task printed, in a process of its own."""
    command = [python, str(TASKS), contender, task, str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=1800)
    if done.returncode:
        return {"contender": contender, "task": task, "failed": done.stderr.strip().splitlines()[-1:]}
    return {"contender": contender, "task": task} | json.loads(done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
