"""Customer value playbook: which customers matter, what will they be worth, who is leaving, and did it work?

Exports of any system become standard tables (`integration`), customers are divided by value (`rfm`), and every step
hands a table keyed by `customer_id` to the next. `open_run` opens a run anywhere: in a notebook, a script or a test.

    run = playbook.open_run(industry="retail", data="sample")
    run.table("rfm").df()
"""

from importlib import import_module
from importlib.metadata import version

__all__ = ["Engine", "load_profile", "open_run"]
__version__ = version("customer-playbook")

_HOMES = {"open_run": ("playbook.run.run", "open_run"), "Engine": ("playbook.tables.engine", "Engine")}
_HOMES["load_profile"] = ("playbook.profile.models", "load")


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"playbook has no '{name}'; it has {', '.join(__all__)}.")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
