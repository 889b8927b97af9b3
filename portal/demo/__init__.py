"""A sample to look at: three invented employers, eighteen months, and a mailbox for their mail."""

from portal.demo.mailbox import Letterbox, list_mail, read_mail, start_mailbox
from portal.demo.seed import PASSWORD, SIGN_INS, seed

__all__ = [
    "PASSWORD",
    "SIGN_INS",
    "Letterbox",
    "list_mail",
    "read_mail",
    "seed",
    "start_mailbox",
]
