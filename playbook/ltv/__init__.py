"""LTV: what each customer will still be worth, how sure that is, and how well it held when it was tried.

    purchases -> histories -> backtest -> choose -> forecast -> customer_value -> ltv, ltv_history

Each step is a function; `build.py` is all of them in a row. The models are scikit-learn estimators: `fit`, `predict`.
A DataFrame of transactions needs no run:

    customers = ltv.summary(df, customer="CustomerID", date="InvoiceDate", value="Revenue", period="W")
    history = customers.frequency, customers.recency, customers["T"]
    ltv.BGNBD().fit(*history).predict(52, *history)  # purchases of each customer in the next 52 weeks
"""

from typing import Any

__all__ = [
    "BGBB", "BGNBD", "MBGCNBD", "SBG", "Discounting", "FitError", "GammaGamma", "Histories", "InputError", "LtvResult",
    "ParetoNBD", "acquisition", "backtest", "by_decile", "by_purchases", "channels", "choose", "concentration",
    "customer_histories", "customer_value", "fit", "fit_purchases", "fit_spending", "forecast", "high_potential",
    "independence", "monthly_reasons", "movement", "prediction_intervals", "read_histories", "save", "sensitivity",
    "summary", "tracking", "unit_economics", "value_history",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """A public name, found in `playbook.ltv.api`, which is imported when the first is asked for."""
    if name not in __all__:
        raise AttributeError(f"playbook.ltv has no '{name}'; it has {', '.join(__all__)}.")
    import playbook.ltv.api as api

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
