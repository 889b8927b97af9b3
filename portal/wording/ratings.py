"""What candidates answered, in words: score, opinions, change, and who stayed silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from portal import formatting
from portal.language import gettext
from portal.wording.figure import Figure, Plain, from_answers, missing, share_of, shown

MIN_CHANGE_ANSWERS = 30  # on each side
# Around names of any script, so that theirs does not turn the words beside them about.
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
LOWER_BY = (0.25, 0.5)


def score(reputation: Plain, floor: int) -> Figure:
    """Stars with range, count and label. REPUTATION: of a scorecard; empty below FLOOR answers."""
    if not reputation:
        return missing(gettext("Stars"), not_enough(floor))
    found = reputation["score"]
    plain = stars(found["stars"], found["stars_low"], found["stars_high"], reputation["answers"])
    points = gettext(
        "%(score)s of 100 points, %(range)s.",
        score=formatting.score(found["score"]),
        range=formatting.score_interval(found["score_low"], found["score_high"]),
    )
    label_text = early() if reputation["label"] == "early" else None
    return replace(
        plain,
        sentence=f"{plain.sentence} {label_text}." if label_text else plain.sentence,
        verdict=label_text,
        says=points,
        caveat=score_means(),
    )


def stars(
    value: float,
    low: float,
    high: float,
    answers: int | None,
    label: str | None = None,
) -> Figure:
    """A mean rating with its range, and the answers behind it where they are known.

    label: whose it is; None: everybody's.
    """
    return shown(
        label or gettext("Stars"),
        formatting.stars(value),
        unit=gettext("of 5"),
        interval=formatting.stars_interval(low, high),
        n=None if answers is None else from_answers(answers),
    )


def no_score() -> str:
    """Stands where a score would stand."""
    return gettext("Not enough feedback yet")


def not_enough(floor: int) -> str:
    """Why there is no score."""
    return gettext("Not enough feedback yet: a score needs %(floor)s released answers", floor=floor)


def early() -> str:
    """The label of a score from few answers."""
    return gettext("Early: few answers so far")


def score_means(*, fades: bool = True) -> str:
    """What the score is, and what it is not. fades: whether older answers count less."""
    if not fades:
        return gettext(
            "An average of everyone who was asked, old and recent answers alike, drawn towards the "
            "middle while answers are few. It is not today’s level."
        )
    return gettext(
        "A recency-weighted average of everyone who was asked, drawn towards the middle while "
        "answers are few. It is not today’s level."
    )


def against(label: str, stars: float, low: float, high: float) -> str:
    """On which side of another figure a range of stars lies."""
    words = {"label": label, "stars": formatting.stars(stars)}
    if stars < low:
        return gettext("Above %(label)s (%(stars)s).", **words)
    if stars > high:
        return gettext("Below %(label)s (%(stars)s).", **words)
    return gettext("Cannot be told apart from %(label)s (%(stars)s).", **words)


def spread(counts: Sequence[int], of: int | None = None, together: int = 0) -> str:
    """How the stars are spread. COUNTS: answers with 1, 2, 3, 4, 5 stars.

    OF: all released answers; those not in COUNTS wait until TOGETHER of them may be counted.
    """
    total = sum(counts)
    said = gettext(
        "Of %(n)s answers, %(high)s gave 4 or 5 stars and %(low)s gave 1 or 2.",
        n=formatting.count(total),
        high=formatting.share((counts[3] + counts[4]) / total),
        low=formatting.share((counts[0] + counts[1]) / total),
    )
    if of is None or of <= total:
        return said
    rest = gettext(
        "%(rest)s more join once %(together)s are together, unless a withdrawal has closed their "
        "list.",
        rest=formatting.count(of - total),
        together=together,
    )
    return f"{said} {rest}"


def trend(first: Plain, last: Plain) -> str:
    """From the first release to the last: each with label, stars, low, high (None: not known)."""
    moved = gettext(
        "From %(from_stars)s stars (%(from_label)s) to %(to_stars)s (%(to_label)s).",
        from_stars=formatting.stars(first["stars"]),
        from_label=first["label"],
        to_stars=formatting.stars(last["stars"]),
        to_label=last["label"],
    )
    limits = (first["low"], first["high"], last["low"], last["high"])
    if None in limits:
        return moved
    is_apart = last["low"] > first["high"] or last["high"] < first["low"]
    return f"{moved} {_overlap(is_apart)}"


# -- opinions -------------------------------------------------------------------------------------


def nps(reputation: Plain) -> Figure:
    """Candidate NPS."""
    found = reputation["nps"]
    return shown(
        gettext("Would suggest applying here"),
        formatting.signed(found["value"], 0),
        unit=gettext("candidate NPS"),
        interval=formatting.signed_interval(found["low"], found["high"], 0),
        n=from_answers(reputation["answers"]),
        caveat=gettext(
            "From −100 to +100: those who answer 9 or 10 of 10, less those who answer 0 to 6. "
            "One question; it does not say why."
        ),
    )


def chased(reputation: Plain, floor: int) -> Figure:
    """The share of candidates who had to ask for news."""
    return _share_of_answers(
        gettext("Had to ask for news"),
        reputation["chased"],
        floor,
        gettext("In candidates’ own words, weighted to everyone who was asked for feedback."),
    )


def resentment(reputation: Plain, floor: int) -> Figure:
    """The share of candidates who turn elsewhere."""
    return _share_of_answers(
        gettext("Turn away after this"),
        reputation["resentment"],
        floor,
        gettext(
            "Say of their ties with the employer that they go elsewhere, weighted to everyone who "
            "was asked. What people say they do next is not what they do."
        ),
    )


def _share_of_answers(label: str, share: Plain, floor: int, caveat: str) -> Figure:
    if not share["shown"]:
        why = gettext("Fewer than %(floor)s answered this question", floor=floor)
        return missing(label, why, caveat=caveat)
    return share_of(label, share, from_answers(share["answers"]), caveat=caveat)


# -- over time, and the silent --------------------------------------------------------------------


def change(found: Plain | None) -> Figure:
    """Answers released in the last 90 days against all before; None: too few."""
    label = gettext("Last 90 days against before")
    if not found:
        why = gettext(
            "It takes %(n)s answers in the last 90 days and %(n)s before", n=MIN_CHANGE_ANSWERS
        )
        return missing(label, why)
    if found["low"] <= 0 <= found["high"]:
        verdict, tone = gettext("Cannot be told apart from before"), "neutral"
    elif found["value"] > 0:
        verdict, tone = gettext("Higher than before"), "good"
    else:
        verdict, tone = gettext("Lower than before"), "bad"
    return _difference(
        label,
        found["value"],
        found,
        n=gettext("at least %(n)s answers on each side", n=MIN_CHANGE_ANSWERS),
        verdict=verdict,
        tone=tone,
        caveat=gettext(
            "Answers released in the last 90 days less all earlier ones. The candidates of then "
            "and now may differ in other ways."
        ),
    )


def _difference(label: str, value: float, limits: Plain, **more: object) -> Figure:
    return shown(
        label,
        formatting.signed(value, 1),
        unit=formatting.star_word(value),
        interval=formatting.signed_interval(limits["low"], limits["high"], 1),
        **more,  # type: ignore[arg-type]
    )


def wave(found: Plain | None) -> Figure:
    """Those who answered after the reminder against before it; None: too few."""
    label = gettext("After the reminder against before")
    if not found:
        why = gettext("Too few answers came before or after a reminder")
        return missing(label, why)
    if found["differs"]:
        verdict, tone = gettext("Those who did not answer may differ"), "warn"
    elif found["low"] <= 0 <= found["high"]:
        verdict, tone = gettext("No clear difference"), "neutral"
    else:
        verdict, tone = gettext("A small difference"), "neutral"
    return _difference(
        label,
        found["difference"],
        found,
        verdict=verdict,
        tone=tone,
        caveat=gettext(
            "Stars of those who answered after the reminder less those who answered before it, "
            "among candidates with a like outcome and wait. They are the nearest to those who "
            "stayed silent."
        ),
    )


def what_if(found: Plain | None) -> str:
    """What the average would be, were those who did not answer less content; "" if not known."""
    if not found:
        return ""
    quarter, half = LOWER_BY
    return gettext(
        "%(rate)s of those who were asked have answered. Were the others %(quarter)s stars lower, "
        "the average would be %(at_quarter)s; were they %(half)s lower, it would be %(at_half)s.",
        rate=formatting.share(found["response_rate"]),
        quarter=formatting.number(quarter, 2),
        half=formatting.number(half, 1),
        at_quarter=formatting.stars(found["quarter"]),
        at_half=formatting.stars(found["half"]),
    )


def held_back() -> str:
    """Beside a release that left some answers for the next, by lot."""
    return gettext(
        "Nearly everybody has answered; some answers wait for the next release, so that no single "
        "answer is certain."
    )


# -- published groups -----------------------------------------------------------------------------


def groups(found: Sequence[Plain], of: int | None = None) -> str:
    """The highest group against the lowest, and how many of all answers stand in groups.

    FOUND: label, stars, low, high, answers, is_rest; not empty. OF: all answers.
    """
    named = [one for one in found if not one.get("is_rest")] or found
    best = max(named, key=lambda one: float(one["stars"]))
    worst = min(named, key=lambda one: float(one["stars"]))
    said = _extremes(best, worst)
    grouped = sum(int(one["answers"]) for one in found)
    if of is None or grouped >= of:
        return said
    part = gettext(
        "%(part)s answers; in the other releases the groups were too small.",
        part=formatting.part_of(grouped, of),
    )
    return f"{said} {part}"


def _extremes(best: Plain, worst: Plain) -> str:
    if best is worst:
        return stars(
            best["stars"], best["low"], best["high"], best["answers"], best["label"]
        ).sentence
    best_stars, worst_stars = (formatting.stars(one["stars"]) for one in (best, worst))
    if best_stars == worst_stars:
        return gettext("All about %(stars)s; no difference can be told.", stars=best_stars)
    said = gettext(
        "Highest: %(best)s, %(best_stars)s stars; lowest: %(worst)s, %(worst_stars)s.",
        best=best["label"],
        best_stars=best_stars,
        worst=worst["label"],
        worst_stars=worst_stars,
    )
    return f"{said} {_overlap(best['low'] > worst['high'])}"


def _overlap(is_apart: bool) -> str:
    if is_apart:
        return gettext("The two ranges do not overlap.")
    return gettext("The two ranges overlap: this may be chance.")


def group_name(dimension: str, level: str) -> str:
    """A level of a dimension in words; `other` holds the answers too few to be counted apart.

    Many of those have a role or stage named beside it, in releases where few had it. A department
    goes by the employer's own name for it, its writing direction kept to itself.
    """
    names = {
        ("role_family", "engineering"): gettext("Engineering and IT"),
        ("role_family", "sales"): gettext("Sales and marketing"),
        ("role_family", "operations"): gettext("Operations and logistics"),
        ("role_family", "finance"): gettext("Finance and office"),
        ("role_family", "care"): gettext("Care and health"),
        ("role_family", "education"): gettext("Education"),
        ("role_family", "hospitality"): gettext("Hospitality and retail"),
        ("role_family", "trades"): gettext("Trades and production"),
        ("role_family", "management"): gettext("Management"),
        ("role_family", "other"): gettext("Other roles, or not counted apart"),
        ("stage_group", "screen"): gettext("Screening"),
        ("stage_group", "interview"): gettext("Interview"),
        ("stage_group", "final"): gettext("Final round"),
        ("stage_group", "other"): gettext("Not counted apart"),
        ("lane", "outcome"): gettext("Asked after being told"),
        ("lane", "check_in"): gettext("Asked while still waiting"),
        ("lane", "other"): gettext("Not counted apart"),
        ("department", "other"): gettext("Other departments, or not counted apart"),
    }
    if dimension == "department" and level != "other":
        return f"{ISOLATE}{level}{END_ISOLATE}"
    return names.get((dimension, level), level)
