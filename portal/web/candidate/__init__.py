"""A candidate's pages: the survey behind the link, changing and withdrawing, stopping the mail.

The link is the authority: no cookie, no CSRF token, no account. A GET changes nothing.
"""

from portal.web.candidate import mail, survey, withdrawal
from portal.web.candidate.pages import blueprint

__all__ = ["blueprint", "mail", "survey", "withdrawal"]
