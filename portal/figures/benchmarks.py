"""Figures that others have published, beside an employer's own; what was not seen grades lower."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.figure import decisions_of, from_answers, labelled
from portal.figures.ghosting import NEVER_DAYS, beside_article
from portal.figures.rows import Row, draw
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import Habits, Opinion, Reputation
from portal.statistics.survival import GHOST_LINE, Share, Verdict

About = Literal["never_told", "elsewhere", "phone", "personal", "automatic", "no_reason"]
Grade = Literal["A", "B", "C", "D"]


@dataclass(frozen=True)
class Published:
    """One published share (0..1); `year`: None where it is not known."""

    about: About
    share: float
    year: int | None
    grade: Grade
    is_worldwide: bool = False


# CandE: eremedia.com/candidate-experience/resentment (2023), ere.net/articles/the-meaningful-meh
# (2024: 26, 26, 35 and 14 %), survale.com/candidate-resentment-calculator (2025). Talent Board
# 2018: employerbrandmagazine.com, "Picking up the phone"; 2021: rectechmedia.com of May 2, 2022.
PUBLISHED = (
    Published("never_told", GHOST_LINE, None, "D"),
    Published("elsewhere", 0.12, 2023, "B", is_worldwide=True),
    Published("elsewhere", 0.14, 2024, "A"),
    Published("elsewhere", 0.15, 2025, "B", is_worldwide=True),
    Published("phone", 0.10, 2018, "B"),
    Published("personal", 0.22, 2018, "B"),
    Published("automatic", 0.58, 2018, "B"),
    Published("no_reason", 0.60, 2021, "C"),
)


@dataclass(frozen=True)
class Beside:
    """A published share and the employer's own, which is None where it cannot be said."""

    line: Published
    own: Share | None
    n: str = ""

    @property
    def name(self) -> str:
        """ "Turn away after this, 2024"."""
        about = {
            "never_told": gettext("Not told within 30 days"),
            "elsewhere": gettext("Turn away after this"),
            "phone": gettext("Heard by phone or in person"),
            "personal": gettext("Heard in a personal message"),
            "automatic": gettext("Heard in an automatic message"),
            "no_reason": gettext("Not told why"),
        }[self.line.about]
        return f"{about}, {self.line.year}" if self.line.year else about

    @property
    def verdict(self) -> Verdict | None:
        """On which side of the published figure the own one's range lies."""
        if self.own is None:
            return None
        if self.own.low > self.line.share:
            return "above"
        return "below" if self.own.high < self.line.share else "unclear"


def beside_published(found: Reputation | None, habits: Habits | None, floor: int) -> list[Beside]:
    """Every published figure with the employer's own: of its answers, and of its decisions."""
    own: dict[str, tuple[Share, str]] = {}
    opinions: dict[str, Opinion | None] = {}
    if found:
        opinions = {"elsewhere": found.resentment, "no_reason": found.no_reason, **found.heard_how}
    for about, opinion in opinions.items():
        if opinion and opinion.answers >= floor:
            own[about] = opinion, from_answers(opinion.answers)
    ghost = habits.ghost.get(NEVER_DAYS) if habits else None
    if ghost and ghost.n:
        own["never_told"] = ghost, decisions_of(ghost.not_told, int(ghost.n))
    return [Beside(line, *own.get(line.about, (None,))) for line in PUBLISHED]


def published_said(rows: Sequence[Beside]) -> str:
    """How many of the published figures the own ones are above or below for certain."""
    verdicts = [row.verdict for row in rows if row.verdict]
    if not verdicts:
        return gettext("%(n)s published figures", n=len(rows))
    return gettext(
        "Yours beside %(n)s published figures: %(above)s above, %(below)s below, "
        "%(unclear)s cannot be told apart",
        n=len(verdicts),
        above=verdicts.count("above"),
        below=verdicts.count("below"),
        unclear=verdicts.count("unclear"),
    )


def _source(line: Published) -> str:
    """Who published LINE, and how well it can be traced."""
    who = {
        "never_told": gettext("An article"),
        "elsewhere": gettext("CandE Benchmark Research"),
        "no_reason": gettext("Talent Board, as a reader of its report quotes it"),
    }.get(line.about, gettext("Talent Board"))
    where = gettext("worldwide") if line.is_worldwide else gettext("North America")
    grade = {
        "A": gettext("A: published by those who asked, with the question and all answers to it"),
        "B": gettext("B: published by those who asked, without all answers to it"),
        "C": gettext("C: second hand, the report itself was not seen"),
        "D": gettext("D: its survey could not be traced"),
    }[line.grade]
    return f"{who}. {grade}." if line.grade == "D" else f"{who}, {where}. {grade}."


def _not_comparable(line: Published) -> str:
    """What makes LINE another thing than the employer's own figure."""
    if line.about == "never_told":
        return gettext(
            "Job seekers in general say they heard nothing after an interview; yours are decisions "
            "over 30 days old in your own records."
        )
    if line.about == "elsewhere":
        return gettext(
            "Candidates of employers that chose to take part; the question names purchases and "
            "referrals too."
        )
    told = gettext(
        "Only candidates turned down after screening or interview; yours include offers."
    )
    if line.about == "no_reason":
        return told
    how = gettext("Emails only.")
    if line.about == "phone":
        how = gettext("Phone calls only, no video and no meeting.")
    return f"{told} {how}"


def published_rows(rows: Sequence[Beside]) -> list[list[str]]:
    """The table: what, published, own, which side, source and grade, what differs."""
    return [
        [
            *_figures(row),
            beside_article(row.verdict) if row.verdict else "",
            _source(row.line),
            _not_comparable(row.line),
        ]
        for row in rows
    ]


def _figures(row: Beside) -> tuple[str, str, str]:
    """What, published, own."""
    said = gettext("not enough yet")
    if row.own:
        limits = formatting.share_interval(row.own.low, row.own.high)
        said = f"{formatting.share(row.own.share)}, {limits}, {row.n}"
    return row.name, formatting.share(row.line.share), said


def published_chart(rows: Sequence[Beside]) -> Chart:
    """What is known of the employer as dots with ranges on one scale; the published as diamonds."""
    known = [_row(row, row.own) for row in rows if row.own]
    if not known:
        return svg.nothing(gettext("Nothing of yours can stand beside published figures yet."))
    drawn, bottom = draw(known)
    grid = [svg.rule(at / 4, 8, at / 4, bottom, "c-grid") for at in range(5)]
    axis = [
        svg.rule(0, bottom, 1, bottom, "c-axis"),
        svg.text(formatting.share(0), 0, bottom + 18, look="c-quiet"),
        svg.text(formatting.share(1), 1, bottom + 18, look="c-quiet", anchor="end"),
    ]
    title, cells = gettext("Yours beside published figures"), list(map(_figures, rows))
    said = (labelled(name, f"{published} ({own})") + "." for name, published, own in cells)
    heads = [gettext("Figure"), gettext("Published figure"), gettext("Yours")]
    return svg.chart(
        "published",
        title,
        " ".join(said),
        bottom + 26,
        [*grid, *axis, *drawn],
        Table(title, heads, cells),
        gutter="chart-svg--column",
        says=gettext("A dot with its range is yours, a diamond is published."),
        as_of="",
    )


def _row(row: Beside, own: Share) -> Row:
    published = row.line.share

    def both(at: float, y: float) -> Markup:
        return svg.dot(at, y) + svg.diamond(published, y)

    name, values = (
        labelled(row.name, formatting.share(published)),
        (own.share or 0, own.low, own.high),
    )
    return Row(name, values, formatting.share, float, mark=both)
