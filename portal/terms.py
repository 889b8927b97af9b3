"""The few words in which an application, its outcome and its telling are put everywhere."""

from enum import StrEnum


class Outcome(StrEnum):
    HIRED = "hired"
    OFFER_DECLINED = "offer_declined"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class StageGroup(StrEnum):
    """How far the person came, coarsely."""

    SCREEN = "screen"
    INTERVIEW = "interview"
    FINAL = "final"


class RoleFamily(StrEnum):
    ENGINEERING = "engineering"  # and IT
    SALES = "sales"  # and marketing
    OPERATIONS = "operations"  # and logistics
    FINANCE = "finance"  # and office
    CARE = "care"  # and health
    EDUCATION = "education"
    HOSPITALITY = "hospitality"  # and retail
    TRADES = "trades"  # and production
    MANAGEMENT = "management"
    OTHER = "other"


class Channel(StrEnum):
    PHONE = "phone"
    IN_PERSON = "in_person"
    EMAIL = "email"
    LETTER = "letter"
    PORTAL = "portal"


class Feedback(StrEnum):
    NONE = "none"
    GENERAL = "general"
    SPECIFIC = "specific"


class Locale(StrEnum):
    """A language that candidates are written to in."""

    ENGLISH = "en"
    FRENCH = "fr"


class Letter(StrEnum):
    """What a candidate can be written by an employer."""

    REJECTED = "rejected"
    HIRED = "hired"
    OFFER = "offer"
    DELAY = "delay"


class ReasonCode(StrEnum):
    """Why somebody was not chosen; `letters` has the words."""

    SKILLS = "skills"  # or a qualification, is missing
    EXPERIENCE = "experience"
    NEEDS = "needs"  # somebody else was closer to what the role needs; no letter says so
    FILLED = "filled"
    CHANGED = "changed"  # the role, or there is none any more
    TERMS = "terms"  # pay among them
    AVAILABILITY = "availability"  # place, hours, right to work
    UNFINISHED = "unfinished"  # a step was not completed
    OTHER = "other"
