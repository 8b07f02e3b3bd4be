"""01 Integration: what came in, what became of every row, and one customer out of many records."""

from playbook.integration.build import Integrated, build, integrate
from playbook.integration.locate import SourcesError
from playbook.integration.sources import Sources, read_sources

__all__ = ["Integrated", "Sources", "SourcesError", "build", "integrate", "read_sources"]
