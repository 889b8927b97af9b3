"""A person's own data: handed out, erased when they ask, and let go when all is long over.

Never with an answer: answers hold nothing by which a person could be found. Commits nothing.
"""

from portal.privacy.persons import Held, erase_person, export_person, find_held, signs_in
from portal.privacy.requests import (
    ERASED_WITHIN_DAYS,
    OpenedRequest,
    OwnData,
    ask,
    cancel_erasure,
    erase_due,
    hand_out,
    open_own_data,
    open_request,
    plan_erasure,
)
from portal.privacy.retention import Step, end_records, retire_people
