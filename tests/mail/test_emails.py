"""What each email says and how: headers, both languages, both parts, nothing it must not say."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from itertools import chain

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from html5lib import HTMLParser

from portal import closure, hiring, jobs, letters, links, outbox, surveys
from portal.extensions import db
from portal.mail_kinds import KINDS, asking
from portal.models import (
    DataRequest,
    DataWish,
    Email,
    EmailState,
    Invitation,
    InvitationToken,
    Locale,
    Membership,
    Notice,
    Outcome,
    Role,
    User,
    utcnow,
)
from portal.models.mail import ABOUT
from portal.surveys import Kind
from tests.mail.conftest import configure, fresh, go

SURVEY_KINDS = ["invite", "reminder", "fresh_link"]
TO_CANDIDATES = set(chain.from_iterable(ABOUT.values())) - {"team_invitation"}
# An employer’s letter, to try it out, is in tests/web/test_letters.py.
ACCOUNT_KINDS = KINDS.keys() - TO_CANDIDATES - {"team_invitation", "letter_test"}
OF_A_DECISION = re.compile(
    r"\b(decisions?|outcomes?|reject\w*|hired|offers?|offered|unfortunately|select\w*|results?"
    r"|success\w*|congratulat\w*|chosen|regret\w*|sorry|declin\w*"
    r"|décisions?|résultats?|refus\w*|retenue?s?|embauch\w*|offres?|malheureusement|sélection\w*"
    r"|félicit\w*|regrett\w*)\b",
    re.IGNORECASE,
)
LINK = re.compile(r"https://heardback\.example/s/[a-z2-7]{26}")


@pytest.fixture
def post(app, smtp):
    """Send what is owed; the messages received, parsed."""
    configure(
        app,
        BASE_URL="https://heardback.example",
        OPERATOR_NAME="Northside Trust",
        OPERATOR_EMAIL="help@northside.example",
    )

    def deliver(kinds=go):
        smtp.forget()
        while outbox.deliver_next(kinds):
            pass
        return list(smtp)

    return deliver


def notice_for(make, employer, locale=Locale.ENGLISH, subject=None, body=None, **facts):
    application = make.decided(employer, **facts)
    application.candidate.locale = locale
    decision = hiring.standing_decision(application)
    text = letters.write_letter(
        letters.Letter.REJECTED, locale, letters.Placeholders("Cam", "Engineer", "Acme", "Ada")
    )
    text = letters.Text(subject or text.subject, body or text.body)
    hiring.tell_now(application, decision, text, utcnow())
    db.session.commit()


def request_for(make, employer, wish, locale=Locale.ENGLISH, **facts):
    """The email that somebody asked for by the link about their own data."""
    candidate = make.application(employer, **facts).candidate
    candidate.locale = locale
    request = DataRequest(employer_id=employer.id, candidate_id=candidate.id, wish=wish)
    db.session.add(request)
    db.session.flush()
    outbox.queue_email(
        "data_request",
        candidate.email,
        data_request_id=request.id,
        employer_id=employer.id,
        dedup_key=f"data:{request.id}",
    )
    db.session.commit()


def texts(message) -> tuple[str, str]:
    parts = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    plain, html = (part.replace("\r\n", "\n") for part in parts)
    return plain, html


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_headers_of_each_kind(app, make, owe, post, smtp):
    acme = make.employer()
    for kind in TO_CANDIDATES:
        check_headers(kind, acme, make, owe, post, smtp)


def check_headers(kind, acme, make, owe, post, smtp):
    if kind == "notice":
        notice_for(make, acme, email="cam@example.net")
    elif kind == "data_request":
        request_for(make, acme, DataWish.SEE, email="cam@example.net")
    else:
        owe.email(acme, kind=kind, address="cam@example.net")
    (message,) = post()
    row = db.session.scalars(sa.select(Email).where(Email.kind == kind)).one()
    subjects = {
        "notice": "Your application for the role of Engineer at Acme",
        "invite": "Your experience as a candidate at Acme",
        "reminder": "Reminder: your experience as a candidate at Acme",
        "fresh_link": "Your new link to the Acme candidate survey",
        "data_request": "Your data at Acme: the link to see it",
        "status_link": "Your application to Acme: a page of your own",
    }
    expected = {
        "From": '"Acme hiring team" <hello@heardback.example>',
        "To": "cam@example.net",
        "Reply-To": "people@acme.example",
        "Subject": subjects[kind],
        "Date": message["Date"],
        "Message-ID": row.message_id,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_heardback"',
    }
    if kind in SURVEY_KINDS:
        expected |= {
            "List-Unsubscribe": f"<{links.unsubscribe_url(acme.id, 'cam@example.net')}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": '"Acme candidate survey" <survey.heardback.example>',
            "Feedback-ID": f"{kind}:acme:survey:heardback",
        }
    raw = message_from_bytes(smtp.raw[0])
    assert dict(raw.items()) == expected
    assert len(raw.items()) == len(expected), "one of each"
    assert abs(message["Date"].datetime - utcnow()) < timedelta(minutes=1)
    ((envelope_from, recipients),) = smtp.envelopes
    assert recipients == ["cam@example.net"]
    assert envelope_from == links.bounce_address(row.verp_tag)
    assert envelope_from.startswith(f"b+{row.verp_tag}.")


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (Locale.ENGLISH, "figures from at least 5 people, from 10 on also a shuffled list"),
        (Locale.FRENCH, "à partir de 5 personnes, puis aussi, à partir de 10, une liste d’avis"),
    ],
)
def test_survey_mail_says_from_how_many_on_figures_and_the_list_are_seen(owe, post, locale, said):
    for kind in SURVEY_KINDS:
        owe.email(kind=kind, locale=locale)
    for message in post():
        for text in texts(message):
            assert said in " ".join(text.split())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("version", surveys.SURVEYS)
@pytest.mark.parametrize("locale", list(Locale))
def test_mail_asks_what_the_page_behind_its_link_asks(app, owe, post, locale, version):
    (asked,) = (one for one in surveys.SURVEYS[version].questions if one.kind is Kind.STARS)
    wording = asked.wording[locale]
    question = wording.text.format(employer="Acme & Söhne")
    ends = [end for end in (wording.low_label, wording.high_label) if end]
    acme = owe.employer(name="Acme & Söhne")
    for kind in SURVEY_KINDS:
        email = owe.email(acme, kind=kind, locale=locale)
        invitation = db.session.get_one(Invitation, email.invitation_id)
        asking.let_go(invitation, utcnow())
        invitation.survey_version = version
        db.session.commit()
        plain, html = texts(*post())
        soup = BeautifulSoup(html, "html5lib")
        assert words(soup.select_one(".ask").text) == question
        assert [words(star["aria-label"]) for star in soup.select(".star a")] == [*wording.options]
        assert [words(end.text) for end in soup.select(".end")] == (
            ends or [wording.options[0], wording.options[-1]]
        )
        assert "\n  http" not in plain, "a narrow screen would break the line before it"
        link = LINK.search(plain)[0]
        paragraphs = [words(paragraph) for paragraph in plain.split("\n\n")]
        assert question in paragraphs
        assert all(
            f"{label} {link}?s={stars}" in paragraphs
            for stars, label in zip(asked.options, wording.options, strict=True)
        )
        path = link.removeprefix("https://heardback.example")
        page = app.test_client().get(f"{path}?lang={locale}", base_url="https://heardback.example")
        shown = BeautifulSoup(page.text, "html5lib")
        assert question in words(shown.text)
        assert all(label in words(str(shown)) for label in wording.options + tuple(ends))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("locale", list(Locale))
def test_the_text_part_has_short_lines_however_long_the_names_are(owe, post, locale):
    acme = owe.employer(name="Maple, Finch & Sons Consulting Engineers, Northumberland Ltd")
    for kind in SURVEY_KINDS:
        owe.email(acme, kind=kind, locale=locale, role="Senior Warehouse Planner and Coordinator")
    for message in post():
        lines = texts(message)[0].split("\n")
        assert max(len(line) for line in lines if "https://" not in line) <= 72


@pytest.mark.parametrize("locale", list(Locale))
def test_every_kind_in_both_languages_is_complete_and_well_made(app, make, owe, post, locale):
    acme = make.employer(name="Acme & Söhne <b>", postal_address="1 Main Street\nSpringfield")
    for kind in SURVEY_KINDS:
        owe.email(acme, kind=kind, locale=locale, role="R&D <Lead>", name="Zoë O'Neil")
    notice_for(make, acme, locale)
    for wish in DataWish:
        request_for(make, acme, wish, locale)
    messages = post()
    assert len(messages) == 6
    for message in messages:
        plain, html = texts(message)
        HTMLParser(strict=True).parse(html)
        soup = BeautifulSoup(html, "html5lib")
        assert soup.html["lang"] == locale
        assert len(soup.find_all("h1")) == 1
        assert soup.title.text.strip() == str(message["Subject"])
        assert not soup.find_all(["img", "script", "form", "iframe", "link", "b"])
        assert "url(" not in html
        assert all(a["href"].startswith("https://heardback.example/") for a in soup.find_all("a"))
        assert all(len(a.text.strip()) > 2 for a in soup.find_all("a")), "links say what they open"
        assert set(re.findall(r"https://[^\s\"<]+", plain)) == {
            a["href"] for a in soup.find_all("a")
        }
        assert "{{" not in plain + html
        for fact in ("Acme & Söhne <b>", "people@acme.example", "1 Main Street", "Northside Trust"):
            assert fact in words(plain)
            assert fact in words(soup.text)
        assert f"https://heardback.example/employers/acme/privacy?lang={locale}\n" in plain
    for message in messages[:4]:
        assert re.search(rf"/d/[a-z2-7]{{40}}\?lang={locale}\n", texts(message)[0])
    for message in messages[4:]:
        assert re.search(rf"/d/confirm/[a-z2-7]{{48}}\?lang={locale}\n", texts(message)[0])
        assert "48" in texts(message)[0]
    for message in messages[:3]:
        plain, html = texts(message)
        assert "Zoë O'Neil" in plain
        assert "R&D <Lead>" in words(plain)
        assert "help@northside.example" in plain
        assert len(set(LINK.findall(plain + html))) == 1
        stars = re.findall(LINK.pattern + r"\?s=(\d)", plain)
        assert stars == ["1", "2", "3", "4", "5"]
        assert re.search(rf"/u/[a-z2-7]{{48}}\?lang={locale}\n", plain)
        assert re.fullmatch(r"<https://[^?>]*/u/[a-z2-7]{48}>", message["List-Unsubscribe"])


@pytest.mark.parametrize("locale", list(Locale))
def test_mail_about_an_account_is_complete_and_well_made(app, make, post, smtp, locale):
    user = make.user("ada")
    user.locale = locale
    user.new_email = "new@example.com"
    for kind in sorted(ACCOUNT_KINDS):
        outbox.queue_email(
            kind, user.email, user_id=user.id, employer_id=None, dedup_key=f"{kind}:{locale}"
        )
    db.session.commit()
    messages = post()
    assert len(messages) == len(ACCOUNT_KINDS) == 6
    assert len({str(message["Subject"]) for message in messages}) == 6
    for message, raw in zip(messages, smtp.raw, strict=True):
        assert message["From"] == "Northside Trust <hello@heardback.example>"
        assert message["Reply-To"] == "help@northside.example"
        assert "List-Unsubscribe" not in message_from_bytes(raw)
        plain, html = texts(message)
        HTMLParser(strict=True).parse(html)
        soup = BeautifulSoup(html, "html5lib")
        assert soup.html["lang"] == locale
        assert len(soup.find_all("h1")) == 1
        assert not soup.find_all(["img", "script", "form", "iframe", "link"])
        found = {a["href"] for a in soup.find_all("a")}
        assert found == set(re.findall(r"https://[^\s\"<]+", plain))
        assert all(url.startswith("https://heardback.example") for url in found)
        said = [" ".join(text.split()) for text in (plain, soup.body.text)]
        for fact in ("help@northside.example", "Northside Trust", "UTC"):
            assert all(fact in text for text in said)
        assert "{{" not in plain + html
        assert max(map(len, re.sub(r"\S+/[a-z2-7]{48}", "", plain).split("\n"))) <= 90


def test_a_link_opens_its_invitation_and_only_its_hash_is_kept(app, owe, post):
    email = owe.email()
    (message,) = post()
    token = LINK.search(texts(message)[0])[0].rpartition("/")[2]
    row = db.session.scalars(sa.select(InvitationToken)).one()
    assert row.token_hash in links.invitation_hashes(token)
    assert row.invitation_id == fresh(email).invitation_id
    assert token not in repr(row.__dict__)


def test_the_reminder_says_that_it_is_the_only_one(app, owe, post):
    acme = owe.employer()
    for locale in Locale:
        owe.email(acme, kind="reminder", locale=locale)
    english, french = post()
    assert "This is the only reminder." in words(texts(english)[0])
    assert "Ceci est le seul rappel." in words(texts(french)[0])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("locale", list(Locale))
def test_no_survey_mail_speaks_of_a_decision(app, make, owe, post, smtp, locale):
    acme = make.employer()
    for kind in SURVEY_KINDS:
        owe.email(acme, kind=kind, locale=locale)
    for message, raw in zip(post(), list(smtp.raw), strict=True):
        plain, html = texts(message)
        seen = BeautifulSoup(html, "html5lib")
        words = "\n".join([str(message["Subject"]), plain, seen.text, str(seen.body)])
        words = re.sub(r"/[sud]/[a-z2-7]+", "", words)
        assert not OF_A_DECISION.search(words), OF_A_DECISION.search(words)
        head = raw.split(b"\r\n\r\n")[0].decode()
        assert not OF_A_DECISION.search(re.sub(r"Message-ID.*|/u/\w+", "", head))
        assert not re.search(r"outcome|check.?in|lane", head + plain + html, re.IGNORECASE)


def test_nobody_can_tell_a_decision_from_the_check_in(app, make, post, smtp):
    """Raw messages to decided and undecided candidates, through the whole domain."""
    acme = make.employer(check_in_after_days=21, survey_delay_days=0)
    long_ago = utcnow().date() - timedelta(days=25)
    undecided = make.application(
        acme, name="Ann", email="ann@example.net", last_interview_on=long_ago
    )
    decided = make.decided(
        acme,
        Outcome.REJECTED,
        days_ago=3,
        name="Bea",
        email="bea@example.net",
        last_interview_on=long_ago,
    )
    hired = make.decided(
        acme,
        Outcome.HIRED,
        days_ago=3,
        name="Cyd",
        email="cyd@example.net",
        last_interview_on=long_ago,
    )
    told = make.told(acme, name="Dot", email="dot@example.net", last_interview_on=long_ago)
    lanes = {make.invitation(a).lane for a in (undecided, decided, hired, told)}
    assert len(lanes) == 2
    jobs.invite(utcnow())
    assert len(post(KINDS)) == 4
    bare = set()
    for raw, message, (envelope_from, _) in zip(smtp.raw, smtp, smtp.envelopes, strict=True):
        name, to = re.search(r"Hello (\w+),", texts(message)[0])[1], message["To"]
        text = raw.decode().replace("=\r\n", "")
        for secret in (
            re.search(r"/s/([a-z2-7]{26})", text)[1],
            re.search(r"/u/([a-z2-7]{48})", text)[1],
            re.search(r"/d/([a-z2-7]{40})", text)[1],
            message["Message-ID"],
            message["Date"],
        ):
            text = text.replace(str(secret), "")
        bare.add(text.replace(str(to), "").replace(f"{name}<", "<").replace(f"Hello {name}", ""))
        assert re.fullmatch(r"b\+[a-z2-7]{13}\.[a-z2-7]{10}@heardback\.example", envelope_from)
    assert len(bare) == 1


def test_a_notice_says_what_was_written_and_nothing_else_happens_to_it(app, make, post):
    acme = make.employer()
    body = "Dear Cam,\n\nTwo lines\nhere <b>& here</b> {{7*7}}.\r\n\r\n\n.\n=3D Ünï ★\n\nAda"
    notice_for(make, acme, subject="Your application – 100 % <i>", body=body)
    (message,) = post()
    plain, html = texts(message)
    assert str(message["Subject"]) == "Your application – 100 % <i>"
    assert plain.startswith(body.replace("\r\n", "\n"))
    paragraphs = BeautifulSoup(html, "html5lib").find_all("p", dir="auto")
    assert [p.get_text("|", strip=True) for p in paragraphs] == [
        "Dear Cam,",
        "Two lines|here <b>& here</b> {{7*7}}.",
        ".|=3D Ünï ★",
        "Ada",
    ]


HOSTILE = [
    "Acme\r\nBcc: eve@example.net",
    "Acme\nX: y",
    "Acme\0",
    '"><svg onload=alert(1)>',
    "\u202egnitset\u202c",
    "A" * 200,
    "é" * 200,
    "a, b <eve@example.net>; c",
    'Quote " and \\ back',
    "=?utf-8?q?=0ABcc=3A?=",
    "{{7*7}}{% raw %}",
    "株式会社🙂",
    "\u0301" * 50,
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_names(app, make, owe, post, smtp, text):
    acme = make.employer(name=text, postal_address=text)
    owe.email(acme, name=text, role=text)
    notice_for(make, acme, subject=text, body=text.replace("\0", ""))
    assert len(post()) == 2
    for raw, (_, recipients) in zip(smtp.raw, smtp.envelopes, strict=True):
        assert len(recipients) == 1
        message = message_from_bytes(raw, policy=default)
        assert len(message.keys()) == len(set(message.keys()))
        assert not {"Bcc", "X"} & set(message.keys())
        assert [a.addr_spec for a in message["From"].addresses] == ["hello@heardback.example"]
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        soup = BeautifulSoup(message.get_body(("html",)).get_content(), "html5lib")
        assert not soup.find_all(["svg", "script", "img"])
        for part in texts(message):
            assert not re.search(
                "[\u202a-\u202e\0]", part.replace(text, "", 1) if "gnitset" in text else part
            )


def test_the_reply_goes_to_a_person(app, owe, post):
    acme = owe.employer(reply_to=None)

    def join(name: str, role: Role) -> None:
        user = User(email=f"{name}@example.com", fs_uniquifier=name)
        db.session.add_all([user, Membership(employer_id=acme.id, user=user, role=role)])
        db.session.commit()

    def reply_to() -> str:
        owe.email(acme)
        return post()[0]["Reply-To"]

    join("vera", Role.VIEWER)
    join("remy", Role.RECRUITER)
    assert reply_to() == "remy@example.com"
    join("ada", Role.OWNER)
    join("bob", Role.OWNER)
    assert reply_to() == "ada@example.com"
    acme.reply_to = "team@acme.example"
    db.session.commit()
    assert reply_to() == "team@acme.example"


def test_an_international_domain_is_written_to_and_a_foreign_local_part_is_not(
    app, owe, post, smtp
):
    acme = owe.employer()
    owe.email(acme, address="cam@bücher.example")
    owe.email(acme, address='"cam smith"@example.net')
    refused = owe.email(acme, address="zoë@example.net")
    assert len(post()) == 2
    assert [to for _, to in smtp.envelopes] == [
        ["cam@xn--bcher-kva.example"],
        ['"cam smith"@example.net'],
    ]
    assert (fresh(refused).state, refused.reason) == (EmailState.FAILED, "address")


def test_a_notice_and_its_domain_together(app, make, post):
    acme = make.employer()
    notice_for(make, acme)
    assert len(post(KINDS)) == 1
    jobs.settle(utcnow())
    notice = db.session.scalars(sa.select(Notice)).one()
    assert notice.told_at
    assert closure.local_day(acme, notice.told_at)
