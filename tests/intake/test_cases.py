"""What real exports look like, kind by kind, through `flask import` on a real database.

Each kind was seen in exports and reports of errors of other importers; the files are our own.
"""

import json
import re
import shlex
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from portal import exports, hiring, intake, privacy
from portal.candidate_files.columns import OWN_EVIDENCE, OWN_EXPORT
from portal.exports import Export
from portal.extensions import db
from portal.models import Application, Employer, Outcome, utcnow
from tests.intake.test_applying import day
from tests.support.import_files import check

HEAD = "name,email,role"
FULL = f"{HEAD},outcome,decided_on,told_on"
# An option with what belongs to it, as a message prints it.
PASTED = re.compile(r"--(?:map-value|map|for-all) (?:'[^']*'|\"[^\"]*\"|[^\s'\",;])+")
UNSAID = ("COLUMN=", "=OUTCOME", "=ignore", "--for-all decided_on=2026-04-13")


def lines(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join([*rows, ""]).encode(encoding)


def everybody() -> list[Application]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Application).order_by(Application.id)))


def decisions() -> dict[str, tuple[str | None, str | None]]:
    """Name -> outcome and day of everybody held."""
    return {
        one.candidate.name: (
            one.outcome.value if one.outcome else None,
            str(one.decided_on) if one.decided_on else None,
        )
        for one in everybody()
    }


def errors(result) -> str:
    return result.stderr


def pasted(message: str) -> list[str]:
    """The options in MESSAGE that say something, as a shell takes them; of choices the first."""
    found = []
    for sentence in message.split(" or "):
        for said in PASTED.findall(sentence):
            if not any(sign in said for sign in UNSAID):
                found += shlex.split(said.rstrip(".?:"))
    return found


# -- 01: an id of two people ----------------------------------------------------------------------

IDA = {"name": "Ida Kay", "email": "ida@a.test", "role": "Nurse"}
MAX = {"name": "Max Ito", "email": "max@a.test", "role": "Cook"}


def week(external_id: str, person: dict, *, decided: bool = False) -> bytes:
    end = f"Rejected,{day(9)},{day(8)}" if decided else ",,"
    cells = ",".join(f'"{cell}"' for cell in [external_id, *person.values()])
    return lines(
        "Application ID,Name,Email,Job Title,Status,Decision Date,Told On", cells + f",{end}"
    )


@pytest.mark.parametrize(
    "external_id",
    [
        *("7.3512E+15", "7,3512E+15", "7.3512e+15", "735120000000000000", "'7.35E+17"),
        *("N/A", "n.a.", "0", "000", "-", "none", "#N/A", "TBD", "unknown", "null", "k. A."),
        *("s/o", "?", "0.0", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_an_id_that_is_nobodys_alone_never_finds_another_person(counts, external_id):
    counts(week(external_id, IDA))
    found = counts(week(external_id, MAX, decided=True))
    assert (found["new"], found["changed"]) == (1, 0)
    assert decisions() == {"Ida Kay": (None, None), "Max Ito": ("rejected", day(9))}
    assert "not taken, matched by address and role (row 2)." in " ".join(found["notices"])
    again = counts(week(external_id, IDA, decided=True))
    assert (again["new"], again["changed"]) == (0, 1), "her own address and role find her"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (MAX, "another role"),
        (IDA | {"role": "Cook"}, "another role"),
        (MAX | {"role": "Nurse"}, "another person"),
        (MAX | {"role": "NURSE"}, "another person"),
        ({"name": "Ida Kaye-Moss", "email": "ikm@b.test", "role": "Nurse"}, "another person"),
    ],
)
def test_an_id_of_another_person_or_role_is_refused_with_its_row(counts, run, other, why):
    counts(week("A-7", IDA))
    data = week("B-1", MAX, decided=True) + week("A-7", other, decided=True).split(b"\n")[1] + b"\n"
    [error] = counts(data, code=1)["errors"]
    assert (error["row"], error["column"]) == (3, "Application ID")
    assert why in error["message"]
    assert "“A-7”" in error["message"]
    assert "--map 'Application ID=ignore'" in error["message"]
    assert decisions() == {"Ida Kay": (None, None)}


@pytest.mark.parametrize(
    "same",
    [
        IDA | {"email": "ida.kay@b.test"},
        IDA | {"email": "IDA@A.TEST"},
        IDA | {"name": "Ida Kay-Poe"},
        IDA | {"name": "Kay, Ida", "email": "new@b.test"},
        IDA | {"name": "Idá Kay", "email": "new@b.test"},
        IDA | {"name": "IDA KAY", "email": "new@b.test", "role": "nurse"},
    ],
)
def test_an_address_or_a_name_alone_that_changed_still_updates(counts, same):
    counts(week("A-7", IDA))
    found = counts(week("A-7", same, decided=True))
    assert (found["new"], found["changed"]) == (0, 1)
    assert [one.outcome for one in everybody()] == [Outcome.REJECTED]


OTHERWISE = [
    ("A-7", "a-7"),
    ("A-7", "A 7"),
    ("A-7", "A\u20117"),
    ("A-7", "“A-7”"),
    ("R7", "'r7'"),
    ("00123", "123"),
    ("12345", "12,345"),
    ("12345", "12\u202f345"),
    ("12345", "#12345"),
    ("123", "１２３"),
    ("0520672F-5147-42FC-AE46-B9FEEC8E4642", "{0520672f-5147-42fc-ae46-b9feec8e4642}"),
    ("483210000000425017", "483,210,000,000,425,000"),
]


@pytest.mark.parametrize(("first", "second"), [*OTHERWISE, *(pair[::-1] for pair in OTHERWISE)])
def test_an_id_written_otherwise_doubles_nobody(counts, first, second):
    counts(week(first, IDA))
    found = counts(week(second, IDA, decided=True))
    assert (found["new"], found["changed"]) == (0, 1)
    assert decisions() == {"Ida Kay": ("rejected", day(9))}


def test_within_one_file_an_id_written_otherwise_doubles_nobody(counts):
    data = week("A-7", IDA) + week("a 7", IDA, decided=True).split(b"\n")[1] + b"\n"
    assert counts(data)["new"] == 1
    assert decisions() == {"Ida Kay": ("rejected", day(9))}


def test_an_id_written_otherwise_alone_finds_no_other_person(counts):
    counts(week("A-7", IDA))
    assert counts(week("a-7", MAX, decided=True))["new"] == 1
    assert decisions() == {"Ida Kay": (None, None), "Max Ito": ("rejected", day(9))}


def test_accents_encoded_otherwise_make_no_other_person_or_role(counts):
    counts(week("A-7", {"name": "Zoé Núñez", "email": "z@a.test", "role": "Ingénieure"}))
    other = {"name": "Zoe\u0301 Nu\u0301n\u0303ez", "email": "y@a.test", "role": "Inge\u0301nieure"}
    assert counts(week("A-7", other, decided=True))["changed"] == 1


@pytest.mark.parametrize(
    ("role", "other"),
    [("Nurse", "NURSE"), ("Ingénieure", "Inge\u0301nieure"), ("ß-Tester", "SS-TESTER")],
)
def test_a_role_written_otherwise_doubles_nobody_who_has_no_id(counts, role, other):
    counts(lines(FULL, f"Ida,ida@a.test,{role},,,"))
    decided = f"Ida,IDA@a.test,{other},rejected,{day(9)},{day(8)}"
    found = counts(lines(FULL, f"Ida,ida@a.test,{role},,,", decided))
    assert (found["new"], found["changed"]) == (0, 1)
    assert decisions() == {"Ida": ("rejected", day(9))}


def test_within_one_file_an_id_of_two_people_is_refused(counts):
    data = week("A-7", IDA) + week("A-7", MAX, decided=True).split(b"\n")[1] + b"\n"
    [error] = counts(data, code=1)["errors"]
    assert (error["row"], error["column"]) == (3, "Application ID")
    assert "“A-7”: the same application id as row 2" in error["message"]
    assert "--map 'Application ID=ignore'" in error["message"]


@pytest.mark.parametrize("other", [MAX, IDA | {"role": "Cook"}, MAX | {"role": "Nurse"}])
def test_an_id_given_to_another_since_the_check_changes_nothing(make, other):
    """Between the check of a file and its being applied, somebody else may import."""
    acme = make.employer()
    intake.apply_chunk(acme.id, check(week("A-7", IDA), now=utcnow()).distinct, utcnow())
    db.session.commit()
    rows = check(week("A-7", other, decided=True), now=utcnow()).distinct
    applied = intake.apply_chunk(acme.id, rows, utcnow())
    db.session.commit()
    assert (applied.new, applied.changed, applied.same) == (0, 0, 1)
    assert "nothing is changed (row 2)." in " ".join(applied.notes.sentences())
    assert decisions() == {"Ida Kay": (None, None)}


def test_another_employers_ids_are_no_concern(counts, make):
    other = make.employer("globex")
    make.application(other, external_id="A-7", name="Max Ito", role="Cook")
    assert counts(week("A-7", IDA))["new"] == 1


# -- 02: who is decided on stands in a stage, a Yes or a day ---------------------------------------

STOPPED = [
    # header; cells behind name, address and role; the outcome of each row
    ("stage", ["Rejected", "Interview"], ["rejected", None]),
    ("Current Stage", ["Hired", "Withdrawn"], ["hired", "withdrawn"]),
    ("Stage", ["Disqualified", "Offer declined"], ["rejected", "offer_declined"]),
    ("Pipeline stage", ["2nd interview: rejected", "Applied"], ["rejected", None]),
    ("Étape", ["Refusé après entretien", "Candidature retirée"], ["rejected", "withdrawn"]),
    ("Phase", ["Abgelehnt", "Eingestellt"], ["rejected", "hired"]),
    ("Fase", ["Descartada", "Contratada"], ["rejected", "hired"]),
    ("Archived?", ["Yes", "No"], ["rejected", None]),
    ("isRejected", ["true", "false"], ["rejected", None]),
    ("Disqualified", ["x", ""], ["rejected", None]),
    ("Candidate withdrawn (Y/N)", ["Y", "N"], ["withdrawn", None]),
    ("Descalificado", ["Sí", "No"], ["rejected", None]),
    ("Hired?", ["✓", ""], ["hired", None]),
    ("Macro step: state", ["Declined by Employer", "Active"], ["rejected", None]),
    ("Column Z", ["Not selected for interview", "Waiting: 2 days"], ["rejected", None]),
    ("Étape", ["Candidature classée sans suite", "Refus du candidat"], ["rejected", "withdrawn"]),
    ("Étape", ["Réponse négative", "Refus de candidature"], ["rejected", "rejected"]),
    (
        "Phase",
        ["Nicht weiter berücksichtigt", "Absage durch Bewerberin"],
        ["rejected", "withdrawn"],
    ),
    ("Phase", ["Angebot ausgeschlagen", "Absage an Bewerber"], ["offer_declined", "rejected"]),
    ("Fase", ["No continúa", "Baja voluntaria"], ["rejected", "withdrawn"]),
    ("Fase", ["Contratación", "Declinó la oferta"], ["hired", "offer_declined"]),
    ("Stage", ["Failed assessment", "Candidate pulled out"], ["rejected", "withdrawn"]),
    ("Stage", ["Deselected", "Employed"], ["rejected", "hired"]),
    ("Stage", ["Ghosted", "Dropped out"], ["withdrawn", "withdrawn"]),
    ("Selected?", ["No", "Yes"], ["rejected", None]),
    ("Retenu", ["Non", ""], ["rejected", None]),
    ("Inactive", ["true", "false"], ["rejected", None]),
    ("Offer", ["Declined", "Accepted"], ["offer_declined", "hired"]),
    ("Offer status", ["Accepted", "Sent"], ["hired", None]),
    ("Angebot", ["Abgelehnt", "Angenommen"], ["offer_declined", "hired"]),
    ('My "own" $HOME\'s word', ["Rejected: no `visa` = sorry!", "Say: a=b"], ["rejected", None]),
]


@pytest.mark.parametrize(("header", "cells", "ends"), STOPPED)
def test_decided_people_never_come_in_as_open_unasked(run, counts, header, cells, ends):
    quoted = [cell.replace('"', '""') for cell in (header, *cells)]
    data = lines(
        f'{HEAD},"{quoted[0]}"',
        f'Ida Kay,ida@a.test,Nurse,"{quoted[1]}"',
        f'Max Ito,max@a.test,Nurse,"{quoted[2]}"',
    )
    refused = errors(run(data, code=1))
    assert everybody() == []
    assert f"column “{header}”: “{cells[0]}”" in refused
    assert "On which day" in refused, "one message says all"
    assert "--told yes" in refused
    said = [*pasted(refused), "--for-all", f"decided_on={day(9)}", "--told", "no"]
    if "=OUTCOME" in refused:
        said += ["--map-value", f"{header}:{cells[1]}=open"]
    assert counts(data, *said)["new"] == 2
    assert [one.outcome for one in everybody()] == ends


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Regret letter date", "rejected_on"),
        ("Candidate was hired (date)", "hired_on"),
        ("Withdrew from process on", "withdrawn_on"),
        ("Disqualified or declined on", "rejected_on"),
    ],
)
def test_days_of_a_decision_are_asked_about(run, header, field):
    data = lines(f"{HEAD},{header}", "Ida Kay,ida@a.test,Nurse,2024-10-05", "Max,max@a.test,Nurse,")
    refused = errors(run(data, code=1))
    assert f"--map '{header}={field}'" in refused
    assert everybody() == []


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        ("Rejection date", "rejected"),
        ("Date de refus", "rejected"),
        ("Absage am", "rejected"),
        ("Fecha de descarte", "rejected"),
        ("hiredAt", "hired"),
        ("Application Withdrawal date", "withdrawn"),
    ],
)
def test_days_named_after_one_outcome_say_it(counts, header, outcome):
    data = lines(f"{HEAD},{header}", f"Ida Kay,ida@a.test,Nurse,{day(9)}", "Max,max@a.test,Nurse,")
    assert counts(data, "--told", "no")["decided"] == 1
    assert decisions() == {"Ida Kay": (outcome, day(9)), "Max": (None, None)}


def test_a_day_without_any_outcome_is_asked_about_once_for_the_file(run):
    data = lines(f"{HEAD},Decision Date", *(f"I{n},i{n}@a.test,Nurse,2024-10-05" for n in range(9)))
    refused = errors(run(data, code=1))
    assert refused.count("no column says the outcome: name it with --map COLUMN=outcome") == 1
    assert "--map 'Decision Date=ignore'" in refused


@pytest.mark.parametrize(
    "column",
    [
        ("Race", "I decline to self-identify"),
        ("Source", "Hired.com"),
        ("Active", "Yes"),
        ("Rejection sent", "No"),
        ("Notes", "They were rejected elsewhere last year, told us so, and want to start in May"),
        ("Hiring manager", "Ann Hired-Smith Senior"),
        ("Disqualified", "0"),
        ("Email status", "Delivery failed"),
        ("Selected language", "No"),
        ("Job offer", "Nurse (m/f)"),
        ("Stage", "Hiring manager interview"),
        ("Salary expected by candidate", "50000"),
    ],
)
def test_what_only_looks_like_a_decision_stops_nobody(counts, column):
    header, cell = column
    if header == "Hiring manager":
        cell = "Ann Poe"
    found = counts(lines(f"{HEAD},{header}", f'Ida Kay,ida@a.test,Nurse,"{cell}"'))
    assert (found["new"], found["open"]) == (1, 1)


def test_that_nobody_is_decided_can_be_said(counts):
    data = lines(f"{HEAD},stage", "Ida Kay,ida@a.test,Nurse,Rejected")
    assert counts(data, "--map-value", "stage:Rejected=open")["open"] == 1
    assert counts(data, "--map", "stage=ignore")["same"] == 1


# -- 03 and 04: cells left out and added at a row's end --------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("cells", [3, 4, 5, 6, 7])
def test_cells_left_out_at_the_end_are_empty(counts, separator, cells):
    whole = ["Ida Kay", "ida@a.test", "Nurse", "", "", "", ""]
    data = lines(f"{FULL},reason".replace(",", separator), separator.join(whole[:cells]))
    assert counts(data)["open"] == 1


@pytest.mark.parametrize(("cells", "missing"), [(1, ["email", "role"]), (2, ["role"])])
def test_what_is_required_is_still_missing_in_a_short_row(counts, cells, missing):
    short = ",".join(["Ida Kay", "ida@a.test"][:cells])
    found = counts(lines(FULL, "Max Ito,max@a.test,Cook", short), code=1)
    assert [(error["row"], error["column"]) for error in found["errors"]] == [
        (3, name) for name in missing
    ]


@pytest.mark.parametrize(
    "beyond",
    [",", ",,", ", ", ",\u00a0", ',""', ",,,,,,", ",\t", ",\u200b", ",\ufeff", ", \u2060 ,\u200e"],
)
def test_empty_cells_behind_the_last_column_are_dropped(counts, beyond):
    row = f"Ida Kay,ida@a.test,Nurse,rejected,{day(9)},{day(8)}"
    assert counts(lines(FULL, row + beyond))["told"] == 1


@pytest.mark.parametrize(
    "blank",
    [
        ",,,,,",
        ";;;;;",
        "\t\t",
        "|||",
        ' , ,"", ',
        "\u00a0,\u200b,\ufeff",
        '"","",""',
        "---,---,---",
        *("-----+------+------", "|---|:--|---|", "═══,═══", "\u200b"),
    ],
)
def test_a_row_of_separators_alone_is_none(counts, blank):
    row = f"Ida Kay,ida@a.test,Nurse,rejected,{day(9)},{day(8)}"
    assert counts(lines(FULL, blank, row, blank, blank))["rows"] == 1


@pytest.mark.parametrize("row", ["?,?,?", "x,,", "0,0,0", "Total,,1", "(1 row)"])
def test_a_row_that_holds_anything_is_refused_with_its_number(counts, row):
    found = counts(lines(HEAD, "Ida Kay,ida@a.test,Nurse", row), code=1)["errors"]
    assert {error["row"] for error in found} == {3}


@pytest.mark.parametrize("beyond", [",x", ",,x", ",0", ", ,-"])
def test_a_filled_one_is_refused_with_its_row(counts, beyond):
    [error] = counts(lines(HEAD, "Ida Kay,ida@a.test,Nurse" + beyond), code=1)["errors"]
    assert (error["row"], "to the right of the last column" in error["message"]) == (2, True)


def test_a_header_that_ends_in_separators_is_read(counts):
    assert counts(lines(f"{HEAD},,", "Ida Kay,ida@a.test,Nurse,,"))["new"] == 1


# -- 05: some bytes of another encoding -----------------------------------------------------------

GOOD = ["Zoë Fox,z@a.test,Chef", "José Gil,j@a.test,Chef"]


@pytest.mark.parametrize(
    ("stray", "name"),
    [
        (b"Ren\xe9 Low", "René Low"),
        (b"O\x92Shea Fay", "O’Shea Fay"),
        (b"M\xfcller \x96 Hug", "Müller – Hug"),
        (b"Ann\xa0Poe", "Ann Poe"),
    ],
)
@pytest.mark.parametrize("times", [1, 5])
def test_a_stray_byte_spoils_no_good_name(counts, stray, name, times):
    rows = [stray + f",s{n}@a.test,Chef\n".encode() for n in range(times)]
    found = counts(lines(HEAD, *GOOD) + b"".join(rows))
    names = [one.candidate.name for one in everybody()]
    assert names == ["Zoë Fox", "José Gil", *[name] * times]
    assert "which were read as Windows-1252: check" in found["notices"][-2] + found["notices"][-1]


def test_a_stray_byte_in_the_header_spoils_none_either(counts):
    data = b"Pr\xe9nom,Nom,Courriel,Poste\n" + "Zoë,Fox,z@a.test,Chef\n".encode()
    counts(data)
    assert everybody()[0].candidate.name == "Zoë Fox"


def test_a_letter_cut_off_at_the_end_is_named(counts):
    data = lines(f"{HEAD},department", *(f"{row},Küche" for row in GOOD))[:-5] + b"\xc3"
    assert "(row 3)" in " ".join(counts(data)["notices"])


def test_a_byte_that_is_nothing_is_refused_with_its_line(counts):
    [error] = counts(lines(HEAD, *GOOD) + b"B\x81b,b@a.test,Chef\n", code=1)["errors"]
    assert (error["row"], "neither UTF-8 nor Windows-1252" in error["message"]) == (4, True)


@pytest.mark.parametrize(
    "good",
    [
        *("O’Shea Fay", "Kay – Poe", "€ Fox", "Nguyễn Thị", "Zoe\u0308 Fox", "Иван Петров"),
        *("Γιώργος Λάμπρου", "山田太郎", "김철수", "Łukasz Żak"),
    ],
)
def test_a_stray_byte_spoils_no_good_name_of_any_script(counts, good):
    counts(lines(HEAD, f"{good},g@a.test,Chef") + b"Ren\xe9 Low,r@a.test,Chef\n")
    assert [one.candidate.name for one in everybody()] == [good, "René Low"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_utf_16_without_its_mark_is_read(counts, encoding, separator):
    rows = [row.replace(",", separator) for row in (HEAD, *GOOD)]
    counts(lines(*rows, encoding=encoding))
    assert [one.candidate.name for one in everybody()] == ["Zoë Fox", "José Gil"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("ZoÃ« Fox", "Zoë Fox"), ("MÃ¼ller", "Müller"), ("Ã\x81ngel Gil", "Ángel Gil")),
        *(("Å\x81ukasz Å»ak", "Łukasz Żak"), ("Oâ€™Shea", "O’Shea"), ("GarÃ§on", "Garçon")),
        *(
            ("LÃ\u00a0-haut", "Là-haut"),
            ("Ann Â\u00a0Poe", "Ann Poe"),
            ("ThÃ¡ch Tháº¿", "Thách Thế"),
        ),
        *(("JOÃO Gil", "JOÃO Gil"), ("Âne Cât", "Âne Cât"), ("ÄÖÜ Ångström", "ÄÖÜ Ångström")),
    ],
)
def test_a_name_encoded_twice_is_read_as_meant(counts, written, meant):
    found = counts(lines(HEAD, f"José Gil,j@a.test,Chef\n{written},w@a.test,IngÃ©nieur"))
    held = everybody()[1]
    assert (held.candidate.name, held.requisition.title) == (meant, "Ingénieur")
    assert "encoded twice" in " ".join(found["notices"])


@pytest.mark.parametrize("column", ["name", "role"])
def test_a_lost_letter_is_refused_with_its_row(counts, column):
    cells = {"name": "Ida", "role": "Chef"} | {column: "Zo\ufffd"}
    data = lines(HEAD, f"{cells['name']},ida@a.test,{cells['role']}")
    [error] = counts(data, code=1)["errors"]
    assert (error["row"], error["column"]) == (2, column)
    assert "a letter is lost" in error["message"]


ELSEWHERE = [
    *(("mac-roman", "Zoé Fox"), ("mac-roman", "Björn Müller"), ("cp850", "José Gil")),
    *(("cp850", "Björn Löw"), ("cp437", "Zoë Fox"), ("cp1250", "Łukasz"), ("iso-8859-15", "Œil")),
]


@pytest.mark.parametrize(("encoding", "name"), ELSEWHERE)
def test_a_word_that_nobody_writes_is_refused_until_the_encoding_is_said(
    run, counts, encoding, name
):
    data = lines(HEAD, f"{name},z@a.test,Chef", encoding=encoding)
    assert "--encoding" in errors(run(data, code=1))
    assert everybody() == []
    counts(data, "--encoding", encoding)
    assert [one.candidate.name for one in everybody()] == [name]


@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman"])
def test_a_stray_byte_that_makes_no_word_is_refused_too(run, encoding):
    data = lines(HEAD, *GOOD) + lines("O¢é Low,r@a.test,Chef", encoding=encoding)
    assert "--encoding" in errors(run(data, code=1))


@pytest.mark.parametrize(
    "name", ["O’Shea", "Zoë–Ann", "Mª José", "St. Étienne…", "Ann “Nan” Poe", "Ann®", "Ÿves"]
)
def test_what_words_look_like_in_windows_1252_is_read(counts, name):
    counts(lines(HEAD, f"{name},z@a.test,Chef", encoding="cp1252"))
    assert [one.candidate.name for one in everybody()] == [name]


# -- 06: days as exports write them ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "told"),
    [
        ("2024/11/01", "2024/11/03"),
        ("1-Nov-24", "03-Nov-24"),
        ("Nov 1, 2024", "November 3, 2024"),
        ("1 November 2024", "3rd November 2024"),
        ("Friday, November 1, 2024", "Sunday, 3 Nov 2024"),
        ("45597", "45599"),
        ("45597.6", "45599.0"),
        ("Fri Nov 01 2024 14:22:05 GMT+0000 (Coordinated Universal Time)", "Sun Nov 03 2024"),
        ("2024-11-01 2:22 PM", "2024-11-03 09:00 AM"),
        ("2024-11-01T00:00:00Z", "2024-11-03T23:59:59.999+13:00"),
        ("2024-11-01 10:00:00 UTC", "2024-11-03 23:30:00 -0500"),
        ("Fri, 01 Nov 2024 14:22:05 GMT", "Sun, 03 Nov 2024 08:00:00 +0100"),
        ("20241101", "20241103"),
        ("1730419200", "1730592000"),
        ("1730419200000", "1730592000000"),
        ("01.11.2024", "23.11.2024"),
        ("1er novembre 2024", "3 nov. 2024"),
        ("1. November 2024", "3. Nov. 2024"),
        ("1 de noviembre de 2024", "3 nov 2024"),
        ('="2024-11-01"', "2024-11-03"),
    ],
)
def test_days_are_read_in_every_sure_form(counts, decided, told):
    decided, told = (cell.replace('"', '""') for cell in (decided, told))
    counts(lines(FULL, f'Ida Kay,ida@a.test,Nurse,rejected,"{decided}","{told}"'))
    [held] = everybody()
    assert str(held.decided_on) == "2024-11-01"
    assert str(held.told_on) in ("2024-11-03", "2024-11-23")


@pytest.mark.parametrize(
    "days",
    [
        [("10/30/24", "11/3/24")],
        [("10/30/2024", "11/03/2024"), ("10/29/2024", "11/04/2024")],
        [("10/30/2024 8:00 AM", "11/03/2024 9:00 PM")],
        [("10-30-2024", "11-03-2024")],
    ],
)
def test_the_order_that_one_column_shows_serves_for_the_other(counts, days):
    rows = [f"I{n},i{n}@a.test,Nurse,rejected,{one},{two}" for n, (one, two) in enumerate(days)]
    counts(lines(FULL, *rows))
    assert {str(one.told_on)[:7] for one in everybody()} == {"2024-11"}


def test_an_order_that_nothing_shows_is_said_once(counts, run):
    data = lines(FULL, "Ida Kay,ida@a.test,Nurse,rejected,03/04/2024,05/04/2024")
    assert "--dates dmy, mdy or ymd" in errors(run(data, code=1))
    assert counts(data, "--dates", "dmy")["told"] == 1
    assert str(everybody()[0].told_on) == "2024-04-05"


# -- 08: words for nothing ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        *("N/A", "-", "NULL", "n.a.", "#N/A", "none", "TBD", "—", "k. A.", "s/o", "sin datos"),
        *("0000-00-00", "nan", "(blank)", "\\N", "non renseigné", "keine Angabe"),
        *("N/A (not applicable)", "not yet informed", "noch nicht informiert", "0-Jan-00"),
        *("Thu Jan 01 1970 00:00:00 GMT+0000", "01-JAN-1900", "dd/mm/yyyy", "-- Select one --"),
    ],
)
def test_a_word_for_nothing_is_an_empty_cell_and_said(counts, word):
    head = f"{FULL},channel,reason,stage,promised_on"
    found = counts(lines(head, f"Ida,ida@a.test,Nurse,rejected,{day(9)}" + f",{word}" * 5))
    held = everybody()[0]
    assert (held.told_on, held.stage, held.promised_on) == (None, "", None)
    said = f"Column “told_on”: “{word}” is read as an empty cell (row 2)."
    assert said in found["notices"]


@pytest.mark.parametrize("word", ["N/A", "?", "unknown", "k.A.", "#N/A", "non renseigné", ""])
def test_a_word_for_nothing_beside_the_day_of_an_outcome_contradicts_nothing(counts, word):
    head = f"{HEAD},Status,Rejected at,Told on"
    assert counts(lines(head, f"Ida,ida@a.test,Nurse,{word},{day(9)},{day(8)}"))["told"] == 1
    assert decisions() == {"Ida": ("rejected", day(9))}


def test_no_outcome_at_all_may_be_a_word_and_no_is_an_answer(counts, run):
    assert counts(lines(f"{HEAD},Decision", "Ida,ida@a.test,Nurse,N/A"))["open"] == 1
    refused = errors(run(lines(f"{HEAD},Decision", "Max,max@a.test,Nurse,No"), code=1))
    assert "--map-value Decision:No=open" in refused


def test_a_word_for_nothing_is_nobodys_name(counts):
    data = lines(HEAD, "N/A,a@a.test,Nurse", "-,b@a.test,Nurse", "Ida,c@a.test,n/a")
    found = counts(data, code=1)["errors"]
    assert [(error["row"], error["column"]) for error in found] == [
        (2, "name"),
        (3, "name"),
        (4, "role"),
    ]
    halves = lines(
        "First name,Last name,Email,Job", "Ida,-,a@a.test,Nurse", "N/A,Fox,b@a.test,Cook"
    )
    counts(halves)
    assert [one.candidate.name for one in everybody()] == ["Ida", "Fox"]


# -- 09, 10 and 18: addresses and names as they are written ----------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "'ida@a.test",
        "’ida@a.test",
        "`ida@a.test`",
        "'ida@a.test'",
        "\u00a0ida@a.test\u00a0",
        "\ufeffida@a.test",
        "ida@a.test\u200b",
        "i\u00adda@a.test",
        "ida\u2060@a.test\u200f",
        "\tida@a.test ",
        "ｉda＠a.test",
        "<ida@a.test>",
        "Ida Kay <ida@a.test>",
        '"Kay, Ida" <ida@a.test>',
        "Kay Ida [mailto:ida@a.test]",
        "mailto:ida@a.test",
        "MAILTO:ida@a.test?subject=Hello",
        "E-mail: ida@a.test",
        "ida@a.test (home)",
        "ida@a.test / two@a.test",
        "ida@a.test two@a.test",
        "ida@a.test\ntwo@a.test",
        "ida@a.test; two@a.test",
        "ida@a.test|two@a.test",
        '<a href="mailto:ida@a.test">ida@a.test</a>',
        "&lt;ida@a.test&gt;",
        "ida@a.test.",
    ],
)
def test_the_address_in_a_cell_is_found_and_nothing_else_is_mailed_to(counts, cell):
    quoted = cell.replace('"', '""')
    counts(lines(HEAD, f'Ida Kay,"{quoted}",Nurse'))
    assert [one.candidate.email for one in everybody()] == ["ida@a.test"]


@pytest.mark.parametrize(
    "again",
    [
        "P-7,Ida Kay,ida@a.test,Infirmière",
        "P\u200b-7,Ida Kay,ida@a.test,Infirmière",
        "P-\u00ad7\u2060,\u200bIda\u200e Kay,\ufeffida@a.test,Infirmi\u00adère",
        ",Ida Kay,i\u00adda@a.test,Infirmie\u0300re\u200b",
        "\u3164,Ida Kay,ida@a.test,Infir\u200bmi&egrave;re",
        '="P-7","=""Ida Kay""",="ida@a.test",="Infirmière"',
    ],
)
def test_nobody_comes_twice_for_signs_that_nobody_sees(counts, again):
    head = "Application ID,name,email,role"
    counts(lines(head, "P-7,Ida Kay,ida@a.test,Infirmière"))
    assert counts(lines(head, again))["same"] == 1
    [held] = everybody()
    assert (held.external_id, held.requisition.title) == ("P-7", "Infirmière")


@pytest.mark.parametrize(
    "row",
    [
        "\u200brejected,\u200e2024-11-01\u200f,\u00a0",
        "re\u00adjected,2024-\u206011-01,\u3164",
        "rejected&nbsp;,2024-11-01&nbsp;,&nbsp;",
        "Refus&eacute;,1er&nbsp;nov. 2024,\u2800",
        '="rejected",="2024-11-01",=""',
        "'rejected,'2024-11-01,'",
    ],
)
def test_outcomes_and_days_are_read_through_signs_that_nobody_sees(counts, row):
    counts(lines(FULL, f"Ida Kay,ida@a.test,Nurse,{row}"))
    assert decisions() == {"Ida Kay": ("rejected", "2024-11-01")}
    assert everybody()[0].told_on is None


@pytest.mark.parametrize("cell", ["ida kay@a.test", "ida@a,test", "ida(at)a.test", "ida@a@b.test"])
def test_what_could_be_somebody_elses_address_is_refused(counts, cell):
    [error] = counts(lines(HEAD, f'Ida Kay,"{cell}",Nurse'), code=1)["errors"]
    assert (error["row"], error["column"]) == (2, "email")


@pytest.mark.parametrize(
    "header",
    [
        "Candidate\u00a0Name,E\u00a0mail,Job\u00a0Title",
        "\ufeffname,Em\u200bail,role",
        " Name , EMAIL* ,Role (required)",
        "candidateName,candidateEmail,jobTitle",
        "candidate_name,candidate_email,job_title",
        "Candidate: Name,Candidate: Email,Job: Title",
        "Nom du candidat,Adresse e-mail (obligatoire),Intitulé du poste",
        "Name des Bewerbers,E-Mail-Adresse (Pflichtfeld),Stellentitel",
        "Nombre del candidato,Correo electrónico,Puesto",
        "Person : Full Name,Person : Email,Job : Job Title",
    ],
)
def test_headings_are_known_however_they_are_written(counts, header):
    assert counts(lines(header, "Ida Kay,ida@a.test,Nurse"))["new"] == 1


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("Kay, Ida", "Ida Kay"),
        ("KAY,IDA", "IDA KAY"),
        ("van der Berg, Jan", "Jan van der Berg"),
        ("O&#39;Neil, Zo&euml;", "Zoë O'Neil"),
        ("Zo&amp;euml; Fox", "Zoë Fox"),
        ("Kay, Ida, PhD", "Ida Kay, PhD"),
        ("Ida Kay, Jr.", "Ida Kay, Jr."),
        ("'t Hooft Jan", "'t Hooft Jan"),
    ],
)
def test_people_are_greeted_by_their_names(counts, cell, name):
    found = counts(lines(HEAD, f'"{cell}",ida@a.test,R&amp;D Nurse'))
    [held] = everybody()
    assert (held.candidate.name, held.requisition.title) == (name, "R&D Nurse")
    assert "HTML entities such as &amp; are read" in " ".join(found["notices"])


# -- 17: our own export comes back ----------------------------------------------------------------

ODD = ("=Kay", "+Kay", "-Kay", "@Kay", "'t Kay", "Kay; Ida", "Kay\u202eIda", "Ka\u0301y, Ida")


def fill(make, acme: Employer) -> None:
    """People of every kind, and texts that spreadsheets take for formulas in every column."""
    for number, odd in enumerate(ODD):
        facts = {"name": odd, "email": f"+k{number}@a.test", "role": f"{odd} nurse"}
        words = {"stage": f"{odd} stage", "department": f"{odd} ward"}
        make.told(acme, days_ago=20 + number, told_after=number % 3, **facts, **words)
    for outcome in Outcome:
        make.decided(acme, outcome, days_ago=15)
    make.application(acme, stage="Offer declined", promised_on=utcnow().date())
    make.application(acme, name="No Address", email=None)
    make.decided(acme, name="Twice", email="twice@a.test", role="Cook", days_ago=90)
    make.application(acme, name="Twice", email="twice@a.test", role="Cook")
    make.decided(acme, name="Gone", email="gone@a.test")
    privacy.erase_person("gone@a.test")
    db.session.commit()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_our_own_export_comes_back_as_nothing_new(app, make, tmp_path, form):
    acme = make.employer(timezone="America/Toronto")
    fill(make, acme)
    before = decisions()
    path = str(tmp_path / f"out.{form}")
    own = ["--employer", "acme"]
    command = ["export", "closure", "--format", form, "--output", path]
    assert app.test_cli_runner().invoke(args=[*command, *own]).exit_code == 0
    result = app.test_cli_runner().invoke(args=["import", path, "--json", *own])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert (found["new"], found["changed"], found["invitations_planned"]) == (0, 0, 0)
    assert found["rows"] == len(everybody())
    assert any("nobody's address" in notice for notice in found["notices"])
    assert decisions() == before


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_we_wrote_is_read_letter_by_letter(app, make, tmp_path, form):
    """What elsewhere is an entity, a word for nothing or a name turned round is held here so."""
    acme = make.employer()
    for number, odd in enumerate(("R&amp;D", "N/A", "-", "Kay, Ida", "Engi\u00adneer", "e\u0301")):
        address = f"{'=*+-'[number % 4]}k{number}@a.test"
        facts = {"name": odd, "email": address, "role": odd, "department": odd}
        make.told(acme, days_ago=20, told_after=1, stage=f"{odd}!", **facts)
    before = [(one.candidate.name, one.requisition.title, one.stage) for one in everybody()]
    path = str(tmp_path / f"out.{form}")
    command = ["export", "closure", "--format", form, "--output", path, "--employer", "acme"]
    assert app.test_cli_runner().invoke(args=command).exit_code == 0
    result = app.test_cli_runner().invoke(args=["import", path, "--json", "--employer", "acme"])
    found = json.loads(result.stdout)
    assert (found["same"], found["rows"], found["errors"]) == (6, 6, [])
    assert [(o.candidate.name, o.requisition.title, o.stage) for o in everybody()] == before


@pytest.mark.parametrize(
    ("kind", "form", "words"),
    [
        ("evidence", "csv", "evidence record"),
        ("evidence", "xlsx", "evidence record"),
        ("evidence", "jsonl", "JSON"),
        ("closure", "jsonl", "JSON"),
    ],
)
def test_our_files_that_cannot_come_back_say_which_can(app, make, tmp_path, kind, form, words):
    fill(make, make.employer())
    before, path = decisions(), str(tmp_path / f"out.{form}")
    command = ["export", kind, "--format", form, "--output", path, "--employer", "acme"]
    assert app.test_cli_runner().invoke(args=command).exit_code == 0
    result = app.test_cli_runner().invoke(args=["import", path, "--employer", "acme"])
    assert (result.exit_code, decisions()) == (1, before)
    assert words in result.stderr
    assert "--map" not in result.stderr


@pytest.mark.parametrize(
    ("export", "beginning"), [(Export.CLOSURE, OWN_EXPORT), (Export.EVIDENCE, OWN_EVIDENCE)]
)
def test_what_our_export_is_recognised_by_is_its_header(export, beginning):
    assert tuple(exports.dictionary()[export])[: len(beginning)] == beginning


# -- 19: free text where words were expected -------------------------------------------------------


@pytest.mark.parametrize(
    "reason",
    ["x" * 201, "Two\nlines", "a\r\n\r\nb" * 90, "tab\tand \x0b page", "é" * 5000, "  x  "],
)
def test_a_reason_of_any_length_and_lines_is_taken(counts, reason):
    row = f'Ida,ida@a.test,Nurse,rejected,{day(9)},{day(8)},"{reason}"'
    assert counts(lines(f"{FULL},reason", row))["told"] == 1
    decision = hiring.standing_decision(everybody()[0])
    assert 0 < len(decision.reason) <= 200
    assert decision.reason.isprintable()


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("feedback", "Strong talker but no shifts at night"),
        ("Feedback given", "Yes, by phone: too far away"),
        ("language", "German"),
        ("Channel", "Job boards"),
        ("Kanal", "Empfehlung"),
        ("Langue", "Néerlandais"),
    ],
)
def test_a_column_that_holds_something_else_is_left_out_with_the_option(counts, header, cell):
    row = f'Ida,ida@a.test,Nurse,rejected,{day(9)},{day(8)},"{cell}"'
    [notice] = [n for n in counts(lines(f"{FULL},{header}", row))["notices"] if header in n]
    assert shlex.join(["--map", f"{header}=ignore"]) in notice
    assert everybody()[0].candidate.locale == "en", "the employer's own"


def test_a_language_for_all_rows_that_we_do_not_write_is_left_out(counts):
    found = counts(lines(HEAD, "Ida,ida@a.test,Nurse"), "--for-all", "locale=German")
    assert any("one of en, fr are left out" in notice for notice in found["notices"])
    assert everybody()[0].candidate.locale == "en"


def test_a_reason_of_somebody_who_is_open_is_refused_with_the_way_out(counts):
    data = lines(
        f"{FULL},Motif",
        "Ida,ida@a.test,Nurse,,,,A good talker",
        f"Max,max@a.test,Nurse,rejected,{day(9)},{day(8)},no",
    )
    [error] = counts(data, code=1)["errors"]
    assert (error["row"], error["column"]) == (2, "Motif")
    assert "“A good talker” but no outcome" in error["message"]
    assert error["message"].endswith("(if the column holds something else, --map Motif=ignore)")
    assert counts(data, "--map", "Motif=ignore")["new"] == 2


def test_rows_that_repeat_another_are_named_once_in_a_note(counts):
    cells = ("Ida <ida@a.test>", "IDA@a.test", "mailto:ida@a.test")
    notices = counts(lines(HEAD, *(f"Ida,{cell},Nurse" for cell in cells)))["notices"]
    assert next(one for one in notices if "More than" in one).endswith("(rows 2, 4).")


# -- what all must hold ---------------------------------------------------------------------------


def test_notes_are_sentences_in_text_and_json(run, counts):
    data = (
        lines(
            "Application ID,name,email,role,outcome,decided_on,told_on,Salary,language",
            f'N/A,"Kay, Ida","ida@a.test; b@a.test",R&amp;D,rejected,{day(9)},-,1,German',
        )
        + b"4.5E+17,Ren\xe9,r@a.test,Cook\n"
    )
    notices = counts(data, "--dry-run")["notices"]
    assert len(notices) >= 9
    for notice in notices:
        assert re.fullmatch(r"[A-Z“].*[^.?]\.", notice), notice
    printed = run(data).stdout.splitlines()
    assert [line for line in printed if line.startswith("Note: ")] == [
        f"Note: {notice}" for notice in notices
    ]


def test_a_told_day_before_the_decision_names_both_cells(run):
    data = lines(
        "Name,Email,Job,Status,Rejected at,Candidate informed on",
        "Ida,ida@a.test,Nurse,rejected,5 Nov 2024,2024-11-04",
    )
    refused = errors(run(data, code=1))
    assert "row 2, column “Candidate informed on”: “2024-11-04” is before the decision" in refused
    assert "“5 Nov 2024” in column “Rejected at”" in refused


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Status: detail", "Rejected: too late"),
        ("a=b", "c=d"),
        ("State", "x:y=z"),
        ("It's $5", 'don\'t `go` "now" \\ !'),
        ("Étape — n° 3", "Écarté·e"),
    ],
)
def test_values_and_columns_of_any_text_are_pasted_back(run, counts, column, value):
    quoted = [text.replace('"', '""') for text in (column, value)]
    data = lines(f'{HEAD},"{quoted[0]}"', f'Ida,ida@a.test,Nurse,"{quoted[1]}"')
    asked = errors(run(data, "--map", f"{column}=outcome", code=1))
    [said] = re.findall(r"--map-value (?:'[^']*'|\"[^\"]*\"|[^\s'\"])+", asked)
    pair = shlex.split(said)[1].rpartition("=")[0]
    assert pair == f"{column}:{value}"
    options = ["--map", f"{column}=outcome", "--map-value", f"{pair}=rejected"]
    counts(data, *options, "--told", "no", "--for-all", f"decided_on={day(9)}")
    assert decisions() == {"Ida": ("rejected", day(9))}


def test_questions_are_listed_however_many_rows_are_wrong(counts):
    rows = [f"I{n},x,Nurse,rejected,{day(9)}" for n in range(150)]
    found = counts(lines(f"{HEAD},outcome,decided_on", *rows), code=1)["errors"]
    assert (len(found), found[-1]["column"]) == (100, "told_on")


# -- 21: header rows of real systems ---------------------------------------------------------------

SYSTEMS = {
    "smartrecruiters": (
        "applicationCreationDate,applicationID,applicationLastUpdate,applicationReasonOfRejection,"
        "applicationReasonOfWithdrawal,applicationRejectedAfter,applicationStage,applicationStep,"
        "appliedVia,candidateEmail,candidateFirstName,candidateLastName,jobTitle",
        "2024-09-01T00:00:00,7a1f,2024-10-05T17:00:45,Someone fits better,,INTERVIEW,REJECTED,,"
        "APPLIED,ida@a.test,Ida,Kay,Nurse",
        ",7a20,2024-10-06T17:00:45,,,,IN_REVIEW,,APPLIED,max@a.test,Max,Ito,Nurse",
        ["rejected 2024-10-05", None],
    ),
    "report builder": (
        "Application ID,Application creation date,Application Hire date,Application Rejection date,"
        "Application Withdrawal date,Candidate email,Candidate first name,Candidate last name,"
        "Job title,Application status",
        "b1,2024-09-01,,2024-10-05,,ida@a.test,Ida,Kay,Nurse,Rejected",
        "b2,2024-09-01,2024-10-06,,,max@a.test,Max,Ito,Nurse,Hired",
        ["rejected 2024-10-05", "hired 2024-10-06"],
    ),
    "frappe": (
        "ID,Applicant Name,Email Address,Job Opening,Designation,Status,Source,Applicant Rating",
        "HR-1,Ida Kay,ida@a.test,HR-OPN-1,Nurse,Rejected,Website,0.6",
        "HR-2,Max Ito,max@a.test,HR-OPN-1,Nurse,Hold,Website,0.4",
        ["rejected", None],
    ),
    "lever": (
        "Full-Name,Email,Date-Added,Stage,Archive-Reason,Archive-Date,Sources,Origin,Posting",
        "Ida Kay,ida@a.test,2024-09-01,Phone screen,Underqualified,2024-10-05,Board,Applied,Nurse",
        "Max Ito,max@a.test,2024-09-01,New applicant,,,Board,Applied,Nurse",
        ["rejected 2024-10-05", None],
    ),
    "clearcompany": (
        "Candidate ID,Candidate First Name,Candidate Last Name,Candidate Grade,Date Candidate "
        "Applied,Current Macro Workflow Stage,Current Workflow Stage,Workflow Change Date,"
        "Source Detail,Requisition Title,Candidate Email",
        "1,Ida,Kay,A,09/01/2024,Declined by Employer,Not a fit,10/25/2024,Board,Nurse,ida@a.test",
        "2,Max,Ito,A,09/01/2024,Withdraw by Candidate,Gone,10/26/2024,Board,Nurse,max@a.test",
        ["rejected 2024-10-25", "withdrawn 2024-10-26"],
    ),
    "trakstar": (
        "Candidate Name,Candidate Email,Source Type,Source,Referrer,Candidate Phone,Archived?,"
        "Opening ID,Opening Public Title",
        "Ida Kay,ida@a.test,Board,Board,Not Available,555,Yes,12,Nurse",
        "Max Ito,max@a.test,Board,Board,Not Available,555,No,12,Nurse",
        ["rejected", None],
    ),
    "workable": (
        "Name,Email,Phone,Job title,Job department,Job location,Headline,Creation time,Stage,"
        "Disqualified,Disqualification reason,Tags,Source,Channel,Type",
        "Ida Kay,ida@a.test,5,Nurse,Care,Athens,RN,2024-09-01 10:00:00 UTC,Phone screen,Yes,"
        "Others fit better,,Board,Job boards,Applied",
        "Max Ito,max@a.test,5,Nurse,Care,Athens,RN,2024-09-01 10:00:00 UTC,Interview,No,,,,,",
        ["rejected", None],
    ),
    "das": (
        "first_name,last_name,full_name,address,email,phone,rating,status,date applied,"
        "applied for,source,LinkedIn",
        ",,Ida Kay,1 Main St,ida@a.test,5,3,Not Hired,2024-09-01,Nurse,Board,",
        ",,Max Ito,1 Main St,max@a.test,5,3,Interviewing,2024-09-01,Nurse,Board,",
        ["rejected", None],
    ),
    "survey gist": (
        "applicant_reference,first_name,last_name,email,stage,location,department,job_title,"
        "job_family,source,date_applied",
        "R1,Ida,Kay,ida@a.test,Rejected,Leeds,R&D,Nurse,Engineering,Other,2024-09-01",
        "R2,Max,Ito,max@a.test,Hired,Leeds,HR,Nurse,HR & Recruitment,Other,2024-09-01",
        ["rejected", "hired"],
    ),
    "hireflow": (
        "Application ID,Candidate Name,Candidate Email,Job Title,Department,Current Stage,Source,"
        "Applied Date,Interview Panel,Notes",
        'P-1,"Kay, Ida",ida@a.test,Nurse,Care,Rejected,Board,2024-09-01,"Lee, K",',
        'P-2,"Ito, Max",max@a.test,Nurse,Care,Interview,Board,2024-09-01,"Lee, K",',
        ["rejected", None],
    ),
    "nobody's name": (
        "Role,Candidate,Interview Start Time,Interview Outcome,Offer Made?",
        "Nurse, ida@a.test  ,9/25/2024 8:00 AM,Unsuccessful,No",
        "Nurse,max@a.test,,,",
        ["rejected", None],
    ),
    "greenhouse": (
        "Application ID,Candidate ID,Candidate Name,Email,Job Name,Job Status,Application Status,"
        "Current Stage,Rejection Reason,Rejected On,Hired On,Source,Recruiter",
        "g1,1,Ida Kay,ida@a.test,Nurse,open,Rejected,Face to Face,Skills,2024-10-05,,Board,R",
        "g2,2,Max Ito,max@a.test,Nurse,open,Active,Application Review,,,,Board,R",
        ["rejected 2024-10-05", None],
    ),
    "ashby": (
        "Candidate Name,Primary Email Address,Job,Application Status,Current Interview Stage,"
        "Archive Reason,Archived At,Department,Source",
        "Ida Kay,ida@a.test,Nurse,Archived,Onsite,Other candidate,2024-10-05T10:00:00Z,Care,Board",
        "Max Ito,max@a.test,Nurse,Active,Onsite,,,Care,Board",
        ["rejected 2024-10-05", None],
    ),
    "personio": (
        "Bewerbungs-ID;Name der sich bewerbenden Person;E-Mail Adresse;Stelle;Letzte Phase;"
        "Status;Absagegrund;Absagedatum;Recruiting-Kanal",
        "p1;Ida Kay;ida@a.test;Pflege;Gespräch;Abgelehnt;Profil;25.10.2024;Börse",
        "p2;Max Ito;max@a.test;Pflege;Gespräch;In Bearbeitung;;;Börse",
        ["rejected 2024-10-25", None],
    ),
    "flatchr": (
        "Prénom;Nom;Courriel;Titre de l'annonce;Étape;Statut;Motif de refus;Date de refus",
        "Ida;Kay;ida@a.test;Infirmière;Entretien;Refusé;Profil;25/10/2024",
        "Max;Ito;max@a.test;Infirmière;Entretien;En cours;;",
        ["rejected 2024-10-25", None],
    ),
    "bizneo": (
        "Nombre;Apellidos;Correo electrónico;Nombre de la vacante;Fase actual;Estado;"
        "Motivo de descarte;Fecha de descarte",
        "Ida;Kay;ida@a.test;Enfermera;Entrevista;Descartada;Perfil;25/10/2024",
        "Max;Ito;max@a.test;Enfermera;Entrevista;En proceso;;",
        ["rejected 2024-10-25", None],
    ),
    "icims": (
        "Person : Full Name,Person : Email,Job : Job Title,Submission ID,Status,Disposition Date",
        "Ida Kay,ida@a.test,Nurse,s1,Rejected by Hiring Manager,2024-10-05",
        "Max Ito,max@a.test,Nurse,s2,Withdrawn by Candidate,2024-10-06",
        ["rejected 2024-10-05", "withdrawn 2024-10-06"],
    ),
    "lever opportunities": (
        "Opportunity ID,Contact ID,Candidate Name,Candidate Email,Posting Title,Current Stage,"
        "Opportunity Archived At,Archive Reason,Last Advanced At,Sources",
        "o1,c1,Ida Kay,ida@a.test,Nurse,On-site,2024-10-05 10:00,Underqualified,2024-10-01,Board",
        "o2,c2,Max Ito,max@a.test,Nurse,New applicant,,,2024-09-01,Board",
        ["rejected 2024-10-05", None],
    ),
    "manatal": (
        "Candidate Name,Candidate Email,Job Position,Match Stage,Match Status,Dropped Reason,"
        "Dropped At",
        "Ida Kay,ida@a.test,Nurse,Interview,Dropped,Not a fit,2024-10-05",
        "Max Ito,max@a.test,Nurse,Interview,Active,,",
        ["rejected 2024-10-05", None],
    ),
    "taleo": (
        "Candidate ID,Candidate Name,Candidate Email,Requisition Number,Requisition Title,CSW Step,"
        "CSW Status,CSW Status Completion Date",
        '1,"Kay, Ida",ida@a.test,R1,Nurse,Interview,Rejected,10/25/2024',
        '2,"Ito, Max",max@a.test,R1,Nurse,Offer,Has declined,10/26/2024',
        ["rejected 2024-10-25", "withdrawn 2024-10-26"],
    ),
    "rexx": (
        "Bewerbungs-Nr.;Nachname, Vorname;E-Mail;Stellenbezeichnung;Bewerbungsstatus;Absage am",
        "1;Kay, Ida;ida@a.test;Pflege;abgesagt;25.10.2024",
        "2;Ito, Max;max@a.test;Pflege;aktiv;",
        ["rejected 2024-10-25", None],
    ),
    "softgarden": (
        "Bewerber-ID;Anrede;Vorname(n);Nachname;E-Mail-Adresse;Stellentitel;Status;Statusdatum",
        "1;Frau;Ida;Kay;ida@a.test;Pflege;Absage versendet;25.10.2024",
        "2;Herr;Max;Ito;max@a.test;Pflege;Zusage;26.10.2024",
        ["rejected 2024-10-25", "hired 2024-10-26"],
    ),
    "recruitee": (
        "Nom;E-mails;Téléphones;Offre d'emploi;Étape;Disqualifié;Motif de disqualification;"
        "Date de disqualification",
        "Ida Kay;ida@a.test;5;Infirmière;Entretien;Oui;Profil;25/10/2024",
        "Max Ito;max@a.test;5;Infirmière;Entretien;Non;;",
        ["rejected 2024-10-25", None],
    ),
    "taleez": (
        "Civilité;Prénom;Nom;Email;Annonce;Statut;Date dernière action;Raison du refus",
        "Mme;Ida;Kay;ida@a.test;Infirmière;Refusé;25/10/2024;Profil",
        "M.;Max;Ito;max@a.test;Infirmière;Nouvelle candidature;26/10/2024;",
        ["rejected 2024-10-25", None],
    ),
    "zoho": (
        "Candidate First Name,Candidate Last Name,Email,Posting Title,Application Status,"
        "Candidate Stage,Candidate Status,Modified Time",
        "Ida,Kay,ida@a.test,Nurse,Rejected,Rejected,Rejected,2024-10-05 10:00:00",
        "Max,Ito,max@a.test,Nurse,Interview-Scheduled,Interview,Interview-Scheduled,"
        "2024-10-06 10:00:00",
        ["rejected 2024-10-05", None],
    ),
    "teamtailor": (
        "Nombre,Apellidos,Correo electrónico,Trabajo,Etapa,Rechazado el,Motivo de rechazo",
        "Ida,Kay,ida@a.test,Enfermera,Entrevista,2024-10-05,Perfil",
        "Max,Ito,max@a.test,Enfermera,Bandeja de entrada,,",
        ["rejected 2024-10-05", None],
    ),
}
# What no file can say.
OF_NOBODY = {"nobody's name": ["--for-all", "name="]}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_export_of_a_real_system_imports_by_what_one_message_says(run, counts, system):
    header, first, second, ends = SYSTEMS[system]
    data = lines(header, first, second)
    refused = errors(run(data, code=1))
    said = [*choose_once(pasted(refused)), *OF_NOBODY.get(system, [])]
    undated = [end for end in ends if end and " " not in end]
    if undated:
        assert "On which day" in refused
        said += ["--for-all", f"decided_on={day(9)}"]
    assert "--told yes" in refused
    found = counts(data, *said, "--told", "no")
    assert (found["new"], found["rows"]) == (2, 2)
    held = [(one.outcome, one.decided_on) for one in everybody()]
    expected = [end and [*end.split(), day(9)][:2] for end in ends]
    assert [(o and o.value, d and str(d)) for o, d in held] == [
        tuple(end) if end else (None, None) for end in expected
    ]


def choose_once(options: Sequence[str]) -> list[str]:
    """OPTIONS without a second one for the same field: the message names them as choices."""
    pairs = list(zip(options[::2], options[1::2], strict=True))
    chosen, fields = [], set()
    for name, text in pairs:
        field = text.rpartition("=")[2]
        if name == "--map" and field in fields and field != "outcome":
            continue
        fields.add(field)
        chosen += [name, text]
    return chosen
