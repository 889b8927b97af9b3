"""The months of one invented employer: habits by its manner, ratings by planted effects."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal import invitations
from portal.demo.comments import Situation, Talk
from portal.demo.people import FIRST, LAST
from portal.extensions import db
from portal.models import (
    COARSE_FACTS,
    AnswerState,
    Application,
    Candidate,
    Channel,
    Chased,
    Decision,
    Email,
    EmailKind,
    EmailState,
    Employer,
    Evidence,
    Feedback,
    FeedbackGiven,
    HeardHow,
    Invitation,
    InvitationState,
    Lane,
    Notice,
    NoticeKind,
    Outcome,
    PromiseKept,
    Relationship,
    Requisition,
    Response,
    RoleFamily,
    StageGroup,
    Told,
    Words,
)
from portal.surveys import VERSION

OFFERS = (Outcome.HIRED, Outcome.OFFER_DECLINED)
FEEDBACK = dict(zip(Feedback, FeedbackGiven, strict=True))


@dataclass(frozen=True)
class Manner:
    """How one invented employer communicates."""

    slug: str
    name: str
    industry: str
    timezone: str
    roles: tuple[tuple[str, RoleFamily, str], ...]
    decided_a_month: int
    ghosted: float  # share never told
    usual_days: float  # days to telling, on average
    phone: float
    feedback: float
    denied: float  # share of those told who say they were not
    quality: float  # stars, beside the habits
    months: int = 18


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


class History:
    """Draws and adds candidates of EMPLOYER; the same for the same CHANCE."""

    def __init__(
        self, employer: Employer, manner: Manner, chance: random.Random, today: date
    ) -> None:
        self.employer, self.manner, self.chance, self.today = employer, manner, chance, today
        self.people, self.talk = 0, Talk(chance)
        self.requisitions = [
            Requisition(
                employer_id=employer.id, title=title, role_family=family, department=department
            )
            for title, family, department in manner.roles
        ]
        db.session.add_all(self.requisitions)
        db.session.flush()

    def add_month(self, first: date, last: date) -> None:
        """Everybody decided from FIRST to LAST: told or not, asked, and some of them answered."""
        drawn = [self._draw(first, last) for _ in range(self.manner.decided_a_month)]
        db.session.flush()
        db.session.add_all(
            self._email(invitation)
            for invitation in drawn
            if invitation.state is InvitationState.INVITED
        )
        answers = [answer for invitation in drawn if (answer := self._answer(invitation))]
        self.chance.shuffle(answers)
        db.session.add_all(answers)
        db.session.flush()

    def add_answers(self, count: int, first: date, last: date) -> None:
        """COUNT answers of people decided from FIRST to LAST."""
        answers: list[Response] = []
        while len(answers) < count:
            if answer := self._answer(self._draw(first, last)):
                answers.append(answer)
        db.session.add_all(answers)
        db.session.flush()

    def _draw(self, first: date, last: date) -> Invitation:
        """One person's history up to their invitation, added."""
        application = self._application(first, last)
        decision = Decision(
            employer_id=self.employer.id,
            application=application,
            outcome=application.outcome,
            decided_at=application.decided_at,
        )
        invitation = self._invitation(application)
        db.session.add_all((application, decision, invitation))
        if application.told_at:
            db.session.add(self._notice(application, decision))
        return invitation

    def _candidate(self) -> Candidate:
        self.people += 1
        first, last = self.chance.choice(FIRST), self.chance.choice(LAST)
        address = f"{first}.{last}.{self.people}@mail.example".lower()
        return Candidate(
            employer_id=self.employer.id,
            name=f"{first} {last}",
            email=address.encode("ascii", "ignore").decode(),
        )

    def _days_to_told(self, outcome: Outcome) -> int | None:
        if outcome is Outcome.WITHDRAWN:
            return None
        if outcome is Outcome.REJECTED and self.chance.random() < self.manner.ghosted:
            return None
        usual = self.manner.usual_days * (0.4 if outcome is Outcome.HIRED else 1)
        return min(55, int(self.chance.expovariate(1 / usual)))

    def _application(self, first: date, last: date) -> Application:
        chance = self.chance
        decided_on = first + timedelta(days=chance.randrange((last - first).days + 1))
        kinds = (Outcome.REJECTED, Outcome.HIRED, Outcome.WITHDRAWN, Outcome.OFFER_DECLINED)
        outcome = chance.choices(kinds, (80, 9, 8, 3))[0]
        days = self._days_to_told(outcome)
        application = Application(
            employer=self.employer,
            candidate=self._candidate(),
            requisition=chance.choice(self.requisitions),
            stage="Interview",
            stage_group=chance.choice(list(StageGroup)),
            stage_entered_on=decided_on - timedelta(days=9),
            last_interview_on=decided_on - timedelta(days=chance.randrange(2, 12)),
            promised_on=decided_on + timedelta(days=7) if chance.random() < 0.4 else None,
            outcome=outcome,
            decided_at=noon(decided_on),
            decided_on=decided_on,
        )
        if days is not None and decided_on + timedelta(days=days) < self.today:
            self._tell(application, decided_on + timedelta(days=days))
        return application

    def _tell(self, application: Application, day: date) -> None:
        chance = self.chance
        by_phone = chance.random() < self.manner.phone
        written = chance.choices((Channel.EMAIL, Channel.PORTAL), (4, 1))[0]
        fed = chance.random() < self.manner.feedback
        reasons = chance.choices((Feedback.SPECIFIC, Feedback.GENERAL), (3, 2))[0]
        application.told_on, application.told_at = day, noon(day)
        application.channel = Channel.PHONE if by_phone else written
        application.feedback = reasons if fed else Feedback.NONE

    def _notice(self, application: Application, decision: Decision) -> Notice:
        return Notice(
            employer_id=self.employer.id,
            application=application,
            decision=decision,
            kind=NoticeKind.DECISION,
            channel=application.channel,
            evidence=Evidence.RECORDED,
            feedback=application.feedback,
            told_at=application.told_at,
        )

    def _invitation(self, application: Application) -> Invitation:
        told = application.told_at or application.outcome is Outcome.WITHDRAWN
        last_interview_on, decided_on = _days(application)
        due = (application.told_at or noon(decided_on)) + timedelta(days=2)
        if not told:
            due = noon(last_interview_on) + timedelta(days=21)
        invitation = Invitation(
            employer=self.employer,
            application=application,
            lane=Lane.OUTCOME if told else Lane.CHECK_IN,
            state=InvitationState.PLANNED,
            due_at=due,
        )
        if due < noon(self.today):
            invitations.freeze_facts(invitation, due)
            invitation.state = InvitationState.INVITED
            invitation.invited_at = invitation.last_mailed_at = due
            invitation.is_reminded = self.chance.random() < 0.5
        return invitation

    def _email(self, invitation: Invitation) -> Email:
        secret = f"{self.chance.getrandbits(60):015x}"
        sent_at = invitation.due_at
        return Email(
            employer_id=self.employer.id,
            kind=EmailKind.INVITE,
            about=invitation.id,
            dedup_key=f"invite:{invitation.id}",
            to_address=invitation.application.candidate.email,
            message_id=f"<{sent_at:%Y%m%d}.{secret}@sample.invalid>",
            verp_tag=secret,
            state=EmailState.SENT,
            attempts=1,
            sent_at=sent_at,
            relay_code=250,
        )

    def _stars(self, application: Application) -> int:
        """The planted truth: soon +0.8, late and never less, phone +0.3, reasons +0.2 or +0.4."""
        level = 3.0 + self.manner.quality + 1.1 * (application.outcome in OFFERS)
        if application.outcome is not Outcome.WITHDRAWN:
            level += self._worth_of_waiting(application)
        level += 0.3 * (application.channel is Channel.PHONE)
        level += 0.2 * (application.feedback is Feedback.GENERAL)
        level += 0.4 * (application.feedback is Feedback.SPECIFIC)
        return max(1, min(5, round(self.chance.gauss(level, 0.9))))

    @staticmethod
    def _worth_of_waiting(application: Application) -> float:
        if application.told_on is None:
            return -0.9
        days = _days_waited(application)
        return 0.8 if days <= 3 else 0.3 if days <= 7 else -0.3

    def _answer(self, invitation: Invitation) -> Response | None:
        """A response, or None: most do not answer, the ghosted least of all."""
        chance, application = self.chance, invitation.application
        is_offer = application.outcome in OFFERS
        stars = self._stars(application)
        keen = 0.6 if is_offer else 0.42 if application.told_on else 0.26
        if invitation.state is not InvitationState.INVITED or chance.random() > keen:
            return None
        invitation.answer_state = AnswerState.ANSWERED
        told = self._reported(application)
        was_told = told in (Told.OFFER, Told.NOT_CHOSEN)
        comment, locale = self.talk.comment(stars, _situation(application, told))
        return Response(
            **{fact: getattr(invitation, fact) for fact in COARSE_FACTS},
            employer_id=self.employer.id,
            key=f"{chance.getrandbits(256):064x}",
            survey_version=VERSION,
            locale=locale,
            lane=invitation.lane,
            is_after_reminder=invitation.is_reminded,
            recommend=max(0, min(10, round(chance.gauss(2.2 * stars - 1, 1.2)))),
            overall=stars,
            told=told,
            heard_how=self._heard_how(application) if was_told else None,
            chased=chance.choices(list(Chased), _odds_of_chasing(application, told))[0],
            promise=self._promise(application),
            feedback=_feedback(application) if was_told else None,
            relationship_after=list(Relationship)[max(0, min(3, 5 - stars))],
            comment=comment,
            words=chance.choices(list(Words), (2, 3, 5))[0],
        )

    def _reported(self, application: Application) -> Told:
        """What the candidate says, which is not always what the log says."""
        if application.outcome is Outcome.WITHDRAWN:
            return Told.WITHDREW
        if application.told_on is None:
            return Told.NOT_TOLD
        if application.outcome in OFFERS:
            return Told.OFFER
        is_denied = self.chance.random() < self.manner.denied
        return Told.NOT_TOLD if is_denied else Told.NOT_CHOSEN

    def _heard_how(self, application: Application) -> HeardHow:
        if application.channel is Channel.PHONE:
            return HeardHow.PHONE_OR_VIDEO
        if application.channel is Channel.PORTAL:
            return HeardHow.AUTOMATIC_MESSAGE
        return self.chance.choices(list(HeardHow), (0, 6, 3, 1))[0]

    def _promise(self, application: Application) -> PromiseKept:
        promised, told = application.promised_on, application.told_on
        if promised is None:
            return PromiseKept.NO_DATE
        if told and told <= promised:
            return PromiseKept.KEPT
        owned_up = self.chance.random() < (0.4 if told else 0.1)
        return PromiseKept.LATE_TOLD if owned_up else PromiseKept.MISSED


def _days(application: Application) -> tuple[date, date]:
    """Last interview and decision, which the sample always has."""
    interview, decided = application.last_interview_on, application.decided_on
    if interview is None or decided is None:
        raise ValueError("a sample application without its days")
    return interview, decided


def _days_waited(application: Application) -> int:
    """Days from the decision to telling; of who was never told, more than anybody's."""
    told_on = application.told_on
    return (told_on - _days(application)[1]).days if told_on else 99


def _situation(application: Application, told: Told) -> Situation:
    if told is Told.OFFER or told is Told.WITHDREW:
        return "offer" if told is Told.OFFER else "withdrew"
    if told is Told.NOT_TOLD:
        return "waiting"
    if _days_waited(application) > 7:
        return "late"
    return "called" if application.channel is Channel.PHONE else "written"


def _odds_of_chasing(application: Application, told: Told) -> tuple[int, int, int]:
    """Of not asking for news, once, more than once: the longer the wait, the more ask."""
    if told is Told.WITHDREW:
        return 8, 1, 1
    days = 99 if told is Told.NOT_TOLD else _days_waited(application)
    odds = ((3, (28, 1, 0)), (7, (8, 2, 0)), (14, (5, 4, 1)), (60, (3, 4, 3)))
    return next((odd for limit, odd in odds if days <= limit), (2, 3, 4))


def _feedback(application: Application) -> FeedbackGiven | None:
    return FEEDBACK[application.feedback] if application.feedback else None
