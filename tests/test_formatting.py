"""What people read: figures, ranges, durations and dates, in English and French."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from markupsafe import Markup

from portal import formatting, language

# French puts a narrow no-break space before "%"; both languages keep numbers and units together.
NB, NNB = "\u00a0", "\u202f"
MOMENT = datetime(2025, 3, 1, 19, 5, 7, tzinfo=UTC)


def in_french(call: Callable[..., str], *values: object, **options: object) -> str:
    with language.use("fr"):
        return call(*values, **options)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [(3.65, "3.7", "3,7"), (3.649, "3.6", "3,6"), (4, "4.0", "4,0"), (1, "1.0", "1,0")],
)
def test_stars_have_one_decimal_and_round_halves_up(
    value: float, english: str, french: str
) -> None:
    assert formatting.stars(value) == english
    assert in_french(formatting.stars, value) == french


@pytest.mark.parametrize(("value", "text"), [(62.5, "63"), (62.4, "62"), (0, "0"), (99.6, "100")])
def test_score_is_a_whole_number(value: float, text: str) -> None:
    assert formatting.score(value) == text


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0.434, f"43{NB}%", f"43{NNB}%"),
        (0, f"0{NB}%", f"0{NNB}%"),
        (1, f"100{NB}%", f"100{NNB}%"),
        (0.005, f"1{NB}%", f"1{NNB}%"),
    ],
)
def test_share_is_in_per_cent(value: float, english: str, french: str) -> None:
    assert formatting.share(value) == english
    assert in_french(formatting.share, value) == french


def test_share_takes_decimals() -> None:
    assert in_french(formatting.share, 0.1234, digits=1) == f"12,3{NNB}%"


def test_count_is_grouped_as_the_reader_does() -> None:
    assert formatting.count(1204) == "1,204"
    assert in_french(formatting.count, 1204) == f"1{NNB}204"


@pytest.mark.parametrize(
    ("value", "text"), [(0.6, "+0.6"), (-0.25, "−0.3"), (0.04, "0.0"), (-0.04, "0.0"), (0, "0.0")]
)
def test_change_carries_its_sign(value: float, text: str) -> None:
    assert formatting.signed(value) == text


def test_number_is_never_minus_zero() -> None:
    assert formatting.number(-0.04, 1) == "0.0"
    assert in_french(formatting.number, -3.14159, 2) == "-3,14"


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (1, f"1{NB}star", f"1{NB}étoile"),
        (1.5, f"1.5{NB}stars", f"1,5{NB}étoile"),
        (5, f"5{NB}stars", f"5{NB}étoiles"),
    ],
)
def test_stars_in_words_follow_the_language(value: float, english: str, french: str) -> None:
    assert formatting.stars_text(value) == english
    assert in_french(formatting.stars_text, value) == french


def test_ranges_read_as_sentences() -> None:
    assert formatting.stars_with_interval(3.7, 3.3, 4) == f"3.7{NB}stars, 95{NB}% range 3.3 to 4.0"
    french = in_french(formatting.stars_with_interval, 3.7, 3.3, 4)
    assert french == f"3,7{NB}étoiles, intervalle à 95{NB}%{NB}: 3,3 à 4,0"
    assert formatting.share_with_interval(0.82, 0.75, 0.88) == (
        f"82{NB}%, 95{NB}% range 75{NB}% to 88{NB}%"
    )
    assert formatting.stars_interval(3.3, 4) == f"95{NB}% range 3.3 to 4.0"
    assert formatting.score_interval(57.5, 75) == f"95{NB}% range 58 to 75"
    assert formatting.share_interval(0, 0.1) == f"95{NB}% range 0{NB}% to 10{NB}%"
    assert formatting.signed_interval(0.4, 0.8) == f"95{NB}% range +0.4 to +0.8"
    assert in_french(formatting.interval_short, "3.3", "4.0") == "3.3 à 4.0"
    assert in_french(formatting.range_heading) == f"Intervalle à 95{NB}%"


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (1, f"1{NB}day", f"1{NB}jour"),
        (3, f"3{NB}days", f"3{NB}jours"),
        (4.5, f"4.5{NB}days", f"4,5{NB}jours"),
        (0, f"0{NB}days", f"0{NB}jour"),
    ],
)
def test_durations_count_days(value: float, english: str, french: str) -> None:
    assert formatting.days(value) == english
    assert in_french(formatting.days, value) == french


@pytest.mark.parametrize(
    ("offset", "english", "french"),
    [
        (0, "today", "aujourd’hui"),
        (1, "tomorrow", "demain"),
        (-1, "yesterday", "hier"),
        (2, "in 2 days", "dans 2 jours"),
        (-45, "45 days ago", "il y a 45 jours"),
        (400, "in 400 days", "dans 400 jours"),
    ],
)
def test_days_are_seen_from_today(offset: int, english: str, french: str) -> None:
    assert formatting.days_from_today(offset) == english
    assert in_french(formatting.days_from_today, offset) == french


def test_nothing_known_is_said_in_words() -> None:
    calls = (
        formatting.number, formatting.count, formatting.share, formatting.signed,
        formatting.stars, formatting.stars_text, formatting.score, formatting.days,
        formatting.day, formatting.moment, formatting.month, formatting.time_tag,
        formatting.day_tag,
    )  # fmt: skip
    for call in calls:
        assert call(None) == "not known"
        assert in_french(call, None) == "inconnu"
    assert formatting.stars_with_interval(None, None, None) == "not known"
    assert in_french(formatting.share_with_interval, None, None, None) == "inconnu"


def test_dates_are_in_the_readers_language_and_zone() -> None:
    late = datetime(2025, 3, 1, 23, 30, tzinfo=UTC)
    assert formatting.day(date(2025, 3, 1)) == "March 1, 2025"
    assert in_french(formatting.day, late, "Europe/Paris") == "2 mars 2025"
    assert formatting.day(late, "America/Toronto", "medium") == "Mar 1, 2025"
    assert in_french(formatting.month, date(2025, 3, 1)) == "mars 2025"
    assert formatting.month_short(date(2025, 3, 1)) == "Mar 2025"
    assert formatting.quarter(date(2025, 4, 1)) == "Q2 2025"
    assert in_french(formatting.quarter, date(2025, 12, 31)) == "T4 2025"


def test_moments_name_their_zone() -> None:
    assert formatting.moment(MOMENT, zone="America/Toronto") == f"Mar 1, 2025, 2:05{NB}PM{NB}EST"
    assert in_french(formatting.moment, MOMENT, "Europe/Paris") == f"1er mars 2025, 20:05{NB}CET"
    unnamed = timezone(timedelta(hours=3), "+03")
    assert in_french(formatting.moment, MOMENT, unnamed) == f"1er mars 2025, 22:05{NB}UTC+03"


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        formatting.moment(datetime(2025, 3, 1, 12, 0))


def test_time_elements_carry_the_exact_time_for_machines() -> None:
    tag = formatting.time_tag(MOMENT, "America/Toronto")
    assert isinstance(tag, Markup)
    assert tag == (f'<time datetime="2025-03-01T19:05:07Z">Mar 1, 2025, 2:05{NB}PM{NB}EST</time>')
    assert formatting.time_tag(date(2025, 3, 1)) == '<time datetime="2025-03-01">Mar 1, 2025</time>'
    late = datetime(2025, 3, 1, 23, 30, tzinfo=UTC)
    assert in_french(formatting.day_tag, late, "Europe/Paris") == (
        '<time datetime="2025-03-02">2 mars 2025</time>'
    )


def test_lists_end_with_and() -> None:
    assert formatting.listing([]) == ""
    assert formatting.listing(["a"]) == "a"
    assert formatting.listing(["a", "b", "c"]) == "a, b and c"
    assert in_french(formatting.listing, ["a", "b"]) == "a et b"


def test_parts_name_the_whole() -> None:
    assert formatting.part_of(112, 1340) == "112 of 1,340"
    assert in_french(formatting.part_of, 112, 134) == "112 sur 134"


@pytest.mark.parametrize("name", ["fr-CA", "fr_CA", "fr"])
def test_regional_names_of_a_language_are_understood(name: str) -> None:
    with language.use(name):
        assert formatting.stars(3.7) == "3,7"
        assert language.code() == "fr"


@pytest.mark.parametrize("name", ["", "zz", "no such thing", "en_ZZ", "de"])
def test_unreadable_locale_reads_as_english(name: str) -> None:
    with language.use(name):
        assert formatting.stars(3.7) == "3.7"
        assert language.code() == "en"


@pytest.mark.parametrize(
    ("region", "day", "clock"),
    [
        ("en", "Mar 1, 2025", "7:05 PM"),
        ("en-US", "Mar 1, 2025", "7:05 PM"),
        ("en-GB", "1 Mar 2025", "19:05"),
        ("en-IE", "1 Mar 2025", "19:05"),
        ("en-CA", "Mar 1, 2025", "7:05 p.m."),
        ("fr", "1er mars 2025", "19:05"),
        ("fr-CA", "1er mars 2025", "19 h 05"),
    ],
)
def test_days_and_times_are_written_as_in_the_readers_region(region, day, clock) -> None:
    with language.use(region):
        said = formatting.moment(MOMENT).replace(NNB, " ").replace(NB, " ")
    assert said == f"{day}, {clock} UTC"


def test_what_was_said_in_one_language_is_not_kept_for_the_next() -> None:
    late = language.lazy_gettext("today")
    assert (str(late), in_french(str, late), str(late)) == ("today", "aujourd’hui", "today")
    assert in_french(formatting.number, 3.7, 1) != formatting.number(3.7, 1)


def test_jinja_filters_ask_for_language_and_zone_each_time() -> None:
    reader = {"zone": "America/Toronto"}
    filters = formatting.jinja_filters(lambda: reader["zone"])
    assert filters["share"](0.5) == f"50{NB}%"
    assert filters["day"](datetime(2025, 3, 2, 3, tzinfo=UTC)) == "March 1, 2025"
    reader["zone"] = "Europe/Paris"
    with language.use("fr"):
        assert filters["share"](0.5) == f"50{NNB}%"
        assert filters["day"](datetime(2025, 3, 2, 3, tzinfo=UTC)) == "2 mars 2025"
        assert filters["day"](date(2025, 3, 2), style="medium") == "2 mars 2025"
