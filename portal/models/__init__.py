"""Tables and their constraints. No queries that span tables, no commits, no Flask request."""

from portal.models.accounts import (
    AuditEvent,
    Membership,
    NoRole,
    PasswordRequest,
    RecoveryCode,
    Role,
    SignIn,
    User,
)
from portal.models.answers import (
    Opinion,
    Reading,
    ScoreStatus,
    SealedAnswer,
    TextLabel,
    Words,
    random_id,
)
from portal.models.base import utcnow
from portal.models.employers import ClockPreset, Employer, ReleaseCadence
from portal.models.hiring import (
    ERASED,
    RETIRED,
    Application,
    Candidate,
    Decision,
    Duty,
    Evidence,
    Notice,
    NoticeKind,
    Requisition,
    RequisitionState,
    StageChange,
    mailbox_of,
)
from portal.models.jobs import JobLease
from portal.models.letters import EmployerLetter
from portal.models.mail import (
    Delivery,
    Email,
    EmailState,
    MailState,
    MailStrike,
    Suppression,
    SuppressionReason,
)
from portal.models.requests import DataRequest, DataWish
from portal.models.runs import (
    FileState,
    IntakeFile,
    IntakeMapping,
    LineResult,
    Run,
    RunKind,
    RunLine,
    RunState,
)
from portal.models.scores import (
    NEVER_POOLED,
    Batch,
    Canary,
    CurrentEdition,
    Floor,
    PlatformFit,
    RollupMonth,
    RollupWeek,
    Scorecard,
    TextCalibration,
)
from portal.models.surveys import (
    COARSE_FACTS,
    ChannelFact,
    Invitation,
    InvitationState,
    InvitationToken,
    Lane,
    OutcomeFact,
    PromiseFact,
    SkipReason,
    ToldBucket,
)
from portal.models.team import TeamInvitation
from portal.terms import Channel, Feedback, Locale, Outcome, ReasonCode, RoleFamily, StageGroup
