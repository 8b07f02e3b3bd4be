"""Figures can be read: by colour-blind eyes, in grey print, in Chinese, to the edge of their titles."""

import base64
import itertools
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from playbook.report import charts
from playbook.report.text import Words

#: Machado, Oliveira and Fernandes 2009: how a deuteranope, a protanope and a tritanope see linear RGB.
BLINDNESS = {
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
ORDERED = ["lost", "new", "high_value", "potential", "silent", "regular"]  # as the profiles list them


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = (
        np.clip(rgb, 0, 1) @ np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]).T
    )
    f = np.cbrt(xyz / [0.9505, 1, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def lightness(colour):
    return lab(linear(colour))[0]


@pytest.mark.parametrize("kind", BLINDNESS)
def test_colour_blind_eyes_tell_all_tiers_apart(kind):
    seen = {tier: lab(np.array(BLINDNESS[kind]) @ linear(charts.TIERS[tier])) for tier in ORDERED}
    distances = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in itertools.combinations(seen, 2)}
    assert {pair: round(far) for pair, far in distances.items() if far < 15} == {}


def test_tiers_that_stand_side_by_side_differ_in_grey():
    steps = [abs(lightness(charts.TIERS[a]) - lightness(charts.TIERS[b])) for a, b in itertools.pairwise(ORDERED)]
    assert min(steps) > 5 and lightness(charts.HIGHLIGHT) + 15 < lightness(charts.REST)


def test_a_tier_of_a_profiles_own_gets_a_colour_that_no_other_has():
    keys = [*charts.TIERS, "vip", "at_risk"]
    assert len(set(charts.tier_colours(keys))) == len(keys)


def lines_of(heights, title="A finding", caption="Source", language="en"):
    def draw(rows, *, words):
        figure, ax = charts.canvas(2.4)
        for number, height in enumerate(rows):
            ax.plot([0, 1], [0, height], label=f"line {number}")
        charts.label_lines(ax)
        ax.set_ylim(-5, 50)
        return charts.finish(figure, title=title, subtitle=title, caption=caption, x="x", y="y")

    return charts.drawn(draw, heights, words=Words(language, {}))


def boxes(figure, texts):
    figure.draw_without_rendering()
    return [text.get_window_extent() for text in texts if text.get_text()]


def test_labels_of_lines_that_end_together_do_not_touch():
    figure = lines_of([10.0, 10.1, 9.9, 10.0, 40.0])
    found = boxes(figure, figure.axes[0].texts)
    assert len(found) == 5
    assert not any(a.overlaps(b) for a, b in itertools.combinations(found, 2))


def test_labels_of_lines_that_end_low_stand_above_the_axis():
    figure = lines_of([-4.9, -5.0, -4.8, -5.0])
    found = boxes(figure, figure.axes[0].texts)
    assert min(box.y0 for box in found) >= figure.axes[0].get_window_extent().y0 - 1
    assert not any(a.overlaps(b) for a, b in itertools.combinations(found, 2))


@pytest.mark.parametrize(
    "title", ["A long finding about what customers did, and more. " * 5, "高价值顾客贡献了六成，流失者甚多。" * 9]
)
def test_no_title_is_clipped_or_lies_on_the_drawing(title):
    figure = lines_of([1.0], title=title, caption=title)
    charts.png(figure)
    height = figure.get_size_inches()[1] * figure.dpi
    body = figure.body.transformed(figure.dpi_scale_trans)
    for box in boxes(figure, figure.texts):
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 and box.y1 <= height
        assert box.y1 <= body.y0 or box.y0 >= body.y1
    drawing = figure.axes[0].get_tightbbox()
    assert body.y0 - 1 <= drawing.y0 and drawing.y1 <= body.y1 + 1


def test_no_line_of_chinese_begins_with_punctuation():
    figure = lines_of([1.0], title="高价值顾客贡献了六成，流失者甚多。" * 9)
    charts.png(figure)
    lines = [text.get_text() for text in figure.texts]
    assert len(lines) > 6 and not any(line[0] in "，。" for line in lines)


def test_every_sign_of_both_languages_has_a_glyph():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        charts.png(lines_of([1.0], title="高价值 沉默 ¥ £ € − – × ≥ ％ “引号” 1.2万"))


def test_equal_figures_are_equal_bytes():
    one, two = lines_of([1.0, 2.0]), lines_of([1.0, 2.0])
    assert charts.picture(one) == charts.picture(two) and charts.png(one) == charts.png(two)
    assert "dc:date" not in charts.picture(one)["svg"]


def test_a_cloud_of_points_travels_as_pixels():
    def draw(points, *, words):
        figure, ax = charts.canvas(2)
        ax.scatter(*points)
        return charts.finish(figure, title="Many")

    figure = charts.drawn(draw, np.random.default_rng(1).random((2, 9000)), words=Words("en", {}))
    assert base64.b64decode(charts.picture(figure)["png"]).startswith(b"\x89PNG")


def test_the_style_ends_with_its_block():
    before = dict(mpl.rcParams)
    with charts.style():
        pass
    assert dict(mpl.rcParams) == before


def test_a_figure_without_a_title_is_refused():
    def draw(*, words):
        return charts.canvas()[0]

    with pytest.raises(ValueError, match="draw has no title; end it with"):
        charts.drawn(draw, words=Words("en", {}))
