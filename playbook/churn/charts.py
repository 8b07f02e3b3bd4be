"""The figures of the room: each is one call, drawn once per language; its title states what was found."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from playbook.churn.accuracy import calibration_curve
from playbook.churn.build import Room
from playbook.churn.comparison import PLAIN
from playbook.churn.profit import profit_curve
from playbook.report import charts
from playbook.report.text import Words
from playbook.rfm.findings import Finding

MODEL, RULE = charts.COLOURS[0], charts.SOFT
#: Levels of risk from the highest to the lowest, told apart in grey as well.
RISKS = ("#c8500a", "#eda13c", "#cfd5de")
BEST, OTHERS = charts.TIERS["high_value"], charts.COLOURS[1]
MOST_SIGNALS = 10


def regret(room: Room, *, words: Words, finding: Finding, as_of: date, allowed: float) -> Figure:
    """How many of those called gone come back within a year, by the silence after which they are called so."""
    figure, ax = charts.canvas(3.2)
    table = room.horizon.regret
    ax.plot(table.horizon_days, table.regret, color=MODEL)
    ax.axhline(allowed, color=charts.SOFT, linewidth=1, linestyle=":")
    ax.set_ylim(0, 1.02)
    marks = {"used": (room.horizon.used, charts.HIGHLIGHT), "proposed": (room.horizon.by_regret, MODEL)}
    for name, (days, colour) in marks.items():
        if days and (name == "used" or days != room.horizon.used):
            _upright(
                ax, days, words(f"figure.churn_regret.{name}", days=days), colour, 0.97 if name == "used" else 0.85
            )
    charts.ticks(ax, "y", words, "pct0"), charts.ticks(ax, "x", words, "int")
    title = words(f"figure.churn_regret.title.{finding.key.split('.')[-1]}", **finding.values)
    said = _rest(words, "churn_regret", "x y", as_of=as_of, n=finding.n, allowed=allowed)
    return charts.finish(figure, title=title, **said)


def models(room: Room, *, words: Words, finding: Finding) -> Figure:
    """How much better than the plain rule each model ranked on the test, with its interval."""
    table = room.comparison.table.set_index("model")
    rows = table.drop(index=PLAIN).iloc[::-1]
    figure, ax = charts.canvas(0.5 * len(rows) + 1.0)
    place = np.arange(len(rows))
    colours = [MODEL if name == room.chosen else charts.REST for name in rows.index]
    ax.hlines(place, rows.auc_low, rows.auc_high, color=colours, linewidth=5, alpha=0.6)
    ax.scatter(rows.auc_gain, place, color=colours, s=50, zorder=3)
    ax.axvline(0, color=charts.HIGHLIGHT, linewidth=1.4)
    for at, auc in zip(place, rows.auc, strict=True):
        label = words("figure.churn_models.auc", auc=auc)
        ax.annotate(label, (rows.auc_high.iloc[at], at), (8, 0), textcoords="offset points", va="center")
    ax.set_yticks(place, [words.format(name, "churn_model") for name in rows.index], color=charts.INK)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.margins(x=0.2)
    ax.grid(True, axis="x"), ax.grid(False, axis="y")
    charts.ticks(ax, "x", words, "num2")
    title = words(f"figure.churn_models.title.{room.comparison.reason}", **finding.values)
    said = _rest(words, "churn_models", "x", n=finding.n, **finding.values)
    return charts.finish(figure, title=title, **said)


def calibration(room: Room, *, words: Words, finding: Finding) -> Figure:
    """What the model in use said of ten groups of customers, and how many of each then left."""
    figure, ax = charts.canvas(3.6)
    said, came, size = calibration_curve(room.comparison.tally(room.chosen))
    error = 1.645 * np.sqrt(np.maximum(came * (1 - came), 1e-9) / size)
    ax.plot([0, 1], [0, 1], color=charts.SOFT, linewidth=1, linestyle="--")
    ax.vlines(said, np.maximum(came - error, 0), np.minimum(came + error, 1), color=MODEL, linewidth=1.2)
    ax.plot(said, came, "o", color=MODEL, markersize=7)
    ax.set_xlim(0, 1.02), ax.set_ylim(0, 1.02)
    ax.annotate(
        words("figure.churn_calibration.line"), (0.62, 0.62), (8, -12), textcoords="offset points", color=charts.SOFT
    )
    charts.ticks(ax, "y", words, "pct0"), charts.ticks(ax, "x", words, "pct0")
    values = finding.values | {"test": room.origins[-1], "n": finding.n, "horizon": room.definition.sight.horizon_days}
    return charts.finish(figure, **_texts(words, "churn_calibration", "x y", **values))


def profit(room: Room, *, words: Words, finding: Finding) -> Figure:
    """Profit of an offer by the share of customers contacted, the riskiest first."""
    figure, ax = charts.canvas(3.3)
    names = [PLAIN] if room.chosen == PLAIN else [PLAIN, room.chosen]
    for name in names:
        curve = profit_curve(*room.comparison.tally(name), room.costs)
        ax.plot(
            curve.share, curve.profit, color=RULE if name == PLAIN else MODEL, linewidth=1.4 if name == PLAIN else 2
        )
    charts.label_lines(ax, [words.format(name, "churn_model") for name in names])
    ax.axhline(0, color=charts.SOFT, linewidth=0.8)
    if not finding.key.endswith("none"):
        ax.axvline(finding.values["share"], color=charts.HIGHLIGHT, linewidth=1.2, linestyle="--")
    charts.ticks(ax, "y", words, "money"), charts.ticks(ax, "x", words, "pct0")
    title = words(f"figure.churn_profit.title.{finding.key.split('.')[-1]}", **finding.values)
    said = _rest(words, "churn_profit", "x y", test=room.origins[-1], n=finding.n, **finding.values)
    if not finding.key.endswith("none"):
        said["caption"] += words("figure.churn_profit.caption.reach")
    return charts.finish(figure, title=title, **said)


def levels(table: pd.DataFrame, *, words: Words, finding: Finding, as_of: date, keys: list[str]) -> Figure:
    """Levels of risk by tier. `table` is `story.by_tier(...)`, `keys` the levels from the highest."""
    figure, ax = charts.canvas(0.46 * len(table) + 1.1)
    place, start = np.arange(len(table)), np.zeros(len(table))
    colours = _shades(len(keys))
    for key, colour in zip(keys, colours, strict=True):
        share = table[key].to_numpy(float)
        ax.barh(place, share, left=start, height=0.66, color=colour)
        _inside(ax, words, place, start, share, colour)
        start = start + share
    names = [f"{words.tier(row.tier)}  ({words.format(row.customers, 'int')})" for row in table.itertuples()]
    ax.set_yticks(place, names, color=charts.INK)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.grid(False)
    _legend(ax, [words.format(key, "risk") for key in keys], colours)
    charts.ticks(ax, "x", words, "pct0")
    title = words(f"figure.churn_levels.title{'.none' if finding.key.endswith('none') else ''}", **finding.values)
    return charts.finish(figure, title=title, **_rest(words, "churn_levels", "x", as_of=as_of, **finding.values))


def preceding(table: pd.DataFrame, *, words: Words, finding: Finding, tier: str | None, day: date, days: int) -> Figure:
    """Signals seen beforehand: how much more often of leavers than of stayers, for the best tier and the others."""
    shown = _largest(table)
    figure, ax = charts.canvas(0.42 * len(shown) + 1.1)
    place, groups = np.arange(len(shown)), [("high_value", BEST, -0.15), ("others", OTHERS, 0.15)]
    drawn = [group for group in groups if group[0] == "others" or (tier and (table.group == group[0]).any())]
    for group, colour, shift in drawn:
        rows = table[table.group == group].set_index("signal").reindex(shown)
        at = place + (shift if len(drawn) > 1 else 0)
        ax.hlines(at, rows.low, rows.high, color=colour, linewidth=3, alpha=0.45)
        ax.plot(rows.difference, at, "o", color=colour, markersize=6)
    ax.axvline(0, color=charts.SOFT, linewidth=1)
    ax.set_yticks(place, [_capital(words.format(key, "signal")) for key in shown], color=charts.INK)
    ax.invert_yaxis()
    ax.grid(True, axis="x")
    names = {"high_value": words.tier(tier) if tier else "", "others": words("figure.churn_preceding.others")}
    if len(drawn) > 1:
        _legend(ax, [names[group] for group, *_ in drawn], [colour for _, colour, _ in drawn])
    charts.ticks(ax, "x", words, "points")
    kind = ".none" if finding.key.endswith("none") else ""
    title = _capital(words(f"figure.churn_preceding.title{kind}", **finding.values))
    return charts.finish(figure, title=title, **_rest(words, "churn_preceding", "x", day=day, days=days, n=finding.n))


def bought_again(curves: pd.DataFrame, *, words: Words, finding: Finding, as_of: date, profile) -> Figure:
    """Share of each tier that has not bought again, by days since a month-end."""
    figure, ax = charts.canvas(3.6)
    tiers = [key for key in profile.tiers if (curves.group == key).any()]
    for key, colour in zip(tiers, charts.tier_colours(tiers), strict=True):
        _steps(ax, curves[curves.group == key], colour)
    charts.label_lines(ax, [words.tier(key) for key in tiers])
    ax.set_ylim(0, 1.02), ax.set_xlim(0, None)
    charts.ticks(ax, "y", words, "pct0"), charts.ticks(ax, "x", words, "int")
    return charts.finish(figure, **_texts(words, "churn_again", "x y", as_of=as_of, n=finding.n, **finding.values))


def still_there(rows: pd.DataFrame, *, words: Words, finding: Finding, as_of: date, days: int) -> Figure:
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
    charts.ticks(ax, "y", words, "pct0")
    _, _, kind, *contract = finding.key.split(".")
    title, name = words(f"figure.churn_stayed.title.{kind}"), "churn_stayed_contract" if contract else "churn_stayed"
    return charts.finish(figure, title=title, **_rest(words, name, "x y", as_of=as_of, days=days, n=finding.n))


def _upright(ax, days, text, colour, height):
    ax.axvline(days, color=colour, linewidth=1.4)
    right = days > np.mean(ax.get_xlim())
    options = {"ha": "right" if right else "left", "color": colour, "va": "top"}
    ax.annotate(text, (days, height), (-6 if right else 6, 0), textcoords="offset points", **options)


def _shades(count: int) -> list[str]:
    """As many colours as there are levels, from the alarming to the quiet."""
    if count == len(RISKS):
        return list(RISKS)
    import seaborn as sns

    return sns.blend_palette([RISKS[0], RISKS[1], RISKS[-1]], count).as_hex()


def _inside(ax, words, place, start, share, colour):
    """The share written into each part of a bar that has room for it."""
    ink = "white" if colour == RISKS[0] else charts.INK
    for at, left, width in zip(place, start, share, strict=True):
        if width >= 0.06:
            ax.text(left + width / 2, at, words.format(width, "pct0"), ha="center", va="center", color=ink)


def _largest(table: pd.DataFrame) -> list[str]:
    """The signals whose share differs most in either group, at most so many; the largest rise of the others first."""
    most = table.assign(size=table.difference.abs()).sort_values(["size", "signal"], ascending=[False, True])
    chosen = most.signal.drop_duplicates().head(MOST_SIGNALS)
    order = table[table.signal.isin(chosen)].sort_values(
        ["group", "difference", "signal"], ascending=[False, False, True]
    )
    return order.signal.drop_duplicates().tolist()


def _steps(ax, rows, colour):
    days, share = np.concatenate([[0.0], rows.days]), np.concatenate([[1.0], rows.share.astype(float)])
    ax.step(days, share, where="post", color=colour)
    ax.fill_between(rows.days, rows.low.astype(float), rows.high.astype(float), step="post", color=colour, alpha=0.12)


def _legend(ax, names, colours):
    from matplotlib.patches import Patch

    handles = [Patch(color=colour, label=name) for name, colour in zip(names, colours, strict=True)]
    ax.legend(handles=handles, ncols=len(names), loc="lower left", bbox_to_anchor=(0, 1.0))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _texts(words: Words, key: str, axes: str, **values) -> dict[str, str]:
    return {"title": words(f"figure.{key}.title", **values)} | _rest(words, key, axes, **values)


def _rest(words: Words, key: str, axes: str, **values) -> dict[str, str]:
    return {part: words(f"figure.{key}.{part}", **values) for part in ("caption", *axes.split())}
