"""For the rooms that have not taken up `Message` yet."""

from typing import Any, NamedTuple

from playbook.rfm.messages import headline

__all__ = ["Finding", "headline", "say"]


class Finding(NamedTuple):
    """A sentence: its text key, how many it rests on, its values, and what they are that it rests on."""

    key: str
    n: int
    values: dict[str, Any]
    of: str = "customer"


def say(run, finding: Finding, **evidence: Any) -> None:
    """Say a finding in the notebook and the report."""
    run.takeaway(finding.key, n=finding.n, of=finding.of, **finding.values, **evidence)
