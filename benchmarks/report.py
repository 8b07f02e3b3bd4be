"""What the benchmarks found, kept in docs/benchmarks.md: one section each, replaced when its script runs again."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Each section is written by the script it names. Times depend on the machine; the comparisons are made on one and the
same, in interleaved rounds.
"""


def write_section(key: str, text: str) -> None:
    """Replace the section of this key, or add it at the end, and print it."""
    document = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.is_file() else HEAD
    begin, end = f"<!-- {key} -->", f"<!-- end of {key} -->"
    section = f"{begin}\n{text.strip()}\n{end}"
    known = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    document = (
        known.sub(lambda _: section, document) if known.search(document) else f"{document.rstrip()}\n\n{section}\n"
    )
    DOCUMENT.write_text(document, encoding="utf-8")
    print(text)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; every column but the first flush right."""
    rule = [" --- ", *[" ---: "] * (len(head) - 1)]
    lines = [" | ".join(head), "|".join(rule).strip(), *[" | ".join(row) for row in rows]]
    return "\n".join(f"| {line} |" for line in lines)


def machine() -> str:
    """Processors and versions, without a name."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars", "pandas"))
    return f"{os.cpu_count()} processors, Python {platform.python_version()}, {packages}"
