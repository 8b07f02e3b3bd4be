"""Cuts: the limits between scores. Computed once, then frozen, so that the shares of the tiers can move."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import yaml

from playbook.run.data import decision_files
from playbook.tables.engine import Table

HERE = Path(__file__).parent
MEASURES = ("recency_days", "frequency", "monetary")
NO_BUYERS = (0, 0, 0, 0)
DECISION = "rfm-cuts"

Limits = tuple[Decimal, Decimal, Decimal, Decimal]


class Cuts(NamedTuple):
    """Four ascending limits for each of R, F and M; the day they were fixed, and how: 'quintiles', 'profile' or
    'decision'."""

    recency_days: Limits
    frequency: Limits
    monetary: Limits
    as_of: date
    window_days: int
    origin: str

    @property
    def params(self) -> dict[str, Decimal]:
        """The limits as $r1 ... $m4."""
        return {f"{name[0]}{n}": limit for name in MEASURES for n, limit in enumerate(getattr(self, name), 1)}

    @property
    def frame(self) -> pd.DataFrame:
        """One row per limit, 1 to 4: limit, recency_days, frequency, monetary."""
        return pd.DataFrame({"limit": [1, 2, 3, 4]} | {name: self.record()[name] for name in MEASURES})

    def record(self) -> dict:
        """The cuts as JSON keeps them."""
        limits = {name: [float(limit) for limit in getattr(self, name)] for name in MEASURES}
        return self._asdict() | limits | {"as_of": self.as_of.isoformat()}


def recorded(record: dict) -> Cuts:
    """The cuts behind a `record()`."""
    fields = {name: record[name] for name in Cuts._fields} | {name: _exact(record[name]) for name in MEASURES}
    return Cuts(**fields | {"as_of": date.fromisoformat(record["as_of"])})


def fresh_cuts(summary: Table, rfm, *, as_of: date) -> Cuts:
    """The profile's cuts where it gives them, else the quintiles of the customers who bought in the window. `rfm` is
    that part of the profile; without buyers all limits are 0."""
    quintiles = dict(zip(MEASURES, summary.engine.run(HERE / "quintiles.sql", summary=summary).rows()[0], strict=True))
    limits = {name: _exact(getattr(rfm.cuts, name) or quintiles[name] or NO_BUYERS) for name in MEASURES}
    origin = "profile" if set_by_profile(rfm) == list(MEASURES) else "quintiles"
    return Cuts(**limits, as_of=as_of, window_days=rfm.window_days, origin=origin)


def frozen_cuts(run, summary: Table) -> Cuts:
    """The cuts of the run before, unless a decision since then gave others; where there are none, or for another
    window, fresh ones."""
    rfm, record = run.profile.rfm, run.state("rfm_cuts")
    earlier = [record and recorded(record), decided(run.data, until=run.as_of)]
    fitting = [cuts for cuts in earlier if cuts and cuts.window_days == rfm.window_days]
    newest = max(fitting, key=lambda cuts: cuts.as_of, default=None)
    cuts = newest or fresh_cuts(summary, rfm, as_of=run.as_of)
    run.keep("rfm_cuts", cuts.record())
    return cuts


def decided(folder: Path, *, until: date) -> Cuts | None:
    """The cuts of the newest decision beside the data that is dated not later than `until`, or None."""
    paths = [path for path in decision_files(folder) if path.stem[10:] == f"-{DECISION}"]
    due = [path for path in paths if date.fromisoformat(path.name[:10]) <= until]
    return recorded(yaml.safe_load(due[-1].read_text(encoding="utf-8"))["cuts"]) if due else None


def overruled(cuts: Cuts, rfm) -> list[str]:
    """Which of R, F and M the profile now gives other cuts for than the frozen ones."""
    return [name for name in set_by_profile(rfm) if _exact(getattr(rfm.cuts, name)) != getattr(cuts, name)]


def set_by_profile(rfm) -> list[str]:
    """Which of R, F and M the profile sets the cuts of."""
    return [name for name in MEASURES if getattr(rfm.cuts, name)]


def _exact(limits) -> Limits:
    return tuple(Decimal(str(limit)) for limit in limits)
