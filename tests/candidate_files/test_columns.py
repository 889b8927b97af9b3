"""Which column is which: told, guessed in four languages, or asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import candidate_files, figures, language
from portal.candidate_files import headings, words
from portal.models import RoleFamily
from tests.support.import_files import attempt


def fields(*headers, told=()) -> dict[str, str]:
    """Field -> header, for every column that is read."""
    columns = candidate_files.map_columns(headers, told)
    return {field: headers[place] for field, place in columns.places.items()}


def refusal(*headers, told=()) -> str:
    with pytest.raises(candidate_files.FileRefused) as caught:
        candidate_files.map_columns(headers, told)
    return str(caught.value)


def test_fields_are_found_by_their_own_names():
    assert fields(*candidate_files.FIELDS) == {field: field for field in candidate_files.FIELDS}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            ("Candidate Name", "E-mail", "Requisition Title", "Current Stage", "Decision Date"),
            ("name", "email", "role", "stage", "decided_on"),
        ),
        (
            ("Prénom", "Nom", "Courriel", "Intitulé du poste", "Décision", "Décidé le", "Motif"),
            ("first_name", "last_name", "email", "role", "outcome", "decided_on", "reason"),
        ),
        (
            ("Vorname", "Name", "E-Mail-Adresse", "Stelle", "Ergebnis", "Entschieden am"),
            ("first_name", "last_name", "email", "role", "outcome", "decided_on"),
        ),
        (
            (
                "Nombre",
                "Apellidos",
                "Correo electrónico",
                "Puesto",
                "Resultado",
                "Última entrevista",
            ),
            ("first_name", "last_name", "email", "role", "outcome", "last_interview_on"),
        ),
        (("NOM", "Mail", "Poste", "Statut"), ("name", "email", "role", "outcome")),
        (("Nombre", "Correo", "Vacante"), ("name", "email", "role")),
        (
            ("name", "First name", "Last name", "email", "job"),
            ("name", "", "", "email", "role"),
        ),
    ],
)
def test_names_are_guessed_in_four_languages(headers, expected):
    pairs = zip(expected, headers, strict=True)
    assert fields(*headers) == {field: header for field, header in pairs if field}


def test_a_name_in_two_halves_is_joined():
    columns = candidate_files.map_columns(["Last name", "First name", "email", "role"])
    assert columns.text("name", [" Doe ", "Ann", "", ""]) == "Ann Doe"
    assert columns.text("name", ["", "Ann", "", ""]) == "Ann"
    assert columns.text("name", ["", " ", "", ""]) == ""
    assert columns.name_of("name") == "First name"


def test_what_is_told_goes_before_what_is_guessed():
    told = [("Person", "name"), ("Status", "stage"), ("Outcome", "ignore"), ("day", "told_on")]
    headers = ("Person", "Name", "email", "role", "Status", "Outcome", "DAY")
    columns = candidate_files.map_columns(headers, told)
    assert columns.ignored == ("Name", "Outcome")
    assert columns.places["name"] == 0
    assert columns.places["stage"] == 4
    assert columns.places["told_on"] == 6
    assert "outcome" not in columns.places


def test_one_column_may_be_two_fields():
    told = [("day", "decided_on"), ("day", "told_on")]
    assert fields("name", "email", "role", "day", told=told)["told_on"] == "day"


def test_columns_nobody_reads_are_listed():
    columns = candidate_files.map_columns(["name", "email", "role", "Salary", "", "first name"])
    assert columns.ignored == ("Salary", "(column 5, without a name)", "first name")


def test_a_name_that_never_ends_is_cut():
    columns = candidate_files.map_columns(["name", "email", "role" + " " * 9, "x" * 100_000])
    assert columns.ignored == ("x" * 200,)


def test_two_columns_of_one_name_are_asked_about_if_they_are_read():
    message = refusal("name", "Email", "role", "email")
    assert "columns 2 and 4" in message
    assert "“Email”" in message
    assert "columns 1 and 5" in refusal("x", "name", "email", "role", "x", told=[("x", "stage")])
    assert fields("name", "email", "role", "Notes", "Notes")


def test_two_columns_that_could_be_one_field_are_asked_about():
    message = refusal("name", "Email", "Primary email", "role")
    assert "“Email”, “Primary email”" in message
    assert "--map Email=email or --map 'Primary email=email'" in message
    told = [("Primary email", "email")]
    assert fields("name", "Email", "Primary email", "role", told=told)["email"] == "Primary email"


@pytest.mark.parametrize(
    ("headers", "missing"),
    [
        (("name", "role", "x"), "No column for email was"),
        (("name", "email"), "No column for role was"),
        (("first name", "email", "role"), "No column for name was"),
        (("a", "b"), "No column for email and name and role was"),
    ],
)
def test_a_missing_column_is_named(headers, missing):
    assert missing in refusal(*headers)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("Status", "verdict"), "“verdict” is not a field"),
        (("Stat", "outcome"), "no column “Stat”"),
        (("", "outcome"), "no column “”"),
    ],
)
def test_a_map_that_fits_nothing_is_refused(told, words):
    assert words in refusal("name", "email", "role", "Status", "--", told=[told])


def test_a_field_told_twice_is_refused():
    twice = [("a", "stage"), ("a", "stage")]
    assert fields("name", "email", "role", "a", told=twice)["stage"] == "a"
    told = [("a", "stage"), ("b", "stage")]
    assert "two columns for stage" in refusal("name", "email", "role", "a", "b", told=told)


@pytest.mark.parametrize("header", ["Department", "Division", "Département", "Service"])
def test_the_department_is_found(header):
    assert fields("name", "email", "role", header)["department"] == header


def test_a_team_beside_a_department_is_not_taken_for_one():
    found = fields("name", "email", "role", "Team", "Department")
    assert found["department"] == "Department"


@pytest.mark.parametrize("family", [one for one in RoleFamily if one is not RoleFamily.OTHER])
def test_a_family_is_known_by_its_labels_in_both_languages(family):
    for spoken in ("en", "fr"):
        with language.use(spoken):
            label = figures.group_name("role_family", family)
        assert words.ROLE_FAMILIES[words.plain(label)] == family


def test_words_are_written_as_they_are_looked_up():
    tables = (
        headings.HEADERS,
        headings.LIKELY_HEADERS,
        words.OUTCOMES,
        words.LIKELY_OUTCOMES,
        words.CHANNELS,
        words.FEEDBACKS,
        words.LOCALES,
    )
    for table in (*tables, words.ROLE_FAMILIES):
        assert [word for word in table if words.plain(word) != word] == []
    assert set(headings.HEADERS.values()) == {*candidate_files.FIELDS, "first_name", "last_name"}


def test_a_word_that_stands_twice_in_a_table_is_found():
    with pytest.raises(ValueError, match="twice"):
        words.table({"a": "x|y", "b": "y"})


@given(st.lists(st.text(max_size=12), max_size=8), st.text(max_size=12), st.text(max_size=12))
def test_any_headers_are_mapped_or_refused(headers, column, field):
    headers = [*headers, "name", "email", "role"]
    assert attempt(candidate_files.map_columns, headers, [(column, field)])


@pytest.mark.parametrize(
    ("headers", "samples", "expected"),
    [
        # The likelier of two, whichever stands first.
        (["Job Opening", "Designation"], [["HR-7"], ["Cook"]], {"Designation": "role"}),
        (["Role", "Requisition Title"], [["Manager"], ["Cook"]], {"Requisition Title": "role"}),
        # A column with outcomes in it, where none is named so.
        (
            ["applicationStage", "applicationStep"],
            [["INTERVIEW"], ["IN_REVIEW", "REJECTED"]],
            {"applicationStage": "stage", "applicationStep": "outcome"},
        ),
        (["Stage", "Tags"], [["Rejected"], ["hired"]], {"Stage": "stage"}),
        # A second says it too, unless the first says it in words.
        (["Status", "Archived?"], [["Withdrawn"], ["Yes"]], {"Status": "outcome"}),
        (
            ["Status", "Archived?"],
            [["Active"], ["Yes"]],
            {"Status": "outcome", "Archived?": "outcome"},
        ),
        # A person may apply twice.
        (["Candidate ID", "ID"], [["1"], ["2"]], {"ID": "external_id"}),
    ],
)
def test_a_person_is_offered_what_is_likeliest(headers, samples, expected):
    found = candidate_files.guess_columns(headers, (), samples)
    assert {guess.name: guess.field for guess in found if guess.field} == expected


def test_an_id_that_stands_twice_is_not_the_number_of_an_application():
    for headers, expected in ((["Person ID"], ""), (["Application ID"], "external_id")):
        for repeating, field in (([], "external_id"), ([0], expected)):
            (guess,) = candidate_files.guess_columns(headers, (), [["7"]], repeating)
            assert guess.field == field


def test_first_and_last_are_halves_of_a_name_beside_each_other():
    found = candidate_files.guess_columns(["First", "Last", "Email"])
    assert [guess.field for guess in found] == ["first_name", "last_name", "email"]
    assert candidate_files.guess_columns(["Last", "Email"])[0].field == ""
