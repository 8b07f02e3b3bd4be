"""01 Integration: what came in, what became of every row, and one customer out of many records."""

from playbook.integration.build import Integrated, build, integrate
from playbook.integration.report.explain import Explanation, UnknownCustomer, explain
from playbook.integration.sources.locate import SourcesError
from playbook.integration.sources.models import Sources, read_sources

__all__ = [
    "Explanation",
    "Integrated",
    "Sources",
    "SourcesError",
    "UnknownCustomer",
    "build",
    "explain",
    "integrate",
    "read_sources",
]
