"""The layout: names agree, imports point upstream, functions are short, one set of bounds."""

import ast
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "playbook"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
ROOMS = [path.stem.split("_", 1)[1] for path in NOTEBOOKS]


def modules():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "notebooks" not in path.relative_to(PACKAGE).parts]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_notebook_has_a_room_and_tests_of_its_name():
    assert [room for room in ROOMS if not (PACKAGE / room).is_dir() or not (ROOT / "tests" / room).is_dir()] == []


def test_what_a_notebook_says_it_needs_comes_before_it():
    said = {path.stem: json.loads(path.read_text(encoding="utf-8"))["metadata"].get("playbook") for path in NOTEBOOKS}
    assert any(said.values())
    assert [name for name, found in said.items() for needed in (found or {}).get("needs", ()) if needed >= name] == []


def test_no_two_checks_of_the_notebooks_have_one_name():
    said = [
        name for path in NOTEBOOKS for name in re.findall(r'run\.check\(\\"(.+?)\\"', path.read_text(encoding="utf-8"))
    ]
    assert said and sorted(set(said)) == sorted(said)


#: From the ground up: a folder may import what stands before it, and itself.
FLOORS = ("tables", "profile", "stats", "report", "sample", "run", *ROOMS, "onboarding")
INSIDE_INTEGRATION = ("types", "readers", "sources", "ingest", "linkage", "quality", "report")
#: A run opens the rooms that its tables come from; the runner and the page stand above all of them.
ABOVE = {"run/run.py", "run/steps.py", "run/publish.py", "run/frame.py", "report/warm.py"}


def floors_of(path):
    parts = path.relative_to(PACKAGE).parts
    return parts[0], parts[1] if len(parts) > 2 else None


@pytest.mark.parametrize("folder", FLOORS)
def test_imports_point_upstream_only(folder):
    allowed = set(FLOORS[: FLOORS.index(folder) + 1])
    wrong = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        for name in imported(path)
        if str(path.relative_to(PACKAGE)) not in ABOVE
        and name.startswith("playbook.")
        and name.split(".")[1] in FLOORS
        and name.split(".")[1] not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", INSIDE_INTEGRATION)
def test_imports_inside_integration_point_upstream_only(folder):
    later = set(INSIDE_INTEGRATION[INSIDE_INTEGRATION.index(folder) + 1 :]) | {"build", "tables", "golden"}
    wrong = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in sorted((PACKAGE / "integration" / folder).rglob("*.py"))
        for name in imported(path)
        if name.split(".")[:2] == ["playbook", "integration"] and name.split(".")[2] in later
    ]
    assert wrong == []


def test_no_room_imports_the_runner():
    above = (
        "playbook.cli",
        "playbook.run.steps",
        "playbook.run.publish",
        "playbook.report.page",
        "playbook.report.runner",
    )
    inside = [path for path in modules() if path.relative_to(PACKAGE).parts[0] in ROOMS]
    assert [f"{path}: {name}" for path in inside for name in imported(path) if name.startswith(above)] == []


def test_no_folder_holds_more_than_fifteen_modules():
    folders = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {str(folder.relative_to(PACKAGE)): count for folder, count in folders.items() if count > 15} == {}


def test_no_module_is_longer_than_four_hundred_lines():
    lengths = {str(path.relative_to(PACKAGE)): len(path.read_text().splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_no_function_is_longer_than_thirty_lines():
    long = [
        f"{path.relative_to(PACKAGE)}: {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - first_line(node) + 1 > 30
    ]
    assert long == []


def first_line(function):
    body = function.body
    return body[1 if ast.get_docstring(function) and len(body) > 1 else 0].lineno


def test_every_public_module_says_what_it_answers():
    assert [str(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_conda_and_pip_users_get_the_same_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = set(project["dependencies"]) | {f"python{project['requires-python']}"}
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    given = {
        spec.replace("python-duckdb", "duckdb").replace("jupyter_client", "jupyter-client")
        for spec in conda
        if isinstance(spec, str)
    }
    only_on_pypi = {spec for spec in declared if spec.startswith("zhplot")}
    assert declared - only_on_pypi <= given


def test_constraints_are_bare_pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"(#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+)", line)] == []
