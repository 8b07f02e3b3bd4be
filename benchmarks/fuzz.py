"""Damaged files by the thousand: each is read with every row accounted for, or refused in words.

    python benchmarks/fuzz.py [files] [seed] [processes]        default: 10,000 files, seed 0, 2 processes

It stops earlier after PLAYBOOK_FUZZ_MINUTES minutes (60).

The files of the catalogue of inputs (tests/integration/catalogue) are damaged byte by byte and read in batches. The
result replaces the section `fuzz` of docs/benchmarks-inputs.md.
"""

import collections
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

MINUTES = float(os.environ.get("PLAYBOOK_FUZZ_MINUTES", 60))
TESTS = Path(__file__).resolve().parents[1] / "tests" / "integration"
sys.path.insert(0, str(TESTS))


def main(files: int = 10_000, seed: int = 0, processes: int = 2) -> None:
    """Damage and read so many files, and write the section."""
    import report

    began = time.perf_counter()
    each = -(-files // processes)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        parts = pool.starmap(_some, [(each, seed + number) for number in range(processes)])
    counts = sum((part[0] for part in parts), collections.Counter())
    crashes = [crash for part in parts for crash in part[1]]
    slowest, seconds = max(part[2] for part in parts), time.perf_counter() - began
    for crash in crashes[:20]:
        print(crash)
    text = (
        f"## Damaged files\n\n{sum(counts.values()):,} files, made by damaging those of the catalogue (bytes changed,"
        " inserted, deleted, repeated, cut off, foreign signs put in), read in"
        f" {seconds:,.0f} s on {processes} process(es); {report.machine()}.\n\n"
        f"{report.table(['outcome', 'files'], [[what, f'{n:,}'] for what, n in sorted(counts.items())])}\n\n"
        f"**{len(crashes)}** ended without a message; the slowest took {slowest:.1f} s (limit 30 s). Of every file that"
        " was read, rows = accepted + quarantined + repeated + later + excluded.\n\n"
        "Repeat it with `python benchmarks/fuzz.py 100000`."
    )
    report.DOCUMENT = report.DOCUMENT.with_name("benchmarks-inputs.md")
    report.HEAD = report.HEAD.replace("# Benchmarks", "# Benchmarks: inputs")
    report.write_section("fuzz", text)


def _some(files: int, seed: int) -> tuple[collections.Counter, list[str], float]:
    os.environ.setdefault("PLAYBOOK_KEY_FILE", str(Path(tempfile.gettempdir()) / "playbook-fuzz-key"))
    import mutations

    return tuple(mutations.survive(files, seed, MINUTES * 60))


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
