"""Who did what: a page beside the desk."""

import pytest
import sqlalchemy as sa

from portal import bulk, hiring
from portal.extensions import db
from portal.models import AuditEvent, Outcome, RequisitionState, utcnow
from tests.web.staff import words_of

PAGE = "/e/acme/activity"


def lines(page) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.select("tbody tr")]


def test_nothing_was_done_yet(cast, browse):
    assert "Nothing yet" in words_of(browse(cast.remy).get(PAGE))


@pytest.mark.both
def test_it_names_who_did_what_about_whom_newest_first(cast, make, browse):
    one = make.application(cast.acme, name="Cam Field", role="Nurse")
    hiring.record_decision(one, Outcome.REJECTED, utcnow(), utcnow())
    hiring.set_state(one.requisition, RequisitionState.FILLED)
    plan = bulk.Plan(bulk.Action.TOLD)
    run = bulk.start(cast.acme, [one.id], plan, "once", utcnow())
    make.decided(cast.globex, name="Not Acme’s")
    db.session.commit()
    page = browse(cast.remy).get(PAGE)
    many, filled, decided, added = lines(page)
    assert "Noting who was told Line by line" in many
    assert "Nurse" in filled
    assert "Recorded a decision Cam Field" in decided
    assert "Added an application Cam Field" in added
    assert page.main.find("a", href=f"/e/acme/runs/{run.id}")
    assert "Not Acme" not in words_of(page)


@pytest.mark.both
def test_a_page_leads_to_the_older_ones_and_back(cast, make, browse):
    one = make.application(cast.acme, name="Cam Field")
    event = {"employer_id": cast.acme.id, "action": "notice.queued", "about_id": one.id}
    db.session.execute(sa.insert(AuditEvent), [event | {"detail": {}}] * 60)
    db.session.commit()
    page = browse(cast.remy).get(PAGE)
    assert len(lines(page)) == 50
    older = browse(cast.remy).get(page.main.find("a", rel="next")["href"])
    assert len(lines(older)) == 11
    assert older.main.find("a", href=PAGE)
    for odd in ("0", "-1", "x", "99999999999"):
        assert len(lines(browse(cast.remy).get(f"{PAGE}?before={odd}"))) == 50


def test_a_viewer_sees_no_candidate_here(cast, browse):
    browse(cast.vera).get(PAGE, status=404)
