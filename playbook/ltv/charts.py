"""The figures of the room: each is one call, drawn once per language; its title states what was found."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from playbook.ltv.findings import Example, Finding
from playbook.ltv.history import REASONS
from playbook.ltv.inputs import Inputs
from playbook.report import charts
from playbook.report.text import Words

SAID, CAME = charts.COLOURS[0], charts.REST
PAIR = (charts.COLOURS[3], charts.COLOURS[0])


def naive(deciles: pd.DataFrame, *, words: Words, finding: Finding, cutoff: date) -> Figure:
    """Spend before the cut-off and after, by tenth of customers. `deciles` is `ltv.by_decile(h, "last_period")`."""
    figure, ax = charts.canvas(3.3)
    _pairs(ax, words, "ltv_naive", deciles.decile, deciles.forecast, deciles.actual)
    charts.ticks(ax, "y", words, "money")
    title = words(f"figure.ltv_naive.title.{finding.key.split('.')[-1]}", **finding.values)
    return charts.finish(
        figure, title=title, **_rest(words, "ltv_naive", "x y", cutoff=cutoff, days=finding.values["days"])
    )


def alive_curve(model: Any, found: Inputs, pair: tuple[Example, Example], *, words: Words, as_of: date) -> Figure:
    """P(alive) of the two examples against the days since their last purchase, with where they stand today."""
    figure, ax = charts.canvas(3.5)
    days = np.linspace(0, 1.3 * max(max(one.silent_days for one in pair), 120), 200)
    for one, colour in zip(pair, PAIR, strict=True):
        ax.plot(days, _alive_after(model, found, one, days), color=colour)
        ax.plot([one.silent_days], [one.p_alive], "o", color=colour, markersize=7)
    names = [words("figure.ltv_alive.one", orders=one.orders, alive=one.p_alive) for one in pair]
    _handles(ax, names, PAIR, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    ax.set_ylim(0, 1.04)
    charts.ticks(ax, "y", words, "pct0"), charts.ticks(ax, "x", words, "int")
    return charts.finish(figure, **_texts(words, "ltv_alive", "x y", as_of=as_of))


def by_purchases(table: pd.DataFrame, *, words: Words, model: str, cutoff: date, days: int) -> Figure:
    """Purchases in the holdout, forecast and actual, by number of repeat purchases before."""
    figure, ax = charts.canvas(3.3)
    _pairs(ax, words, "ltv_frequency", table.repeats, table.forecast, table.actual)
    most = int(table.repeats.max())
    ax.set_xticks(table.repeats, [f"{n}+" if n == most and most >= 7 else str(n) for n in table.repeats])
    charts.ticks(ax, "y", words, "num1")
    missed = (table.customers * (table.forecast - table.actual).abs()).sum()
    gap = float(missed / max((table.customers * table.actual).sum(), 1e-9))
    values = {"gap": gap, "model": model, "cutoff": cutoff, "days": days, "n": int(table.customers.sum())}
    return charts.finish(figure, **_texts(words, "ltv_frequency", "x y", **values))


def tracking(table: pd.DataFrame, *, words: Words, finding: Finding | None, model: str, cutoff: date) -> Figure:
    """Repeat purchases week by week and in total: what came, and what was expected without having seen the holdout."""
    figure, axes = charts.canvas(3.4, columns=2)
    for ax, part, summed in zip(axes, ("weekly", "total"), (False, True), strict=True):
        for column, colour in (("actual", charts.SOFT), ("forecast", SAID)):
            values = table[column].cumsum() if summed else table[column]
            ax.plot(table.week, values, color=colour, linewidth=2 if column == "forecast" else 1.2)
        _cutoff(ax, table, words)
        ax.set_title(words(f"figure.ltv_tracking.{part}"), fontsize=9, color=charts.SOFT, loc="left")
        ax.set_ylim(0, None)
        charts.ticks(ax, "y", words, "int")
    _legend(axes[1], words, "ltv_tracking", (SAID, charts.SOFT), "lower right")
    axes[1].set_xlabel(words("figure.ltv_tracking.x"))
    key = finding.key.split(".")[-1] if finding else "above"
    title = words(f"figure.ltv_tracking.title.{key}", **(finding.values if finding else {}))
    return charts.finish(figure, title=title, **_rest(words, "ltv_tracking", "x", cutoff=cutoff, model=model))


def deciles(table: pd.DataFrame, *, words: Words, model: str, cutoff: date, days: int) -> Figure:
    """Sales in the holdout, forecast and actual, by tenth of the customers, the highest forecast first."""
    figure, ax = charts.canvas(3.3)
    _pairs(ax, words, "ltv_deciles", table.decile, table.forecast, table.actual)
    charts.ticks(ax, "y", words, "money")
    values = {"share": float(table.share.iloc[0]), "model": model, "cutoff": cutoff, "days": days}
    return charts.finish(figure, **_texts(words, "ltv_deciles", "x y", **values))


def holders(table: pd.DataFrame, *, words: Words, finding: Finding, as_of: date, days: int) -> Figure:
    """Share of customers and of future value by value tier. `table` is `ltv.concentration(...)`."""
    figure, ax = charts.canvas(0.62 * len(table) + 0.9)
    place = np.arange(len(table))
    colours = [charts.TIERS[name] for name in ("high_value", "potential", "regular", "silent")][: len(table)]
    for shift, column, colour in ((-0.19, "customers_share", charts.REST), (0.19, "future_share", colours)):
        ax.barh(place + shift, table[column].fillna(0), height=0.36, color=colour)
    charts.label_bars(
        ax, [words.pct(share) for column in ("customers_share", "future_share") for share in table[column]]
    )
    ax.set_yticks(place, [words.format(name, "value_tier") for name in table.value_tier], color=charts.INK)
    ax.invert_yaxis()
    charts.ticks(ax, "x", words, "pct0")
    top = {"top": float(table.customers_share.iloc[0]), "future": float(table.future_share.iloc[0])}
    return charts.finish(figure, **_texts(words, "ltv_holders", "x", as_of=as_of, days=days, **finding.values | top))


def movement(table: pd.DataFrame, *, words: Words, finding: Finding) -> Figure:
    """What moved the future value in each month: recency, frequency, value, and new customers."""
    figure, ax = charts.canvas(3.7)
    parts, place = [*REASONS, "new_customers"], np.arange(len(table))
    above, below = np.zeros(len(table)), np.zeros(len(table))
    for name, colour in zip(parts, charts.COLOURS, strict=False):
        values = table[name].to_numpy(float)
        ax.bar(place, values, 0.72, bottom=np.where(values >= 0, above, below), color=colour)
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    ax.axhline(0, color=charts.SOFT, linewidth=0.8)
    ax.set_xticks(place[::-2], [words.format(day, "short_month") for day in table.as_of[::-2]])
    charts.ticks(ax, "y", words, "money")
    names = [words.format(name, "ltv_reason") for name in parts]
    _handles(ax, names, charts.COLOURS, ncols=4, loc="lower left", bbox_to_anchor=(0, 1.0))
    title = words(f"figure.ltv_movement.title.{finding.key.split('.')[2]}", **finding.values)
    return charts.finish(figure, title=title, **_rest(words, "ltv_movement", "y", **finding.values))


def channels(table: pd.DataFrame, *, words: Words, finding: Finding, as_of: date) -> Figure:
    """Value over cost of winning a customer, by channel. `table` is `findings.channels(...)`."""
    figure, ax = charts.canvas(0.42 * len(table) + 1.0)
    place = np.arange(len(table))
    ax.barh(place, table.ltv_to_cac, height=0.6, color=SAID)
    charts.label_bars(ax, [words.format(ratio, "num1") for ratio in table.ltv_to_cac])
    ax.axvline(1, color=charts.HIGHLIGHT, linewidth=1.4)
    ax.set_yticks(place, [words.name("channel", name) for name in table.channel], color=charts.INK)
    ax.invert_yaxis()
    return charts.finish(figure, **_texts(words, "ltv_channels", "x", as_of=as_of, **finding.values))


def _alive_after(model, found, one, days):
    x, t_x = (np.full(len(days), column[one.place]) for column in (found.x, found.t_x))
    return model.p_alive(x, t_x, t_x + found.units(days))


def _pairs(ax, words, key, place, said, came):
    """Bars side by side: forecast and actual, named in a legend."""
    place = np.asarray(place)
    for shift, values, colour in ((-0.2, said, SAID), (0.2, came, CAME)):
        ax.bar(place + shift, values, width=0.38, color=colour)
    ax.set_xticks(place)
    _legend(ax, words, key, (SAID, CAME), "best")


def _legend(ax, words, key, colours, loc):
    _handles(ax, [words(f"figure.{key}.{name}") for name in ("said", "came")], colours, loc=loc)


def _handles(ax, names, colours, **options):
    from matplotlib.patches import Patch

    handles = [Patch(color=colour, label=name) for name, colour in zip(names, colours, strict=False)]
    ax.legend(handles=handles, **options)


def _cutoff(ax, table, words):
    if table.in_holdout.any():
        ax.axvline(table.week[~table.in_holdout].max() + 0.5, color=charts.SOFT, linewidth=1, linestyle="--")


def _texts(words: Words, key: str, axes: str, **values: Any) -> dict[str, str]:
    return {"title": words(f"figure.{key}.title", **values)} | _rest(words, key, axes, **values)


def _rest(words: Words, key: str, axes: str, **values: Any) -> dict[str, str]:
    return {part: words(f"figure.{key}.{part}", **values) for part in ("caption", *axes.split())}
