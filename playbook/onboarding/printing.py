"""What a check found, as lines for the terminal."""

from collections.abc import Iterator

import pandas as pd

from playbook.onboarding.checking import Checked
from playbook.report import text as texts

_MOST = 8  # columns with gaps that are listed


def lines(checked: Checked) -> Iterator[str]:
    """The lines of a check: rows by file, gaps, warnings, repairs, what is left to decide."""
    yield f"Read up to {checked.as_of}."
    yield from _table(checked.files)
    if len(checked.gaps):
        yield from ["", "Columns with gaps:", *_table(_shares(checked.gaps.head(_MOST)))]
    if checked.warnings:
        yield from ["", "To know:", *(f"- {warning}" for warning in checked.warnings)]
    if checked.repairs:
        yield from [
            "",
            "Most worth repairing:",
            *(f"{n}. {repair.words}" for n, repair in enumerate(checked.repairs, 1)),
        ]
    if checked.undecided:
        left = texts.words("en").count(checked.undecided, "line")
        yield from ["", f"{left} of sources.yml {'is' if checked.undecided == 1 else 'are'} still marked DECIDE."]


def _shares(gaps: pd.DataFrame) -> pd.DataFrame:
    return gaps.assign(**{name: [_percent(share) for share in gaps[name]] for name in ("completeness", "validity")})


def _percent(share: float) -> str:
    return "-" if pd.isna(share) else f"{share:.1%}"


def _table(frame: pd.DataFrame) -> list[str]:
    return [f"  {line}" for line in frame.to_string(index=False).split("\n")]
