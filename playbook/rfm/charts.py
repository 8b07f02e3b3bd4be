"""The figures of the room: each is one call, drawn once per language; its title states what the message says."""

from datetime import date

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap, Normalize, PowerNorm
from matplotlib.figure import Figure

from playbook.report import charts
from playbook.report.message import Message
from playbook.report.text import Words, formats
from playbook.rfm.customer_base import Concentration, Spend
from playbook.rfm.cuts import Cuts

#: Where the axis of the spend distribution ends: the few largest buyers share the last bar.
SHOWN = 0.97
BARS = 30
MARKED = 0.08
#: More lines than this hide one another; then each has a panel, so many side by side.
MOST_LINES, PANELS = 6, 3
#: Cohorts older than this would make the figure unreadable.
MOST_COHORTS = 12
BLUES = LinearSegmentedColormap.from_list("tiers", ["#ffffff", charts.TIERS["regular"], charts.TIERS["high_value"]])


def spend_distribution(buyers: pd.DataFrame, *, words: Words, spend: Spend, as_of: date, days: int) -> Figure:
    """How many buyers spent how much, with the mean and the median. `buyers` has one row per buyer with `monetary`."""
    figure, ax = charts.canvas(3.2)
    amounts = buyers["monetary"].astype(float)
    limit = float(amounts.quantile(SHOWN)) or 1.0
    sns.histplot(x=amounts.clip(0, limit), bins=BARS, binrange=(0, limit), color=charts.REST, ax=ax)
    for name, colour, height in (("median", charts.COLOURS[0], 0.98), ("mean", charts.HIGHLIGHT, 0.84)):
        value = getattr(spend, name)
        ax.axvline(value, ymax=height, color=colour, linewidth=1.6)
        look = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "top", "color": colour}
        ax.annotate(words(f"figure.rfm_spend.{name}", value=value), (value, height), (5, 0), **look)
    charts.ticks(ax, "x", words, "money")
    charts.ticks(ax, "y", words, "int")
    ax.grid(axis="x", visible=False)
    values = {"below": spend.below_mean, "limit": limit, "n": spend.buyers}
    return charts.titled(figure, words, "rfm_spend", as_of=as_of, days=days, **values)


def lorenz(curve: pd.DataFrame, *, words: Words, concentration: Concentration, as_of: date) -> Figure:
    """The Lorenz curve against equality, with the part that the top 8 % bring. `curve` is `rfm.lorenz(...)`."""
    figure, ax = charts.canvas(4.0)
    x, y = [0, *curve["customers_share"]], [0, *curve["revenue_share"]]
    ax.plot([0, 1], [0, 1], color=charts.SOFT, linewidth=1, linestyle="--")
    ax.plot(x, y, color=charts.COLOURS[0])
    ax.fill_between(x, y, x, color=charts.COLOURS[0], alpha=0.08)
    ax.text(0.47, 0.5, words("figure.rfm_lorenz.equal"), ha="right", va="bottom", color=charts.SOFT)
    share, at = concentration.top[MARKED], 1 - MARKED
    ax.plot([at, at], [1 - share, 1], color=charts.HIGHLIGHT, linewidth=2)
    look = {"textcoords": "offset points", "ha": "right", "va": "bottom", "color": charts.HIGHLIGHT}
    ax.annotate(words("figure.rfm_lorenz.marked", top=MARKED, share=share), (at, 1 - share), (-8, 8), **look)
    ax.set(xlim=(0, 1), ylim=(min(0, *y), 1.02))
    charts.ticks(ax, "x", words, "pct0")
    charts.ticks(ax, "y", words, "pct0")
    values = {"top": MARKED, "share": share, "gini": concentration.gini, "n": concentration.buyers}
    return charts.titled(figure, words, "rfm_lorenz", as_of=as_of, **values)


def tier_map(table: pd.DataFrame, *, words: Words, message: Message, as_of: date, days: int) -> Figure:
    """Share of customers against share of revenue, tier by tier. `table` is `rfm.tier_profile(...)`."""
    shown = table[table["customers_share"].notna() & (table["customers"] > 0)]
    figure, ax = charts.canvas(0.62 * len(shown) + 0.9)
    place = np.arange(len(shown))
    bars = {"customers_share": (-0.19, charts.REST), "revenue_share": (0.19, charts.tier_colours(list(shown["tier"])))}
    for column, (shift, colour) in bars.items():
        ax.barh(place + shift, shown[column].fillna(0), height=0.36, color=colour)
    charts.label_bars(ax, [words.pct(share) for column in bars for share in shown[column]])
    ax.set_yticks(place, [words.tier(key) for key in shown["tier"]], color=charts.INK)
    ax.invert_yaxis()
    ax.set_xlim(left=min(0, shown["revenue_share"].min()))
    ax.grid(axis="y", visible=False)
    charts.ticks(ax, "x", words, "pct0")
    return charts.titled(figure, words, "rfm_tiers", message, as_of=as_of, days=days)


def score_grid(grid: pd.DataFrame, *, words: Words, as_of: date) -> Figure:
    """Customers by R and F score. `grid` is `rfm.score_grid(...)`."""
    figure, ax = charts.canvas(3.6)
    scores = range(1, 6)
    counts = grid.pivot(index="f_score", columns="r_score", values="customers").reindex(index=scores, columns=scores)
    counts = counts.fillna(0).astype(int).sort_index(ascending=False)
    _heatmap(ax, counts, counts.map(words.number))
    best = int(grid.loc[(grid["r_score"] >= 4) & (grid["f_score"] >= 4), "customers"].sum())
    return charts.titled(figure, words, "rfm_scores", share=best / max(int(grid["customers"].sum()), 1), as_of=as_of)


def tier_history(shares: pd.DataFrame, *, words: Words, message: Message, cuts: Cuts) -> Figure:
    """The share of each tier at each month-end. `shares` is `rfm.tier_shares(...)`, `message` what moved most, `cuts`
    the limits that all of them were made with. Many tiers stand in a panel each: their lines would hide one another."""
    wide = shares.pivot(index="as_of", columns="tier", values="customers_share").fillna(0)
    wide = wide[[tier for tier in words.profile.tiers if tier in wide]]
    wide.index = pd.to_datetime(wide.index)
    in_panels = wide.shape[1] > MOST_LINES
    if in_panels:
        figure = _panels(wide, words)
    else:
        figure = _lines(wide, [words.tier(tier) for tier in wide], charts.tier_colours(list(wide)), words, 3.8)
    caption = words("figure.rfm_history.caption", origin=cuts.as_of)
    if cuts.origin == "profile":
        caption = words("figure.rfm_history.caption.profile")
    if in_panels:
        caption += words("figure.rfm_history.caption.panels")
    return charts.titled(figure, words, "rfm_history", message, caption=caption)


def migration(moves: pd.DataFrame, *, words: Words, message: Message) -> Figure:
    """Where the customers of each tier went. `moves` is `rfm.migration(...)`."""
    tiers = [tier for tier in words.profile.tiers if tier in set(moves["tier"]) | set(moves["tier_before"])]
    figure, ax = charts.canvas(0.42 * len(tiers) + 1.1)
    wide = moves.pivot(index="tier_before", columns="tier", values="share").reindex(columns=tiers)
    wide = wide.loc[[tier for tier in tiers if tier in wide.index]].fillna(0.0)
    _heatmap(ax, wide, wide.map(lambda share: formats.share(share, 0) if share else ""))
    narrow = "\n" if len(tiers) > MOST_LINES else " "
    ax.set_xticklabels([words.tier(tier).replace(" ", narrow) for tier in wide.columns], rotation=0)
    ax.set_yticklabels([words.tier(tier) for tier in wide.index], rotation=0)
    return charts.titled(figure, words, "rfm_migration", message)


def frozen_and_recut(shares: pd.DataFrame, *, words: Words, message: Message, as_of: date) -> Figure:
    """One tier's share at each month-end, with frozen cuts and with cuts made anew. `shares` is
    `rfm.frozen_and_recut(...)`."""
    course = shares[shares["tier"] == message.values["tier"]].set_index("as_of")[["frozen", "recut"]]
    course.index = pd.to_datetime(course.index)
    names = [words(f"figure.rfm_recut.{column}") for column in course]
    figure = _lines(course, names, [charts.COLOURS[0], charts.SOFT], words, 3.0)
    return charts.titled(figure, words, "rfm_recut", message, as_of=as_of)


def cohort_grid(cohorts: pd.DataFrame, *, words: Words, as_of: date) -> Figure:
    """Who came back: the share of each month's new customers who bought in the months after. `rfm.cohorts(...)`."""
    wide = cohorts.pivot(index="cohort", columns="months_since", values="share").tail(MOST_COHORTS)
    later = wide.loc[:, (wide.columns > 0) & (wide.columns <= MOST_COHORTS)].dropna(how="all").dropna(axis=1, how="all")
    drawn = cohorts[cohorts["cohort"].isin(later.index)]
    returned = drawn.loc[drawn["months_since"] == 1, "buyers"].sum()  # the last month has no month after it yet
    share = float(returned / drawn.groupby("cohort")["customers"].first().sum())
    later.index = [words.format(month, "short_month") for month in later.index]
    figure, ax = charts.canvas(0.3 * len(later) + 1.0)
    is_past = later.columns.to_numpy() <= later.notna().sum(axis=1).to_numpy()[:, None]
    shares = later.where(later.notna(), np.where(is_past, 0.0, np.nan))
    low, high = np.nanmin(shares.to_numpy()), np.nanmax(shares.to_numpy())  # close together, far above nothing
    texts = shares.map(lambda share: "" if pd.isna(share) else formats.share(share, 0))
    _heatmap(ax, shares, texts, Normalize(low, high) if high > low else Normalize(0.0, max(high, 1e-9)))
    return charts.titled(figure, words, "rfm_cohorts", share=share, as_of=as_of)


def new_or_returning(months: pd.DataFrame, *, words: Words, message: Message, as_of: date) -> Figure:
    """Revenue by month, split into first-time and returning buyers. `months` is `rfm.new_and_returning(...)`."""
    figure, ax = charts.canvas(3.0)
    place, bottom = np.arange(len(months)), 0
    for name, colour in zip(("returning", "new"), charts.COLOURS, strict=False):
        revenue = months[f"{name}_revenue"].astype(float)
        label = words(f"figure.rfm_returning.{name}")
        ax.bar(place, revenue, bottom=bottom, width=0.8, color=colour, label=label)
        bottom = revenue
    step = max(len(months) // 7, 1)
    ax.set_xticks(place[::step], [words.format(month, "short_month") for month in months["month"][::step]])
    ax.legend(loc="upper left", ncols=2, bbox_to_anchor=(0, 1.14), borderaxespad=0)
    charts.ticks(ax, "y", words, "money")
    return charts.titled(figure, words, "rfm_returning", message, as_of=as_of)


def _lines(wide: pd.DataFrame, names: list[str], colours: list[str], words: Words, height: float) -> Figure:
    """Shares (columns) by day (rows) as lines with their names."""
    figure, ax = charts.canvas(height)
    for column, colour in zip(wide, colours, strict=True):
        ax.plot(wide.index, wide[column], color=colour, marker="o", markersize=3)
    ax.set_ylim(0, None)
    charts.label_lines(ax, names)
    charts.months(ax, wide.index, words, most=5)
    charts.ticks(ax, "y", words, "pct0")
    return figure


def _panels(wide: pd.DataFrame, words: Words) -> Figure:
    rows = -(-wide.shape[1] // PANELS)
    figure, axes = charts.canvas(1.45 * rows + 0.3, columns=PANELS, rows=rows, sharex=True)
    for ax, tier, colour in zip(axes.flat, wide, charts.tier_colours(list(wide)), strict=False):
        ax.plot(wide.index, wide[tier], color=colour)
        ax.set_title(f"{words.tier(tier)}  {words.pct(wide[tier].iloc[-1])}", fontsize=9, loc="left")
        ax.set_ylim(0, 1.15 * max(wide[tier].max(), 0.01))
        charts.months(ax, wide.index, words, most=3)
        charts.ticks(ax, "y", words, "pct")
    for ax in axes.flat[wide.shape[1] :]:
        ax.set_axis_off()
    return figure


def _heatmap(ax, values: pd.DataFrame, texts: pd.DataFrame, norm: Normalize | None = None) -> None:
    """Cells in blue, their texts in them; without a `norm` the scale begins at nothing."""
    norm = norm or PowerNorm(0.5, vmin=0, vmax=max(np.nanmax(values.to_numpy()), 1e-9))
    sns.heatmap(values, annot=texts, fmt="", cmap=BLUES, norm=norm, cbar=False, linewidths=1.5, ax=ax)
    ax.tick_params(axis="y", rotation=0)
    ax.grid(False)
