"""One style for all figures: palette, fonts, direct labels, and titles that state what was found.

A room draws on `figure, ax = charts.canvas()`, ends with `return charts.finish(figure, title=..., caption=...)`, and
hands its function to `run.figure`, which calls it once for each language.
"""

import base64
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from importlib.util import find_spec
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from playbook.report.message import Message

INK, SOFT, FAINT = "#1d2433", "#5b6475", "#d9dde5"
WIDTH = 7.6  # inches: the report's column at full size
CHINESE = "Noto Sans SC"

#: Okabe and Ito's colours, told apart by colour-blind eyes, in an order that also falls apart in grey.
COLOURS = ("#0072b2", "#e69f00", "#56b4e9", "#d55e00", "#009e73", "#cc79a7", "#5b6475")
HIGHLIGHT, REST = "#d55e00", "#b9c0cc"

#: The faces of the same width that readers' systems have, in the order in which a page tries them.
PAGE_FONTS = f"'{CHINESE}', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'Segoe UI', Arial, sans-serif"

LINE_LABEL = "line-label"
_CHINESE = re.compile("[\u2e80-\uffef]")
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "…": "..."})

#: A tier keeps its colour in every figure. Neighbours in this order differ in lightness as well.
TIERS = {
    "high_value": "#0b3c6f",
    "potential": "#2f8fcf",
    "regular": "#a9cbe6",
    "new": "#00714f",
    "silent": "#dca53c",
    "lost": "#c8500a",
    "never_bought": "#b9c0cc",
    "internal": "#7b8494",
}

SETTINGS = {
    "font.family": [CHINESE, "DejaVu Sans"],  # one face for both scripts; not font.sans-serif, which has no fallback
    "font.size": 9, "axes.labelsize": 9, "xtick.labelsize": 9, "ytick.labelsize": 9, "legend.fontsize": 9,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": SOFT, "axes.linewidth": 0.8,
    "axes.labelcolor": SOFT, "xtick.color": SOFT, "ytick.color": SOFT, "text.color": INK,
    "axes.grid": True, "axes.grid.axis": "y", "grid.color": FAINT, "grid.linewidth": 0.6, "axes.axisbelow": True,
    "lines.linewidth": 2, "patch.linewidth": 0, "patch.edgecolor": "white", "legend.frameon": False,
    "figure.dpi": 120, "text.hinting": "none", "svg.fonttype": "none", "svg.hashsalt": "playbook",
}  # fmt: skip

#: A drawing heavier than this, in characters, travels as pixels: a cloud of points makes a slow page as lines.
MOST_SVG = 400_000


@contextmanager
def style() -> Iterator[None]:
    """Everything drawn inside looks like the report, Chinese glyphs included; outside, settings stay as they were."""
    _register_chinese()
    with mpl.rc_context():
        sns.set_theme(style="white", palette=list(COLOURS), rc=SETTINGS)
        yield


def canvas(height: float = 3.6, columns: int = 1, rows: int = 1, **options: Any) -> tuple[Figure, Any]:
    """A figure as wide as the report's column, `height` inches tall, and its axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **options)


def tier_colours(keys: Sequence[str]) -> list[str]:
    """The colours of tiers; a profile's own tiers take what the usual ones leave."""
    spare = (colour for colour in (*COLOURS, *sns.color_palette("husl", len(keys)).as_hex()))
    return [TIERS[key] if key in TIERS else next(spare) for key in keys]


def ticks(ax: Axes, axis: str, words: Any, spec: str) -> None:
    """Write the numbers of one axis ('x' or 'y') in a format of the reports: int, pct, money, num1."""
    getattr(ax, f"{axis}axis").set_major_formatter(lambda value, _: _round(words.format(round(value, 9), spec)))


def months(ax: Axes, days: Sequence[date], words: Any, most: int = 7) -> None:
    """Mark the x axis at month-ends that were drawn, the last among them, each with its month and year."""
    step = -(-len(days) // most)
    shown = list(days)[::-1][::step][::-1]
    ax.set_xticks(shown, [words.format(day, "short_month") for day in shown])


def label_bars(ax: Axes, texts: Sequence[str], *, horizontal: bool = True) -> None:
    """Write a text at the end of each bar, in the order drawn, and make room for it."""
    for bar, text in zip(ax.patches, texts, strict=True):
        width, height = bar.get_width(), bar.get_height()
        across, along = bar.get_y() + height / 2, bar.get_x() + width / 2
        at, shift = ((width, across), (4, 0)) if horizontal else ((along, height), (0, 3))
        sides = {"ha": "left", "va": "center"} if horizontal else {"ha": "center", "va": "bottom"}
        ax.annotate(text, at, shift, textcoords="offset points", annotation_clip=False, **sides)
    ax.margins(**{"x" if horizontal else "y": 0.16})
    ax.grid(horizontal, axis="x")
    ax.grid(not horizontal, axis="y")


def label_lines(ax: Axes, names: Sequence[str] | None = None) -> None:
    """Write each line's name at its right end, in its colour; `finish` moves apart those that would overlap."""
    lines = [line for line in ax.lines if len(line.get_xdata()) > 1]
    for line, name in zip(lines, names or [line.get_label() for line in lines], strict=True):
        end = line.get_xdata()[-1], line.get_ydata()[-1]
        look = {"va": "center", "color": _readable(line.get_color()), "gid": LINE_LABEL, "annotation_clip": False}
        ax.annotate(name, end, (6, 0), textcoords="offset points", **look)


def finish(
    drawn: Figure | Axes,
    *,
    title: str,
    subtitle: str = "",
    caption: str = "",
    x: str | None = None,
    y: str | None = None,
) -> Figure:
    """Title (the finding), subtitle, caption (source, as-of date) and axis labels with units; returns the figure.

    The report sets the texts in type and takes the picture without them; `png` writes them beside it.
    """
    figure = drawn.figure if isinstance(drawn, Axes) else drawn
    for ax in figure.axes:
        _tidy(ax, x if ax is figure.axes[0] else None, y if ax is figure.axes[0] else None)
    figure.wording = {"title": title, "subtitle": subtitle, "caption": caption}
    _part_labels(figure)
    return figure


def titled(
    drawn: Figure | Axes, words: Any, key: str, message: Message | None = None, *, caption: str = "", **values: Any
) -> Figure:
    """`finish` with the texts of `figure.<key>`: title, caption (unless one is given), and x and y where there are any.

    The values of `message` are at hand for all of them. Its key may name a title of its own: `rfm.history.grew` takes
    `figure.rfm_history.title.grew`, where there is one.
    """
    name, title = f"figure.{key}", f"figure.{key}.title"
    if message:
        values = {"n": message.n} | dict(message.values) | values
        own = ".".join([title, *message.key.split(".")[2:]])
        title = own if own in words else title
    texts = {part: f"{name}.{part}" for part in ("x", "y") if f"{name}.{part}" in words}
    texts = {part: words(text, **values) for part, text in texts.items()}
    caption = caption or words(f"{name}.caption", **values)
    return finish(drawn, title=words(title, **values), caption=caption, **texts)


def drawn(draw: Callable, *data: Any, words: Any, **options: Any) -> Figure:
    """Call a room's drawing function in the style of one language."""
    with style():
        figure = draw(*data, words=words, **options)
        if not hasattr(figure, "wording"):
            raise ValueError(f"{draw.__name__} has no title; end it with `return charts.finish(figure, title=...)`.")
        return figure


def picture(figure: Figure) -> dict[str, str]:
    """A finished figure for the report: title, subtitle and caption as text, the drawing as `svg` or, where that would
    be too heavy, as `png` in base64."""
    drawing = StringIO()
    with style():
        FigureCanvasSVG(figure).print_svg(drawing, metadata={"Date": None, "Creator": None})
        if drawing.tell() > MOST_SVG:
            return figure.wording | {"png": _pixels(figure)}
    return figure.wording | {"svg": drawing.getvalue().replace(f"'{CHINESE}', 'DejaVu Sans'", PAGE_FONTS)}


def png(figure: Figure) -> str:
    """A finished figure with all its texts, as the notebook shows it: base64 of a PNG of 128 colours.

    The texts are wrapped to the figure's width and stand outside its own area: it grows, and nothing is clipped.
    """
    with style():
        _frame(figure)
        return _pixels(figure)


def _pixels(figure: Figure) -> str:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    out = BytesIO()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    image.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "png")
    return base64.b64encode(out.getvalue()).decode()


@cache
def _register_chinese() -> None:
    fonts = Path(find_spec("zhplot").origin).parent / "fonts"
    for path in sorted(fonts.glob("*.ttf")):
        font_manager.fontManager.addfont(path)


def _tidy(ax: Axes, x: str | None, y: str | None) -> None:
    ax.set(**{name: text for name, text in (("xlabel", x), ("ylabel", y)) if text is not None})
    ax.tick_params(length=0)
    for text in ax.findobj(Text):
        text.set_text(_straight(text.get_text()))
        text.set_parse_math(False)  # two dollar signs are two amounts, no formula


def _straight(text: str) -> str:
    """The Chinese font draws quotes as wide as a character: English gets straight ones."""
    return text if _CHINESE.search(text) else text.translate(_STRAIGHT)


def _frame(figure: Figure) -> None:
    """Make room above for title and subtitle and below for the caption, and write them there."""
    wording, (width, height) = figure.wording, figure.get_size_inches()
    head = [*_lines(figure, wording["title"], 12.5, INK), *_lines(figure, wording["subtitle"], 9.5, SOFT)]
    foot = _lines(figure, wording["caption"], 8, SOFT)
    above, below = _stack(head) + 0.06, _stack(foot)
    total = above + height + below
    figure.set_size_inches(width, total)
    figure.get_layout_engine().set(rect=(0, below / total, 1, height / total))
    figure.body = Bbox([[0, below], [width, below + height]])
    _write(figure, head, total - 0.06, total)
    _write(figure, foot, below - 0.05, total)


def _lines(figure: Figure, text: str, size: float, colour: str) -> list[Text]:
    return [
        figure.text(0.008, 0, line, fontsize=size, color=colour, va="top", in_layout=False, parse_math=False)
        for line in _wrapped(figure, _straight(text), size)
    ]


def _stack(lines: list[Text]) -> float:
    return sum(line.get_fontsize() / 72 * 1.45 for line in lines) + (0.12 if lines else 0)


def _write(figure: Figure, lines: list[Text], top: float, total: float) -> None:
    for line in lines:
        line.set_y(top / total)
        top -= line.get_fontsize() / 72 * 1.45


def _wrapped(figure: Figure, text: str, size: float) -> list[str]:
    """Lines no wider than the figure. Chinese breaks between any two characters, but not before punctuation."""
    tokens = re.findall(r"[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef][，。、；：！？）」》％]*\s*", text)
    lines = []
    while tokens:
        most = _fitting(figure, tokens, size)
        lines.append("".join(tokens[:most]).rstrip())
        tokens = tokens[most:]
    return lines


def _fitting(figure: Figure, tokens: list[str], size: float) -> int:
    """How many of the tokens stand on one line; one at least. Measuring takes time, so that halves are tried."""

    def wide(count: int) -> float:
        return _inches(figure, "".join(tokens[:count]).rstrip(), size)

    if wide(len(tokens)) <= WIDTH * 0.98:
        return len(tokens)
    return max(1, bisect_right(range(1, len(tokens)), WIDTH * 0.98, key=wide))


def _inches(figure: Figure, text: str, size: float) -> float:
    probe = figure.text(0, 0, text, fontsize=size, parse_math=False)
    width = probe.get_window_extent().width / figure.dpi
    probe.remove()
    return width


def _part_labels(figure: Figure) -> None:
    """Shift the labels of lines up and down, by points, until none touches the next or the ticks below the axis."""
    if not any(text.get_gid() == LINE_LABEL for ax in figure.axes for text in ax.texts):
        return
    figure.draw_without_rendering()
    points, least = 72 / figure.dpi, mpl.rcParams["font.size"] * 1.3
    for ax in figure.axes:
        labels = [text for text in ax.texts if text.get_gid() == LINE_LABEL]
        heights = [label.get_window_extent().y0 * points for label in labels]
        placed = _above(ax.get_window_extent().y0 * points, _apart(heights, least), least)
        for label, was, now in zip(labels, heights, placed, strict=True):
            label.set_position((6, now - was))


def _above(floor: float, heights: list[float], least: float) -> list[float]:
    """The heights, none of them under the floor, each at least so far from the next."""
    raised = np.array(heights, dtype=float)
    for place in np.argsort(raised, kind="stable"):
        raised[place] = max(raised[place], floor)
        floor = raised[place] + least
    return raised.tolist()


def _apart(heights: list[float], least: float) -> list[float]:
    """The heights, each at least so far from the next, moved as little as that takes."""
    order = np.argsort(heights, kind="stable")
    moved = np.array(heights, dtype=float)
    for _ in range(200):
        push = np.maximum(least - np.diff(moved[order]), 0) / 2
        moved[order[:-1]] -= push
        moved[order[1:]] += push
    return moved.tolist()


def _readable(colour: Any) -> str:
    """The colour, darkened until text in it can be read on white (contrast 4.5)."""
    rgb = np.array(to_rgb(colour))
    while _luminance(rgb) > 0.183:
        rgb = rgb * 0.95
    return to_hex(rgb)


def _luminance(rgb: Any) -> float:
    """The relative luminance of sRGB, as WCAG 2 defines it."""
    linear = np.where(np.asarray(rgb) <= 0.04045, np.asarray(rgb) / 12.92, ((np.asarray(rgb) + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _round(text: str) -> str:
    return re.sub(r"\.0+(?!\d)", "", text)
