"""Linking on generated registers: how right, how near to the best possible with these rules, how fast.

    python benchmarks/linking.py [records] [large]               default: 100,000 and 1,000,000 records

Three registers in English and in Chinese, with the default dirt. The ceiling is the score of the same rules with the
true shares of every level among matches and among random pairs. Each size runs in a process of its own. The result
replaces the section `linking` of docs/benchmarks-linking.md.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))  # the registers are test data

THREADS, MEMORY, SEED = 2, "3GB", 3
LANGUAGES = {"en": "English", "zh": "Chinese"}
HEAD = "# Benchmarks of linking\n\nEach section is written by the script it names.\n"
COLUMNS = ["records", "precision", "recall", "F1", "B-cubed", "largest"]


def main(records: int = 100_000, large: int = 1_000_000) -> None:
    """Run every size and write the section."""
    import report

    report.DOCUMENT, report.HEAD = report.DOCUMENT.with_name("benchmarks-linking.md"), HEAD
    with tempfile.TemporaryDirectory() as folder:
        small = {language: _run(folder, records, language) for language in LANGUAGES}
        big = _run(folder, large, "zh")
    rows = [_row(found, kind) for found in (*small.values(), big) for kind in ("exact", "linked", "ceiling")]
    speed = [_speed(found) for found in (*small.values(), big)]
    ratios = ", ".join(
        f"{LANGUAGES[key]} {found['linked'][2] / found['ceiling'][2]:.4f} (limit .98)" for key, found in small.items()
    )
    text = (
        "## Linking\n\nThree registers of generated people: names mistyped, shortened or in pinyin, titles, phones"
        " changed and mistyped, e-mails changed and mistyped, people who moved, birthdays mistyped, fields missing,"
        f" households that share address, surname and phone, twins. {report.machine()}; {THREADS} threads, memory"
        f" limit {MEMORY}.\n\n{report.table(COLUMNS, [row for row in rows if row])}\n\nF1 as a share of the ceiling,"
        f" which is the same rules with the true parameters: {ratios}.\n\n"
        f"{report.table(['records', 'seconds', 'of which training', 'peak MiB'], speed)}\n\nThe clock runs from"
        " accepted rows to tied records: spellings, exact ties, candidate pairs, training, scores.\n\nRepeat it with"
        " `python benchmarks/linking.py`."
    )
    report.write_section("linking", text)


def _row(found: dict, kind: str) -> list[str]:
    if kind not in found:
        return []
    precision, recall, f1, b_cubed, largest = found[kind]
    what = {"exact": "exact keys alone", "linked": "**linked**", "ceiling": "ceiling"}[kind]
    label = f"{found['records']:,}, {LANGUAGES[found['language']]}: {what}"
    return [label, f"{precision:.4f}", f"{recall:.4f}", f"{f1:.4f}", f"{b_cubed:.4f}", f"{largest:,}"]


def _speed(found: dict) -> list[str]:
    label = f"{found['records']:,}, {LANGUAGES[found['language']]}"
    return [label, f"{found['seconds']:.1f}", f"{found['training']:.1f}", f"{found['mib']:,.0f}"]


def _run(folder: str, records: int, language: str) -> dict:
    for task in ("generate", "link"):
        command = [sys.executable, __file__, "--task", task, folder, str(records), language]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(said.strip(), flush=True)
    return json.loads(said.splitlines()[-1])


def _generate(folder: Path, records: int, language: str) -> None:
    import numpy as np
    from linkage_data.register_files import write_registers
    from linkage_data.registers import make_registers

    write_registers(folder, make_registers(np.random.default_rng(SEED), records, language))


def _link(folder: Path, records: int, language: str) -> None:
    """Link, score, and where the registers are small, score the ceiling."""
    from linking_ceiling import Bench

    bench = Bench(folder, threads=THREADS, memory=MEMORY, as_of=date(2026, 6, 30))
    began = time.perf_counter()
    found = bench.link()
    seconds, mib = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = {"records": records, "language": language, "seconds": seconds, "training": bench.training, "mib": mib}
    said |= {"exact": bench.score(found, exact=True), "linked": bench.score(found)}
    if records <= 200_000:
        said |= {"ceiling": bench.score(bench.link(bench.true_model(found)))}
    print(json.dumps(said))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--task"]:
        task, folder, records, language = sys.argv[2:]
        at = Path(folder) / f"{language}-{records}"
        {"generate": _generate, "link": _link}[task](at, int(records), language)
    else:
        main(*(int(text) for text in sys.argv[1:]))
