"""The figures of the room: each is one call, drawn once per language; its title states what was found."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap, Normalize, PowerNorm
from matplotlib.figure import Figure

from playbook.report import charts
from playbook.report.text import Words, formats
from playbook.rfm.base import Spend
from playbook.rfm.concentration import Concentration
from playbook.rfm.cuts import Cuts
from playbook.rfm.findings import Finding

#: Where the axis of the spend distribution ends: the few largest buyers share the last bar.
SHOWN = 0.97
BARS = 30
MARKED = 0.08
#: More lines than this hide one another; then each has a panel, so many side by side.
MOST_LINES, PANELS = 6, 3


def spend_distribution(buyers: pd.DataFrame, *, words: Words, found: Spend, as_of: date, days: int) -> Figure:
    """How many buyers spent how much, with the mean and the median. `buyers` has one row per buyer with `monetary`."""
    figure, ax = charts.canvas(3.2)
    spend = buyers["monetary"].astype(float)
    limit = float(spend.quantile(SHOWN)) or 1.0
    sns.histplot(x=spend.clip(0, limit), bins=BARS, binrange=(0, limit), color=charts.REST, ax=ax)
    _mark(ax, found.median, words("figure.rfm_spend.median", value=found.median), charts.COLOURS[0], 0.98)
    _mark(ax, found.mean, words("figure.rfm_spend.mean", value=found.mean), charts.HIGHLIGHT, 0.84)
    charts.ticks(ax, "x", words, "money"), charts.ticks(ax, "y", words, "int")
    ax.grid(axis="x", visible=False)
    said = {"limit": limit, "as_of": as_of, "n": found.buyers}
    return charts.finish(figure, **_texts(words, "rfm_spend", "x y", below=found.below_mean, days=days, **said))


def lorenz(curve: pd.DataFrame, *, words: Words, found: Concentration, as_of: date) -> Figure:
    """The Lorenz curve against equality, with the part that the top 8 % bring."""
    figure, ax = charts.canvas(4.0)
    x, y = [0, *curve["customers_share"]], [0, *curve["revenue_share"]]
    ax.plot([0, 1], [0, 1], color=charts.SOFT, linewidth=1, linestyle="--")
    ax.plot(x, y, color=charts.COLOURS[0])
    ax.fill_between(x, y, x, color=charts.COLOURS[0], alpha=0.08)
    ax.text(0.47, 0.5, words("figure.rfm_lorenz.equal"), ha="right", va="bottom", color=charts.SOFT)
    _bracket(ax, found.top[MARKED], words)
    ax.set(xlim=(0, 1), ylim=(min(0, *y), 1.02))
    charts.ticks(ax, "x", words, "pct0"), charts.ticks(ax, "y", words, "pct0")
    said = {"share": found.top[MARKED], "gini": found.gini, "as_of": as_of, "n": found.buyers}
    return charts.finish(figure, **_texts(words, "rfm_lorenz", "x y", top=MARKED, **said))


def tier_map(table: pd.DataFrame, *, words: Words, finding: Finding, as_of: date, days: int) -> Figure:
    """Share of customers against share of revenue, tier by tier. `table` is `rfm.tier_profile(...)`."""
    shown = table[table["customers_share"].notna() & (table["customers"] > 0)]
    figure, ax = charts.canvas(0.62 * len(shown) + 0.9)
    place, colours = np.arange(len(shown)), charts.tier_colours(list(shown["tier"]))
    for shift, column, colour in ((-0.19, "customers_share", charts.REST), (0.19, "revenue_share", colours)):
        ax.barh(place + shift, shown[column].fillna(0), height=0.36, color=colour)
    charts.label_bars(ax, [words.pct(share) for column in _SHARES for share in shown[column]])
    ax.set_yticks(place, [words.tier(key) for key in shown["tier"]], color=charts.INK)
    ax.invert_yaxis()
    ax.set_xlim(left=min(0, shown["revenue_share"].min()))
    ax.grid(axis="y", visible=False)
    charts.ticks(ax, "x", words, "pct0")
    title = words(_title("rfm_tiers", finding), **finding.values)
    return charts.finish(figure, title=title, **_rest(words, "rfm_tiers", "x", as_of=as_of, days=days))


def score_grid(grid: pd.DataFrame, *, words: Words, as_of: date) -> Figure:
    """Customers by R and F score. `grid` is `rfm.score_grid(...)`."""
    figure, ax = charts.canvas(3.6)
    scores = range(1, 6)
    counts = grid.pivot(index="f_score", columns="r_score", values="customers").reindex(index=scores, columns=scores)
    counts = counts.fillna(0).astype(int).sort_index(ascending=False)
    _heatmap(ax, counts, counts.map(lambda n: words.number(n)))
    best = int(grid.loc[(grid["r_score"] >= 4) & (grid["f_score"] >= 4), "customers"].sum())
    share = best / max(int(grid["customers"].sum()), 1)
    return charts.finish(figure, **_texts(words, "rfm_scores", "x y", share=share, as_of=as_of))


def tier_history(shares: pd.DataFrame, *, words: Words, finding: Finding, cuts: Cuts) -> Figure:
    """The share of each tier at each month-end. `shares` is `rfm.tier_shares(...)`, `finding` what moved most, `cuts`
    the limits that all of them were made with. Many tiers stand in a panel each: their lines would hide one another."""
    wide = shares.pivot(index="as_of", columns="tier", values="customers_share").fillna(0)
    wide = wide[[tier for tier in words.profile.tiers if tier in wide]]
    wide.index = pd.to_datetime(wide.index)
    figure = _in_panels(wide, words) if wide.shape[1] > MOST_LINES else _as_lines(wide, words)
    key = "figure.rfm_history.caption"
    limits = words(f"{key}.profile") if cuts.origin == "profile" else words(key, origin=cuts.as_of)
    scales = words(f"{key}.panels") if wide.shape[1] > MOST_LINES else ""
    title = words(_title("rfm_history", finding), **finding.values)
    return charts.finish(figure, title=title, y=words("figure.rfm_history.y"), caption=limits + scales)


def _as_lines(wide: pd.DataFrame, words: Words) -> Figure:
    figure, ax = charts.canvas(3.8)
    for tier, colour in zip(wide, charts.tier_colours(list(wide)), strict=True):
        ax.plot(wide.index, wide[tier], color=colour, marker="o", markersize=3)
    ax.set_ylim(0, None)
    charts.label_lines(ax, [words.tier(tier) for tier in wide])
    ax.set_xticks(wide.index[::-3], [words.format(day, "short_month") for day in wide.index[::-3]])
    charts.ticks(ax, "y", words, "pct0")
    return figure


def _in_panels(wide: pd.DataFrame, words: Words) -> Figure:
    rows = -(-wide.shape[1] // PANELS)
    figure, axes = charts.canvas(1.45 * rows + 0.3, columns=PANELS, rows=rows, sharex=True)
    for ax, tier, colour in zip(axes.flat, wide, charts.tier_colours(list(wide)), strict=False):
        ax.plot(wide.index, wide[tier], color=colour)
        ax.set_title(f"{words.tier(tier)}  {words.pct(wide[tier].iloc[-1])}", fontsize=9, loc="left")
        ax.set_ylim(0, 1.15 * max(wide[tier].max(), 0.01))
        ax.set_xticks(wide.index[::-6], [words.format(day, "short_month") for day in wide.index[::-6]])
        charts.ticks(ax, "y", words, "pct")
    for ax in axes.flat[wide.shape[1] :]:
        ax.set_axis_off()
    return figure


def migration(moves: pd.DataFrame, *, words: Words, finding: Finding) -> Figure:
    """Where the customers of each tier went. `moves` is `rfm.migration(...)`."""
    tiers = [tier for tier in words.profile.tiers if tier in set(moves["tier"]) | set(moves["tier_before"])]
    figure, ax = charts.canvas(0.42 * len(tiers) + 1.1)
    wide = moves.pivot(index="tier_before", columns="tier", values="share").reindex(columns=tiers)
    wide = wide.loc[[tier for tier in tiers if tier in wide.index]].fillna(0.0)
    _heatmap(ax, wide, wide.map(lambda share: formats.share(share, 0) if share else ""))
    narrow = "\n" if len(tiers) > MOST_LINES else " "
    ax.set_xticklabels([words.tier(tier).replace(" ", narrow) for tier in wide.columns], rotation=0)
    ax.set_yticklabels([words.tier(tier) for tier in wide.index], rotation=0)
    return charts.finish(figure, **_texts(words, "rfm_migration", "x y", **finding.values))


_SHARES = ("customers_share", "revenue_share")
_BLUES = LinearSegmentedColormap.from_list("tiers", ["#ffffff", charts.TIERS["regular"], charts.TIERS["high_value"]])


def _texts(words: Words, key: str, axes: str, **values: Any) -> dict[str, str]:
    return {"title": words(f"figure.{key}.title", **values)} | _rest(words, key, axes, **values)


def _title(key: str, finding: Finding) -> str:
    """The title for what was found: `rfm.history.grew` -> `figure.rfm_history.title.grew`."""
    return ".".join(["figure", key, "title", *finding.key.split(".")[2:]])


def _rest(words: Words, key: str, axes: str, **values: Any) -> dict[str, str]:
    return {part: words(f"figure.{key}.{part}", **values) for part in ("caption", *axes.split())}


def _mark(ax, value: float, text: str, colour: str, height: float) -> None:
    ax.axvline(value, ymax=height, color=colour, linewidth=1.6)
    ax.annotate(text, (value, height), (5, 0), xycoords=("data", "axes fraction"), textcoords="offset points",
                va="top", color=colour)  # fmt: skip


def _bracket(ax, share: float, words: Words) -> None:
    """The step from the curve at 92 % of the buyers up to all of the revenue."""
    at = 1 - MARKED
    ax.plot([at, at], [1 - share, 1], color=charts.HIGHLIGHT, linewidth=2)
    text = words("figure.rfm_lorenz.marked", top=MARKED, share=share)
    ax.annotate(text, (at, 1 - share), (-8, 8), textcoords="offset points", ha="right", va="bottom",
                color=charts.HIGHLIGHT)  # fmt: skip


def _heatmap(ax, values: pd.DataFrame, texts: pd.DataFrame, norm: Normalize | None = None) -> None:
    """Cells in blue, their texts in them; without a `norm` the scale begins at nothing."""
    norm = norm or PowerNorm(0.5, vmin=0, vmax=max(np.nanmax(values.to_numpy()), 1e-9))
    sns.heatmap(values, annot=texts, fmt="", cmap=_BLUES, norm=norm, cbar=False, linewidths=1.5, ax=ax)
    ax.tick_params(axis="y", rotation=0)
    ax.grid(False)
