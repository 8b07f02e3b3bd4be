"""Customer value playbook: which customers matter, what will they be worth, who is leaving, and did it work?

A DataFrame of transactions becomes tiers, future value and churn in three lines:

    shop = playbook.from_transactions(df, customer="CustomerID", date="InvoiceDate", amount="Revenue")
    shop.rfm, shop.ltv, shop.churn

Exports of any system become standard tables (`integration`), customers are divided by value (`rfm`), and every step
hands a table keyed by `customer_id` to the next. `open_run` opens a run anywhere: in a notebook, a script or a test.

    run = playbook.open_run(industry="retail", data="sample")
    run.table("rfm").df()
"""

from importlib import import_module
from importlib.metadata import version

__version__ = version("customer-playbook")

#: The front door, and the rooms in the order of the notebooks; each is imported when it is first asked for.
_FUNCTIONS = {
    "from_transactions": "playbook.run.frame",
    "open_run": "playbook.run.run",
    "load_profile": "playbook.profile.models",
    "Engine": "playbook.tables.engine",
}
_ROOMS = ("integration", "rfm", "ltv", "churn", "stats")
__all__ = [*_FUNCTIONS, *_ROOMS]


def __getattr__(name: str):
    if name in _ROOMS:
        return import_module(f"playbook.{name}")
    if name not in _FUNCTIONS:
        raise AttributeError(f"playbook has no '{name}'; it has {', '.join(__all__)}.")
    return getattr(import_module(_FUNCTIONS[name]), "load" if name == "load_profile" else name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
