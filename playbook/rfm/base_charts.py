"""Figures of the customer base and of the review: each is one call, drawn once per language."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from playbook.report import charts
from playbook.report.text import Words, formats
from playbook.rfm.charts import _heatmap, _rest
from playbook.rfm.findings import Finding

#: Cohorts older than this would make the figure unreadable.
MOST_COHORTS = 12


def frozen_or_recut(shares: pd.DataFrame, *, words: Words, finding: Finding, as_of: date) -> Figure:
    """One tier's share at each month-end, with frozen cuts and with cuts made anew: `cut_both_ways(...)`, and what was
    found of it."""
    figure, ax = charts.canvas(3.0)
    course = shares[shares["tier"] == finding.values["tier"]].set_index("as_of")
    days = pd.to_datetime(course.index)
    for column, colour in (("frozen", charts.COLOURS[0]), ("recut", charts.SOFT)):
        ax.plot(days, course[column], color=colour, marker="o", markersize=3)
    ax.set_ylim(0, None)
    charts.label_lines(ax, [words(f"figure.rfm_recut.{column}") for column in ("frozen", "recut")])
    ax.set_xticks(days[::-3], [words.format(day, "short_month") for day in days[::-3]])
    charts.ticks(ax, "y", words, "pct0")
    title = words("figure.rfm_recut.title", **finding.values)
    return charts.finish(figure, title=title, **_rest(words, "rfm_recut", "y", as_of=as_of))


def cohort_grid(cohorts: pd.DataFrame, *, words: Words, as_of: date) -> Figure:
    """Who came back: the share of each month's new customers who bought in the months after. `rfm.cohorts(...)`."""
    wide = cohorts.pivot(index="cohort", columns="months_since", values="share").tail(MOST_COHORTS)
    later = wide.loc[:, (wide.columns > 0) & (wide.columns <= MOST_COHORTS)].dropna(how="all").dropna(axis=1, how="all")
    share = _next_month(cohorts[cohorts["cohort"].isin(later.index)])
    later.index = [words.format(month, "short_month") for month in later.index]
    figure, ax = charts.canvas(0.3 * len(later) + 1.0)
    known = later.columns.to_numpy() <= later.notna().sum(axis=1).to_numpy()[:, None]
    shares = later.where(later.notna(), np.where(known, 0.0, np.nan))
    texts = shares.map(lambda share: "" if pd.isna(share) else formats.share(share, 0))
    _heatmap(ax, shares, texts, Normalize(*_between(shares)))
    title = words("figure.rfm_cohorts.title", share=share)
    return charts.finish(figure, title=title, **_rest(words, "rfm_cohorts", "x y", as_of=as_of))


def _next_month(cohorts: pd.DataFrame) -> float:
    """The share of all these customers who bought in the month after their first; the last month has none yet."""
    sizes = cohorts.groupby("cohort")["customers"].first()
    return float(cohorts.loc[cohorts["months_since"] == 1, "buyers"].sum() / sizes.sum())


def _between(shares: pd.DataFrame) -> tuple[float, float]:
    """Where the scale of colours begins and ends: the values lie close together, far above nothing."""
    low, high = np.nanmin(shares.to_numpy()), np.nanmax(shares.to_numpy())
    return (low, high) if high > low else (0.0, max(high, 1e-9))


def new_or_returning(months: pd.DataFrame, *, words: Words, finding: Finding, as_of: date) -> Figure:
    """Revenue by month, split into first-time and returning buyers: `rfm.new_and_returning(...)`, and what was found
    of it."""
    figure, ax = charts.canvas(3.0)
    place, returning = np.arange(len(months)), months["returning_revenue"].astype(float)
    new = months["new_revenue"].astype(float)
    ax.bar(place, returning, width=0.8, color=charts.COLOURS[0], label=words("figure.rfm_returning.returning"))
    ax.bar(place, new, bottom=returning, width=0.8, color=charts.COLOURS[1], label=words("figure.rfm_returning.new"))
    step = max(len(months) // 7, 1)
    ax.set_xticks(place[::step], [words.format(month, "short_month") for month in months["month"][::step]])
    ax.legend(loc="upper left", ncols=2, bbox_to_anchor=(0, 1.14), borderaxespad=0)
    charts.ticks(ax, "y", words, "money")
    title = words("figure.rfm_returning.title", **finding.values)
    return charts.finish(figure, title=title, **_rest(words, "rfm_returning", "y", as_of=as_of))
