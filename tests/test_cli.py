"""The command line: what cannot work is refused before anything runs, in words and with what would do."""

import pytest

from playbook import cli


def said(capsys, monkeypatch, *arguments):
    """The exit code of a command, and what it said on the terminal."""
    monkeypatch.setattr("sys.argv", ["playbook", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    out, err = capsys.readouterr()
    return left.value.code, " ".join((out + err).split())


@pytest.mark.parametrize("name", ["../x", "a/b", "力源 gym", ".."])
def test_a_name_that_leads_out_of_the_folder_of_runs_is_refused(tmp_path, capsys, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    code, words = said(capsys, monkeypatch, "run", "--customers", "50", "--name", name, "--out", tmp_path / "runs")
    assert (code, f"'{name}' cannot name a run" in words) == (cli.USAGE, True)
    assert {path.name for path in tmp_path.iterdir()} <= {"runs"}


@pytest.mark.parametrize("memory", ["10MB", "499MiB", "much"])
def test_a_limit_of_memory_that_no_run_can_keep_is_refused(capsys, monkeypatch, memory):
    code, words = said(capsys, monkeypatch, "check", "anywhere", "--memory", memory)
    assert (code, memory in words, "1GiB" in words) == (cli.USAGE, True, True)


def test_a_folder_that_is_not_there_is_called_a_folder(tmp_path, capsys, monkeypatch):
    code, words = said(capsys, monkeypatch, "check", tmp_path / "nowhere")
    assert code == cli.FAILED
    assert "there is no folder" in words and "which file holds which table" not in words
