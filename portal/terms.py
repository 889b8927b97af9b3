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
