"""What people sign in with: forgotten, changed, and a second factor beside it.

They are told of each change by mail. Knows no request and no page; `accounts` keeps the rows.
"""

from portal.credentials.changes import (
    AddressTaken,
    answer_requests,
    ask_for_address,
    ask_for_password,
    change_password,
    choose_password,
    confirm_address,
    drop_address,
    note_new_browser,
    set_address,
)
from portal.credentials.linked import (
    ADDRESS,
    LINK_LASTS,
    PASSWORD,
    LinkStale,
    LinkUnknown,
    may_go,
    open_link,
    url_of,
)
from portal.credentials.second_factor import (
    Proof,
    count_codes,
    make_codes,
    prepare,
    prove,
    switch_off,
    switch_on,
)
