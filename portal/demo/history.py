"""The months of one invented employer: habits by its profile, ratings by planted effects."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal import hiring, invitations, links, surveys
from portal.demo.comments import CommentWriter, Situation
from portal.demo.people import FIRST, LAST
from portal.extensions import db
from portal.models import (
    Application,
    Candidate,
    Channel,
    Decision,
    Email,
    EmailState,
    Employer,
    Evidence,
    Feedback,
    Invitation,
    InvitationState,
    Lane,
    Notice,
    NoticeKind,
    Outcome,
    Requisition,
    RoleFamily,
    StageGroup,
)
from portal.surveys import newest_survey

OFFERS = (Outcome.HIRED, Outcome.OFFER_DECLINED)
HEARD_HOW = ("phone", "personal", "automatic", "other")
TIES = ("will_grow", "may_grow", "unchanged", "elsewhere")
TOLD = ("offer", "not_chosen")


@dataclass(frozen=True)
class EmployerProfile:
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
        self, employer: Employer, profile: EmployerProfile, chance: random.Random, today: date
    ) -> None:
        self.employer, self.profile, self.chance, self.today = employer, profile, chance, today
        self.people, self.comments = 0, CommentWriter(chance)
        self.requisitions = [
            Requisition(
                employer_id=employer.id, title=title, role_family=family, department=department
            )
            for title, family, department in profile.roles
        ]
        db.session.add_all(self.requisitions)
        db.session.flush()

    def add_month(self, first: date, last: date) -> None:
        """Everybody decided from FIRST to LAST: told or not, asked, and some of them answered."""
        drawn = [self._draw(first, last) for _ in range(self.profile.decided_a_month)]
        db.session.flush()
        db.session.add_all(
            self._email(invitation)
            for invitation in drawn
            if invitation.state is InvitationState.INVITED
        )
        for invitation in drawn:
            self._answer(invitation)

    def add_answers(self, count: int, first: date, last: date) -> None:
        """COUNT answers of people decided from FIRST to LAST."""
        given = 0
        while given < count:
            invitation = self._draw(first, last)
            db.session.flush()
            given += self._answer(invitation)

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
        if outcome is Outcome.REJECTED and self.chance.random() < self.profile.ghosted:
            return None
        usual = self.profile.usual_days * (0.4 if outcome is Outcome.HIRED else 1)
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
            created_at=noon(decided_on - timedelta(days=14)),
            last_interview_on=decided_on - timedelta(days=chance.randrange(2, 12)),
            promised_on=decided_on + timedelta(days=7) if chance.random() < 0.4 else None,
            outcome=outcome,
            decided_at=noon(decided_on),
            decided_on=decided_on,
        )
        if days is not None and decided_on + timedelta(days=days) < self.today:
            self._tell(application, decided_on + timedelta(days=days))
        hiring.keep_owed(application)
        return application

    def _tell(self, application: Application, day: date) -> None:
        chance = self.chance
        by_phone = chance.random() < self.profile.phone
        written = chance.choices((Channel.EMAIL, Channel.PORTAL), (4, 1))[0]
        fed = chance.random() < self.profile.feedback
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
            created_at=application.told_at,
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
            invitations.freeze_facts(invitation, due, newest_survey().version)
            invitation.state = InvitationState.INVITED
            invitation.invited_at = invitation.last_mailed_at = due
            invitation.is_reminded = self.chance.random() < 0.5
        return invitation

    def _email(self, invitation: Invitation) -> Email:
        secret = f"{self.chance.getrandbits(60):015x}"
        sent_at = invitation.due_at
        return Email(
            employer_id=self.employer.id,
            kind=invitations.INVITE,
            invitation_id=invitation.id,
            dedup_key=f"invite:{invitation.id}",
            to_address=invitation.application.candidate.email,
            message_id=f"<{sent_at:%Y%m%d}.{secret}@sample.invalid>",
            verp_tag=secret,
            state=EmailState.SENT,
            attempts=1,
            created_at=sent_at - timedelta(seconds=5),
            sent_at=sent_at,
            relay_code=250,
        )

    def _stars(self, application: Application) -> int:
        """The planted truth: soon +0.8, late and never less, phone +0.3, reasons +0.2 or +0.4."""
        level = 3.0 + self.profile.quality + 1.1 * (application.outcome in OFFERS)
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

    def _answer(self, invitation: Invitation) -> bool:
        """Whether they answer, as candidates do: most do not, the ghosted least of all."""
        chance, application = self.chance, invitation.application
        is_offer = application.outcome in OFFERS
        stars = self._stars(application)
        keen = 0.6 if is_offer else 0.42 if application.told_on else 0.26
        if invitation.state is not InvitationState.INVITED or chance.random() > keen:
            return False
        told = self._reported(application)
        comment, locale = self.comments.comment(stars, _situation(application, told))
        sent: dict[str, str | int | None] = {
            "recommend": max(0, min(10, round(chance.gauss(2.2 * stars - 1, 1.2)))),
            "overall": stars,
            "told": told,
            "heard_how": self._heard_how(application) if told in TOLD else None,
            "chased": chance.choices(("no", "once", "more"), _odds_of_chasing(application, told))[
                0
            ],
            "promise": self._promise(application),
            "feedback": application.feedback and application.feedback.value.replace("none", "no"),
            "relationship": TIES[max(0, min(3, 5 - stars))],
            "comment": comment,
            "words": chance.choices(list(surveys.Consent), (2, 3, 5))[0].value,
        }
        link = invitations.OpenedInvitation(invitation, links.new_survey_token(), is_expired=False)
        surveys.submit_answer(link, newest_survey().read(sent), locale)
        return True

    def _reported(self, application: Application) -> str:
        """What the candidate says, which is not always what the log says."""
        if application.outcome is Outcome.WITHDRAWN:
            return "withdrew"
        if application.told_on is None:
            return "no"
        if application.outcome in OFFERS:
            return "offer"
        is_denied = self.chance.random() < self.profile.denied
        return "no" if is_denied else "not_chosen"

    def _heard_how(self, application: Application) -> str:
        if application.channel is Channel.PHONE:
            return "phone"
        if application.channel is Channel.PORTAL:
            return "automatic"
        return self.chance.choices(HEARD_HOW, (0, 6, 3, 1))[0]

    def _promise(self, application: Application) -> str:
        promised, told = application.promised_on, application.told_on
        if promised is None:
            return "no_date"
        if told and told <= promised:
            return "kept"
        owned_up = self.chance.random() < (0.4 if told else 0.1)
        return "late" if owned_up else "missed"


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


def _situation(application: Application, told: str) -> Situation:
    if told == "offer" or told == "withdrew":
        return "offer" if told == "offer" else "withdrew"
    if told == "no":
        return "waiting"
    if _days_waited(application) > 7:
        return "late"
    return "called" if application.channel is Channel.PHONE else "written"


def _odds_of_chasing(application: Application, told: str) -> tuple[int, int, int]:
    """Of not asking for news, once, more than once: the longer the wait, the more ask."""
    if told == "withdrew":
        return 8, 1, 1
    days = 99 if told == "no" else _days_waited(application)
    odds = ((3, (28, 1, 0)), (7, (8, 2, 0)), (14, (5, 4, 1)), (60, (3, 4, 3)))
    return next((odd for limit, odd in odds if days <= limit), (2, 3, 4))
