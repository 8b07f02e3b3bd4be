"""The figures of the room: each is one call, drawn once per language; its title states what was found."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from playbook.integration.report.summary import Books
from playbook.report import charts
from playbook.report.message import Message
from playbook.report.text import Words

_MISTAKES = (charts.HIGHLIGHT, charts.COLOURS[0])


def one_system_or_all(views: pd.DataFrame, *, words: Words, as_of: date) -> Figure:
    """Orders per customer as each system sees it alone, and as all see it together. `views` is
    `summary.views(...)`."""
    figure, ax = charts.canvas(0.5 * len(views) + 0.8)
    colours = [charts.HIGHLIGHT if pd.isna(source) else charts.REST for source in views["source"]]
    ax.barh(range(len(views)), views["orders_per_customer"], height=0.62, color=colours)
    charts.label_bars(ax, [words.format(value, "num1") for value in views["orders_per_customer"]])
    everybody = words("figure.integration_views.all")
    names = [everybody if pd.isna(source) else words.name("source", source) for source in views["source"]]
    ax.set_yticks(range(len(views)), names, color=charts.INK)
    ax.invert_yaxis()
    charts.ticks(ax, "x", words, "num1")
    together = views["orders_per_customer"].iloc[-1]
    least = views["orders_per_customer"].iloc[:-1].min()
    values = {"all": together, "least": least, "as_of": as_of, "n": int(views["customers"].iloc[-1])}
    return charts.finish(figure, **_texts(words, "integration_views", **values))


def revenue(reconciliation: pd.DataFrame, *, words: Words, books: Books | None, as_of: date) -> Figure:
    """Net revenue by month, one band per source, with finance's totals as marks."""
    dated = reconciliation.dropna(subset=["month"])
    months = dated.pivot_table(index="month", columns="source", values="net", aggfunc="sum", fill_value=0.0).astype(
        float
    )
    figure, ax = charts.canvas(3.4)
    place, floor = np.arange(len(months)), np.zeros(len(months))
    for source, colour in zip(months.columns, charts.COLOURS, strict=False):
        ax.bar(place, months[source], bottom=floor, width=0.8, color=colour, label=words.name("source", source))
        floor = floor + months[source].to_numpy()
    booked = dated.dropna(subset=["control_net"]).groupby("month")["control_net"].agg(["sum", "size"])
    whole = booked[booked["size"] == months.shape[1]]
    if len(whole):
        mark = {"linestyle": "", "marker": "_", "markersize": 11, "markeredgewidth": 2, "color": charts.INK}
        label = words("figure.integration_revenue.booked")
        ax.plot([months.index.get_loc(month) for month in whole.index], whole["sum"], label=label, **mark)
    step = max(len(months) // 7, 1)
    ax.set_xticks(place[::step], [words.format(month, "short_month") for month in months.index[::step]])
    ax.legend(loc="upper left", ncols=4, bbox_to_anchor=(0, 1.12), borderaxespad=0)
    charts.ticks(ax, "y", words, "money")
    key = "integration_revenue" if books else "integration_revenue.unbooked"
    values = {"share": books.share, "months": books.months} if books else {}
    return charts.finish(
        figure, **_texts(words, "integration_revenue", title=f"figure.{key}.title", as_of=as_of, **values)
    )


def mistakes(simulated: pd.DataFrame, *, words: Words, message: Message, as_of: date) -> Figure:
    """How far orders per buyer would be off if so many buyers were split or merged. `simulated` is
    `recount.mistakes(...)`, `message` is `recount.mistakes_message(...)`."""
    figure, ax = charts.canvas(3.0)
    for (mistake, rows), colour in zip(simulated.groupby("mistake", sort=False), _MISTAKES, strict=False):
        name = words(f"mistake.{mistake}")
        ax.plot(rows["share"], rows["frequency_change"], color=colour, marker="o", markersize=4, label=name)
    charts.label_lines(ax)
    ax.set_xticks([share for share in (0, 0.05, 0.1, 0.15, 0.2) if share <= simulated["share"].max()])
    ax.axhline(0, color=charts.SOFT, linewidth=0.8)
    charts.ticks(ax, "x", words, "pct0")
    charts.ticks(ax, "y", words, "change0")
    key = "integration_mistakes" if "split" in message.values else "integration_mistakes.merge"
    texts = _texts(words, "integration_mistakes", title=f"figure.{key}.title", as_of=as_of, **message.values)
    if simulated.groupby("mistake")["share"].max().nunique() > 1:
        texts["caption"] = words("figure.integration_mistakes.ended", as_of=as_of, **message.values)
    return charts.finish(figure, **texts)


def first_seen(months: pd.DataFrame, *, words: Words, as_of: date) -> Figure:
    """How many customers placed their first order in each month."""
    figure, ax = charts.canvas(2.8)
    ax.bar(range(len(months)), months["customers"], width=0.8, color=charts.COLOURS[0])
    step = max(len(months) // 7, 1)
    ax.set_xticks(range(0, len(months), step), [words.format(m, "short_month") for m in months["month"][::step]])
    charts.ticks(ax, "y", words, "int")
    share = float(months["customers"].iloc[0] / max(months["customers"].sum(), 1))
    return charts.finish(figure, **_texts(words, "integration_first_seen", share=share, as_of=as_of))


def _texts(words: Words, key: str, title: str | None = None, **values) -> dict[str, str]:
    parts = {part: words(f"figure.{key}.{part}", **values) for part in ("x", "y", "caption")}
    return parts | {"title": words(title or f"figure.{key}.title", **values)}
