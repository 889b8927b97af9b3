"""A sample to look at: four invented employers, months of answers, a mailbox for mail."""

from portal.demo.mailbox import MOST_MAIL, Letterbox, list_mail, read_mail, start_mailbox
from portal.demo.seed import PASSWORD, SIGN_INS, seed

__all__ = [
    "MOST_MAIL",
    "PASSWORD",
    "SIGN_INS",
    "Letterbox",
    "list_mail",
    "read_mail",
    "seed",
    "start_mailbox",
]
