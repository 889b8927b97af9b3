"""The operator's pages: mail, employers, people who sign in, and the trail of who did what."""

from portal.web.operator import changing, employers, mail, people, trail
from portal.web.operator.desk import operator
