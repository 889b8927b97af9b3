"""The whole way a decision goes, with a real database, SMTP server and forms."""

import re

import sqlalchemy as sa

from portal import hiring, jobs
from portal.extensions import db
from portal.letters import Letter, Placeholders, write_letter
from portal.models import Email, EmailState, Outcome, utcnow

LINK = re.compile(r"http://127\.0\.0\.1:5000(/s/[a-z2-7]{26})")


def test_a_candidate_is_told_then_asked_and_the_answer_is_published(app, make, smtp, browser):
    acme = make.employer()
    for _ in range(6):
        application = make.application(acme)
        now = utcnow()
        decision = hiring.record_decision(application, Outcome.REJECTED, now, now)
        letter = write_letter(
            Letter.REJECTED,
            application.candidate.locale,
            Placeholders(application.candidate.name, "Engineer", acme.name, "Remy"),
        )
        hiring.tell_now(application, decision, letter, now)
        db.session.commit()
    jobs.run_until_idle()
    assert len(smtp) == 12
    db.session.expire_all()
    assert set(db.session.scalars(sa.select(Email.state))) == {EmailState.SENT}
    links = {
        LINK.search(mail.get_body(("plain",)).get_content())[1]
        for mail in smtp
        if LINK.search(mail.get_body(("plain",)).get_content())
    }
    assert len(links) == 6
