"""A candidate's pages: the survey behind the link, withdrawing, stopping mail, one's own data.

The link is the authority: no cookie, no CSRF token, no account. A GET changes nothing.
"""

from portal.web.candidate import data, mail, survey, withdrawal
from portal.web.candidate.pages import blueprint

__all__ = ["blueprint", "data", "mail", "survey", "withdrawal"]
