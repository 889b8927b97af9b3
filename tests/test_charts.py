"""Charts: valid, named, escaped, honest about what is missing, readable in both schemes."""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import pytest

from portal import figures, language, reputation
from portal.figures import Chart, rows, svg
from portal.figures.coverage import coverage, step
from portal.figures.groups import groups_said, rated_chart
from portal.figures.score import Rated
from portal.models import RoleFamily
from portal.scorecard import (
    Curve,
    Difference,
    Habits,
    Rating,
    Release,
    Reputation,
    read_habits,
    read_reputation,
)
from portal.statistics.survival import GhostRate
from tests.support import scorecards
from tests.support.answers import release, store_answers

STATIC = Path(__file__).parents[1] / "portal/static"
TYPEFACE = STATIC / "fonts/inter.woff2"
STYLES = "".join((STATIC / f"{name}.css").read_text() for name in ("base", "pages"))
HOSTILE = "</text><script>alert('1')</script>\"& Zoë"
SVG = "{http://www.w3.org/2000/svg}"


def scored(stars: float, low: float, high: float, answers: int = 86) -> Reputation:
    """What is shown of ANSWERS, with this score."""
    found = read_reputation(scorecards.answers((4, 6, 14, 30, 32)))
    assert found
    return replace(found, score=replace(found.score, stars=stars, low=low, high=high),
                   answers=answers)  # fmt: skip


def told_by(*shares: float) -> Habits:
    """Habits of 134 decisions with SHARES told by the end of each day, flat after the last."""
    found = read_habits(scorecards.waiting(134, ()))
    assert found
    told = [*shares, *[shares[-1]] * (61 - len(shares))]
    low, high = ([share + by for share in told] for by in (-0.1, 0.1))
    half = next((day for day, share in enumerate(told) if share >= 0.5), None)
    return replace(found, curve=Curve(told, low, high, followed_days=60), median_days=half)


def not_told(share: float, low: float, high: float) -> Habits:
    """Habits of 100 decisions of which SHARE was not told within 30 days."""
    return replace(told_by(0.0), ghost={30: GhostRate(share, low, high, 100, 30)})


def released(*stars: float, months: Sequence[int] = range(1, 13)) -> list[Release]:
    """Releases with these STARS, one a month."""
    return [
        Release(one, one - 0.2, one + 0.2, number=at, released_on=date(2025, month, 1), answers=20)
        for at, (one, month) in enumerate(zip(stars, months, strict=False))
    ]


def effect(label: str, stars: float, low: float, high: float) -> tuple[str, Difference]:
    return label, Difference(stars, low, high)


def group(label: str, stars: float, low: float, high: float, answers: int) -> Rated:
    return Rated(label, Rating(stars, low, high), answers)


def groups(name: str, title: str, items: list[Rated]) -> Chart:
    return rated_chart(name, title, groups_said(items), "Rated", items, "from 42 answers")


CURVE = told_by(0.1, 0.1, 0.2, 0.4, 0.5, 0.5, 0.5, 0.6)
TREND = released(3.0, 3.2, 3.3, 3.9, 4.0)
DRAWN: dict[str, Callable[[str], Chart | None]] = {
    "score": lambda name: figures.score_chart(scored(3.7, 3.3, 4.0)),
    "histogram": lambda name: figures.histogram([4, 6, 14, 30, 32], 86, 10),
    "told": lambda name: figures.told_chart(CURVE),
    "ghost": lambda name: figures.ghost_chart(not_told(0.3, 0.22, 0.4), 1),
    "trend": lambda name: figures.trend_chart(TREND),
    "coverage": lambda name: coverage(
        name,
        "Coverage",
        [
            step("Decided", 134, 5),
            step(HOSTILE, 100, 5, 120),
            step("Answered", 3, 5),
        ],
    ),
    "effects": lambda name: figures.effects(
        name, [effect(HOSTILE, 0.6, 0.4, 0.8), effect("Call", 0.05, -0.1, 0.2)], ""
    ),
    "others": lambda name: figures.effects(
        name, [effect(HOSTILE, 0.6, 0.4, 0.8)], "", is_own=False
    ),
    "groups": lambda name: groups(
        name, "By role", [group(HOSTILE, 4.1, 3.8, 4.4, 30), group("Sales", 3.0, 2.7, 3.9, 12)]
    ),
    "parts": lambda name: figures.parts_of_all(
        name, "How", ("Way", "Decisions"), [(HOSTILE, 30), ("By email", 10), ("Never", 0)], "Said."
    ),
}
WITH_LABELS = ("coverage", "effects", "others", "groups", "parts")


@pytest.fixture(params=DRAWN)
def chart(request: pytest.FixtureRequest) -> Chart:
    return DRAWN[request.param]("one")


def root_of(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg)


def texts_of(chart: Chart) -> list[str]:
    return [node.text or "" for node in root_of(chart).iter(f"{SVG}text")]


def classed(chart: Chart, name: str) -> list[ElementTree.Element]:
    return [node for node in root_of(chart).iter() if node.get("class") == name]


# -- every chart ----------------------------------------------------------------------------------


def test_chart_is_an_image_with_a_name_and_a_finding(chart: Chart) -> None:
    root = root_of(chart)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert title is not None
    assert title.text
    assert description is not None
    assert description.text == chart.finding
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_chart_carries_no_style_no_script_and_no_handler(chart: Chart) -> None:
    for node in root_of(chart).iter():
        assert node.tag not in (f"{SVG}script", f"{SVG}style", f"{SVG}foreignObject")
        assert not [key for key in node.attrib if key == "style" or key.startswith("on")]


def test_chart_wears_only_classes_the_style_sheet_knows(chart: Chart) -> None:
    worn = {name for node in root_of(chart).iter() for name in (node.get("class") or "").split()}
    assert worn
    for name in worn:
        assert re.search(rf"\.{name}\b", STYLES), name


def test_chart_figure_holds_title_finding_picture_and_table(chart: Chart) -> None:
    figure = chart.figure("A <b>title</b>")
    assert "A &lt;b&gt;title&lt;/b&gt;" in figure
    assert chart.svg in figure
    assert chart.table in figure
    table = ElementTree.fromstring(chart.table)
    assert table.tag == "details"
    assert table.find(".//caption") is not None
    assert {head.get("scope") for head in table.iter("th")} == {"col", "row"}
    region = table.find("div")
    assert region is not None
    assert region.get("tabindex") == "0"


@pytest.mark.parametrize("name", WITH_LABELS)
def test_chart_escapes_hostile_labels(name: str) -> None:
    chart = DRAWN[name]("one")
    assert "<script" not in chart.figure(HOSTILE)
    # a long name may take several lines
    assert "".join(HOSTILE.split()) in "".join("".join(texts_of(chart)).split())
    cells = [cell.text or "" for cell in ElementTree.fromstring(chart.table).iter() if cell.text]
    assert any(HOSTILE in cell for cell in cells)


def test_charts_on_one_page_share_no_id() -> None:
    page = "".join(draw(f"{name}-1").figure(name) for name, draw in DRAWN.items())
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 3 * len(DRAWN)


@pytest.mark.parametrize("name", ["", "Score", "1st", 'a" onload="x', "a b"])
def test_chart_refuses_an_id_that_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="a chart's id"):
        figures.parts_of_all(name, "How", ("Way", "Decisions"), [("By phone", 1)], "Said.")


@pytest.mark.parametrize(
    "chart",
    [
        figures.histogram(None, 0, 10),
        coverage("a", "Told", [step("Decided", 4, 5)]),
        coverage("a", "Told", [step("Decided", 0, 5)]),
        figures.published_chart(figures.beside_published(None, None, 5)),
        figures.parts_of_all("a", "How", ("Way", "Decisions"), [("By phone", 0)], "Said."),
    ],
)
def test_nothing_to_draw_is_said_in_words(chart: Chart) -> None:
    assert chart.svg.startswith('<p class="chart-none">')
    assert chart.table == ""
    assert len(chart.finding.split()) > 3


# -- each chart says what it shows ----------------------------------------------------------------


def test_score_sits_on_its_place_between_one_and_five() -> None:
    chart = figures.score_chart(scored(3.0, 2.0, 5.0))
    dot = classed(chart, "c-dot")[0]
    assert dot.get("cx") == "50%"
    whisker = classed(chart, "c-whisker")[0]
    assert (whisker.get("x1"), whisker.get("x2")) == ("25%", "100%")


def test_score_is_written_in_the_readers_language() -> None:
    with language.use("fr"):
        chart = figures.score_chart(scored(3.7, 3.3, 4.0, 1204))
    assert "3,7" in texts_of(chart)
    assert "3,3 à 4,0" in chart.finding


def test_histogram_counts_and_shares() -> None:
    chart = figures.histogram([4, 6, 14, 30, 32], 86, 10)
    assert chart.finding == "Of 86 answers, 72\u00a0% gave 4 or 5 stars and 12\u00a0% gave 1 or 2."
    widths = [float((bar.get("width") or "").rstrip("%")) for bar in classed(chart, "c-bar")]
    assert widths == sorted(widths, reverse=True)
    assert max(widths) == 62


def test_told_curve_marks_its_days_and_holds_after_its_end() -> None:
    chart = figures.told_chart(CURVE)
    assert [text for text in texts_of(chart) if text.isdigit()] == [
        "3", "40", "7", "60", "14", "60", "30", "60",
    ]  # fmt: skip
    assert "30\u00a0days: 60\u00a0%" in chart.finding
    assert "Half of the candidates are told within 4\u00a0days" in chart.finding
    assert "134 decisions" in chart.table


def test_told_curve_says_of_half_what_the_page_says() -> None:
    """The curve is kept to four digits: .49996 is half there, and not yet half on the page."""
    later = replace(CURVE, median_days=5)
    assert figures.median_stat(later) in figures.told_chart(later).finding


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, {"en": "; 1 decision", "fr": "; 1 décision"}),
        (134, {"en": "; 134 decisions", "fr": "; 134 décisions"}),
    ],
)
@pytest.mark.parametrize("tag", ["en", "fr"])
def test_the_table_counts_one_decision_as_one(count, words, tag):
    with language.use(tag):
        table = figures.told_chart(replace(CURVE, decided=count)).table
    assert f"{words[tag]}</caption>" in table


def test_told_curve_says_when_half_are_never_reached() -> None:
    chart = figures.told_chart(told_by(0.0, 0.1))
    assert "More than half of the candidates are not told by day 30" in chart.finding


def test_told_curve_says_when_half_are_told_at_once() -> None:
    assert "on the day of the decision" in figures.told_chart(told_by(0.6)).finding


def test_told_curve_rises_in_steps_only() -> None:
    line = next(node for node in root_of(figures.told_chart(CURVE)).iter(f"{SVG}path")
                if node.get("class") == "c-line")  # fmt: skip
    points = [
        tuple(map(float, pair.split(",")))
        for pair in re.findall(r"[\d.]+,[\d.]+", line.get("d", ""))
    ]
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        assert x1 == x2 or y1 == y2


@pytest.mark.parametrize("last", [0.4, 0.9])
def test_told_curve_names_the_reference_where_the_curve_is_not(last: float) -> None:
    chart = figures.told_chart(told_by(*[0.0] * 30, last))
    label = next(
        node for node in root_of(chart).iter(f"{SVG}text")
        if node.text == "an article: 57\u00a0% told"
    )  # fmt: skip
    line = classed(chart, "c-reference")[0]
    below = float(label.get("y", 0)) > float(line.get("y1", 0))
    assert below == (last > 0.57)


@pytest.mark.parametrize(
    ("rate", "low", "high", "words"),
    [
        (0.16, 0.11, 0.24, "Below an article’s 43\u00a0%."),
        (0.44, 0.35, 0.52, "Cannot be told apart from an article’s 43\u00a0%."),
        (0.97, 0.9, 0.99, "Above an article’s 43\u00a0%."),
        (0.0, 0.0, 0.03, "Below an article’s 43\u00a0%."),
    ],
)
def test_ghost_rate_is_judged_by_its_range(
    rate: float, low: float, high: float, words: str
) -> None:
    chart = figures.ghost_chart(not_told(rate, low, high), 1)
    assert chart.finding.endswith(words)


def test_trend_is_one_line_in_a_band() -> None:
    chart = figures.trend_chart(TREND)
    assert len(classed(chart, "c-line")) == len(classed(chart, "c-band")) == 1
    assert len(classed(chart, "c-dot")) == len(TREND)
    assert "do not overlap" in chart.finding
    assert figures.trend_chart(TREND[:1]) is None


def test_trend_calls_overlap_by_its_name() -> None:
    assert "may be chance" in figures.trend_chart(released(3.0, 3.2)).finding


def test_trend_names_days_where_a_month_has_several_releases() -> None:
    drawn = figures.trend_chart(released(3.0, 3.2, months=(1, 1)))
    assert [text for text in texts_of(drawn) if "202" in text] == ["Jan 1, 2025"] * 2


@pytest.mark.parametrize(
    ("months", "shown"),
    [
        ((1, 2, 3, 4, 5), ["Jan 2025", "May 2025", "Mar 2025"]),
        ((1, 1, 3, 8, 11), ["Jan 1, 2025", "Nov 1, 2025"]),
    ],
)
def test_trend_names_the_middle_release_only_where_there_is_room(months, shown) -> None:
    drawn = figures.trend_chart(released(*[3.0] * 5, months=months))
    assert [text for text in texts_of(drawn) if "202" in text] == shown


def test_trend_writes_its_figures_where_the_line_does_not_run() -> None:
    def heights(*stars: float) -> list[bool]:
        drawn = figures.trend_chart(released(*stars))
        dots = [float(dot.get("cy", 0)) for dot in classed(drawn, "c-dot")]
        labels = [float(said.get("y", 0)) for said in classed(drawn, "c-strong c-halo")]
        return [said > dot for said, dot in zip(labels, (dots[0], dots[-1]), strict=True)]

    assert heights(2.8, 3.4) == [True, False]
    assert heights(3.4, 2.8) == [False, True]
    assert heights(3.0, 3.0) == [False, False]
    assert heights(1.2, 3.0) == [False, False], "no room above the axis"


def test_coverage_shows_shares_of_each_base_and_hides_what_must_be_hidden() -> None:
    counts = (("Decided", 200, None), ("Told", 150, 180), ("X", 4, 200))
    steps = [step(label, count, 5, of) for label, count, of in counts]
    chart = coverage("a", "Decided and told", steps)
    assert chart.finding == "Decided: 200; Told: 150 of 180 (83\u00a0%); X: too few to show."
    assert "too few to show" in texts_of(chart)
    assert [bar.get("width") for bar in classed(chart, "c-bar")] == ["100%", "83.33%", "0%"]


def test_a_french_colon_has_a_space_before_it() -> None:
    with language.use("fr"):
        chart = coverage("a", "Suivi", [step("Décision prise", 486, 5)])
    assert chart.finding.startswith("Décision prise\u00a0: 486")


def test_effects_around_zero_are_no_clear_difference() -> None:
    chart = DRAWN["effects"]("a")
    assert "Call: no clear difference." in chart.finding
    assert "about +0.6\u00a0stars (+0.4 to +0.8)" in chart.finding
    assert not re.search(r"\b(will|causes?|improves?|because)\b", chart.finding)


def test_effects_differ_by_shape_and_by_word_where_colour_is_not_seen() -> None:
    chart = DRAWN["effects"]("a")
    assert len(classed(chart, "c-dot")) == len(classed(chart, "c-dot-open")) == 1
    assert "No clear difference" in chart.table
    others = DRAWN["others"]("b")
    assert classed(others, "c-reference-mark")
    assert len(classed(others, "c-whisker-other")) == 3
    assert not classed(others, "c-dot")


def test_effects_stand_on_one_scale() -> None:
    chart = figures.effects("a", [effect("A", 0.6, 0.4, 0.8), effect("B", 0.5, -0.6, 1.1)], "")
    assert texts_of(chart)[-4:] == ["\u22120.5", "0", "+0.5", "+1.0"]
    assert "no difference" not in texts_of(chart)


def test_one_line_of_no_difference_runs_through_all_effects_and_through_no_figure() -> None:
    items = [effect("A", at, at - 0.1, at + 0.3) for at in (0, 0.1, 0.3, 0.5)]
    chart = figures.effects("a", items, "")
    (zero,) = classed(chart, "c-zero")
    dots = [*classed(chart, "c-dot"), *classed(chart, "c-dot-open")]
    lowest = max(float(dot.get("cy", 0)) for dot in dots)
    assert zero.get("x1") == zero.get("x2")
    assert (zero.get("y1"), float(zero.get("y2", 0)) > lowest) == ("0", True)
    at_zero = float(zero.get("x1", "").rstrip("%"))
    for figure in classed(chart, "c-strong c-halo"):
        x, width = float(figure.get("x", "").rstrip("%")), 200 * rows.HALF
        before = {"middle": width / 2, "end": width}.get(figure.get("text-anchor", ""), 0)
        assert not x - before < at_zero < x - before + width, figure.text


@pytest.mark.parametrize("span", [0.0, 0.1, 0.7, 3.9])
def test_every_figure_stands_at_its_dot_and_inside_the_drawing(span: float) -> None:
    items = [effect("A", at * span / 8, at * span / 8, at * span / 8) for at in range(-8, 9)]
    chart = figures.effects("a", items, "")
    dots = root_of(chart).iter(f"{SVG}circle")
    labels = classed(chart, "c-strong c-halo")
    assert [label.get("x") for label in labels] == [dot.get("cx") for dot in dots]
    for label in labels:
        x, width = float(label.get("x", "").rstrip("%")), 200 * rows.HALF
        left = x - {"middle": width / 2, "end": width}.get(label.get("text-anchor", ""), 0)
        assert -5 <= left <= left + width <= 105


def test_rows_label_their_dots_with_figure_and_range() -> None:
    for name, words in (("effects", "+0.6+0.4 to +0.8"), ("groups", "4.13.8 to 4.4")):
        chart = DRAWN[name]("a")
        assert "".join(classed(chart, "c-strong c-halo")[0].itertext()) == words
        assert len(classed(chart, "c-name c-halo")) == 3  # the first in two lines


def test_words_beside_a_chart_repeat_no_figure_of_it() -> None:
    for name in ("groups", "trend", "told", "ghost", "coverage", "effects"):
        chart = DRAWN[name]("a")
        drawn = {text for text in texts_of(chart) if re.fullmatch(r"[+−]?\d[.\d]*", text)}
        said = set(re.findall(r"\d+(?:\.\d+)?", chart.says)) - {"30", "4"}  # days
        assert not said & drawn, (name, chart.says)


def test_figures_that_stand_beside_a_chart_are_hidden_in_it() -> None:
    chart = DRAWN["ghost"]("a")
    assert "chart--unlabelled" in chart.figure("A", is_labelled=False)
    assert "chart--unlabelled" not in chart.figure("A")
    assert [text.text for text in classed(chart, "c-strong c-halo c-said")] == ["30\u00a0%"]


@pytest.mark.parametrize(
    ("stars", "filled", "words"),
    [(3.7, 83, "3.7 of 5 stars"), (1, 23, "1.0 of 5 stars"), (5, 115, "5.0 of 5 stars"),
     (3.74, 83, "3.7 of 5 stars"), (0, 0, "0.0 of 5 stars"), (9, 115, "5.0 of 5 stars")],
)  # fmt: skip
def test_a_row_of_stars_is_filled_to_the_tenth(stars: float, filled: float, words: str) -> None:
    row = ElementTree.fromstring(figures.star_row(stars))
    assert (row.get("role"), row.get("aria-label")) == ("img", words)
    inner = row.find("svg")
    assert inner is not None
    assert float(inner.get("width", "")) == pytest.approx(filled)
    beside = ElementTree.fromstring(figures.star_row(stars, is_named=False))
    assert (beside.get("aria-hidden"), beside.get("aria-label")) == ("true", None)
    with language.use("fr"):
        assert "étoiles sur 5" in figures.star_row(stars)


@pytest.mark.parametrize(
    ("at", "ticks"),
    [
        (0.3, ["0", "+0.1", "+0.2", "+0.3"]),
        (2.0, ["0", "+0.5", "+1.0", "+1.5", "+2.0"]),
        (4.0, ["0", "+1.0", "+2.0", "+3.0", "+4.0"]),
        (4.8, ["0", "+2.0", "+4.0"]),
        (-0.7, ["\u22120.5", "0"]),
    ],
)
def test_the_scale_of_effects_has_few_ticks_at_round_differences(at, ticks) -> None:
    texts = texts_of(figures.effects("a", [effect("A", at, at, at)], ""))
    assert texts[2:] == ticks, "after the name and the figure of the only one"


@pytest.mark.parametrize(
    ("lowest", "words"), [(3.9, "overlap: this may be chance"), (3.5, "do not overlap")]
)
def test_groups_are_compared_by_their_ranges(lowest: float, words: str) -> None:
    items = [group("Sales", 4.1, 3.8, 4.4, 30), group("Finance", 3.0, 2.7, lowest, 12)]
    finding = groups("a", "By role", items).finding
    assert "Highest: Sales, 4.1 stars; lowest: Finance, 3.0." in finding
    assert words in finding


def test_one_group_is_compared_with_nothing() -> None:
    finding = groups("a", "By role", [group("Sales", 4.1, 3.8, 4.4, 30)]).finding
    assert finding == "Sales: 4.1 of 5, 95\u00a0% range 3.8 to 4.4, from 30 answers."


def test_a_long_name_takes_lines_and_moves_what_is_below_it() -> None:
    short = groups("a", "By department", [group("A", 4, 3, 5, 9), group("B", 3, 2, 4, 9)])
    long = groups(
        "a", "By department",
        [group("Customer Support and Success, Europe", 4, 3, 5, 9), group("B", 3, 2, 4, 9)],
    )  # fmt: skip
    assert texts_of(long)[5:] == ["Customer Support and", "Success, Europe", "4.0", "B", "3.0"]
    heights = [[float(dot.get("cy", 0)) for dot in classed(one, "c-dot")] for one in (short, long)]
    assert heights == [[53, 123], [73, 143]]
    assert [root_of(one).get("height") for one in (short, long)] == ["166", "186"]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("", [""]),
        ("Sales", ["Sales"]),
        ("W" * 30, ["W" * 14, "W" * 14, "W" * 2]),
        ("a " * 60, [("a " * 14).strip()] * 2 + [("a " * 14).strip() + "…"]),
        ("部" * 15, ["部" * 14, "部"]),
        ("é\u0301" * 28 + "x", ["é\u0301" * 28, "x"]),
        ("a" * 22 + " 2023\u00a0: 12", ["a" * 22, "2023\u00a0: 12"]),
        ("a" * 24 + " 12\u202f%", ["a" * 24, "12\u202f%"]),
        ("\u2068إدارة الموارد البشرية والشؤون\u2069",
         ["\u2068إدارة الموارد البشرية\u2069", "\u2068والشؤون\u2069"]),
    ],
)  # fmt: skip
def test_names_are_cut_into_lines_by_the_room_they_take(name: str, lines: list[str]) -> None:
    assert svg.lines(name) == lines


def test_parts_are_shares_of_their_sum() -> None:
    chart = DRAWN["parts"]("a")
    assert [bar.get("width") for bar in classed(chart, "c-bar")] == ["75%", "25%", "0%"]
    assert ["By email", "10", "25\u00a0%"] in chart.data.rows


# -- pictures of what was released ----------------------------------------------------------------


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pictures_tell_no_more_of_the_answers_than_the_rounded_figures(app, make) -> None:
    """Two employers whose answers differ by some stars, and whose figures read alike."""
    seen = []
    for slug, other in (("one", 1), ("two", 2)):
        employer = make.employer(slug)
        for _ in range(2):

            def vary(number: int, other: int = other) -> dict:
                family = list(RoleFamily)[number % 2]
                stars = other if number == 0 else (2, 2, 3, 4, 4)[number // 2 % 5]
                return {"role_family": family, "overall": stars, "department": family.value}

            store_answers(employer, 200, vary)
            release(employer)
        board = reputation.dashboard(employer)
        departments = board.reputation.dimensions["department"]
        with app.test_request_context():
            pictures = [
                figures.score_chart(board.reputation),
                figures.trend_chart(board.trend),
                *figures.group_charts(board.reputation),
                figures.group_chart("department", departments, 400),
            ]
        seen.append((board, [(one.svg, one.table, one.finding) for one in pictures]))
    (one, of_one), (two, of_two) = seen
    assert one.reputation.histogram != two.reputation.histogram, "the answers differ"
    assert one.reputation.score == two.reputation.score
    assert one.reputation.dimensions == two.reputation.dimensions
    assert len(of_one) == 4
    assert of_one == of_two
    finer = [figures.score_chart(scored(at, 2.8, 3.2)).svg for at in (3.0, 3.01)]
    assert finer[0] != finer[1], "what is finer would show"


# -- the style sheet's colours --------------------------------------------------------------------


def tokens(scheme: str) -> dict[str, str]:
    """The custom properties of the light block, overlaid by the dark one."""
    light, dark = re.findall(r":root \{(.*?)\}", STYLES, re.DOTALL)[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


GROUNDS = ("paper", "surface", "sunken")
TEXT = [(text, ground) for text in ("ink", "muted", "accent", "bad") for ground in GROUNDS]
TEXT += [(tone, f"{tone}-tint") for tone in ("accent", "good", "warn", "bad")]
TEXT += [("ink", f"{tone}-tint") for tone in ("accent", "good", "warn", "bad")]
TEXT += [
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    ("on-bad", "bad"),
    ("on-bad", "bad-deep"),
]
TEXT += [("paper", "ink"), ("ink", "mark"), ("muted", "accent-tint")]
TEXT += [("chart-reference", "paper"), ("chart-reference", "surface")]
MARKS = [
    (mark, ground)
    for mark in ("control", "focus", "chart-line", "chart-edge")
    for ground in GROUNDS[:2]
]
MARKS += [("chart-line", "chart-track"), ("chart-line", "chart-band"), ("ink", "chart-band"),
          ("ink", "chart-track"), ("chart-reference", "chart-band"),
          ("chart-reference", "chart-track"),
          ("control", "sunken"), ("focus", "sunken"), ("focus", "accent-tint")]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_meet_contrast(scheme: str) -> None:
    colour = tokens(scheme)
    weak = [
        (one, other, round(contrast(colour[one], colour[other]), 2))
        for pairs, least in ((TEXT, 4.5), (MARKS, 3.0))
        for one, other in pairs
        if contrast(colour[one], colour[other]) < least
    ]
    assert weak == []


def test_script_stays_small_and_style_sheets_ask_nobody_else() -> None:
    assert (STATIC / "heardback.js").stat().st_size <= 10_000
    sheets = [sheet.read_text() for sheet in STATIC.glob("*.css")]
    assert len(sheets) == 3
    assert not re.search(r"@import|https?:", "".join(sheets))
    assert re.findall(r"url\(([^)]*)\)", "".join(sheets)) == [
        f'"fonts/inter.woff2?v={sha256(TYPEFACE.read_bytes()).hexdigest()[:12]}"'
    ], "its address names its content"


def test_the_typeface_is_one_small_open_file_that_knows_our_signs() -> None:
    assert [path.name for path in sorted(TYPEFACE.parent.iterdir())] == [
        "inter-OFL.txt",
        "inter.woff2",
    ]
    assert TYPEFACE.stat().st_size <= 60_000
    assert "SIL OPEN FONT LICENSE" in TYPEFACE.with_name("inter-OFL.txt").read_text()
