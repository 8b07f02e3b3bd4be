"""01 Integration: what came in, what became of every row, and one customer out of many records."""

from playbook.integration.build import Integrated, build, integrate
from playbook.integration.explain import Explanation, UnknownCustomer, explain
from playbook.integration.locate import SourcesError
from playbook.integration.sources import Sources, read_sources

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
