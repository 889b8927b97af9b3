"""An export of past applications, with dates, analysed without installing anything."""

import csv
import io
from datetime import date, timedelta

import pytest

from portal.analysis import AnalysisRefused, analyse_file, read_candidates
from portal.cli.analysis_text import report_text

HEADER = (
    *("external_id", "name", "email", "role", "role_family", "stage", "last_interview_on"),
    *("outcome", "decided_on", "told_on", "channel", "feedback", "promised_on", "rating"),
    "reported_told",
)
DECIDED = date(2026, 3, 2)
USUAL = {
    "role_family": "Engineering",
    "stage": "Panel interview",
    "outcome": "rejected",
    "decided_on": DECIDED.isoformat(),
}


@pytest.fixture
def write(tmp_path):
    def written(*rows, separator=",", header=HEADER):
        out = io.StringIO()
        writer = csv.DictWriter(out, header, delimiter=separator, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(USUAL | row for row in rows)
        path = tmp_path / "history.csv"
        path.write_text("\ufeff" + out.getvalue(), encoding="utf-8")
        return path

    return written


def day(after: int) -> str:
    return (DECIDED + timedelta(days=after)).isoformat()


def test_dates_become_days_and_words_codes(write):
    kept = {"told_on": day(2), "channel": "In person", "feedback": "specific", "rating": "4"}
    late = {"told_on": day(9), "channel": "email", "stage": "Final round", "rating": ""}
    never = {"stage": "Applied", "role_family": "Catering"}
    found = read_candidates(
        write(kept | {"promised_on": day(3)}, late | {"promised_on": day(3)}, never)
    )
    assert found.decision_day.tolist() == [DECIDED.toordinal()] * 3
    assert found.days_to_told.tolist() == [2, 9, -1]
    assert found.promise_kept.tolist() == [1, 0, 0]
    assert found.promise_broken.tolist() == [0, 1, 0]
    assert found.feedback.tolist() == [1, 0, 0]
    assert found.answered.tolist() == [1, 0, 0]
    assert found.stars.tolist() == [4, 0, 0]
    assert len(set(found.stage.tolist())) == 3
    assert found.role_family[0] == found.role_family[1] != found.role_family[2]


def test_open_applications_are_left_out_and_semicolons_part_as_well(write):
    path = write({"outcome": "", "decided_on": ""}, {"rating": "5"}, separator=";")
    assert len(read_candidates(path)) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"decided_on": ""}, "row 3, column “decided_on”: is missing: on which day"),
        ({"decided_on": "02/03/2026"}, "row 3, column “decided_on”: “02/03/2026” could be"),
        ({"decided_on": "2026-11-0199"}, "row 3, column “decided_on”: “2026-11-0199” is not a day"),
        ({"told_on": "2026-11-02zzz"}, "row 3, column “told_on”: “2026-11-02zzz” is not a day"),
        ({"told_on": "2026-11-02 soon"}, "row 3, column “told_on”: “2026-11-02 soon” is not a day"),
        ({"told_on": "2026-02-30"}, "row 3, column “told_on”: “2026-02-30” is not a day"),
        ({"decided_on": "x" * 9000}, "row 3, column “decided_on”: “xxx"),
        ({"told_on": day(-1)}, "row 3, column “told_on”: “2026-03-01” is before the decision"),
        ({"outcome": "ghosted"}, "row 3, column “outcome”: “ghosted” (1 row): say what each means"),
        ({"rating": "9"}, "row 3, column “rating”: “9” is not 1 to 5 stars"),
        ({"reported_told": "maybe"}, "row 3, column “reported_told”: “maybe” is neither 0 nor 1"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named(write, row, said):
    with pytest.raises(AnalysisRefused) as refused:
        analyse_file(write({}, row))
    assert str(refused.value).startswith(said)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("said", [{"feedback": "lots"}, {"channel": "pigeon"}])
def test_words_that_do_not_fit_are_left_out_with_a_warning(write, said):
    warned = []
    found = read_candidates(write({}, said | {"told_on": day(1)}), warn=warned.append)
    assert found.feedback.tolist() == [0, 0]
    assert "are left out" in warned[0]


@pytest.mark.parametrize("time", ["T09:30:00Z", " 09:30", "T09:30:00.000+01:00", " 09:30:00 UTC"])
def test_a_time_after_the_day_is_left_out(write, time):
    found = read_candidates(write({"decided_on": f"{day(0)}{time}", "told_on": f"{day(2)}{time}"}))
    assert found.days_to_told.tolist() == [2]


def test_spaces_around_the_names_of_columns_are_no_matter(write):
    path = write({"rating": "5"}, {"rating": "1"})
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("rating", " rating").replace("decided_on", "decided_on "))
    assert read_candidates(path).stars.tolist() == [5, 1]
    path.write_text(text.replace("rating", "rating, rating"))
    with pytest.raises(AnalysisRefused, match="column rating stands 2 times"):
        read_candidates(path)


@pytest.mark.parametrize("column", ["decided_on", "told_on"])
def test_what_is_still_to_come_is_refused(write, column):
    tomorrow = {column: day(1)}
    with pytest.raises(AnalysisRefused) as refused:
        analyse_file(write({}, tomorrow), today=DECIDED)
    assert str(refused.value) == f"row 3, column “{column}”: {day(1)} is still to come"
    analyse_file(write({}, tomorrow), today=DECIDED + timedelta(days=1))


def test_columns_that_are_not_read_are_named(write):
    """Of stars and employers by another name nothing would be said, and nobody would know why."""
    warned = []
    odd = {"Stars": "4", "Company": "Acme", "Rating": "4", "employer_id": "A"}
    read_candidates(write(odd, header=(*HEADER[:-2], *odd)), warn=warned.append)
    assert warned == ["Columns not read: “Stars”, “Company”"]
    read_candidates(write({}), warn=warned.append)
    assert len(warned) == 1


STARS = (
    *(("4", 4), ("4.0", 4), ("4,0", 4), ("4.", 4), ("4/5", 4), ("4 / 5", 4), ("4.0/5.0", 4)),
    *(("4 out of 5", 4), ("4 sur 5", 4), ("4 von 5", 4), ("4 de 5", 4), ("4 stars", 4)),
    *(("1 star", 1), ("4 étoiles", 4), ("4 Sterne", 4), ("4 estrellas", 4), ("4 ★", 4), ("4*", 4)),
    *(("★★★★☆", 4), ("★", 1), ("⭐⭐⭐⭐⭐", 5), ("n/a", 0), ("-", 0), ("", 0), ("none", 0)),
)


@pytest.mark.parametrize(("text", "stars"), STARS)
def test_ratings_as_surveys_and_spreadsheets_write_them(write, text, stars):
    found = read_candidates(write({"rating": text}))
    assert found.stars.tolist() == [stars]
    assert found.answered.tolist() == [int(stars > 0)]


@pytest.mark.parametrize(
    "text", ["80 %", "8", "8/10", "4/10", "0", "0/5", "4.5", "6", "-1", "four"]
)
def test_ratings_of_another_scale_are_refused(write, text):
    with pytest.raises(AnalysisRefused) as refused:
        read_candidates(write({"rating": text}))
    assert str(refused.value) == f"row 2, column “rating”: “{text}” is not 1 to 5 stars"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("1", 1), ("1.0", 1), ("yes", 1), ("Oui", 1), ("ja", 1), ("TRUE", 1), ("✓", 1)),
        *(("0", 0), ("0.0", 0), ("no", 0), ("Non", 0), ("nein", 0), ("FALSE", 0)),
        *(("", -1), ("n/a", -1), ("?", -1), ("-", -1), ("not known", -1)),
    ],
)
def test_what_the_person_says_may_be_a_yes_or_a_no(write, text, code):
    assert read_candidates(write({"reported_told": text})).reported_told.tolist() == [code]


def test_young_dates_are_seen_as_of_today(write):
    """Not as of sixty days after the last decision, when all would count as never told."""
    young = analyse_file(write({}, {}), today=DECIDED + timedelta(days=3))
    assert young["as_of_on"] == day(3)
    assert young["employers"][0]["ghost_rate_14"]["n"] == 0
    old = analyse_file(write({}, {}), today=DECIDED + timedelta(days=300))
    assert old["as_of_on"] == day(60)


def test_a_column_that_lacks_is_named(write):
    with pytest.raises(
        AnalysisRefused, match="No column for outcome was found among “name”, “decided_on”"
    ):
        analyse_file(write({}, header=("name", "decided_on")))


def test_the_whole_analysis_works_on_dates(write):
    rows = [
        {
            "decided_on": day(number % 200),
            "told_on": day(number % 200 + number % 12) if number % 5 else "",
            "channel": "phone" if number % 2 else "email",
            "rating": str(1 + number % 5) if number % 3 else "",
        }
        for number in range(300)
    ]
    result = analyse_file(write(*rows))
    (employer,) = result["employers"]
    assert (employer["candidates"], employer["answers"], employer["shown"]) == (300, 200, True)
    assert employer["ghost_rate_30"]["not_told"] == 60
    assert employer["agreement"]["denied_share"] is None, "nobody was asked whether they were told"
    assert result["as_of_on"] == day(199 + 60)
    text = report_text(result)
    assert f"As of {day(199 + 60)};" in text
    assert "says not" not in text


IDA = {"email": "ida@a.test", "role": "Nurse", "rating": "4"}


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([IDA, IDA, IDA], 1),
        ([IDA, IDA | {"email": "IDA@a.test", "name": "I. Kay"}], 1),
        ([IDA, IDA | {"role": "Cook"}], 2),
        ([IDA, IDA | {"rating": "5"}], 2),
        ([IDA, IDA | {"told_on": day(1)}], 2),
        ([IDA | {"external_id": "1"}, IDA | {"external_id": "1"}], 1),
        ([IDA | {"external_id": "1"}, IDA | {"external_id": "2"}], 2),
        # Who is not named may be anybody.
        ([{"rating": "4"}, {"rating": "4"}], 2),
        ([{"email": "n/a", "external_id": "-"}, {"email": "n/a", "external_id": "-"}], 2),
    ],
)
def test_rows_that_repeat_an_application_count_once(write, rows, count):
    warned = []
    assert len(read_candidates(write(*rows), warn=warned.append)) == count
    repeated = len(rows) - count
    words = f"{repeated} row{'s repeat' if repeated > 1 else ' repeats'} an earlier one"
    assert (words in warned) is (repeated > 0)


def test_who_has_no_employer_stands_beside_others_under_a_name_that_says_so(write):
    header = (*HEADER, "employer_id")
    one, two = {"employer_id": "Acme"}, {"employer_id": ""}
    assert read_candidates(write(one, two, header=header)).names == ("Acme", "no employer named")
    assert read_candidates(write(two, header=header)).names == ("all candidates",)


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        # Nobody was watched for days that are still to come.
        (DECIDED + timedelta(days=4), f"the day must not be beyond {day(3)}"),
        (date.max, f"the day must not be beyond {day(3)}"),
        (DECIDED - timedelta(days=1), f"nothing decided by {day(-1)}"),
        (101, "nothing decided by 0001-04-11"),
        (-5, "nothing decided by day -5"),
    ],
)
def test_days_of_which_nothing_is_known_are_refused(write, as_of, said):
    with pytest.raises(AnalysisRefused, match=f"^{said}$"):
        analyse_file(write({}), as_of=as_of, today=DECIDED + timedelta(days=3))


def test_what_was_known_on_a_date(write):
    path = write({"told_on": day(9)}, {"decided_on": day(20)})
    result = analyse_file(path, as_of=DECIDED + timedelta(days=5))
    assert result["platform"]["candidates"] == 1
    assert result["platform"]["told_by_3"]["share"] == 0
