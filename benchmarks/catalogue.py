"""The catalogue of inputs read by three: the playbook, `pandas.read_csv` and the sniffer of DuckDB, all as they come.

    python benchmarks/catalogue.py

A file is asked three things: which orders it holds, on which days, of which amounts. An answer is silently wrong where
it is given without an error and differs from what the file says; a column that stays untyped is not an answer yet. The
result replaces the section `catalogue` of docs/benchmarks-inputs.md.
"""

import os
import re
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "integration"))
TOOLS = ("playbook", "pandas.read_csv", "DuckDB read_csv")
OUTCOMES = ("right", "refused", "left untyped", "silently wrong")
_MISTAKES = {
    "an encoding that does not exist", "declared as what it is not", "an unknown unit", "an unknown unit of time",
    "rates without a currency",
}  # fmt: skip
Answer = list[tuple]


def main() -> None:
    """Ask all three for every file of the catalogue, and write the section."""
    import report

    os.environ.setdefault("PLAYBOOK_KEY_FILE", str(Path(tempfile.gettempdir()) / "playbook-catalogue-key"))
    found = {f"{case.group}: {case.name}": _asked(case) for case in _cases()}
    counts = {tool: Counter(outcomes[tool] for outcomes in found.values()) for tool in TOOLS}
    rows = [[tool, *(str(counts[tool][outcome]) for outcome in OUTCOMES)] for tool in TOOLS]
    wrong = [counts[tool][OUTCOMES[3]] for tool in TOOLS]
    worst = [name for name, outcomes in found.items() if all(outcomes[tool] == OUTCOMES[3] for tool in TOOLS[1:])]
    names = [[name, *(outcomes[tool] for tool in TOOLS)] for name, outcomes in found.items()]
    text = (
        f"## The catalogue of inputs\n\n{len(found)} files of delimited text from companies; {report.machine()}."
        " A row that is set aside with its reason is no wrong answer, nor is a question; a number that"
        " is something else than the file says is one. What the playbook makes of each file is held, value by value, by"
        " tests/integration/test_catalogue.py; text or a number where a day should be is untyped.\n\n"
        f"{report.table(['read by', *OUTCOMES], rows)}\n\n"
        f"Silently wrong: pandas **{wrong[1]}**, DuckDB's sniffer **{wrong[2]}**, the playbook **{wrong[0]}**; both"
        f" of the others on {len(worst)} files.\n\n"
        f"<details><summary>File by file</summary>\n\n{report.table(['file', *TOOLS], names)}\n\n</details>\n\n"
        "Repeat it with `python benchmarks/catalogue.py`."
    )
    report.DOCUMENT = report.DOCUMENT.with_name("benchmarks-inputs.md")
    report.HEAD = report.HEAD.replace("# Benchmarks", "# Benchmarks: inputs")
    report.write_section("catalogue", text)


def _cases() -> list:
    """The cases of one file of orders in delimited text, whose mapping names its columns as they are."""
    from catalogue import CASES
    from exports import ORDERS

    return [
        case
        for case in CASES
        if len(case.files) == 1
        and case.name not in _MISTAKES
        and next(iter(case.files)).endswith((".csv", ".tsv", ".csv.gz"))
        and (case.declared or [{"table": "orders"}])[0]["table"] == "orders"
        and "order_id" in (case.declared or [{"columns": ORDERS}])[0]["columns"]
        and len(next(iter(case.files.values()))) < 10_000_000
    ]


def _asked(case) -> dict[str, str]:
    """What became of the file, by tool."""
    with tempfile.TemporaryDirectory() as folder:
        truth = _of_playbook(case, Path(folder))
        path = Path(folder) / next(iter(case.files))
        paid = (case.declared or [{"columns": {"amount": "paid"}}])[0]["columns"]["amount"]
        judged = {TOOLS[0]: "refused" if truth is None else "right"}
        for tool, read in ((TOOLS[1], _pandas), (TOOLS[2], _duckdb)):
            judged[tool] = _judged(lambda read=read: read(path), truth, paid)
    return judged


def _of_playbook(case, folder: Path) -> Answer | None:
    """The orders, days and amounts that are in the file: the catalogue's own test holds them. None: it asks back."""
    from test_catalogue import given

    from playbook.integration import SourcesError, read_sources
    from playbook.integration.ingest.reading import read
    from playbook.tables.engine import Engine

    at = given(case, folder)
    try:
        rows = read(Engine(threads=1), read_sources(at), folder).staged["orders"]
    except SourcesError:
        return None
    query = "select order_id, day, amount from rows where not is_fatal order by all"
    return rows.engine.sql(query, rows=rows).rows() or None


def _judged(read, truth: Answer | None, paid: str) -> str:
    try:
        frame = read()
        number, day, amount = frame["no"], frame["at"], frame[paid]
    except Exception:
        return "refused"
    from pandas.api.types import is_datetime64_any_dtype

    if not _is_number(amount):
        return "left untyped"
    if truth is None:
        return "silently wrong"
    days = [str(value)[:10] for value in day]
    if not is_datetime64_any_dtype(day) and days != _iso(days):
        return "left untyped"
    given = [(_plain(n), d, round(float(a), 2)) for n, d, a in zip(number, days, amount, strict=True)]
    right = [(n, str(d), float(a)) for n, d, a in truth]
    return "right" if sorted(map(str, given)) == sorted(map(str, right)) else "silently wrong"


def _iso(days: list[str]) -> list[str]:
    return [day for day in days if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day)]


def _is_number(column) -> bool:
    from pandas.api.types import is_numeric_dtype

    return is_numeric_dtype(column) or str(column.dtype).startswith("decimal")


def _plain(value) -> str:
    return str(value)


def _pandas(path: Path):
    import pandas

    return pandas.read_csv(path)


def _duckdb(path: Path):
    import duckdb

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return duckdb.connect().execute("select * from read_csv(?)", [str(path)]).df()


if __name__ == "__main__":
    main()
