"""What candidates answered, in words: score, opinions, change, and who stayed silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from portal import formatting
from portal.wording.voice import Figure, Plain, Voice

MIN_CHANGE_ANSWERS = 30  # on each side
# Around names of any script, so that theirs does not turn the words beside them about.
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
LOWER_BY = (0.25, 0.5)


def score(reputation: Plain, floor: int, locale: str = "en") -> Figure:
    """Stars with range, count and label. REPUTATION: of a scorecard; empty below FLOOR answers."""
    voice = Voice(locale)
    if not reputation:
        return voice.missing(voice.gettext("Stars"), not_enough(floor, locale))
    found = reputation["score"]
    plain = stars(
        found["stars"], found["stars_low"], found["stars_high"], reputation["answers"], locale
    )
    points = voice.gettext(
        "%(score)s of 100 points, %(range)s.",
        score=formatting.score(found["score"], locale),
        range=formatting.score_interval(found["score_low"], found["score_high"], locale),
    )
    label_text = early(locale) if reputation["label"] == "early" else None
    return replace(
        plain,
        sentence=f"{plain.sentence} {label_text}." if label_text else plain.sentence,
        verdict=label_text,
        says=points,
        caveat=score_means(locale),
    )


def stars(
    value: float,
    low: float,
    high: float,
    answers: int | None,
    locale: str = "en",
    label: str | None = None,
) -> Figure:
    """A mean rating with its range, and the answers behind it where they are known.

    label: whose it is; None: everybody's.
    """
    voice = Voice(locale)
    return voice.shown(
        label or voice.gettext("Stars"),
        formatting.stars(value, locale),
        unit=voice.gettext("of 5"),
        interval=formatting.stars_interval(low, high, locale),
        n=None if answers is None else voice.answers(answers),
    )


def no_score(locale: str = "en") -> str:
    """Stands where a score would stand."""
    return Voice(locale).gettext("Not enough feedback yet")


def not_enough(floor: int, locale: str = "en") -> str:
    """Why there is no score."""
    return Voice(locale).gettext(
        "Not enough feedback yet: a score needs %(floor)s released answers", floor=floor
    )


def early(locale: str = "en") -> str:
    """The label of a score from few answers."""
    return Voice(locale).gettext("Early: few answers so far")


def score_means(locale: str = "en", *, fades: bool = True) -> str:
    """What the score is, and what it is not. fades: whether older answers count less."""
    if not fades:
        return Voice(locale).gettext(
            "An average of everyone who was asked, old and recent answers alike, drawn towards the "
            "middle while answers are few. It is not today’s level."
        )
    return Voice(locale).gettext(
        "A recency-weighted average of everyone who was asked, drawn towards the middle while "
        "answers are few. It is not today’s level."
    )


def against(label: str, stars: float, low: float, high: float, locale: str = "en") -> str:
    """On which side of another figure a range of stars lies."""
    voice = Voice(locale)
    words = {"label": label, "stars": formatting.stars(stars, locale)}
    if stars < low:
        return voice.gettext("Above %(label)s (%(stars)s).", **words)
    if stars > high:
        return voice.gettext("Below %(label)s (%(stars)s).", **words)
    return voice.gettext("Cannot be told apart from %(label)s (%(stars)s).", **words)


def spread(
    counts: Sequence[int], of: int | None = None, together: int = 0, locale: str = "en"
) -> str:
    """How the stars are spread. COUNTS: answers with 1, 2, 3, 4, 5 stars.

    OF: all released answers; those not in COUNTS wait until TOGETHER of them may be counted.
    """
    voice, total = Voice(locale), sum(counts)
    said = voice.gettext(
        "Of %(n)s answers, %(high)s gave 4 or 5 stars and %(low)s gave 1 or 2.",
        n=formatting.count(total, locale),
        high=formatting.share((counts[3] + counts[4]) / total, locale),
        low=formatting.share((counts[0] + counts[1]) / total, locale),
    )
    if of is None or of <= total:
        return said
    rest = voice.gettext(
        "%(rest)s more join once %(together)s are together, unless a withdrawal has closed their "
        "list.",
        rest=formatting.count(of - total, locale),
        together=together,
    )
    return f"{said} {rest}"


def trend(first: Plain, last: Plain, locale: str = "en") -> str:
    """From the first release to the last: each with label, stars, low, high (None: not known)."""
    voice = Voice(locale)
    moved = voice.gettext(
        "From %(from_stars)s stars (%(from_label)s) to %(to_stars)s (%(to_label)s).",
        from_stars=formatting.stars(first["stars"], locale),
        from_label=first["label"],
        to_stars=formatting.stars(last["stars"], locale),
        to_label=last["label"],
    )
    limits = (first["low"], first["high"], last["low"], last["high"])
    if None in limits:
        return moved
    is_apart = last["low"] > first["high"] or last["high"] < first["low"]
    return f"{moved} {_overlap(voice, is_apart)}"


# -- opinions -------------------------------------------------------------------------------------


def nps(reputation: Plain, locale: str = "en") -> Figure:
    """Candidate NPS."""
    voice = Voice(locale)
    found = reputation["nps"]
    return voice.shown(
        voice.gettext("Would suggest applying here"),
        formatting.signed(found["value"], 0, locale),
        unit=voice.gettext("candidate NPS"),
        interval=formatting.signed_interval(found["low"], found["high"], 0, locale),
        n=voice.answers(reputation["answers"]),
        caveat=voice.gettext(
            "From −100 to +100: those who answer 9 or 10 of 10, less those who answer 0 to 6. "
            "One question; it does not say why."
        ),
    )


def chased(reputation: Plain, floor: int, locale: str = "en") -> Figure:
    """The share of candidates who had to ask for news."""
    voice = Voice(locale)
    return _share_of_answers(
        voice,
        voice.gettext("Had to ask for news"),
        reputation["chased"],
        floor,
        voice.gettext("In candidates’ own words, weighted to everyone who was asked for feedback."),
    )


def resentment(reputation: Plain, floor: int, locale: str = "en") -> Figure:
    """The share of candidates who turn elsewhere."""
    voice = Voice(locale)
    return _share_of_answers(
        voice,
        voice.gettext("Turn away after this"),
        reputation["resentment"],
        floor,
        voice.gettext(
            "Say of their ties with the employer that they go elsewhere, weighted to everyone who "
            "was asked. What people say they do next is not what they do."
        ),
    )


def _share_of_answers(voice: Voice, label: str, share: Plain, floor: int, caveat: str) -> Figure:
    if not share["shown"]:
        why = voice.gettext("Fewer than %(floor)s answered this question", floor=floor)
        return voice.missing(label, why, caveat=caveat)
    return voice.share_of(label, share, voice.answers(share["answers"]), caveat=caveat)


# -- over time, and the silent --------------------------------------------------------------------


def change(found: Plain | None, locale: str = "en") -> Figure:
    """Answers released in the last 90 days against all before; None: too few."""
    voice = Voice(locale)
    label = voice.gettext("Last 90 days against before")
    if not found:
        why = voice.gettext(
            "It takes %(n)s answers in the last 90 days and %(n)s before", n=MIN_CHANGE_ANSWERS
        )
        return voice.missing(label, why)
    if found["low"] <= 0 <= found["high"]:
        verdict, tone = voice.gettext("Cannot be told apart from before"), "neutral"
    elif found["value"] > 0:
        verdict, tone = voice.gettext("Higher than before"), "good"
    else:
        verdict, tone = voice.gettext("Lower than before"), "bad"
    return _difference(
        voice,
        label,
        found["value"],
        found,
        n=voice.gettext("at least %(n)s answers on each side", n=MIN_CHANGE_ANSWERS),
        verdict=verdict,
        tone=tone,
        caveat=voice.gettext(
            "Answers released in the last 90 days less all earlier ones. The candidates of then "
            "and now may differ in other ways."
        ),
    )


def _difference(voice: Voice, label: str, value: float, limits: Plain, **more: object) -> Figure:
    return voice.shown(
        label,
        formatting.signed(value, 1, voice.locale),
        unit=formatting.star_word(value, voice.locale),
        interval=formatting.signed_interval(limits["low"], limits["high"], 1, voice.locale),
        **more,  # type: ignore[arg-type]
    )


def wave(found: Plain | None, locale: str = "en") -> Figure:
    """Those who answered after the reminder against before it; None: too few."""
    voice = Voice(locale)
    label = voice.gettext("After the reminder against before")
    if not found:
        why = voice.gettext("Too few answers came before or after a reminder")
        return voice.missing(label, why)
    if found["differs"]:
        verdict, tone = voice.gettext("Those who did not answer may differ"), "warn"
    elif found["low"] <= 0 <= found["high"]:
        verdict, tone = voice.gettext("No clear difference"), "neutral"
    else:
        verdict, tone = voice.gettext("A small difference"), "neutral"
    return _difference(
        voice,
        label,
        found["difference"],
        found,
        verdict=verdict,
        tone=tone,
        caveat=voice.gettext(
            "Stars of those who answered after the reminder less those who answered before it, "
            "among candidates with a like outcome and wait. They are the nearest to those who "
            "stayed silent."
        ),
    )


def what_if(found: Plain | None, locale: str = "en") -> str:
    """What the average would be, were those who did not answer less content; "" if not known."""
    if not found:
        return ""
    quarter, half = LOWER_BY
    return Voice(locale).gettext(
        "%(rate)s of those who were asked have answered. Were the others %(quarter)s stars lower, "
        "the average would be %(at_quarter)s; were they %(half)s lower, it would be %(at_half)s.",
        rate=formatting.share(found["response_rate"], locale),
        quarter=formatting.number(quarter, 2, locale),
        half=formatting.number(half, 1, locale),
        at_quarter=formatting.stars(found["quarter"], locale),
        at_half=formatting.stars(found["half"], locale),
    )


def held_back(locale: str = "en") -> str:
    """Beside a release that left some answers for the next, by lot."""
    return Voice(locale).gettext(
        "Nearly everybody has answered; some answers wait for the next release, so that no single "
        "answer is certain."
    )


# -- published groups -----------------------------------------------------------------------------


def groups(found: Sequence[Plain], of: int | None = None, locale: str = "en") -> str:
    """The highest group against the lowest, and how many of all answers stand in groups.

    FOUND: label, stars, low, high, answers, is_rest; not empty. OF: all answers.
    """
    voice = Voice(locale)
    named = [one for one in found if not one.get("is_rest")] or found
    best = max(named, key=lambda one: float(one["stars"]))
    worst = min(named, key=lambda one: float(one["stars"]))
    said = _extremes(voice, best, worst)
    grouped = sum(int(one["answers"]) for one in found)
    if of is None or grouped >= of:
        return said
    part = voice.gettext(
        "%(part)s answers; in the other releases the groups were too small.",
        part=formatting.part_of(grouped, of, locale),
    )
    return f"{said} {part}"


def _extremes(voice: Voice, best: Plain, worst: Plain) -> str:
    locale = voice.locale
    if best is worst:
        return stars(
            best["stars"], best["low"], best["high"], best["answers"], locale, best["label"]
        ).sentence
    best_stars, worst_stars = (formatting.stars(one["stars"], locale) for one in (best, worst))
    if best_stars == worst_stars:
        return voice.gettext("All about %(stars)s; no difference can be told.", stars=best_stars)
    said = voice.gettext(
        "Highest: %(best)s, %(best_stars)s stars; lowest: %(worst)s, %(worst_stars)s.",
        best=best["label"],
        best_stars=best_stars,
        worst=worst["label"],
        worst_stars=worst_stars,
    )
    return f"{said} {_overlap(voice, best['low'] > worst['high'])}"


def _overlap(voice: Voice, is_apart: bool) -> str:
    if is_apart:
        return voice.gettext("The two ranges do not overlap.")
    return voice.gettext("The two ranges overlap: this may be chance.")


def group_name(dimension: str, level: str, locale: str = "en") -> str:
    """A level of a dimension in words; `other` holds the answers too few to be counted apart.

    Many of those have a role or stage named beside it, in releases where few had it. A department
    goes by the employer's own name for it, its writing direction kept to itself.
    """
    voice = Voice(locale)
    names = {
        ("role_family", "engineering"): voice.gettext("Engineering and IT"),
        ("role_family", "sales"): voice.gettext("Sales and marketing"),
        ("role_family", "operations"): voice.gettext("Operations and logistics"),
        ("role_family", "finance"): voice.gettext("Finance and office"),
        ("role_family", "care"): voice.gettext("Care and health"),
        ("role_family", "education"): voice.gettext("Education"),
        ("role_family", "hospitality"): voice.gettext("Hospitality and retail"),
        ("role_family", "trades"): voice.gettext("Trades and production"),
        ("role_family", "management"): voice.gettext("Management"),
        ("role_family", "other"): voice.gettext("Other roles, or not counted apart"),
        ("stage_group", "screen"): voice.gettext("Screening"),
        ("stage_group", "interview"): voice.gettext("Interview"),
        ("stage_group", "final"): voice.gettext("Final round"),
        ("stage_group", "other"): voice.gettext("Not counted apart"),
        ("lane", "outcome"): voice.gettext("Asked after being told"),
        ("lane", "check_in"): voice.gettext("Asked while still waiting"),
        ("lane", "other"): voice.gettext("Not counted apart"),
        ("department", "other"): voice.gettext("Other departments, or not counted apart"),
    }
    if dimension == "department" and level != "other":
        return f"{ISOLATE}{level}{END_ISOLATE}"
    return names.get((dimension, level), level)
