"""The report: notebooks are executed once (`execute`) and told in each language as one page (`render`)."""

import sys
from importlib import import_module

sys.modules.setdefault("rfc3987_syntax", None)  # jsonschema would take a second to learn IRIs; a notebook holds none

__all__ = ["NotebookFailed", "UnknownParameter", "execute", "render"]

_HOMES = dict.fromkeys(("NotebookFailed", "UnknownParameter", "execute"), "runner") | {"render": "page"}


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"playbook.report has no '{name}'; it has {', '.join(__all__)}.")
    return getattr(import_module(f"playbook.report.{_HOMES[name]}"), name)
