"""Who is asked, in which lane, when, and why not; opening links; opting out."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal import hiring, invitations, jobs, links, outbox, reputation
from portal.extensions import db
from portal.invitations import LinkUnknown, NoFreshLink, open_invitation
from portal.letters import Text
from portal.mail_kinds import KINDS
from portal.models import (
    COARSE_FACTS,
    Email,
    EmailState,
    Invitation,
    InvitationState,
    InvitationToken,
    JobLease,
    Lane,
    Outcome,
    Role,
    SkipReason,
    SuppressionReason,
    utcnow,
)
from portal.statistics.score import cell_of
from tests.support.answers import answer
from tests.support.factory import ANOTHER_KEY

DAY = timedelta(days=1)


def run(days: float = 0):
    """Let the worker look, DAYS from now, as it would then."""
    now = utcnow() + timedelta(days=days)
    while invitations.send_due(now):
        db.session.commit()
    db.session.commit()
    return now


def emails(kind: str) -> list[Email]:
    return list(db.session.scalars(sa.select(Email).where(Email.kind == kind).order_by(Email.id)))


def deliver():
    jobs.run_until_idle()
    db.session.expire_all()


def test_who_was_told_is_in_the_outcome_lane_after_the_delay(app, make):
    acme = make.employer(survey_delay_days=2)
    application = make.told(acme, days_ago=4, told_after=1)
    invitation = make.invitation(application)
    assert (invitation.lane, invitation.state) == (Lane.OUTCOME, InvitationState.PLANNED)
    assert invitation.due_at == application.told_at + 2 * DAY


def test_who_withdrew_is_in_the_outcome_lane(app, make):
    application = make.decided(make.employer(), Outcome.WITHDRAWN)
    assert make.invitation(application).lane is Lane.OUTCOME
    deliver()
    assert make.invitation(application).cell == 0


@pytest.mark.parametrize("is_decided", [True, False])
def test_who_was_not_told_gets_the_check_in_21_days_after_the_interview(app, make, is_decided):
    acme = make.employer(timezone="America/New_York")
    interview = date.today() - timedelta(days=12)
    make_one = make.decided if is_decided else make.application
    invitation = make.invitation(make_one(acme, last_interview_on=interview))
    assert invitation.lane is Lane.CHECK_IN
    assert invitation.due_at.date() == interview + timedelta(days=21)
    run(8)
    assert invitation.state is InvitationState.PLANNED
    run(10)
    db.session.refresh(invitation)
    assert invitation.state is InvitationState.QUEUED


def test_told_before_the_check_in_left_changes_the_lane(app, make, smtp):
    application = make.decided(make.employer(survey_delay_days=5))
    run()
    assert make.invitation(application).state is InvitationState.QUEUED
    decision = hiring.standing_decision(application)
    hiring.record_told(application, decision, hiring.telling.Channel.PHONE, utcnow(), utcnow())
    db.session.commit()
    deliver()
    invitation = make.invitation(application)
    assert (invitation.lane, invitation.state) == (Lane.OUTCOME, InvitationState.PLANNED)
    assert not smtp
    run(6)
    assert make.invitation(application).state is InvitationState.QUEUED
    assert db.session.scalar(sa.select(sa.func.count(Email.id))) == 1


def test_told_after_the_check_in_left_keeps_the_one_invitation(app, make, smtp):
    application = make.decided(make.employer())
    deliver()
    assert len(smtp) == 1
    frozen = make.invitation(application).told_bucket
    decision = hiring.standing_decision(application)
    hiring.record_told(application, decision, hiring.telling.Channel.PHONE, utcnow(), utcnow())
    db.session.commit()
    deliver()
    assert len(smtp) == 1
    assert make.invitation(application).told_bucket is frozen


def test_nobody_is_asked_while_the_notice_is_on_its_way(app, make, smtp):
    application = make.decided(make.employer())
    decision = hiring.standing_decision(application)
    text = hiring.telling.Text("About your application", "Dear Cam, no.")
    later = utcnow() + timedelta(hours=4)
    hiring.tell_now(application, decision, text, utcnow(), send_at=later)
    db.session.commit()
    deliver()
    assert not smtp
    assert make.invitation(application).state is InvitationState.PLANNED


def skipped(make, application):
    deliver()
    invitation = make.invitation(application)
    assert invitation.state is InvitationState.SKIPPED
    return invitation.skip_reason


def test_every_reason_for_not_asking_is_stored(app, make):
    acme = make.employer()
    assert skipped(make, make.told(acme, email=None)) is SkipReason.NO_EMAIL
    assert skipped(make, make.told(acme, days_ago=90)) is SkipReason.TOO_OLD
    quiet = make.told(acme)
    quiet.candidate.is_contactable = False
    db.session.commit()
    assert skipped(make, quiet) is SkipReason.DO_NOT_EMAIL
    for reason, expected in (
        (SuppressionReason.OPT_OUT, SkipReason.OPTED_OUT),
        (SuppressionReason.DO_NOT_EMAIL, SkipReason.DO_NOT_EMAIL),
        (SuppressionReason.HARD_BOUNCE, SkipReason.SUPPRESSED),
    ):
        other = make.told(acme)
        outbox.suppress(other.candidate.email, reason, acme.id, "test")
        db.session.commit()
        assert skipped(make, other) is expected
    silent = make.employer("silent", reply_to=None)
    assert skipped(make, make.told(silent)) is SkipReason.NO_SENDER


def test_one_person_with_two_applications_is_asked_once(app, make, smtp):
    acme = make.employer()
    first = make.told(acme, name="Cam", email="cam@example.net")
    second = make.told(acme, name="Cam", email="cam@example.net", role="Analyst")
    deliver()
    reasons = {make.invitation(one).skip_reason for one in (first, second)}
    assert reasons == {None, SkipReason.RECENTLY_ASKED}
    assert len(smtp) == 1


def test_who_is_active_elsewhere_is_asked_later(app, make, smtp):
    acme = make.employer()
    told = make.told(acme, email="cam@example.net", name="Cam")
    recently = date.today() - timedelta(days=3)
    make.application(acme, email="cam@example.net", role="Analyst", last_interview_on=recently)
    deliver()
    invitation = make.invitation(told)
    assert invitation.state is InvitationState.PLANNED
    assert invitation.due_at > utcnow() + 6 * DAY
    assert not smtp


def test_an_address_that_bounces_at_once_is_counted_as_not_delivered(app, make):
    application = make.told(make.employer(), email="permfail@simulator.invalid")
    assert skipped(make, application) is SkipReason.UNDELIVERED


def test_an_unknown_invitation_stands_and_gets_no_reminder(app, make):
    application = make.told(make.employer(), email="unknown@simulator.invalid")
    deliver()
    assert make.invitation(application).state is InvitationState.INVITED
    assert invitations.remind_due(utcnow() + 4 * DAY) == 0


def test_a_retraction_cancels_the_survey(app, make, smtp):
    application = make.told(make.employer())
    run()
    hiring.retract_decision(application, utcnow())
    db.session.commit()
    deliver()
    assert not smtp
    invitation = make.invitation(application)
    assert (invitation.lane, invitation.state) == (Lane.CHECK_IN, InvitationState.PLANNED)
    assert invitation.due_at > utcnow() + 20 * DAY


def test_the_window_holds_survey_mail_and_nothing_bursts_at_night(app, make, smtp):
    now = utcnow()
    start = (now + timedelta(hours=3)).strftime("%H:00")
    end = (now + timedelta(hours=4)).strftime("%H:00")
    if end <= start:
        pytest.skip("the window would cross midnight in UTC at this hour")
    application = make.told(make.employer(send_window=f"{start}-{end}"))
    deliver()
    assert not smtp
    email = db.session.scalars(sa.select(Email)).one()
    assert email.next_attempt_at > now
    # even if the row were due, the last look makes it wait
    email.next_attempt_at = now
    db.session.commit()
    deliver()
    assert not smtp
    assert make.invitation(application).state is InvitationState.QUEUED


def test_one_reminder_after_three_days_and_none_after_an_answer(app, make, smtp):
    acme = make.employer()
    silent, keen = make.told(acme), make.told(acme)
    deliver()
    answer(make.link(keen))
    db.session.commit()
    assert invitations.remind_due(utcnow() + 2 * DAY) == 0
    later = utcnow() + 3.1 * DAY
    assert invitations.remind_due(later) == 1
    assert invitations.remind_due(later) == 0
    reminder = db.session.scalars(sa.select(Email).where(Email.kind == "reminder")).one()
    assert reminder.invitation_id == make.invitation(silent).id


def test_an_answer_given_while_the_reminder_waits_cancels_it(app, make, smtp):
    application = make.told(make.employer())
    deliver()
    token = make.link(application)
    db.session.execute(sa.update(Email).values(sent_at=utcnow() - 3.1 * DAY))
    invitations.remind_due(utcnow())
    answer(token)
    db.session.commit()
    deliver()
    assert len(smtp) == 1
    reminder = db.session.scalars(sa.select(Email).where(Email.kind == "reminder")).one()
    assert (reminder.state, reminder.reason) == (EmailState.CANCELLED, "answered")
    assert not make.invitation(application).is_reminded


def test_the_cell_is_the_statistics_own(app, make):
    acme = make.employer()
    for outcome, days in ((Outcome.HIRED, 3), (Outcome.REJECTED, 7), (Outcome.REJECTED, 8)):
        application = make.told(acme, outcome, days_ago=20, told_after=days)
        invitation = make.invitation(application)
        invitations.freeze_facts(invitation, utcnow(), 1)
        assert invitation.cell == cell_of(outcome.value, days)
        assert invitation.week.weekday() == 0


def test_the_department_freezes_with_the_other_facts_and_goes_with_them(app, make):
    acme = make.employer()
    application = make.told(acme, department="Wards")
    invitation = make.invitation(application)
    invitations.freeze_facts(invitation, utcnow(), 1)
    assert invitation.department == "Wards"
    make.application(acme)  # for the same role, saying nothing of the department
    assert application.requisition.department == "Wards"
    make.application(acme, department="Home care")
    assert application.requisition.department == "Home care"
    assert invitation.department == "Wards", "as it stood when they were asked"
    assert "department" in COARSE_FACTS, "it is copied and taken back with the others"


def test_a_link_is_opened_by_its_token_alone(app, make):
    application = make.told(make.employer())
    token = make.link(application)
    now = utcnow()
    assert open_invitation(token, now).invitation.application_id == application.id
    for wrong in ("", token.upper(), token[:-1], token + "a", token + ".", "\0" * 26, "é" * 26):
        with pytest.raises(LinkUnknown):
            open_invitation(wrong, now)


def test_no_token_is_stored(app, make):
    token = make.link(make.told(make.employer()))
    held = db.session.scalars(sa.select(InvitationToken.token_hash)).all()
    assert held == [links.invitation_hashes(token)[0]]
    assert token not in held[0]
    assert links.answer_keys(token)[0] not in held


def test_old_links_live_on_after_the_key_was_changed(app, make):
    token = make.link(make.told(make.employer()))
    config = app.config["HEARDBACK"]
    unsubscribe = links.unsubscribe_url(1, "cam@example.net").rpartition("/")[2]
    changed = config.__class__(
        **{
            **{name: getattr(config, name) for name in config.__dataclass_fields__},
            "SECRET_KEY": ANOTHER_KEY,
            "SECRET_KEY_FALLBACKS": (config.SECRET_KEY,),
        }
    )
    app.config["HEARDBACK"] = changed
    assert open_invitation(token, utcnow())
    assert links.read_unsubscribe(unsubscribe).employer_id == 1


def test_a_link_expires_14_days_after_the_last_mail(app, make):
    token = make.link(make.told(make.employer()))
    assert not open_invitation(token, utcnow() + 13.9 * DAY).is_expired
    assert open_invitation(token, utcnow() + 14.1 * DAY).is_expired


def test_a_fresh_link_is_sent_three_times_and_no_more(app, make, smtp):
    application = make.told(make.employer())
    make.link(application)
    invitation = make.invitation(application)
    for _ in range(3):
        invitations.send_fresh_link(invitation, utcnow())
        db.session.commit()
    with pytest.raises(NoFreshLink):
        invitations.send_fresh_link(invitation, utcnow())
    deliver()
    assert len(smtp) == 3
    assert {mail["To"] for mail in smtp} == {application.candidate.email}
    assert not invitation.is_answered


def test_nobody_without_an_address_gets_a_fresh_link(app, make):
    application = make.told(make.employer(), email=None)
    with pytest.raises(NoFreshLink):
        invitations.send_fresh_link(make.invitation(application), utcnow())


def test_opting_out_works_for_ever_and_for_mail_in_the_queue(app, make, smtp):
    acme = make.employer()
    application = make.told(acme)
    address = application.candidate.email
    run()
    token = links.unsubscribe_url(acme.id, address).rpartition("/")[2]
    wish = links.read_unsubscribe(token)
    for _ in range(2):
        invitations.opt_out(wish)
        db.session.commit()
    assert invitations.is_opted_out(wish)
    assert skipped(make, application) is SkipReason.OPTED_OUT
    assert not smtp
    assert invitations.find_employer(wish).id == acme.id
    invitations.opt_in(wish)
    db.session.commit()
    assert not invitations.is_opted_out(wish)


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t[::-1], lambda t: "", str.upper])
def test_a_forged_opt_out_is_not_read(app, change):
    token = links.unsubscribe_url(1, "cam@example.net").rpartition("/")[2]
    assert links.read_unsubscribe(token)
    assert links.read_unsubscribe(change(token)) is None


def test_after_a_restore_nothing_that_may_have_left_is_sent(app, make, smtp):
    make.told(make.employer())
    jobs.hold_after_restore(utcnow())
    deliver()
    assert not smtp
    assert db.session.scalars(sa.select(Email.state)).all() == [EmailState.UNKNOWN]


def test_who_answered_long_ago_is_asked_again_like_who_did_not(app, make):
    """Else the desk would show who answered."""
    acme = make.employer()
    earlier = [make.told(acme, email=f"{name}@example.net") for name in ("ann", "bob")]
    answer(make.link(earlier[0]))
    make.link(earlier[1])
    for application in earlier:
        asked = make.invitation(application)
        asked.invited_at = asked.last_mailed_at = utcnow() - 400 * DAY
    again = [make.told(acme, email=f"{name}@example.net", role="Lead") for name in ("ann", "bob")]
    run()
    states = {make.invitation(application).state for application in again}
    assert states == {InvitationState.QUEUED}


def test_who_got_a_reminder_is_asked_again_as_soon_as_who_answered(app, make):
    acme = make.employer()
    for name, reminded_after in (("ann", 0), ("bob", 3)):
        asked = make.told(acme, email=f"{name}@example.net")
        make.link(asked)
        invitation = make.invitation(asked)
        invitation.invited_at = utcnow() - 181 * DAY
        invitation.last_mailed_at = invitation.invited_at + reminded_after * DAY
    again = [make.told(acme, email=f"{name}@example.net", role="Lead") for name in ("ann", "bob")]
    run()
    states = [make.invitation(application).state for application in again]
    assert states == [InvitationState.QUEUED] * 2


def page_of(browser, application) -> str:
    """What stands on the candidate's page, but for who they are."""
    page = str(browser.get(f"/e/acme/applications/{application.id}").main)
    for own in (application.candidate.email, application.candidate.name, f"{application.id}/"):
        page = page.replace(own, "")
    return re.sub(r'value="[^"]+"|"email-\d+"', "", page)


def in_doubt(applications: list) -> None:
    """The line broke when their invitations left, which have arrived all the same."""
    abouts = sa.select(Invitation.id).where(
        Invitation.application_id.in_([application.id for application in applications])
    )
    db.session.execute(
        sa.update(Email)
        .where(Email.kind == "invite", Email.invitation_id.in_(abouts))
        .values(state=EmailState.UNKNOWN, reason="no_reply", sent_at=None)
    )
    db.session.commit()


def asked_by_mail(make, acme, is_in_doubt: bool) -> tuple:
    """Two who were asked in one moment, of whom the first has answered."""
    both = make.told(acme), make.told(acme)
    deliver()
    if is_in_doubt:
        in_doubt(both)
    answer(make.link(both[0]))
    make.link(both[1])
    return both


def delivered(employer) -> int:
    reputation.refresh_habits(employer, utcnow())
    db.session.commit()
    return reputation.dashboard(employer).coverage.delivered


@pytest.mark.parametrize("change", ["nothing", "off", "not_wanted", "told_otherwise", "night"])
def test_staff_see_the_same_of_who_answered_and_who_did_not(app, make, smtp, browse, change):
    """An invitation in doubt is sent again to who has not answered only."""
    acme = make.employer()
    user = make.user("remy", acme, Role.RECRUITER)
    with time_machine.travel(utcnow(), tick=False):
        remy = browse(user)
        both = asked_by_mail(make, acme, is_in_doubt=True)
        count = len(smtp)
        pages = [page_of(remy, application) for application in both]
        assert pages[0] == pages[1]
        if change == "off":
            acme.approved_at = None
        elif change == "not_wanted":
            for application in both:
                application.candidate.is_contactable = False
        elif change == "told_otherwise":
            for application in both:
                make.invitation(application).lane = Lane.CHECK_IN
        elif change == "night":
            now = utcnow()
            hours = [f"{now + timedelta(hours=hour):%H}:00" for hour in (2, 3)]
            acme.send_window = "-".join(hours if hours[0] < hours[1] else ("00:00", "00:30"))
        db.session.commit()
        assert invitations.resend_in_doubt(acme.id, utcnow()) == 2
        db.session.commit()
        deliver()
        pages = [page_of(remy, application) for application in both]
        assert pages[0] == pages[1]
        went = change in ("nothing", "told_otherwise")
        assert len(smtp) - count == went
        assert delivered(acme) == 2 * went


def test_numbers_of_the_queue_do_not_tell_who_answered(app, make, smtp):
    acme = make.employer()
    seen = []
    for is_answered in (True, False):
        application = make.told(acme)
        deliver()
        in_doubt([application])
        token = make.link(application)
        if is_answered:
            answer(token)
        before = outbox.queue_depth(KINDS, utcnow()).by_state
        invitations.resend_in_doubt(acme.id, utcnow())
        db.session.commit()
        deliver()
        after = outbox.queue_depth(KINDS, utcnow()).by_state
        seen.append({state: after[state] - before[state] for state in EmailState})
    assert seen[0] == seen[1]
    assert (seen[0][EmailState.UNKNOWN], seen[0][EmailState.SENT]) == (-1, 1)


def test_nor_who_is_reminded(app, make, smtp):
    acme = make.employer()
    seen, sent = [], []
    with time_machine.travel(utcnow(), tick=False) as clock:
        for is_answered in (True, False):
            application = make.told(acme)
            deliver()
            if is_answered:
                answer(make.link(application))
            before, count = outbox.queue_depth(KINDS, utcnow()).by_state, len(smtp)
            clock.shift(3.1 * DAY)
            deliver()
            after = outbox.queue_depth(KINDS, utcnow()).by_state
            seen.append({state: after[state] - before[state] for state in EmailState})
            sent.append(len(smtp) - count)
    assert sent == [0, 1]
    assert seen[0] == seen[1]


def test_a_reminder_shows_on_no_page_of_the_staff(app, make, smtp, browse):
    """Only who has not answered gets one."""
    acme = make.employer()
    user = make.user("remy", acme, Role.RECRUITER)
    with time_machine.travel(utcnow(), tick=False) as clock:
        both = asked_by_mail(make, acme, is_in_doubt=False)
        clock.shift(3.1 * DAY)
        deliver()
        assert [make.invitation(application).is_reminded for application in both] == [False, True]
        remy = browse(user)  # who was signed out meanwhile
        pages = [page_of(remy, application) for application in both]
        assert pages[0] == pages[1]
        assert delivered(acme) == 2
        db.session.execute(
            sa.update(Email)
            .where(Email.kind == "reminder")
            .values(state=EmailState.FAILED, reason="refused")
        )
        db.session.commit()
        assert outbox.count_needing_person(KINDS) == 0


def test_a_check_in_does_not_overtake_the_notice(app, make, smtp):
    application = make.decided(make.employer())
    run()
    assert make.invitation(application).state is InvitationState.QUEUED
    decision = hiring.standing_decision(application)
    letter = Text("News", "Dear Cam")
    hiring.tell_now(application, decision, letter, utcnow(), send_at=utcnow() + DAY)
    db.session.commit()
    deliver()
    assert len(smtp) == 0
    assert make.invitation(application).state is InvitationState.PLANNED


def test_a_fresh_link_is_sent_to_who_was_skipped_after_the_first_had_left(app, make, smtp):
    application = make.told(make.employer())
    make.link(application)
    invitation = make.invitation(application)
    invitations.set_skip(invitation, SkipReason.UNDELIVERED)
    invitations.send_fresh_link(invitation, utcnow())
    db.session.commit()
    deliver()
    assert len(smtp) == 1
    invitation = make.invitation(application)
    assert (invitation.state, invitation.skip_reason) == (InvitationState.INVITED, None)


def test_who_was_put_off_until_it_was_too_late_was_not_asked(app, make):
    application = make.told(make.employer())
    run()
    invitation = make.invitation(application)
    (email,) = emails("invite")
    KINDS["invite"].last_look(email, utcnow())  # accepted as far as the text, then put off
    assert invitation.state is InvitationState.INVITED
    outbox.cancel_email(email.dedup_key, "stale")
    jobs.settle(utcnow())
    db.session.refresh(invitation)
    assert (invitation.state, invitation.skip_reason) == (InvitationState.SKIPPED, SkipReason.STALE)
    assert (invitation.invited_at, invitation.last_mailed_at, invitation.cell) == (None,) * 3
    assert invitation.survey_version is None


def test_a_restored_backup_calls_nothing_unsent_that_may_have_left(app, make):
    application = make.decided(make.employer())
    decision = hiring.standing_decision(application)
    hiring.tell_now(application, decision, Text("News", "Dear Cam"), utcnow())
    db.session.commit()
    with time_machine.travel(utcnow() + 5 * DAY):
        jobs.hold_after_restore(utcnow())
    (notice,) = emails("notice")
    assert (notice.state, notice.reason) == (EmailState.UNKNOWN, "restored")


def test_a_clock_that_was_ahead_stops_no_job(app):
    with time_machine.travel(utcnow() + 400 * DAY):
        jobs.start()
        jobs.run_due(jobs.Worker(), jobs.JOBS)
    jobs.run_due(jobs.Worker(), jobs.JOBS)
    due = db.session.scalars(sa.select(JobLease.next_run_at)).all()
    assert due
    assert max(due) < utcnow() + DAY + DAY
