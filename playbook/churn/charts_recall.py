"""The figures on past recalls: what each did, and whether a score finds those who come back because of it."""

from datetime import date

import numpy as np
from matplotlib.figure import Figure

from playbook.churn.charts import MODEL, _rest
from playbook.churn.qini import band, curve
from playbook.churn.recall import Terms
from playbook.churn.uplift import Winback
from playbook.report import charts
from playbook.report.text import Words
from playbook.rfm.findings import Finding


def recalls(found: Winback, *, words: Words, finding: Finding, terms: Terms, as_of: date) -> Figure:
    """The effect of each random recall on the lapsed, with its interval, and of all of one arm together."""
    rows = found.campaigns[found.campaigns.verdict == "random"]
    mean = found.average.returns
    named = "one" if rows.arm.nunique() > 1 else "campaign"
    names = [words(f"figure.churn_recalls.{named}", campaign=row.campaign, arm=row.arm) for row in rows.itertuples()]
    spans = [(row.effect, row.low, row.high) for row in rows.itertuples()]
    if len(rows) > 1:
        names.append(words(f"figure.churn_recalls.all.{named}", arm=found.average.arm))
        spans.append((mean.effect, mean.low, mean.high))
    figure, ax = charts.canvas(0.5 * len(names) + 0.9)
    for at, (effect, low, high) in enumerate(spans):
        colour = MODEL if at == len(rows) or len(rows) == 1 else charts.SOFT
        ax.hlines(at, low, high, color=colour, linewidth=5, alpha=0.5)
        ax.plot([effect], [at], "o", color=colour, markersize=7)
    ax.axvline(0, color=charts.HIGHLIGHT, linewidth=1.4)
    ax.set_yticks(np.arange(len(names)), names, color=charts.INK)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(True, axis="x"), ax.grid(False, axis="y")
    charts.ticks(ax, "x", words, "points")
    title = words(f"figure.churn_recalls.title.{'.'.join(finding.key.split('.')[2:])}", **finding.values)
    values = {"as_of": as_of, "days": terms.horizon_days, "lapsed": terms.lapsed_days, "n": finding.n}
    return charts.finish(figure, title=title, **_rest(words, "churn_recalls", "x", **values))


def qini(found: Winback, *, words: Words, finding: Finding) -> Figure:
    """Returns gained by the share of the audience recalled, the best-scored first, against a draw by lot."""
    figure, ax = charts.canvas(3.4)
    learned = found.learned
    drawn, grid = curve(learned.scores[learned.chosen], learned.seen), np.linspace(0, 1, 41)
    low, high = band(learned.scores[learned.chosen], learned.seen, grid)
    ax.fill_between(grid, low, high, color=MODEL, alpha=0.13, linewidth=0)
    ax.plot([0, 1], [0, drawn.gain[-1]], color=charts.SOFT, linewidth=1.2, linestyle="--")
    ax.plot(drawn.share, drawn.gain, color=MODEL)
    at = {"learned": (0.35, np.interp(0.35, drawn.share, drawn.gain)), "lot": (0.65, 0.65 * drawn.gain[-1])}
    for name, place, shift, colour in (
        ("learned", at["learned"], (-8, 10), MODEL),
        ("lot", at["lot"], (8, -14), charts.SOFT),
    ):
        side = "right" if name == "learned" else "left"
        ax.annotate(words(f"figure.churn_qini.{name}"), place, shift, textcoords="offset points", color=colour, ha=side)
    ax.axhline(0, color=charts.SOFT, linewidth=0.8)
    charts.ticks(ax, "y", words, "points"), charts.ticks(ax, "x", words, "pct0")
    title = words(f"figure.churn_qini.title.{finding.key.split('.')[-1]}", **finding.values)
    return charts.finish(figure, title=title, **_rest(words, "churn_qini", "x y", n=finding.n, **finding.values))
