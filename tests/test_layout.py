"""The layout: names agree, imports point upstream, functions are short, one set of bounds."""

import ast
import json
import re
import statistics
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "playbook"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
ROOMS = [path.stem.split("_", 1)[1] for path in NOTEBOOKS]
#: What lies over the rooms and may import all of them.
ON_TOP = {"cli.py", "__init__.py", "run", "onboarding"}


def modules():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "notebooks" not in path.relative_to(PACKAGE).parts]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room_of(name):
    parts = name.split(".")
    return parts[1] if parts[0] == "playbook" and len(parts) > 1 and parts[1] in ROOMS else None


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


def test_imports_point_upstream_only():
    wrong = []
    for path in modules():
        parts = path.relative_to(PACKAGE).parts
        own = ROOMS.index(parts[0]) if parts[0] in ROOMS else -1
        if parts[0] in ON_TOP or parts[0] in {"report", "sample"}:
            continue
        wrong += [
            f"{path.name}: {name}" for name in imported(path) if (room_of(name) and ROOMS.index(room_of(name)) > own)
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


def test_half_of_all_functions_have_bodies_under_six_lines():
    assert statistics.median(body_lengths()) < 6


def test_no_function_is_longer_than_forty_lines():
    assert max(body_lengths()) <= 40


def body_lengths():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules()]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [node.end_lineno - first_line(node) + 1 for node in functions]


def first_line(function):
    body = function.body
    return body[1 if ast.get_docstring(function) and len(body) > 1 else 0].lineno


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
