"""The figures of the room: each is one call, drawn once per language; its title states the finding."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from playbook.ltv.histories import Histories
from playbook.ltv.history import REASONS
from playbook.ltv.messages import Example
from playbook.report import charts
from playbook.report.message import Message
from playbook.report.text import Words

FORECAST, ACTUAL = charts.COLOURS[0], charts.REST
PAIR = (charts.COLOURS[3], charts.COLOURS[0])


def naive(deciles: pd.DataFrame, *, words: Words, message: Message, cutoff: date) -> Figure:
    """Spend before the cut-off and after, by tenth of customers. `deciles` is `ltv.by_decile(h, "last_period")`."""
    figure, ax = charts.canvas(3.3)
    _pairs(ax, words, "ltv_naive", deciles.decile, deciles)
    charts.ticks(ax, "y", words, "money")
    title = f"title.{message.key.split('.')[-1]}"
    return _finished(figure, words, "ltv_naive", "xy", title=title, cutoff=cutoff, **message.values)


def alive_curve(model: Any, history: Histories, pair: tuple[Example, Example], *, words: Words, as_of: date) -> Figure:
    """P(alive) of the two examples against the days since their last purchase, with where they stand today."""
    figure, ax = charts.canvas(3.5)
    days = np.linspace(0, 1.3 * max(120, *(example.silent_days for example in pair)), 200)
    for example, colour in zip(pair, PAIR, strict=True):
        frequency, recency = (np.full(len(days), column[example.place]) for column in history.history[:2])
        ax.plot(days, model.p_alive(frequency, recency, recency + history.units(days)), color=colour)
        ax.plot([example.silent_days], [example.p_alive], "o", color=colour, markersize=7)
    names = [words("figure.ltv_alive.one", orders=example.orders, alive=example.p_alive) for example in pair]
    _legend(ax, names, PAIR, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    ax.set_ylim(0, 1.04)
    charts.ticks(ax, "y", words, "pct0")
    charts.ticks(ax, "x", words, "int")
    return _finished(figure, words, "ltv_alive", "xy", as_of=as_of)


def by_purchases(table: pd.DataFrame, *, words: Words, model: str, cutoff: date, days: int) -> Figure:
    """Purchases in the holdout, forecast and actual, by number of repeat purchases before."""
    figure, ax = charts.canvas(3.3)
    _pairs(ax, words, "ltv_frequency", table.repeats, table)
    most = int(table.repeats.max())
    ax.set_xticks(table.repeats, [f"{n}+" if n == most and most >= 7 else str(n) for n in table.repeats])
    charts.ticks(ax, "y", words, "num1")
    missed = (table.customers * (table.forecast - table.actual).abs()).sum()
    gap = float(missed / max((table.customers * table.actual).sum(), 1e-9))
    values = {"gap": gap, "model": model, "cutoff": cutoff, "days": days, "n": int(table.customers.sum())}
    return _finished(figure, words, "ltv_frequency", "xy", **values)


def tracking(table: pd.DataFrame, *, words: Words, message: Message | None, model: str, cutoff: date) -> Figure:
    """Repeat purchases week by week and in total: actual, and forecast without having seen the holdout."""
    figure, axes = charts.canvas(3.4, columns=2)
    curves = table[["actual", "forecast"]]
    for ax, part, values in zip(axes, ("weekly", "total"), (curves, curves.cumsum()), strict=True):
        ax.plot(table.week, values.actual, color=charts.SOFT, linewidth=1.2)
        ax.plot(table.week, values.forecast, color=FORECAST, linewidth=2)
        if table.in_holdout.any():
            edge = table.week[~table.in_holdout].max() + 0.5
            ax.axvline(edge, color=charts.SOFT, linewidth=1, linestyle="--")
        ax.set_title(words(f"figure.ltv_tracking.{part}"), fontsize=9, color=charts.SOFT, loc="left")
        ax.set_ylim(0, None)
        charts.ticks(ax, "y", words, "int")
    names = [words(f"figure.ltv_tracking.{name}") for name in ("forecast", "actual")]
    _legend(axes[1], names, (FORECAST, charts.SOFT), loc="lower right")
    axes[1].set_xlabel(words("figure.ltv_tracking.x"))
    title = f"title.{message.key.split('.')[-1] if message else 'above'}"
    values = dict(message.values) if message else {}
    return _finished(figure, words, "ltv_tracking", "x", title=title, cutoff=cutoff, model=model, **values)


def deciles(table: pd.DataFrame, *, words: Words, model: str, cutoff: date, days: int) -> Figure:
    """Sales in the holdout, forecast and actual, by tenth of the customers, the highest forecast first."""
    figure, ax = charts.canvas(3.3)
    _pairs(ax, words, "ltv_deciles", table.decile, table)
    charts.ticks(ax, "y", words, "money")
    values = {"share": float(table.share.iloc[0]), "model": model, "cutoff": cutoff, "days": days}
    return _finished(figure, words, "ltv_deciles", "xy", **values)


def holders(table: pd.DataFrame, *, words: Words, message: Message, as_of: date, days: int) -> Figure:
    """Share of customers and of future value by value tier. `table` is `ltv.concentration(...)`."""
    figure, ax = charts.canvas(0.62 * len(table) + 0.9)
    place, shares = np.arange(len(table)), (table.customers_share, table.future_share)
    colours = [charts.TIERS[name] for name in ("high_value", "potential", "regular", "silent")][: len(table)]
    for shift, share, colour in zip((-0.19, 0.19), shares, (charts.REST, colours), strict=True):
        ax.barh(place + shift, share.fillna(0), height=0.36, color=colour)
    charts.label_bars(ax, [words.pct(value) for share in shares for value in share])
    ax.set_yticks(place, [words.format(name, "value_tier") for name in table.value_tier], color=charts.INK)
    ax.invert_yaxis()
    charts.ticks(ax, "x", words, "pct0")
    top = {"top": float(table.customers_share.iloc[0]), "future": float(table.future_share.iloc[0])}
    return _finished(figure, words, "ltv_holders", "x", as_of=as_of, days=days, **message.values | top)


def movement(table: pd.DataFrame, *, words: Words, message: Message) -> Figure:
    """What moved the future value in each month: recency, frequency, value, and new customers."""
    figure, ax = charts.canvas(3.7)
    parts, place = [*REASONS, "new_customers"], np.arange(len(table))
    above, below = np.zeros(len(table)), np.zeros(len(table))
    for name, colour in zip(parts, charts.COLOURS, strict=False):
        values = table[name].to_numpy(float)
        ax.bar(place, values, 0.72, bottom=np.where(values >= 0, above, below), color=colour)
        above += np.maximum(values, 0)
        below += np.minimum(values, 0)
    ax.axhline(0, color=charts.SOFT, linewidth=0.8)
    ax.set_xticks(place[::-2], [words.format(day, "short_month") for day in table.as_of[::-2]])
    charts.ticks(ax, "y", words, "money")
    names = [words.format(name, "ltv_reason") for name in parts]
    _legend(ax, names, charts.COLOURS, ncols=4, loc="lower left", bbox_to_anchor=(0, 1.0))
    return _finished(figure, words, "ltv_movement", "y", title=f"title.{message.key.split('.')[2]}", **message.values)


def channels(table: pd.DataFrame, *, words: Words, message: Message, as_of: date) -> Figure:
    """Value over cost of winning a customer, by channel. `table` is `ltv.channels(...)`."""
    figure, ax = charts.canvas(0.42 * len(table) + 1.0)
    place = np.arange(len(table))
    ax.barh(place, table.ltv_to_cac, height=0.6, color=FORECAST)
    charts.label_bars(ax, [words.format(ratio, "num1") for ratio in table.ltv_to_cac])
    ax.axvline(1, color=charts.HIGHLIGHT, linewidth=1.4)
    ax.set_yticks(place, [words.name("channel", name) for name in table.channel], color=charts.INK)
    ax.invert_yaxis()
    return _finished(figure, words, "ltv_channels", "x", as_of=as_of, **message.values)


def _pairs(ax, words, key, place, table):
    """Bars side by side: forecast and actual, named in a legend."""
    ax.bar(place - 0.2, table.forecast, width=0.38, color=FORECAST)
    ax.bar(place + 0.2, table.actual, width=0.38, color=ACTUAL)
    ax.set_xticks(place)
    _legend(ax, [words(f"figure.{key}.{name}") for name in ("forecast", "actual")], (FORECAST, ACTUAL), loc="best")


def _legend(ax, names, colours, **options):
    handles = [Patch(color=colour, label=name) for name, colour in zip(names, colours, strict=False)]
    ax.legend(handles=handles, **options)


def _finished(figure, words, key, axes, *, title="title", **values):
    """The figure with its texts: `axes` are those with a label."""
    texts = {part: words(f"figure.{key}.{part}", **values) for part in ("caption", *axes)}
    return charts.finish(figure, title=words(f"figure.{key}.{title}", **values), **texts)
