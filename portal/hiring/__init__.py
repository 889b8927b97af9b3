"""Applications, the decisions made on them, and how the candidate was told."""

from portal.applicants import (
    MAX_DEPARTMENT,
    MAX_PHONE,
    ApplicationRefused,
    NewApplication,
    clean_address,
    clean_phone,
    clean_text,
    dialled,
)
from portal.hiring.activity import list_activity
from portal.hiring.adding import Added, Additions, add_application, has_address
from portal.hiring.applications import find_application, find_applications, update_progress
from portal.hiring.calls import last_attempts, set_phone
from portal.hiring.decisions import (
    record_decision,
    record_past,
    retract_decision,
    standing_decision,
    take_back,
)
from portal.hiring.desk import (
    PAGE_SIZE,
    URGENT,
    Filter,
    Page,
    Tab,
    count_waiting,
    list_departments,
    list_open_roles,
    list_page,
    next_to_tell,
    open_desk,
)
from portal.hiring.evidence import PastDecision, owed_now
from portal.hiring.history import (
    Telling,
    find_telling,
    list_deliveries,
    list_history,
    list_troubles,
)
from portal.hiring.owing import ask_to_owe_anew, keep_leaving, keep_owed, owe_anew
from portal.hiring.pace import is_just_in
from portal.hiring.refusals import DecisionChanged, DecisionRefused
from portal.hiring.roles import (
    MOST_PLACES,
    RoleChanged,
    RoleFacts,
    RoleTaken,
    change_role,
    fill_if_last_place,
    find_role,
    is_untold,
    list_roles,
    mark_of,
    set_state,
    suggest_departments,
    suggest_roles,
    sum_up,
    untold_in_role,
)
from portal.hiring.status_page import (
    STATUS_LINK,
    Status,
    ask_for_news,
    open_status,
    send_status_link,
)
from portal.hiring.telling import (
    record_attempt,
    record_told,
    send_delay_note,
    settle_notices,
    tell_now,
)
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
