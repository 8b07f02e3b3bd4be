"""The figures of the room: each is one call, drawn once per language; its title states what was found."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from playbook.churn.horizon import Horizon
from playbook.churn.messages import Z
from playbook.churn.model.comparison import Comparison
from playbook.churn.model.estimators import PLAIN
from playbook.churn.model.metrics import calibration_curve
from playbook.churn.model.profit import profit_curve
from playbook.report import charts
from playbook.report.message import Message
from playbook.report.text import Words

MODEL, RULE = charts.COLOURS[0], charts.SOFT
#: Levels of risk from the highest to the lowest, told apart in grey as well.
RISKS = ("#c8500a", "#eda13c", "#cfd5de")
BEST, OTHERS = charts.TIERS["high_value"], charts.COLOURS[1]
MOST_SIGNALS = 10


def reactivation(silences: Horizon, *, words: Words, message: Message, as_of: date) -> Figure:
    """How many of those called gone come back within a year, by the silence after which they are called so."""
    figure, ax = charts.canvas(3.2)
    ax.plot(silences.reactivation.horizon_days, silences.reactivation.rate, color=MODEL)
    ax.axhline(message.values["allowed"], color=charts.SOFT, linewidth=1, linestyle=":")
    ax.set_ylim(0, 1.02)
    marks = [("used", silences.used, charts.HIGHLIGHT, 0.97)]
    if silences.by_reactivation and silences.by_reactivation != silences.used:
        marks.append(("proposed", silences.by_reactivation, MODEL, 0.85))
    for name, days, colour, height in marks:
        ax.axvline(days, color=colour, linewidth=1.4)
        right = days > np.mean(ax.get_xlim())
        place = {"xytext": (-6 if right else 6, 0), "textcoords": "offset points", "ha": "right" if right else "left"}
        ax.annotate(
            words(f"figure.churn_reactivation.{name}", days=days), (days, height), color=colour, va="top", **place
        )
    _percent(ax, words, "y")
    charts.ticks(ax, "x", words, "int")
    title = f"churn_reactivation.title.{message.key.split('.')[-1]}"
    return _finish(figure, words, message, "churn_reactivation", "x y", title, as_of=as_of)


def models(comparison: Comparison, *, words: Words, message: Message) -> Figure:
    """How much better than the plain rule each model ranked on the test, with its interval."""
    rows = comparison.table.set_index("model").drop(index=PLAIN).iloc[::-1]
    figure, ax = charts.canvas(0.5 * len(rows) + 1.0)
    place = np.arange(len(rows))
    colours = [MODEL if name == comparison.chosen else charts.REST for name in rows.index]
    ax.hlines(place, rows.auc_low, rows.auc_high, color=colours, linewidth=5, alpha=0.6)
    ax.scatter(rows.auc_gain, place, color=colours, s=50, zorder=3)
    ax.axvline(0, color=charts.HIGHLIGHT, linewidth=1.4)
    for at, row in zip(place, rows.itertuples(), strict=True):
        label = words("figure.churn_models.auc", auc=row.auc)
        ax.annotate(label, (row.auc_high, at), (8, 0), textcoords="offset points", va="center")
    ax.set_yticks(place, [words.format(name, "churn_model") for name in rows.index], color=charts.INK)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.margins(x=0.2)
    ax.grid(True, axis="x")
    ax.grid(False, axis="y")
    charts.ticks(ax, "x", words, "num2")
    return _finish(figure, words, message, "churn_models", "x", f"churn_models.title.{comparison.reason}")


def calibration(comparison: Comparison, *, words: Words, message: Message, horizon: int) -> Figure:
    """What the model in use said of ten groups of customers, and how many of each then left."""
    figure, ax = charts.canvas(3.6)
    expected, left, size = calibration_curve(comparison.counts(comparison.chosen))
    error = Z * np.sqrt(np.maximum(left * (1 - left), 1e-9) / size)
    ax.plot([0, 1], [0, 1], color=charts.SOFT, linewidth=1, linestyle="--")
    ax.vlines(expected, np.maximum(left - error, 0), np.minimum(left + error, 1), color=MODEL, linewidth=1.2)
    ax.plot(expected, left, "o", color=MODEL, markersize=7)
    ax.set_xlim(0, 1.02)
    ax.set_ylim(0, 1.02)
    line = words("figure.churn_calibration.line")
    ax.annotate(line, (0.62, 0.62), (8, -12), textcoords="offset points", color=charts.SOFT)
    _percent(ax, words, "x", "y")
    days = {"test": comparison.origin, "horizon": horizon}
    return _finish(figure, words, message, "churn_calibration", "x y", **days)


def profit(comparison: Comparison, *, words: Words, message: Message) -> Figure:
    """Profit of an offer by the share of customers contacted, the riskiest first."""
    figure, ax = charts.canvas(3.3)
    looks = {PLAIN: {}, comparison.chosen: {"color": MODEL, "linewidth": 2}}
    looks[PLAIN] = {"color": RULE, "linewidth": 1.4}
    for name, look in looks.items():
        curve = profit_curve(*comparison.counts(name), comparison.costs)
        ax.plot(curve.share, curve.profit, **look)
    charts.label_lines(ax, [words.format(name, "churn_model") for name in looks])
    ax.axhline(0, color=charts.SOFT, linewidth=0.8)
    charts.ticks(ax, "y", words, "money")
    _percent(ax, words, "x")
    kind, addition = message.key.split(".")[-1], ""
    if kind != "none":
        ax.axvline(message.values["share"], color=charts.HIGHLIGHT, linewidth=1.2, linestyle="--")
        addition = words("figure.churn_profit.caption.reach")
    texts = {"title": f"churn_profit.title.{kind}", "addition": addition, "test": comparison.origin}
    return _finish(figure, words, message, "churn_profit", "x y", **texts)


def levels(table: pd.DataFrame, *, words: Words, message: Message, as_of: date, keys: list[str]) -> Figure:
    """Levels of risk by tier. `table` is `report_tables.by_tier(...)`, `keys` the levels from the highest."""
    figure, ax = charts.canvas(0.46 * len(table) + 1.1)
    place, start = np.arange(len(table)), np.zeros(len(table))
    colours = _shades(len(keys))
    for key, colour in zip(keys, colours, strict=True):
        share = table[key].to_numpy(float)
        ax.barh(place, share, left=start, height=0.66, color=colour)
        ink = "white" if colour == RISKS[0] else charts.INK
        for at in np.flatnonzero(share >= 0.06):
            text = words.format(share[at], "pct0")
            ax.text(start[at] + share[at] / 2, at, text, ha="center", va="center", color=ink)
        start = start + share
    names = [f"{words.tier(row.tier)}  ({words.format(row.customers, 'int')})" for row in table.itertuples()]
    ax.set_yticks(place, names, color=charts.INK)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.grid(False)
    _legend(ax, [words.format(key, "risk") for key in keys], colours)
    _percent(ax, words, "x")
    title = f"churn_levels.title{_none(message)}"
    return _finish(figure, words, message, "churn_levels", "x", title, as_of=as_of)


def preceding(
    indicators: pd.DataFrame, *, words: Words, message: Message, tier: str | None, day: date, days: int
) -> Figure:
    """Signals seen beforehand: how much more often of leavers than of stayers, for the best tier and the others."""
    shown = _largest(indicators)
    figure, ax = charts.canvas(0.42 * len(shown) + 1.1)
    place, others = np.arange(len(shown)), ("others", words("figure.churn_preceding.others"), OTHERS, 0.15)
    drawn = [("high_value", words.tier(tier), BEST, -0.15), others] if tier else [others]
    drawn = [group for group in drawn if group is others or (indicators.group == group[0]).any()]
    for group, _, colour, shift in drawn:
        rows = indicators[indicators.group == group].set_index("signal").reindex(shown)
        at = place + (shift if len(drawn) > 1 else 0)
        ax.hlines(at, rows.low, rows.high, color=colour, linewidth=3, alpha=0.45)
        ax.plot(rows.difference, at, "o", color=colour, markersize=6)
    ax.axvline(0, color=charts.SOFT, linewidth=1)
    ax.set_yticks(place, [_capital(words.format(key, "signal")) for key in shown], color=charts.INK)
    ax.invert_yaxis()
    ax.grid(True, axis="x")
    if len(drawn) > 1:
        _legend(ax, [name for _, name, *_ in drawn], [colour for *_, colour, _ in drawn])
    charts.ticks(ax, "x", words, "points")
    title = f"churn_preceding.title{_none(message)}"
    return _finish(figure, words, message, "churn_preceding", "x", title, day=day, days=days)


def bought_again(curves: pd.DataFrame, *, words: Words, message: Message, as_of: date, profile) -> Figure:
    """Share of each tier that has not bought again, by days since a month-end."""
    figure, ax = charts.canvas(3.6)
    tiers = [key for key in profile.tiers if (curves.group == key).any()]
    for key, colour in zip(tiers, charts.tier_colours(tiers), strict=True):
        rows = curves[curves.group == key].astype({"survival": float, "low": float, "high": float})
        ax.step([0.0, *rows.duration], [1.0, *rows.survival], where="post", color=colour)
        ax.fill_between(rows.duration, rows.low, rows.high, step="post", color=colour, alpha=0.12)
    charts.label_lines(ax, [words.tier(key) for key in tiers])
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, None)
    _percent(ax, words, "y")
    charts.ticks(ax, "x", words, "int")
    return _finish(figure, words, message, "churn_again", "x y", as_of=as_of)


def retained(rows: pd.DataFrame, *, words: Words, message: Message, as_of: date, days: int) -> Figure:
    """Share of each month's new customers who are still there at some ages."""
    figure, ax = charts.canvas(3.4)
    ages = sorted(rows.age.unique())
    for age, colour in zip(ages, charts.COLOURS, strict=False):
        part = rows[rows.age == age].sort_values("month")
        ax.fill_between(part.month, part.low, part.high, color=colour, alpha=0.13, linewidth=0)
        ax.plot(part.month, part.share, color=colour)
    _legend(ax, [words("figure.churn_stayed.age", days=int(age)) for age in ages], charts.COLOURS[: len(ages)])
    charts.months(ax, sorted(rows.month.unique()), words)
    ax.set_ylim(0, min(1.02, 1.1 * rows.high.max()))
    _percent(ax, words, "y")
    _, _, kind, *contract = message.key.split(".")
    key, title = "_".join(["churn_stayed", *contract]), f"churn_stayed.title.{kind}"
    return _finish(figure, words, message, key, "x y", title, as_of=as_of, days=days)


def _shades(count: int) -> list[str]:
    """As many colours as there are levels, from the alarming to the quiet."""
    if count == len(RISKS):
        return list(RISKS)
    import seaborn as sns

    return sns.blend_palette([RISKS[0], RISKS[1], RISKS[-1]], count).as_hex()


def _largest(indicators: pd.DataFrame) -> list[str]:
    """The signals whose share differs most in either group, at most so many; the largest rise of the others first."""
    most = indicators.assign(size=indicators.difference.abs())
    chosen = most.sort_values(["size", "signal"], ascending=[False, True]).signal.drop_duplicates().head(MOST_SIGNALS)
    rows = indicators[indicators.signal.isin(chosen)]
    order = rows.sort_values(["group", "difference", "signal"], ascending=[False, False, True])
    return order.signal.drop_duplicates().tolist()


def _legend(ax, names, colours) -> None:
    handles = [Patch(color=colour, label=name) for name, colour in zip(names, colours, strict=True)]
    ax.legend(handles=handles, ncols=len(names), loc="lower left", bbox_to_anchor=(0, 1.0))


def _percent(ax, words: Words, *axes: str) -> None:
    for axis in axes:
        charts.ticks(ax, axis, words, "pct0")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _none(message: Message) -> str:
    return ".none" if message.key.split(".")[-1] == "none" else ""


def _finish(
    figure: Figure, words: Words, message: Message, key: str, parts: str, title: str = "", addition: str = "", **values
) -> Figure:
    """Title, caption (with an addition) and axes of a figure from `text/`, with the values of its message and more."""
    values = dict(message.values) | {"n": message.n} | values
    texts = _texts(words, key, parts, **values)
    texts["caption"] += addition
    return charts.finish(figure, title=_capital(words(f"figure.{title or f'{key}.title'}", **values)), **texts)


def _texts(words: Words, key: str, parts: str, **values) -> dict[str, str]:
    """The caption and further parts of a figure's texts."""
    return {part: words(f"figure.{key}.{part}", **values) for part in ("caption", *parts.split())}
