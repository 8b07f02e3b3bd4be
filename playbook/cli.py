"""The command line: one command from a company's exports to a report."""

import os
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

DONE, FAILED, USAGE, BUSY = 0, 1, 2, 3

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True, soft_wrap=True)

Industry = Annotated[str, typer.Argument(help="a built-in industry, or the path of a profile of your own")]
DataFolder = Annotated[str, typer.Option("--data", help="folder with sources.yml; without it the built-in sample")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="last day to know of, as 2026-06-30; else read off the data")]
Out = Annotated[str, typer.Option("--out", help="folder of the runs")]
Language = Annotated[str, typer.Option("--language", help="language of report.html and the lists: en or zh")]
Only = Annotated[str | None, typer.Option("--only", help="one notebook, by number or name; publishes nothing")]
Customers = Annotated[int | None, typer.Option("--customers", min=50, help="size of the built-in sample")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="seed of the built-in sample")]
ProfileOf = Annotated[str, typer.Option("--industry", help="a built-in industry, or the path of a profile")]
ProfileOfRun = Annotated[
    str | None, typer.Option("--industry", help="the run's profile where it is one of your own: its names are used")
]
Name = Annotated[str | None, typer.Option("--name", help="name of the run; else the one in sources.yml")]
Memory = Annotated[str | None, typer.Option("--memory", help="limit of memory, as 1GiB; else PLAYBOOK_MEMORY")]


@app.command("run")
def run_command(
    industry: Industry = "retail",
    data: DataFolder = "sample",
    as_of: AsOf = None,
    out: Out = "runs",
    language: Language = "en",
    only: Only = None,
    customers: Customers = None,
    seed: Seed = None,
    name: Name = None,
    memory: Memory = None,
) -> None:
    """Execute the notebooks on your data and publish reports, lists and tables."""
    from playbook.report.progress import progress
    from playbook.run import publish

    _limit(memory)
    plan = _plan(industry, _data(data, customers, seed), as_of, out, language, only, name)
    with progress([path.stem for path in plan.notebooks], console) as execute:
        if only:
            return _execute_alone(plan, execute)
        published = publish.run(plan, execute)
    if not published.changed:
        console.print("Nothing has changed since the last run: no notebook had to be executed.")
    for part in ("report.en.html", "report.zh.html", "lists", "tables", "notebooks", "manifest.json"):
        console.print(f"  {_short(published.folder / part)}")


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="where to write the exports")],
    customers: Annotated[int, typer.Option(min=50)] = 5000,
    seed: Annotated[int, typer.Option(min=0)] = 42,
) -> None:
    """Write the generated retail exports, their sources.yml and the truth behind them into a folder."""
    from playbook.sample import generate

    if folder.exists() and any(folder.iterdir()):
        raise _Usage(f"{folder} is not empty; name a new folder.")
    generate(folder, customers=customers, seed=seed)
    console.print(f"{customers:,} customers in {folder}. Next: playbook run retail --data {folder}")


@app.command()
def industries() -> None:
    """List the built-in industries."""
    from playbook.profile import models as profile

    for key in profile.names():
        name = profile.load(key).name
        typer.echo(f"{key:<14}{name.en} · {name.zh}")


@app.command()
def start(folder: Annotated[Path, typer.Argument(help="a new folder for your own work")]) -> None:
    """Copy the notebooks into a folder of your own, ready for JupyterLab."""
    from playbook.run import steps

    target = folder / "notebooks"
    if target.exists():
        raise _Usage(f"{target} is already there; nothing was overwritten. Name a new folder.")
    target.mkdir(parents=True)
    for notebook in steps.notebooks():
        shutil.copyfile(notebook, target / notebook.name)
    console.print(f"{len(steps.notebooks())} notebooks in {target}. Next: jupyter lab {target}")


@app.command()
def accept(
    data: Annotated[str, typer.Argument(help="the data folder: the decision is written to its decisions/")],
    reason: Annotated[str, typer.Option("--reason", help="why the cuts change: somebody will ask in a year")],
    signed_by: Annotated[str, typer.Option("--signed-by", help="who decided, as a role")] = "",
    name: Name = None,
    out: Out = "runs",
) -> None:
    """Accept the cuts that the latest run proposed; they hold from the next run on. Those of the profile stay."""
    import json

    from playbook.rfm import cuts, review
    from playbook.run import data as data_module
    from playbook.run.workspace import Workspace

    source = data_module.find(data, out)
    state = Workspace(out, name or source.name).root / "latest" / "state"
    if not (state / "rfm_proposal.json").is_file():
        raise _Usage(f"no run of {name or source.name} has proposed cuts yet; execute playbook run first.")
    now, proposal = (json.loads((state / f"rfm_{part}.json").read_text()) for part in ("cuts", "proposal"))
    for measure in proposal.get("set_by_profile", []):
        console.print(f"{measure}: set by the profile; change it there, not by a review.")
    changes = review.changes(cuts.recorded(now), cuts.recorded(proposal))
    if not changes:
        console.print("The latest run proposes the limits that already hold: there is nothing to accept.")
        return
    try:
        path = review.accept(source.folder, cuts.recorded(proposal), reason=reason, by=signed_by)
    except ValueError as error:
        raise _Usage(str(error)) from None
    for line in changes:
        console.print(escape(line))
    console.print(f"accepted: {_short(path)}. It is an input of the next run.")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="folder of the exports; sources.yml is written into it")],
    industry: ProfileOf = "retail",
) -> None:
    """Look at the files of a folder and draft its sources.yml; what is not sure is marked for a decision."""
    from playbook.onboarding import init as draft
    from playbook.profile import models as profile
    from playbook.report import text

    profile.load(industry)
    written = draft(folder, industry=industry)
    count = text.words("en").count
    files = count(len(written.draft.files), "file")
    marks = count(written.draft.undecided, "line")
    console.print(f"{_short(written.path)}: {files} mapped, {marks} marked DECIDE.")
    if written.problem:
        console.print(escape(f"It does not load yet: {written.problem}"))
    console.print(f"Next: decide what is marked, then playbook check {_short(folder)}")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="folder with sources.yml")],
    industry: ProfileOf = "retail",
    as_of: AsOf = None,
    memory: Memory = None,
) -> None:
    """Read and validate the data of a folder; say how good it is, and which three repairs are worth most."""
    from playbook.onboarding import check as checked
    from playbook.onboarding.checking import lines
    from playbook.profile import models as profile

    _limit(memory)
    for line in lines(checked(folder, profile=profile.load(industry), as_of=_day(as_of))):
        typer.echo(line)
    console.print(f"Next: playbook run {industry} --data {_short(folder)}")


@app.command("explain")
def explain_command(
    customer_id: Annotated[str, typer.Argument(help="a customer's id, or one of its records as source:key")],
    data: DataFolder = "sample",
    name: Name = None,
    out: Out = "runs",
    as_of: AsOf = None,
    language: Language = "en",
    industry: ProfileOfRun = None,
) -> None:
    """Say why records are one customer: which records, which rule or weight, which decisions, which ids before."""
    import json

    from playbook.integration import UnknownCustomer, explain
    from playbook.integration.report.explain import suggested
    from playbook.integration.report.explain_words import lines
    from playbook.profile import models as profile
    from playbook.report.text import words
    from playbook.run import data as data_module
    from playbook.run.workspace import Workspace

    folder = Workspace(out, name or data_module.name_of(data)).root / (as_of or "latest")
    try:
        explanation = explain(folder, customer_id)
    except UnknownCustomer as error:
        raise _Usage(f"{error.args[0]}{suggested(folder, customer_id)}") from None
    key = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["parameters"]["industry"]
    spoken = profile.load(industry or (key if key in profile.names() else "retail"))
    for line in lines(explanation, words(language, spoken)):
        typer.echo(line)


class _Usage(Exception):
    """The command was given something it cannot use."""


def _limit(memory: str | None) -> None:
    """Hold this process, and the kernels it starts, to a limit of memory."""
    from playbook.tables.limits import MEMORY, LimitError, checked

    if limit := memory or os.environ.get(MEMORY):
        try:
            os.environ[MEMORY] = checked(limit)
        except LimitError as error:
            raise _Usage(str(error)) from None


def _plan(industry, data, as_of, out, language, only, name):
    from playbook.profile import models as profile
    from playbook.report import kernels
    from playbook.run import data as data_module
    from playbook.run import steps
    from playbook.run.workspace import Workspace

    if language not in profile.LANGUAGES:
        raise _Usage(f"the language '{language}' is not known; there are: {', '.join(profile.LANGUAGES)}.")
    chosen = steps.notebooks(only)
    if not chosen:
        raise _Usage(f"no notebook begins with '{only}'; there are: {', '.join(p.stem for p in steps.notebooks())}.")
    loaded = profile.load(industry)
    if not Workspace(out, name or data_module.name_of(data)).published():
        kernels.warm_up()  # the libraries are imported while the sample is written and the files are read
    source = data_module.find(data, out)
    industry = str(Path(industry).resolve()) if Path(industry).suffix else industry
    return steps.Plan(industry, loaded, source, _day(as_of), Workspace(out, name or source.name), language, chosen)


def _data(data: str, customers: int | None, seed: int | None) -> str:
    if customers is None and seed is None:
        return data
    if data != "sample":
        raise _Usage("--customers and --seed shape the built-in sample; they have no meaning with --data.")
    return f"sample:{customers or 5000}:{42 if seed is None else seed}"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _Usage(f"'{text}' is not a day; write it as 2026-06-30.") from None


def _execute_alone(plan, execute) -> None:
    folder = plan.workspace.root / ".scratch" / "notebooks"
    for notebook in plan.notebooks:
        execute(notebook, folder / notebook.name, plan.parameters, {})
        console.print(f"executed alone, nothing published: {_short(folder / notebook.name)}")


def _short(path: Path) -> str:
    return escape(os.path.relpath(path))


def _expected() -> dict[type[Exception], int]:
    from playbook.integration import SourcesError
    from playbook.profile.models import ProfileError
    from playbook.report import NotebookFailed
    from playbook.run.data import DataError
    from playbook.run.workspace import TargetBusy, UnusableName

    codes = {_Usage: USAGE, ProfileError: USAGE, DataError: USAGE, UnusableName: USAGE, SourcesError: FAILED}
    return codes | {NotebookFailed: FAILED, TargetBusy: BUSY, OSError: FAILED, KeyboardInterrupt: FAILED}


def main() -> None:
    """Run the command line; expected failures are said in words, with an exit code of their own."""
    try:
        app()
    except tuple(_expected()) as error:
        code = next(code for kind, code in _expected().items() if isinstance(error, kind))
        stopped = isinstance(error, KeyboardInterrupt)
        message = "stopped; the previous result is untouched." if stopped else str(error)
        console.print(f"[bold red]playbook:[/] {escape(message)}")
        sys.exit(code)
