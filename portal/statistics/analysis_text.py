"""The result of `analyse_file` as a page of plain text, showing only what a page would show.

It must never compute a figure, nor say that one thing causes another.
"""

from typing import Any

from portal.statistics.levers import PAGE_TEXTS

Plain = dict[str, Any]

HEADER = (
    "employer",
    "answers",
    "stars",
    "95 %",
    "score",
    "told in 7 days",
    "largest lever",
    "not told within 30 days",
)
REASONS = {
    "too_few_answers": "not enough answers yet",
    "nothing_to_change": "nothing to change",
    "not_enough_variation": "too few candidates on one side to compare",
    "too_uncertain": "too uncertain to show",
}
AGAINST_43 = {
    "below": "below 43 %",
    "above": "above 43 %",
    "unclear": "cannot be told apart from 43 %",
}


def report_text(result: Plain) -> str:
    """The result of `analyse_file` as readable text, one table for employers and one for levers.

    Stars to 0.1, scores and percentages whole (§0). Levers are associations and say so (§3.7).
    """
    platform = result["platform"]
    discount = result["half_life_days"]
    weighing = f"half-life {discount:g} days" if discount else "all answers weigh the same"
    parts = [
        f"Employers: {platform['employers']:,}. Candidates: {platform['candidates']:,}. "
        f"Answers: {platform['answers']:,}. As of day {result['as_of_day']}; {weighing}.",
        _prior_line(result["prior"]),
        _employers_table(result["employers"]),
        "Stars and score: recency-weighted average of everyone who was asked, with its 95 % range.",
        "\n".join(["All employers together", *_habit_lines(platform)]),
        _levers_table(platform["levers"]),
        "Levers are associations, adjusted for stage, role family and quarter; they are not proof\n"
        "of cause. They overlap: never add them up.",
    ]
    return "\n\n".join(parts) + "\n"


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
    score = ("not enough feedback yet", "", "")
    if employer["shown"]:
        early = " (early)" if employer["label"] == "early" else ""
        limits = f"{employer['stars_low']:.1f} to {employer['stars_high']:.1f}"
        score = (f"{employer['stars']:.1f}{early}", limits, f"{employer['score']:.0f}")
    ghosted = employer["ghost_rate_30"]
    return (
        "".join(c if c.isprintable() else "?" for c in employer["employer"]),
        f"{employer['answers']:,}",
        *score,
        _percent(employer["told_by_7"]["share"]),
        _largest_lever(employer["levers"]),
        _ghosted(ghosted) if ghosted["n"] else "nobody decided that long ago",
    )


def _largest_lever(levers: list[Plain]) -> str:
    shown = [lever for lever in levers if lever["shown"] and lever["low"] > 0]
    if not shown:
        return "none clear"
    largest = max(shown, key=lambda lever: float(lever["effect_stars"]))
    return f"{largest['lever']} {_signed(largest['effect_stars'])}"


def _habit_lines(platform: Plain) -> list[str]:
    told = [f"{_percent(platform[f'told_by_{d}']['share'])} by day {d}" for d in (3, 7, 14, 30)]
    lines = [f"  told: {', '.join(told)}"]
    ghosted, denied = platform["ghost_rate_30"], platform["agreement"]
    if ghosted["n"]:
        lines.append(f"  not told within 30 days: {_ghosted(ghosted)}")
    if denied["denied_share"] is not None:
        lines.append(
            f"  recorded as told, but the candidate says not: {_percent(denied['denied_share'])} "
            f"({_percent(denied['denied_low'])} to {_percent(denied['denied_high'])})"
        )
    return lines


def _levers_table(levers: list[Plain]) -> str:
    lines = ["Difference in the average of everyone asked, in stars, if the pattern held for all"]
    above = None
    for lever in sorted(levers, key=lambda lever: (not lever["shown"], -lever["effect_stars"])):
        lines.append(f"  {PAGE_TEXTS[lever['lever']]:<54}{_lever_figure(lever, above)}")
        above = lever
    return "\n".join(lines)


def _lever_figure(lever: Plain, above: Plain | None) -> str:
    if not lever["shown"]:
        return REASONS[lever["reason_hidden"]]
    figure = _signed(lever["effect_stars"])
    figure += f" ({_signed(lever['low'])} to {_signed(lever['high'])})"
    if lever["low"] <= 0 <= lever["high"]:
        return f"{figure}: no clear difference"
    return f"{figure}, about equal" if above and lever["high"] >= above["low"] else figure


def _signed(stars: float) -> str:
    return f"{round(stars, 1) + 0.0:+.1f}"


def _ghosted(rate: Plain) -> str:
    limits = f"{_percent(rate['low'])} to {_percent(rate['high'])}"
    return f"{_percent(rate['rate'])} ({limits}), {AGAINST_43[rate['against_43']]}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
