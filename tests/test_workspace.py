"""Publishing: readers see the last complete run, one run works at a time, a run knows only its predecessor."""

import os
import signal
import subprocess
import sys
from datetime import date

import pytest

from playbook.run.workspace import TargetBusy, Workspace

JUNE, JULY, AUGUST = date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path, "shop")


def finished(workspace, text):
    build = workspace.new_build()
    (build / "manifest.json").write_text(text)
    return build


def test_readers_see_the_new_result_under_the_old_name(workspace):
    workspace.publish(finished(workspace, "first"), JUNE)
    link = workspace.publish(finished(workspace, "second"), JUNE)
    assert (link / "manifest.json").read_text() == "second"


def test_the_replaced_build_stays_for_its_readers_and_older_ones_go(workspace):
    builds = []
    for text in ("first", "second", "third"):
        builds.append(finished(workspace, text))
        workspace.publish(builds[-1], JUNE)
    assert [build.is_dir() for build in builds] == [False, True, True]


def test_an_unfinished_build_is_no_result(workspace):
    workspace.new_build()
    assert workspace.published() == {}


def test_a_run_reads_the_latest_earlier_one_and_never_a_later_one(workspace):
    for text, day in (("june", JUNE), ("august", AUGUST)):
        workspace.publish(finished(workspace, text), day)
    assert (workspace.predecessor(JULY) / "manifest.json").read_text() == "june"
    assert workspace.predecessor(JUNE) is None


def test_a_second_run_refuses_and_names_the_first_ones_process(workspace):
    with workspace.lock(), pytest.raises(TargetBusy, match=f"process {os.getpid()}"), workspace.lock():
        pass


def test_a_killed_run_leaves_no_lock_behind(workspace):
    program = (
        "import sys, time; from playbook.run.workspace import Workspace\n"
        "with Workspace(sys.argv[1], 'shop').lock(): print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(workspace.root.parent)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "held\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    with workspace.lock():
        assert (workspace.root / ".holder").read_text() == str(os.getpid())
