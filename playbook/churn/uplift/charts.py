"""Figures on past winback campaigns: what each did, and whether a score finds those who come back because of it."""

from datetime import date

import numpy as np
from matplotlib.figure import Figure

from playbook.churn.charts import MODEL, _texts
from playbook.churn.uplift.build import WinbackResult
from playbook.churn.uplift.campaign_effects import RANDOM
from playbook.churn.uplift.campaigns import CampaignSpec
from playbook.report import charts
from playbook.report.message import Message
from playbook.report.text import Words
from playbook.stats.qini import qini_band, qini_curve


def campaigns(result: WinbackResult, *, words: Words, message: Message, spec: CampaignSpec, as_of: date) -> Figure:
    """The effect of each random campaign on the lapsed, with its interval, and of all of one arm together."""
    rows = result.campaigns[result.campaigns["verdict"] == RANDOM]
    label = "one" if rows["arm"].nunique() > 1 else "campaign"
    names = [words(f"figure.churn_winback.{label}", campaign=row.campaign, arm=row.arm) for row in rows.itertuples()]
    effects = rows[["effect", "low", "high"]].to_numpy(float)
    if len(rows) > 1:
        mean = result.main_arm.returns
        names.append(words(f"figure.churn_winback.all.{label}", arm=result.main_arm.arm))
        effects = np.vstack([effects, (mean.effect, mean.low, mean.high)])
    effect, low, high = effects.T
    place = np.arange(len(names))
    colours = [*[charts.SOFT] * (len(names) - 1), MODEL]
    figure, ax = charts.canvas(0.5 * len(names) + 0.9)
    ax.hlines(place, low, high, color=colours, linewidth=5, alpha=0.5)
    ax.scatter(effect, place, color=colours, s=49, zorder=3)
    ax.axvline(0, color=charts.HIGHLIGHT, linewidth=1.4)
    ax.set_yticks(place, names, color=charts.INK)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(True, axis="x")
    ax.grid(False, axis="y")
    charts.ticks(ax, "x", words, "points")
    title = words(f"figure.churn_winback.title.{'.'.join(message.key.split('.')[2:])}", **message.values)
    values = {"as_of": as_of, "days": spec.horizon_days, "lapsed": spec.lapsed_days, "n": message.n}
    return charts.finish(figure, title=title, **_texts(words, "churn_winback", "x", **values))


def qini(result: WinbackResult, *, words: Words, message: Message) -> Figure:
    """Returns gained by the share of the audience contacted, the best-scored first, against a random order."""
    score, rows = result.model.scores[result.model.chosen], result.model.outcomes
    curve, grid = qini_curve(score, rows), np.linspace(0, 1, 41)
    low, high = qini_band(score, rows, grid)
    end = curve.gain[-1]
    figure, ax = charts.canvas(3.4)
    ax.fill_between(grid, low, high, color=MODEL, alpha=0.13, linewidth=0)
    ax.plot([0, 1], [0, end], color=charts.SOFT, linewidth=1.2, linestyle="--")
    ax.plot(curve.share, curve.gain, color=MODEL)
    for name, place, shift, side, colour in (
        ("learned", (0.35, np.interp(0.35, *curve)), (-8, 10), "right", MODEL),
        ("lot", (0.65, 0.65 * end), (8, -14), "left", charts.SOFT),
    ):
        label = words(f"figure.churn_qini.{name}")
        ax.annotate(label, place, shift, textcoords="offset points", color=colour, ha=side)
    ax.axhline(0, color=charts.SOFT, linewidth=0.8)
    charts.ticks(ax, "y", words, "points")
    charts.ticks(ax, "x", words, "pct0")
    title = words(f"figure.churn_qini.title.{message.key.split('.')[-1]}", **message.values)
    return charts.finish(figure, title=title, **_texts(words, "churn_qini", "x y", n=message.n, **message.values))
