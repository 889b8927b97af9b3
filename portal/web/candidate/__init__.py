"""A candidate's pages: the survey behind the link, withdrawing, stopping mail, one's own data,
and where the application stands.

The link is the authority: no cookie, no account. A GET changes nothing, and a form is taken only
from who has opened a page of the link.
"""

from portal.web.candidate import data, mail, status, survey, withdrawal
from portal.web.candidate.pages import blueprint
