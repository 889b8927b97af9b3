"""The result of `flask analyse` as a page of plain text, showing only what a page would show.

It must never compute a figure; every sentence is one of `figures`.
"""

from textwrap import fill

from portal import figures, formatting
from portal.scorecard import Agreement, Plain, PlatformLever, read_levers
from portal.statistics import survival
from portal.statistics.flags import log_is_denied
from portal.statistics.survival import GhostRate, Share

HEADER = (
    "employer",
    "answers",
    "stars",
    "95 %",
    "score",
    "decisions",
    "told in 7 days",
    "not told within 30 days",
    "beside the article's 43 %",
)
WIDTH = 98
LONGEST_NAME = 40  # the JSON has it whole
FLOOR = 5  # the operator owns the file, but the report shows what a page would


def report_text(result: Plain) -> str:
    """The result of `analyse_file` as readable text: a table of employers, then all together.

    Stars to 0.1, scores and percentages whole. Levers are associations and say so.
    """
    platform = result["platform"]
    discount = result["half_life_days"]
    weighing = f"half-life {discount:g} days" if discount else "all answers weigh the same"
    parts = [
        f"Employers: {platform['employers']:,}. Candidates: {platform['candidates']:,}. "
        f"Answers: {platform['answers']:,}. As of {_day(result)}; {weighing}.",
        _prior_line(result["prior"]),
        _employers_table(result["employers"]),
        fill(f"Stars and score: {figures.score_means(fades=bool(discount))}", WIDTH),
        _lines(
            "Largest clear lever of each, and the answers of who was turned down",
            list(map(_largest_lever, result["employers"])),
        ),
        _lines(_together(platform), _habits(platform)),
        _lines("Levers, the highest first", _levers(platform)),
        f"{figures.association()}\n{figures.overlap()}\n{figures.unrecorded()}",
    ]
    return "\n\n".join(parts).replace(formatting.NBSP, " ") + "\n"


def _day(result: Plain) -> str:
    """The day as the file counts days: by date, or by number."""
    return str(result.get("as_of_on") or f"day {result['as_of_day']}")


def _lines(title: str, sentences: list[str]) -> str:
    wrapped = (fill(one, WIDTH, initial_indent="  ", subsequent_indent="    ") for one in sentences)
    return "\n".join([title, *wrapped])


def _prior_line(prior: Plain) -> str:
    belief = f"{prior['stars']:.1f} stars worth {prior['weight']:.0f} answers"
    if prior["source"] == "default":
        return f"Too few employers with answers to learn from: the default of {belief} is used."
    return f"Before any answer: {belief}, learnt from {prior['employers_used']:,} employers."


def _employers_table(employers: list[Plain]) -> str:
    rows = [HEADER, *(_employer_row(employer) for employer in employers)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _employer_row(employer: Plain) -> tuple[str, ...]:
    score = (figures.no_score(), "", "")
    if employer["shown"]:
        stars = formatting.stars(employer["stars"])
        limits = map(formatting.stars, employer["stars_range"])
        score = (
            f"{stars} (early)" if employer["label"] == "early" else stars,
            formatting.interval_short(*limits),
            formatting.score(employer["score"]),
        )
    told = employer["told_by_7"]
    return (
        _name(employer),
        formatting.count(employer["answers"]),
        *score,
        formatting.count(told["n"]),
        *_told_and_not(told, employer["ghost_rate_30"]),
    )


def _told_and_not(told: Plain, ghosted: Plain) -> tuple[str, str, str]:
    """Of one employer: told in 7 days, not told within 30, and that beside the article."""
    if not told["n"]:
        return "no decisions to speak of", "", ""
    if not told["is_followed"]:
        return "too few that old", *_ghosted(ghosted)
    return _with_range(told["share"], told), *_ghosted(ghosted)


def _name(employer: Plain) -> str:
    name = "".join(c if c.isprintable() else "?" for c in employer["employer"])
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _with_range(share: float, limits: Plain) -> str:
    """Equal limits mean that all are alike, which has no spread."""
    low, high = formatting.share(limits["low"]), formatting.share(limits["high"])
    if limits["low"] == limits["high"]:
        return formatting.share(share)
    return f"{formatting.share(share)} ({formatting.interval_short(low, high)})"


def _largest_lever(employer: Plain) -> str:
    found = read_levers(employer)
    if any(lever.reason_hidden == "answers_alike" for lever in found.all):
        return f"{_name(employer)}. {figures.why_hidden('answers_alike')}."
    largest = figures.named_largest(found)
    if not largest:
        return f"{_name(employer)}: none clear."
    clear = [
        figures.brief(figures.lever_name(lever.name), own)
        for lever, own in found.shown
        if lever.name in largest
    ]
    said = " ".join([*clear, *figures.largest_levers(found, is_own=False)])
    answers = formatting.count(employer["levers"][0]["answers"])
    return f"{_name(employer)} ({answers} answers). {said}"


def _together(platform: Plain) -> str:
    return "This employer" if platform["employers"] == 1 else "All employers together"


def _ghosted(rate: Plain) -> tuple[str, str]:
    if not rate["n"]:
        return "no decision that old", ""
    said = f"{_with_range(rate['rate'], rate)} of {formatting.count(rate['n'])}"
    return said, figures.beside_article(rate["against_43"])


def _habits(platform: Plain) -> list[str]:
    if not platform["told_by_3"]["n"]:
        return ["No decisions to speak of: all candidates withdrew."]
    said = [
        *(
            figures.told_within(
                _share(told, "share"), days, told["n"], is_followed=told["is_followed"]
            )
            for days in (3, 7, 14, 30)
            if (told := platform[f"told_by_{days}"])
        ),
        *(
            figures.ghost_rate(_ghost_rate(rate), days)
            for days in (14, figures.NEVER_DAYS)
            if (rate := platform[f"ghost_rate_{days}"])
        ),
        figures.agreement(_agreement(platform["agreement"]), FLOOR),
    ]
    return [figure.sentence for figure in said]


def _share(found: Plain, name: str) -> Share:
    return Share(found[name], found["low"], found["high"], found["n"])


def _ghost_rate(found: Plain) -> GhostRate:
    return GhostRate(**vars(_share(found, "rate")), not_told=found["not_told"])


def _agreement(found: Plain) -> Agreement:
    names = ("both", "recorded_only", "reported_only", "neither")
    counted = survival.AgreementTable(**{name: found[name] for name in names})
    return Agreement(
        **vars(counted),
        denied=counted.denied,
        kappa=counted.kappa,
        is_denied_flag=log_is_denied(counted),
    )


def _levers(platform: Plain) -> list[str]:
    """By estimate, the highest first, and how they stand; then what cannot be shown, and why."""
    found, employers = read_levers(platform), platform["employers"]
    answers = {one["lever"]: one["answers"] for one in platform["levers"]}
    shown = [
        f"{figures.lever_name(one.name)}. "
        + figures.platform_lever(
            PlatformLever(**vars(own), employers=employers, answers=answers[one.name])
        )
        for one, own in found.shown
    ]
    hidden = [figures.lever(one).sentence for one in found.hidden]
    standing = figures.largest_levers(found, is_own=False) + figures.unranked_levers(found)
    return [*shown, *standing, *hidden]
