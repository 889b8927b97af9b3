"""Applications, the decisions made on them, and how the candidate was told."""

from portal.applicants import (
    MAX_DEPARTMENT,
    ApplicationRefused,
    NewApplication,
    clean_address,
    clean_text,
)
from portal.hiring.adding import Added, Additions, add_application, has_address
from portal.hiring.applications import (
    find_application,
    find_applications,
    promise_date,
    update_progress,
)
from portal.hiring.decisions import (
    record_decision,
    record_past,
    record_told,
    retract_decision,
    send_delay_note,
    settle_notices,
    standing_decision,
    tell_now,
)
from portal.hiring.desk import (
    PAGE_SIZE,
    Page,
    Waiting,
    count_waiting,
    list_applications,
    list_page,
    next_to_tell,
)
from portal.hiring.evidence import PastDecision
from portal.hiring.history import Telling, find_telling, list_deliveries, list_history
from portal.hiring.pace import is_just_in
from portal.hiring.refusals import DecisionChanged, DecisionRefused
from portal.hiring.undoing import (
    PROGRESS,
    about_applications,
    change_back,
    find_written_to,
    last_ids,
    lock_applications,
    progress_of,
    put_back,
    remove_applications,
    remove_unused,
)

__all__ = [
    "MAX_DEPARTMENT",
    "PAGE_SIZE",
    "PROGRESS",
    "Added",
    "Additions",
    "ApplicationRefused",
    "DecisionChanged",
    "DecisionRefused",
    "NewApplication",
    "Page",
    "PastDecision",
    "Telling",
    "Waiting",
    "about_applications",
    "add_application",
    "change_back",
    "clean_address",
    "clean_text",
    "count_waiting",
    "find_application",
    "find_applications",
    "find_telling",
    "find_written_to",
    "has_address",
    "is_just_in",
    "last_ids",
    "list_applications",
    "list_deliveries",
    "list_history",
    "list_page",
    "lock_applications",
    "next_to_tell",
    "progress_of",
    "promise_date",
    "put_back",
    "record_decision",
    "record_past",
    "record_told",
    "remove_applications",
    "remove_unused",
    "retract_decision",
    "send_delay_note",
    "settle_notices",
    "standing_decision",
    "tell_now",
    "update_progress",
]
