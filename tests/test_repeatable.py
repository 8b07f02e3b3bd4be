"""The same inputs give the same bytes: whatever the order of the rows, the threads and the machine's time zone."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from playbook import sample
from playbook.run.data import digest

#: Numbers rows as the file has them, so it follows a shuffle.
FOLLOWS_THE_FILE = {"quarantine.parquet", "files.parquet"}
PROGRAM = """
import sys, playbook
run = playbook.open_run(data=sys.argv[1], out=sys.argv[2])
run.table("rfm")
print(run.folder)
"""


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "retail"
    sample.generate(folder, customers=400, seed=3)
    return folder


@pytest.fixture(scope="module")
def expected(exports, tmp_path_factory):
    return tables(exports, tmp_path_factory.mktemp("expected"))


def tables(data, out, **environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(data), str(out)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = Path(done.stdout.strip().splitlines()[-1]) / "tables"
    return {path.name: digest(path) for path in found.iterdir() if path.name not in FOLLOWS_THE_FILE}


@pytest.mark.parametrize("threads", ["1", "4"])
def test_threads_and_time_zone_change_no_table(threads, exports, expected, tmp_path):
    assert tables(exports, tmp_path, PLAYBOOK_THREADS=threads, TZ="America/Los_Angeles", PYTHONHASHSEED="7") == expected


def test_shuffled_rows_change_no_table(exports, expected, tmp_path):
    shuffled = tmp_path / "shuffled"
    shutil.copytree(exports, shuffled)
    for path in shuffled.rglob("*.csv"):
        shuffle(path, random.Random(path.name))
    assert tables(shuffled, tmp_path / "out") == expected


def shuffle(path, chance):
    head, *rows = path.read_bytes().splitlines(keepends=True)
    rows = [row if row.endswith(b"\n") else row + b"\n" for row in rows]
    chance.shuffle(rows)
    path.write_bytes(head + b"".join(rows))
