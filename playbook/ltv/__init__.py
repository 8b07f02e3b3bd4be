"""LTV: what each customer will still be worth, how sure that is, and how well it held when it was tried.

    purchases -> histories -> backtest -> choose -> forecast -> customer_value -> ltv, ltv_history

Each step is a function; `build.py` is all of them in a row. The models are scikit-learn estimators: `fit`, `predict`.
A DataFrame of transactions needs no run:

    customers = ltv.summary(df, customer="CustomerID", date="InvoiceDate", value="Revenue", period="W")
    history = customers.frequency, customers.recency, customers["T"]
    ltv.BGNBD().fit(*history).predict(52, *history)  # purchases of each customer in the next 52 weeks
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """A public name: `playbook.ltv.api` is imported when the first is asked for."""
    import playbook.ltv.api as api

    if name == "__all__" or name in api.__all__:
        return getattr(api, name)
    raise AttributeError(f"playbook.ltv has no '{name}'; it has {', '.join(api.__all__)}.")


def __dir__() -> list[str]:
    return __getattr__("__all__")
