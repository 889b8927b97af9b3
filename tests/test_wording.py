"""The words of every figure in every state, in both languages; none claims a cause."""

import dataclasses
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from types import ModuleType
from typing import Any

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from portal import figures, formatting, language
from portal.config import ROOT
from portal.figures import Figure
from portal.figures.groups import groups_said
from portal.figures.score import Rated
from portal.scorecard import (
    Agreement,
    Coverage,
    DecisionTime,
    Difference,
    Feedback,
    GroupRating,
    Habits,
    Lever,
    Levers,
    Month,
    Period,
    PeriodFigures,
    PlatformLever,
    Promises,
    Rating,
    Release,
    Reputation,
    WaitingNow,
    Wave,
    WhatIf,
    read_habits,
    read_lever,
    read_reputation,
)
from portal.statistics.moments import ROLE_FAMILIES
from portal.statistics.score import Estimate
from portal.statistics.survival import GhostRate, Share
from tests.support.causal import CAUSAL
from tests.support.scorecards import answers, lever, share, waiting


def released(counts: tuple[int, ...], label: str | None = None) -> Reputation:
    found = read_reputation(answers(counts, label))
    assert found
    return found


RELEASED = released((1, 2, 6, 12, 8))
EARLY = released((1, 0, 2, 3, 1), "early")
UNASKED = replace(RELEASED, chased=replace(RELEASED.chased, shown=False))
NOT_TOLD = GhostRate(0.2, 0.1, 0.3, 40, not_told=8)
NOBODY = GhostRate(None, 0.0, 1.0, 0, not_told=0)
DENIED = Agreement(80, 14, 3, 30, Share(**share(14, 94)), kappa=0.68, is_denied_flag=False)
PROMISES = Promises(50, kept=30, broken=10, not_made=50, kept_share=Share(**share(30, 40)))
DUE_LATER = replace(PROMISES, kept=0, broken=0, kept_share=Share(**share(0, 0)))
TOLD = Share(0.4, 0.3, 0.5, 120)
HIGHER = read_lever(lever("inform_3d", 0.61, 0.2))
LOWER = read_lever(lever("phone_all", -0.31, 0.2))
TINY = read_lever(lever("realistic_promises", 0.04, 0.03))
UNCLEAR = read_lever(lever("feedback_all", 0.1, 0.2))
TOGETHER = PlatformLever(0.4, 0.3, 0.5, employers=14, answers=3200)
TOGETHER_LOWER = PlatformLever(-0.4, -0.5, -0.3, employers=14, answers=3200)
TOGETHER_UNCLEAR = PlatformLever(0.1, -0.1, 0.3, employers=14, answers=3200)
NEWEST = Release(4.0, 3.5, 4.4, number=2, released_on=date(2026, 11, 23), answers=13)
EARLIER = Release(3.5, 3.1, 3.9, number=1, released_on=date(2026, 10, 24), answers=12)
SKIPPED = Coverage(30, 20, 15, 3, 14, 9, skipped={"no_email": 12, "opted_out": 3})
ONE, OTHER = Rated("Jan", Rating(3.0, 2.9, 3.1), 8), Rated("Feb", Rating(4.0, 3.9, 4.1), 9)
SOME_WAIT = {
    "role_family": {"sales": GroupRating(3.0, 2.9, 3.1, 8), "other": GroupRating(4.0, 3.9, 4.1, 9)}
}


def hidden(reason: str) -> Lever:
    return read_lever(lever("inform_3d", 0.0, 0.5, hidden=reason))


def stand(largest: list[str], *more: Lever) -> Levers:
    """Three levers that may be shown, and how they stand to each other."""
    names = ("phone_all", "inform_3d", "feedback_all")
    shown = [read_lever(lever(name, 0.5 - 0.1 * at, 0.2)) for at, name in enumerate(names)]
    return Levers((*shown, *more), tuple(largest), (("feedback_all", "inform_3d"),))


def standing(largest: list[str], *more: Lever) -> str:
    found = stand(largest, *more)
    return " ".join(figures.largest_levers(found, is_own=True) + figures.unranked_levers(found))


NOW = PeriodFigures(
    since=date(2026, 9, 24),
    releases=2,
    answers=38,
    rating=Rating(3.8, 3.4, 4.1),
    nps=Estimate(12, -13, 37),
    change=Estimate(0.3, 0.1, 0.7),
)


def beside(*, is_own: bool = False, **counts: int) -> str:
    found = replace(SKIPPED, **{"waiting": 0} | counts)
    return " ".join(figures.beside_coverage(found, 5, is_own=is_own))


def habits_of(channels: dict[str, int]) -> Habits:
    found = read_habits(waiting(20, ((0, 20),)) | {"channels": channels})
    assert found
    return found


def told_on(days: dict[int, int], age: int = 200) -> Habits:
    """Habits of 20 decisions, by how many were told after how many days."""
    found = read_habits(waiting(20, tuple(days.items()), age))
    assert found
    return found


def worth(largest: list[str], *, alone: bool = False) -> str:
    """All that stands beside the one habit, of levers of which LARGEST may be the largest."""
    found = Levers((HIGHER,) if alone else (HIGHER, UNCLEAR), tuple(largest))
    card = replace(RELEASED, levers=found, lever_answers=100)
    said = figures.one_habit(card, habits_of({"email": 20}))
    habits = (f"{one.stars.sentence} {one.so_far}" for one in said.habits)
    return " ".join([*habits, said.verdict, said.why_none])


OTHERS = (0, 0, 1, 2, 2, 4, 2, 1)


def beside_published(number: int) -> str:
    """The row of a published figure, read aloud."""
    habits = replace(habits_of({}), ghost={30: GhostRate(0.2, 0.1, 0.3, 40, not_told=8)})
    rows = figures.published_rows(figures.beside_published(RELEASED, habits, 5))
    return " ".join(filter(None, rows[number]))


# (words that must stand in it in English, in French, what says it)
STATES: dict[str, tuple[str, str, Any]] = {
    "comments, read one way": (
        "Read as positive: 67 %, 95 % range 39 % to 86 %, 8 of 12 comments.",
        "Lus comme positifs : 67 %, intervalle à 95 % : 39 % à 86 %, 8 sur 12 commentaires.",
        lambda: figures.read_as_positive(8, 4, 5),
    ),
    "comments, too few read one way": (
        "Read as positive: cannot be said yet. Fewer than 5 comments read clearly one way.",
        "Moins de 5 commentaires se lisent clairement dans un sens.",
        lambda: figures.read_as_positive(3, 1, 5),
    ),
    "comments, unclear": (
        "Unclear: 20 %, counted in full, 4 of 20 comments.",
        "Incertain : 20 %, tout est compté, 4 sur 20 commentaires.",
        lambda: figures.read_as_unclear(4, 20),
    ),
    "comments, not scored": (
        "Not scored: 10 %, counted in full, 2 of 20 comments.",
        "Non évalué : 10 %, tout est compté, 2 sur 20 commentaires.",
        lambda: figures.not_scored(2, 20, ["No words: 2."]),
    ),
    "score": (
        "Stars: 3.8 of 5, 95 % range 3.4 to 4.1, from 29 answers.",
        "3,8 sur 5, intervalle à 95 % : 3,4 à 4,1, d’après 29 avis.",
        lambda: figures.score(RELEASED, 5),
    ),
    "score, early": (
        "from 7 answers. Early: few answers so far.",
        "d’après 7 avis. Provisoire : peu d’avis pour l’instant.",
        lambda: figures.score(EARLY, 5),
    ),
    "score, not enough": (
        "Stars: cannot be said yet. Not enough feedback yet: a score needs 5 released answers.",
        "ne peut pas encore être dit. Pas encore assez d’avis : une note demande 5 avis parus.",
        lambda: figures.score(None, 5),
    ),
    "a period": (
        "38 answers in 2 releases, the first of September 24, 2026.",
        "38 avis dans 2 parutions, la première du 24 septembre 2026.",
        lambda: figures.period_held(NOW),
    ),
    "a period against before": (
        "Last 90 days against before: +0.3 stars, 95 % range +0.1 to +0.7, at least 30 answers on "
        "each side. Higher than before.",
        "90 derniers jours, comparés à avant : +0,3 étoile, intervalle à 95 % : +0,1 à +0,7",
        lambda: figures.period_stats(90, NOW, 5)[0].says,
    ),
    "a period with few before": (
        "Last 365 days against before: cannot be said yet. It takes 30 answers in the period",
        "365 derniers jours, comparés à avant : ne peut pas encore être dit. Il faut 30 avis",
        lambda: figures.period_stats(365, replace(NOW, change=None), 5)[0].says,
    ),
    "a question of a period": (
        "Turn away after this: cannot be said yet. Too few answered this question, in this period",
        "Trop peu de personnes ont répondu à cette question, dans cette période ou en dehors.",
        lambda: figures.period_stats(90, NOW, 5)[2],
    ),
    "periods beside each other": (
        "Last 90 days: +0.3 stars against before (95 % range +0.1 to +0.7), higher. Last 365 days: "
        "not held against before, as either has fewer than 30 answers.",
        "90 derniers jours : +0,3 étoile par rapport à avant",
        lambda: (
            figures.periods_chart(
                replace(RELEASED, periods=(Period(90, NOW), Period(365, replace(NOW, change=None))))
            ).finding
        ),
    ),
    "of when it is": (
        "As of November 2, 2026",
        "État au 2 novembre 2026",
        lambda: figures.as_of(date(2026, 11, 2)),
    ),
    "published figures": (
        "Yours beside 3 published figures: 3 above, 0 below, 0 cannot be told apart",
        "3 au-dessus, 0 en dessous, 0 impossibles à départager",
        lambda: figures.published_said(figures.beside_published(RELEASED, None, 5)),
    ),
    "the article among published figures": (
        "Not told within 30 days 43 % 20 %, 95 % range 10 % to 30 %, 8 of 40 decisions below An "
        "article. D: its survey could not be traced. Job seekers in general say they heard nothing",
        "Sans réponse au bout de 30 jours 43 % 20 %, intervalle à 95 % : 10 % à 30 %, 8 sur 40 "
        "décisions",
        lambda: beside_published(0),
    ),
    "a published figure with its question": (
        "Turn away after this, 2024 14 % 31 %, 95 % range 22 % to 42 %, from 29 answers above "
        "CandE Benchmark Research, North America. A: published by those who asked",
        "Se détournent ensuite, 2024 14 % 31 %, intervalle à 95 % : 22 % à 42 %, d’après 29 avis "
        "au-dessus CandE Benchmark Research, Amérique du Nord.",
        lambda: beside_published(2),
    ),
    "a published figure of phone calls": (
        "Heard by phone or in person, 2018 10 % not enough yet Talent Board, North America. B: ",
        "Informés par téléphone ou en personne, 2018 10 % pas encore assez Talent Board",
        lambda: beside_published(4),
    ),
    "a published figure at second hand": (
        "Talent Board, as a reader of its report quotes it, North America. C: second hand",
        "Talent Board, cité par un lecteur de son rapport, Amérique du Nord. C : de seconde main",
        lambda: beside_published(7),
    ),
    "few others here": (
        "Employers here are shown by half stars once 10 publish a score; 4 do.",
        "Les employeurs d’ici sont montrés par demi-étoile dès que 10 publient une note ; 4 le",
        lambda: figures.others_said((0, 0, 1, 0, 2, 1, 0, 0), 3.8, is_among=True),
    ),
    "others here": (
        "Of 12 employers here that publish, 4 have 3.5 to 3.9 stars, as you do",
        "Sur 12 employeurs d’ici qui publient, 4 ont de 3,5 à 3,9 étoiles, comme vous",
        lambda: figures.others_said(OTHERS, 3.9, is_among=True),
    ),
    "others here, of one that does not publish": (
        "Of 12 employers here that publish, 1 have 4.5 to 5.0 stars, as you would",
        "Sur 12 employeurs d’ici qui publient, 1 ont de 4,5 à 5,0 étoiles, comme vous si",
        lambda: figures.others_said(OTHERS, 5.0, is_among=False),
    ),
    "all releases": ("All time", "Depuis le début", lambda: figures.period_name(None)),
    "an empty period": (
        "Nothing was released in it.",
        "Rien n’y est paru.",
        lambda: figures.why_no_period(Period(90, None, "none"), 5),
    ),
    "a period that is all": (
        "It holds all releases.",
        "Elle contient toutes les parutions.",
        lambda: figures.why_no_period(Period(90, None, "all"), 5),
    ),
    "a period of few": (
        "Shown once it holds 5 answers in whole releases, and nothing can be worked out of",
        "Affiché dès que la période contient 5 avis dans des parutions entières",
        lambda: figures.why_no_period(Period(90, None, "few"), 5),
    ),
    "a period of an older scorecard": (
        "Counted with the next release.",
        "Calculé à la prochaine parution.",
        lambda: figures.why_no_period(Period(90, None), 5),
    ),
    "no groups": (
        "Shown once each group has 5 answers in whole releases",
        "a 5 avis dans des parutions entières, et que rien ne peut être déduit",
        lambda: figures.why_no_groups(5),
    ),
    "spread": (
        "Of 29 answers, 69 % gave 4 or 5 stars and 10 % gave 1 or 2.",
        "Sur 29 avis, 69 % ont donné 4 ou 5 étoiles",
        lambda: figures.histogram((1, 2, 6, 12, 8), 29, 10).finding,
    ),
    "trend, apart": (
        "From 3.0 stars (Oct 2026) to 4.0 (Nov 2026). The two ranges do not overlap.",
        "De 3,0 étoiles (oct. 2026) à 4,0 (nov. 2026).",
        lambda: figures.trend_chart([replace(EARLIER, stars=3.0, high=3.1), NEWEST]).finding,
    ),
    "trend, alike": (
        "The two ranges overlap: this may be chance.",
        "hasard",
        lambda: figures.trend_chart([EARLIER, NEWEST]).finding,
    ),
    "nps": (
        "Would suggest applying here: −4 candidate NPS, 95 % range −22 to +14, from 29 answers.",
        "−4",
        lambda: figures.nps(RELEASED),
    ),
    "resentment": (
        "Turn away after this: 31 %, 95 % range 22 % to 42 %, from 29 answers.",
        "Se détournent ensuite : 31 %",
        lambda: figures.resentment(RELEASED, 5),
    ),
    "chased": (
        "Had to ask for news: 31 %",
        "Ont dû demander des nouvelles : 31 %",
        lambda: figures.chased(RELEASED, 5),
    ),
    "chased, too few": (
        "Had to ask for news: cannot be said yet. Fewer than 5 answered this question.",
        "Moins de 5 avis sur cette question.",
        lambda: figures.chased(UNASKED, 5),
    ),
    "change, up": (
        "Last 90 days against before: +0.3 stars, 95 % range +0.1 to +0.6, up to "
        "Nov 1, 2026, at least 30 answers on each side. Higher than before.",
        "+0,3 étoile, intervalle à 95 % : +0,1 à +0,6, jusqu’au 1er nov. 2026, au "
        "moins 30 avis de chaque côté. Plus haut qu’avant.",
        lambda: figures.change(replace(RELEASED, change=Estimate(0.34, 0.08, 0.6))),
    ),
    "change, down": (
        "Lower than before.",
        "Plus bas qu’avant.",
        lambda: figures.change(replace(RELEASED, change=Estimate(-0.34, -0.6, -0.08))),
    ),
    "change, unclear": (
        "Cannot be told apart from before.",
        "Ne se distingue pas d’avant.",
        lambda: figures.change(replace(RELEASED, change=Estimate(0.1, -0.1, 0.3))),
    ),
    "change, too few": (
        "It takes 30 answers in the last 90 days and 30 before.",
        "Il faut 30 avis dans les 90 derniers jours et 30 avant.",
        lambda: figures.change(None),
    ),
    "wave, differs": (
        "−0.4 stars, 95 % range −0.7 to −0.1. Those who did not answer may differ.",
        "Celles qui n’ont pas répondu peuvent différer.",
        lambda: figures.wave(Wave(-0.42, -0.7, -0.14, True)),
    ),
    "wave, unclear": (
        "No clear difference.",
        "Pas de différence nette.",
        lambda: figures.wave(Wave(0.1, -0.1, 0.3, False)),
    ),
    "wave, small": (
        "A small difference.",
        "Une petite différence.",
        lambda: figures.wave(Wave(0.1, 0.05, 0.15, False)),
    ),
    "wave, too few": (
        "Too few answers came before or after a reminder.",
        "Trop peu d’avis avant ou après un rappel.",
        lambda: figures.wave(None),
    ),
    "what if": (
        "Were those who did not answer 0.25 stars lower, the average would be 3.4; were they 0.5 "
        "lower, it would be 3.2.",
        "la moyenne serait de 3,4 ; si elles en donnaient 0,5 de moins, de 3,2.",
        lambda: figures.what_if(WhatIf(0.41, 3.37, 3.22)),
    ),
    "groups, apart": (
        "Highest: Feb, 4.0 stars; lowest: Jan, 3.0. The two ranges do not overlap.",
        "Le plus haut : Feb, 4,0 étoiles ; le plus bas : Jan, 3,0.",
        lambda: groups_said([ONE, OTHER])[0],
    ),
    "one group": (
        "Jan: 3.0 of 5, 95 % range 2.9 to 3.1, from 8 answers.",
        "Jan : 3,0 sur 5",
        lambda: groups_said([ONE])[0],
    ),
    "spread, some wait": (
        "gave 1 or 2. 9 more join once 10 are together, unless a withdrawal has closed their list.",
        "9 autres s’y ajouteront dès que 10 seront réunis",
        lambda: figures.histogram((1, 2, 6, 12, 8), 38, 10).finding,
    ),
    "agreement, of all": (
        "51 of 197 released answers: those of people with a decision, in releases where nobody "
        "can be worked out.",
        "51 sur 197 avis parus",
        lambda: figures.agreement_base(51, 197),
    ),
    "groups, a rest": (
        "Sales and marketing: 3.0 of 5, 95 % range 2.9 to 3.1, from 8 answers. 17 of 40 answers; "
        "in the other releases the groups were too small.",
        "17 sur 40 avis",
        lambda: (
            figures.group_charts(replace(RELEASED, answers=40, dimensions=SOME_WAIT))[0].finding
        ),
    ),
    "groups, alike": (
        "All about 3.0; no difference can be told.",
        "Tous à environ 3,0",
        lambda: groups_said([ONE, ONE._replace(rating=Rating(3.04, 2.9, 3.1))])[0],
    ),
    "held back": (
        "Nearly everybody has answered; some answers wait for the next release, so that no single "
        "answer is certain.",
        "pour qu’aucun avis isolé ne soit certain.",
        lambda: figures.held_back(),
    ),
    "asked undecided": (
        "12 of those asked have no decision on record; they are not among those decided upon.",
        "12 des personnes interrogées n’ont aucune décision enregistrée",
        lambda: beside(undecided_invited=12),
    ),
    "asked undecided, few": (
        "Fewer than 5 of those asked have no decision on record; they are not among those decided "
        "upon.",
        "Moins de 5 des personnes interrogées n’ont aucune décision enregistrée",
        lambda: beside(undecided_invited=1),
    ),
    "beside coverage, the employer's own": (
        "1 withdrew: there was nothing to tell them. 3 more are asked once it is time.",
        "1 personne s’est retirée : il n’y avait rien à lui annoncer. 3 autres",
        lambda: beside(withdrew=1, waiting=3, is_own=True),
    ),
    "people waiting": (
        "Waiting for your answer: 36 people.",
        " votre réponse : 36 personnes.",
        lambda: figures.people_waiting(WaitingNow(36, 543, 5)),
    ),
    "one person waiting": (
        "The decision is 3 days old. 1 more has no decision yet.",
        "La décision date de 3 jours. 1 autre n’a pas encore de décision.",
        lambda: figures.people_waiting(WaitingNow(1, 3, 1)).says,
    ),
    "nobody waiting": (
        "Everybody you have decided on has been told.",
        "Toutes les personnes au sujet desquelles vous avez décidé sont informées.",
        lambda: figures.people_waiting(WaitingNow(0, None, 0)).says,
    ),
    "newest release": (
        "Newest release against the one before: +0.5 stars, 95 % range −0.1 to +1.1, 13 answers "
        "released on Nov 23, 2026, 12 the time before. Cannot be told apart from before.",
        "Dernière parution par rapport à la précédente : +0,5 étoile",
        lambda: figures.newest_release(
            replace(RELEASED, newest=Estimate(0.5, -0.1, 1.1)), [EARLIER, NEWEST]
        ),
    ),
    "newest release, the first": (
        "It takes two releases of feedback.",
        "Il faut deux parutions d’avis.",
        lambda: figures.newest_release(RELEASED, [NEWEST]),
    ),
    "newest release, of an earlier version": (
        "It is compared with the next release.",
        "comparée à la prochaine parution",
        lambda: figures.newest_release(RELEASED, [EARLIER, NEWEST]),
    ),
    "by phone": (
        "Told by phone or in person: 75 %, counted in full, 15 of 20 decisions.",
        "Informées par téléphone ou de vive voix : 75 %",
        lambda: figures.by_phone(habits_of({"phone": 10, "in_person": 5, "none": 5})),
    ),
    "one habit": (
        "Everyone told within 3 days: +0.6 stars, 95 % range +0.4 to +0.8, from 100 answers or "
        "more. Told within 3 days: 100 %, 95 % range 84 % to 100 %, 20 decisions. Goes "
        "with the largest difference, most likely.",
        "Va très probablement de pair avec la plus grande différence.",
        lambda: worth(["inform_3d"]),
    ),
    "one habit, or another": (
        "These cannot be told apart.",
        "Impossible de les départager",
        lambda: worth(["inform_3d", "feedback_all"]),
    ),
    "one habit, alone": (
        "No other lever can be shown to compare it with.",
        "Aucun autre levier",
        lambda: worth(["inform_3d"], alone=True),
    ),
    "no habit, none clear": (
        "No clear difference shows between ways of telling (from 100 answers or more).",
        "Aucune différence nette n’apparaît entre les façons d’informer",
        lambda: worth([]),
    ),
    "no habit, too few answers": (
        "It takes 30 answers of candidates who were turned down.",
        "Il faut 30 avis",
        lambda: (
            figures.one_habit(
                replace(RELEASED, levers=Levers((hidden("too_few_answers"),))), None
            ).why_none
        ),
    ),
    "no habit, no answers": (
        "There is nothing to compare yet.",
        "Il n’y a encore rien à comparer.",
        lambda: figures.one_habit(None, None).why_none,
    ),
    "told of a month": (
        "Decided in October 2026, told by now: 18 of 22, counted in full.",
        "Décisions, octobre 2026 : annoncées à ce jour : 18 sur 22",
        lambda: figures.told_of_month(Month(date(2026, 10, 1), 22, 18)),
    ),
    "nobody decided on in a month": (
        "cannot be said yet. Nobody was decided on.",
        "Aucune décision n’a été prise.",
        lambda: figures.told_of_month(Month(date(2026, 10, 1), 0, 0)),
    ),
    "the silent": (
        "9 of 15 of those asked have answered (60 %). The others may think otherwise.",
        "9 sur 15 personnes interrogées ont répondu (60 %).",
        lambda: figures.silent(SKIPPED),
    ),
    "why nobody asked": (
        "Other reasons 15",
        "Autres motifs 15",
        lambda: ", ".join(map(" ".join, figures.reasons_not_asked(SKIPPED, 5))),
    ),
    "told within": (
        "Told within 7 days: 40 %, 95 % range 30 % to 50 %, 120 decisions.",
        "Réponse en 7 jours : 40 %, intervalle à 95 % : 30 % à 50 %, 120 décisions.",
        lambda: figures.told_within(TOLD, 7, 120),
    ),
    "told within, all alike": (
        "100 %, all alike, so no range can be given, 1 decision.",
        "1 décision.",
        lambda: figures.told_within(Share(1.0, 1.0, 1.0, 1), 7, 1),
    ),
    "told within, too young": (
        "Told within 30 days: cannot be said yet. Too few decisions are that old yet.",
        "Trop peu de décisions sont déjà aussi anciennes.",
        lambda: figures.told_within(TOLD, 30, 5, is_followed=False),
    ),
    "waiting": (
        "Told within 3 days: 40 %; 7 days: 60 %; 14 days: 60 %; 30 days: 60 %. Half of the "
        "candidates are told within 5 days",
        "Réponse en 3 jours : 40 % ; 7 jours : 60 % ; 14 jours : 60 % ; 30 jours : 60 %. La moitié "
        "des candidatures reçoit une réponse en 5 jours",
        lambda: figures.told_chart(told_on({3: 8, 5: 4})).finding,
    ),
    "waiting, at once": (
        "Half of the candidates are told on the day of the decision.",
        "le jour de la décision.",
        lambda: figures.median_stat(told_on({0: 18})),
    ),
    "waiting, never": (
        "More than half of the candidates are not told by day 30.",
        "Plus de la moitié des candidatures est sans réponse au jour 30.",
        lambda: figures.told_chart(told_on({30: 8})).finding,
    ),
    "median": (
        "Half of the candidates are told within 6 days of the decision.",
        "en 6 jours après la décision.",
        lambda: figures.median_stat(told_on({6: 12})),
    ),
    "no curve": (
        "The curve is drawn to day 30; decisions have been followed to day 5 so far.",
        "La courbe va jusqu’au jour 30 ; les décisions sont suivies jusqu’au jour 5",
        lambda: figures.no_curve(told_on({}, age=5)),
    ),
    "never told, below": (
        "Not told within 30 days: 20 %, 95 % range 10 % to 30 %, 8 of 40 decisions. "
        "Below an article’s 43 %.",
        "Au-dessous des 43 % d’un article.",
        lambda: figures.ghost_rate(NOT_TOLD, 30),
    ),
    "never told, above": (
        "Above an article’s 43 %.",
        "Au-dessus des 43 % d’un article.",
        lambda: figures.ghost_rate(replace(NOT_TOLD, low=0.5, high=0.7), 30),
    ),
    "never told, cannot be told apart": (
        "Cannot be told apart from an article’s 43 %.",
        "Ne se distingue pas des 43 % d’un article.",
        lambda: figures.ghost_rate(replace(NOT_TOLD, low=0.3, high=0.5), 30),
    ),
    "late or never": (
        "Not told within 14 days: 20 %, 95 % range 10 % to 30 %, 8 of 40 decisions.",
        "Sans réponse au bout de 14 jours : 20 %",
        lambda: figures.ghost_rate(NOT_TOLD, 14),
    ),
    "never told, too young": (
        "Not told within 30 days: cannot be said yet. No decision is that old yet.",
        "Aucune décision n’est encore aussi ancienne.",
        lambda: figures.ghost_rate(NOBODY, 30),
    ),
    "never told, too few": (
        "Too few decisions are that old yet.",
        "Trop peu de décisions",
        lambda: figures.ghost_rate(replace(NOT_TOLD, n=4), 30, 5),
    ),
    "beside the line": (
        "cannot be told apart",
        "ne se distingue pas",
        lambda: figures.beside_article("unclear"),
    ),
    "decision time": (
        "Half are decided within: 9 days, counted in full, 120 decisions with "
        "a last interview on record.",
        "La moitié est décidée en : 9 jours",
        lambda: figures.decision_time(DecisionTime(120, 9, 27))[0],
    ),
    "decision time, none": (
        "Nine in ten within: cannot be said yet. No decision has a last interview on record.",
        "Aucune décision n’a de dernier entretien noté.",
        lambda: figures.decision_time(None)[1],
    ),
    "promised": (
        "Were promised a date: 50 %, counted in full, 50 of 100 decisions.",
        "50 sur 100 décisions.",
        lambda: figures.promises(PROMISES)[0],
    ),
    "promises kept": (
        "Promised dates kept: 75 %, 95 % range 60 % to 86 %, 30 of 40 promises.",
        "30 sur 40 promesses.",
        lambda: figures.promises(PROMISES)[1],
    ),
    "promises, not due": (
        "No promised date has come yet.",
        "Aucune date promise n’est encore arrivée.",
        lambda: figures.promises(DUE_LATER)[1],
    ),
    "promises, none": (
        "No promise has been counted yet.",
        "Aucune promesse n’a encore été comptée.",
        lambda: figures.promises(None)[0],
    ),
    "told why": (
        "Told why: 40 %, counted in full, 4 of 10 decisions.",
        "Motif donné : 40 %",
        lambda: figures.told_why(Feedback(6, 3, 1)),
    ),
    "told why, nobody": (
        "Nobody has been told yet.",
        "Personne n’a encore reçu de réponse.",
        lambda: figures.told_why(Feedback(0, 0, 0)),
    ),
    "denied": (
        "Recorded as told, but say they were not: 15 %, 95 % range 9 % to 23 %, 14 of 94 answers.",
        "14 sur 94 avis.",
        lambda: figures.agreement(DENIED, 5),
    ),
    "denied, flagged": (
        "14 of 94 answers. Worth a second look.",
        "À regarder de plus près.",
        lambda: figures.agreement(replace(DENIED, is_denied_flag=True), 5),
    ),
    "denied, too few": (
        "It takes releases in which at least 5 answers of people recorded as told can be counted "
        "apart.",
        "au moins 5 avis de personnes enregistrées comme informées",
        lambda: figures.agreement(None, 5),
    ),
    "kappa": ("0.68; 1 is full agreement", "0,68", lambda: figures.kappa(0.684)),
    "cherry-picking": (
        "invited to answer clearly more often",
        "nettement plus souvent",
        lambda: figures.flag("cherry_picking"),
    ),
    "log denied": (
        "say they were not told",
        "disent être restées sans réponse",
        lambda: figures.flag("log_denied"),
    ),
    "lever, higher": (
        "Among candidates you turned down, those told within 3 days rated you higher than "
        "comparable candidates told later. If the same pattern held for everybody, your average "
        "would be about 0.6 stars higher (95 % range 0.4 to 0.8).",
        "moyenne serait plus haute, environ 0,6 étoile de plus (intervalle à 95 % : 0,4 à 0,8).",
        lambda: figures.lever(HIGHER),
    ),
    "lever, lower": (
        "your average would be about 0.3 stars lower (95 % range 0.1 to 0.5).",
        "plus basse",
        lambda: figures.lever(LOWER),
    ),
    "lever, tiny": (
        "no clear difference shows between those whose promised date was kept and comparable "
        "candidates whose date was missed (0.0 stars on your average, 95 % range 0.0 to +0.1).",
        "pas de différence nette",
        lambda: figures.lever(TINY),
    ),
    "lever, no clear difference": (
        "no clear difference shows between those told why and comparable candidates told without "
        "a reason (+0.1 stars on your average, 95 % range −0.1 to +0.3).",
        "pas de différence nette entre celles qui en ont appris le motif",
        lambda: figures.lever(UNCLEAR),
    ),
    "levers, the largest": (
        "Most likely your largest lever: told by phone. Cannot be ranked: told within 3 days, told "
        "why.",
        "Très probablement votre plus grand levier : une réponse par téléphone. Impossibles à "
        "départager : une réponse en 3 jours, un motif.",
        lambda: standing(["phone_all"]),
    ),
    "levers, the largest of all together": (
        "Most likely the largest lever: told by phone.",
        "Très probablement le plus grand levier : une réponse par téléphone.",
        lambda: figures.largest_levers(stand(["phone_all"]), is_own=False)[0],
    ),
    "levers, of all together": (
        "All 14 employers together, from 3,200 answers",
        "Les 14 employeurs ensemble",
        lambda: figures.together(PlatformLever(0.2, 0.1, 0.3, 14, 3200)),
    ),
    "levers, either of two": (
        "These two cannot be told apart: told by phone, told within 3 days. Either may be the "
        "larger. Cannot be ranked: told within 3 days, told why.",
        "Ces deux leviers ne peuvent être départagés : une réponse par téléphone, une réponse en "
        "3 jours. L’un comme l’autre peut être le plus grand.",
        lambda: standing(["inform_3d", "phone_all"]),
    ),
    "levers, any of three": (
        "These 3 cannot be told apart: told by phone, told within 3 days, told why. Any of them "
        "may be the largest.",
        "Ces 3 leviers ne peuvent être départagés : une réponse par téléphone, une réponse en 3 "
        "jours, un motif. Chacun peut être le plus grand.",
        lambda: standing(["feedback_all", "inform_3d", "phone_all"]),
    ),
    "levers, one hidden": (
        "Only levers that can be shown are compared.",
        "Seuls les leviers qui peuvent être montrés sont comparés.",
        lambda: standing(["phone_all"], hidden("too_uncertain")),
    ),
    "levers, one alone": (
        "No other lever can be shown to compare it with.",
        "Aucun autre levier ne peut lui être comparé ici.",
        lambda: figures.largest_levers(
            Levers((HIGHER, hidden("too_uncertain")), ("inform_3d",)), is_own=True
        )[0],
    ),
    "levers, not to be ranked": (
        "Cannot be ranked: told within 3 days, told why.",
        "Impossibles à départager : une réponse en 3 jours, un motif.",
        lambda: figures.unranked_levers(stand(["phone_all"]))[0],
    ),
    "levers, unrecorded": (
        "Tellings nobody recorded make these figures too small.",
        "que personne n’a enregistrées rendent ces chiffres trop petits.",
        figures.unrecorded,
    ),
    "levers, records in doubt": (
        "read these figures with doubt, they stand on the records.",
        "lisez ces chiffres avec prudence",
        figures.doubtful,
    ),
    "lever, answers alike": (
        "All answers are alike: there is nothing to compare.",
        "Tous les avis sont identiques : il n’y a rien à comparer.",
        lambda: figures.lever(hidden("answers_alike")),
    ),
    "lever, too few answers": (
        "Everyone told within 3 days: cannot be said yet. It takes 30 answers of candidates who "
        "were turned down.",
        "Il faut 30 avis de personnes non retenues.",
        lambda: figures.lever(hidden("too_few_answers")),
    ),
    "lever, nothing to change": (
        "By the records there is nothing to change.",
        "il n’y a rien à changer.",
        lambda: figures.lever(hidden("nothing_to_change")),
    ),
    "lever, not enough variation": (
        "Too few answers on one side of the comparison: it takes 10 on each.",
        "il en faut 10 de chaque côté.",
        lambda: figures.lever(hidden("not_enough_variation")),
    ),
    "lever, too uncertain": (
        "Too uncertain: the 95 % range is wider than 0.7 stars.",
        "plus large que 0,7 étoile.",
        lambda: figures.lever(hidden("too_uncertain")),
    ),
    "lever, answers": (
        "from 80 answers or more",
        "d’après 80 avis ou plus",
        lambda: figures.answers_or_more(80),
    ),
    "platform, higher": (
        "All 14 employers together, from 3,200 answers: if the same pattern held for everybody, "
        "the average would be about 0.4 stars higher (95 % range 0.3 to 0.5).",
        "Les 14 employeurs ensemble, d’après 3 200 avis",
        lambda: figures.platform_lever(TOGETHER),
    ),
    "platform, lower": (
        "the average would be about 0.4 stars lower",
        "la moyenne serait plus basse",
        lambda: figures.platform_lever(TOGETHER_LOWER),
    ),
    "platform, unclear": (
        "no clear difference (+0.1 stars on the average, 95 % range −0.1 to +0.3).",
        "pas de différence nette (+0,1 étoile sur la moyenne",
        lambda: figures.platform_lever(TOGETHER_UNCLEAR),
    ),
    "platform, labelled": (
        "This is not your own figure.",
        "Ce n’est pas votre propre chiffre.",
        figures.not_your_own,
    ),
    "association": (
        "it is not proof of cause.",
        "ce n’est pas une preuve de causalité.",
        figures.association,
    ),
    "overlap": ("never add them up.", "ne les additionnez jamais.", figures.overlap),
    "brief": (
        "Call: about +0.6 stars (+0.4 to +0.8).",
        "Call : environ +0,6 étoile (+0,4 à +0,8).",
        lambda: figures.brief("Call", HIGHER.own),
    ),
    "brief, unclear": (
        "Call: no clear difference.",
        "Call : pas de différence nette.",
        lambda: figures.brief("Call", UNCLEAR.own),
    ),
}


def plain(text: str) -> str:
    """TEXT with spaces that may break, so that the table can be read."""
    return text.replace(formatting.NBSP, " ").replace("\u202f", " ")


def parts(said: str | Figure) -> Iterator[str]:
    """Everything a reader may see of it."""
    if isinstance(said, str):
        yield said
    else:
        yield from (text for text in dataclasses.astuple(said) if text)


@pytest.mark.parametrize("spoken", ["en", "fr"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_sentence(state: str, spoken: str) -> None:
    english, french, say = STATES[state]
    with language.use(spoken):
        said = say()
    sentence = said if isinstance(said, str) else said.sentence
    assert (english if spoken == "en" else french) in plain(sentence)
    for text in parts(said):
        assert CAUSAL.findall(text) == []
        assert not [wrong for wrong in ("None", "nan", "%(", "{", "..") if wrong in text], text


@pytest.mark.parametrize("state", STATES)
def test_french_is_not_english(state: str) -> None:
    say = STATES[state][2]
    with language.use("fr"):
        french = list(parts(say()))
    assert french != list(parts(say()))


def test_a_figure_is_shown_with_range_and_count_or_says_why_not() -> None:
    all_said = [said for *_, say in STATES.values() if isinstance(said := say(), Figure)]
    assert len(all_said) > 30
    for figure in all_said:
        assert (figure.value is None) == (figure.not_yet is not None)
        # Who waits is a list that can be counted: no range, and nothing it is a share of.
        assert figure.value is None or figure.interval or figure.key == "waiting"
    levers = {"inform_3d", "end_ghosting", "phone_all", "feedback_all", "realistic_promises"}
    assert len({figures.lever_name(name) for name in levers}) == 5


def test_every_function_of_the_layer_is_in_the_table() -> None:
    """A sentence that no state says is a sentence nobody has read."""
    said: set[str] = set()
    for *_, say in STATES.values():
        said |= set(getattr(say, "__code__", None).co_names if hasattr(say, "__code__") else ())
        said.add(getattr(say, "__name__", ""))
    # Types, and what is drawn: tests/test_charts.py.
    offered = {
        name
        for name, one in vars(figures).items()
        if not name.startswith("_") and not isinstance(one, ModuleType)
    }
    drawn = {name for name in offered if name[0].isupper() or "chart" in name}
    drawn |= {"histogram", "effects", "parts_of_all"}
    drawn |= {"told_stat", "ghost_stat", "median_stat", "star_row", "picture"}
    helpers = drawn | {
        "decisions", "decisions_of", "counted", "listed_counts", "beside_coverage",
        "no_score", "score_means", "is_clear",
        "lever_name", "named_largest", "why_hidden", "no_clear_difference",
        "group_name", "feedback_names", "published_rows", "isolated",
    }  # fmt: skip
    assert offered - said - helpers == set()


@pytest.mark.parametrize(
    ("low", "high", "is_clear"),
    [(0.04, 0.4, False), (0.05, 0.2, True), (-0.3, -0.04, False), (-0.3, -0.05, True),
     (-0.2, 0.2, False), (0.0, 0.0, False)],
)  # fmt: skip
def test_a_lever_is_clear_only_if_the_range_that_is_read_leaves_out_zero(low, high, is_clear):
    own = Difference((low + high) / 2, low, high)
    found = Lever("phone_all", own)
    assert figures.is_clear(own) == is_clear
    assert (figures.lever(found).verdict is None) == is_clear
    assert ("rated you" in figures.lever(found).sentence) == is_clear


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_names_are_known_in_both_languages(spoken: str) -> None:
    dimensions = (
        ("role_family", ROLE_FAMILIES),
        ("stage_group", ("screen", "interview", "final", "other")),
        ("lane", ("outcome", "check_in", "other")),
        ("department", ("other",)),
    )
    with language.use(spoken):
        names = {figures.group_name(what, level) for what, levels in dimensions for level in levels}
        assert len(set(figures.feedback_names().values())) == 3
    # what is left over is called alike where it was a stage or a time of asking
    assert len(names) == 17
    assert not names & {"outcome", "check_in", "other"}
    assert figures.group_name("role_family", "later") == "later"


def test_a_department_keeps_its_name_and_its_writing_direction_to_itself() -> None:
    for name in ("R&D", "قسم", "outcome", "<b>"):
        for spoken in ("en", "fr"):
            with language.use(spoken):
                assert figures.group_name("department", name) == f"\u2068{name}\u2069"


def test_no_word_of_the_catalogue_claims_a_cause() -> None:
    source = [("portal/figures/**.py", "python")]
    keywords = DEFAULT_KEYWORDS | {"marked": None}
    found = extract_from_dir(ROOT, source, keywords=keywords)
    english = {text if isinstance(text, str) else text[0] for _file, _line, text, *_ in found}
    assert len(english) > 100
    with (ROOT / "portal/translations/fr/LC_MESSAGES/messages.po").open("rb") as written:
        catalogue = read_po(written, "fr")
    for text in english:
        message = catalogue.get(text)
        assert message is not None, text
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(forms), text
        assert [CAUSAL.findall(form) for form in (text, *forms) if CAUSAL.findall(form)] == []


@pytest.mark.parametrize(
    "claim",
    ["It will rise", "caused by", "because", "improves", "leads to", "thanks to", "an effect of",
     "grâce à", "parce que", "améliore", "entraîne", "un effet de", "provoque"],
)  # fmt: skip
def test_the_test_for_causes_can_fail(claim: str) -> None:
    assert CAUSAL.search(claim)
    assert not CAUSAL.search("it is not proof of cause")


def test_no_count_below_the_floor_can_be_worked_out_from_those_shown() -> None:
    seen: dict[object, list[tuple[int, ...]]] = {}
    for counts in product(range(21), repeat=4):
        if not 5 <= sum(counts) <= 20:
            continue
        rows = figures.listed_counts(dict(zip("abcd", counts, strict=True)), 5, "others")
        assert "fewer" not in str(rows), "each total reaches the floor"
        seen.setdefault((sum(counts), *rows), []).append(counts)
    for shown, possible in seen.items():
        for values in map(set, zip(*possible, strict=True)):
            assert len(values) > 1 or not 0 < min(values) < 5, (shown, possible)
