"""What the operator looks after: employers, people who sign in, and the trail of who did what.

For the operator's pages and the command line alike. Commits nothing.
"""

from portal.operating.employers import (
    SLUG,
    Show,
    SlugTaken,
    approve,
    confirm_domains,
    count_unapproved,
    create_employer,
    find_by_slug,
    find_employer,
    find_employers,
    invite_first_owner,
    list_employers,
    list_members,
    pause_mail,
    resume_mail,
    suggest_slug,
)
from portal.operating.people import (
    LastOperator,
    LastOwner,
    ShowPeople,
    activate,
    deactivate,
    end_membership,
    end_operator,
    find_person,
    list_people,
    make_operator,
)
from portal.operating.trail import Edge, Entry, Trail, read_chunk, read_trail
